header path
header goal
dir=.
case $path in */*) dir=./${path%/*} ;; esac
[ -d "$dir" ] || exit 13
if [ -e "./$path" ] && [ ! -L "./$path" ]; then
  exit 24
fi
tmp=$(mktemp "$dir/.pgseal.XXXXXX" 2>/dev/null) || exit 15
message=$(ln -sf "$goal" "$tmp" 2>&1) || fail 25 "$message"
# GNU and newer busybox, macOS, and what is left: not atomic, but the same in the end
message=$(mv -fT "$tmp" "./$path" 2>&1) ||
  message=$(mv -fh "$tmp" "./$path" 2>&1) ||
  message=$(ln -sfn "$goal" "./$path" 2>&1) ||
  fail 25 "$message"
[ "$(readlink "./$path")" = "$goal" ] || exit 25
flush "$dir"

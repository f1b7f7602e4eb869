header marker
header patience
header files
trap 'status=$?; [ "$status" -eq 0 ] || rm -rf "$marker"; exit "$status"' 0
message=$(mkdir -p ./pgseal/hba 2>&1) || fail 22 "$message"
message=$(mkdir "$marker" 2>&1) || fail 22 "$message"
number=0
while [ "$number" -lt "$files" ]; do
  header path
  header expected
  header candidate
  resolve "$path"
  message=$({ cat "$target" >"$marker/$number.previous"; } 2>&1) || fail 15 "$message"
  digest "$marker/$number.previous"
  [ "$digest" = "$expected" ] || exit 28
  message=$({ printf %s "$target" >"$marker/$number.path"; } 2>&1) || fail 15 "$message"
  message=$({ echo "$expected $candidate" >"$marker/$number.hashes"; } 2>&1) || fail 15 "$message"
  flush "$marker/$number.previous"
  number=$((number + 1))
done
header length
header hash
tmp=$marker/revert.sh
receive
flush "$marker"
# where it is found again by whoever comes after us
message=$({ printf %s "$marker" >"$marker/pointer"; } 2>&1) || fail 15 "$message"
message=$(mv -f "$marker/pointer" ./pgseal/hba/unconfirmed 2>&1) || fail 20 "$message"
# a session of its own: when a backend crashes, its process group is killed
set --
command -v setsid >/dev/null 2>&1 && set -- setsid
"$@" /bin/sh "$tmp" "$marker" "$patience" </dev/null >/dev/null 2>&1 &

header path
[ ! -L "$path" ] || exit 33
resolve "$path"
[ -f "$target" ] || exit 13
message=$({ : >>"$target"; } 2>&1) || fail 32 "$message"

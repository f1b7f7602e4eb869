header path
header expected
header marker
mode=keep
resolve "$path"
digest ./pgseal/hba/previous.conf
[ "$digest" = "$expected" ] || exit 29
hash=$expected
scratch
message=$({ cat ./pgseal/hba/previous.conf >"$tmp"; } 2>&1) || fail 15 "$message"
place
rm -f "$marker"

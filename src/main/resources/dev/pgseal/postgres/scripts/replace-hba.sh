header path
header expected
header marker
header patience
header length
header hash
mode=keep
resolve "$path"
hba=$target
# pgseal's own copy first: what was, whatever comes
message=$(mkdir -p ./pgseal/hba 2>&1) || fail 22 "$message"
tmp=$(mktemp ./pgseal/hba/.pgseal.XXXXXX 2>/dev/null) || exit 15
message=$({ cat "$hba" >"$tmp"; } 2>&1) || fail 15 "$message"
digest "$tmp"
[ "$digest" = "$expected" ] || exit 28
flush "$tmp"
message=$(mv -f "$tmp" ./pgseal/hba/previous.conf 2>&1) || fail 20 "$message"
scratch
receive
# Should this backend be killed before it has judged the new text, the old one comes back: the
# statement that runs this script removes the marker when it has judged.
message=$({ : >"$marker"; } 2>&1) || fail 15 "$message"
candidate=$hash
(
  trap '' HUP INT TERM PIPE
  trap - 0
  seconds=0
  while [ -e "$marker" ] && [ "$seconds" -lt "$patience" ]; do
    sleep 1
    seconds=$((seconds + 1))
  done
  [ -e "$marker" ] || exit 0
  rm -f "$marker"
  digest "$hba"
  [ "$digest" = "$candidate" ] || exit 0
  digest ./pgseal/hba/previous.conf
  [ "$digest" = "$expected" ] || exit 0
  hash=$expected
  resolve "$hba"
  scratch
  cat ./pgseal/hba/previous.conf >"$tmp" && mode=keep && place
  rm -f "$tmp"
) </dev/null >/dev/null 2>&1 &
place

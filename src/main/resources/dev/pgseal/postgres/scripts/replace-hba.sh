header marker
header patience
header count
i=0
while [ "$i" -lt "$count" ]; do
  for name in path copy expected size candidate; do
    header value_of
    eval "${name}_$i=\$value_of"
  done
  eval "tmp_$i="
  i=$((i + 1))
done
header length
header hash
all=
placed=0
# nth N: the values of one file
nth() {
  eval "path=\$path_$1 copy=\$copy_$1 expected=\$expected_$1 size=\$size_$1 candidate=\$candidate_$1"
}
put_all_back() {
  n=0
  while [ "$n" -lt "$1" ]; do
    nth "$n"
    (
      trap - 0
      put_back "$path" "$copy" "$expected" "$candidate"
    ) || return 1
    n=$((n + 1))
  done
}
tidy() {
  if [ "$status" -ne 0 ] && [ "$placed" -gt 0 ]; then
    put_all_back "$placed" && rm -f "$marker"
  fi
  set -- "$all"
  n=0
  while [ "$n" -lt "$count" ]; do
    eval "[ ! -e \"\$tmp_$n\" ] || set -- \"\$@\" \"\$tmp_$n\""
    n=$((n + 1))
  done
  rm -f "$@" 2>/dev/null
}
# pgseal's own copies first: what was, whatever comes
message=$(mkdir -p ./pgseal/hba 2>&1) || fail 22 "$message"
rm -f ./pgseal/hba/previous-*.conf
i=0
while [ "$i" -lt "$count" ]; do
  nth "$i"
  resolve "$path"
  tmp=$(mktemp ./pgseal/hba/.pgseal.XXXXXX 2>/dev/null) || exit 15
  message=$({ cat "$target" >"$tmp"; } 2>&1) || fail 15 "$message"
  digest "$tmp"
  [ "$digest" = "$expected" ] || exit 28
  flush "$tmp"
  message=$(mv -f "$tmp" "$copy" 2>&1) || fail 20 "$message"
  i=$((i + 1))
done
# then all that is new, beside its place and checked, before the first file is touched
tmp=$(mktemp ./pgseal/hba/.pgseal.XXXXXX 2>/dev/null) || exit 15
receive
all=$tmp
tmp=
i=0
offset=1
while [ "$i" -lt "$count" ]; do
  nth "$i"
  resolve "$path"
  scratch
  eval "tmp_$i=\$tmp in_place_$i=\$in_place"
  message=$({ tail -c "+$offset" "$all" | head -c "$size" >"$tmp"; } 2>&1) || fail 16 "$message"
  digest "$tmp"
  [ "$digest" = "$candidate" ] || fail 17 "$message"
  tmp=
  offset=$((offset + size))
  i=$((i + 1))
done
# Should this backend be killed before it has judged the new text, the old one comes back: the
# statement that runs this script removes the marker when it has judged.
message=$({ : >"$marker"; } 2>&1) || fail 15 "$message"
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
  put_all_back "$count"
) </dev/null >/dev/null 2>&1 &
while [ "$placed" -lt "$count" ]; do
  nth "$placed"
  resolve "$path"
  eval "tmp=\$tmp_$placed in_place=\$in_place_$placed"
  hash=$candidate
  mode=keep
  # counted before: where it is written in place it may be half there
  placed=$((placed + 1))
  place
done

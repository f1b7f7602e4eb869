to_output
header conninfo
header bindir
psql=
for candidate in "$bindir/psql" psql; do
  if command -v "$candidate" >/dev/null 2>&1; then
    psql=$candidate
    break
  fi
done
[ -n "$psql" ] || exit 0
"$psql" --version 2>/dev/null || exit 0
# no password is in it, so it may stand on a command line
"$psql" -X -A -t -w -c IDENTIFY_SYSTEM -d "$conninfo" </dev/null 2>&1
echo "ended $?"

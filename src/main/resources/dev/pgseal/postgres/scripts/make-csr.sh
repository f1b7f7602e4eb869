header path
header kind
header names
fresh=
tidy() { rm -f "$fresh" 2>/dev/null; }
# failed MESSAGE: openssl does not always say that the disk is full
failed() {
  said=$(dd if=/dev/zero of="$tmp" bs=4096 count=2 2>&1)
  fail 27 "$1 $said"
}
command -v openssl >/dev/null 2>&1 || exit 44
case $path in
  /*) dir=$path ;;
  *) dir=./$path ;;
esac
[ -d "$dir" ] || exit 13
key=$dir/server.key
request=$dir/server.csr
tmp=$(mktemp "$dir/.pgseal.XXXXXX" 2>/dev/null) || exit 15
# a configuration of our own: the system's may be absent, or ask questions
old=$(mktemp "$dir/.pgseal.XXXXXX" 2>/dev/null) || exit 15
# what stands in it is read by openssl, so only what names and addresses are made of
case $names in
  '' | *[!A-Za-z0-9._:,*-]*) exit 10 ;;
esac
printf '[req]\nprompt=no\ndistinguished_name=dn\nreq_extensions=ext\n[dn]\n[ext]\nsubjectAltName=%s\n' "$names" >"$old" || failed ''
if [ -e "$key" ]; then
  set -- -key "$key"
else
  fresh=$(mktemp "$dir/.pgseal.XXXXXX" 2>/dev/null) || exit 15
  case $kind in
    EC) set -- -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -pkeyopt ec_param_enc:named_curve ;;
    RSA) set -- -newkey rsa:3072 ;;
    *) exit 10 ;;
  esac
  set -- "$@" -nodes -keyout "$fresh"
fi
message=$(openssl req -new "$@" -sha256 -subj / -config "$old" -out "$tmp" 2>&1) || failed "$message"
if [ -n "$fresh" ]; then
  [ -s "$fresh" ] || failed ''
  chmod 600 "$fresh" || exit 19
  flush "$fresh"
  message=$(mv -f "$fresh" "$key" 2>&1) || fail 20 "$message"
fi
chmod 600 "$tmp" || exit 19
flush "$tmp"
message=$(mv -f "$tmp" "$request" 2>&1) || fail 20 "$message"
flush "$dir"

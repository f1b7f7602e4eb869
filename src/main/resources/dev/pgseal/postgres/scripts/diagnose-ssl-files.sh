to_output
header cert
header key
case $cert in /*) ;; *) cert=./$cert ;; esac
case $key in /*) ;; *) key=./$key ;; esac
both=yes
if [ ! -e "$cert" ]; then
  echo CERTIFICATE_MISSING
  both=
elif [ ! -r "$cert" ] || [ -d "$cert" ]; then
  echo CERTIFICATE_UNREADABLE
  both=
elif ! grep -q -e '-----BEGIN .*CERTIFICATE-----' "$cert"; then
  echo CERTIFICATE_NOT_PEM
  both=
fi
if [ ! -e "$key" ]; then
  echo KEY_MISSING
  exit 0
fi
if [ ! -f "$key" ]; then
  echo KEY_NOT_REGULAR
  exit 0
fi
owner=$(attribute %u %u "$key") || exit 19
bits=$(attribute %a %Lp "$key") || exit 19
if [ "$owner" = "$(id -u)" ]; then
  [ $((0$bits & 077)) -eq 0 ] || echo KEY_GROUP_OR_WORLD_ACCESS
elif [ "$owner" = 0 ]; then
  [ $((0$bits & 027)) -eq 0 ] || echo KEY_GROUP_OR_WORLD_ACCESS
else
  echo KEY_WRONG_OWNER
fi
if [ ! -r "$key" ]; then
  echo KEY_UNREADABLE
  exit 0
fi
if grep -q -e 'BEGIN ENCRYPTED PRIVATE KEY' -e '^Proc-Type:.*ENCRYPTED' "$key"; then
  echo KEY_ENCRYPTED
  exit 0
fi
if ! grep -q -e '-----BEGIN .*PRIVATE KEY-----' "$key"; then
  echo KEY_NOT_PEM
  exit 0
fi
if [ -n "$both" ] && command -v openssl >/dev/null 2>&1; then
  if ! of_cert=$(openssl x509 -noout -pubkey -in "$cert" 2>/dev/null); then
    echo CERTIFICATE_NOT_PEM
  elif ! of_key=$(openssl pkey -pubout -in "$key" -passin pass: 2>/dev/null); then
    echo KEY_NOT_PEM
  else
    echo compared
    [ "$of_cert" = "$of_key" ] || echo KEY_MISMATCH
  fi
fi

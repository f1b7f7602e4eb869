header marker
header count
while [ "$count" -gt 0 ]; do
  for name in path copy expected candidate; do
    header value_of
    eval "$name=\$value_of"
  done
  put_back "$path" "$copy" "$expected" "$candidate"
  count=$((count - 1))
done
rm -f "$marker"

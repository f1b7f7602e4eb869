header name
command -v "$name" >/dev/null 2>&1 || exit 44

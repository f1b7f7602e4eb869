header path
root=$(pwd -P)
message=$(mkdir -p "./$path" 2>&1) || fail 22 "$message"
made=$(cd "./$path" && pwd -P) || exit 22
case $made in
  "$root"/*) flush "$made" ;;
  *) exit 23 ;;
esac

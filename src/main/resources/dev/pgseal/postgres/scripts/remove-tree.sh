header path
root=$(pwd -P)
[ -e "./$path" ] || [ -L "./$path" ] || exit 0
parent=$(cd "./${path%/*}" && pwd -P) || exit 26
case $parent/ in
  "$root"/pgseal/*) ;;
  *) exit 23 ;;
esac
message=$(rm -rf "./$path" 2>&1) || fail 26 "$message"

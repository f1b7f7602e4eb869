to_output
header path
[ ! -L "./$path" ] || readlink "./$path"

header path
header mode
header length
header hash
resolve "$path"
scratch
receive
place

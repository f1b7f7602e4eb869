# Functions of all scripts that run on a server. They run under /bin/sh as the user of the server,
# in the data directory, with coreutils, busybox or macOS commands. What varies comes through
# standard input only, one line for each value, base64 or as it is behind a =, content last.
LC_ALL=C
export LC_ALL
umask 077
nl='
'
tmp=
old=
output=
# tidy: what a script has to clear away beside that, whether it ended well or not
tidy() { :; }
trap 'status=$?; tidy; [ -z "$tmp$old" ] || rm -f "$tmp" "$old" 2>/dev/null; [ "$status" -eq 0 ] || [ -z "$output" ] || rm -f "$output"; exit "$status"' 0
trap 'exit 30' HUP INT TERM PIPE

# fail CODE MESSAGE: reasons that an administrator can mend have codes of their own
fail() {
  case $2 in
    *'No space left'* | *'quota exceeded'*) exit 41 ;;
    *'Read-only file system'*) exit 42 ;;
    *'ermission denied'* | *'not permitted'*) exit 43 ;;
    *) exit "$1" ;;
  esac
}

# header NAME: the next line of the input, decoded; newlines at its end survive
header() {
  IFS= read -r line || exit 10
  case $line in
    =*)
      eval "$1=\${line#=}"
      return
      ;;
  esac
  value=$(printf %s "$line" | base64 -d && printf x) || exit 10
  value=${value%x}
  eval "$1=\$value"
}

# output: the next header names the file that takes the output of this script
to_output() {
  header output
  # a redirection that fails would end the shell at exec, with a code of its own
  message=$({ : >"$output"; } 2>&1) || fail 15 "$message"
  exec >"$output"
}

# digest FILE: sets digest
digest() {
  if command -v sha256sum >/dev/null 2>&1; then
    digest=$(sha256sum <"$1") || exit 18
  elif command -v shasum >/dev/null 2>&1; then
    digest=$(shasum -a 256 <"$1") || exit 18
  elif command -v openssl >/dev/null 2>&1; then
    digest=$(openssl dgst -sha256 -r <"$1") || exit 18
  else
    exit 18
  fi
  digest=${digest%% *}
}

# attribute GNU-FORMAT BSD-FORMAT FILE: follows symlinks
attribute() {
  stat -L -c "$1" "$3" 2>/dev/null || stat -L -f "$2" "$3" 2>/dev/null
}

# flush PATH: old versions of sync take no path
flush() {
  sync "$1" 2>/dev/null || sync
}

# resolve PATH: sets target, with symlinks followed, and dir; a rename over a symlink would replace it
resolve() {
  case $1 in
    /*) target=$1 ;;
    *) target=./$1 ;;
  esac
  # a path through linked directories serves as it is
  if [ -L "$target" ]; then
    target=$(readlink -f "$target" && printf x) || exit 12
    target=${target%"${nl}x"}
  fi
  dir=${target%/*}
  [ -n "$dir" ] || dir=/
  [ -d "$dir" ] || exit 13
  [ ! -d "$target" ] || exit 14
}

# scratch: sets tmp, a file beside the target; in the data directory when the directory may not be
# written but the file may
scratch() {
  in_place=
  if message=$(mktemp "$dir/.pgseal.XXXXXX" 2>&1); then
    tmp=$message
  elif [ -f "$target" ] && [ -w "$target" ] && other=$(mktemp ./.pgseal.XXXXXX 2>/dev/null); then
    tmp=$other
    in_place=yes
  else
    fail 15 "$message"
  fi
}

# receive: the rest of the input into tmp, and only if it is whole
receive() {
  message=$({ base64 -d >"$tmp"; } 2>&1) || fail 16 "$message"
  if [ "$(wc -c <"$tmp")" -ne "$length" ]; then
    # cut short on its way, or by a full disk, of which busybox's base64 says nothing
    message=$(dd if=/dev/zero of="$tmp" bs=4096 count=$((length / 4096 + 1)) 2>&1) && exit 17
    fail 17 "$message"
  fi
  digest "$tmp"
  [ "$digest" = "$hash" ] || exit 17
}

# place: tmp becomes the target, whole or not at all; mode is octal or "keep"
place() {
  if [ "$mode" = keep ] && [ -e "$target" ]; then
    mode=$(attribute %a %Lp "$target") || exit 19
    group=$(attribute %g %g "$target") && chgrp "$group" "$tmp" 2>/dev/null || :
  elif [ "$mode" = keep ]; then
    mode=600
  fi
  message=$(chmod "$mode" "$tmp" 2>&1) || fail 19 "$message"
  flush "$tmp"
  if [ -z "$in_place" ]; then
    if message=$(mv -f "$tmp" "$target" 2>&1); then
      tmp=
      flush "$dir"
      return
    fi
    case $message in
      *busy*) ;;
      *) fail 20 "$message" ;;
    esac
  fi
  overwrite
}

# overwrite: for a file that cannot be renamed over, such as a bind mount; not atomic, so the old
# content is kept at hand
overwrite() {
  old=$(mktemp ./.pgseal.XXXXXX 2>/dev/null) || exit 21
  cat "$target" >"$old" 2>/dev/null || exit 21
  chmod "$mode" "$target" 2>/dev/null || :
  if message=$({ cat "$tmp" >"$target"; } 2>&1); then
    digest "$target"
    if [ "$digest" = "$hash" ]; then
      flush "$target"
      return
    fi
  fi
  cat "$old" >"$target"
  flush "$target"
  fail 21 "$message"
}

# put_back PATH COPY EXPECTED CANDIDATE: the copy becomes the file again, unless somebody else has
# changed the candidate meanwhile
put_back() {
  resolve "$1"
  digest "$target"
  [ "$digest" = "$4" ] || return 0
  digest "$2"
  [ "$digest" = "$3" ] || exit 29
  hash=$3
  mode=keep
  scratch
  message=$({ cat "$2" >"$tmp"; } 2>&1) || fail 15 "$message"
  place
  rm -f "$tmp"
}

# forget MARKER: nobody shall find this watcher any more
forget() {
  [ "$(cat ./pgseal/hba/unconfirmed 2>/dev/null)" != "$1" ] || rm -f ./pgseal/hba/unconfirmed
}

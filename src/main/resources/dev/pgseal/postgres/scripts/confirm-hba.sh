header marker
header abandon
done=$marker.confirmed
mv "$marker" "$done" 2>/dev/null || [ -d "$done" ] ||
  { [ -n "$abandon" ] && mv "$marker.reverting" "$done" 2>/dev/null; } || late=yes
if [ -z "$late" ]; then
  rm -rf "$done"
  forget "$marker"
  exit 0
fi
# the watcher is at work, or has done its work, or was lost with its host
[ -d "$marker.reverting" ] || forget "$marker"
exit 31

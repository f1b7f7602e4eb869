header marker
mv "$marker" "$marker.confirmed" 2>/dev/null || exit 31
rm -rf "$marker.confirmed"

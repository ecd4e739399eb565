#!/bin/sh
# Pad a ROM image to its size and set its last byte so that all bytes add up
# to 0 modulo 256, as the system BIOS demands of an option ROM.
#
# usage: mkrom.sh RAW ROM BYTES
set -e
raw=$1 rom=$2 size=$3

have=$(wc -c < "$raw")
if [ "$have" -ge "$size" ]; then
    echo "mkrom: $raw has $have bytes, no room in $size" >&2
    exit 1
fi
sum=$(od -An -v -tu1 "$raw" |
    awk '{ for (i = 1; i <= NF; i++) s += $i } END { print s % 256 }')
{
    cat "$raw"
    dd if=/dev/zero bs=1 count=$((size - have - 1)) 2>/dev/null
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $(((256 - sum) % 256)))"
} > "$rom.tmp"
mv "$rom.tmp" "$rom"

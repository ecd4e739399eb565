#!/bin/sh
# romsum.sh IN OUT BYTES: copies the ROM image IN to OUT and sets its last byte
# so that all bytes sum to 0 modulo 256.  Fails unless IN has BYTES bytes.
set -eu
in=$1 out=$2 want=$3

size=$(wc -c < "$in")
if [ "$size" -ne "$want" ]; then
    echo "romsum.sh: $in has $size bytes, not $want" >&2
    exit 1
fi
sum=$(head -c $((want - 1)) "$in" | od -An -v -tu1 |
    awk '{ for (i = 1; i <= NF; i++) s += $i } END { print (256 - s % 256) % 256 }')
{
    head -c $((want - 1)) "$in"
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o "$sum")"
} > "$out.tmp"
mv "$out.tmp" "$out"

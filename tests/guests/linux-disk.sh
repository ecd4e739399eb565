#!/bin/sh
# A hard disk that boots Linux by syslinux: one FAT16 partition with a kernel
# and an initrd.
#
#   linux-disk.sh IMAGE KERNEL INITRD ARGUMENTS-OF-THE-KERNEL
#
# Needs mtools and syslinux.
set -eu
img=$1
kernel=$2
initrd=$3
args=$4
heads=16
sectors=63
export MTOOLS_SKIP_CHECK=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Room for both files and 4 MiB; at least 80 cylinders, so that clusters of
# 2 KiB are enough of them for FAT16.
bytes=$(($(wc -c < "$kernel") + $(wc -c < "$initrd") + 4194304))
cyls=$((bytes / (heads * sectors * 512) + 1))
[ "$cyls" -ge 80 ] || cyls=80
part=$((cyls * heads * sectors - sectors))

# printf's escapes of a 32-bit number, low byte first.
le32() {
    for shift in 0 8 16 24; do
        printf '\\%03o' $(($1 >> shift & 255))
    done
}

rm -f "$img"
dd if=/dev/null of="$img" bs=512 seek=$((part + sectors)) 2> /dev/null
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$img" conv=notrunc 2> /dev/null
# Active, from 0/1/1 to the last cylinder, type 6.
last=$((cyls - 1))
{
    printf '\200\001\001\000\006\017'
    printf "\\$(printf %03o $((63 | (last >> 2 & 192))))\\$(printf %03o $((last & 255)))"
    printf "$(le32 $sectors)$(le32 $part)"
} | dd of="$img" bs=1 seek=446 conv=notrunc 2> /dev/null
printf '\125\252' | dd of="$img" bs=1 seek=510 conv=notrunc 2> /dev/null

fat=$img@@$((sectors * 512))
mformat -i "$fat" -h $heads -n $sectors -H $sectors -T $part -c 4 -v GUEST -N 20240101 ::
cat > "$work/syslinux.cfg" << CONFIG
DEFAULT linux
PROMPT 0
SERIAL 0 115200
SAY Loading Linux
LABEL linux
 KERNEL VMLINUZ
 APPEND initrd=INITRD.GZ $args
CONFIG
mcopy -i "$fat" "$work/syslinux.cfg" ::SYSLINUX.CFG
mcopy -i "$fat" "$kernel" ::VMLINUZ
mcopy -i "$fat" "$initrd" ::INITRD.GZ
syslinux --install --offset $((sectors * 512)) "$img"

#!/bin/sh
# CD-ROMs of others on the real program: they start, take keys, and what Linux
# reads from the disc has the sum that it has on the host.  MADE names the folder
# with what tests/guests/make-linux.sh makes (default: ../shared/guests/made beside
# the sources); without it all is skipped.
# A TAP test; a failure shows the command and the last screen.
set -u
reprise=$top_builddir/reprise
made=${MADE:-${GUESTS:-$top_srcdir/../shared/guests}/made}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
n=0

if ! [ -d "$made" ]; then
    echo "1..0 # SKIP no images of make-linux.sh (set MADE)"
    exit 0
fi

ok() {
    n=$((n + 1))
    echo "ok $n - $1"
}

not_ok() {
    n=$((n + 1))
    sed 's/^/# /' "$work/command" "$work/screen" 2> /dev/null | grep -v '^# *$'
    echo "not ok $n - $1"
}

skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

run() {
    echo "$reprise --headless --no-conf --speed max -cpu p2 $*" > "$work/command"
    "$reprise" --headless --no-conf --speed max -cpu p2 --timeout 1800 -serial "file:$work/serial" \
        --screen-text "$work/screen" "$@" 2>> "$work/command"
}

# TITLE DISC OPTIONS...: the run ends as asked.
disc() {
    title=$1
    name=$2
    shift 2
    if ! [ -f "$made/$name.iso" ]; then
        skip "$title" "no $name.iso"
    elif run "$@" "$made/$name.iso"; then
        ok "$title"
    else
        not_ok "$title"
    fi
}

disc "memtest86+: its menu takes a key" memtest -m 64 \
    --wait 'Press <F1> to configure' --type '{F1}' --until 'text:Settings:'
disc "GRUB: its command line lists the disc" grub-cdrom -m 64 \
    --wait 'GNU GRUB' --type c --wait 'grub>' --type 'ls\n' --until 'text:(cd)'
disc "iPXE: its command line" ipxe -m 64 \
    --wait 'Press Ctrl-B' --type '{Ctrl+B}' --wait 'iPXE>' --type 'help\n' --until 'text:sanboot'
disc "Debian's installer: its first dialog" installer -m 256 --until 'serial:Insufficient memory'
disc "Linux: the probe's report" probe -m 64 --until 'serial:PROBE-DONE cpu=OK'

# A Linux of our own init reads the whole disc and its files, ejects and loads it.
title="Linux reads the disc"
missing=
for tool in xorriso cpio gzip; do
    command -v $tool > /dev/null || missing=$tool
done
isolinux=/usr/lib/ISOLINUX/isolinux.bin
ldlinux=/usr/lib/syslinux/modules/bios/ldlinux.c32
for file in "$made/probe.vmlinuz" "$made/probe.initrd" $isolinux $ldlinux; do
    [ -f "$file" ] || missing=$file
done
if [ -n "$missing" ]; then
    skip "$title" "no ${missing##*/}"
    echo "1..$n"
    exit 0
fi
mkdir -p "$work/root/isolinux" "$work/over"
cp "$top_srcdir/tests/guests/cd-init.sh" "$work/over/init"
chmod 755 "$work/over/init"
(cd "$work/over" && echo init | cpio -o -H newc --quiet | gzip -n) > "$work/over.gz"
cat "$made/probe.initrd" "$work/over.gz" > "$work/root/INITRD.GZ"
cp "$made/probe.vmlinuz" "$work/root/VMLINUZ"
cp $isolinux $ldlinux "$work/root/isolinux/"
printf 'DEFAULT linux\nPROMPT 0\nLABEL linux\n KERNEL /VMLINUZ\n APPEND initrd=/INITRD.GZ console=ttyS0 quiet\n' \
    > "$work/root/isolinux/isolinux.cfg"
xorriso -as mkisofs -quiet -V GUEST -o "$work/linux.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
    -no-emul-boot -boot-load-size 4 -boot-info-table "$work/root" 2>> "$work/command"
if run -m 64 --until serial:CD-DONE "$work/linux.iso"; then
    ok "$title: all of it"
else
    not_ok "$title: all of it"
fi
tr -d '\r' < "$work/serial" > "$work/lines"
sed 's/^/# /' "$work/lines"
sum() {
    sha256sum < "$1" | cut -d ' ' -f 1
}
has() {
    if grep -qx -e "$2" "$work/lines"; then ok "$title: $1"; else not_ok "$title: $1"; fi
}
has "every sector" "CD-DISC $(sum "$work/linux.iso")"
has "its file system" CD-MOUNTED
has "the kernel" "CD-FILE $(sum "$work/root/VMLINUZ")"
has "the initrd" "CD-FILE $(sum "$work/root/INITRD.GZ")"
has "ejects it" CD-EJECTED
has "loads it" CD-LOADED
has "every sector again" "CD-AGAIN $(sum "$work/linux.iso")"
echo "1..$n"

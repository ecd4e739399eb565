#!/bin/sh
# A Linux on CD-ROM that reads its disc: makes the disc and linux_cd.test, which
# says what must be seen.  MADE names the folder with what make-linux.sh of
# tests/guests makes (default: ../shared/guests/made beside the sources); without
# it all is skipped.
set -u
made=${MADE:-${GUESTS:-$top_srcdir/../shared/guests}/made}
isolinux=/usr/lib/ISOLINUX/isolinux.bin
ldlinux=/usr/lib/syslinux/modules/bios/ldlinux.c32
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

missing=
for tool in xorriso cpio gzip; do
    command -v $tool >/dev/null || missing=$tool
done
for file in "$made/probe.vmlinuz" "$made/probe.initrd" $isolinux $ldlinux; do
    [ -f "$file" ] || missing=$file
done
if [ -n "$missing" ]; then
    echo "1..0 # SKIP no ${missing##*/} (set MADE)"
    exit 0
fi

# Our init in an archive behind the probe's: the later file wins.
mkdir -p "$work/root/isolinux" "$work/over"
cp "$top_srcdir/tests/guests/cd-init.sh" "$work/over/init"
chmod 755 "$work/over/init"
(cd "$work/over" && echo init | cpio -o -H newc --quiet | gzip -n) >"$work/over.gz"
cat "$made/probe.initrd" "$work/over.gz" >"$work/root/INITRD.GZ"
cp "$made/probe.vmlinuz" "$work/root/VMLINUZ"
cp $isolinux $ldlinux "$work/root/isolinux/"
printf 'DEFAULT linux\nPROMPT 0\nLABEL linux\n KERNEL /VMLINUZ\n APPEND initrd=/INITRD.GZ console=ttyS0 quiet\n' \
    >"$work/root/isolinux/isolinux.cfg"
xorriso -as mkisofs -quiet -V GUEST -o "$work/linux.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
    -no-emul-boot -boot-load-size 4 -boot-info-table "$work/root" || exit 99

sum() {
    sha256sum <"$1" | cut -d ' ' -f 1
}
sed "s/@DISC@/$(sum "$work/linux.iso")/; s/@KERNEL@/$(sum "$work/root/VMLINUZ")/; s/@INITRD@/$(sum "$work/root/INITRD.GZ")/" \
    "$top_srcdir/tests/machine/linux_cd.test.in" >"$work/linux_cd.test"
"$top_builddir/reprise" test --timeout 1800 "$work/linux_cd.test"

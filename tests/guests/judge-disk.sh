#!/bin/sh
# A hard disk whose Linux runs the judge; what it has to print is made on this
# machine, by the same program.
#
#   judge-disk.sh IMAGE KERNEL PROBE-INITRD JUDGE
#
# KERNEL and PROBE-INITRD (for its busybox): of make-linux.sh.  JUDGE: the program.
set -eu
img=$1
kernel=$2
judge=$(realpath "$4")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/bin" "$root/expected"
(cd "$root" && gzip -dc | cpio -i --quiet bin/busybox) < "$3"
ln -s busybox "$root/bin/sh"
cp "$judge" "$root/bin/judge"
cp "$here/judge-init.sh" "$root/init"
cp "$here/probe-cpu.sh" "$root/cpu.sh"
chmod +x "$root/init"
for section in $("$judge" list) near; do
    "$judge" "$section" > "$root/expected/$section"
done
gzip -9n < "$root/expected/alu" > "$root/expected/alu.gz"
(cd "$work" && "$root/bin/busybox" sh "$here/probe-cpu.sh" "$root/bin/busybox" > "$root/expected/probe-cpu")
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 | gzip -1n) > "$work/initrd"
"$here/linux-disk.sh" "$img" "$kernel" "$work/initrd" "quiet console=ttyS0,115200 panic=5 nokaslr"

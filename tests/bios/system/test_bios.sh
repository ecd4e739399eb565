#!/bin/sh
# The system BIOS tested from inside the machine: boot biostest.img beside a
# disk that it may write to, and pass on the TAP lines that it sends to COM1.
set -u
reprise=$top_builddir/reprise
dir=$top_builddir/tests/bios/system
out=$dir/biostest.out
disk=$dir/scratch.img

if ! [ -x "$reprise" ]; then
    echo "1..0 # SKIP no emulator in this build"
    exit 0
fi
rm -f "$out" "$disk"
# 10 cylinders of 16 * 63; the signature makes the emulator see a hard disk.
{
    printf 'REPRISE-SCRATCH'
    head -c 495 /dev/zero
    printf '\125\252'
    head -c $((10080 * 512 - 512)) /dev/zero
} > "$disk"
"$reprise" --headless --test-ports --speed max --timeout 300 -snapshot \
    -serial "file:$out" -fda "$dir/biostest.img" -hda "$disk" -boot a
status=$?
tr -d '\r' < "$out"
if [ "$status" -ne 0 ]; then
    echo "Bail out! reprise ended with $status: $reprise --headless --test-ports" \
        "-serial stdio -snapshot -fda $dir/biostest.img -hda $disk -boot a"
fi

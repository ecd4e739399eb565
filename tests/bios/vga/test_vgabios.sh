#!/bin/sh
# The VGA BIOS tested from inside the machine: boot vgatest.img, and pass on
# the TAP lines that it sends to COM1.
set -u
reprise=$top_builddir/reprise
dir=$top_builddir/tests/bios/vga
out=$dir/vgatest.out

if ! [ -x "$reprise" ]; then
    echo "1..0 # SKIP no emulator in this build"
    exit 0
fi
rm -f "$out"
"$reprise" --headless --test-ports --speed max --timeout 300 -snapshot \
    -serial "file:$out" -fda "$dir/vgatest.img" -boot a
status=$?
tr -d '\r' < "$out"
if ! grep -q '^1\.\.' "$out"; then
    echo "Bail out! reprise ended with $status: $reprise --headless" \
        "--test-ports -serial stdio -snapshot -fda $dir/vgatest.img"
fi

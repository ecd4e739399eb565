#!/bin/sh
# Starts from CD-ROM, of discs that mkcd.py makes: each way to start runs
# cdtest.c from inside the machine; discs that are wrong are refused with words.
set -u
reprise=$top_builddir/reprise
dir=$top_builddir/tests/bios/system
n=0

if ! [ -x "$reprise" ]; then
    echo "1..0 # SKIP no emulator in this build"
    exit 0
fi
if ! command -v python3 > /dev/null; then
    echo "1..0 # SKIP no python3"
    exit 0
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
{
    printf 'REPRISE-SCRATCH'
    head -c 495 /dev/zero
    printf '\125\252'
    head -c $((10080 * 512 - 512)) /dev/zero
} > "$work/disk.img"

result() {
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
    fi
}

disc() {
    python3 "$top_srcdir/tests/bios/system/mkcd.py" "$1" "$dir/cdtest.bin" "$work/$1.iso"
}

run() {
    "$reprise" --headless --no-conf --speed max --timeout 100 -cpu 486 -m 4 "$@"
}

# The guest's own lines are comments here; one of them that fails fails the way.
starts() {
    disc "$1"
    run --test-ports -serial "file:$work/out" -hda "$work/disk.img" -snapshot "$work/$1.iso"
    status=$?
    tr -d '\r' < "$work/out" | sed 's/^/# /'
    grep -q '^1\.\.' "$work/out" && ! grep -q '^not ok' "$work/out" && [ $status -eq 0 ]
    result $? "a disc that starts as: $1 (exit code $status)"
}

refused() {
    disc "$1"
    run "$work/$1.iso" --until "text:CD-ROM: $2" --screen-text "$work/screen"
    status=$?
    [ $status -eq 0 ] || sed 's/^/# /' "$work/screen"
    result $status "a disc with a wrong $1: $2"
}

for kind in plain 1200 1440 2880 disk; do
    starts $kind
done
refused cut 'the disc cannot be read'
refused record 'the disc has no boot record'
refused catalog 'the boot catalog cannot be read'
refused key 'the boot catalog is not valid'
refused sum 'the boot catalog is not valid'
refused platform 'the boot catalog is not valid'
refused idle 'the boot catalog has nothing to start'
refused media 'the boot image is of no known kind'
refused nopart 'the boot image is of no known kind'
refused huge 'the boot image does not fit into memory'
refused none 'the boot image does not fit into memory'
refused low 'the boot image does not fit into memory'
refused high 'the boot image does not fit into memory'
refused wrap 'the boot image does not fit into memory'
refused lba 'the boot image cannot be read'

# The floppy is first, then the menu's choice.
run -cdrom "$work/plain.iso" -fda "$dir/biostest.img" -serial "file:$work/out" --until 'serial:INT 13h at F000' \
    --screen-text "$work/screen"
result $? "-cdrom: a floppy starts before the disc"
run -cdrom "$work/plain.iso" -fda "$dir/biostest.img" -boot d -serial "file:$work/out" --until 'serial:the drive is E0h' \
    --screen-text "$work/screen"
result $? "-boot d: the disc starts before the floppy"
run -cdrom "$work/plain.iso" -fda "$dir/biostest.img" -serial "file:$work/out" --type '{F12}' \
    --wait '3  CD-ROM' --type 3 --until 'serial:the drive is E0h' --screen-text "$work/screen"
result $? "the boot menu offers the disc"
for place in a b c d; do
    run -boot d -cdrom "$work/plain.iso" -serial "file:$work/out" --until 'serial:the drive is E0h' \
        $(for hd in a b c d; do [ $hd = $place ] || { cp "$work/disk.img" "$work/$hd.img"; echo -hd$hd "$work/$hd.img"; }; done)
    result $? "the drive in the place that is left: hd$place"
done
echo "1..$n"

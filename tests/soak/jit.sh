#!/bin/sh
# Both engines side by side: random programs, then disks with the usual knobs
# and with knobs at random.  A difference is printed with the command that shows
# it.  Needs, for the disks, GUESTS: the folder with the guests' collection.
set -u
guests=${GUESTS:-$top_srcdir/../shared/guests}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
rc=0

cd "$work" || exit 1
for seed in 11 1 2 3 4 5 6 7 8 9; do
    if ! "$top_builddir/tests/fuzz/fuzz_jit" --runs 100000 $seed > "$work/out" 2>&1; then
        echo "jit: fuzz_jit --runs 100000 $seed: $(tail -1 "$work/out")"
        cp fuzz-input "$SOAK_DIR/fuzz_jit.$seed"
        rc=1
    fi
done
if [ ! -d "$guests/floppy" ]; then
    echo "jit: no disks in $guests (set GUESTS): random programs only"
    exit $rc
fi
for image in floppy/freedos-1440 floppy/freedos-tools-720 floppy/mikeos-1440 floppy/tetros-1440 \
    floppy/floppybird-1440 floppy/pcmos386-9user-1440 floppy/openbsd28-1440 floppy/kolibrios-1440 hd/freedos-apps; do
    xz -dc "$guests/$image.img.xz" > "$work/disk.img" || exit 1
    for seed in 0 1 2 3 4; do
        "$top_builddir/tests/jit/lockstep" "$work/disk.img" 20 1048576 $seed > "$work/out" && continue
        echo "jit: lockstep $image 20 1048576 $seed"
        cat "$work/out"
        rc=1
    done
done
exit $rc

#!/bin/sh
# The same hash every time: a busy guest after 500 million instructions, an
# idle one after a minute, alone and beside other work, paced and unpaced.
# Needs GUESTS, a folder with the images of the guests' collection.
set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
image=$guests/floppy/freedos-tools-720.img.xz

if [ ! -f "$image" ]; then
    echo "determinism: skipped, no $image (set GUESTS)"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
xz -dc "$image" > "$work/tools.img" || exit 1
run="$reprise --headless -snapshot -rtc base=1996-01-01T00:00:00 --timeout 600 --hash"

# $1 name, then the command, as often as $times says: all hashes are equal.
same() {
    name=$1
    shift
    : > "$work/hashes"
    i=0
    while [ $i -lt "$times" ]; do
        "$@" >> "$work/hashes" || { echo "determinism: $name: run failed"; exit 1; }
        i=$((i + 1))
    done
    if [ "$(sort -u "$work/hashes" | wc -l)" -ne 1 ]; then
        echo "determinism: $name: hashes differ"
        sort "$work/hashes" | uniq -c
        exit 1
    fi
    echo "determinism: $name: $times runs, $(head -1 "$work/hashes")"
}

busy() {
    $run --speed max --wait 'A:\>' --type 'pi\n' --until insns:500000000 "$work/tools.img"
}
idle() {
    $run --speed "$1" --until time:60 "$work/tools.img"
}
idle_both() {
    idle max && idle real
}
loaded() {
    "$@" &
    one=$!
    (while :; do :; done) &
    load=$!
    wait $one
    rc=$?
    kill $load
    return $rc
}

times=${SOAK_RUNS:-10}
same "busy" busy
times=${SOAK_RUNS:-2}
same "idle, max and real" idle_both
same "busy beside other work" loaded busy

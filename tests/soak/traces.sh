#!/bin/sh
# Ten minutes of typed DOS work with disk writes, recorded on an overlay and
# verified: on both engines, with random knobs, at other speeds, on a loaded
# host, from power-on and from a snapshot in the middle.  Needs GUESTS, a folder with the images of the guests' collection.
set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
image=$guests/floppy/freedos-tools-720.img.xz
keep=${SOAK_DIR:-.}

if [ ! -f "$image" ]; then
    echo "traces: skipped, no $image (set GUESTS)"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
xz -dc "$image" >tools.img || exit 1
"$reprise" disk create work.ov tools.img || exit 1
common="--headless --speed max --timeout 3000 --engine jit"
machine="-cpu 386-33 -rtc base=1996-01-01T00:00:00"
fail() {
    echo "traces: $*"
    exit 1
}

# Someone who thinks between commands; a key takes 53 bytes, so 20 KB are 380 keys.
set -- --wait 'A:\>'
i=1
while [ $i -le 6 ]; do
    set -- "$@" --type "copy config.sys a$i\\n" --until time:$((i * 100 - 30)) \
        --type "echo note $i>>log\\n" --until time:$((i * 100 - 20)) \
        --type "type log\\n" --until time:$((i * 100 - 10)) \
        --type "del a$i\\n" --until time:$((i * 100))
    i=$((i + 1))
done
"$reprise" $common $machine work.ov --record t.trace "$@" --screen-text screen --hash >hash ||
    fail "recording failed"
grep -q 'note 1' screen || fail "the work was not done"
"$reprise" disk info work.ov | sed -n 's/^  holds/traces: the overlay holds/p'
all=$(wc -c <t.trace)
inputs=$(grep '^@[0-9]* [a-z0-9]* [a-z]* [0-9]' t.trace | grep -v ' check ' | wc -c)
keys=$(grep -c ' kbd key [0-9]* 1' t.trace)
echo "traces: $keys keys, inputs $inputs bytes, all $all bytes"
[ "$inputs" -lt 20480 ] || fail "more than 20 KB"

verify() {
    name=$1
    shift
    "$@" >again 2>err || { code=$?; cat err; fail "$name: exit code $code"; }
    grep -q verified err && cmp -s hash again || { cat err; fail "$name: not the same"; }
    echo "traces: $name: $(sed -n 's/.*verified/verified/p' err)"
}
replay="$reprise replay --verify --hash"
verify jit $replay --engine jit t.trace
verify interp $replay --engine interp t.trace
verify "200 times real speed" $replay --engine jit --speed 200 t.trace
$replay --engine interp t.trace >/dev/null 2>&1 &
load=$!
verify "a loaded host" $replay --engine jit t.trace
kill $load
for seed in 1 2 3 4 5 6 7 8 9 10; do
    verify "knobs $seed" "$top_builddir/tests/jit/replay_knobs" $seed --hash t.trace
    echo "traces:   $(sed -n 's/^replay_knobs: //p' err)"
done
for at in 33.3 250 599; do
    "$reprise" replay --engine jit t.trace --to $at --save mid.snap >/dev/null || fail "no snapshot"
    verify "from $at s on" $replay --engine jit --load mid.snap t.trace
done
"$reprise" replay --engine jit --verify --to 3 t.trace 2>/dev/null || fail "short"
if command -v valgrind >/dev/null; then
    valgrind -q "$reprise" replay --engine interp --verify --to 0.5 t.trace 2>err || fail "valgrind"
    echo "traces: half a second under valgrind"
fi

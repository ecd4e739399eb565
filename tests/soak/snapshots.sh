#!/bin/sh
# A boot that is saved and loaded at 1,000 random times and instructions, in
# processes of their own, ends like one that was left alone: on the demo disk
# and on a DOS that reads and writes its disk, on either engine by turns.
# Needs GUESTS, a folder with the images of the guests' collection.
set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
image=$guests/floppy/freedos-tools-720.img.xz
stops=${SNAPSHOTS:-1000}

if [ ! -f "$image" ]; then
    echo "snapshots: skipped, no $image (set GUESTS)"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
xz -dc "$image" >tools.img || exit 1
"$reprise" disk create whole.ov tools.img && cp whole.ov parts.ov || exit 1
common="--headless --speed max --timeout 600"
begin="-rtc base=1996-01-01T00:00:00"
insns=$((stops * 40000))

"$reprise" $common $begin whole.ov --until insns:$insns --hash >whole || exit 1
"$reprise" $common $begin parts.ov --until insns:1 --save s || exit 1
# The same numbers each time: a generator of its own.
seed=12345 at=1 i=0
while [ $i -lt "$stops" ]; do
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    engine=interp
    [ $((seed / 65536 % 2)) -eq 0 ] || engine=jit
    at=$((at + 1 + seed / 7 % 79998))
    [ $at -lt $insns ] || at=$insns
    until=insns:$at
    if [ $((i % 3)) -eq 2 ]; then # a time: in the middle of a REP, in HLT
        now=$("$reprise" snapshot list . | sed -n 's/^.\/s: .* at \([0-9]*\)\.\([0-9]*\) s.*/\1\2/p')
        now=$((1$now - 1$(printf %0${#now}d 0) + seed % 500000))
        until=time:$((now / 1000000000)).$(printf %09d $((now % 1000000000)))
    fi
    "$reprise" $common --engine $engine --load s --until $until --save s || exit 1
    at=$("$reprise" snapshot list . | sed -n 's/^.\/s: .* instruction \([0-9]*\).*/\1/p')
    i=$((i + 1))
done
"$reprise" $common --load s --until insns:$insns --hash >parts || exit 1
echo "snapshots: $i, up to instruction $at of $insns: $(cat parts), without a stop $(cat whole)"
cmp -s whole parts

#!/bin/sh
# Overlay files: made, used, gone back in, committed, cloned, damaged; and a
# machine that is killed while it writes.  KILLS: how often.  A TAP test.
. "$top_srcdir/tests/ctl/lib.sh"

go() {
    run "$reprise" --headless --speed max -rtc base=1996-01-01T00:00:00 "$@"
}
sum() {
    cksum <"$1"
}
# says CODE PATTERN ARG...: what `reprise ARG...` prints, on either output.
says() {
    want=$1 pattern=$2
    shift 2
    run "$reprise" "$@"
    [ "$code" -eq "$want" ] && { [ -z "$pattern" ] || cat .out .err | grep -q -e "$pattern"; }
    result $? "reprise $*: exit $want, '$pattern'"
}

cp "$top_builddir/tests/machine/flusher.img" base.img || exit 1
before=$(sum base.img)
says 0 '' disk create d.ov base.img
says 2 'File exists' disk create d.ov base.img
says 2 'it is one itself' disk create e.ov d.ov
says 0 'overlay over: .*base.img' disk info d.ov
says 0 'good, 0 records' disk check d.ov
says 1 'reprise disk create OVERLAY BASE' disk create d.ov
says 1 'create OVERLAY BASE | info' disk

# What the guest writes is in the overlay, and is there the next time.
go d.ov -serial file:s1 --until serial:0000000A
expect "the guest wrote" [ "$code" -eq 0 ]
expect "it began with 0" grep -q 'start 00000000' s1
expect "the base is as it was" [ "$(sum base.img)" = "$before" ]
go d.ov -serial file:s2 --until serial:start
expect "it goes on from there" [ "$(sed -n 's/start //p' s2)" != 00000000 ]
says 0 'holds: 3 sectors' disk info d.ov
says 0 'good' disk check d.ov

# A recording needs no -snapshot; it replays although the disk went on.
cp d.ov rec.ov
go rec.ov --record a.trace --checkpoint 0.2 --until time:2 --hash
cp .out hash
go rec.ov --until time:1
says 0 'verified: [0-9]* checkpoints' replay --verify a.trace
run "$reprise" replay --verify --hash a.trace
expect "the same state" cmp -s .out hash

# A snapshot names a place in the log; from there it goes on, however often.
cp d.ov snap.ov
go snap.ov --until time:3 --hash
cp .out whole
cp d.ov snap.ov
go snap.ov --save s.snap --until time:1.5
expect "saved without -snapshot" [ "$code" -eq 0 ]
expect "the disk's content is not in it" [ "$("$reprise" snapshot info s.snap | sed -n 's/^section ata0-sectors version 2: \([0-9]*\) .*/\1/p')" -eq 48 ]
for i in 1 2 3; do
    go --load s.snap --until time:3 --hash
    expect "goes on to the same hash, $i" cmp -s .out whole
done
go --load s.snap -snapshot --until time:3 --hash
expect "and with -snapshot" cmp -s .out whole
says 0 'good' disk check snap.ov

# Recorded from a snapshot on; and a trace from power-on, begun in its middle.
go --load s.snap --record b.trace --checkpoint 0.3 --until time:3 --hash
expect "recorded from a snapshot" cmp -s .out whole
has b.trace '^begin snapshot [0-9a-f]* s.snap$'
says 0 'verified: [56] checkpoints' replay --verify b.trace
# (Each in a file of its own: how writes fall into records depends on the host.)
cp d.ov c.ov
go c.ov --record c.trace --checkpoint 0.4 --until time:3
cp d.ov m.ov
go m.ov --save m.snap --until time:1.7
says 0 'verified: 4 checkpoints' replay --verify c.trace --load m.snap
mv s.snap t.snap
says 2 'begins at the snapshot' replay b.trace
says 0 'verified' replay --verify b.trace t.snap
mv t.snap s.snap

# A clone goes its own way, and shares the base.
says 0 '' snapshot clone m.snap copy
before=$(sum m.ov)
(cd copy && run "$reprise" --headless --speed max --load m.snap --until time:2) 
expect "the original is as it was" [ "$(sum m.ov)" = "$before" ]
says 2 'File exists' snapshot clone m.snap copy
says 0 '' disk clone d.ov f.ov
expect "a clone has the same content" cmp -s d.ov f.ov
says 0 'm.snap: pentium, 32 MiB, at 1.7' snapshot list
says 2 'is no snapshot' snapshot delete d.ov
says 0 '' snapshot delete copy/m.snap
expect "it is gone" [ ! -e copy/m.snap ]

# Committed: the base holds it; what hangs on the old overlay is told so.
go d.ov -serial file:s3 --until serial:start
cp base.img old.img
says 0 '' disk commit d.ov
says 0 'holds: 0 sectors' disk info d.ov
go d.ov -serial file:s4 --until serial:start
expect "the base holds it" cmp -s s3 s4
says 2 'whose content is another now' disk info f.ov
cp old.img base.img
says 0 'good' disk check f.ov

# Damage is named; a torn tail is not damage.
cp f.ov bad.ov
printf 'x' | dd of=bad.ov bs=1 seek=1000 conv=notrunc status=none
says 2 'damaged overlay: record 1, at byte' disk check bad.ov
head -c -5 f.ov >torn.ov
says 0 'torn: 27 bytes' disk info torn.ov
mv base.img moved.img
says 2 'neither there nor beside it' disk info f.ov
mkdir beside
cp f.ov beside
mv moved.img beside/base.img
says 0 'good' disk check beside/f.ov

# Killed while it writes: what was said to be safe is there.
cp beside/base.img base.img
"$reprise" disk create k.ov base.img
last=0
lost=0
i=0
while [ $i -lt "${KILLS:-6}" ]; do
    rm -f serial
    "$reprise" --headless --speed max k.ov -serial file:serial >/dev/null 2>err &
    pid=$!
    sleep 0.$((1 + i % 4))$((i * 7 % 10))
    kill -9 $pid
    wait $pid 2>/dev/null
    [ -s err ] && cat err && lost=$((lost + 1))
    i=$((i + 1))
    from=$(sed -n 's/^start \(........\)$/\1/p' serial 2>/dev/null)
    [ -n "$from" ] || continue # too early: the guest has not begun
    if [ $((0x$from)) -lt $last ]; then
        echo "# run $i: $last was safe, found $((0x$from))"
        lost=$((lost + 1))
    fi
    last=$((0x$(grep -x '[0-9A-F]\{8\}' serial | tail -1 | grep . || echo $from)))
done
expect "$i kills, $last flushes: none was lost" [ $lost -eq 0 ]
expect "the guest flushed" [ "$last" -gt 10 ]
says 0 'good' disk check k.ov

finish

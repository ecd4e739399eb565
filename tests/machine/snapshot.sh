#!/bin/sh
# Snapshots as files: a machine that was saved and loaded goes on as if nothing
# had been; what is damaged is refused and named.  A TAP test.
. "$top_srcdir/tests/ctl/lib.sh"

go() {
    run "$reprise" --headless --speed max -rtc base=1996-01-01T00:00:00 "$@"
}

# Without a stop, then in two parts: at a time, and in the middle of the boot.
go --until time:3 --hash
cp .out whole
for at in time:1 insns:1 insns:123457 insns:999983 time:2.000000001; do
    go --save s.snap --until $at
    expect "saved at $at" [ "$code" -eq 0 ]
    go --load s.snap --until time:3 --hash
    expect "... goes on to the same hash" cmp -s .out whole
    go --load s.snap --hash --until $at
    cp .out again
    go --until $at --hash
    expect "... and is the same at once" cmp -s .out again
done

run "$reprise" snapshot info s.snap
expect "info" [ "$code" -eq 0 ]
has .out '^memory 32$'
has .out '^section ram version 1: '

# Saved out of a replay.
go --record a.trace --until time:2
run "$reprise" replay a.trace --to 1 --save r.snap
go --load r.snap --until time:3 --hash
expect "out of a replay" cmp -s .out whole

# Damage, and what is no snapshot.
loads() {
    go --load "$2" --until time:3
    [ "$code" -eq 2 ] && grep -q -e "$1" .err
    result $? "$2: exit 2, '$1'"
}
size=$(wc -c <s.snap)
for at in 3 9 20 40 100 600 3000 $((size / 2)) $((size - 1)); do
    cp s.snap bad.snap
    byte=$(dd if=s.snap bs=1 skip=$at count=1 status=none | od -An -tu1)
    printf "\\$(printf %o $((byte ^ 16)))" | dd of=bad.snap bs=1 seek=$at conv=notrunc status=none
    loads 'damaged\|not a snapshot\|cut off' bad.snap
done
head -c $((size - 1)) s.snap >cut.snap
loads 'cut off' cut.snap
head -c 10 s.snap >cut.snap
loads 'not a snapshot' cut.snap
cp a.trace no.snap
loads 'not a snapshot' no.snap
loads 'No such file' none.snap
cp s.snap old.snap
go --save old.snap --until time:1 --screen-text no-such-folder/x
expect "what fails leaves the old file" cmp -s s.snap old.snap

# Disks by content; what was written is in the snapshot.
floppy boot.img
bootable boot.img
printf '\364\353\375' | dd of=boot.img conv=notrunc status=none
go boot.img --save d.snap --until time:1
expect "an image that could change is refused" [ "$code" -eq 1 ]
go -snapshot boot.img --save d.snap --until time:1
mv boot.img moved.img
loads 'neither the files named nor' d.snap
go --load d.snap moved.img --until time:2
expect "found by its content" [ "$code" -eq 0 ]

finish

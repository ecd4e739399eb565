#!/bin/sh
# Disks: which drive, what is written where, and what happens when it cannot be.
. "$top_srcdir/tests/ctl/lib.sh"

floppy a.img
floppy b.img 360
truncate -s 20M c.img
bootable c.img
truncate -s 4M d.img
byte() { od -An -tx1 -j "$2" -N 1 "$1" | tr -d ' '; }

# Which drive boots, and the geometry.
ends 0 a.img c.img --type 'tell\n' --until text:rtc --screen-text -
has .out 'boot acd'
has .out 'hda 40/16/63 rtc 820454400'
ends 0 c.img a.img --type 'tell\n' --until text:rtc --screen-text -
has .out 'boot cad'
ends 0 -boot d c.img --type 'tell\n' --until text:rtc --screen-text -
has .out 'boot dac'
ends 0 -chs 10,4,17 c.img --type 'tell\n' --until text:rtc --screen-text -
has .out 'hda 10/4/17'
ends 0 -hda d.img --type 'tell\n' --until text:rtc --screen-text -
has .out 'hda 8/16/63'
ends 0 -m 8 -cpu 486dx2-66 -rtc base=2001-02-03T04:05:06 --type 'tell\n' --until text:rtc --screen-text -
has .out 'ram 8 cpu 1 clock 200000000/3'
has .out 'rtc 981173106'
ends 0 -cpu p2 --type 'tell\n' --until text:rtc --screen-text -
has .out 'ram 32 cpu 4 clock 300000000/1'

# A third floppy waits beside drive A (here: disk 6 of the machine).
floppy third.img
ends 0 a.img b.img third.img --type 'read 6\n' --until text:'read other'

# A CD-ROM: its content tells, its drive boots; it is read only and shared.
truncate -s 64K cd.iso
printf 'CD001' | dd of=cd.iso bs=1 seek=32769 conv=notrunc status=none
cp cd.iso cd2.iso
ends 0 cd.iso a.img --type 'tell\n' --until text:rtc --screen-text -
has .out 'boot dac'
ends 0 -cdrom cd.iso c.img --type 'tell\n' --until text:rtc --screen-text -
has .out 'boot cad'
ends 0 -cdrom cd.iso --type 'tell\n' --until text:rtc --screen-text -
has .out 'boot acd'
ends 0 cd.iso --type 'write 14\n' --until text:'write protected'
ends 0 cd.iso cd2.iso --type 'read 15\n' --until text:'read other'
"$fake" cd.iso >/dev/null 2>&1 &
other=$!
sleep 0.2
ends 0 cd.iso --until time:0.1
ends 0 -cdrom cd.iso --until time:0.1
kill $other
wait $other

# Configuration: the command line wins.
printf '# test\n[machine]\nm = 4\ncpu = "386-33"\ntype = tell\\n\n' >my.conf
ends 0 --conf my.conf --until text:rtc --screen-text -
has .out 'ram 4 cpu 0 clock 100000000/3'
ends 0 -m 5 --set cpu=pentium --conf my.conf --until text:rtc --screen-text -
has .out 'ram 5 cpu 2 clock 400000000/3'

# Writes go into the file ...
ends 0 a.img --type 'write 0\noff\n'
expect "the write is in the image" [ "$(byte a.img 512)" = a5 ]
# ... but not with -snapshot, where others may read it too.
floppy s.img
sum=$(cksum <s.img)
ends 0 -snapshot s.img --type 'write 0\nflush 0\nread 0\n' --until text:'read a5'
expect "with -snapshot the image is as it was" [ "$(cksum <s.img)" = "$sum" ]
"$fake" -snapshot s.img >/dev/null 2>&1 &
other=$!
sleep 0.2
ends 0 -snapshot s.img --until time:0.1
ends 2 s.img --until time:0.1
has .err 'in use by another Reprise'
kill $other
wait $other

# A flush, a signal and a second of wall time each make a write durable.
floppy f.img
"$fake" f.img --type 'write 0\n' >/dev/null 2>&1 &
other=$!
n=0
while [ "$(byte f.img 512)" != a5 ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
expect "a running guest's write reaches the image in a while" [ "$(byte f.img 512)" = a5 ]
kill $other
wait $other
floppy f.img
run timeout -s TERM 1 "$fake" f.img --type 'write 0\n'
expect "a signal leaves the write in the image" [ "$(byte f.img 512)" = a5 ]

# A read-only file is a write-protected disk.
floppy r.img
chmod 444 r.img
ends 0 r.img --type 'write 0\n' --until text:'write protected'
ends 0 -snapshot r.img --type 'write 0\n' --until text:written

# The host cannot write: here, a limit on the size of files.  What was flushed
# before stays; the guest sees a drive error; the end says so.
floppy l.img
{
    (
        ulimit -f 0
        trap '' XFSZ
        timeout 20 "$fake" l.img --speed max --type 'write 0\nflush 0\n' \
            --until text:'drive error' --screen-text - --hash </dev/null
        echo "code $?"
    ) 2>&1
} | cat >.out
has .out '^code 5$'
has .out '^drive error$'
has .out "writing sector 1: File too large"
has .out 'what the guest wrote last is not in the image'
has .out '^[0-9a-f]*$'

# An image that becomes shorter while the guest runs.
floppy t.img
"$fake" -serial stdio -serial file:opened t.img --type 'later x\n' --wait x --type 'read 0\n' \
    --until text:'drive error' --timeout 20 >.out 2>.err </dev/null &
other=$!
while [ ! -e opened ]; do sleep 0.05; done # ports are opened after disks
truncate -s 512 t.img
wait $other
code=$?
expect "a sector that is gone is a drive error (code $code)" [ $code -eq 0 ]
has .err "became shorter"

finish

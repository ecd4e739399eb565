#!/bin/sh
# Recordings of the demo disk: replayed, cut off, changed.  With GUESTS, of a DOS
# that writes to its disk.  A TAP test.
. "$top_srcdir/tests/ctl/lib.sh"

go() {
    run "$reprise" --headless --speed max -rtc base=1996-01-01T00:00:00 "$@"
}

# replays CODE PATTERN ARG...: what a replay says.
replays() {
    want=$1 pattern=$2
    shift 2
    run "$reprise" replay "$@"
    [ "$code" -eq "$want" ] && { [ -z "$pattern" ] || grep -q -e "$pattern" .err; }
    result $? "replay $*: exit $want, '$pattern'"
    [ "$code" -eq "$want" ] || echo "# exit code $code"
}

go --record a.trace --checkpoint 1 --wait ready --type 'abcd{F1}' --until time:5 --hash
expect "a recording with steps" [ "$code" -eq 0 ]
cp .out hash
has a.trace '^@[0-9]* kbd key 4 1$'
expect "seven checkpoints at most" [ "$(grep -c ' check ' a.trace)" -ge 4 ]
replays 0 'verified: [56] checkpoints and 10 inputs' --verify --hash a.trace
expect "the replay ends in the same state" cmp -s .out hash
for speed in 4 20; do
    replays 0 'verified' --verify --speed $speed --to 2.5 a.trace
done
go --record b.trace --checkpoint 1 --wait ready --type 'abcd{F1}' --until time:5
expect "the same run gives the same text" cmp -s a.trace b.trace

# One changed key.
sed '0,/kbd key 4 1/s//kbd key 5 1/' a.trace >key.trace
replays 2 'line [0-9]*: the text before this checkpoint was changed' --verify key.trace
awk '/ check | end /{ next } { print }' key.trace >stripped.trace
replays 0 'cut off' stripped.trace
# Somebody who mends the seals: the machine tells what differs, where and when.
python3 "$top_srcdir/tests/machine/reseal.py" <a.trace >same.trace
expect "seals can be mended" cmp -s a.trace same.trace
python3 "$top_srcdir/tests/machine/reseal.py" <key.trace >mended.trace
replays 4 'differs from .mended.trace. at [0-9]*\.[0-9]* s: [a-z0-9.-]*: .* when recorded, .*now' --verify mended.trace
replays 4 'differs from .* instructions when recorded, now' mended.trace
replays 4 'differs' --verify --engine jit mended.trace
sed 's/^\(+cpu .*eip=\)[0-9a-f]*/\1123/; s/^\(+cpu\) [0-9a-f]*/\1 0123456789abcdef/' a.trace |
    python3 "$top_srcdir/tests/machine/reseal.py" >eip.trace
replays 4 's: cpu: .*eip=123 when recorded' --verify eip.trace
replays 0 'verified' --verify --from 9 eip.trace

# The trace is the same on the translator, whatever the wall clock does.
replays 0 'verified: [56] checkpoints' --verify --engine jit a.trace
replays 0 'verified: [56] checkpoints' --verify --engine jit --speed 30 a.trace

# Taken over where the trace ends, or before: then what follows is live.
go --wait ready --type 'abcd{F1}' --until time:6 --hash
cp .out hash6
replays 0 '' --then-live --until time:6 --hash a.trace
expect "alive after its end" cmp -s .out hash6
first=$(sed -n 's/^@\([0-9]*\) kbd key 4 1/\1/p' a.trace)
go --until time:6 --hash
cp .out hash6
replays 0 '' --to $((first / 1000000000)).$(printf %09d $((first % 1000000000 - 1))) --then-live --until time:6 --hash a.trace
expect "the rest of the trace is given up" cmp -s .out hash6

# The instruction at which something became so.
run "$reprise" bisect a.trace --until text:ready
expect "bisect finds a text" grep -q '^instruction [0-9]* at 0\.[0-9]* s$' .out
n=$(sed -n 's/instruction \([0-9]*\) .*/\1/p' .out)
replays 0 '' --until insns:$n --screen-text - a.trace
has .out ready
replays 0 '' --until insns:$((n - 1)) --screen-text - a.trace
lacks .out ready
run "$reprise" bisect a.trace --until mem:0x46c=0x20
n=$(sed -n 's/instruction \([0-9]*\) .*/\1/p' .out)
expect "and a byte of memory" [ -n "$n" ]
run "$reprise" bisect --engine jit a.trace --until mem:0x46c=0x20
expect "... on both engines" grep -q "instruction $n " .out
run "$reprise" bisect a.trace --until text:zork
expect "what never comes is said to" [ "$code" -eq 3 ]

# A section's hash, as the trace has it: it comes once the last key is up.
keyboard=$(sed -n 's/^+ps2-keyboard \([0-9a-f]*\).*/\1/p' a.trace | tail -1)
run "$reprise" bisect a.trace --until hash:ps2-keyboard=$keyboard
expect "and a hash" grep -q '^instruction [0-9]* at ' .out
n=$(sed -n 's/instruction \([0-9]*\) .*/\1/p' .out)
run "$reprise" bisect --engine jit a.trace --until "hash:ps2-keyboard=$keyboard"
expect "... on both engines" grep -q "instruction $n " .out
run "$reprise" bisect a.trace --until 'hash:ps2-keyboard!=0123456789abcdef'
expect "one that was never there is no news" [ "$code" -eq 3 ]
run "$reprise" bisect a.trace --until hash:ps2-keybord=0123456789abcdef
expect "an unknown section is named" [ "$code" -eq 1 ]
has .err "no section 'ps2-keybord'; the nearest is 'ps2-keyboard'"

# Where two recordings part: at the key that is another one.
at=$(sed -n 's/^@\([0-9]*\) kbd key 4 1/\1/p' a.trace)
run "$reprise" bisect a.trace mended.trace
expect "bisect of two traces" [ "$code" -eq 0 ]
found=$(sed -n 's/^instruction [0-9]* at \([0-9.]*\) s$/\1/p' .out)
expect "... finds the key" [ $((1$(echo "$found" | tr -d .) - 1$(printf %010d "$at"))) -lt 1000 ]
has .out "^ps2-keyboard: .* in 'a.trace', .* in 'mended.trace'$"
run "$reprise" bisect --engine interp mended.trace a.trace
has .out "^instruction [0-9]* at $found s$"
run "$reprise" bisect a.trace b.trace
expect "the same to their end" [ "$code" -eq 3 ]
has .err 'the same up to 5.000000000 s, the end of both'
go --record other.trace -m 16 --until time:1
run "$reprise" bisect a.trace other.trace
expect "two machines are not compared" [ "$code" -eq 2 ]
has .err 'another machine'
run "$reprise" bisect a.trace b.trace --until time:3
expect "two traces take no steps" [ "$code" -eq 1 ]

# Somebody who goes back while it is recorded: the trace is cut there, and goes on.
for seed in 1 2 3; do
    run "$top_builddir/tests/ctl/rewind_record" $seed --no-conf --headless --speed max --timeout 60 \
        -rtc base=1996-01-01T00:00:00 --record back.trace --checkpoint 0.3 --hash
    has .err '[0-9][0-9] times back'
    cp .out hash
    replays 0 'verified' --verify --hash back.trace
    expect "the replay ends where it ended" cmp -s .out hash
done

# The last line of a killed recording is not whole.
for cut in 1 17 300 2000; do
    head -c -$cut a.trace >cut.trace
    replays 0 'verified' --verify cut.trace
    has .err 'was cut off'
done
head -c 300 a.trace >cut.trace
replays 2 'ends in its header' cut.trace
sed 's/^timing .*/timing 999/' a.trace >timing.trace
replays 2 'timing 999, this Reprise has' timing.trace
sed 's/^rom bios 65536 ./rom bios 65536 x/' a.trace >rom.trace
replays 2 'is not in this build, and .* is missing' rom.trace
sed 's/^reprise-trace 1/reprise-trace 2/' a.trace >format.trace
replays 2 'format 2; this Reprise reads format 1' format.trace

# The instructions and not the time end the run; the guest does.
go --record insns.trace --until insns:3000001
replays 0 'verified' --verify insns.trace
go --record off.trace --checkpoint 0 --wait ready --type o --until poweroff
expect "the guest switches itself off" [ "$code" -eq 0 ]
replays 0 'verified: 1 checkpoints' --verify off.trace

# Killed in the middle.
timeout -s KILL 2 "$reprise" --headless --speed 1 --record kill.trace --checkpoint 0.1 2>.err
expect "some checkpoints were written" [ "$(grep -c ' check ' kill.trace)" -ge 3 ]
replays 0 'cut off' --verify kill.trace

# Another system BIOS: its content lies beside the trace.
bios=$(ls bios-*.rom)
cp "$bios" other.rom
printf '\125' | dd of=other.rom bs=1 seek=60000 conv=notrunc status=none
go -bios other.rom --record rom.trace --until time:1
rm other.rom
replays 0 'verified' --verify rom.trace
other=$(ls bios-*.rom | grep -v "$bios")
printf 'x' | dd of="$other" bs=1 seek=100 conv=notrunc status=none
replays 2 "is damaged" --verify rom.trace

# A disk is found by its content.
floppy boot.img
"$reprise" --version >/dev/null
bootable boot.img
printf '\364\353\375' | dd of=boot.img conv=notrunc status=none
go -snapshot boot.img --record disk.trace --until time:1
replays 0 'verified' --verify disk.trace
mv boot.img moved.img
replays 2 'neither the files named nor' disk.trace
floppy other.img
replays 0 'verified' --verify disk.trace other.img moved.img
printf 'x' | dd of=moved.img bs=1 seek=4000 conv=notrunc status=none
replays 2 'neither the files named nor' disk.trace moved.img

finish

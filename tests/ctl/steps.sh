#!/bin/sh
# Steps, ends and results, with the machine made for tests.
. "$top_srcdir/tests/ctl/lib.sh"

# One after another.
ends 0 --wait 'A:\>' --type 'ver\n' --until text:'FakeDOS 1.0' --screen-text -
has .out '^FakeDOS 1.0$'
expect "the screen has 25 rows, blanks cut" [ "$(wc -l <.out)" -eq 25 ]
lacks .out ' $'
ends 0 --type 'cls\nver\n' --wait FakeDOS --type 'tell\n' --until text:'hda' --screen-text -
has .out '^keys 20 ms held 20 ms ring 1'

# Text that was there before a step does not count for it.
ends 0 --wait 'A:\>' --wait 'A:\>' --until time:2 --stats
has .err "the end came before --wait 'A:.>' was done"
has .out '"vtime":2.000000000,'
ends 0 --wait 'A:\>' --type 'ver\n' --wait FakeDOS --type 'ver\n' --wait FakeDOS --until time:2
lacks .err 'end came'
ends 0 --type 'x' --wait 'A:\>x' --type 'y' --until text:xy

# Typing waits for room in the ring: 'later' does not read keys for half a second.
# No key stays down meanwhile, or the keyboard would repeat it.
ends 0 --type 'later 1\naaaaaaaaaaaaaaaaaaaaaaaaa\ntell\n' --until text:rtc --screen-text -
has .out 'keys 20 ms held 20 ms ring 7'
has .out 'aaaaaaaaaaaaaaaaaaaaaaaaa$'
ends 0 --type 'Say {{x}} "A_b|c"\tZ{Shift+a}{Space}\\' --until text:'Say {x}} "A_b|c"' --screen-text -
has .out 'ZA \\$'

# Conditions.
ends 0 --type 'later now\n' --until serial:no --until text:now
ends 0 --type 'say hello world\n' --until serial:'o wor'
ends 0 --type 'say aab\n' --wait 'A:\>' --type 'say aaab\n' --until serial:aaab
ends 0 --until insns:123457 --stats
has .out '"instructions":123457,'
ends 0 --type 'ver\n' --until insns:60001 --stats
has .out '"instructions":60001,'
ends 0 --until time:0.0123 --stats
has .out '"vtime":0.012300000,'
ends 0 --until time:0 --stats
has .out '"instructions":0,'
ends 0 --until time:0.5 --type 'ver\n' --until text:FakeDOS --stats
has .out '"vtime":0.[67]'

# Ends.
ends 0 --type 'off\n'
ends 0 --type 'off\n' --until poweroff
ends 3 --type 'off\n' --until text:never
has .err "power off before --until 'text:never' was done"
ends 3 --type 'halt stopped\n'
has .err 'HLT with interrupts off'
ends 0 --type 'halt stopped\n' --until text:stopped
ends 3 --type 'halt\n' --until time:60
ends 3 -no-reboot --type 'reset\n' --until text:never
has .err 'the guest reset the machine'
ends 0 --type 'reset\noff\n'
ends 0 --test-ports --type 'exit 0\n'
ends 69 --test-ports --type 'exit 5\n'
ends 65 --test-ports --type 'exit 129\n'
ends 124 --timeout 0.2
has .err -- '--timeout'

# Results, in this order, on every end.
ends 3 --type 'say serial-first\nhalt\n' -serial stdio --hash --stats --screen-text - --screenshot s.png
expect "serial bytes come first" [ "$(head -1 .out)" = serial-first ]
expect "then the screen, the hash and the statistics" \
    awk 'NR == 2 && !/FakeBIOS/ || NR == 27 && (length != 16 || /[^0-9a-f]/) || NR == 28 && !/^\{.*\}$/ || NR > 28 { exit 1 }
         END { exit NR != 28 }' .out
expect "statistics are JSON" python3 -c 'import json; s = json.loads(open(".out").readlines()[-1]); assert s["exits"]["halted"] >= 1 and s["blocks"] == 0'
expect "the picture is a PNG" sh -c 'head -c 8 s.png | od -An -tx1 | grep -q "89 50 4e 47 0d 0a 1a 0a"'
expect "no temporary file stays" [ -z "$(ls | grep -v '^s.png$')" ]
ends 0 --type 'gfx\n' --until time:1 --screen-text text
expect "a graphics mode has no text" [ "$(cat text)" = '[graphics 320x200x8]' ]
ends 5 --until time:0.1 --screen-text /dev/full --hash
expect "the hash comes all the same" grep -q '^[0-9a-f]\{16\}$' .out

# The same at every speed, and each time.
steps='--type ver\nsay{Space}hi\n --wait A:\> --type say{Space}ho\n --until serial:ho --hash'
ends 0 $steps
cp .out first
ends 0 $steps --speed 7.5
expect "the hash is the same at 7.5 times the speed" cmp -s .out first
ends 0 $steps --speed real
expect "the hash is the same at real speed" cmp -s .out first
ends 3 --type 'halt\n' --hash
cp .out first
ends 3 --type 'halt\n' --hash --speed real
expect "a halt has the same hash at real speed" cmp -s .out first

# Real speed takes real time.
start=$(date +%s%N)
ends 0 --speed real --until time:0.5
took=$(( ($(date +%s%N) - start) / 1000000 ))
expect "half a second takes half a second ($took ms)" [ $took -ge 500 ]

# Signals.
for sig in INT:130 TERM:143; do
    rm -f up
    "$fake" -serial stdio -serial file:up --screen-text text </dev/null >.out 2>.err &
    pid=$!
    while [ ! -e up ]; do sleep 0.05; done # the ports are open; signals are caught soon after
    sleep 1
    kill -${sig%:*} $pid
    wait $pid
    code=$?
    expect "SIG${sig%:*} ends with ${sig#*:}, results written" [ $code = "${sig#*:}" -a -s text ]
    rm -f text
done

finish

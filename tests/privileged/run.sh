#!/bin/sh
# Boots the privileged tests on each model with each engine and passes their TAP
# on, one case of ours for each of the image's; both engines reach the same state.
set -u
reprise=$top_builddir/reprise
image=$top_builddir/tests/privileged/privtest.img
out=$top_builddir/tests/privileged/privtest.out
count=0

[ -x "$reprise" ] || { echo "1..0 # SKIP no emulator in this build"; exit 0; }

# $1 model, $2 engine: sets status and hash, leaves the image's TAP in $out.
boot() {
    rm -f "$out"
    hash=$("$reprise" --no-conf --headless --test-ports --speed max --timeout 120 -snapshot --engine "$2" -cpu "$1" \
        -serial "file:$out" -fda "$image" -boot a -rtc base=1996-01-01T00:00:00 --hash 2>/dev/null </dev/null)
    status=$?
}

# $1 0 or not, $2 the case, $3 more of what failed
result() {
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2$3"; fi
}

engines=interp
"$reprise" --no-conf --engine jit --headless --until time:0 "$image" >/dev/null 2>&1 && engines="interp jit"
for model in 386 486 pentium pentium-mmx p2; do
    for engine in $engines; do
        boot "$model" "$engine"
        tr -d '\r' <"$out" | sed -n -e "s/^\(not \)*ok [0-9]* - /\1@ $model, $engine: /p" -e '/^#/p' -e '/^Bail/p' |
            awk -v n="$count" '{ if (sub(/@/, "ok " n + 1 " -")) n++; print }'
        count=$((count + $(grep -c '^\(not \)*ok ' "$out")))
        [ "$status" -eq 0 ] && grep -q '^1\.\.[1-9]' "$out"
        result $? "$model, $engine: the image ran to its end" \
            " but with $status: $reprise --headless --test-ports --engine $engine -cpu $model -serial stdio -snapshot -fda $image -boot a"
        [ "$engine" = jit ] || wanted=$hash
    done
    if [ "$engines" = interp ]; then
        result 0 "$model: both engines, one hash # SKIP no translator in this build"
    else
        [ -n "$hash" ] && [ "$hash" = "$wanted" ]
        result $? "$model: both engines, one hash" " but interp has $wanted, jit $hash"
    fi
done
echo "1..$count"

#!/bin/sh
# Boots the privileged tests on each model and passes their TAP on, one case of
# ours for each of the image's.  `run.sh MODEL` shows one run as it is.
set -u
reprise=$top_builddir/reprise
image=$top_builddir/tests/privileged/privtest.img
out=$top_builddir/tests/privileged/privtest.out
count=0

[ -x "$reprise" ] || { echo "1..0 # SKIP no emulator in this build"; exit 0; }
for model in 386 486 pentium pentium-mmx p2; do
    rm -f "$out"
    "$reprise" --headless --test-ports --speed max --timeout 120 -snapshot -cpu "$model" \
        -serial "file:$out" -fda "$image" -boot a >/dev/null 2>&1 </dev/null
    status=$?
    tr -d '\r' <"$out" | sed -n -e "s/^\(not \)*ok [0-9]* - /\1@ $model: /p" -e '/^#/p' -e '/^Bail/p' |
        awk -v n="$count" '{ if (sub(/@/, "ok " n + 1 " -")) n++; print }'
    count=$((count + $(grep -c '^\(not \)*ok ' "$out")))
    count=$((count + 1))
    if [ "$status" -eq 0 ] && grep -q '^1\.\.[1-9]' "$out"; then
        echo "ok $count - $model: the image ran to its end"
    else
        echo "not ok $count - $model: ended with $status: $reprise --headless --test-ports -cpu $model" \
            "-serial stdio -snapshot -fda $image -boot a"
    fi
done
echo "1..$count"

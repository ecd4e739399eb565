#!/bin/sh
# Each fuzz target for half an hour, as many at once as there are processors.
# With a build made by `configure CC=clang --enable-fuzz --enable-sanitize`;
# others skip.
set -u
seconds=${FUZZ_SECONDS:-1800}
jobs=${FUZZ_JOBS:-$(nproc)}
any=
running=0

# One target, in the background: leaves NAME.done, or NAME.log to look at.
fuzz() {
    mkdir -p "$SOAK_DIR/$1"
    (cd "$SOAK_DIR" && "$2" -max_total_time="$seconds" -print_final_stats=1 "$1" > "$1.log" 2>&1 && touch "$1.done") &
}

for target in "$top_builddir"/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    if ! "$target" -help=1 2>&1 | grep -q max_total_time; then
        echo "fuzz: $name: skipped, not a libFuzzer program"
        continue
    fi
    any="$any $name"
    [ ! -e "$SOAK_DIR/$name.done" ] || continue
    fuzz "$name" "$target"
    running=$((running + 1))
    if [ "$running" -ge "$jobs" ]; then
        wait
        running=0
    fi
done
wait
if [ -z "$any" ]; then
    echo "fuzz: no libFuzzer programs in this build"
    exit 77
fi
rc=0
for name in $any; do
    if [ -e "$SOAK_DIR/$name.done" ]; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$SOAK_DIR/$name.log")
        echo "fuzz: $name: $seconds s, $runs inputs without a finding"
    else
        echo "fuzz: $name: a finding, see $SOAK_DIR/$name.log"
        rc=1
    fi
done
exit $rc

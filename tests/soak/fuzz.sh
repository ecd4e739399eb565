#!/bin/sh
# Each fuzz target for ten minutes.  With a build made by
# `configure CC=clang --enable-fuzz --enable-sanitize`; others skip.
set -u
seconds=${FUZZ_SECONDS:-600}
any=

for target in "$top_builddir"/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    if ! "$target" -help=1 2>&1 | grep -q max_total_time; then
        echo "fuzz: $name: skipped, not a libFuzzer program"
        continue
    fi
    any=1
    [ ! -e "$SOAK_DIR/$name.done" ] || continue
    mkdir -p "$SOAK_DIR/$name"
    (cd "$SOAK_DIR" && "$target" -max_total_time="$seconds" -print_final_stats=1 "$name" > "$name.log" 2>&1) || {
        echo "fuzz: $name: a finding, see $SOAK_DIR/$name.log"
        exit 1
    }
    touch "$SOAK_DIR/$name.done"
    echo "fuzz: $name: $seconds s without a finding"
done
if [ -z "$any" ]; then
    echo "fuzz: no libFuzzer programs in this build"
    exit 77
fi

#!/bin/sh
# The translator's coverage table: random programs on both engines until each
# row, operand, mode and outcome that can be has run; a cell that has not is
# named, and is an error.  COVER_SEED: another seed than the usual one.
set -u
coverage=$top_builddir/tests/jit/coverage

if [ ! -x "$coverage" ]; then
    echo "coverage: no translator in this build"
    exit 77
fi
"$coverage" ${COVER_SEED:+--seed "$COVER_SEED"} > "$SOAK_DIR/coverage.log" 2>&1
rc=$?
grep -E '^(missing|not absent|ok|not ok)' "$SOAK_DIR/coverage.log" || cat "$SOAK_DIR/coverage.log"
[ "$rc" -eq 0 ] || echo "coverage: the table, or the difference, is in $SOAK_DIR/coverage.log"
exit "$rc"

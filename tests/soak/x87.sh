#!/bin/sh
# A million operations of each exactly defined x87 instruction in each of twelve
# modes against the host's x87, and a million of each transcendental against
# 113-bit arithmetic: tests/cpu/x87_soak.c, x87_trans.c.  Goes on where it was cut off.
set -u
count=${X87_COUNT:-1000000}
cpu=$top_builddir/tests/cpu

if [ ! -x "$cpu/x87_soak" ]; then
    echo "x87: only on an x86-64 host"
    exit 77
fi
"$cpu/x87_soak" --count "$count" --state "$SOAK_DIR/x87.state" >> "$SOAK_DIR/x87.log" || {
    tail -5 "$SOAK_DIR/x87.log"
    exit 1
}
tail -1 "$SOAK_DIR/x87.log"
if [ ! -x "$cpu/x87_trans" ]; then
    echo "x87: no libquadmath: the transcendentals are not checked"
    exit 0
fi
"$cpu/x87_trans" --count "$count" > "$SOAK_DIR/x87_trans.log"
rc=$?
grep '^#' "$SOAK_DIR/x87_trans.log"
exit $rc

#!/bin/sh
# 100 million random instructions of 16- and of 32-bit code on interpreter,
# translator and the host's processor: tests/cpu/oracle.c.  Cut off, it goes on
# from its --state file, unless that is another judge's.
set -u
insns=${ORACLE_INSNS:-100000000}
oracle=$top_builddir/tests/cpu/oracle

if [ ! -x "$oracle" ]; then
    echo "oracle: only on an x86-64 host"
    exit 77
fi
"$oracle" --insns "$insns" --state "$SOAK_DIR/oracle.state" > "$SOAK_DIR/oracle.log" || {
    cat "$SOAK_DIR/oracle.log"
    exit 1
}
grep -v '^1\.\.' "$SOAK_DIR/oracle.log"
grep -q '^ok [12].*SKIP' "$SOAK_DIR/oracle.log" && exit 77
exit 0

#!/bin/sh
# Overlays: 10,000 crash points in the log, 1,000 kills of a machine that writes.
set -u
cd "$top_builddir" || exit 1
OVERLAY_CRASHES=${CRASHES:-10000} tests/host/test_overlay >"$SOAK_DIR/overlay.crashes" || {
    cat "$SOAK_DIR/overlay.crashes"
    exit 1
}
KILLS=${KILLS:-1000} "$top_srcdir/tests/machine/overlay.sh" >"$SOAK_DIR/overlay.kills"
rc=$?
grep -e '^not ok' -e '^#' -e ' kills, ' "$SOAK_DIR/overlay.kills"
exit $rc

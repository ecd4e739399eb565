#!/bin/sh
# Debian's i386 Linux as the judge of the processor: MADE names a folder with
# what tests/guests/make-linux.sh makes (default: ../shared/guests/made beside
# the sources).
#
#   models that its kernel refuses are refused, in its words
#   the probe's disk boots, tests the processor and says OK
#   the judge (tests/guests/judge*.c) prints in the guest what it prints here
#   the installer reaches its first dialog
#
# The judge needs a compiler for static 32-bit programs (gcc-multilib), cpio,
# mtools and syslinux.
set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
made=${MADE:-$guests/made}
tools=$top_srcdir/tests/guests

if [ ! -f "$made/probe.img" ]; then
    echo "linux: skipped, no $made/probe.img (set MADE; tests/guests/make-linux.sh makes it)"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
    echo "linux: $1"
    tail -n 60 "$work/serial" "$work/screen" | grep -v '^ *$'
    exit 1
}

run() {
    rm -f "$work/serial" "$work/screen"
    "$reprise" --no-conf --headless --speed max -snapshot -rtc base=2026-11-24T00:00:00 --timeout "${SOAK_TIMEOUT:-3600}" \
        -serial "file:$work/serial" --screen-text "$work/screen" "$@"
}

# $1 the model, then the rows that the kernel's start-up code shows.
refused() {
    model=$1
    shift
    run -cpu "$model" -m 64 --until 'text:Unable to boot - please use a kernel appropriate for your CPU' --until time:60 \
        "$made/probe.img" || fail "no run on $model"
    for row; do
        sed 's/ *$//' "$work/screen" | grep -qxF "$row" || fail "$model isn't refused by: $row"
    done
    echo "linux: refused on $model: $1"
}
refused 386 'This kernel requires an i586 CPU, but only detected an i386 CPU.'
refused 486 'This kernel requires an i586 CPU, but only detected an i486 CPU.'
refused pentium 'This kernel requires the following features not present on the CPU:' cmov

run -cpu p2 -m 64 --until 'serial:PROBE-DONE cpu=' "$made/probe.img" && grep -q 'PROBE-DONE cpu=OK' "$work/serial" ||
    fail "the probe doesn't say cpu=OK"
echo "linux: probe: $(tr -d '\r' < "$work/serial" | grep PROBE-DONE)"

# Code that is the same in the guest and here: no SSE, no choice by CPUID but glibc's.
if ! ${CC32:-gcc -m32} -static -no-pie -fno-pie -O2 -std=gnu17 -march=i686 -mno-sse -mfpmath=387 -fwrapv -fno-strict-aliasing \
    -fcf-protection=none -Wall -Wextra -o "$work/judge" "$tools"/judge*.c -lm; then
    echo "linux: judge: skipped, no static 32-bit programs here (package gcc-multilib, or set CC32)"
elif ! "$work/judge" list > "$work/list"; then
    echo "linux: judge: skipped, this host doesn't run 32-bit programs"
else
    "$tools/judge-disk.sh" "$work/judge.img" "$made/probe.vmlinuz" "$made/probe.initrd" "$work/judge" || fail "no disk for the judge"
    run -cpu p2 -m 64 --until 'serial:JUDGE-DONE failures=' --until time:900 "$work/judge.img" || fail "no run of the judge"
    tr -d '\r' < "$work/serial" | grep -E '^(ok|not ok|# )'
    grep -q 'JUDGE-DONE failures=0' "$work/serial" || fail "the judge found differences"
fi

if [ ! -f "$made/installer.img" ]; then
    echo "linux: installer: skipped, no $made/installer.img"
else
    # With 256 MiB its first dialog says that this is not much.
    run -cpu p2 -m 256 --until 'serial:<Continue>' --until time:300 "$made/installer.img" || fail "no run of the installer"
    grep -q 'Low memory' "$work/serial" || fail "the installer shows no dialog"
    echo "linux: installer: its first dialog"
fi

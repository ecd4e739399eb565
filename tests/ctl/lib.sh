# Helpers of the shell tests: TAP, a scratch folder, and runs of the program.
# Sourced; $top_builddir and $top_srcdir come from make.

set -u
work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-test.XXXXXX") || exit 99
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 99
fake=$top_builddir/tests/ctl/reprise-fake
# Errors of the command line come from the program itself where it is built.
reprise=$top_builddir/reprise
[ -x "$reprise" ] || reprise=$fake
count=0
failed=0

# result RC TEXT: one TAP line; on failure shows what the program said.
result() {
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        printf 'ok %s - %s\n' "$count" "$2"
    else
        printf 'not ok %s - %s\n' "$count" "$2"
        failed=1
        for file in out err; do
            [ -s "$work/.$file" ] && sed "s/^/# $file: /" "$work/.$file" | head -30
        done
    fi
}

# run PROGRAM ARG...: standard output in .out, standard error in .err, code in $code.
run() {
    timeout 120 "$@" >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
}

# refuses CODE PATTERN ARG...: one line that fits, this code, nothing written.
refuses() {
    want=$1 pattern=$2
    shift 2
    ls -lR --full-time . >"$work/.before"
    run "$reprise" "$@"
    ls -lR --full-time . >"$work/.after"
    [ "$code" -eq "$want" ] && [ ! -s .out ] && [ "$(wc -l <.err)" -eq 1 ] &&
        grep -q "^reprise: " .err && grep -q -e "$pattern" .err && cmp -s .before .after
    result $? "reprise $*: exit $want, '$pattern'"
    [ "$code" -eq "$want" ] || echo "# exit code $code"
}

# ends CODE ARG...: the machine made for tests, at full speed.
ends() {
    want=$1
    shift
    run "$fake" --speed max "$@"
    [ "$code" -eq "$want" ]
    rc=$?
    result $rc "$*: exit $want"
    [ $rc -eq 0 ] || echo "# exit code $code"
}

# has FILE PATTERN: the last run's output, or a file, has such a line.
has() {
    grep -q -e "$2" "$1"
    result $? "... $1 has '$2'"
}

lacks() {
    ! grep -q -e "$2" "$1"
    result $? "... $1 lacks '$2'"
}

# expect TEXT COMMAND...: a condition of the shell.
expect() {
    text=$1
    shift
    "$@"
    result $? "$text"
}

# floppy FILE [KIB]: a blank floppy image.
floppy() {
    truncate -s "${2:-1440}K" "$1"
}

# sector FILE: puts 55 AA at the end of the first sector.
bootable() {
    printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
}

finish() {
    echo "1..$count"
    exit $failed
}

#!/bin/sh
# Old software on the real program, as tests for 'reprise test': guests/*.test.
# The images are not part of the project: GUESTS names their folder (default:
# ../shared/guests beside the sources), MADE one with what its tools make.
# A test whose image is not there is skipped.
set -u
guests=${GUESTS:-$top_srcdir/../shared/guests}
made=${MADE:-$guests/made}

if ! [ -d "$guests" ]; then
    echo "1..0 # SKIP no images of guests (set GUESTS)"
    exit 0
fi
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
for name in $(sed -n 's/^machine.* \([^ ]*\)\.img$/\1/p' "$top_srcdir"/tests/machine/guests/*.test | sort -u); do
    for folder in floppy hd; do
        [ -f "$guests/$folder/$name.img.xz" ] && xz -dc "$guests/$folder/$name.img.xz" >"$work/$name.img"
    done
done
"$top_builddir/reprise" test --skip-missing --timeout 300 --images "$made" --images "$work" \
    "$top_srcdir/tests/machine/guests"

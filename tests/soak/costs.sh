#!/bin/sh
# What the time machine costs, against what was asked: see costs.py.  For a
# quiet host.  Needs GUESTS, a folder with the images of the guests' collection.
set -u
guests=${GUESTS:-$top_srcdir/../shared/guests}

if [ ! -d "$guests/hd" ]; then
    echo "costs: skipped, no images in $guests (set GUESTS)"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
TMPDIR=$work python3 "$top_srcdir/tests/soak/costs.py" "$top_builddir" "$guests"

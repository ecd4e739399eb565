#!/bin/sh
# Every header compiles alone.  A TAP test, one line a header.
set -u
srcdir=${top_srcdir:-.}
builddir=${top_builddir:-.}
headers=$(cd "$srcdir" && find src tests/support images -name '*.h' ! -path 'src/bios/*' ! -path 'images/demo/*' \
    | LC_ALL=C sort)

echo "1..$(echo "$headers" | wc -l)"
n=0
for header in $headers; do
    n=$((n + 1))
    if printf '#include "config.h"\n#include "%s"\n' "$srcdir/$header" |
        ${CC:-cc} -std=gnu17 -fsyntax-only -Wall -x c -I"$srcdir/src" -I"$srcdir/tests" -I"$srcdir" \
            -I"$builddir" ${CHECK_CFLAGS-} - 2> "$builddir/check-headers.err"; then
        echo "ok $n - $header"
    else
        sed 's/^/# /' "$builddir/check-headers.err"
        echo "not ok $n - $header"
    fi
done
rm -f "$builddir/check-headers.err"

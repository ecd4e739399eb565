#!/bin/sh
# --list-blocks: the demo disk's translated code, most executed first.
. "$top_srcdir/tests/ctl/lib.sh"

run "$reprise" --no-conf --headless --speed max --until time:1 --list-blocks blocks
if grep -q 'no capstone' .err || ! grep -q 'x86_64' "$top_builddir/config.log"; then
    echo "1..0 # SKIP no capstone, or no translator for this host"
    exit 0
fi
expect "a second of the demo disk is listed" [ "$code" -eq 0 -a -s blocks ]
has blocks '^block 1: at 00[0-9A-F]*h in memory, EIP 00[0-9A-F]*h, 16 bits, executed [1-9][0-9]* times$'
has blocks '^  [0-9A-F]\{8\}  mov .* mov '
has blocks '^  (by the interpreter [1-9][0-9]* times)$'
sed -n 's/.*executed \([0-9]*\) times/\1/p' blocks >counts
expect "counts fall" sort -rnc counts
refuses 2 "list-blocks: " --list-blocks no/blocks
"$reprise" --no-conf --headless --speed max --until time:1 --hash >with 2>&1
"$reprise" --no-conf --headless --speed max --until time:1 --hash --list-blocks blocks >without 2>&1
expect "counting is not seen by the guest" cmp -s with without

finish

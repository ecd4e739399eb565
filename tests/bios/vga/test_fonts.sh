#!/bin/sh
# The fonts as the ROM gets them: 256 glyphs, blocks that fill their half, and
# frames whose arms end on the cell's edge where a neighbour's arm begins.
set -u
fonts=$top_builddir/src/bios/vga

echo 1..3
n=0
for height in 8 14 16; do
    n=$((n + 1))
    awk -v height="$height" '
    function bad(what) {
        printf "# 8x%d glyph %02X: %s\n", height, code, what
        failures++
    }
    # Column `x` of glyph `c` as a number, one bit a line.
    function column(c, x,    y, val) {
        val = 0
        for (y = 0; y < height; y++)
            val = val * 2 + int(row[c, y] / 2 ^ (7 - x)) % 2
        return val
    }
    # An arm has the weight of the plain line it continues, or is absent.
    function arm(what, got, weight, single, double) {
        if (got != (weight == 0 ? 0 : weight == 1 ? single : double))
            bad(what " does not join")
    }
    function frame(c, arms) {
        code = c
        arm("upper arm", row[c, 0], substr(arms, 1, 1), row[179, 0], row[186, 0])
        arm("lower arm", row[c, height - 1], substr(arms, 2, 1),
            row[179, height - 1], row[186, height - 1])
        arm("left arm", column(c, 0), substr(arms, 3, 1), column(196, 0), column(205, 0))
        arm("right arm", column(c, 7), substr(arms, 4, 1), column(196, 7), column(205, 7))
    }
    function fill(c, first, last, left, right,    y) {
        code = c
        for (y = 0; y < height; y++)
            if (row[c, y] != (y < height / 2 ? first : last) * (left * 240 + right * 15))
                bad("block is not exact in line " y)
    }
    {
        if (split($2, line, ",") != height)
            bad("lines of glyph " NR - 1)
        for (i = 1; i <= height; i++)
            row[NR - 1, i - 1] = line[i]
    }
    END {
        if (NR != 256)
            bad("glyphs: " NR)
        if (row[179, 0] == 0 || row[179, 0] == row[186, 0] || column(196, 0) == 0 ||
            column(196, 0) == column(205, 0))
            bad("plain lines are missing or alike")
        # B3 to DA: weights of the arms up, down, left, right.
        n = split("1100 1110 1120 2210 0210 0120 2220 2200 0220 2020 2010 1020 0110 " \
            "1001 1011 0111 1101 0011 1111 1102 2201 2002 0202 2022 0222 2202 0022 2222 1022 " \
            "2011 0122 0211 2001 1002 0102 0201 2211 1122 1010 0101", arms, " ")
        for (i = 1; i <= n; i++)
            frame(178 + i, arms[i])
        fill(219, 1, 1, 1, 1)
        fill(220, 0, 1, 1, 1)
        fill(221, 1, 1, 1, 0)
        fill(222, 1, 1, 0, 1)
        fill(223, 1, 0, 1, 1)
        fill(32, 0, 0, 1, 1)
        exit failures > 0
    }' "$fonts/font8x$height.inc" && echo "ok $n - 8x$height" || echo "not ok $n - 8x$height"
done

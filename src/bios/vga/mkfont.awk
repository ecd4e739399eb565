# Turn a font picture (font*.txt) into .byte lines for the GNU assembler.
#
# usage: awk -v height=N [-v skip=N] [-v count=N] -f mkfont.awk FONT.txt
# height: lines of a glyph in the picture; skip: leave out that many lines at
# the top and at the bottom; count: the first so many glyphs only (256).

function fail(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    failed = 1
    exit 1
}

function dots(picture,    i, val) {
    if (length(picture) != 8 || picture ~ /[^.#]/)
        fail("not a line of eight dots: " picture)
    for (i = 1; i <= 8; i++)
        val = val * 2 + (substr(picture, i, 1) == "#")
    return val
}

BEGIN {
    if (count == "")
        count = 256
    line = height
}

/^#( |$)/ || NF == 0 { next }

line == height {
    for (i = 1; i <= 8; i++)
        if ($i != sprintf("%02X", glyphs + i - 1))
            fail("codes out of order")
    line = 0
    next
}

{
    if (NF != 8)
        fail("not eight glyphs side by side")
    for (i = 0; i < 8; i++)
        row[glyphs + i, line] = dots($(i + 1))
    if (++line == height)
        glyphs += 8
}

END {
    if (failed)
        exit 1
    if (glyphs != 256 || line != height)
        fail("glyphs are missing")
    for (i = 0; i < count; i++) {
        printf "        .byte   "
        for (y = skip; y < height - skip; y++)
            printf "%s%d", (y > skip ? "," : ""), row[i, y]
        printf " /* %02X */\n", i
    }
}

/*
 * VGA pictures: text read off the screen, pixels, and whole pictures by hash.
 *
 * Each picture was looked at before its hash went in.  To look again, name a
 * folder in VGA_PICTURES: the program writes NAME.ppm there.
 */
#include "config.h"

#include "support/suite.h"
#include "vga_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/xxh64.h"

enum { A000 = 0xa0000, B800 = 0xb8000, SEQ = 0x3c4, GFX = 0x3ce, CRTC = 0x3d4 };

enum { LIT = 0xaaffaa }; /* pixel 15 of the 200-line modes: palette 17h as 6-bit RGB */

static struct vga_guest g;
static struct video_frame frame;
static struct video_text text;

static void setup(void)
{
    vga_guest_open(&g);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(g.rig));
    vga_guest_close(&g);
}

static void render(void)
{
    uint64_t before = state_hash(g.rig->state);
    struct video_mode mode;

    g.video->render(g.video->opaque, &frame);
    g.video->mode(g.video->opaque, &mode);
    ck_assert_uint_eq(mode.width, frame.width);
    ck_assert_uint_eq(mode.height, frame.height);
    ck_assert_uint_eq(state_hash(g.rig->state), before); /* looking changes nothing */
}

static uint32_t pixel(unsigned x, unsigned y)
{
    ck_assert_uint_lt(x, frame.width);
    ck_assert_uint_lt(y, frame.height);
    return frame.pixel[y * frame.width + x];
}

static void assert_size(unsigned width, unsigned height, unsigned bpp)
{
    struct video_mode mode;

    g.video->mode(g.video->opaque, &mode);
    ck_assert_uint_eq(mode.width, width);
    ck_assert_uint_eq(mode.height, height);
    ck_assert_uint_eq(mode.bpp, bpp);
    ck_assert_int_eq(mode.text, bpp == 0);
}

/* --- a font of numbers: each glyph shows its own code ----------------------- */

static uint8_t glyph_row(unsigned ch, unsigned row)
{
    /* Rows of three dots, the top row in the high digit. */
    static const uint16_t digits[16] = {
        075557, 026227, 071747, 071717, 055711, 074717, 074757, 071111,
        075757, 075717, 075755, 065656, 074447, 065556, 074747, 074744,
    };
    unsigned line = row / 2 - 1, bits = 0;

    if (ch >= 0xc0 && ch < 0xe0 && row == 14)
        return 0xff; /* joins its neighbours when the ninth dot repeats the eighth */
    if (row < 2 || row >= 12)
        return 0;
    bits = (digits[ch >> 4] >> (12 - 3 * line) & 7) << 5;
    return (uint8_t) (bits | (digits[ch & 15] >> (12 - 3 * line) & 7) << 1);
}

static void load_font(paddr base, uint8_t invert)
{
    vga_guest_indexed(&g, SEQ, 2, 0x04);
    vga_guest_indexed(&g, SEQ, 4, 0x07);
    vga_guest_indexed(&g, GFX, 5, 0x00);
    vga_guest_indexed(&g, GFX, 6, 0x05);
    for (unsigned ch = 0; ch < 256; ch++)
        for (unsigned row = 0; row < 16; row++)
            vga_guest_poke(&g, base + ch * 32 + row, glyph_row(ch, row) ^ invert);
    vga_guest_indexed(&g, SEQ, 2, 0x03);
    vga_guest_indexed(&g, SEQ, 4, 0x02);
    vga_guest_indexed(&g, GFX, 5, 0x10);
    vga_guest_indexed(&g, GFX, 6, 0x0e);
}

static void put_cell(unsigned column, unsigned row, uint8_t ch, uint8_t attr)
{
    bus_write(g.rig->bus, B800 + (row * 80 + column) * 2, 2, (uint32_t) (attr << 8 | ch));
}

/* Sixteen rows of codes in all attributes. */
static void text_screen(void)
{
    vga_guest_set_mode(&g, MODE_03);
    load_font(A000, 0);
    for (unsigned i = 0; i < 256; i++) {
        put_cell(i % 16, i / 16, (uint8_t) i, 0x07);
        put_cell(20 + i % 16, i / 16, 0x41, (uint8_t) i);
    }
}

/* Lets whole frames pass until blinking is in its first phase. */
static void align_blinking(void)
{
    while (rig_in(g.rig, 0x3da) & 8)
        rig_run(g.rig, 1000);
    for (unsigned i = 0; i < 32; i++) {
        render();
        if (pixel(5 * 9, 3 * 16 + 13) == pixel(5 * 9 + 8, 3 * 16 + 13))
            return;
        rig_run(g.rig, 14268123);
    }
}

/* --- text ------------------------------------------------------------------ */

START_TEST(text_is_read_off_the_screen)
{
    static const char *line = "Starting MS-DOS...";

    vga_guest_set_mode(&g, MODE_03);
    assert_size(720, 400, 0);
    for (unsigned i = 0; line[i] != '\0'; i++)
        put_cell(2 + i, 24, (uint8_t) line[i], 0x1e);
    vga_guest_indexed(&g, CRTC, 0x0e, (24 * 80 + 20) >> 8);
    vga_guest_indexed(&g, CRTC, 0x0f, (24 * 80 + 20) & 0xff);
    ck_assert(g.video->text(g.video->opaque, &text));
    ck_assert_uint_eq(text.columns, 80);
    ck_assert_uint_eq(text.rows, 25);
    for (unsigned i = 0; line[i] != '\0'; i++) {
        ck_assert_uint_eq(text.cell[24 * 80 + 2 + i].ch, (uint8_t) line[i]);
        ck_assert_uint_eq(text.cell[24 * 80 + 2 + i].attr, 0x1e);
    }
    ck_assert_int_eq(text.cursor_column, 20);
    ck_assert_int_eq(text.cursor_row, 24);
    vga_guest_indexed(&g, CRTC, 0x0a, 0x2d);
    g.video->text(g.video->opaque, &text);
    ck_assert_int_eq(text.cursor_row, -1);
    vga_guest_set_mode(&g, MODE_12);
    ck_assert(!g.video->text(g.video->opaque, &text));
}
END_TEST

/* Page flips and split screens show in the text as on the screen. */
START_TEST(text_follows_start_address_and_line_compare)
{
    vga_guest_set_mode(&g, MODE_03);
    put_cell(0, 0, 'A', 7);
    put_cell(0, 3, 'B', 7);
    vga_guest_indexed(&g, CRTC, 0x0d, 3 * 80);
    rig_run(g.rig, 20000000);
    g.video->text(g.video->opaque, &text);
    ck_assert_uint_eq(text.cell[0].ch, 'B');
    vga_guest_indexed(&g, CRTC, 0x18, 0x3f); /* line 13Fh: after 20 rows */
    vga_guest_indexed(&g, CRTC, 0x07, 0x1f);
    vga_guest_indexed(&g, CRTC, 0x09, 0x0f);
    g.video->text(g.video->opaque, &text);
    ck_assert_uint_eq(text.rows, 25);
    ck_assert_uint_eq(text.cell[20 * 80].ch, 'A');
    ck_assert_uint_eq(text.cell[19 * 80].ch, 0);
}
END_TEST

static const struct {
    uint8_t max_scan;
    unsigned rows;
} heights[] = { { 15, 25 }, { 13, 28 }, { 7, 50 }, { 8, 44 } };

START_TEST(rows_follow_the_character_height)
{
    vga_guest_set_mode(&g, MODE_03);
    for (unsigned i = 0; i < ARRAY_LEN(heights); i++) {
        vga_guest_indexed(&g, CRTC, 0x09, 0x40 | heights[i].max_scan);
        g.video->text(g.video->opaque, &text);
        ck_assert_uint_eq(text.rows, heights[i].rows);
    }
}
END_TEST

START_TEST(mode_7_is_text_at_b0000)
{
    vga_guest_set_mode(&g, MODE_07);
    bus_write(g.rig->bus, 0xb0000 + 2, 2, 0x0748);
    g.video->text(g.video->opaque, &text);
    ck_assert_uint_eq(text.cell[1].ch, 'H');
}
END_TEST

/* "Character Map Select": attribute bit 3 chooses between two fonts. */
START_TEST(two_fonts)
{
    text_screen();
    load_font(A000 + 0x2000, 0xff); /* map 4: 8 KiB */
    vga_guest_indexed(&g, SEQ, 3, 0x20);
    put_cell(0, 0, 0x11, 0x07);
    put_cell(1, 0, 0x11, 0x0f);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0);
    ck_assert_uint_eq(pixel(9, 0), 0xffffff);
}
END_TEST

/* Underline: attribute 01h or 09h on the row of the underline register. */
START_TEST(underline)
{
    text_screen();
    vga_guest_indexed(&g, CRTC, 0x14, 0x0f);
    put_cell(0, 0, 0x20, 0x01);
    put_cell(1, 0, 0x20, 0x02);
    render();
    ck_assert_uint_eq(pixel(8, 15), 0x0000aa);
    ck_assert_uint_eq(pixel(9, 15), 0);
}
END_TEST

/* The cursor shows for eight frames of sixteen. */
START_TEST(cursor_blinks)
{
    unsigned shown = 0, turns = 0, before = 2;

    text_screen();
    put_cell(5, 3, 0x20, 0x07);
    vga_guest_indexed(&g, CRTC, 0x0f, 3 * 80 + 5);
    for (unsigned i = 0; i < 32; i++) {
        unsigned now;

        render();
        now = pixel(5 * 9 + 8, 3 * 16 + 13) == 0xaaaaaa;
        shown += now;
        turns += now != before;
        before = now;
        ck_assert_uint_eq(pixel(5 * 9, 3 * 16 + 12), 0);
        ck_assert_uint_eq(pixel(5 * 9, 3 * 16 + 15), 0);
        rig_run(g.rig, 14268123);
    }
    ck_assert_uint_eq(shown, 16);
    ck_assert_uint_ge(turns, 4);
    ck_assert_uint_le(turns, 5);
}
END_TEST

/* A change of timings does not start blinking anew. */
START_TEST(blinking_goes_on_over_a_change_of_timings)
{
    text_screen();
    put_cell(5, 3, 0x20, 0x07);
    vga_guest_indexed(&g, CRTC, 0x0f, 3 * 80 + 5);
    align_blinking();
    while (pixel(5 * 9, 3 * 16 + 13) != 0) {
        rig_run(g.rig, 14268123);
        render();
    }
    rig_run(g.rig, 14268123);
    vga_guest_indexed(&g, CRTC, 0x10, 0x9d); /* retrace a line later */
    render();
    ck_assert_uint_eq(pixel(5 * 9, 3 * 16 + 13), 0);
}
END_TEST

/* Attribute bit 7: sixteen frames with and without, or a bright background. */
START_TEST(characters_blink)
{
    unsigned shown = 0, turns = 0, before = 2;

    text_screen();
    put_cell(0, 0, 0x88, 0x87);
    for (unsigned i = 0; i < 64; i++) {
        unsigned now;

        render();
        now = pixel(0, 3) == 0xaaaaaa;
        shown += now;
        turns += now != before;
        before = now;
        rig_run(g.rig, 14268123);
    }
    ck_assert_uint_eq(shown, 32);
    ck_assert_uint_ge(turns, 4);
    ck_assert_uint_le(turns, 5);
    vga_guest_attr(&g, 0x10, 0x04);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0x555555);
    ck_assert_uint_eq(pixel(0, 3), 0xaaaaaa);
}
END_TEST

/* --- graphics --------------------------------------------------------------- */

START_TEST(sizes_of_the_modes)
{
    static const struct {
        enum vga_guest_mode mode;
        unsigned width, height, bpp;
    } modes[] = {
        { MODE_04, 320, 200, 2 }, { MODE_06, 640, 200, 1 }, { MODE_07, 720, 400, 0 },
        { MODE_0D, 320, 200, 4 }, { MODE_12, 640, 480, 4 }, { MODE_13, 320, 200, 8 },
    };

    for (unsigned i = 0; i < ARRAY_LEN(modes); i++) {
        vga_guest_set_mode(&g, modes[i].mode);
        assert_size(modes[i].width, modes[i].height, modes[i].bpp);
    }
}
END_TEST

/* Start address: the chip takes it over at the next vertical retrace. */
START_TEST(start_address_waits_for_retrace)
{
    vga_guest_set_mode(&g, MODE_0D);
    vga_guest_poke(&g, A000 + 0x2000, 0xff);
    while (!(rig_in(g.rig, 0x3da) & 8))
        rig_run(g.rig, 1000);
    while (rig_in(g.rig, 0x3da) & 8)
        rig_run(g.rig, 1000);
    vga_guest_indexed(&g, CRTC, 0x0c, 0x20);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0);
    ck_assert_ptr_null(rig_roundtrip(g.rig));
    rig_run(g.rig, 1000000);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0);
    while (!(rig_in(g.rig, 0x3da) & 8))
        rig_run(g.rig, 1000);
    render();
    ck_assert_uint_eq(pixel(0, 0), LIT);
    vga_guest_indexed(&g, CRTC, 0x0c, 0x00); /* again not before the next one */
    render();
    ck_assert_uint_eq(pixel(0, 0), LIT);
}
END_TEST

/* "Horizontal PEL Panning", "Preset Row Scan": byte panning. */
START_TEST(panning)
{
    vga_guest_set_mode(&g, MODE_0D);
    vga_guest_poke(&g, A000 + 2, 0x10); /* dot 19 */
    for (unsigned pan = 0; pan < 20; pan++) {
        vga_guest_attr(&g, 0x13, pan % 8);
        vga_guest_indexed(&g, CRTC, 0x08, (uint8_t) (pan / 8 << 5));
        render();
        ck_assert_uint_eq(pixel(19 - pan, 0), LIT);
        ck_assert_uint_eq(pixel(20 - pan, 0), 0);
    }
    vga_guest_set_mode(&g, MODE_13);
    vga_guest_poke(&g, A000 + 5, 0x3f);
    for (unsigned pan = 0; pan < 4; pan++) {
        vga_guest_attr(&g, 0x13, (uint8_t) (pan * 2));
        render();
        ck_assert_uint_eq(pixel(5 - pan, 0), 0xffffff);
    }
}
END_TEST

/* Nine dots: 8 is no panning, 0 one dot. */
START_TEST(panning_of_nine_dots)
{
    text_screen();
    vga_guest_indexed(&g, CRTC, 0x0a, 0x20);
    put_cell(0, 0, 0x20, 0x07);
    put_cell(1, 0, 0xdb, 0x07);
    for (unsigned pan = 0; pan < 9; pan++) {
        vga_guest_attr(&g, 0x13, (uint8_t) pan);
        render();
        ck_assert_uint_eq(pixel(pan == 8 ? 9 : 8 - pan, 14), 0xaaaaaa);
        if (pan != 7)
            ck_assert_uint_eq(pixel(pan == 8 ? 8 : 7 - pan, 14), 0);
    }
}
END_TEST

/* "Line Compare": the split shows address 0, and unpanned if so asked. */
START_TEST(split_screen)
{
    vga_guest_set_mode(&g, MODE_0D);
    vga_guest_poke(&g, A000, 0x80);
    vga_guest_poke(&g, A000 + 0x1000, 0x10);
    vga_guest_indexed(&g, CRTC, 0x0c, 0x10);
    vga_guest_attr(&g, 0x13, 3);
    rig_run(g.rig, 20000000);
    vga_guest_indexed(&g, CRTC, 0x18, 199); /* of 400 lines */
    vga_guest_indexed(&g, CRTC, 0x07, 0x0f);
    vga_guest_indexed(&g, CRTC, 0x09, 0x80);
    render();
    ck_assert_uint_eq(pixel(0, 0), LIT);
    ck_assert_uint_eq(pixel(0, 99), 0);
    ck_assert_uint_eq(pixel(0, 100), 0);
    vga_guest_attr(&g, 0x10, 0x21);
    render();
    ck_assert_uint_eq(pixel(0, 0), LIT);
    ck_assert_uint_eq(pixel(0, 100), LIT);
    ck_assert_uint_eq(pixel(0, 101), 0);
    /* Byte panning obeys the same bit. */
    vga_guest_poke(&g, A000 + 1, 0x80);
    vga_guest_attr(&g, 0x13, 0);
    vga_guest_indexed(&g, CRTC, 0x08, 0x20);
    render();
    ck_assert_uint_eq(pixel(8, 100), LIT);
    vga_guest_attr(&g, 0x10, 0x01);
    render();
    ck_assert_uint_eq(pixel(8, 100), 0);
    ck_assert_uint_eq(pixel(0, 100), LIT);
}
END_TEST

/* "CRT Mode Control", bits 5 and 6: what word addressing puts into bit 0. */
START_TEST(word_addressing_wraps)
{
    static const uint8_t row[2] = { 0xc3, 0x3c };

    vga_guest_set_mode(&g, MODE_0D);
    for (unsigned i = 0; i < 2; i++)
        vga_guest_poke(&g, A000 + 0x4000 + i, row[i]);
    vga_guest_indexed(&g, CRTC, 0x0c, 0x20);
    vga_guest_indexed(&g, CRTC, 0x17, 0xa3); /* words, address bit 15 */
    rig_run(g.rig, 20000000);
    render();
    ck_assert_uint_eq(pixel(0, 0), LIT);
    ck_assert_uint_eq(pixel(2, 0), 0);
    vga_guest_indexed(&g, CRTC, 0x17, 0x83); /* words, address bit 13 */
    render();
    ck_assert_uint_eq(pixel(0, 0), 0);
    ck_assert_uint_eq(pixel(2, 0), LIT);
}
END_TEST

/* Unchained, 360 x 480: Michael Abrash's and others' mode X family. */
START_TEST(mode_x_tweaked)
{
    vga_guest_set_mode(&g, MODE_13);
    vga_guest_indexed(&g, SEQ, 4, 0x06);
    vga_guest_indexed(&g, CRTC, 0x14, 0x00);
    vga_guest_indexed(&g, CRTC, 0x17, 0xe3);
    assert_size(320, 200, 8);
    vga_guest_indexed(&g, CRTC, 0x09, 0x40);
    assert_size(320, 400, 8);
    rig_out(g.rig, 0x3c2, 0xe7);
    vga_guest_indexed(&g, CRTC, 0x11, 0x2c);
    vga_guest_indexed(&g, CRTC, 0x00, 0x6b);
    vga_guest_indexed(&g, CRTC, 0x01, 0x59);
    vga_guest_indexed(&g, CRTC, 0x06, 0x0d);
    vga_guest_indexed(&g, CRTC, 0x07, 0x3e);
    vga_guest_indexed(&g, CRTC, 0x12, 0xdf);
    vga_guest_indexed(&g, CRTC, 0x13, 0x2d);
    assert_size(360, 480, 8);
    vga_guest_indexed(&g, SEQ, 2, 0x04);
    vga_guest_poke(&g, A000 + 90 * 479 + 89, 0x3f);
    render();
    ck_assert_uint_eq(pixel(358, 479), 0xffffff);
    ck_assert_uint_eq(pixel(359, 479), 0);
}
END_TEST

/* PEL mask, palette, colour select and map enable on the way of a pixel. */
START_TEST(colours)
{
    vga_guest_set_mode(&g, MODE_12);
    vga_guest_colour(&g, 0x80 | 0x17, 63, 32, 1);
    vga_guest_poke(&g, A000, 0xff);
    vga_guest_attr(&g, 0x0f, 0x07);
    vga_guest_attr(&g, 0x14, 0x09);
    vga_guest_attr(&g, 0x10, 0x81); /* bits 4 and 5 from colour select too */
    render();
    ck_assert_uint_eq(pixel(0, 0), 0xff8204);
    vga_guest_attr(&g, 0x10, 0x01);
    vga_guest_attr(&g, 0x0f, 0x17);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0xff8204);
    rig_out(g.rig, 0x3c6, 0x01);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0x0000aa);
    rig_out(g.rig, 0x3c6, 0xff);
    vga_guest_attr(&g, 0x14, 0x00);
    vga_guest_attr(&g, 0x12, 0x04);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0xaa0000); /* palette 4 */
}
END_TEST

START_TEST(screen_off_is_dark)
{
    vga_guest_set_mode(&g, MODE_12);
    vga_guest_poke(&g, A000, 0xff);
    vga_guest_indexed(&g, SEQ, 1, 0x21);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0);
    vga_guest_indexed(&g, SEQ, 1, 0x01);
    render();
    ck_assert_uint_eq(pixel(0, 0), 0xffffff);
    vga_guest_attr(&g, 0x11, 0x04);
    rig_in(g.rig, 0x3da);
    rig_out(g.rig, 0x3c0, 0x00); /* palette in the CPU's hands: border colour */
    render();
    ck_assert_uint_eq(pixel(0, 0), 0xaa0000);
}
END_TEST

/* --- whole pictures ---------------------------------------------------------- */

static void draw_text(void)
{
    text_screen();
    vga_guest_indexed(&g, CRTC, 0x0f, 3 * 80 + 5);
    align_blinking();
}

static void draw_mode_04(void)
{
    vga_guest_set_mode(&g, MODE_04);
    for (unsigned y = 0; y < 200; y++)
        for (unsigned x = 0; x < 80; x++)
            vga_guest_poke(&g, B800 + y % 2 * 0x2000 + y / 2 * 80 + x,
                           (uint8_t) (y < 100 ? 0x1b : x / 5 * 0x11));
}

static void draw_mode_06(void)
{
    vga_guest_set_mode(&g, MODE_06);
    for (unsigned y = 0; y < 200; y++)
        for (unsigned x = y * 2; x < 640; x += 16)
            vga_guest_poke(&g, B800 + y % 2 * 0x2000 + y / 2 * 80 + x / 8, 0x80 >> x % 8);
}

/* Colour bars by write mode 2, a diagonal by write mode 3. */
static void draw_mode_12(void)
{
    vga_guest_set_mode(&g, MODE_12);
    vga_guest_indexed(&g, GFX, 5, 0x02);
    for (unsigned y = 0; y < 480; y++)
        for (unsigned x = 0; x < 80; x++)
            vga_guest_poke(&g, A000 + y * 80 + x, (uint8_t) (x / 5));
    vga_guest_indexed(&g, GFX, 5, 0x03);
    vga_guest_indexed(&g, GFX, 0, 0x0f);
    for (unsigned y = 0; y < 480; y++) {
        vga_guest_peek(&g, A000 + y * 80 + y / 8);
        vga_guest_poke(&g, A000 + y * 80 + y / 8, 0xc0 >> y % 8);
    }
}

static void draw_mode_13(void)
{
    vga_guest_set_mode(&g, MODE_13);
    for (unsigned i = 0; i < 256; i++)
        vga_guest_colour(&g, (uint8_t) i, (uint8_t) (i / 4), (uint8_t) (i % 64), (uint8_t) (63 - i / 4));
    for (unsigned y = 0; y < 200; y++)
        for (unsigned x = 0; x < 320; x++)
            vga_guest_poke(&g, A000 + y * 320 + x, (uint8_t) (x ^ y));
}

/* The top half panned and scrolled, the lower half split off. */
static void draw_mode_0d(void)
{
    vga_guest_set_mode(&g, MODE_0D);
    vga_guest_indexed(&g, GFX, 5, 0x02);
    for (unsigned i = 0; i < 0x2000; i++)
        vga_guest_poke(&g, A000 + i, (uint8_t) (i / 40 / 8 + i % 40 / 4));
    vga_guest_indexed(&g, CRTC, 0x0d, 40 * 4);
    vga_guest_attr(&g, 0x13, 5);
    vga_guest_attr(&g, 0x10, 0x21);
    vga_guest_indexed(&g, CRTC, 0x18, 255);
    vga_guest_indexed(&g, CRTC, 0x07, 0x0f);
    vga_guest_indexed(&g, CRTC, 0x09, 0x80);
    rig_run(g.rig, 20000000);
}

static const struct picture_case {
    const char *name;
    void (*draw)(void);
    uint64_t hash;
} pictures[] = {
    { "text", draw_text, 0x0f71e6e9f4ee8977 },
    { "mode04", draw_mode_04, 0xea83cda994d9c9e4 },
    { "mode06", draw_mode_06, 0x8c7f80da0d868c13 },
    { "mode0d", draw_mode_0d, 0xcc25988fabfa2dbf },
    { "mode12", draw_mode_12, 0x6cfb64e96771785b },
    { "mode13", draw_mode_13, 0x222841ea4694256c },
};

static void keep_picture(const char *name)
{
    const char *folder = getenv("VGA_PICTURES");
    char path[512];
    FILE *f;

    if (folder == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s.ppm", folder, name);
    f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "P6 %u %u 255\n", frame.width, frame.height);
    for (size_t i = 0; i < (size_t) frame.width * frame.height; i++) {
        const uint8_t rgb[3] = { (uint8_t) (frame.pixel[i] >> 16), (uint8_t) (frame.pixel[i] >> 8),
                                 (uint8_t) frame.pixel[i] };

        fwrite(rgb, 1, 3, f);
    }
    fclose(f);
}

START_TEST(whole_pictures)
{
    const struct picture_case *p = &pictures[_i];
    uint64_t hash;

    p->draw();
    render();
    keep_picture(p->name);
    hash = xxh64(frame.pixel, (size_t) frame.width * frame.height * 4, frame.width);
    ck_assert_msg(hash == p->hash, "%s: 0x%016llx", p->name, (unsigned long long) hash);
}
END_TEST

/* A copy goes on showing its moment: cursor in its phase, text, mode, start address. */
START_TEST(a_copy_keeps_its_moment)
{
    void *copy = malloc(g.video->size);
    static struct video_frame then;
    static struct video_text copied;
    struct video_mode mode;

    vga_guest_set_mode(&g, MODE_03);
    load_font(A000, 0);
    vga_guest_poke(&g, B800, 'A');
    vga_guest_poke(&g, B800 + 1, 0x87); /* it blinks */
    rig_run(g.rig, 300000000);
    g.video->render(g.video->opaque, &then);
    g.video->copy(g.video->opaque, copy);
    vga_guest_set_mode(&g, MODE_13);
    rig_run(g.rig, 333000000);
    g.video->render(copy, &frame);
    ck_assert_uint_eq(frame.width, then.width);
    ck_assert_mem_eq(frame.pixel, then.pixel, (size_t) then.width * then.height * 4);
    g.video->mode(copy, &mode);
    ck_assert(mode.text && mode.columns == 80);
    ck_assert(g.video->text(copy, &copied));
    ck_assert_uint_eq(copied.cell[0].ch, 'A');
    free(copy);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("vga_render");
    TCase *tc = tcase_create("vga_render");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, text_is_read_off_the_screen);
    tcase_add_test(tc, text_follows_start_address_and_line_compare);
    tcase_add_test(tc, rows_follow_the_character_height);
    tcase_add_test(tc, mode_7_is_text_at_b0000);
    tcase_add_test(tc, two_fonts);
    tcase_add_test(tc, underline);
    tcase_add_test(tc, cursor_blinks);
    tcase_add_test(tc, blinking_goes_on_over_a_change_of_timings);
    tcase_add_test(tc, characters_blink);
    tcase_add_test(tc, sizes_of_the_modes);
    tcase_add_test(tc, start_address_waits_for_retrace);
    tcase_add_test(tc, panning);
    tcase_add_test(tc, panning_of_nine_dots);
    tcase_add_test(tc, split_screen);
    tcase_add_test(tc, word_addressing_wraps);
    tcase_add_test(tc, mode_x_tweaked);
    tcase_add_test(tc, colours);
    tcase_add_test(tc, screen_off_is_dark);
    tcase_add_test(tc, a_copy_keeps_its_moment);
    tcase_add_loop_test(tc, whole_pictures, 0, ARRAY_LEN(pictures));
    suite_add_tcase(s, tc);
    return s;
}

/*
 * Scroller in mode X: 320 by 200 in four planes, two pages, flipped in each
 * vertical retrace.  Layers move at different speeds; every frame is drawn anew.
 *
 * A layer is a strip of 512 columns that repeats, kept by planes; its rows know
 * which spans are solid.  A column of the screen lies in plane x & 3, so a row
 * moves by one point without a shift: its planes change places.
 *
 * Source: IBM VGA Technical Reference, "Sequencer: memory mode, map mask", "CRT
 *         controller: start address, underline location, mode control".
 */
#include "gfx.h"

enum {
    STRIP = 512,
    STRIP_ROW = STRIP / 4,
    SPANS = 24,
    LAYER_ROWS = 66, /* of the highest layer */
    LINE = 80, /* bytes of a plane */
    PAGE = 0x4000,

    HUD_ROWS = 11,
    SKY_END = 132,
    SUN_X = 228, SUN_Y = 66, SUN_R = 34,
    TEXT_TOP = 152, TEXT_ROWS = 48, LETTER = 24,
    STARS = 40,
    HOLD_FRAMES = 256,

    C_SKY = 16, C_SUN = 90, C_FAR = 100, C_MID = 116, C_NEAR = 132,
    C_LETTER = 148, C_BAND = 200, C_SHADOW = 207, C_STAR = 208, C_HUD = 210, C_INK = 211,
};

static struct layer {
    uint8_t top, rows, slow; /* moves a point each `slow` quarter frames */
    uint8_t color, shades;
    uint8_t *strip; /* plane, row, byte */
    uint16_t spans[LAYER_ROWS][SPANS][2];
    uint8_t count[LAYER_ROWS];
} layers[3] = {
    { .top = 62, .rows = 66, .slow = 16, .color = C_FAR, .shades = 15 },
    { .top = 92, .rows = 46, .slow = 8, .color = C_MID, .shades = 15 },
    { .top = 118, .rows = 34, .slow = 4, .color = C_NEAR, .shades = 15 },
};

static uint8_t *letters; /* the strip of the message */
static uint8_t hud[4][HUD_ROWS][LINE];
static uint16_t stars[STARS][2];

static const char message[] =
    "     REPRISE  \x04  A PC OF 1996, MADE OF SOFTWARE  \x04  MODE X, FOUR PLANES, TWO PAGES, "
    "ONE FLIP IN EVERY RETRACE  \x04  NOTHING HERE IS A PICTURE FROM A DISK: THE HILLS ARE SINES, "
    "THE LETTERS ARE THE FONT OF YOUR VIDEO BIOS  \x04  GREETINGS TO ALL WHO STILL KNOW WHAT PORT "
    "3DAh IS FOR  \x04  SPACE HOLDS, ESC LEADS BACK  \x04  ";

static void map_mask(unsigned planes)
{
    out16(0x3c4, (uint16_t) (planes << 8 | 2));
}

static void mode_x(void)
{
    gfx_mode(0x13);
    out16(0x3c4, 0x0604); /* no chain 4 */
    out16(0x3d4, 0x0014); /* no double words */
    out16(0x3d4, 0xe317); /* byte mode */
    map_mask(15);
    fill32((void *) GFX_SCREEN, 0, 0x4000);
}

/* The height of a layer above its bottom; it repeats after 512 columns. */
static int outline(unsigned n, int x)
{
    uint32_t a = (uint32_t) x * 2;

    switch (n) {
    case 0: return 36 + (gfx_sin(a * 2) * 8 + gfx_sin(a * 5 + 90) * 8 + gfx_sin(a * 13) * 4 + gfx_sin(a * 31) * 2) / 256;
    case 1: return 26 + (gfx_sin(a * 3 + 300) * 8 + gfx_sin(a * 7) * 4) / 256
                   + ((x % 37) < 9 ? 9 - 2 * ((x % 37) < 4 ? 4 - x % 37 : x % 37 - 4) : 0); /* firs */
    default: return 22 + gfx_sin(a * 4) * 5 / 256;
    }
}

static uint8_t *strip_point(uint8_t *strip, unsigned rows, unsigned x, unsigned y)
{
    return strip + ((x & 3) * rows + y) * STRIP_ROW + (x >> 2) % STRIP_ROW;
}

static void layer_start(struct layer *l, unsigned n)
{
    for (unsigned y = 0; y < l->rows; y++) {
        bool inside = false;

        l->count[y] = 0;
        for (unsigned x = 0; x < STRIP; x++) {
            int depth = (int) y - (l->rows - outline(n, (int) x));
            int shade = l->shades - 1 - depth / 2 - (int) ((x * 5 + y * 3) % 7 == 0) - (int) ((x ^ y) & 1);
            bool solid = depth >= 0;

            if (solid)
                *strip_point(l->strip, l->rows, x, y) = (uint8_t) (l->color + (shade < 0 ? 0 : shade));
            if (solid && !inside && l->count[y] < SPANS)
                l->spans[y][l->count[y]][0] = (uint16_t) x;
            if (!solid && inside && l->count[y] < SPANS)
                l->spans[y][l->count[y]++][1] = (uint16_t) x;
            inside = solid;
        }
        if (inside && l->count[y] < SPANS)
            l->spans[y][l->count[y]++][1] = STRIP;
    }
}

static void colors_start(void)
{
    static const uint8_t dusk[] = { 6, 4, 22 }, mauve[] = { 34, 12, 40 }, peach[] = { 63, 36, 24 },
                         gold[] = { 63, 58, 30 }, rose[] = { 62, 26, 26 }, far_low[] = { 14, 6, 26 },
                         far_high[] = { 34, 16, 42 }, mid_low[] = { 5, 5, 16 }, mid_high[] = { 14, 12, 32 },
                         near_low[] = { 1, 3, 6 }, near_high[] = { 6, 20, 20 }, band[] = { 8, 8, 24 }, dark[] = { 1, 1, 6 };

    gfx_ramp(C_SKY, C_SKY + 36, dusk, mauve);
    gfx_ramp(C_SKY + 36, C_SKY + 72, mauve, peach);
    gfx_ramp(C_SUN, C_SUN + 9, gold, rose);
    gfx_ramp(C_FAR, C_FAR + 15, far_low, far_high);
    gfx_ramp(C_MID, C_MID + 15, mid_low, mid_high);
    gfx_ramp(C_NEAR, C_NEAR + 15, near_low, near_high);
    gfx_ramp(C_BAND, C_BAND + 6, dark, band);
    dac_set(C_SHADOW, 0, 0, 2);
    dac_set(C_STAR, 56, 56, 63);
    dac_set(C_STAR + 1, 30, 26, 46);
    dac_set(C_HUD, 2, 2, 8);
    dac_set(C_INK, 48, 50, 58);
}

/* The letters' colours travel down. */
static void colors_frame(uint32_t frame)
{
    for (unsigned i = 0; i < TEXT_ROWS; i++) {
        int32_t s = gfx_sin(i * 14 - frame * 8);

        dac_set(C_LETTER + i, 60, (unsigned) (42 + s * 18 / 256), (unsigned) (24 - s * 22 / 256));
    }
}

static bool letter_bit(uint32_t x, int y)
{
    uint8_t ch = (uint8_t) message[x / LETTER % (sizeof message - 1)];

    return y >= 0 && (font_rows(16)[ch * 16 + y / 3] << x % LETTER / 3 & 0x80) != 0;
}

/* Draws a column of the message into its strip. */
static void letters_column(uint32_t x)
{
    for (int y = 0; y < TEXT_ROWS; y++) {
        int edge = y < TEXT_ROWS / 2 ? y : TEXT_ROWS - 1 - y;
        uint8_t color = (uint8_t) (C_BAND + (edge < 18 ? edge / 3 : 6));

        if (letter_bit(x, y))
            color = (uint8_t) (C_LETTER + y);
        else if (letter_bit(x - 3, y - 3))
            color = C_SHADOW;
        *strip_point(letters, TEXT_ROWS, x, (unsigned) y) = color;
    }
}

static void hud_number(char *to, uint32_t val)
{
    char digits[11];

    for (const char *s = number_text(digits + sizeof digits, val); *s != '\0'; s++)
        *to++ = *s;
}

static void hud_draw(uint32_t frame, uint32_t hertz_tenths, uint32_t late)
{
    char text[40] = "FRAME         FLIPS/S        LATE      ";

    hud_number(text + 6, frame);
    hud_number(text + 22, hertz_tenths / 10);
    text[24] = '.';
    hud_number(text + 25, hertz_tenths % 10);
    hud_number(text + 34, late);
    for (unsigned x = 0; x < GFX_WIDTH; x++)
        for (unsigned y = 0; y < HUD_ROWS; y++) {
            bool ink = x >= 4 && y >= 2 && y < 10 && (x - 4) / 8 < 39
                       && (font_rows(8)[(uint8_t) text[(x - 4) / 8] * 8 + y - 2] << (x - 4) % 8 & 0x80) != 0;

            hud[x & 3][y][x >> 2] = ink ? C_INK : C_HUD;
        }
}

/* Bytes of a plane for the columns from x0 to before x1: first and count. */
static inline int plane_first(int x, int plane)
{
    return (x - plane + 3) >> 2;
}

static inline void copy_bytes(uint32_t to, const uint8_t *from, uint32_t n)
{
    uint32_t dwords = n >> 2;

    n &= 3;
    __asm__ volatile("rep movsl\n\tmovl %3, %%ecx\n\trep movsb"
                     : "+D"(to), "+S"(from), "+c"(dwords) : "r"(n) : "memory");
}

/* What of a strip's span is on the screen, in one plane. */
static void draw_span(uint32_t row, const uint8_t *strip, unsigned rows, unsigned y, int plane,
                      int offset, int from, int to)
{
    int first, last;
    unsigned x;

    from = from < 0 ? 0 : from;
    to = to > GFX_WIDTH ? GFX_WIDTH : to;
    first = plane_first(from, plane);
    last = plane_first(to, plane);
    if (from >= to || first >= last)
        return;
    x = (unsigned) (first * 4 + plane + offset) % STRIP;
    copy_bytes(row + (uint32_t) first, strip + ((x & 3) * rows + y) * STRIP_ROW + (x >> 2), (uint32_t) (last - first));
}

static void draw_layer(uint32_t page, const struct layer *l, uint32_t frame, int plane)
{
    int offset = (int) (frame * 4 / l->slow % STRIP);

    for (unsigned y = 0; y < l->rows; y++)
        for (unsigned i = 0; i < l->count[y]; i++) {
            int from = l->spans[y][i][0] - offset, to = l->spans[y][i][1] - offset;
            uint32_t row = page + (l->top + y) * LINE;

            draw_span(row, l->strip, l->rows, y, plane, offset, from, to);
            draw_span(row, l->strip, l->rows, y, plane, offset, from + STRIP, to + STRIP);
        }
}

static void draw_letters(uint32_t page, uint32_t frame, int plane)
{
    int offset = (int) (frame * 2 % STRIP);

    for (unsigned y = 0; y < TEXT_ROWS; y++) {
        uint32_t row = page + (TEXT_TOP + y) * LINE;

        draw_span(row, letters, TEXT_ROWS, y, plane, offset, 0, STRIP - offset);
        draw_span(row, letters, TEXT_ROWS, y, plane, offset, STRIP - offset, 2 * STRIP - offset);
    }
}

static void draw_sun(uint32_t page, int plane)
{
    for (int dy = -SUN_R, half = 0; dy <= SUN_R; dy++) {
        while (half * half + dy * dy < SUN_R * SUN_R)
            half++;
        while (half > 0 && half * half + dy * dy > SUN_R * SUN_R)
            half--;
        if (dy > 2 && dy % 7 > 4) /* bars, as the sun of that time has */
            continue;
        for (int i = plane_first(SUN_X - half, plane); i < plane_first(SUN_X + half, plane); i++)
            poke8(page + (uint32_t) ((SUN_Y + dy) * LINE + i), (uint8_t) (C_SUN + (dy + SUN_R) / 7));
    }
}

static void draw_sky(uint32_t page)
{
    for (unsigned y = HUD_ROWS; y < SKY_END; y++)
        fill32((void *) (page + y * LINE), (C_SKY + (y - HUD_ROWS) * 3 / 5u) * 0x01010101u, LINE / 4);
}

static void draw_stars(uint32_t page, uint32_t frame, int plane)
{
    for (unsigned i = 0; i < STARS; i++) {
        unsigned x = (stars[i][0] + STRIP - frame / (8 + 8 * (i & 1)) % STRIP) % STRIP;

        if ((x & 3) == (unsigned) plane && x < GFX_WIDTH)
            poke8(page + stars[i][1] * LINE + (x >> 2), (uint8_t) (C_STAR + (i & 1)));
    }
}

static void draw_frame(uint32_t page, uint32_t frame)
{
    map_mask(15);
    draw_sky(page);
    for (int plane = 0; plane < 4; plane++) {
        map_mask(1u << plane);
        copy32((void *) page, hud[plane], HUD_ROWS * LINE / 4);
        draw_stars(page, frame, plane);
        draw_sun(page, plane);
        for (unsigned i = 0; i < 3; i++)
            draw_layer(page, &layers[i], frame, plane);
        draw_letters(page, frame, plane);
    }
}

/* The address counts from the next retrace on. */
static void flip(uint32_t page)
{
    out16(0x3d4, (uint16_t) ((page - GFX_SCREEN) & 0xff00) | 0x0c);
    retrace_wait();
}

static void start(void)
{
    uint8_t *strip = gfx_buffer(0);

    mode_x();
    colors_start();
    gfx_seed(88675123u);
    for (unsigned i = 0; i < STARS; i++) {
        stars[i][0] = (uint16_t) (gfx_random() % STRIP);
        stars[i][1] = (uint16_t) (HUD_ROWS + 2 + gfx_random() % 60);
    }
    for (unsigned i = 0; i < 3; i++) {
        layers[i].strip = strip;
        strip += STRIP * layers[i].rows;
        layer_start(&layers[i], i);
    }
    letters = strip;
    for (uint32_t x = 0; x < GFX_WIDTH + 2; x++)
        letters_column(x);
    hud_draw(0, 0, 0);
}

void page_scroller(void)
{
    uint32_t page = GFX_SCREEN, frame = 0, late = 0, flips = 0, flipped, since;
    bool hold = false;
    unsigned key;

    start();
    retrace_wait();
    flipped = since = ticks;
    do {
        page = page == GFX_SCREEN ? GFX_SCREEN + PAGE : GFX_SCREEN;
        draw_frame(page, frame);
        letters_column(frame * 2 + GFX_WIDTH + 2);
        letters_column(frame * 2 + GFX_WIDTH + 3);
        flip(page);
        colors_frame(frame);
        late += ticks - flipped >= 7; /* a frame is 4.2 ticks */
        flipped = ticks;
        if (++flips % 64 == 0) {
            hud_draw(frame, 64 * 29130 / (flipped - since) / 10, late); /* 291.30 ticks a second */
            since = flipped;
        }
        input_poll();
        key = input_key();
        hold = hold != (key == KEY_SPACE);
        /* Held at a whole number of frames, so that the picture is known. */
        if (!hold || frame % HOLD_FRAMES != 0)
            frame++;
    } while (!input_leave(key));
}

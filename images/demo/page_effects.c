/*
 * Effects in 256 colours, mode 13h: plasma by a moving palette, fire, a picture
 * that turns and zooms.
 */
#include "gfx.h"

enum { EFFECTS = 3, EFFECT_FRAMES = 560, HOLD_FRAMES = 128, TEXTURE = 128, LABEL_Y = 188, INK = 255 };

static const uint8_t night[3] = { 1, 1, 6 }, violet[3] = { 40, 10, 52 }, rose[3] = { 62, 22, 30 },
                     amber[3] = { 63, 48, 16 }, cyan[3] = { 10, 44, 54 }, black[3] = { 0, 0, 0 },
                     white[3] = { 63, 63, 63 }, red[3] = { 54, 6, 2 };

/* Plasma: the picture stays, its colours go round. */
static void plasma_start(uint8_t *picture)
{
    for (int y = 0; y < GFX_HEIGHT; y++)
        for (int x = 0; x < GFX_WIDTH; x++) {
            int dx = x - 190, dy = (y - 120) * 2;
            int32_t v = gfx_sin((uint32_t) (x * 4 + gfx_sin((uint32_t) y * 5) / 2))
                        + gfx_sin((uint32_t) (y * 6 + x * 2)) + gfx_sin((uint32_t) ((dx * dx + dy * dy) >> 5))
                        + gfx_sin((uint32_t) (gfx_cos((uint32_t) x * 3) + y * 3));

            picture[y * GFX_WIDTH + x] = (uint8_t) (((uint32_t) (v + 1024) * 5 >> 3) % 240);
        }
}

static const uint8_t *const plasma_colors[] = { night, violet, rose, amber, rose, cyan, night };

static void plasma_frame(uint8_t *picture, uint32_t frame)
{
    (void) picture;
    for (unsigned i = 0; i < 240; i++) {
        unsigned at = (i + frame) % 240, part = at / 40, step = at % 40;
        const uint8_t *a = plasma_colors[part], *b = plasma_colors[part + 1];

        dac_set(i, (a[0] * (40 - step) + b[0] * step) / 40, (a[1] * (40 - step) + b[1] * step) / 40,
                (a[2] * (40 - step) + b[2] * step) / 40);
    }
}

/* Fire: what is above is the mean of what is below, a little colder. */
static void fire_start(uint8_t *picture)
{
    fill32(picture, 0, GFX_WIDTH * GFX_HEIGHT / 4);
    gfx_ramp(0, 40, black, violet);
    gfx_ramp(40, 90, violet, red);
    gfx_ramp(90, 160, red, amber);
    gfx_ramp(160, 239, amber, white);
}

static void fire_frame(uint8_t *picture, uint32_t frame)
{
    uint8_t *base = picture + (GFX_HEIGHT - 14) * GFX_WIDTH;

    for (int x = 0; x < GFX_WIDTH; x += 4) {
        int32_t wave = gfx_sin((uint32_t) x * 9 + frame * 11) + gfx_sin((uint32_t) x * 4 - frame * 7);
        uint8_t heat = (uint8_t) ((gfx_random() & 3) == 0 ? 40 : 190 + wave / 11);

        for (int i = 0; i < 4; i++)
            base[x + i] = base[GFX_WIDTH + x + i] = heat;
    }
    for (uint8_t *row = picture + 20 * GFX_WIDTH; row < base; row += GFX_WIDTH)
        for (int x = 1; x < GFX_WIDTH - 1; x++) {
            const uint8_t *below = row + GFX_WIDTH + x;
            unsigned heat = (below[-1] + below[0] + below[1] + below[GFX_WIDTH]) >> 2;

            row[x] = (uint8_t) (heat > 1 ? heat - 1 - (heat & frame & 1) : 0);
        }
}

/* A texture that repeats: rings in squares. */
static void rotozoom_start(uint8_t *picture)
{
    uint8_t *texture = gfx_buffer(1);

    (void) picture;
    for (int y = 0; y < TEXTURE; y++)
        for (int x = 0; x < TEXTURE; x++) {
            int cx = (x & 63) - 32, cy = (y & 63) - 32, r = cx * cx + cy * cy;
            bool odd = ((x ^ y) & 64) != 0;
            int shade = r < 620 ? 118 - r / 6 : 8 + (x & 63) / 4 + (y & 63) / 4;

            if (r > 560 && r < 700)
                shade = 112;
            texture[y * TEXTURE + x] = (uint8_t) (shade + (odd ? 120 : 0));
        }
    gfx_ramp(0, 60, night, violet);
    gfx_ramp(60, 119, violet, amber);
    gfx_ramp(120, 180, black, cyan);
    gfx_ramp(180, 239, cyan, white);
}

static void rotozoom_frame(uint8_t *picture, uint32_t frame)
{
    const uint8_t *texture = gfx_buffer(1);
    int32_t zoom = 300 + gfx_sin(frame * 3), angle = gfx_sin(frame * 2) * 3;
    int32_t du = gfx_cos((uint32_t) angle) * zoom >> 8, dv = gfx_sin((uint32_t) angle) * zoom >> 8;
    int32_t u0 = (int32_t) frame * 300 - 160 * du + 100 * dv;
    int32_t v0 = (int32_t) frame * 100 - 160 * dv - 100 * du;

    for (int y = 0; y < LABEL_Y - 2; y++, u0 -= dv, v0 += du) {
        uint32_t u = (uint32_t) u0, v = (uint32_t) v0;
        uint8_t *to = picture + y * GFX_WIDTH;

        for (int x = 0; x < GFX_WIDTH; x++, u += (uint32_t) du, v += (uint32_t) dv)
            to[x] = texture[(v >> 8 & (TEXTURE - 1)) * TEXTURE + (u >> 8 & (TEXTURE - 1))];
    }
}

static const struct effect {
    const char *name;
    void (*start)(uint8_t *picture);
    void (*frame)(uint8_t *picture, uint32_t frame);
    bool still; /* the picture need not be copied again */
} effects[EFFECTS] = {
    { "Plasma: 240 colours go round", plasma_start, plasma_frame, true },
    { "Fire", fire_start, fire_frame, false },
    { "Turn and zoom", rotozoom_start, rotozoom_frame, false },
};

static void show(const struct effect *e, bool all)
{
    uint8_t *picture = gfx_buffer(0);

    if (all) {
        gfx_box(picture, 0, LABEL_Y - 2, GFX_WIDTH, GFX_HEIGHT - LABEL_Y + 2, INK - 1);
        gfx_text(picture, 4, LABEL_Y + 2, e->name, INK, 1);
        gfx_text(picture, 264, LABEL_Y + 2, "Space \x1a", INK - 2, 1);
    }
    if (all || !e->still)
        copy32((void *) GFX_SCREEN, picture, GFX_WIDTH * (all ? GFX_HEIGHT : LABEL_Y - 2) / 4);
}

static void set_labels(void)
{
    dac_set(INK, 63, 63, 63);
    dac_set(INK - 1, 3, 4, 12);
    dac_set(INK - 2, 30, 34, 44);
}

void page_effects(void)
{
    unsigned n = 0, key;
    uint32_t frame = 0;
    bool hold = false;

    gfx_mode(0x13);
    do {
        if (frame == 0) {
            fill32((void *) GFX_SCREEN, 0, GFX_WIDTH * GFX_HEIGHT / 4);
            set_labels();
            gfx_seed(2463534242u);
            effects[n].start(gfx_buffer(0));
        }
        /* H holds after a whole number of frames, so that the picture is known. */
        if (!hold || frame % HOLD_FRAMES != 0 || frame == 0) {
            effects[n].frame(gfx_buffer(0), frame);
            retrace_wait();
            show(&effects[n], frame == 0);
            frame++;
        } else {
            retrace_wait();
        }
        input_poll();
        key = input_key();
        hold = hold != (key_letter(key) == 'H');
        if (frame == EFFECT_FRAMES || key == KEY_SPACE || key == KEY_ENTER || (mouse.pressed & 1) != 0) {
            n = (n + 1) % EFFECTS;
            frame = 0;
        }
    } while (!input_leave(key));
}

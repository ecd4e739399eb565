/* Segments, memory and x87 states of the silicon oracle, from seeds. */
#include "config.h"

#include "cpu/oracle_world.h"

#include <string.h>

#include "base/bits.h"

/* --- segments ------------------------------------------------------------ */

/*
 * Code: plain ones, and the same bytes at other offsets, so that EIP passes
 * 7FFFh and FFFFh; execute-only; with a limit among the code.  Linux makes no
 * conforming ones, unless not present.
 */
static void make_code(struct oracle_seg *s, unsigned i, struct rng *r)
{
    *s = (struct oracle_seg){ .base = CODE_BASE, .limit = 0x2fff, .code = true, .writable_or_readable = true,
                              .big = i % 2 == 0, .present = true };
    switch (i / 2) {
    case 1: s->base -= 0x7000; s->limit += 0x7000; break;
    case 2: s->base -= 0xf000; s->limit += 0xf000; break;
    case 3: s->writable_or_readable = false; break;
    default:
        if (i >= CODE_PLAIN)
            s->limit = rnd(r, 200);
        break;
    }
}

/* What is left of the data behind `base`. */
static uint32_t room_behind(uint32_t base)
{
    return DATA_BASE + DATA_SIZE - 1 - base;
}

static void make_down(struct oracle_seg *s, struct rng *r)
{
    uint32_t first = DATA_BASE + rnd(r, DATA_SIZE - 16);

    s->conforming_or_down = true;
    s->big = chance(r, 40);
    s->limit = s->big && chance(r, 50) ? rnd(r, 0x100000) : rnd(r, 0x10000);
    /* Offset limit + 1 is `first`; those below wrap around when big. */
    s->base = first - s->limit - 1;
    if (chance(r, 20) && s->big) {
        s->granular = true;
        s->limit |= 0xfff;
        s->base = first - s->limit - 1;
    }
}

static void make_data(struct oracle_seg *s, struct rng *r)
{
    *s = (struct oracle_seg){ .base = DATA_BASE + rnd(r, DATA_SIZE - 64), .present = !chance(r, 4),
                              .writable_or_readable = chance(r, 88), .big = chance(r, 50) };
    if (chance(r, 10)) {
        make_down(s, r);
        return;
    }
    if (chance(r, 6)) { /* code, read as data */
        s->code = true;
        s->conforming_or_down = !s->present;
    }
    switch (rnd(r, 10)) {
    case 0: s->limit = rnd(r, 64); break;
    case 1:
    case 2: s->limit = 0xffff; break;
    case 3: s->limit = room_behind(s->base); break;
    case 4:
        s->granular = true;
        s->limit = chance(r, 50) ? UINT32_MAX : rnd(r, 0x10000) | 0xfff;
        if (chance(r, 50))
            s->base = 0;
        break;
    default: s->limit = rnd(r, room_behind(s->base)) + 1; break;
    }
}

/* All of memory; 16-bit code begins where the code lies. */
static void make_flat(struct oracle_seg *s, unsigned i)
{
    *s = (struct oracle_seg){ .limit = UINT32_MAX, .writable_or_readable = true, .big = true, .granular = true,
                              .present = true };
    if (i >= CODE_SEGS)
        return;
    s->code = true;
    if (i % 2 == 0)
        return;
    s->big = s->granular = false;
    s->base = CODE_BASE;
    s->limit = 0xffff;
}

void world_segments(struct oracle_seg *seg, uint64_t seed)
{
    struct rng r = { seed ^ 0x5e95 };

    for (unsigned i = 0; i < ORACLE_SEGS; i++) {
        if (seed == 0)
            make_flat(&seg[i], i);
        else if (i < CODE_SEGS)
            make_code(&seg[i], i, &r);
        else
            make_data(&seg[i], &r);
    }
}

void seg_window(const struct oracle_seg *s, uint32_t *lo, uint32_t *hi)
{
    uint32_t first = 0, last = s->limit, end;

    if (!s->code && s->conforming_or_down) {
        first = s->limit + 1;
        last = s->big ? UINT32_MAX : 0xffff;
    }
    /* The data begins at `first` or later ... */
    if (s->base + first < DATA_BASE && s->base + (uint64_t) first < UINT32_MAX)
        first = DATA_BASE - s->base;
    /* ... and ends before `last`. */
    end = DATA_BASE + DATA_SIZE - 1 - (s->base + first);
    *lo = first;
    *hi = last - first < end ? last : first + end;
    if (*hi < *lo)
        *hi = *lo;
}

void oracle_arrived(struct oracle_state *s, uint32_t end)
{
    if (s->seg[1] == SEL_OUT
        && ((s->vector == 3 && s->eip == PAD_BASE + 1) || (s->vector == 1 && s->eip == PAD_BASE))) {
        s->vector = VEC_OUT;
        s->eip = end;
    }
}

/* --- memory -------------------------------------------------------------- */

void world_content(uint8_t *data, uint64_t seed)
{
    struct rng r = { seed ^ 0xda7a };

    for (unsigned i = 0; i < DATA_SIZE; i += 8)
        store_le64(data + i, rng_next(&r));
}

/* --- x87 ----------------------------------------------------------------- */

static void random_st(uint8_t *p, struct rng *r, bool mmx)
{
    static const uint64_t edge[] = { 0, 1, UINT64_C(1) << 63, UINT64_C(3) << 62, UINT64_MAX, UINT64_C(1) << 62,
                                     UINT64_C(0x8000000000000001), UINT64_C(0x7fffffffffffffff) };
    uint64_t v = rng_next(r), sig = rng_next(r);
    unsigned exp = 0x3fff + (v >> 8) % 130 - 65;

    if ((v & 7) == 0)
        sig = edge[(v >> 3) % ARRAY_LEN(edge)];
    else if ((v & 7) == 1)
        sig &= ~UINT64_C(0) << (v >> 3 & 63);
    if (v >> 32 & 7)
        sig |= UINT64_C(1) << 63;
    switch (v >> 40 & 15) {
    case 0: exp = 0; break;
    case 1: exp = 0x7fff; break;
    case 2: exp = v >> 48 & 0x7fff; break;
    case 3: exp = 0x7fff - (v >> 48 & 63); break;
    case 4: exp = v >> 48 & 63; break;
    default: break;
    }
    store_le64(p, sig);
    store_le16(p + 8, (uint16_t) (mmx ? 0xffff : exp | (v >> 60 & 1) << 15));
}

void world_fx(uint8_t *fx, uint64_t seed)
{
    struct rng r = { seed ^ 0xf87 };
    bool mmx = seed % 4 == 1;
    unsigned cw = 0x37f, sw = 0;

    memset(fx, 0, FX_BYTES);
    store_le32(fx + 24, 0x1f80);
    if (seed != 0) {
        cw = 0x40 | (rnd(&r, 256) << 8 & 0xf00) | (chance(&r, 80) ? 0x3f : rnd(&r, 64));
        sw = (rnd(&r, 256) << 8 & 0x7f00) | (chance(&r, 50) ? rnd(&r, 64) & (chance(&r, 98) ? cw : 0x3f) : 0);
        if (sw & ~cw & 0x3f)
            sw |= 0x8080;
        fx[4] = (uint8_t) (mmx ? 0xff : rnd(&r, 256) | rnd(&r, 256));
        for (unsigned i = 0; i < 8; i++)
            random_st(fx + 32 + 16 * i, &r, mmx);
    }
    store_le16(fx, (uint16_t) cw);
    store_le16(fx + 2, (uint16_t) sw);
}

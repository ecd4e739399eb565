/* Pseudo-random x87 operands. */
#include "config.h"

#include "cpu/x87_random.h"

#include "base/bits.h"

uint64_t x87_seed = 1;

uint64_t x87_next(void)
{
    uint64_t z = x87_seed += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

#define J (UINT64_C(1) << 63)
#define Q (UINT64_C(1) << 62)

static const struct f80 special[] = {
    { 0, 0 },         { 0, 0x8000 },         { J, 0x3fff },     { J, 0xbfff },       { J, 0x7fff },
    { J, 0xffff },    { J | Q, 0x7fff },     { J | Q, 0xffff }, { J | 1, 0x7fff },   { J | Q | 1, 0xffff },
    { J | (Q - 1), 0x7fff }, { 0, 0x7fff },    { 1, 0x7fff },     { 0, 0x3fff },       { Q, 0x4000 },
    { 1, 0 },         { J - 1, 0 },          { J, 0 },          { UINT64_MAX, 0 },   { 1, 0x8000 },
    { J, 1 },         { J, 0x8001 },         { UINT64_MAX, 0x7ffe }, { UINT64_MAX, 0xfffe }, { J, 0x7ffe },
    { J, 0x403e },    { J, 0xc03e },         { UINT64_MAX, 0x403d }, { J, 0x401e },  { J, 0xc00e },
    { UINT64_C(0xc90fdaa22168c235), 0x4000 }, { J, 0x3ffe },    { J | Q, 0x3fff },   { J | Q, 0x4000 },
    { UINT64_C(0xde0b6b3a763fffff) << 4, 0x403a }, { UINT64_MAX, 0x3fff }, { UINT64_MAX, 0x3ffe },
};

/* Significands with few bits, long runs, or none of a pattern. */
static uint64_t random_sig(void)
{
    uint64_t r = x87_next(), v = x87_next();

    switch (r & 7) {
    case 0: return J | v >> (v & 63);
    case 1: return J | v << (r >> 8 & 63);
    case 2: return ~(UINT64_MAX >> 1 >> (v & 63));
    case 3: return J | (UINT64_MAX << (v & 63)) | (v >> 60);
    case 4: return J | (v & (UINT64_C(0xfff) << (r >> 8 & 63)));
    default: return J | v;
    }
}

struct f80 x87_random(const struct f80 *around)
{
    uint64_t r = x87_next();
    struct f80 a = { random_sig(), (uint16_t) (r & 0x8000) };
    unsigned exp;

    switch (r >> 16 & 15) {
    case 0:
    case 1: return special[(r >> 24) % ARRAY_LEN(special)];
    case 2: exp = 0; a.sig >>= r >> 24 & 63; break;
    case 3: exp = (r >> 24) % 70; break;
    case 4: exp = 0x7fff - (r >> 24) % 70; break;
    case 5: exp = r >> 24 & 0x7fff; break;
    case 6: exp = 0x1fff + (r >> 24) % 80; break;
    case 7: exp = 0x3fff + (r >> 24) % 160 - 80; break;
    default: exp = (around != NULL ? around->se & 0x7fff : 0x3fff) + (r >> 24) % 140 - 70; break;
    }
    a.se |= (uint16_t) (exp & 0x7fff);
    if (exp != 0 && (a.se & 0x7fff) == 0)
        a.sig &= J - 1;
    return a;
}

void x87_random_memory(uint8_t mem[10])
{
    uint64_t r = x87_next(), v = x87_next();
    struct f80_ctx c = { .cw = (uint16_t) (0x37f | (r & 0xc00)) };
    struct f80 a = x87_random(NULL);

    store_le64(mem, v);
    store_le16(mem + 8, (uint16_t) r);
    if (r >> 32 & 1)
        store_le64(mem, v & 0xff000000ff8000ff);
    else if (r >> 33 & 1)
        store_le32(mem, f80_to_f32(&c, a));
    else
        store_le64(mem, f80_to_f64(&c, a));
}

bool f80_same(struct f80 a, struct f80 b)
{
    return a.sig == b.sig && a.se == b.se;
}

bool f80_near(struct f80 a, struct f80 b)
{
    __int128 x, y;

    if (f80_same(a, b))
        return true;
    if ((a.se & 0x8000) != (b.se & 0x8000) || (a.se & 0x7fff) == 0x7fff || (b.se & 0x7fff) == 0x7fff)
        return false;
    x = (__int128) (a.se & 0x7fff ? a.se & 0x7fff : 1) << 63 | (a.sig & (J - 1));
    y = (__int128) (b.se & 0x7fff ? b.se & 0x7fff : 1) << 63 | (b.sig & (J - 1));
    if (!(a.sig >> 63))
        x -= (__int128) 1 << 63;
    if (!(b.sig >> 63))
        y -= (__int128) 1 << 63;
    return x - y >= -1 && x - y <= 1;
}

/* VGA display memory: windows, addressing, read and write modes. */
#include "config.h"

#include "support/suite.h"
#include "vga_guest.h"

#include <string.h>

#include "base/bits.h"

enum { A000 = 0xa0000, B000 = 0xb0000, B800 = 0xb8000, SEQ = 0x3c4, GFX = 0x3ce };

static struct vga_guest g;

static void setup(void)
{
    vga_guest_open(&g);
    vga_guest_set_mode(&g, MODE_12);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(g.rig));
    vga_guest_close(&g);
}

static void set_maps(paddr addr, const uint8_t maps[4])
{
    for (unsigned m = 0; m < 4; m++) {
        vga_guest_indexed(&g, SEQ, 2, (uint8_t) (1 << m));
        vga_guest_poke(&g, addr, maps[m]);
    }
    vga_guest_indexed(&g, SEQ, 2, 0x0f);
}

static void get_maps(paddr addr, uint8_t maps[4])
{
    for (unsigned m = 0; m < 4; m++) {
        vga_guest_indexed(&g, GFX, 4, (uint8_t) m);
        maps[m] = vga_guest_peek(&g, addr);
    }
}

/*
 * "Write Mode" and the registers it names, worked out by hand.  Latches hold
 * F0 CC AA 0F, memory 11 22 44 88 (maps 0 to 3).
 */
static const struct {
    const char *what;
    uint8_t map_mask, set_reset, enable, rotate, mode, bit_mask, val;
    uint8_t maps[4];
} write_vectors[] = {
    { "plain", 0xf, 0, 0, 0, 0, 0xff, 0x5a, { 0x5a, 0x5a, 0x5a, 0x5a } },
    { "map mask", 0x5, 0, 0, 0, 0, 0xff, 0x5a, { 0x5a, 0x22, 0x5a, 0x88 } },
    { "bit mask", 0xf, 0, 0, 0, 0, 0x0f, 0x5a, { 0xfa, 0xca, 0xaa, 0x0a } },
    { "set/reset", 0xf, 0x6, 0xf, 0, 0, 0xff, 0x5a, { 0x00, 0xff, 0xff, 0x00 } },
    { "enable set/reset", 0xf, 0x6, 0x3, 0, 0, 0xff, 0x5a, { 0x00, 0xff, 0x5a, 0x5a } },
    { "rotate by 3", 0xf, 0, 0, 0x03, 0, 0xff, 0x5a, { 0x4b, 0x4b, 0x4b, 0x4b } },
    { "and", 0xf, 0, 0, 0x08, 0, 0xff, 0x5a, { 0x50, 0x48, 0x0a, 0x0a } },
    { "or", 0xf, 0, 0, 0x10, 0, 0xff, 0x5a, { 0xfa, 0xde, 0xfa, 0x5f } },
    { "xor", 0xf, 0, 0, 0x18, 0, 0xff, 0x5a, { 0xaa, 0x96, 0xf0, 0x55 } },
    { "xor, bit mask", 0xf, 0, 0, 0x18, 0, 0xc0, 0x5a, { 0xb0, 0x8c, 0xea, 0x4f } },
    { "set/reset xor", 0xf, 0xf, 0xf, 0x18, 0, 0xff, 0x00, { 0x0f, 0x33, 0x55, 0xf0 } },
    { "latches", 0xf, 0, 0, 0, 1, 0xff, 0x5a, { 0xf0, 0xcc, 0xaa, 0x0f } },
    { "latches, map mask", 0x8, 0xf, 0xf, 0x1f, 1, 0x00, 0x5a, { 0x11, 0x22, 0x44, 0x0f } },
    { "colour", 0xf, 0, 0, 0, 2, 0xff, 0x5a, { 0x00, 0xff, 0x00, 0xff } },
    { "colour, bit mask", 0xf, 0, 0, 0, 2, 0x81, 0x05, { 0xf1, 0x4c, 0xab, 0x0e } },
    { "colour, not rotated", 0xf, 0, 0, 0x04, 2, 0xff, 0x01, { 0xff, 0x00, 0x00, 0x00 } },
    { "colour or", 0xf, 0, 0, 0x10, 2, 0xff, 0x03, { 0xff, 0xff, 0xaa, 0x0f } },
    { "data as mask", 0xf, 0x9, 0, 0, 3, 0xff, 0x3c, { 0xfc, 0xc0, 0x82, 0x3f } },
    { "data and bit mask", 0xf, 0x9, 0, 0, 3, 0x0f, 0x3c, { 0xfc, 0xc0, 0xa2, 0x0f } },
    { "rotated data as mask", 0xf, 0xf, 0, 0x04, 3, 0xff, 0x01, { 0xf0, 0xdc, 0xba, 0x1f } },
};

START_TEST(write_modes)
{
    static const uint8_t latches[4] = { 0xf0, 0xcc, 0xaa, 0x0f };
    static const uint8_t memory[4] = { 0x11, 0x22, 0x44, 0x88 };

    for (unsigned i = 0; i < ARRAY_LEN(write_vectors); i++) {
        uint8_t maps[4];

        set_maps(A000 + 100, latches);
        set_maps(A000 + 200, memory);
        vga_guest_peek(&g, A000 + 100);
        vga_guest_indexed(&g, SEQ, 2, write_vectors[i].map_mask);
        vga_guest_indexed(&g, GFX, 0, write_vectors[i].set_reset);
        vga_guest_indexed(&g, GFX, 1, write_vectors[i].enable);
        vga_guest_indexed(&g, GFX, 3, write_vectors[i].rotate);
        vga_guest_indexed(&g, GFX, 5, write_vectors[i].mode);
        vga_guest_indexed(&g, GFX, 8, write_vectors[i].bit_mask);
        vga_guest_poke(&g, A000 + 200, write_vectors[i].val);
        for (unsigned r = 0; r < 9; r++)
            vga_guest_indexed(&g, GFX, (uint8_t) r, r == 6 ? 0x05 : r == 7 ? 0x0f : r == 8 ? 0xff : 0);
        get_maps(A000 + 200, maps);
        ck_assert_msg(memcmp(maps, write_vectors[i].maps, 4) == 0, "%s: %02x %02x %02x %02x",
                      write_vectors[i].what, maps[0], maps[1], maps[2], maps[3]);
    }
}
END_TEST

/* "Color Compare" and "Color Don't Care": a bit for each pixel that matches. */
START_TEST(read_mode_1)
{
    static const uint8_t maps[4] = { 0xf0, 0xcc, 0xaa, 0x0f };
    /* Pixels from bit 7: 7, 3, 5, 1, e, a, c, 8. */
    static const struct {
        uint8_t compare, care, want;
    } cases[] = {
        { 7, 0xf, 0x80 }, { 8, 0xf, 0x01 }, { 2, 0xf, 0x00 }, { 0xf, 0x1, 0xf0 },
        { 0, 0x8, 0xf0 }, { 4, 0x6, 0x22 }, { 0, 0x0, 0xff },
    };

    set_maps(A000, maps);
    vga_guest_indexed(&g, GFX, 5, 0x08);
    for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
        vga_guest_indexed(&g, GFX, 2, cases[i].compare);
        vga_guest_indexed(&g, GFX, 7, cases[i].care);
        ck_assert_uint_eq(vga_guest_peek(&g, A000), cases[i].want);
    }
}
END_TEST

/* "Miscellaneous Register", memory map. */
START_TEST(windows)
{
    static const struct {
        uint8_t misc;
        uint8_t a000, afff, b000, b7ff, b800, bfff; /* answered? */
    } maps[] = {
        { 0x01, 1, 1, 1, 1, 1, 1 },
        { 0x05, 1, 1, 0, 0, 0, 0 },
        { 0x09, 0, 0, 1, 1, 0, 0 },
        { 0x0d, 0, 0, 0, 0, 1, 1 },
    };

    for (unsigned i = 0; i < ARRAY_LEN(maps); i++) {
        const uint8_t want[] = { maps[i].a000, maps[i].afff, maps[i].b000,
                                 maps[i].b7ff, maps[i].b800, maps[i].bfff };
        static const paddr addr[] = { 0xa0000, 0xaffff, 0xb0000, 0xb7fff, 0xb8000, 0xbffff };

        vga_guest_indexed(&g, GFX, 6, maps[i].misc);
        for (unsigned a = 0; a < ARRAY_LEN(addr); a++) {
            vga_guest_poke(&g, addr[a], 0x42);
            ck_assert_uint_eq(vga_guest_peek(&g, addr[a]), want[a] ? 0x42 : 0xff);
        }
    }
    rig_out(g.rig, 0x3c2, 0xe1); /* RAM disabled */
    ck_assert_uint_eq(vga_guest_peek(&g, B800), 0xff);
}
END_TEST

/* Character and attribute lie at one even address, in maps 0 and 1. */
START_TEST(odd_even_text)
{
    uint8_t maps[4];

    vga_guest_set_mode(&g, MODE_03);
    bus_write(g.rig->bus, B800 + 4, 2, 0x1741);
    bus_write(g.rig->bus, B800 + 7, 4, 0x1f421e43); /* an odd start */
    ck_assert_uint_eq(vga_guest_peek(&g, B800 + 4), 0x41);
    ck_assert_uint_eq(vga_guest_peek(&g, B800 + 5), 0x17);
    ck_assert_uint_eq(bus_read(g.rig->bus, B800 + 7, 4), 0x1f421e43);
    vga_guest_indexed(&g, SEQ, 4, 0x06);
    vga_guest_indexed(&g, GFX, 5, 0x00);
    vga_guest_indexed(&g, GFX, 6, 0x05);
    get_maps(A000 + 4, maps);
    ck_assert_uint_eq(maps[0], 0x41);
    ck_assert_uint_eq(maps[1], 0x17);
    ck_assert_uint_eq(maps[2], 0);
    get_maps(A000 + 5, maps);
    ck_assert_uint_eq(maps[0] | maps[1], 0);
    get_maps(A000 + 8, maps);
    ck_assert_uint_eq(maps[0], 0x1e);
    ck_assert_uint_eq(maps[1], 0x42);
}
END_TEST

/* What stands in for address bit 0: the page bit, or bit 16 of a 128 KiB window. */
START_TEST(odd_even_pages)
{
    uint8_t maps[4];

    vga_guest_set_mode(&g, MODE_03);
    rig_out(g.rig, 0x3c2, 0x47);
    bus_write(g.rig->bus, B800 + 4, 2, 0x2211);
    rig_out(g.rig, 0x3c2, 0x67);
    vga_guest_indexed(&g, GFX, 6, 0x02);
    bus_write(g.rig->bus, A000 + 0x10, 2, 0x4433);
    bus_write(g.rig->bus, B000 + 0x10, 2, 0x6655);
    vga_guest_indexed(&g, SEQ, 4, 0x06);
    vga_guest_indexed(&g, GFX, 5, 0x00);
    vga_guest_indexed(&g, GFX, 6, 0x05);
    get_maps(A000 + 5, maps);
    ck_assert_uint_eq(maps[0], 0x11);
    ck_assert_uint_eq(maps[1], 0x22);
    get_maps(A000 + 0x10, maps);
    ck_assert_uint_eq(maps[0], 0x33);
    ck_assert_uint_eq(maps[1], 0x44);
    get_maps(A000 + 0x11, maps);
    ck_assert_uint_eq(maps[0], 0x55);
    ck_assert_uint_eq(maps[1], 0x66);
}
END_TEST

/* Chain 4: pixel n in map n % 4; address bits 14 and 15 come to the bottom. */
START_TEST(chain_4)
{
    uint8_t maps[4];

    vga_guest_set_mode(&g, MODE_13);
    for (paddr a = 0; a < 0x10000; a++)
        vga_guest_poke(&g, A000 + a, (uint8_t) (a ^ a >> 8));
    for (paddr a = 0; a < 0x10000; a++)
        ck_assert_uint_eq(vga_guest_peek(&g, A000 + a), (uint8_t) (a ^ a >> 8));
    ck_assert_uint_eq(bus_read(g.rig->bus, A000 + 0x1234, 4), 0x25242726);
    bus_write(g.rig->bus, A000 + 0x4106, 4, 0x44332211);
    ck_assert_uint_eq(bus_read(g.rig->bus, A000 + 0x4106, 4), 0x44332211);
    vga_guest_indexed(&g, SEQ, 4, 0x06);
    vga_guest_indexed(&g, GFX, 5, 0x00);
    get_maps(A000 + 0x4105, maps); /* of 4104h to 4107h: bit 14 is set */
    ck_assert_uint_eq(maps[2], 0x11);
    ck_assert_uint_eq(maps[3], 0x22);
}
END_TEST

/* As plain memory, and no longer so when any register stands in between. */
START_TEST(chain_4_is_memory)
{
    static const struct {
        uint16_t port;
        uint8_t index, val, back;
    } changes[] = {
        { SEQ, 2, 0x07, 0x0f }, { SEQ, 4, 0x06, 0x0e }, { SEQ, 4, 0x0c, 0x0e }, { GFX, 1, 0x01, 0x00 },
        { GFX, 3, 0x01, 0x00 }, { GFX, 5, 0x41, 0x40 }, { GFX, 5, 0x48, 0x40 }, { GFX, 6, 0x01, 0x05 },
        { GFX, 8, 0xfe, 0xff },
    };
    const struct page *page = bus_page(g.rig->bus, A000 + 0xf000);

    vga_guest_set_mode(&g, MODE_13);
    for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++) {
        ck_assert_ptr_nonnull(page->host);
        ck_assert_uint_eq(page->cls, 0);
        page->host[8] = (uint8_t) i;
        vga_guest_indexed(&g, changes[i].port, changes[i].index, changes[i].val);
        ck_assert_ptr_null(page->host);
        ck_assert_uint_eq(page->cls, PAGE_MMIO);
        vga_guest_indexed(&g, changes[i].port, changes[i].index, changes[i].back);
        ck_assert_uint_eq(vga_guest_peek(&g, A000 + 0xf008), i);
    }
    ck_assert_ptr_null(bus_page(g.rig->bus, 0xb0000)->host);
}
END_TEST

/* Mode X: chain 4 off, four pixels an address, copied four at a time. */
START_TEST(mode_x_latch_copy)
{
    static const uint8_t pixels[4] = { 1, 2, 3, 4 };
    uint8_t maps[4];

    vga_guest_set_mode(&g, MODE_13);
    vga_guest_indexed(&g, SEQ, 4, 0x06);
    set_maps(A000 + 10, pixels);
    vga_guest_indexed(&g, GFX, 5, 0x41);
    vga_guest_peek(&g, A000 + 10);
    vga_guest_poke(&g, A000 + 0xffff, 0);
    vga_guest_indexed(&g, GFX, 5, 0x40);
    get_maps(A000 + 0xffff, maps);
    ck_assert_int_eq(memcmp(maps, pixels, 4), 0);
}
END_TEST

/* Undocumented: 3D4h index 22h reads the latch of the map to be read. */
START_TEST(latch_reads_back)
{
    static const uint8_t maps[4] = { 0x12, 0x34, 0x56, 0x78 };

    set_maps(A000 + 5, maps);
    vga_guest_peek(&g, A000 + 5);
    for (unsigned m = 0; m < 4; m++) {
        vga_guest_indexed(&g, GFX, 4, (uint8_t) m);
        ck_assert_uint_eq(vga_guest_read_indexed(&g, 0x3d4, 0x22), maps[m]);
    }
}
END_TEST

/* --- against a model that works bit by bit --------------------------------- */

static struct {
    uint8_t maps[4][65536];
    uint8_t latch[4];
    uint8_t seq[5], gfx[9];
} model;

static uint64_t seed;

static uint32_t chance(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t) (seed >> 20) % n;
}

/* Where byte `off` of the 64 KiB window lies. */
static uint32_t model_addr(uint32_t off)
{
    if (model.seq[4] & 8)
        off = (off & 0xfffc) | off >> 14;
    else if (!(model.seq[4] & 4) && model.gfx[6] & 2)
        off &= 0xfffe;
    return model.seq[4] & 2 ? off : off & 0x3fff;
}

static bool model_takes(uint32_t off, unsigned map)
{
    if (!(model.seq[2] >> map & 1))
        return false;
    if (model.seq[4] & 8)
        return map == off % 4;
    return model.seq[4] & 4 || map % 2 == off % 2;
}

static unsigned model_bit(unsigned map, unsigned bit, uint8_t val)
{
    unsigned rotated = val >> ((bit + (model.gfx[3] & 7)) % 8) & 1;
    unsigned old = model.latch[map] >> bit & 1, mask = model.gfx[8] >> bit & 1, data;

    switch (model.gfx[5] & 3) {
    case 0:
        data = model.gfx[1] >> map & 1 ? model.gfx[0] >> map & 1 : rotated;
        break;
    case 1: return old;
    case 2: data = val >> map & 1; break;
    default:
        data = model.gfx[0] >> map & 1;
        mask &= rotated;
        break;
    }
    switch (model.gfx[3] >> 3) {
    case 1: data &= old; break;
    case 2: data |= old; break;
    case 3: data ^= old; break;
    default: break;
    }
    return mask ? data : old;
}

static void model_write(uint32_t off, uint8_t val)
{
    for (unsigned map = 0; map < 4; map++) {
        unsigned byte = 0;

        if (!model_takes(off, map))
            continue;
        for (unsigned bit = 0; bit < 8; bit++)
            byte |= model_bit(map, bit, val) << bit;
        model.maps[map][model_addr(off)] = (uint8_t) byte;
    }
}

/* The one thing that is not as on the chip (src/hw/vga_mem.c, "Absent"). */
static bool model_keeps_latches(void)
{
    return (model.seq[4] & 10) == 10 && (model.seq[2] & 15) == 15 && model.gfx[8] == 0xff && (model.gfx[1] & 15) == 0
        && model.gfx[3] == 0 && (model.gfx[5] & 11) == 0;
}

static uint8_t model_read(uint32_t off)
{
    bool odd_even = !(model.seq[4] & 8) && model.gfx[5] & 0x10;
    uint32_t addr = off;
    unsigned result = 0;

    if (model.seq[4] & 8)
        addr = (off & 0xfffc) | off >> 14;
    else if (odd_even && model.gfx[6] & 2)
        addr = off & 0xfffe;
    if (!(model.seq[4] & 2))
        addr &= 0x3fff;
    if (model_keeps_latches())
        return model.maps[off % 4][addr];
    for (unsigned map = 0; map < 4; map++)
        model.latch[map] = model.maps[map][addr];
    if (!(model.gfx[5] & 8))
        return model.latch[model.seq[4] & 8 ? off % 4
                           : odd_even       ? (model.gfx[4] & 2u) | off % 2
                                            : model.gfx[4] & 3u];
    for (unsigned bit = 0; bit < 8; bit++) {
        bool same = true;

        for (unsigned map = 0; map < 4; map++)
            if (model.gfx[7] >> map & 1 && (model.latch[map] >> bit & 1) != (model.gfx[2] >> map & 1))
                same = false;
        result |= (unsigned) same << bit;
    }
    return (uint8_t) result;
}

static void set_model_registers(void)
{
    /* Half of the time the common values, for which there are short ways. */
    static const uint8_t plain[9] = { 0, 0, 0, 0, 0, 0, 4, 15, 255 };
    bool common = chance(2);

    model.seq[2] = chance(3) ? 0x0f : (uint8_t) chance(16);
    model.seq[4] = (uint8_t) (chance(8) * 2);
    for (unsigned r = 0; r < 9; r++)
        model.gfx[r] = common ? plain[r] : (uint8_t) chance(256);
    model.gfx[3] &= 0x1f;
    model.gfx[5] &= 0x1b;
    model.gfx[6] = (uint8_t) (4 | chance(4)); /* the 64 KiB window */
    vga_guest_indexed(&g, SEQ, 2, model.seq[2]);
    vga_guest_indexed(&g, SEQ, 4, model.seq[4]);
    for (unsigned r = 0; r < 9; r++)
        vga_guest_indexed(&g, GFX, (uint8_t) r, model.gfx[r]);
}

static void access_both(void)
{
    uint32_t off = chance(8) ? chance(256) : chance(0xfff0);
    unsigned size = 1u << chance(3);
    uint32_t val = chance(0xffffffff), want = 0;

    if (chance(2)) {
        bus_write(g.rig->bus, A000 + off, size, val);
        for (unsigned i = 0; i < size; i++)
            model_write(off + i, (uint8_t) (val >> (8 * i)));
        return;
    }
    for (unsigned i = 0; i < size; i++)
        want |= (uint32_t) model_read(off + i) << (8 * i);
    ck_assert_uint_eq(bus_read(g.rig->bus, A000 + off, size), want);
}

static void compare_maps(unsigned round)
{
    vga_guest_indexed(&g, SEQ, 4, 0x06);
    vga_guest_indexed(&g, GFX, 5, 0x00);
    for (unsigned map = 0; map < 4; map++) {
        vga_guest_indexed(&g, GFX, 4, (uint8_t) map);
        for (uint32_t off = 0; off < 0x10000; off += 4)
            ck_assert_msg(bus_read(g.rig->bus, A000 + off, 4) == load_le32(&model.maps[map][off]),
                          "round %u map %u offset %x", round, map, off);
    }
}

START_TEST(random_accesses_match_the_model)
{
    memset(&model, 0, sizeof model);
    seed = 0x1234567890abcdef;
    for (unsigned round = 0; round < 60; round++) {
        for (unsigned i = 0; i < 30; i++) {
            set_model_registers();
            for (unsigned k = 0; k < 40; k++)
                access_both();
        }
        compare_maps(round);
        for (unsigned map = 0; map < 4; map++) /* the comparison left these */
            model.latch[map] = model.maps[map][0xffff];
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("vga_mem");
    TCase *tc = tcase_create("vga_mem");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, write_modes);
    tcase_add_test(tc, read_mode_1);
    tcase_add_test(tc, windows);
    tcase_add_test(tc, odd_even_text);
    tcase_add_test(tc, odd_even_pages);
    tcase_add_test(tc, chain_4);
    tcase_add_test(tc, chain_4_is_memory);
    tcase_add_test(tc, mode_x_latch_copy);
    tcase_add_test(tc, latch_reads_back);
    tcase_add_test(tc, random_accesses_match_the_model);
    suite_add_tcase(s, tc);
    return s;
}

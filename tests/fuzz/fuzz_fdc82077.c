/*
 * Guest accesses, time, media changes, resets and state round trips on a
 * floppy controller with two drives: nothing may crash, and saved state must
 * come back as it was.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "hw/fdc82077.h"
#include "support/memdisk.h"
#include "support/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A channel that takes `room` bytes more, with terminal count at its end if `tc`. */
struct channel {
    size_t room;
    bool tc;
};

static size_t channel_move(struct channel *ch, size_t len, bool *tc)
{
    size_t n = ch->room < len ? ch->room : len;

    ch->room -= n;
    *tc = n != 0 && ch->room == 0 && ch->tc;
    return n;
}

static size_t channel_read(void *opaque, unsigned channel, uint8_t *buf, size_t len, bool *tc)
{
    size_t n = channel_move(opaque, len, tc);

    (void) channel;
    /* IDs of a track, or data: whatever. */
    for (size_t i = 0; i < n; i++)
        buf[i] = (uint8_t) (i % 4 == 2 ? i / 4 + 1 : i % 4 == 3 ? 2 : 0);
    return n;
}

static size_t channel_write(void *opaque, unsigned channel, const uint8_t *buf, size_t len, bool *tc)
{
    static volatile uint8_t sink;
    size_t n = channel_move(opaque, len, tc);

    (void) channel;
    for (size_t i = 0; i < n; i++)
        sink = buf[i]; /* a sanitizer sees what is read */
    (void) sink;
    return n;
}

/* Commands that get far; the second byte of the input bends them. */
static const uint8_t canned[][9] = {
    { 0xe6, 0, 0, 0, 1, 2, 9, 0x1b, 0xff }, { 0x66, 0, 0, 0, 1, 2, 3, 0x1b, 0xff },
    { 0xc5, 0, 0, 0, 1, 2, 9, 0x1b, 0xff }, { 0x49, 0, 0, 0, 2, 2, 9, 0x1b, 0xff },
    { 0x6c, 0, 0, 0, 1, 2, 9, 0x1b, 0xff }, { 0x42, 0, 0, 0, 1, 2, 9, 0x1b, 0xff },
    { 0xd6, 0, 0, 0, 1, 2, 9, 0x1b, 0xff }, { 0xd6, 0x80, 0, 0, 1, 2, 9, 0x1b, 5 },
    { 0x51, 0, 0, 0, 1, 2, 9, 0x1b, 1 },    { 0x5d, 0, 0, 0, 1, 2, 9, 0x1b, 2 },
    { 0x4d, 0, 2, 18, 0x50, 0xf6 },         { 0x4d, 0, 2, 8, 0x50, 0xf6 },
    { 0x4a, 0 },                            { 0x0f, 0, 2 },
    { 0x07, 0 },                            { 0x13, 0, 0x4a, 0 },
};

static void send_canned(struct rig *rig, uint8_t n, uint8_t bend)
{
    const uint8_t *c = canned[n % (sizeof canned / sizeof canned[0])];

    for (unsigned i = 0; i < 9; i++)
        rig_out(rig, 0x3f5, (uint8_t) (c[i] ^ (bend != 0 && i == bend % 9 ? bend / 9 : 0)));
}

struct bench {
    struct rig *rig;
    struct fdc *fdc;
    struct channel channel;
};

/* A snapshot from outside: one bit before the buffer is not what it was. */
static void load_damaged(struct rig *rig, uint8_t where, uint8_t with)
{
    struct buf b = { 0 };
    struct err err;

    state_save(rig->state, &b);
    b.data[b.len - 1 - 1024 - with % 140] ^= (uint8_t) (1 << (where & 7));
    state_load(rig->state, b.data, b.len, &err);
    buf_free(&b);
}

static void step(struct bench *b, const uint8_t *in)
{
    static const uint8_t specify[2][3] = { { 0x03, 0xff, 0x02 }, { 0x03, 0xff, 0x03 } };
    struct rig *rig = b->rig;
    int64_t index = in[1] & 7;

    switch (in[0] & 15) {
    case 0: case 1: rig_out(rig, 0x3f5, in[1]); break;
    case 2: case 3: send_canned(rig, in[0] >> 4, in[1]); break;
    case 4: rig_out(rig, (uint16_t) (0x3f0 + (in[0] >> 4 & 7)), in[1]); break;
    case 5: rig_in(rig, (uint16_t) (0x3f0 + (in[0] >> 4 & 7))); break;
    case 6: rig_run(rig, in[1] * 4000u); break;
    case 7: rig_run(rig, in[1] * 2000000u); break;
    case 8:
        for (unsigned i = 0; i < in[1]; i++)
            rig_in(rig, 0x3f5);
        break;
    case 9: /* poll the FIFO as fast as a disk turns */
        for (unsigned i = 0; i < in[1] * 4u; i++) {
            rig_run(rig, 8000);
            rig_in(rig, 0x3f5);
        }
        break;
    case 10:
        for (unsigned i = 0; i < in[1] * 4u; i++) {
            rig_run(rig, 8000);
            rig_out(rig, 0x3f5, (uint8_t) i);
        }
        break;
    case 11: b->channel = (struct channel){ in[1] * 128u, in[0] & 16 }; break;
    case 12:
        for (unsigned i = 0; i < 3; i++)
            rig_out(rig, 0x3f5, specify[in[1] & 1][i]);
        break;
    case 13: journal_post(rig->journal, in[1] & 8 ? "fd1" : "fd0", in[1] & 16 ? "eject" : "insert", &index, NULL, 0); break;
    case 14: /* out of reset, or the reset pin */
        if (in[1] < 2)
            fdc_reset(b->fdc);
        else
            rig_out(rig, 0x3f2, 0x1c);
        break;
    default:
        if (in[1] < 32 && rig_roundtrip(rig) != NULL)
            abort();
        if (in[1] >= 32)
            load_damaged(rig, in[0] >> 4, in[1]);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct disk_geometry shelf_geometry[4] = {
        { 5, 1, 8 }, { 4, 2, 18 }, { 3, 2, 36 }, { 43, 1, 15 },
    };
    struct bench b = { .rig = rig_new() };
    struct dma_line line = { .read = channel_read, .write = channel_write, .opaque = &b.channel, .channel = 2 };
    struct disk *shelf[4];
    struct fdc_config cfg = { .sched = &b.rig->sched, .bus = b.rig->bus, .state = b.rig->state,
                              .journal = b.rig->journal, .irq = &b.rig->line[6], .dma = &line,
                              .base = 0x3f0, .shelf = shelf, .shelf_count = 4, .ps2 = size & 1 };

    for (unsigned i = 0; i < 4; i++)
        shelf[i] = memdisk_new((const char *[]){ "s0", "s1", "s2", "s3" }[i], shelf_geometry[i], 0,
                               i == 3, b.rig->journal, b.rig->state)->disk;
    cfg.type[0] = size > 0 ? data[0] % 5 + 1 : FDC_DRIVE_1440K;
    cfg.type[1] = size > 0 ? data[0] / 5 % 6 : FDC_NO_DRIVE;
    b.fdc = fdc_new(&cfg);
    fdc_set_media(b.fdc, 0, shelf[1]);
    rig_out(b.rig, 0x3f2, 0x1c);
    rig_run(b.rig, 400000000);
    rig_out(b.rig, 0x3f7, 0);
    for (size_t i = 1; i + 1 < size; i += 2)
        step(&b, data + i);
    fdc_free(b.fdc);
    for (unsigned i = 0; i < 4; i++)
        disk_free(shelf[i]);
    rig_free(b.rig);
    return 0;
}

/* Floppy disk controller, driven as a guest drives it. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/bits.h"
#include "hw/fdc_internal.h"
#include "support/memdisk.h"
#include "support/rig.h"

enum { BASE = 0x3f0, DOR = BASE + 2, MSR = BASE + 4, FIFO = BASE + 5, DIR = BASE + 7, CCR = BASE + 7 };
enum { IRQ = 6, MS = 1000000 };
enum { R500, R300, R250, R1000 };

static const struct disk_geometry g1440 = { 80, 2, 18 };

/* The other end of DMA channel 2. */
static struct {
    uint8_t mem[40000];
    size_t pos, len; /* terminal count at len */
    bool masked;
} dma;

static size_t dma_room(size_t len, bool *tc)
{
    size_t n = dma.len - dma.pos < len ? dma.len - dma.pos : len;

    if (dma.masked || n == 0)
        return 0;
    *tc = dma.pos + n == dma.len;
    return n;
}

static size_t dma_to_memory(void *opaque, unsigned channel, const uint8_t *buf, size_t len, bool *tc)
{
    size_t n = dma_room(len, tc);

    (void) opaque;
    ck_assert_uint_eq(channel, 2);
    memcpy(dma.mem + dma.pos, buf, n);
    dma.pos += n;
    return n;
}

static size_t dma_from_memory(void *opaque, unsigned channel, uint8_t *buf, size_t len, bool *tc)
{
    size_t n = dma_room(len, tc);

    (void) opaque;
    ck_assert_uint_eq(channel, 2);
    memcpy(buf, dma.mem + dma.pos, n);
    dma.pos += n;
    return n;
}

static const struct dma_line line = { .read = dma_from_memory, .write = dma_to_memory, .channel = 2 };

static struct rig *rig;
static struct fdc *fdc;
static struct memdisk *disk, *shelved;
static struct disk *shelf[1];

static bool ps2;

static void build(enum fdc_drive_type type, struct disk_geometry g, bool read_only)
{
    struct fdc_config cfg = { .dma = &line, .base = BASE, .ps2 = ps2,
                              .type = { type, FDC_NO_DRIVE }, .shelf = shelf, .shelf_count = 1 };

    rig = rig_new();
    cfg.sched = &rig->sched;
    cfg.bus = rig->bus;
    cfg.state = rig->state;
    cfg.journal = rig->journal;
    cfg.irq = &rig->line[IRQ];
    disk = g.heads != 0 ? memdisk_new("fd0", g, 0, read_only, rig->journal, rig->state) : NULL;
    shelved = memdisk_new("shelf0", (struct disk_geometry){ 80, 2, 9 }, 0, true, rig->journal, rig->state);
    shelf[0] = shelved->disk;
    fdc = fdc_new(&cfg);
    fdc_set_media(fdc, 0, disk != NULL ? disk->disk : NULL);
    memset(&dma, 0, sizeof dma);
}

/* --- the guest ------------------------------------------------------------------ */

static void send(unsigned n, const uint8_t *bytes)
{
    for (unsigned i = 0; i < n; i++) {
        ck_assert_uint_eq(rig_in(rig, MSR) & 0xc0, 0x80);
        rig_out(rig, FIFO, bytes[i]);
    }
}
#define SEND(...) send(sizeof((uint8_t[]){ __VA_ARGS__ }), (const uint8_t[]){ __VA_ARGS__ })

static uint8_t res[16];

/* Reads the result phase; its length. */
static unsigned result(void)
{
    unsigned n = 0;

    while ((rig_in(rig, MSR) & 0xd0) == 0xd0 && n < sizeof res)
        res[n++] = rig_in(rig, FIFO);
    return n;
}

static bool wait_irq(unsigned ms)
{
    for (unsigned i = 0; i < ms * 20 && !rig_irq(rig, IRQ); i++)
        rig_run(rig, 50000);
    return rig_irq(rig, IRQ);
}

static void sense(uint8_t st0, uint8_t pcn)
{
    SEND(0x08);
    ck_assert_uint_eq(result(), 2);
    ck_assert_uint_eq(res[0], st0);
    ck_assert_uint_eq(res[1], pcn);
}

/* As a BIOS does: reset, four senses, SPECIFY, motor, rate, RECALIBRATE. */
static void bring_up(uint8_t rate)
{
    rig_out(rig, DOR, 0x00);
    rig_run(rig, 10000);
    ck_assert_uint_eq(rig_in(rig, MSR), 0);
    rig_out(rig, DOR, 0x0c);
    ck_assert(wait_irq(10));
    for (uint8_t i = 0; i < 4; i++)
        sense(0xc0 | i, 0);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    SEND(0x03, 0xdf, 0x02); /* 3 ms steps, DMA */
    rig_out(rig, CCR, rate);
    rig_out(rig, DOR, 0x1c);
    rig_run(rig, 500 * (uint64_t) MS);
    SEND(0x07, 0);
    ck_assert(wait_irq(400));
    sense(0x20, 0);
}

static void seek(uint8_t cyl)
{
    SEND(0x0f, 0, cyl);
    ck_assert(wait_irq(1000));
    sense(0x20, cyl);
}

static void dma_start(size_t len)
{
    dma.pos = 0;
    dma.len = len;
}

/* A data command of nine bytes to its end; result bytes are in res. */
static void data(uint8_t cmd, uint8_t head, uint8_t c, uint8_t h, uint8_t r, uint8_t eot, uint8_t dtl)
{
    SEND(cmd, (uint8_t) (head << 2), c, h, r, 2, eot, 0x1b, dtl);
    ck_assert_msg(wait_irq(5000), "no interrupt after command %02x", cmd);
    ck_assert_uint_eq(result(), 7);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
}

static void expect(uint8_t st0, uint8_t st1, uint8_t st2)
{
    ck_assert_msg(res[0] == st0 && res[1] == st1 && res[2] == st2,
                  "ST %02x %02x %02x, not %02x %02x %02x", res[0], res[1], res[2], st0, st1, st2);
}

static void expect_chrn(uint8_t c, uint8_t h, uint8_t r)
{
    ck_assert_msg(res[3] == c && res[4] == h && res[5] == r && res[6] == 2,
                  "CHRN %u %u %u %u, not %u %u %u 2", res[3], res[4], res[5], res[6], c, h, r);
}

static void setup(void)
{
    build(FDC_DRIVE_1440K, g1440, false);
    bring_up(R500);
}

static void teardown(void)
{
    const char *wrong = rig_roundtrip(rig);

    ck_assert_msg(wrong == NULL, "%s", wrong);
    fdc_free(fdc);
    if (disk != NULL)
        disk_free(disk->disk);
    disk_free(shelved->disk);
    rig_free(rig);
}

static void rebuild(enum fdc_drive_type type, struct disk_geometry g, bool read_only)
{
    teardown();
    build(type, g, read_only);
}

/* --- control --------------------------------------------------------------------- */

START_TEST(fields_cover_the_saved_state)
{
    char text[256] = "";

    ck_assert_msg(state_fields_complete(fdc_fields, text, sizeof text), "%s", text);
}
END_TEST

/* 5.2.4: without a cause SENSE INTERRUPT STATUS is invalid. */
START_TEST(identification)
{
    SEND(0x08);
    ck_assert_uint_eq(result(), 1);
    ck_assert_uint_eq(res[0], 0x80);
    SEND(0x10);
    ck_assert_uint_eq(result(), 1);
    ck_assert_uint_eq(res[0], 0x90);
    SEND(0x18); /* PART ID is the 82078's */
    ck_assert_uint_eq(result(), 1);
    ck_assert_uint_eq(res[0], 0x80);
    SEND(0x94);
    ck_assert_uint_eq(result(), 1);
    ck_assert_uint_eq(res[0], 0x10);
    SEND(0x14);
    ck_assert_uint_eq(result(), 1);
    ck_assert_uint_eq(res[0], 0x00);
    ck_assert_uint_eq(rig_in(rig, MSR), 0x80);
}
END_TEST

/* DUMPREG, LOCK: it keeps the FIFO through a software reset. */
START_TEST(dumpreg_shows_settings_and_lock_keeps_them)
{
    seek(7);
    SEND(0x13, 0x00, 0x5a, 0x10);
    SEND(0x12, 0x84 | 0x02);
    SEND(0x94);
    result();
    SEND(0x0e);
    ck_assert_uint_eq(result(), 10);
    ck_assert_mem_eq(res, ((uint8_t[]){ 7, 0, 0, 0, 0xdf, 0x02, 0, 0x86, 0x5a, 0x10 }), 10);
    rig_out(rig, MSR, 0x80); /* DSR */
    ck_assert(wait_irq(10));
    for (uint8_t i = 0; i < 4; i++)
        sense(0xc0 | i, i == 0 ? 7 : 0);
    SEND(0x0e);
    result();
    ck_assert_mem_eq(res + 4, ((uint8_t[]){ 0xdf, 0x02, 0, 0x84, 0x0a, 0x10 }), 6);
    SEND(0x14);
    result();
    rig_out(rig, DOR, 0x18);
    rig_out(rig, DOR, 0x1c);
    ck_assert(wait_irq(10));
    SEND(0x0e);
    result();
    ck_assert_uint_eq(res[8], 0x20);
}
END_TEST

/* 5.2.2, 5.2.3: time is steps times the step rate; busy bit until sensed. */
START_TEST(seek_takes_steps)
{
    SEND(0x0f, 0, 10);
    ck_assert_uint_eq(rig_in(rig, MSR), 0x81);
    rig_run(rig, 30 * MS - 1000);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, 2000);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(rig_in(rig, MSR), 0x81);
    sense(0x20, 10);
    ck_assert_uint_eq(rig_in(rig, MSR), 0x80);
    SEND(0x8f, 4, 4); /* RELATIVE SEEK out */
    ck_assert(wait_irq(100));
    sense(0x20, 6);
    SEND(0xcf, 0, 2); /* and in */
    ck_assert(wait_irq(100));
    sense(0x20, 8);
    SEND(0x4a, 0);
    ck_assert(wait_irq(500));
    ck_assert_uint_eq(result(), 7);
    ck_assert_uint_eq(res[3], 8);
    SEND(0x04, 0);
    result();
    ck_assert_uint_eq(res[0], 0x28);
    SEND(0x07, 0);
    ck_assert(wait_irq(100));
    sense(0x20, 0);
    SEND(0x04, 4);
    result();
    ck_assert_uint_eq(res[0], 0x3c); /* track 0 */
}
END_TEST

/* A drive that is not there never shows track 0: equipment check. */
START_TEST(recalibrate_without_a_drive)
{
    rig_out(rig, DOR, 0x2d);
    SEND(0x07, 1);
    ck_assert(wait_irq(1000));
    sense(0x71, 0);
}
END_TEST

/* --- reading ---------------------------------------------------------------------- */

START_TEST(read_ends_by_terminal_count)
{
    seek(3);
    dma_start(1024);
    data(0xe6, 1, 3, 1, 17, 18, 0xff);
    expect(0x04, 0, 0);
    expect_chrn(4, 0, 1);
    ck_assert_uint_eq(load_le32(dma.mem), (3 * 2 + 1) * 18 + 16);
    ck_assert_uint_eq(load_le32(dma.mem + 512), (3 * 2 + 1) * 18 + 17);
    dma_start(512);
    data(0xe6, 0, 3, 0, 5, 18, 0xff);
    expect(0, 0, 0);
    expect_chrn(3, 0, 6);
    dma_start(512);
    data(0xe6, 0, 3, 0, 18, 18, 0xff);
    expect_chrn(3, 1, 1); /* MT: the other side */
    dma_start(512);
    data(0x66, 0, 3, 0, 18, 18, 0xff);
    expect_chrn(4, 0, 1); /* not MT */
    dma_start(100); /* TC within a sector */
    data(0xe6, 0, 3, 0, 1, 18, 0xff);
    expect(0, 0, 0);
    expect_chrn(3, 0, 2);
}
END_TEST

/* A whole cylinder by MT: 36 sectors in little more than two turns. */
START_TEST(read_crosses_to_the_other_side)
{
    vtime start;

    dma_start(36 * 512);
    start = sched_now(&rig->sched);
    data(0xe6, 0, 0, 0, 1, 18, 0xff);
    expect(0x04, 0, 0);
    expect_chrn(1, 0, 1);
    for (unsigned i = 0; i < 36; i++)
        ck_assert_uint_eq(load_le32(dma.mem + i * 512), i);
    ck_assert_uint_gt(sched_now(&rig->sched) - start, 390 * (uint64_t) MS);
    ck_assert_uint_lt(sched_now(&rig->sched) - start, 610 * (uint64_t) MS);
}
END_TEST

/* BIOS-bochs-legacy reads so; once there was a SEEK nothing is implied. */
START_TEST(software_that_never_seeks)
{
    dma_start(512);
    data(0x66, 0, 5, 0, 1, 18, 0xff);
    expect(0x20, 0, 0);
    expect_chrn(5, 0, 2);
    seek(0);
    dma_start(512);
    data(0x66, 0, 5, 0, 1, 18, 0xff);
    expect(0x40, 0x04, 0x10);
}
END_TEST

/* Nor does it SPECIFY: then a step takes what the AT's table says, 6 ms at 250 kbit/s. */
START_TEST(software_that_never_specifies)
{
    rebuild(FDC_DRIVE_1440K, g1440, false);
    rig_out(rig, DOR, 0x1c);
    ck_assert(wait_irq(10));
    for (uint8_t i = 0; i < 4; i++)
        sense(0xc0 | i, 0);
    SEND(0x0f, 0, 40);
    ck_assert(wait_irq(241));
    sense(0x20, 40);
}
END_TEST

START_TEST(errors_have_their_bits)
{
    seek(0);
    dma_start(20000);
    data(0x66, 0, 0, 0, 17, 18, 0xff); /* no TC */
    expect(0x40, 0x80, 0);
    ck_assert_uint_eq(dma.pos, 1024);
    dma_start(512);
    data(0x66, 0, 0, 0, 19, 19, 0xff); /* no such sector */
    expect(0x40, 0x04, 0);
    dma_start(512);
    data(0x66, 0, 5, 0, 1, 18, 0xff); /* wrong cylinder */
    expect(0x40, 0x04, 0x10);
    dma_start(512);
    data(0x66, 0, 0, 1, 1, 18, 0xff); /* wrong head in the ID */
    expect(0x40, 0x04, 0);
    dma_start(512);
    data(0x26, 0, 0, 0, 1, 18, 0xff); /* FM */
    expect(0x40, 0x01, 0);
    rig_out(rig, CCR, R250);
    dma_start(512);
    data(0x66, 0, 0, 0, 1, 18, 0xff);
    expect(0x40, 0x01, 0);
    rig_out(rig, CCR, R500);
    dma.masked = true;
    dma_start(512);
    data(0x66, 0, 0, 0, 1, 18, 0xff); /* nobody takes the data */
    expect(0x40, 0x10, 0);
    dma.masked = false;
    disk->bad_lba = 2;
    dma_start(2048);
    data(0x66, 0, 0, 0, 1, 18, 0xff);
    expect(0x40, 0x20, 0x20);
    expect_chrn(0, 0, 3);
}
END_TEST

START_TEST(read_track_takes_sectors_in_their_order)
{
    dma_start(4 * 512);
    data(0x42, 0, 0, 0, 1, 18, 0xff);
    expect(0, 0, 0);
    ck_assert_uint_eq(load_le32(dma.mem), 0);
    ck_assert_uint_eq(load_le32(dma.mem + 3 * 512), 3);
    dma_start(20000);
    data(0x42, 0, 0, 0, 9, 2, 0xff); /* other IDs do not stop it */
    expect(0x40, 0x84, 0);
    ck_assert_uint_eq(load_le32(dma.mem), 0);
    ck_assert_uint_eq(dma.pos, 1024);
}
END_TEST

START_TEST(read_id_sees_the_disk_turn)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < 40; i++) {
        SEND(0x4a, 4);
        ck_assert(wait_irq(100));
        ck_assert_uint_eq(result(), 7);
        expect(0x04, 0, 0);
        ck_assert_uint_eq(res[4], 1);
        ck_assert_uint_ge(res[5], 1);
        ck_assert_uint_le(res[5], 18);
        seen |= 1u << res[5];
    }
    ck_assert_uint_eq(seen, 0x7fffe);
}
END_TEST

/* Without index pulses a command hangs until it is reset. */
START_TEST(no_motor_no_end)
{
    rig_out(rig, DOR, 0x0c);
    SEND(0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert(!wait_irq(3000));
    ck_assert_uint_eq(rig_in(rig, MSR), 0x10);
    dma_start(512);
    rig_out(rig, DOR, 0x1c); /* the motor comes on under it */
    ck_assert(wait_irq(1000));
    result();
    expect(0, 0, 0);
    rig_out(rig, DOR, 0x0c);
    SEND(0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    ck_assert(!wait_irq(100));
    rig_out(rig, DOR, 0x08);
    rig_out(rig, DOR, 0x0c);
    ck_assert(wait_irq(10));
    sense(0xc0, 0);
}
END_TEST

/* --- writing ------------------------------------------------------------------------ */

START_TEST(write_reaches_the_disk)
{
    uint8_t sector[512];

    memset(dma.mem, 0xa7, 1024);
    dma_start(1024);
    data(0xc5, 1, 0, 1, 3, 18, 0xff);
    expect(0x04, 0, 0);
    expect_chrn(0, 1, 5);
    ck_assert_int_eq(disk_read(disk->disk, 18 + 3, 1, sector), 0);
    ck_assert_uint_eq(sector[511], 0xa7);
    dma_start(10); /* the rest of the sector becomes zero: WRITE DATA */
    data(0xc5, 1, 0, 1, 3, 18, 0xff);
    disk_read(disk->disk, 18 + 2, 1, sector);
    ck_assert_uint_eq(sector[9], 0xa7);
    ck_assert_uint_eq(sector[10], 0);
}
END_TEST

START_TEST(write_protection_and_faults)
{
    int64_t on = 1;

    journal_post(rig->journal, "fd0", "write-error", &on, NULL, 0);
    rig_run(rig, MS);
    dma_start(512);
    data(0xc5, 0, 0, 0, 1, 18, 0xff);
    expect(0x50, 0, 0);
    rebuild(FDC_DRIVE_1440K, g1440, true);
    bring_up(R500);
    dma_start(512);
    data(0xc5, 0, 0, 0, 1, 18, 0xff);
    expect(0x40, 0x02, 0);
    ck_assert_uint_eq(dma.pos, 0);
    SEND(0x04, 0);
    result();
    ck_assert_uint_eq(res[0] & 0x40, 0x40);
}
END_TEST

/* READ DATA, READ DELETED DATA, tables of SK: what it does with the other kind of data mark. */
START_TEST(deleted_data)
{
    memset(dma.mem, 0x11, 512);
    dma_start(512);
    data(0x49, 0, 0, 0, 2, 18, 0xff); /* WRITE DELETED DATA */
    expect(0, 0, 0);
    dma_start(3 * 512);
    data(0x46, 0, 0, 0, 1, 18, 0xff);
    expect(0, 0, 0x40); /* ends after the deleted sector */
    expect_chrn(0, 0, 2);
    ck_assert_uint_eq(dma.pos, 1024);
    dma_start(3 * 512);
    data(0x66, 0, 0, 0, 1, 18, 0xff); /* skips it */
    expect(0, 0, 0x40);
    expect_chrn(0, 0, 5);
    ck_assert_uint_eq(load_le32(dma.mem + 512), 2);
    dma_start(512);
    data(0x6c, 0, 0, 0, 1, 18, 0xff); /* READ DELETED, skipping */
    expect(0, 0, 0x40);
    expect_chrn(0, 0, 3);
    ck_assert_uint_eq(dma.mem[511], 0x11);
    ck_assert_ptr_null(rig_roundtrip(rig));
    dma_start(512);
    data(0x45, 0, 0, 0, 2, 18, 0xff); /* an ordinary write takes the mark away */
    dma_start(512);
    data(0x46, 0, 0, 0, 2, 18, 0xff);
    expect(0, 0, 0);
}
END_TEST

START_TEST(verify_and_scan)
{
    data(0xd6, 0, 0, 0, 1, 18, 0xff); /* both sides, to their end */
    expect(0x04, 0, 0);
    SEND(0xd6, 0x80, 0, 0, 18, 2, 18, 0x1b, 4); /* EC: four sectors */
    ck_assert(wait_irq(1000));
    result();
    expect(0x04, 0, 0);
    expect_chrn(0, 1, 4);
    memset(dma.mem, 3, 512);
    dma.mem[1] = dma.mem[2] = dma.mem[3] = 0;
    dma_start(4000);
    for (unsigned i = 1; i < 8; i++)
        memcpy(dma.mem + 512 * i, dma.mem, 512);
    data(0x51, 0, 0, 0, 2, 18, 1); /* SCAN EQUAL from LBA 1 finds LBA 3 */
    expect(0, 0, 0x08);
    ck_assert_uint_eq(dma.pos, 3 * 512);
    dma_start(4000);
    data(0x5d, 0, 0, 0, 3, 18, 1); /* SCAN HIGH: LBA 2 is lower, 3 equal */
    expect(0, 0, 0x08);
    dma_start(4000);
    data(0x59, 0, 0, 0, 2, 18, 1); /* SCAN LOW: LBA 1 is lower */
    expect(0, 0, 0);
    ck_assert_uint_eq(dma.pos, 512);
    dma_start(1024);
    data(0x51, 0, 0, 0, 1, 2, 1);
    expect(0, 0, 0x04); /* not found */
}
END_TEST

static void format_ids(uint8_t c, uint8_t h, uint8_t n)
{
    for (uint8_t i = 0; i < n; i++)
        memcpy(dma.mem + 4 * i, ((uint8_t[]){ c, h, (uint8_t) (i * 7 % n + 1), 2 }), 4);
    dma_start(4u * n);
}

START_TEST(format_fills_the_track)
{
    uint8_t sector[512];

    seek(2);
    format_ids(2, 1, 18); /* 7 and 18 have no common factor: an interleave */
    SEND(0x4d, 4, 2, 18, 0x6c, 0xf6);
    ck_assert(wait_irq(1000));
    ck_assert_uint_eq(result(), 7);
    expect(0x04, 0, 0);
    for (unsigned i = 0; i < 18; i++) {
        disk_read(disk->disk, 5 * 18 + i, 1, sector);
        ck_assert_uint_eq(sector[0], 0xf6);
        ck_assert_uint_eq(sector[511], 0xf6);
    }
    disk_read(disk->disk, 4 * 18, 1, sector);
    ck_assert_uint_ne(sector[0], 0xf6);
    rig_out(rig, CCR, R250); /* as 720K: the image cannot hold it */
    format_ids(2, 1, 9);
    SEND(0x4d, 4, 2, 9, 0x50, 0xe5);
    ck_assert(wait_irq(1000));
    result();
    expect(0x44, 0x01, 0);
}
END_TEST

/* --- without DMA -------------------------------------------------------------------------- */

/* Polls as a guest in a loop would, one microsecond a turn; bytes moved. */
static unsigned pio(bool to_host, uint8_t *buf, unsigned len)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 2000000 && n < len; i++) {
        uint8_t msr = rig_in(rig, MSR);

        if ((msr & 0xf0) == (to_host ? 0xf0 : 0xb0)) {
            if (to_host)
                buf[n++] = rig_in(rig, FIFO);
            else
                rig_out(rig, FIFO, buf[n++]);
        } else if ((msr & 0xf0) == 0xd0) {
            break;
        } else {
            rig_run(rig, 1000);
        }
    }
    return n;
}

START_TEST(pio_moves_bytes_through_the_fifo)
{
    static const uint8_t configs[] = { 0x20, 0x00, 0x07, 0x0f }; /* FIFO off; thresholds */
    uint8_t buf[1024], back[1024];

    SEND(0x03, 0xdf, 0x03); /* non-DMA */
    for (unsigned i = 0; i < ARRAY_LEN(configs); i++) {
        SEND(0x13, 0, configs[i], 0);
        SEND(0x66, 0, 0, 0, 4, 2, 5, 0x1b, 0xff);
        ck_assert_uint_eq(pio(true, buf, 1024), 1024);
        ck_assert(wait_irq(10));
        result();
        expect(0x40, 0x80, 0); /* no TC on this path: end of cylinder */
        ck_assert_uint_eq(load_le32(buf), 3);
        ck_assert_uint_eq(load_le32(buf + 512), 4);
        ck_assert_uint_eq(buf[1023], 4);

        memset(buf, (int) (0x30 + i), sizeof buf);
        SEND(0x45, 0, 0, 0, 7, 2, 8, 0x1b, 0xff);
        ck_assert_uint_eq(pio(false, buf, 1024), 1024);
        ck_assert(wait_irq(10));
        result();
        expect(0x40, 0x80, 0);
        disk_read(disk->disk, 6, 2, back);
        ck_assert_mem_eq(buf, back, 1024);
    }
    for (uint8_t i = 0; i < 18; i++)
        memcpy(buf + 4 * i, ((uint8_t[]){ 0, 0, i + 1, 2 }), 4);
    SEND(0x4d, 0, 2, 18, 0x6c, 0x5a);
    ck_assert_uint_eq(pio(false, buf, 72), 72);
    ck_assert(wait_irq(300));
    result();
    expect(0, 0, 0);
    disk_read(disk->disk, 17, 1, back);
    ck_assert_uint_eq(back[100], 0x5a);
}
END_TEST

START_TEST(pio_overrun)
{
    uint8_t buf[512];

    SEND(0x03, 0xdf, 0x03);
    SEND(0x66, 0, 0, 0, 4, 2, 5, 0x1b, 0xff);
    ck_assert_uint_eq(pio(true, buf, 100), 100);
    rig_run(rig, MS);
    ck_assert_uint_eq(result(), 7);
    expect(0x40, 0x10, 0);
    SEND(0x45, 0, 0, 0, 4, 2, 5, 0x1b, 0xff);
    ck_assert_uint_eq(pio(false, buf, 100), 100);
    rig_run(rig, MS);
    ck_assert_uint_eq(result(), 7);
    expect(0x40, 0x10, 0);
}
END_TEST

/* Each request interrupts; a byte read late in the FIFO drops the line. */
START_TEST(pio_interrupts)
{
    SEND(0x03, 0xdf, 0x03);
    SEND(0x13, 0, 0x0c, 0); /* FIFO on: asks with 16 - 12 = 4 bytes */
    SEND(0x66, 0, 0, 0, 4, 2, 4, 0x1b, 0xff);
    ck_assert(wait_irq(300));
    ck_assert_uint_eq(rig_in(rig, MSR), 0xf0);
    rig_run(rig, 100000); /* more come in */
    for (unsigned i = 0; i < 4; i++)
        rig_in(rig, FIFO);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    for (unsigned i = 0; i < 16 && rig_irq(rig, IRQ); i++)
        rig_in(rig, FIFO);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    ck_assert_uint_eq(rig_in(rig, MSR), 0x30);
    ck_assert(wait_irq(1));
    ck_assert_ptr_null(rig_roundtrip(rig));
}
END_TEST

/* --- disks and drives ------------------------------------------------------------------------ */

START_TEST(every_format_in_its_drive)
{
    static const struct {
        enum fdc_drive_type drive;
        struct disk_geometry g;
        uint8_t rate, step;
    } t[] = {
        { FDC_DRIVE_360K, { 40, 1, 8 }, R250, 1 },  { FDC_DRIVE_360K, { 40, 1, 9 }, R250, 1 },
        { FDC_DRIVE_360K, { 40, 2, 8 }, R250, 1 },  { FDC_DRIVE_360K, { 40, 2, 9 }, R250, 1 },
        { FDC_DRIVE_1200K, { 40, 1, 8 }, R300, 2 }, { FDC_DRIVE_1200K, { 40, 2, 9 }, R300, 2 },
        { FDC_DRIVE_1200K, { 80, 2, 15 }, R500, 1 }, { FDC_DRIVE_720K, { 80, 2, 9 }, R250, 1 },
        { FDC_DRIVE_1440K, { 80, 2, 9 }, R250, 1 }, { FDC_DRIVE_1440K, { 80, 2, 18 }, R500, 1 },
        { FDC_DRIVE_2880K, { 80, 2, 36 }, R1000, 1 }, { FDC_DRIVE_2880K, { 80, 2, 18 }, R500, 1 },
        { FDC_DRIVE_1440K, { 80, 2, 21 }, R500, 1 },
    };

    for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
        uint8_t cyl = (uint8_t) (t[i].g.cylinders - 1), head = (uint8_t) (t[i].g.heads - 1);
        uint8_t last = (uint8_t) t[i].g.sectors;

        rebuild(t[i].drive, t[i].g, false);
        bring_up(t[i].rate);
        seek((uint8_t) (cyl * t[i].step));
        for (uint8_t rate = 0; rate < 4; rate++) {
            rig_out(rig, CCR, rate);
            dma_start(512);
            data(0xe6, head, cyl, head, last, last, 0xff);
            expect((uint8_t) (head << 2 | (rate == t[i].rate ? 0 : 0x40)), rate == t[i].rate ? 0 : 1, 0);
        }
        ck_assert_uint_eq(load_le32(dma.mem), t[i].g.cylinders * t[i].g.heads * t[i].g.sectors - 1);
        if (t[i].step == 1)
            continue;
        rig_out(rig, CCR, t[i].rate);
        seek(3); /* between two tracks */
        dma_start(512);
        data(0xe6, 0, 1, 0, 1, last, 0xff);
        expect(0x40, 0x01, 0);
    }
}
END_TEST

START_TEST(dense_disk_in_an_old_drive)
{
    rebuild(FDC_DRIVE_720K, g1440, false);
    bring_up(R500);
    dma_start(512);
    data(0xe6, 0, 0, 0, 1, 18, 0xff);
    expect(0x40, 0x01, 0);
    rebuild(FDC_DRIVE_1440K, (struct disk_geometry){ 80, 1, 18 }, false);
    bring_up(R500);
    dma_start(512);
    data(0xe6, 1, 0, 1, 1, 18, 0xff); /* no second side */
    expect(0x44, 0x01, 0);
}
END_TEST

/* The latch falls with a step while a disk is in, not with its insertion. */
START_TEST(change_line)
{
    int64_t index = 0;

    ck_assert_uint_eq(rig_in(rig, DIR) & 0x80, 0x80); /* RECALIBRATE at track 0: no step */
    seek(1);
    ck_assert_uint_eq(rig_in(rig, DIR) & 0x80, 0);
    journal_post(rig->journal, "fd0", "eject", NULL, NULL, 0);
    rig_run(rig, MS);
    ck_assert_ptr_null(fdc_media(fdc, 0));
    ck_assert_uint_eq(rig_in(rig, DIR) & 0x80, 0x80);
    seek(0);
    ck_assert_uint_eq(rig_in(rig, DIR) & 0x80, 0x80); /* no disk */
    journal_post(rig->journal, "fd0", "insert", &index, NULL, 0);
    rig_run(rig, MS);
    ck_assert_ptr_eq(fdc_media(fdc, 0), shelved->disk);
    ck_assert_uint_eq(rig_in(rig, DIR) & 0x80, 0x80);
    ck_assert_ptr_null(rig_roundtrip(rig));
    ck_assert_ptr_eq(fdc_media(fdc, 0), shelved->disk);
    seek(1);
    ck_assert_uint_eq(rig_in(rig, DIR) & 0x80, 0);
    rig_out(rig, CCR, R250); /* it is a 720K disk */
    dma_start(512);
    data(0xe6, 0, 1, 0, 9, 9, 0xff);
    expect(0, 0, 0);
    ck_assert_uint_eq(load_le32(dma.mem), 26);
    index = 5; /* not on the shelf */
    journal_post(rig->journal, "fd0", "insert", &index, NULL, 0);
    rig_run(rig, MS);
    ck_assert_ptr_eq(fdc_media(fdc, 0), shelved->disk);
    rig_out(rig, DOR, 0x2d);
    ck_assert_uint_eq(rig_in(rig, DIR) & 0x80, 0); /* no drive pulls the line */
}
END_TEST

START_TEST(insertion_lets_a_waiting_command_go_on)
{
    int64_t index = 0;

    rebuild(FDC_DRIVE_1440K, (struct disk_geometry){ 0 }, false);
    bring_up(R250);
    dma_start(512);
    SEND(0xe6, 0, 0, 0, 1, 2, 9, 0x1b, 0xff);
    ck_assert(!wait_irq(1000));
    journal_post(rig->journal, "fd0", "insert", &index, NULL, 0);
    ck_assert(wait_irq(1000));
    result();
    expect(0, 0, 0);
}
END_TEST

START_TEST(implied_seek)
{
    SEND(0x13, 0, 0x40, 0);
    dma_start(512);
    data(0xe6, 0, 44, 0, 1, 18, 0xff);
    expect(0x20, 0, 0);
    ck_assert_uint_eq(load_le32(dma.mem), 44 * 36);
}
END_TEST

/* DMAGATE# off: neither INT nor DRQ leave the chip. */
START_TEST(gate_cuts_interrupts)
{
    rig_out(rig, DOR, 0x14);
    SEND(0x0f, 0, 5);
    ck_assert(!wait_irq(50));
    rig_out(rig, DOR, 0x1c);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    sense(0x20, 5);
}
END_TEST

/* 2.1, SRA, SRB, DIR: registers of PS/2 mode. */
START_TEST(ps2_mode)
{
    ck_assert_uint_eq(rig_in(rig, BASE), 0xff); /* AT mode: they float */
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0xff);
    ps2 = true;
    rebuild(FDC_DRIVE_1440K, g1440, true);
    ps2 = false;
    bring_up(R500);
    ck_assert_uint_eq(rig_in(rig, BASE) & 0xd2, 0x40); /* one drive, track 0, protected */
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0xc1);
    ck_assert_uint_eq(rig_in(rig, DIR), 0xf8);
    rig_out(rig, CCR, R250);
    ck_assert_uint_eq(rig_in(rig, DIR), 0xfd);
    rig_out(rig, DOR, 0x14); /* the gate does not matter here */
    SEND(0x0f, 0, 1);
    ck_assert(wait_irq(10));
    ck_assert_uint_eq(rig_in(rig, BASE) & 0x90, 0x90);
}
END_TEST

/* Saved and loaded every 50 us, a transfer ends as it does otherwise. */
START_TEST(state_survives_everywhere)
{
    vtime start = sched_now(&rig->sched), plain;

    dma_start(36 * 512);
    data(0xe6, 0, 0, 0, 1, 18, 0xff);
    plain = sched_now(&rig->sched) - start;
    teardown();
    setup();
    start = sched_now(&rig->sched);
    dma_start(36 * 512);
    SEND(0xe6, 0, 0, 0, 1, 2, 18, 0x1b, 0xff);
    for (unsigned i = 0; i < 20000 && !rig_irq(rig, IRQ); i++) {
        ck_assert_ptr_null(rig_roundtrip(rig));
        rig_run(rig, 50000);
    }
    ck_assert_uint_eq(result(), 7);
    ck_assert_uint_eq(sched_now(&rig->sched) - start, plain);
    ck_assert_uint_eq(load_le32(dma.mem + 35 * 512), 35);
}
END_TEST

/* There are four units: a state from outside that names others is cut down. */
START_TEST(a_forged_state_names_no_fifth_unit)
{
    struct buf state = { 0 };
    struct err err;

    bring_up(0);
    fdc->seek_ended = fdc->seek_busy = fdc->polled = 0xf0;
    state_save(rig->state, &state);
    ck_assert_int_eq(state_load(rig->state, state.data, state.len, &err), 0);
    buf_free(&state);
    SEND(0x08);
    ck_assert_uint_eq(result(), 1);
    ck_assert_uint_eq(res[0], 0x80);
}
END_TEST

/* A state whose transfer waits for a disk that is not there ends at its end. */
START_TEST(a_forged_transfer_without_a_disk_ends)
{
    struct buf state = { 0 };
    struct err err;

    rebuild(FDC_DRIVE_1440K, (struct disk_geometry){ 0 }, false);
    bring_up(0);
    fdc->phase = PHASE_EXECUTE;
    fdc->kind = KIND_READ;
    fdc->stream_len = 4;
    fdc->stream_request = 1;
    state_save(rig->state, &state);
    ck_assert_int_eq(state_load(rig->state, state.data, state.len, &err), 0);
    buf_free(&state);
    for (unsigned i = 0; i < 5000; i++)
        rig_in(rig, BASE + 5);
    ck_assert_uint_le(fdc->stream_pos, fdc->stream_len);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("fdc82077");
    TCase *tc = tcase_create("fdc82077");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_cover_the_saved_state);
    tcase_add_test(tc, identification);
    tcase_add_test(tc, dumpreg_shows_settings_and_lock_keeps_them);
    tcase_add_test(tc, seek_takes_steps);
    tcase_add_test(tc, recalibrate_without_a_drive);
    tcase_add_test(tc, read_ends_by_terminal_count);
    tcase_add_test(tc, read_crosses_to_the_other_side);
    tcase_add_test(tc, software_that_never_seeks);
    tcase_add_test(tc, software_that_never_specifies);
    tcase_add_test(tc, errors_have_their_bits);
    tcase_add_test(tc, read_track_takes_sectors_in_their_order);
    tcase_add_test(tc, read_id_sees_the_disk_turn);
    tcase_add_test(tc, no_motor_no_end);
    tcase_add_test(tc, write_reaches_the_disk);
    tcase_add_test(tc, write_protection_and_faults);
    tcase_add_test(tc, deleted_data);
    tcase_add_test(tc, verify_and_scan);
    tcase_add_test(tc, format_fills_the_track);
    tcase_add_test(tc, pio_moves_bytes_through_the_fifo);
    tcase_add_test(tc, pio_overrun);
    tcase_add_test(tc, pio_interrupts);
    tcase_add_test(tc, every_format_in_its_drive);
    tcase_add_test(tc, dense_disk_in_an_old_drive);
    tcase_add_test(tc, change_line);
    tcase_add_test(tc, insertion_lets_a_waiting_command_go_on);
    tcase_add_test(tc, implied_seek);
    tcase_add_test(tc, gate_cuts_interrupts);
    tcase_add_test(tc, ps2_mode);
    tcase_add_test(tc, state_survives_everywhere);
    tcase_add_test(tc, a_forged_state_names_no_fifth_unit);
    tcase_add_test(tc, a_forged_transfer_without_a_disk_ends);
    suite_add_tcase(s, tc);
    return s;
}

/* ATA channel and disk, driven as a guest drives them. */
#include "config.h"

#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "hw/ata.h"
#include "support/memdisk.h"
#include "support/rig.h"

enum { BASE = 0x1f0, CONTROL = 0x3f6, IRQ = 14, MS = 1000000 };
enum { BSY = 0x80, DRDY = 0x40, DF = 0x20, DRQ = 0x08, ERR = 0x01, READY = 0x50 };

static const struct disk_geometry geo = { 40, 4, 17 }; /* 2720 sectors */

static struct rig *rig;
static struct memdisk *hda, *hdb;
static struct ata_channel *ata;

static void build(bool disk0, bool disk1, bool read_only)
{
    struct ata_config cfg = { .name = "ata0", .base = BASE, .control = CONTROL,
                              .serial = { "hda", "hdb" } };

    rig = rig_new();
    cfg.sched = &rig->sched;
    cfg.bus = rig->bus;
    cfg.state = rig->state;
    cfg.irq = &rig->line[IRQ];
    if (disk0) {
        hda = memdisk_new("hd0", geo, 0, read_only, rig->journal, rig->state);
        cfg.disk[0] = hda->disk;
    }
    if (disk1) {
        hdb = memdisk_new("hd1", (struct disk_geometry){ 0 }, 5000, false, rig->journal, rig->state);
        cfg.disk[1] = hdb->disk;
    }
    ata = ata_new(&cfg);
    rig_run(rig, 5 * MS);
}

static void setup(void)
{
    build(true, false, false);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    ata_free(ata);
    if (hda != NULL)
        disk_free(hda->disk);
    if (hdb != NULL)
        disk_free(hdb->disk);
    hda = hdb = NULL;
    rig_free(rig);
}

static void command(uint8_t device, uint8_t count, uint32_t addr, uint8_t cmd)
{
    rig_out(rig, BASE + 6, device);
    rig_out(rig, BASE + 2, count);
    rig_out(rig, BASE + 3, (uint8_t) addr);
    rig_out(rig, BASE + 4, (uint8_t) (addr >> 8));
    rig_out(rig, BASE + 5, (uint8_t) (addr >> 16));
    rig_out(rig, BASE + 7, cmd);
}

/* Lets time pass until BSY is clear, at most 3 s; reads Status (and acknowledges). */
static uint8_t wait(void)
{
    for (unsigned i = 0; i < 300000 && (rig_in(rig, CONTROL) & BSY); i++)
        rig_run(rig, 10000);
    return rig_in(rig, BASE + 7);
}

static void read_words(uint16_t *out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = rig_in16(rig, BASE);
}

static void write_sector(uint16_t fill)
{
    for (unsigned i = 0; i < 256; i++)
        rig_out16(rig, BASE, fill);
}

static uint32_t regs_address(void)
{
    return rig_in(rig, BASE + 3) | (uint32_t) rig_in(rig, BASE + 4) << 8
         | (uint32_t) rig_in(rig, BASE + 5) << 16;
}

START_TEST(fields_cover_the_saved_state)
{
    char text[256] = "";

    ck_assert_msg(state_fields_complete(ata_fields, text, sizeof text), "%s", text);
}
END_TEST

/* ATA-4, 9.1: the signature of a device without packets. */
START_TEST(reset_leaves_the_signature)
{
    rig_out(rig, BASE + 3, 0x55);
    rig_out(rig, CONTROL, 0x04);
    ck_assert_uint_eq(rig_in(rig, CONTROL), BSY);
    rig_run(rig, 10000);
    rig_out(rig, CONTROL, 0x00);
    ck_assert_uint_eq(rig_in(rig, CONTROL), BSY);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x01);
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 1);
    ck_assert_uint_eq(regs_address(), 1);
    ck_assert_uint_eq(rig_in(rig, BASE + 6), 0xa0);
    ck_assert_uint_eq(rig->edges[IRQ], 0);
}
END_TEST

/* ATA-4, 8.9: device 0 interrupts for both. */
START_TEST(diagnostic_passes_and_interrupts)
{
    rig_out(rig, BASE + 6, 0xb0);
    rig_out(rig, BASE + 7, 0x90);
    rig_run(rig, 10 * MS);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(rig_in(rig, BASE + 6), 0xa0);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x01);
}
END_TEST

START_TEST(identify_tells_size_geometry_and_names)
{
    uint16_t id[256];
    char model[41] = "";

    command(0xa0, 0, 0, 0xec);
    ck_assert_uint_eq(rig_in(rig, CONTROL), BSY);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_run(rig, 1 * MS);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
    ck_assert_uint_eq(rig_in(rig, CONTROL), READY | DRQ);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1); /* alternate status acknowledges nothing */
    ck_assert_uint_eq(rig_in(rig, BASE + 7), READY | DRQ);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    read_words(id, 256);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), READY);
    ck_assert_uint_eq(rig->edges[IRQ], 1);
    ck_assert_uint_eq(id[1], 40);
    ck_assert_uint_eq(id[3], 4);
    ck_assert_uint_eq(id[6], 17);
    ck_assert_uint_eq(id[57], 2720);
    ck_assert_uint_eq(id[60], 2720);
    ck_assert_uint_eq(id[100], 2720);
    ck_assert_uint_eq(id[49] & 0x0100, 0); /* no DMA */
    for (unsigned i = 0; i < 40; i++)
        model[i] = (char) (id[27 + i / 2] >> (i % 2 ? 0 : 8));
    ck_assert_str_eq(model, "REPRISE HARDDISK                        ");
    ck_assert_uint_eq(id[10], 'h' << 8 | 'd');
}
END_TEST

/* 6.2: CHS and LBA name the same sectors; registers end at the last one. */
START_TEST(read_by_chs_and_by_lba)
{
    uint16_t data[512];

    command(0xa3, 2, 1 << 8 | 17, 0x20); /* cylinder 1, head 3, sector 17: the last */
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(wait(), READY | DRQ);
        read_words(data + i * 256, 256);
    }
    ck_assert_uint_eq(load_le32(data), (1 * 4 + 3) * 17 + 16);
    ck_assert_uint_eq(load_le32(data + 256), 2 * 4 * 17);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), READY);
    ck_assert_uint_eq(rig->edges[IRQ], 2);
    ck_assert_uint_eq(regs_address(), 2 << 8 | 1);
    ck_assert_uint_eq(rig_in(rig, BASE + 6), 0xa0);
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 0);

    command(0xe0, 1, 2719, 0x21);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 256);
    ck_assert_uint_eq(load_le32(data), 2719);
    ck_assert_uint_eq(regs_address(), 2719);
}
END_TEST

START_TEST(wide_and_narrow_accesses_move_words)
{
    uint32_t ticks = 0;

    command(0xe0, 1, 5, 0x20);
    wait();
    ck_assert_uint_eq(bus_in(rig->bus, BASE, 4, &ticks), 5);
    ck_assert_uint_eq(rig_in(rig, BASE), 5); /* low byte; the high one is lost */
    for (unsigned i = 0; i < 126; i++)
        bus_in(rig->bus, BASE, 4, &ticks);
    ck_assert_uint_eq(rig_in(rig, CONTROL), READY | DRQ);
    rig_in(rig, BASE);
    ck_assert_uint_eq(rig_in(rig, CONTROL), READY);
    ck_assert_uint_eq(bus_in(rig->bus, BASE + 2, 4, &ticks), 5 << 8);
    ck_assert_uint_eq(bus_in(rig->bus, BASE + 6, 4, &ticks), 0xffff0000u | READY << 8 | 0xe0);
}
END_TEST

/* 9.7: no interrupt before the first block, one after each. */
START_TEST(write_and_read_back)
{
    uint16_t data[256];

    command(0xe0, 3, 100, 0x30);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(wait(), READY | DRQ);
        ck_assert_uint_eq(rig->edges[IRQ], i);
        write_sector((uint16_t) (0x4100 + i));
        ck_assert_uint_eq(rig_in(rig, CONTROL), BSY);
    }
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(rig->edges[IRQ], 3);
    command(0xe0, 1, 102, 0x20);
    wait();
    read_words(data, 256);
    ck_assert_uint_eq(data[0], 0x4102);
    ck_assert_uint_eq(data[255], 0x4102);
}
END_TEST

/* 8.39, 8.26: blocks of SET MULTIPLE MODE, the last one short. */
START_TEST(multiple_moves_blocks)
{
    uint16_t data[8 * 256];

    command(0xe0, 4, 0, 0xc4);
    ck_assert_uint_eq(wait(), READY | ERR); /* not yet enabled */
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x04);
    command(0xa0, 3, 0, 0xc6);
    ck_assert_uint_eq(wait(), READY | ERR); /* no power of two */
    command(0xa0, 8, 0, 0xc6);
    ck_assert_uint_eq(wait(), READY);
    rig->edges[IRQ] = 0;
    command(0xe0, 11, 50, 0xc4);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 8 * 256);
    ck_assert_uint_eq(load_le32(data + 7 * 256), 57);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 3 * 256);
    ck_assert_uint_eq(load_le32(data + 2 * 256), 60);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), READY);
    ck_assert_uint_eq(rig->edges[IRQ], 2);
    command(0xe0, 9, 200, 0xc5);
    ck_assert_uint_eq(wait(), READY | DRQ);
    for (unsigned i = 0; i < 8; i++)
        write_sector(0x1111);
    ck_assert_uint_eq(wait(), READY | DRQ);
    write_sector(0x2222);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(rig->edges[IRQ], 4);
    command(0xe0, 1, 208, 0x20);
    wait();
    read_words(data, 256);
    ck_assert_uint_eq(data[9], 0x2222);
}
END_TEST

/* ATA-6, 8.x EXT commands: each register is two deep, HOB reads the older. */
START_TEST(ext_commands_take_48_bits)
{
    uint16_t data[256];

    rig_out(rig, BASE + 2, 0);
    rig_out(rig, BASE + 3, 0);
    command(0xe0, 1, 2000, 0x24);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 256);
    ck_assert_uint_eq(load_le32(data), 2000);
    /* Only pushed once: what was current is now LBA 24-31. */
    command(0xe0, 1, 2000, 0x24);
    ck_assert_uint_eq(wait(), READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x10);
    rig_out(rig, CONTROL, 0x80);
    ck_assert_uint_eq(rig_in(rig, BASE + 3), 2000 & 0xff);
    rig_out(rig, CONTROL, 0x00);
    command(0xe0, 0, 0, 0x27);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(regs_address(), 2719);
    command(0xa0, 1, 0, 0x24);
    ck_assert_uint_eq(wait(), READY | ERR); /* LBA bit needed */
}
END_TEST

/* A disk of 2^29 sectors; each begins with its number. */
static int huge_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    (void) opaque;
    (void) err;
    for (unsigned i = 0; i < n; i++) {
        memset((uint8_t *) buf + i * SECTOR_SIZE, 0, SECTOR_SIZE);
        store_le64((uint8_t *) buf + i * SECTOR_SIZE, lba + i);
    }
    return 0;
}

static const struct disk_base_ops huge_ops = { .read = huge_read };

static void command_ext(uint16_t count, uint64_t lba, uint8_t cmd)
{
    rig_out(rig, BASE + 2, (uint8_t) (count >> 8));
    rig_out(rig, BASE + 3, (uint8_t) (lba >> 24));
    rig_out(rig, BASE + 4, (uint8_t) (lba >> 32));
    rig_out(rig, BASE + 5, (uint8_t) (lba >> 40));
    command(0xe0, (uint8_t) count, (uint32_t) lba & 0xffffff, cmd);
}

START_TEST(big_disks_need_ext_commands)
{
    struct disk_config dc = { .name = "huge", .ops = &huge_ops, .sectors = UINT64_C(1) << 29 };
    struct ata_config cfg;
    struct disk *huge = disk_new(&dc, NULL, NULL);
    uint16_t id[256], data[16 * 256];

    teardown();
    rig = rig_new();
    cfg = (struct ata_config){ .name = "ata0", .base = BASE, .control = CONTROL, .sched = &rig->sched,
                               .bus = rig->bus, .state = rig->state, .irq = &rig->line[IRQ],
                               .disk = { huge } };
    ata = ata_new(&cfg);
    wait();
    command(0xa0, 0, 0, 0xec);
    wait();
    read_words(id, 256);
    ck_assert_uint_eq(id[1], 16383);
    ck_assert_uint_eq(load_le32(id + 60), 0x0fffffff);
    ck_assert_uint_eq(load_le64(id + 100), UINT64_C(1) << 29);
    command_ext(1, (UINT64_C(1) << 29) - 1, 0x24);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 256);
    ck_assert_uint_eq(load_le64(data), (UINT64_C(1) << 29) - 1);
    command(0xa0, 16, 0, 0xc6);
    wait();
    command_ext(300, 0x10fffff0, 0x29); /* READ MULTIPLE EXT, over a 24-bit carry */
    for (unsigned i = 0; i < 300; i += 16) {
        ck_assert_uint_eq(wait(), READY | DRQ);
        read_words(data, (300 - i < 16 ? 300 - i : 16) * 256);
        ck_assert_uint_eq(load_le64(data), 0x10fffff0u + i);
    }
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(regs_address(), (0x10fffff0u + 299) & 0xffffff);
    rig_out(rig, CONTROL, 0x80);
    ck_assert_uint_eq(regs_address(), 0x11);
    rig_out(rig, CONTROL, 0);
    command_ext(0, 0, 0x42); /* 65536 sectors */
    ck_assert_uint_eq(wait(), BSY); /* 3 s are not enough */
    rig_run(rig, 4 * VTIME_SECOND);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(regs_address(), 0xffff);
    command(0xe0, 0, 0, 0x27);
    wait();
    ck_assert_uint_eq(regs_address(), 0xffffff);
    command(0xef, 1, 0xffffff, 0x20); /* the last one of 28 bits */
    ck_assert_uint_eq(wait(), READY | DRQ);
    disk_free(huge);
}
END_TEST

START_TEST(initialize_parameters_changes_the_translation)
{
    uint16_t id[256];

    command(0xa7, 34, 0, 0x91); /* 8 heads, 34 sectors: 10 cylinders */
    ck_assert_uint_eq(wait(), READY);
    command(0xa7, 1, 9 << 8 | 34, 0x20);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(id, 256);
    ck_assert_uint_eq(load_le32(id), 2719);
    command(0xa0, 1, 10 << 8 | 1, 0x20);
    ck_assert_uint_eq(wait(), READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x10);
    command(0xa0, 0, 0, 0xec);
    wait();
    read_words(id, 256);
    ck_assert_uint_eq(id[1], 40); /* the default stays */
    ck_assert_uint_eq(id[54], 10);
    ck_assert_uint_eq(id[55], 8);
    ck_assert_uint_eq(id[56], 34);
    ck_assert_uint_eq(id[57], 2720);
}
END_TEST

/* A command that runs off the end moves what there is, then fails there. */
START_TEST(end_of_disk_is_id_not_found)
{
    uint16_t data[256];

    command(0xe0, 2, 2719, 0x20);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 256);
    ck_assert_uint_eq(wait(), READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x10);
    ck_assert_uint_eq(regs_address(), 2720);
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 1);
    command(0xe0, 1, 2720, 0x30);
    ck_assert_uint_eq(wait(), READY | ERR);
    command(0xa0, 1, 0, 0x20); /* sector 0 does not exist */
    ck_assert_uint_eq(wait(), READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x10);
    command(0xa0, 1, 0, 0x70);
    ck_assert_uint_eq(wait(), READY | ERR);
    command(0xa0, 1, 39 << 8 | 17, 0x7f);
    ck_assert_uint_eq(wait(), READY);
    command(0xa0, 1, 39 << 8 | 17, 0x10);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(rig_in(rig, BASE + 4), 0);
}
END_TEST

START_TEST(bad_sector_is_reported_where_it_is)
{
    uint16_t data[256];

    hda->bad_lba = 12;
    command(0xe0, 4, 11, 0x20);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 256);
    ck_assert_uint_eq(wait(), READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x40);
    ck_assert_uint_eq(regs_address(), 12);
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 3);
    command(0xe0, 40, 0, 0x40);
    ck_assert_uint_eq(wait(), READY | ERR);
    ck_assert_uint_eq(regs_address(), 12);
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 28);
    command(0xe0, 0, 13, 0x40); /* 256 sectors */
    rig->edges[IRQ] = 0;
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(regs_address(), 13 + 255);
    ck_assert_uint_eq(rig->edges[IRQ], 1);
}
END_TEST

START_TEST(host_failures_reach_the_guest)
{
    int64_t on = 1, off = 0;

    hda->fail_writes = true;
    command(0xe0, 1, 7, 0x30);
    wait();
    write_sector(1);
    ck_assert_uint_eq(wait(), READY); /* the overlay has it */
    command(0xa0, 0, 0, 0xe7);
    ck_assert_uint_eq(wait(), READY | DF | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x04);
    journal_post(rig->journal, "hd0", "write-error", &on, NULL, 0);
    rig_run(rig, MS);
    command(0xe0, 2, 8, 0x30);
    wait();
    write_sector(2);
    ck_assert_uint_eq(wait(), READY | DF | ERR);
    ck_assert_uint_eq(regs_address(), 8);
    hda->fail_writes = false;
    journal_post(rig->journal, "hd0", "write-error", &off, NULL, 0);
    rig_run(rig, MS);
    command(0xa0, 0, 0, 0xe7);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(load_le16(hda->base + 7 * SECTOR_SIZE), 1);
}
END_TEST

START_TEST(write_cache_off_means_durable)
{
    rig_out(rig, BASE + 1, 0x82);
    command(0xa0, 0, 0, 0xef);
    ck_assert_uint_eq(wait(), READY);
    command(0xe0, 1, 7, 0x30);
    wait();
    write_sector(0x7777);
    ck_assert_uint_eq(wait(), READY);
    ck_assert_uint_eq(load_le16(hda->base + 7 * SECTOR_SIZE), 0x7777);
    hda->fail_writes = true;
    command(0xe0, 1, 8, 0x30);
    wait();
    write_sector(0x7777);
    ck_assert_uint_eq(wait(), READY | DF | ERR);
}
END_TEST

START_TEST(write_protected_disk_aborts)
{
    teardown();
    build(true, false, true);
    command(0xe0, 1, 7, 0x30);
    ck_assert_uint_eq(wait(), READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1) & 0x04, 0x04);
    ck_assert_uint_eq(rig_in(rig, CONTROL) & DRQ, 0);
}
END_TEST

/* 9.16.1 "Device 0 only configurations". */
START_TEST(missing_device_1_reads_status_zero)
{
    rig_out(rig, BASE + 6, 0xb0);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), 0);
    rig_out(rig, BASE + 2, 0x55);
    rig_out(rig, BASE + 3, 0xaa);
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 0x55); /* device 0 answers */
    rig_out(rig, BASE + 7, 0xec);
    rig_run(rig, 20 * MS);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), 0);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_out(rig, BASE + 6, 0xa0);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), READY);
}
END_TEST

START_TEST(empty_channel_floats)
{
    teardown();
    build(false, false, false);
    rig_out(rig, BASE + 6, 0xa0);
    rig_out(rig, BASE + 2, 0x55);
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 0x7f);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), 0x7f);
    ck_assert_uint_eq(rig_in(rig, CONTROL), 0x7f);
    rig_out(rig, BASE + 7, 0xec);
    rig_run(rig, 20 * MS);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    ck_assert_uint_eq(rig_in16(rig, BASE), 0xff7f);
}
END_TEST

START_TEST(two_drives_are_apart)
{
    uint16_t data[256];

    teardown();
    build(true, true, false);
    command(0xf0, 1, 4999, 0x20);
    ck_assert_uint_eq(wait(), READY | DRQ);
    read_words(data, 256);
    ck_assert_uint_eq(load_le32(data), 4999);
    ck_assert_uint_eq(rig_in(rig, BASE + 6), 0xf0);
    command(0xe0, 1, 4999, 0x20);
    ck_assert_uint_eq(wait(), READY | ERR);
    command(0xb0, 0, 0, 0xec);
    wait();
    read_words(data, 256);
    ck_assert_uint_eq(data[3], 16); /* no geometry given: 16 heads, 63 sectors */
    ck_assert_uint_eq(data[6], 63);
    ck_assert_uint_eq(data[1], 4); /* whole cylinders only */
    /* An interrupt of the drive that is not selected stays pending inside. */
    command(0xe0, 0, 0, 0xe7);
    rig_out(rig, BASE + 6, 0xb0);
    rig_run(rig, MS);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_out(rig, BASE + 6, 0xa0);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
}
END_TEST

START_TEST(nien_keeps_the_line_low)
{
    rig_out(rig, CONTROL, 0x02);
    command(0xa0, 0, 0, 0xec);
    rig_run(rig, MS);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_out(rig, CONTROL, 0x00);
    ck_assert_int_eq(rig_irq(rig, IRQ), 1);
}
END_TEST

START_TEST(features_and_unknown_commands)
{
    static const struct {
        uint8_t feature, count, cmd, status;
    } tries[] = {
        { 0x03, 0x0c, 0xef, READY }, /* PIO 4 */
        { 0x03, 0x22, 0xef, READY | ERR }, /* multiword DMA */
        { 0x02, 0, 0xef, READY },
        { 0x77, 0, 0xef, READY | ERR },
        { 0, 0, 0x00, READY | ERR }, /* NOP */
        { 0, 0, 0x08, READY | ERR }, /* DEVICE RESET is for packet devices */
        { 0, 0, 0xa1, READY | ERR },
        { 0, 0, 0xb0, READY | ERR },
        { 0, 0, 0xc8, READY | ERR },
        { 0, 0, 0x91, READY | ERR }, /* no sectors */
    };

    for (unsigned i = 0; i < ARRAY_LEN(tries); i++) {
        rig_out(rig, BASE + 1, tries[i].feature);
        command(0xa0, tries[i].count, 0, tries[i].cmd);
        ck_assert_uint_eq(wait(), tries[i].status);
        ck_assert_uint_eq(rig_in(rig, BASE + 1), tries[i].status & ERR ? 0x04 : 0);
    }
}
END_TEST

static uint8_t power_mode(void)
{
    command(0xa0, 0, 0, 0xe5);
    wait();
    return rig_in(rig, BASE + 2);
}

START_TEST(power_modes)
{
    ck_assert_uint_eq(power_mode(), 0x80);
    command(0xe0, 1, 0, 0x40);
    wait();
    ck_assert_uint_eq(power_mode(), 0xff);
    command(0xa0, 2, 0, 0xe3); /* idle, standby after 10 s */
    wait();
    ck_assert_uint_eq(power_mode(), 0x80);
    rig_run(rig, 10 * VTIME_SECOND);
    ck_assert_uint_eq(power_mode(), 0x00);
    command(0xe0, 1, 0, 0x40);
    rig_run(rig, 500 * (uint64_t) MS); /* spinning up */
    ck_assert_uint_eq(rig_in(rig, CONTROL), BSY);
    ck_assert_uint_eq(wait(), READY);
    command(0xa0, 0, 0, 0xe6);
    wait();
    command(0xa0, 0, 0, 0xec);
    rig_run(rig, 10 * MS);
    ck_assert_uint_eq(rig_in(rig, CONTROL) & (DRQ | BSY), 0); /* asleep */
    rig_out(rig, CONTROL, 4);
    rig_out(rig, CONTROL, 0);
    wait();
    ck_assert_uint_eq(power_mode(), 0x00);
}
END_TEST

/* Far sectors take longer; those in a row come at the medium's rate. */
START_TEST(time_follows_distance_and_length)
{
    vtime start = sched_now(&rig->sched);
    uint64_t near, far;

    command(0xe0, 1, 0, 0x40);
    wait();
    near = sched_now(&rig->sched) - start;
    start = sched_now(&rig->sched);
    command(0xe0, 1, 2719, 0x40);
    wait();
    far = sched_now(&rig->sched) - start;
    ck_assert_uint_lt(near, 300000);
    ck_assert_uint_gt(far, 3 * MS);
    ck_assert_uint_lt(far, 9 * MS);
    start = sched_now(&rig->sched);
    command(0xe0, 0, 2464, 0x40);
    wait();
    ck_assert_uint_gt(sched_now(&rig->sched) - start, 256u * 100000);
    ck_assert_uint_lt(sched_now(&rig->sched) - start, 30 * MS);
}
END_TEST

START_TEST(state_survives_in_the_middle)
{
    uint16_t data[256];

    command(0xe0, 2, 9, 0x20);
    ck_assert_ptr_null(rig_roundtrip(rig)); /* busy */
    wait();
    read_words(data, 100);
    ck_assert_ptr_null(rig_roundtrip(rig));
    read_words(data + 100, 156);
    ck_assert_uint_eq(load_le32(data), 9);
    ck_assert_uint_eq(data[255], 0x0909);
    wait();
    command(0xe0, 2, 9, 0x30);
    wait();
    rig_out16(rig, BASE, 0x1234);
    ck_assert_ptr_null(rig_roundtrip(rig));
    for (unsigned i = 0; i < 255; i++)
        rig_out16(rig, BASE, 0x5678);
    ck_assert_uint_eq(wait(), READY | DRQ);
    rig_out(rig, CONTROL, 4); /* reset in the middle */
    rig_out(rig, CONTROL, 0);
    ck_assert_uint_eq(wait(), READY);
    command(0xe0, 1, 9, 0x20);
    wait();
    ck_assert_uint_eq(rig_in16(rig, BASE), 0x1234);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("ata");
    TCase *tc = tcase_create("ata");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_cover_the_saved_state);
    tcase_add_test(tc, reset_leaves_the_signature);
    tcase_add_test(tc, diagnostic_passes_and_interrupts);
    tcase_add_test(tc, identify_tells_size_geometry_and_names);
    tcase_add_test(tc, read_by_chs_and_by_lba);
    tcase_add_test(tc, wide_and_narrow_accesses_move_words);
    tcase_add_test(tc, write_and_read_back);
    tcase_add_test(tc, multiple_moves_blocks);
    tcase_add_test(tc, ext_commands_take_48_bits);
    tcase_add_test(tc, big_disks_need_ext_commands);
    tcase_add_test(tc, initialize_parameters_changes_the_translation);
    tcase_add_test(tc, end_of_disk_is_id_not_found);
    tcase_add_test(tc, bad_sector_is_reported_where_it_is);
    tcase_add_test(tc, host_failures_reach_the_guest);
    tcase_add_test(tc, write_cache_off_means_durable);
    tcase_add_test(tc, write_protected_disk_aborts);
    tcase_add_test(tc, missing_device_1_reads_status_zero);
    tcase_add_test(tc, empty_channel_floats);
    tcase_add_test(tc, two_drives_are_apart);
    tcase_add_test(tc, nien_keeps_the_line_low);
    tcase_add_test(tc, features_and_unknown_commands);
    tcase_add_test(tc, power_modes);
    tcase_add_test(tc, time_follows_distance_and_length);
    tcase_add_test(tc, state_survives_in_the_middle);
    suite_add_tcase(s, tc);
    return s;
}

/* ATAPI CD-ROM drive behind an ATA channel, driven as a guest drives it. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "base/bits.h"
#include "hw/ata.h"
#include "support/memdisk.h"
#include "support/rig.h"

enum { BASE = 0x170, CONTROL = 0x376, IRQ = 15, MS = 1000000 };
enum { BSY = 0x80, DRDY = 0x40, DRQ = 0x08, ERR = 0x01, READY = 0x50 };
enum { COMMAND = 1, TO_HOST = 2 }; /* interrupt reason */
enum { SECTORS = 400, OTHER_SECTORS = 50 };

static struct rig *rig;
static struct memdisk *disc[2];
static struct disk *shelf[3]; /* the last one is no disc */
static struct ata_channel *ata;
static uint8_t data[8 * 2048];

static void build(bool empty)
{
    struct ata_cdrom cd = { .name = "cd0-drive", .device = "cd0", .disc = shelf, .discs = 3 };
    struct ata_config cfg = { .name = "ata1", .base = BASE, .control = CONTROL, .serial = { "cd" } };
    struct disk_geometry none = { 0, 0, 0 };

    rig = rig_new();
    disc[0] = memdisk_new("cd0", none, SECTORS * 4, true, rig->journal, rig->state);
    disc[1] = memdisk_new("cd1", none, OTHER_SECTORS * 4, true, rig->journal, rig->state);
    shelf[0] = empty ? NULL : disc[0]->disk;
    shelf[1] = disc[1]->disk;
    cd.journal = rig->journal;
    cfg.sched = &rig->sched;
    cfg.bus = rig->bus;
    cfg.state = rig->state;
    cfg.irq = &rig->line[IRQ];
    cfg.cdrom[0] = &cd;
    ata = ata_new(&cfg);
    rig_run(rig, 5 * MS);
}

static void setup(void)
{
    build(false);
}

static void teardown(void)
{
    ck_assert_ptr_null(rig_roundtrip(rig));
    ata_free(ata);
    disk_free(disc[0]->disk);
    disk_free(disc[1]->disk);
    rig_free(rig);
}

/* Lets time pass until BSY is clear, at most 3 s; reads Status (and acknowledges). */
static uint8_t wait(void)
{
    for (unsigned i = 0; i < 300000 && (rig_in(rig, CONTROL) & BSY); i++)
        rig_run(rig, 10000);
    return rig_in(rig, BASE + 7);
}

static uint32_t byte_count(void)
{
    return rig_in(rig, BASE + 4) | (uint32_t) rig_in(rig, BASE + 5) << 8;
}

/* ATA-4, 9.8: command, then the packet without an interrupt. */
static void send_packet(const uint8_t *packet, uint16_t limit)
{
    rig_out(rig, BASE + 6, 0xa0);
    rig_out(rig, BASE + 1, 0);
    rig_out(rig, BASE + 4, (uint8_t) limit);
    rig_out(rig, BASE + 5, (uint8_t) (limit >> 8));
    rig->edges[IRQ] = 0;
    rig_out(rig, BASE + 7, 0xa0);
    ck_assert_uint_eq(rig_in(rig, CONTROL) & BSY, BSY);
    ck_assert_uint_eq(wait(), READY | DRQ);
    ck_assert_uint_eq(rig->edges[IRQ], 0);
    ck_assert_uint_eq(rig_in(rig, BASE + 2) & 3, COMMAND);
    for (unsigned i = 0; i < 12; i += 2)
        rig_out16(rig, BASE, load_le16(packet + i));
    ck_assert_uint_eq(rig_in(rig, CONTROL) & (BSY | DRQ), BSY);
}

static unsigned blocks; /* of the last transfer */

/* Takes what comes into data; its length.  The status is left in *status. */
static size_t take_in(uint8_t *status)
{
    size_t len = 0;

    for (blocks = 0; (*status = wait()) & DRQ; blocks++) {
        size_t n = byte_count();

        ck_assert_uint_eq(rig_in(rig, BASE + 2) & 3, TO_HOST);
        ck_assert_uint_ne(n, 0);
        ck_assert_uint_le(len + n, sizeof data);
        ck_assert_uint_eq(rig->edges[IRQ], blocks + 1);
        for (size_t i = 0; i < n; i += 2) {
            uint16_t word = rig_in16(rig, BASE);

            data[len + i] = (uint8_t) word;
            if (i + 1 < n)
                data[len + i + 1] = (uint8_t) (word >> 8);
        }
        len += n;
    }
    ck_assert_uint_eq(rig->edges[IRQ], blocks + 1);
    ck_assert_uint_eq(rig_in(rig, BASE + 2) & 3, COMMAND | TO_HOST);
    return len;
}

static size_t packet_in(const char *packet, uint16_t limit, uint8_t *status)
{
    uint8_t p[13] = { 0 };

    memcpy(p, packet, 12);
    send_packet(p, limit);
    return take_in(status);
}

/* A command that ends well; the number of bytes that came. */
static size_t good(const char *packet)
{
    uint8_t status;
    size_t n = packet_in(packet, 0xfffe, &status);

    ck_assert_uint_eq(status, READY);
    return n;
}

/* Key, ASC and ASCQ as one number. */
static uint32_t sense(void)
{
    ck_assert_uint_eq(good("\x03\0\0\0\x12\0\0\0\0\0\0\0"), 18);
    ck_assert_uint_eq(data[0] & 0x7f, 0x70);
    return (uint32_t) data[2] << 16 | (uint32_t) data[12] << 8 | data[13];
}

static uint32_t bad(const char *packet)
{
    uint8_t status;

    packet_in(packet, 0xfffe, &status);
    ck_assert_uint_eq(status, READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1) >> 4, status & ERR ? rig_in(rig, BASE + 1) >> 4 : 0);
    return sense();
}

/* Until the drive has nothing special to tell. */
static void settle(void)
{
    uint8_t status;

    for (unsigned i = 0; i < 400; i++) {
        packet_in("\0\0\0\0\0\0\0\0\0\0\0\0", 0, &status);
        if (status == READY)
            return;
        rig_run(rig, 10 * MS);
    }
    ck_abort_msg("the drive does not become ready");
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

START_TEST(fields_cover_the_saved_state)
{
    char text[256] = "";

    ck_assert_msg(state_complete(rig->state, text, sizeof text), "%s", text);
}
END_TEST

static void check_signature(void)
{
    ck_assert_uint_eq(rig_in(rig, BASE + 2), 1);
    ck_assert_uint_eq(rig_in(rig, BASE + 3), 1);
    ck_assert_uint_eq(byte_count(), 0xeb14);
}

/* ATA-4, 9.1 and 8.11: signature; no DRDY; IDENTIFY DEVICE is refused with it. */
START_TEST(signature_of_a_packet_device)
{
    ck_assert_uint_eq(rig_in(rig, BASE + 7), 0x00);
    check_signature();
    rig_out(rig, BASE + 4, 0);
    rig_out(rig, BASE + 5, 0);
    rig_out(rig, BASE + 7, 0xec);
    ck_assert_uint_eq(wait() & (ERR | DRQ), ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x04);
    check_signature();
    rig_out(rig, CONTROL, 4);
    rig_run(rig, 10000);
    rig_out(rig, CONTROL, 0);
    ck_assert_uint_eq(rig_in(rig, CONTROL), BSY);
    ck_assert_uint_eq(wait(), 0x00);
    check_signature();
    rig_out(rig, BASE + 7, 0x90);
    ck_assert_uint_eq(wait(), 0x00);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x01);
    check_signature();
}
END_TEST

START_TEST(identify_packet_device)
{
    uint16_t id[256];

    rig_out(rig, BASE + 7, 0xa1);
    ck_assert_uint_eq(wait(), READY | DRQ);
    for (unsigned i = 0; i < 256; i++)
        id[i] = rig_in16(rig, BASE);
    ck_assert_uint_eq(rig_in(rig, BASE + 7), READY);
    ck_assert_uint_eq(id[0], 0x85c0);
    ck_assert_uint_eq(id[27], 'R' << 8 | 'E');
    ck_assert_uint_eq(id[49] & 0x0100, 0); /* no DMA */
    ck_assert_uint_eq(id[10], 'c' << 8 | 'd');
}
END_TEST

START_TEST(inquiry_and_its_room)
{
    uint8_t status;

    ck_assert_uint_eq(good("\x12\0\0\0\x60\0\0\0\0\0\0\0"), 36);
    ck_assert_uint_eq(data[0], 5);
    ck_assert_uint_eq(data[1], 0x80);
    ck_assert_int_eq(memcmp(data + 8, "REPRISE CD-ROM          1.0 ", 28), 0);
    ck_assert_uint_eq(good("\x12\0\0\0\x05\0\0\0\0\0\0\0"), 5); /* odd */
    ck_assert_uint_eq(good("\x12\0\0\0\0\0\0\0\0\0\0\0"), 0);
    ck_assert_uint_eq(packet_in("\x12\0\0\0\x24\0\0\0\0\0\0\0", 7, &status), 36);
    ck_assert_uint_eq(blocks, 6); /* 6 bytes each: an odd limit is for the last block only */
    ck_assert_uint_eq(status, READY);
    ck_assert_int_eq(memcmp(data + 8, "REPRISE CD-ROM          1.0 ", 28), 0);
}
END_TEST

/* The first command hears of the reset, but INQUIRY and REQUEST SENSE do not fail. */
START_TEST(reset_is_told_once)
{
    good("\x12\0\0\0\x24\0\0\0\0\0\0\0");
    ck_assert_uint_eq(bad("\0\0\0\0\0\0\0\0\0\0\0\0"), 0x062900);
    good("\0\0\0\0\0\0\0\0\0\0\0\0");
    ck_assert_uint_eq(sense(), 0);
    ata_reset(ata);
    rig_run(rig, 5 * MS);
    ck_assert_uint_eq(sense(), 0x062900);
    good("\0\0\0\0\0\0\0\0\0\0\0\0");
}
END_TEST

START_TEST(capacity_and_table_of_contents)
{
    settle();
    ck_assert_uint_eq(good("\x25\0\0\0\0\0\0\0\0\0\0\0"), 8);
    ck_assert_uint_eq(be32(data), SECTORS - 1);
    ck_assert_uint_eq(be32(data + 4), 2048);
    ck_assert_uint_eq(good("\x43\0\0\0\0\0\0\x01\0\0\0\0"), 20);
    ck_assert_int_eq(memcmp(data, "\0\x12\1\1\0\x14\1\0\0\0\0\0\0\x14\xaa\0\0\0\1\x90", 20), 0);
    /* In minutes, seconds and frames: 400 + 150 = 7 s 25. */
    ck_assert_uint_eq(good("\x43\x02\0\0\0\0\xaa\x01\0\0\0\0"), 12);
    ck_assert_int_eq(memcmp(data, "\0\x0a\1\1\0\x14\xaa\0\0\0\x07\x19", 12), 0);
    /* Session, asked for as INF-8020i and as MMC do. */
    ck_assert_uint_eq(good("\x43\0\0\0\0\0\0\x01\0\x40\0\0"), 12);
    ck_assert_int_eq(memcmp(data, "\0\x0a\1\1\0\x14\1\0\0\0\0\0", 12), 0);
    ck_assert_uint_eq(good("\x43\0\1\0\0\0\0\x01\0\0\0\0"), 12);
    ck_assert_uint_eq(good("\x43\0\2\0\0\0\1\x01\0\0\0\0"), 48);
    ck_assert_int_eq(memcmp(data + 4 + 22, "\1\x14\0\xa2\0\0\0\0\0\x07\x19", 11), 0);
    ck_assert_uint_eq(bad("\x43\0\0\0\0\0\2\x01\0\0\0\0"), 0x052400);
    ck_assert_uint_eq(bad("\x43\0\5\0\0\0\0\x01\0\0\0\0"), 0x052400);
}
END_TEST

/* Sector n of the disc is 4n to 4n + 3 of the image. */
static void check_sectors(const uint8_t *p, uint32_t lba, unsigned n)
{
    for (unsigned i = 0; i < 4 * n; i++) {
        ck_assert_uint_eq(load_le32(p + 512 * (size_t) i), 4 * lba + i);
        ck_assert_uint_eq(p[512 * (size_t) i + 511], (4 * lba + i) & 0xff);
    }
}

START_TEST(every_way_to_read)
{
    uint8_t status;

    settle();
    ck_assert_uint_eq(good("\x28\0\0\0\1\x2c\0\0\2\0\0\0"), 4096);
    ck_assert_uint_eq(blocks, 1);
    check_sectors(data, 300, 2);
    ck_assert_uint_eq(good("\xa8\0\0\0\0\x10\0\0\0\5\0\0"), 5 * 2048);
    ck_assert_uint_eq(blocks, 2); /* 8 KiB at the most */
    check_sectors(data, 16, 5);
    ck_assert_uint_eq(good("\xbe\0\0\0\0\x11\0\0\1\x10\0\0"), 2048);
    check_sectors(data, 17, 1);
    ck_assert_uint_eq(good("\xbe\x08\0\0\0\x11\0\0\1\x10\0\0"), 2048); /* mode 1 expected */
    ck_assert_uint_eq(good("\xb9\0\0\0\2\x14\0\2\x16\x10\0\0"), 4096); /* 00:02:20 to :22 */
    check_sectors(data, 20, 2);
    ck_assert_uint_eq(good("\xbe\0\0\0\0\x11\0\0\1\0\0\0"), 0);
    ck_assert_uint_eq(good("\x28\0\0\0\1\x2c\0\0\0\0\0\0"), 0);
    /* Limits that fit no sector: blocks begin anywhere. */
    ck_assert_uint_eq(packet_in("\x28\0\0\0\0\x63\0\0\1\0\0\0", 1001, &status), 2048);
    ck_assert_uint_eq(blocks, 3);
    check_sectors(data, 99, 1);
    for (unsigned limit = 0; limit <= 0xffff; limit += 0x5555) {
        ck_assert_uint_eq(packet_in("\x28\0\0\0\0\x63\0\0\1\0\0\0", (uint16_t) limit, &status), 2048);
        check_sectors(data, 99, 1);
    }
}
END_TEST

START_TEST(reads_that_cannot_be)
{
    uint8_t status;

    settle();
    ck_assert_uint_eq(bad("\x28\0\0\0\1\x90\0\0\1\0\0\0"), 0x052100);
    ck_assert_uint_eq(bad("\x28\0\0\0\1\x90\0\0\0\0\0\0"), 0x052100);
    ck_assert_uint_eq(bad("\x28\0\0\0\1\x8f\0\0\2\0\0\0"), 0x052100);
    ck_assert_uint_eq(bad("\xa8\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0"), 0x052100);
    ck_assert_uint_eq(bad("\xa8\0\0\0\0\1\xff\xff\xff\xff\0\0"), 0x052100);
    ck_assert_uint_eq(bad("\xbe\x04\0\0\0\0\0\0\1\x10\0\0"), 0x056400); /* audio */
    ck_assert_uint_eq(bad("\xbe\0\0\0\0\0\0\0\1\xf8\0\0"), 0x052400); /* raw */
    ck_assert_uint_eq(bad("\xb9\0\0\0\0\0\0\0\1\x10\0\0"), 0x052400); /* before 00:02:00 */
    ck_assert_uint_eq(bad("\x47\0\0\0\2\0\0\3\0\0\0\0"), 0x056400);
    ck_assert_uint_eq(bad("\x2a\0\0\0\0\0\0\0\1\0\0\0"), 0x052000); /* WRITE */
    disc[0]->bad_lba = 4 * 7 + 1;
    ck_assert_uint_eq(packet_in("\x28\0\0\0\0\6\0\0\3\0\0\0", 2048, &status), 2048);
    ck_assert_uint_eq(status, READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x30);
    ck_assert_uint_eq(sense(), 0x031100);
    ck_assert_uint_eq(be32(data + 3), 7); /* information: the block in error */
    ck_assert_uint_eq(sense(), 0);
    /* In the middle of a block too: what is good comes first. */
    ck_assert_uint_eq(packet_in("\x28\0\0\0\0\5\0\0\4\0\0\0", 0xfffe, &status), 2 * 2048);
    ck_assert_uint_eq(status, READY | ERR);
    check_sectors(data, 5, 2);
    ck_assert_uint_eq(sense(), 0x031100);
    ck_assert_uint_eq(be32(data + 3), 7);
}
END_TEST

START_TEST(mode_pages)
{
    settle();
    ck_assert_uint_eq(good("\x5a\0\x2a\0\0\0\0\1\0\0\0\0"), 28);
    ck_assert_uint_eq(data[1], 26);
    ck_assert_uint_eq(data[2], 0x01);
    ck_assert_uint_eq(data[8], 0x2a);
    ck_assert_uint_eq(data[16] << 8 | data[17], 4233); /* KB/s: 24 x 176.4 */
    ck_assert_uint_eq(good("\x5a\0\x3f\0\0\0\0\1\0\0\0\0"), 8 + 8 + 8 + 16 + 20);
    ck_assert_uint_eq(good("\x5a\0\x01\0\0\0\0\1\0\0\0\0"), 16);
    ck_assert_uint_eq(good("\x5a\0\x0d\0\0\0\0\1\0\0\0\0"), 16);
    ck_assert_uint_eq(good("\x5a\0\x3f\0\0\0\0\0\x0a\0\0\0"), 10);
    ck_assert_uint_eq(bad("\x5a\0\xc1\0\0\0\0\1\0\0\0\0"), 0x053900);
    ck_assert_uint_eq(bad("\x5a\0\x05\0\0\0\0\1\0\0\0\0"), 0x052400);
}
END_TEST

/* Data to the drive: DRQ with reason 0, one interrupt a block. */
static uint8_t packet_out(const char *packet, const uint8_t *list, size_t len, uint16_t limit)
{
    uint8_t p[13] = { 0 }, status;
    size_t at = 0;

    memcpy(p, packet, 12);
    send_packet(p, limit);
    while ((status = wait()) & DRQ) {
        size_t n = byte_count();

        ck_assert_uint_eq(rig_in(rig, BASE + 2) & 3, 0);
        ck_assert_uint_le(at + n, len);
        for (size_t i = 0; i < n; i += 2)
            rig_out16(rig, BASE, load_le16(list + at + i));
        at += n;
    }
    return status;
}

START_TEST(mode_select_sets_the_volume)
{
    uint8_t list[26] = { [8] = 0x0e, [9] = 14, [16] = 1, [17] = 0x40, [18] = 2, [19] = 0x50 };

    settle();
    ck_assert_uint_eq(packet_out("\x55\x10\0\0\0\0\0\0\x18\0\0\0", list, 24, 10), READY);
    ck_assert_uint_eq(good("\x5a\0\x0e\0\0\0\0\1\0\0\0\0"), 24);
    ck_assert_int_eq(memcmp(data + 16, "\1\x40\2\x50", 4), 0);
    ck_assert_uint_eq(good("\x5a\0\x8e\0\0\0\0\1\0\0\0\0"), 24); /* defaults */
    ck_assert_int_eq(memcmp(data + 16, "\1\xff\2\xff", 4), 0);
    list[9] = 15; /* longer than the list */
    ck_assert_uint_eq(packet_out("\x55\x10\0\0\0\0\0\0\x18\0\0\0", list, 24, 0xfffe), READY | ERR);
    ck_assert_uint_eq(sense(), 0x052600);
    ck_assert_uint_eq(bad("\x55\x10\0\0\0\0\0\x7f\xff\0\0\0"), 0x051a00);
    ck_assert_uint_eq(bad("\x55\x10\0\0\0\0\0\0\4\0\0\0"), 0x051a00);
}
END_TEST

START_TEST(tray_and_lock)
{
    settle();
    good("\x1e\0\0\0\1\0\0\0\0\0\0\0");
    ck_assert_uint_eq(bad("\x1b\0\0\0\2\0\0\0\0\0\0\0"), 0x055302);
    good("\x1e\0\0\0\0\0\0\0\0\0\0\0");
    good("\x1b\0\0\0\2\0\0\0\0\0\0\0");
    ck_assert_uint_eq(bad("\0\0\0\0\0\0\0\0\0\0\0\0"), 0x023a02);
    ck_assert_uint_eq(good("\xbd\0\0\0\0\0\0\0\0\x08\0\0"), 8);
    ck_assert_uint_eq(data[1] & 0x10, 0x10);
    good("\x1b\1\0\0\3\0\0\0\0\0\0\0"); /* immediate */
    ck_assert_uint_eq(bad("\0\0\0\0\0\0\0\0\0\0\0\0"), 0x062800);
    ck_assert_uint_eq(bad("\0\0\0\0\0\0\0\0\0\0\0\0"), 0x020401); /* spinning up */
    settle();
    good("\x28\0\0\0\0\x10\0\0\1\0\0\0");
    check_sectors(data, 16, 1);
    good("\x1b\0\0\0\2\0\0\0\0\0\0\0");
    good("\x1b\0\0\0\3\0\0\0\0\0\0\0"); /* ends when the disc is ready */
    ck_assert_uint_eq(bad("\0\0\0\0\0\0\0\0\0\0\0\0"), 0x062800);
    good("\0\0\0\0\0\0\0\0\0\0\0\0");
}
END_TEST

static void hand(const char *event, int64_t n)
{
    journal_post(rig->journal, "cd0", event, &n, NULL, 0);
    rig_run(rig, MS);
}

START_TEST(another_disc)
{
    settle();
    ck_assert_uint_eq(good("\x4a\1\0\0\x10\0\0\0\x08\0\0\0"), 8);
    ck_assert_int_eq(memcmp(data, "\0\6\4\x10\0\2\0\0", 8), 0);
    hand("eject", 0);
    good("\x4a\1\0\0\x10\0\0\0\x08\0\0\0");
    ck_assert_int_eq(memcmp(data, "\0\6\4\x10\3\0\0\0", 8), 0); /* removal */
    ck_assert_uint_eq(bad("\x25\0\0\0\0\0\0\0\0\0\0\0"), 0x023a01);
    hand("insert", 2); /* no such disc */
    hand("insert", -1);
    hand("insert", 77);
    ck_assert_uint_eq(bad("\x25\0\0\0\0\0\0\0\0\0\0\0"), 0x023a01);
    hand("insert", 1);
    good("\x4a\1\0\0\x10\0\0\0\x08\0\0\0");
    ck_assert_int_eq(memcmp(data, "\0\6\4\x10\2\2\0\0", 8), 0); /* new medium */
    ck_assert_uint_eq(bad("\x25\0\0\0\0\0\0\0\0\0\0\0"), 0x062800);
    settle();
    good("\x25\0\0\0\0\0\0\0\0\0\0\0");
    ck_assert_uint_eq(be32(data), OTHER_SECTORS - 1);
    /* At a locked tray a hand can only press the button. */
    good("\x1e\0\0\0\1\0\0\0\0\0\0\0");
    hand("insert", 0);
    good("\x4a\1\0\0\x10\0\0\0\x08\0\0\0");
    ck_assert_int_eq(memcmp(data, "\0\6\4\x10\1\2\0\0", 8), 0); /* eject request */
    good("\x25\0\0\0\0\0\0\0\0\0\0\0");
    ck_assert_uint_eq(be32(data), OTHER_SECTORS - 1);
}
END_TEST

/* A command never moves sectors of two discs. */
START_TEST(disc_taken_in_the_middle)
{
    uint8_t status;

    settle();
    send_packet((const uint8_t *) "\x28\0\0\0\0\0\0\0\4\0\0\0", 2048);
    ck_assert_uint_eq(wait(), READY | DRQ);
    hand("insert", 1);
    rig_run(rig, 5 * VTIME_SECOND);
    for (unsigned i = 0; i < 1024; i++)
        rig_in16(rig, BASE);
    status = wait();
    ck_assert_uint_eq(status, READY | ERR);
    ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x60);
    ck_assert_uint_eq(sense(), 0x062800);
    good("\0\0\0\0\0\0\0\0\0\0\0\0");
}
END_TEST

START_TEST(empty_drive)
{
    teardown();
    build(true);
    ck_assert_uint_eq(bad("\0\0\0\0\0\0\0\0\0\0\0\0"), 0x062900);
    ck_assert_uint_eq(bad("\0\0\0\0\0\0\0\0\0\0\0\0"), 0x023a01);
    ck_assert_uint_eq(bad("\x28\0\0\0\0\0\0\0\1\0\0\0"), 0x023a01);
    ck_assert_uint_eq(bad("\x1b\0\0\0\1\0\0\0\0\0\0\0"), 0x023a01);
    hand("insert", 1);
    settle();
    good("\x28\0\0\0\0\x31\0\0\1\0\0\0");
    check_sectors(data, 49, 1);
}
END_TEST

/* 8.7: DEVICE RESET ends anything at once, without an interrupt. */
START_TEST(device_reset_at_odd_moments)
{
    for (unsigned at = 0; at < 4; at++) {
        settle();
        rig_out(rig, BASE + 4, 0);
        rig_out(rig, BASE + 5, 8);
        rig_out(rig, BASE + 7, 0xa0);
        if (at >= 1)
            wait(); /* the packet is asked for */
        for (unsigned i = 0; at >= 2 && i < 6; i++)
            rig_out16(rig, BASE, i == 0 ? 0x28 : i == 4 ? 0x0400 : 0);
        if (at >= 3) {
            wait();
            rig_in16(rig, BASE); /* in the middle of a block */
        }
        ck_assert_ptr_null(rig_roundtrip(rig));
        rig->edges[IRQ] = 0;
        rig_out(rig, BASE + 7, 0x08);
        ck_assert_uint_eq(rig_in(rig, CONTROL), BSY);
        rig_run(rig, 50 * MS);
        ck_assert_uint_eq(rig_in(rig, BASE + 7), 0x00);
        ck_assert_uint_eq(rig->edges[IRQ], 0);
        check_signature();
        settle();
        good("\x28\0\0\0\0\x10\0\0\1\0\0\0");
        check_sectors(data, 16, 1);
    }
}
END_TEST

/* A new command, or a software reset, in the middle of a block. */
START_TEST(commands_and_resets_in_the_middle)
{
    settle();
    send_packet((const uint8_t *) "\x28\0\0\0\0\0\0\0\4\0\0\0", 2048);
    ck_assert_uint_eq(wait(), READY | DRQ);
    rig_in16(rig, BASE);
    good("\x28\0\0\0\0\x20\0\0\1\0\0\0");
    check_sectors(data, 32, 1);
    send_packet((const uint8_t *) "\x28\0\0\0\0\0\0\0\4\0\0\0", 2048);
    wait();
    rig_in16(rig, BASE);
    rig_out(rig, CONTROL, 4);
    ck_assert_int_eq(rig_irq(rig, IRQ), 0);
    rig_out(rig, CONTROL, 0);
    ck_assert_uint_eq(wait(), 0x00);
    check_signature();
    good("\x28\0\0\0\0\x21\0\0\1\0\0\0");
    check_sectors(data, 33, 1);
}
END_TEST

START_TEST(ata_commands)
{
    static const struct {
        uint8_t feature, count, cmd, status;
    } tries[] = {
        { 0x03, 0x0c, 0xef, READY }, /* PIO 4 */
        { 0x03, 0x42, 0xef, READY | ERR }, /* DMA */
        { 0x02, 0, 0xef, READY | ERR },
        { 0, 0, 0x00, READY | ERR },
        { 0, 0, 0xe5, READY },
        { 0, 0, 0x30, READY | ERR }, /* WRITE SECTORS */
        { 0x01, 0, 0xa0, READY | ERR }, /* PACKET by DMA */
        { 0, 0, 0xe0, READY }, /* STANDBY IMMEDIATE */
    };

    for (unsigned i = 0; i < ARRAY_LEN(tries); i++) {
        rig_out(rig, BASE + 1, tries[i].feature);
        rig_out(rig, BASE + 2, tries[i].count);
        rig_out(rig, BASE + 7, tries[i].cmd);
        ck_assert_uint_eq(wait(), tries[i].status);
        if (tries[i].status & ERR)
            ck_assert_uint_eq(rig_in(rig, BASE + 1), 0x04);
    }
}
END_TEST

/* 24-speed: 1800 sectors a second; seeks beyond the cache cost 20 ms and more. */
START_TEST(time_follows_distance_and_length)
{
    vtime start;

    settle();
    good("\x28\0\0\0\0\0\0\0\1\0\0\0");
    rig_run(rig, VTIME_SECOND);
    start = sched_now(&rig->sched);
    good("\x28\0\0\0\0\1\0\0\4\0\0\0"); /* read ahead long ago */
    ck_assert_uint_lt(sched_now(&rig->sched) - start, MS);
    start = sched_now(&rig->sched);
    good("\x28\0\0\0\1\x50\0\0\1\0\0\0");
    ck_assert_uint_gt(sched_now(&rig->sched) - start, 20 * MS);
    ck_assert_uint_lt(sched_now(&rig->sched) - start, 25 * MS);
    start = sched_now(&rig->sched);
    for (unsigned i = 0; i < 5; i++)
        good(i == 0   ? "\x28\0\0\0\1\x51\0\0\x08\0\0\0"
             : i == 1 ? "\x28\0\0\0\1\x59\0\0\x08\0\0\0"
             : i == 2 ? "\x28\0\0\0\1\x61\0\0\x08\0\0\0"
             : i == 3 ? "\x28\0\0\0\1\x69\0\0\x08\0\0\0"
                      : "\x28\0\0\0\1\x71\0\0\x08\0\0\0");
    ck_assert_uint_gt(sched_now(&rig->sched) - start, 40 * 550000);
    ck_assert_uint_lt(sched_now(&rig->sched) - start, 40 * 570000);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("atapi");
    TCase *tc = tcase_create("atapi");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, fields_cover_the_saved_state);
    tcase_add_test(tc, signature_of_a_packet_device);
    tcase_add_test(tc, identify_packet_device);
    tcase_add_test(tc, inquiry_and_its_room);
    tcase_add_test(tc, reset_is_told_once);
    tcase_add_test(tc, capacity_and_table_of_contents);
    tcase_add_test(tc, every_way_to_read);
    tcase_add_test(tc, reads_that_cannot_be);
    tcase_add_test(tc, mode_pages);
    tcase_add_test(tc, mode_select_sets_the_volume);
    tcase_add_test(tc, tray_and_lock);
    tcase_add_test(tc, another_disc);
    tcase_add_test(tc, disc_taken_in_the_middle);
    tcase_add_test(tc, empty_drive);
    tcase_add_test(tc, device_reset_at_odd_moments);
    tcase_add_test(tc, commands_and_resets_in_the_middle);
    tcase_add_test(tc, ata_commands);
    tcase_add_test(tc, time_follows_distance_and_length);
    suite_add_tcase(s, tc);
    return s;
}

/*
 * System BIOS test disc: the services after a start from CD-ROM.
 *
 * mkcd.py puts this program on discs that start in different ways; what a disc
 * is, function 4B01h says.  Beside it lie sectors that name themselves.
 * TAP goes to COM1, the number of failures to port 501h.
 *
 * Source of what is expected: "El Torito" Bootable CD-ROM Format Specification
 * 1.0; Phoenix EDD 1.1.
 */
#include "guest.h"

extern uint8_t boot_drive;

enum {
    IMAGE_LBA = 20,     /* as mkcd.py has it */
    CATALOG_LBA = 19,
    SECTORS = 1600,     /* of the disc */
    PACKET = 0x600,     /* of EDD and El Torito, in low memory */
};

static void put_packet(uint16_t count, uint16_t seg, uint16_t off, uint32_t lba)
{
    poke32(0, PACKET, 0x10 | (uint32_t) count << 16);
    poke32(0, PACKET + 4, off | (uint32_t) seg << 16);
    poke32(0, PACKET + 8, lba);
    poke32(0, PACKET + 12, 0);
}

static void with_packet(uint16_t ax, uint8_t drive)
{
    prepare();
    r.ds = 0;
    r.esi = PACKET;
    call(0x13, ax, 0, 0, drive);
}

static void edd(uint8_t function, uint16_t count, uint32_t lba)
{
    put_packet(count, BUFFER_SEG, 0x0123, lba);
    with_packet(function << 8, boot_drive);
}

/* Sector n of the image, of 512 bytes, ends with its number. */
static bool is_sector(uint16_t off, uint16_t n)
{
    return peek16(BUFFER_SEG, off + 508) == n && peek16(BUFFER_SEG, off + 510) == 0xcd00;
}

/* ---- Without emulation ---- */

static void test_reads(void)
{
    edd(0x42, 1, 16);
    check(!carry() && ah() == 0 && peek32(BUFFER_SEG, 0x124) == 0x30304443,
          "42h reads CD001");
    edd(0x42, 5, SECTORS - 5);
    check(!carry() && peek32(BUFFER_SEG, 0x123) == SECTORS - 5 &&
              peek32(BUFFER_SEG, 0x123 + 4 * 2048) == SECTORS - 1,
          "42h reads five sectors at the end");
    edd(0x42, 2, SECTORS - 1);
    check(carry() && ah() == 0x04 && peek16(0, PACKET + 2) == 0,
          "42h past the end: 04h");
    edd(0x42, 1, 0xffffffff);
    check(carry() && ah() == 0x04, "42h far past the end: 04h");
    edd(0x42, 0xffff, 0);
    check(carry() && ah() == 0x01, "42h with more than memory holds: 01h");
    edd(0x43, 1, 30);
    check(carry() && ah() == 0x03, "43h: write-protected");
    edd(0x44, 3, 30);
    check(!carry() && ah() == 0, "44h verifies");
    edd(0x47, 1, SECTORS - 1);
    check(!carry() && ah() == 0, "47h seeks");
    simple(0x13, 0x0201, 0, 1, boot_drive);
    check(carry() && ah() == 0x01, "02h: a CD-ROM has no tracks");
}

static void test_drive(void)
{
    simple(0x13, 0x4100, 0x55aa, 0, boot_drive);
    check(!carry() && (uint16_t) r.ebx == 0xaa55 && ah() == 0x21 &&
              (uint16_t) r.ecx == 3,
          "41h: version 1.1, access and locking");
    poke32(0, PACKET, 0x1a);
    with_packet(0x4800, boot_drive);
    check(!carry() && peek16(0, PACKET + 0x18) == 2048 &&
              peek32(0, PACKET + 0x10) == SECTORS && peek32(0, PACKET + 0x14) == 0,
          "48h: sectors, of 2048 bytes");
    check(peek16(0, PACKET + 2) == 0x34, "48h: removable");
    poke32(0, PACKET, 0x19);
    with_packet(0x4800, boot_drive);
    check(carry() && ah() == 0x01, "48h: buffer too small");
    simple(0x13, 0x4500, 0, 0, boot_drive);
    check(!carry() && al() == 1, "45h locks");
    simple(0x13, 0x4600, 0, 0, boot_drive);
    check(carry() && ah() == 0xb1, "46h: locked");
    simple(0x13, 0x4502, 0, 0, boot_drive);
    check(!carry() && al() == 1, "45h tells");
    simple(0x13, 0x4501, 0, 0, boot_drive);
    check(!carry() && al() == 0, "45h unlocks");
    simple(0x13, 0x4900, 0, 0, boot_drive);
    check(!carry() && ah() == 0, "49h: the same disc");
}

static void test_eject(void)
{
    simple(0x13, 0x4600, 0, 0, boot_drive);
    check(!carry(), "46h ejects");
    edd(0x42, 1, 16);
    check(carry() && ah() == 0xaa, "42h without a disc: not ready");
    simple(0x13, 0x0000, 0, 0, boot_drive);
    check(!carry(), "00h");
    simple(0x13, 0x4700, 0, 0, 0xe1);
    check(carry() && ah() == 0x01, "E1h is nobody");
}

/* ---- What both have ---- */

static void test_status(uint8_t media)
{
    with_packet(0x4b01, boot_drive);
    check(!carry() && peek(0, PACKET) == 0x13 && peek(0, PACKET + 1) == media,
          "4B01h: kind of the image");
    check(peek(0, PACKET + 2) == boot_drive && peek32(0, PACKET + 4) == IMAGE_LBA &&
              peek16(0, PACKET + 0x0c) == 0x07c0,
          "4B01h: drive, place of the image, load segment");
    poke32(0, PACKET, 0x0108);
    poke32(0, PACKET + 2, (uint32_t) BUFFER_SEG << 16);
    poke32(0, PACKET + 6, 0);
    with_packet(0x4d00, boot_drive);
    check(!carry() && peek16(BUFFER_SEG, 0x1e) == 0xaa55 && peek(BUFFER_SEG, 0x20) == 0x88,
          "4D00h reads the boot catalog");
    with_packet(0x4b02, boot_drive);
    check(carry() && ah() == 0x01, "4B02h is no function");
}

/* ---- As a diskette, as a fixed disk ---- */

static void test_emulated(uint8_t spt)
{
    bool disk = boot_drive & 0x80;
    uint16_t last = 160 * spt - 1;

    simple(0x13, 0x0800, 0, 0, boot_drive);
    check(!carry() && (uint16_t) r.ecx == (79 << 8 | spt) &&
              (uint16_t) r.edx == 0x0102,
          "08h: layout, and two drives");
    simple(0x13, 0x0201, 0x123, 79 << 8 | spt, 0x0100 | boot_drive);
    check(!carry() && is_sector(0x123, last), "02h reads the last sector");
    simple(0x13, 0x0205, 0x10, 3 << 8 | (spt - 2), boot_drive);
    check(!carry() && is_sector(0x10, 3 * 2 * spt + spt - 3) &&
              is_sector(0x10 + 4 * 512, 3 * 2 * spt + spt + 1),
          "02h reads over the end of a track");
    simple(0x13, 0x0201, 0, spt + 1, boot_drive);
    check(carry() && ah() == 0x04 && al() == 0, "02h: no such sector");
    simple(0x13, 0x0202, 0, 79 << 8 | spt, 0x0100 | boot_drive);
    check(carry() && ah() == 0x04, "02h past the end");
    simple(0x13, 0x0301, 0, 5, boot_drive);
    check(carry() && ah() == 0x03 && al() == 0, "03h: write-protected");
    simple(0x13, 0x0405, 0, 1, boot_drive);
    check(!carry(), "04h verifies");
    simple(0x13, 0x1500, 0, 0, boot_drive);
    check(!carry() && ah() == (disk ? 3 : 1) &&
              (!disk || (uint16_t) r.edx == last + 1),
          "15h");
}

static void test_floppy(void)
{
    simple(0x11, 0, 0, 0, 0);
    check((r.eax & 0xc1) == 0x41, "INT 11h: two diskette drives");
    simple(0x13, 0x1500, 0, 0, 1);
    check(ah() == 2, "drive 01h is the real one");
    simple(0x13, 0x0201, 0, 1, 1);
    check(carry() && ah() == 0x80 && (uint8_t) r.edx == 1, "drive 01h is empty");
    with_packet(0x4b00, 0x7f);
    check(!carry() && peek(0, PACKET + 2) == 0, "4B00h ends it");
    simple(0x11, 0, 0, 0, 0);
    check((r.eax & 0xc1) == 0x01, "INT 11h: one diskette drive");
    simple(0x13, 0x1500, 0, 0, 0);
    check(ah() == 2, "drive 00h is the real one");
}

static void test_disk(void)
{
    simple(0x13, 0x0201, 0, 1, 0x81);
    check(!carry() && peek32(BUFFER_SEG, 0) == 0x52504552, "drive 81h is the real one");
    simple(0x13, 0x4100, 0x55aa, 0, 0x81);
    check(!carry() && (uint8_t) r.edx == 0x81, "drive 81h has EDD");
    simple(0x13, 0x1000, 0, 0, 0x82);
    check(carry(), "drive 82h is nobody");
    with_packet(0x4b00, 0x80);
    check(!carry(), "4B00h ends it");
    simple(0x13, 0x0201, 0, 1, 0x80);
    check(!carry() && peek32(BUFFER_SEG, 0) == 0x52504552, "drive 80h is the real one");
}

void test_main(void)
{
    static const uint8_t spt[] = { 0, 15, 18, 36, 18 };
    uint8_t media;

    tests = failures = 0;
    outb(0x3fb, 0x03);
    with_packet(0x4b01, boot_drive);
    media = peek(0, PACKET + 1);
    check(!carry() && media <= 4, "4B01h");
    if (carry() || media > 4)
        finish();
    test_status(media);
    if (media == 0) {
        check(boot_drive == 0xe0, "the drive is E0h");
        test_reads();
        test_drive();
        test_eject();
    } else {
        check(boot_drive == (media == 4 ? 0x80 : 0x00), "the drive number");
        test_emulated(spt[media]);
        if (media == 4)
            test_disk();
        else
            test_floppy();
    }
    finish();
}

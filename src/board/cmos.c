/*
 * Set-up values in CMOS memory.
 *
 * Source: IBM PC AT Technical Reference, "Real-time clock/CMOS RAM"; for 34h to
 *         3Dh the usage of BIOSes since 1994 (memory above 16 MiB, boot order,
 *         translation), as in "The x86 Interrupt List", CMOS.LST.
 */
#include "config.h"

#include "board/cmos.h"

#include <stddef.h>
#include <string.h>

#include "base/bits.h"

enum {
    CMOS_FLOPPIES = 0x10,
    CMOS_DISKS = 0x12, /* high nibble drive C */
    CMOS_EQUIPMENT = 0x14,
    CMOS_BASE_KIB = 0x15,
    CMOS_EXTENDED_KIB = 0x17,
    CMOS_DISK_TYPE = 0x19, /* drive C, drive D: beyond 14 */
    CMOS_GEOMETRY = 0x1b,  /* nine bytes a drive */
    CMOS_CHECKSUM = 0x2e,  /* of 10h to 2Dh, high byte first */
    CMOS_EXTENDED_KIB_FOUND = 0x30,
    CMOS_ABOVE_16M = 0x34, /* in units of 64 KiB */
    CMOS_BOOT_THIRD = 0x38,
    CMOS_TRANSLATION = 0x39, /* two bits a drive, the first in bits 0 and 1 */
    CMOS_BOOT = 0x3d,
};

enum {
    DISK_TYPE_EXTENDED = 0x0f,
    DISK_TYPE_USER = 47,
    EQUIPMENT_FLOPPY = 1 << 0,
    EQUIPMENT_FPU = 1 << 1,
    EQUIPMENT_MOUSE = 1 << 2,
    EQUIPMENT_FLOPPIES_SHIFT = 6, /* number of drives less one */
    BOOT_NO_SIGNATURE = 1 << 0,   /* in CMOS_BOOT_THIRD: floppies need no 55AAh */
    TRANSLATE_NONE = 0,
    TRANSLATE_LBA = 1,
    CONTROL_MANY_HEADS = 1 << 3,
    CMOS_CYLINDERS_MAX = 1024,
    ATA_HEADS_MAX = 16,
};

static void cmos_set16(struct rtc *rtc, uint8_t index, uint32_t val)
{
    rtc_cmos_set(rtc, index, (uint8_t) val);
    rtc_cmos_set(rtc, (uint8_t) (index + 1), (uint8_t) (val >> 8));
}

static uint32_t at_most(uint32_t val, uint32_t max)
{
    return val < max ? val : max;
}

static void cmos_set_memory(struct rtc *rtc, unsigned mib)
{
    uint32_t extended = at_most((mib - 1) * 1024, 0xffff);

    cmos_set16(rtc, CMOS_BASE_KIB, 640);
    cmos_set16(rtc, CMOS_EXTENDED_KIB, extended);
    cmos_set16(rtc, CMOS_EXTENDED_KIB_FOUND, extended);
    cmos_set16(rtc, CMOS_ABOVE_16M, mib > 16 ? (mib - 16) * 16 : 0);
}

static void cmos_set_equipment(struct rtc *rtc, const uint8_t type[2], bool fpu)
{
    unsigned n = (type[0] != 0) + (type[1] != 0);
    uint8_t equipment = EQUIPMENT_MOUSE | (fpu ? EQUIPMENT_FPU : 0);

    if (n != 0)
        equipment |= (uint8_t) (EQUIPMENT_FLOPPY | (n - 1) << EQUIPMENT_FLOPPIES_SHIFT);
    rtc_cmos_set(rtc, CMOS_FLOPPIES, (uint8_t) (type[0] << 4 | type[1]));
    rtc_cmos_set(rtc, CMOS_EQUIPMENT, equipment);
}

/* Drive 0 is C, drive 1 is D: the two that old set-up programs know. */
static void cmos_set_geometry(struct rtc *rtc, unsigned drive, const struct disk *disk)
{
    struct disk_geometry g = disk_geometry(disk);
    uint8_t at = (uint8_t) (CMOS_GEOMETRY + 9 * drive);

    rtc_cmos_set(rtc, (uint8_t) (CMOS_DISK_TYPE + drive), DISK_TYPE_USER);
    cmos_set16(rtc, at, at_most(g.cylinders, 0xffff));
    rtc_cmos_set(rtc, (uint8_t) (at + 2), (uint8_t) g.heads);
    cmos_set16(rtc, (uint8_t) (at + 3), 0xffff); /* no write precompensation */
    rtc_cmos_set(rtc, (uint8_t) (at + 5), g.heads > 8 ? CONTROL_MANY_HEADS : 0);
    cmos_set16(rtc, (uint8_t) (at + 6), at_most(g.cylinders, 0xffff));
    rtc_cmos_set(rtc, (uint8_t) (at + 8), (uint8_t) g.sectors);
}

static unsigned cmos_translation(const struct disk *disk)
{
    struct disk_geometry g = disk_geometry(disk);

    return g.cylinders <= CMOS_CYLINDERS_MAX && g.heads <= ATA_HEADS_MAX ? TRANSLATE_NONE : TRANSLATE_LBA;
}

static void cmos_set_disks(struct rtc *rtc, struct disk *const *disk)
{
    uint8_t types = 0;
    unsigned translation = 0;

    for (unsigned i = 0; i < MACHINE_HARD_DISKS; i++) {
        if (disk[i] == NULL)
            continue;
        translation |= cmos_translation(disk[i]) << (2 * i);
        if (i < 2) {
            types |= (uint8_t) (DISK_TYPE_EXTENDED << (i == 0 ? 4 : 0));
            cmos_set_geometry(rtc, i, disk[i]);
        }
    }
    rtc_cmos_set(rtc, CMOS_DISKS, types);
    rtc_cmos_set(rtc, CMOS_TRANSLATION, (uint8_t) translation);
}

static uint8_t cmos_boot_code(char letter)
{
    const char *letters = "acd";
    const char *at = letter != '\0' ? strchr(letters, letter) : NULL;

    return at != NULL ? (uint8_t) (at - letters + 1) : 0;
}

static void cmos_set_boot(struct rtc *rtc, const char *order)
{
    uint8_t code[3] = { 0 };

    for (unsigned i = 0; i < ARRAY_LEN(code) && order[i] != '\0'; i++)
        code[i] = cmos_boot_code(order[i]);
    rtc_cmos_set(rtc, CMOS_BOOT, (uint8_t) (code[0] | code[1] << 4));
    rtc_cmos_set(rtc, CMOS_BOOT_THIRD, (uint8_t) (code[2] << 4 | BOOT_NO_SIGNATURE));
}

static void cmos_set_checksum(struct rtc *rtc)
{
    unsigned sum = 0;

    for (unsigned i = CMOS_FLOPPIES; i < CMOS_CHECKSUM; i++)
        sum += rtc_cmos_get(rtc, (uint8_t) i);
    rtc_cmos_set(rtc, CMOS_CHECKSUM, (uint8_t) (sum >> 8));
    rtc_cmos_set(rtc, CMOS_CHECKSUM + 1, (uint8_t) sum);
}

void cmos_set_up(struct rtc *rtc, const struct cmos_setup *setup)
{
    cmos_set_memory(rtc, setup->ram_mib);
    cmos_set_equipment(rtc, setup->floppy, setup->fpu);
    cmos_set_disks(rtc, setup->disk);
    cmos_set_boot(rtc, setup->boot);
    cmos_set_checksum(rtc);
}

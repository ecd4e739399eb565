/*
 * The demo disk's program: asks the firmware what machine this is, shows the
 * answers, then the time and the keys that are pressed until Esc, which
 * switches the power off.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, INT 10h to 1Ah;
 *         APM BIOS Interface Specification 1.2, section 4.
 */
#include "demo.h"

enum { LABEL_COLUMN = 3, VALUE_COLUMN = 18, KEY_ROW = 22, TIME_ROW = 7 };

enum { KEY_ESC = 0x1b };

void demo_main(void);

static struct pen label(unsigned row, const char *text)
{
    struct pen pen = { (uint8_t) row, LABEL_COLUMN, ATTR_LABEL };

    pen_text(&pen, text);
    return (struct pen){ (uint8_t) row, VALUE_COLUMN, ATTR_PLAIN };
}

static void show_processor(unsigned row)
{
    static const char *const families[] = { "386", "486", "Pentium", "Pentium Pro" };
    struct pen pen = label(row, "Processor");
    struct processor p;
    unsigned mhz, family;

    processor_identify(&p);
    family = p.family < 3 ? 3 : p.family > 6 ? 6 : p.family;
    pen_text(&pen, families[family - 3]);
    pen_text(&pen, " class");
    if (p.has_cpuid) {
        pen_text(&pen, ", ");
        pen_text(&pen, p.vendor);
        pen_char(&pen, ' ');
        pen_number(&pen, p.family);
        pen_char(&pen, '.');
        pen_number(&pen, p.model);
        pen_char(&pen, '.');
        pen_number(&pen, p.stepping);
        pen_text(&pen, p.has_fpu ? ", FPU" : ", no FPU");
        pen_text(&pen, p.has_mmx ? ", MMX" : "");
    }
    mhz = processor_mhz(&p);
    if (mhz != 0) {
        pen_text(&pen, ", ");
        pen_number(&pen, mhz);
        pen_text(&pen, " MHz");
    }
}

/* KiB above 1 MiB: E801h counts beyond 64 MiB, 88h is older. */
static uint32_t extended_memory(void)
{
    struct registers r = { .eax = 0xe801 };

    firmware(0x15, &r);
    if ((r.flags & FLAG_CARRY) == 0)
        return (r.eax & 0xffff) + (r.ebx & 0xffff) * 64;
    r = (struct registers){ .eax = 0x8800 };
    firmware(0x15, &r);
    return (r.flags & FLAG_CARRY) == 0 ? r.eax & 0xffff : 0;
}

static void show_memory(unsigned row)
{
    struct pen pen = label(row, "Memory");
    struct registers r = { 0 };

    firmware(0x12, &r);
    pen_number(&pen, r.eax & 0xffff);
    pen_text(&pen, " KB base, ");
    pen_number(&pen, extended_memory());
    pen_text(&pen, " KB extended");
}

static const char *const floppy_types[] = { "none", "360 KB", "1.2 MB", "720 KB", "1.44 MB", "2.88 MB", "2.88 MB" };

static void show_floppies(unsigned row)
{
    struct pen pen = label(row, "Diskettes");

    for (unsigned drive = 0; drive < 2; drive++) {
        struct registers r = { .eax = 0x0800, .edx = drive };
        unsigned type;

        firmware(0x13, &r);
        if ((r.flags & FLAG_CARRY) != 0 || (r.edx & 0xff) <= drive)
            continue;
        type = r.ebx & 0xff;
        if (drive != 0)
            pen_text(&pen, ", ");
        pen_char(&pen, (uint8_t) ('A' + drive));
        pen_text(&pen, ": ");
        pen_text(&pen, type < sizeof floppy_types / sizeof floppy_types[0] ? floppy_types[type] : "?");
    }
}

static void show_hard_disk(struct pen *pen, const struct registers *r)
{
    uint32_t cylinders = ((r->ecx >> 8 & 0xff) | (r->ecx << 2 & 0x300)) + 1;
    uint32_t heads = (r->edx >> 8 & 0xff) + 1, sectors = r->ecx & 0x3f;

    pen_number(pen, cylinders * heads * sectors / 2048);
    pen_text(pen, " MB (");
    pen_number(pen, cylinders);
    pen_text(pen, " cylinders, ");
    pen_number(pen, heads);
    pen_text(pen, " heads, ");
    pen_number(pen, sectors);
    pen_text(pen, " sectors)");
}

/* Up to four rows. */
static void show_hard_disks(unsigned row)
{
    struct pen pen = label(row, "Hard disks");
    unsigned n = 1;

    for (unsigned drive = 0; drive < n && drive < 4; drive++) {
        struct registers r = { .eax = 0x0800, .edx = 0x80 + drive };

        firmware(0x13, &r);
        if ((r.flags & FLAG_CARRY) != 0 || (r.edx & 0xff) == 0) {
            pen_text(&pen, "none");
            return;
        }
        n = r.edx & 0xff;
        show_hard_disk(&pen, &r);
        pen = (struct pen){ (uint8_t) (row + drive + 1), VALUE_COLUMN, ATTR_PLAIN };
    }
}

/* The firmware keeps the I/O addresses of what it found at 40:00. */
static void show_ports(unsigned row)
{
    struct pen pen = label(row, "Ports");
    bool any = false;

    for (unsigned i = 0; i < 7; i++) {
        uint16_t base = far_peek16(0x40, (uint16_t) (2 * i));

        if (base < 0x200 || base > 0x3ff)
            continue;
        pen_text(&pen, any ? ", " : "");
        pen_text(&pen, i < 4 ? "COM" : "LPT");
        pen_number(&pen, i % 4 + 1);
        pen_text(&pen, " at ");
        pen_hex(&pen, base, 3);
        any = true;
    }
    if (!any)
        pen_text(&pen, "none");
}

static void show_display(unsigned row)
{
    struct pen pen = label(row, "Display");
    struct registers r = { .eax = 0x1a00 };

    firmware(0x10, &r);
    pen_text(&pen, (r.eax & 0xff) == 0x1a && (r.ebx & 0xff) == 8 ? "VGA, colour" : "not a VGA");
}

static void show_firmware(unsigned row)
{
    struct pen pen = label(row, "Firmware");

    for (unsigned i = 0; i < 8; i++)
        pen_char(&pen, far_peek8(0xffff, (uint16_t) (5 + i)));
}

static void show_bcd(struct pen *pen, uint32_t val, char before)
{
    if (before != '\0')
        pen_char(pen, (uint8_t) before);
    pen_hex(pen, val & 0xff, 2);
}

static void show_time(void)
{
    struct pen pen = label(TIME_ROW, "Date, time");
    struct registers r = { .eax = 0x0400 };

    firmware(0x1a, &r);
    if ((r.flags & FLAG_CARRY) != 0)
        return;
    show_bcd(&pen, r.ecx >> 8, '\0');
    show_bcd(&pen, r.ecx, '\0');
    show_bcd(&pen, r.edx >> 8, '-');
    show_bcd(&pen, r.edx, '-');
    r = (struct registers){ .eax = 0x0200 };
    firmware(0x1a, &r);
    show_bcd(&pen, r.ecx >> 8, ' ');
    show_bcd(&pen, r.ecx, ':');
    show_bcd(&pen, r.edx >> 8, ':');
}

/* The sixteen colours, then the character set in four rows. */
static void show_palette(void)
{
    for (unsigned i = 0; i < 64; i++)
        screen_put(14, VALUE_COLUMN - 10 + i, (uint8_t) (i / 4), 0xdb);
    for (unsigned i = 0; i < 256; i++)
        screen_put(16 + i / 64, VALUE_COLUMN - 10 + i % 64, ATTR_PLAIN, (uint8_t) i);
}

static void show_key(uint32_t key)
{
    struct pen pen = { KEY_ROW, LABEL_COLUMN, ATTR_KEY };

    pen_text(&pen, "Key: scan code ");
    pen_hex(&pen, key >> 8 & 0xff, 2);
    pen_text(&pen, ", character ");
    pen_hex(&pen, key & 0xff, 2);
    pen_text(&pen, " ");
    pen_char(&pen, (uint8_t) key);
}

static void power_off(void)
{
    struct pen pen = { KEY_ROW, LABEL_COLUMN, ATTR_KEY };
    struct registers r = { .eax = 0x5301 }; /* connect, real mode */

    firmware(0x15, &r);
    r = (struct registers){ .eax = 0x530e, .ecx = 0x0101 }; /* we speak APM 1.1 */
    firmware(0x15, &r);
    r = (struct registers){ .eax = 0x5307, .ebx = 1, .ecx = 3 }; /* all devices: off */
    firmware(0x15, &r);
    pen_text(&pen, "This machine cannot switch itself off. ");
}

/* Key waiting in the firmware's buffer: its code, else 0. */
static uint32_t poll_key(void)
{
    uint16_t head = far_peek16(0x40, 0x1a);
    struct registers r = { 0 };

    if (head == far_peek16(0x40, 0x1c))
        return 0;
    firmware(0x16, &r);
    return r.eax & 0xffff;
}

static void show_report(void)
{
    static const char title[] = " Reprise demo disk: what the firmware says of this machine";
    static const char help[] = " Demo disk ready.   Esc: power off   Any other key: show its codes";
    struct pen pen = { 0, 0, ATTR_BAR };

    screen_clear();
    screen_bar(0, ATTR_BAR);
    pen_text(&pen, title);
    show_processor(2);
    show_memory(3);
    show_ports(4);
    show_display(5);
    show_firmware(6);
    show_time();
    show_floppies(8);
    show_hard_disks(9);
    show_palette();
    screen_bar(ROWS - 1, ATTR_BAR);
    pen = (struct pen){ ROWS - 1, 0, ATTR_BAR };
    pen_text(&pen, help);
}

void demo_main(void)
{
    uint32_t key;

    show_report();
    for (;;) {
        __asm__ volatile("hlt"); /* until the next interrupt */
        show_time();
        key = poll_key();
        if (key == 0)
            continue;
        show_key(key);
        if ((key & 0xff) == KEY_ESC)
            power_off();
    }
}

/*
 * System report: what the firmware and the processor say of this machine.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, INT 10h to 1Ah,
 *         BIOS data area; ACPI 1.0, section 14, "INT 15h E820h"; Phoenix,
 *         "Enhanced Disk Drive Specification", 48h; APM 1.2, section 4.
 * Absent: CD-ROM drives.
 */
#include "demo.h"

enum { LABEL_COLUMN = 2, VALUE_COLUMN = 16, EDD_BUFFER = 0x600 };

static uint8_t next_row;

static struct pen value(unsigned row)
{
    return (struct pen){ (uint8_t) row, VALUE_COLUMN, ATTR(NIGHT, TEXT) };
}

static struct pen label(const char *text)
{
    struct pen pen = { next_row, LABEL_COLUMN, ATTR(NIGHT, CYAN) };

    pen_text(&pen, text);
    return value(next_row++);
}

static void show_processor(void)
{
    static const struct { uint8_t bit; const char *name; } features[] = {
        { 0, "FPU" }, { 1, "VME" }, { 2, "DE" }, { 3, "PSE" }, { 4, "TSC" }, { 5, "MSR" },
        { 6, "PAE" }, { 8, "CX8" }, { 9, "APIC" }, { 11, "SEP" }, { 12, "MTRR" }, { 13, "PGE" },
        { 15, "CMOV" }, { 23, "MMX" }, { 24, "FXSR" }, { 25, "SSE" },
    };
    const struct processor *p = &processor;
    struct pen pen = label("Processor");

    pen.attr = ATTR(NIGHT, WHITE);
    pen_text(&pen, p->brand[0] != '\0' ? p->brand : processor_name());
    if (!p->has_cpuid) {
        pen = label("Coprocessor");
        pen_text(&pen, p->has_fpu ? "x87" : "none");
        return;
    }
    pen.attr = ATTR(NIGHT, TEXT);
    pen_text(&pen, "   ");
    pen_text(&pen, p->vendor);
    pen_text(&pen, ", family ");
    pen_number(&pen, p->family);
    pen_text(&pen, " model ");
    pen_number(&pen, p->model);
    pen_text(&pen, " stepping ");
    pen_number(&pen, p->stepping);
    pen = label("Features");
    for (unsigned i = 0; i < ARRAY_LEN(features); i++)
        if ((p->features >> features[i].bit & 1) != 0) {
            pen_text(&pen, features[i].name);
            pen_char(&pen, ' ');
        }
}

static void show_speed(void)
{
    struct pen pen = label("Speed");
    unsigned mhz = processor_mhz();
    uint32_t loops = processor_loops();

    if (mhz != 0) {
        pen_number(&pen, mhz);
        pen_text(&pen, " MHz by its time stamp counter, ");
    }
    pen_tenths(&pen, loops / 100);
    pen_text(&pen, " million instructions a second");
}

static void show_memory(void)
{
    struct pen pen = label("Memory");
    struct registers r = { 0 };

    firmware(0x12, &r);
    pen_number(&pen, r.eax & 0xffff);
    pen_text(&pen, " KB base, ");
    r = (struct registers){ .eax = 0xe801 };
    firmware(0x15, &r);
    if ((r.flags & FLAG_CARRY) == 0) {
        pen_number(&pen, (r.eax & 0xffff) + (r.ebx & 0xffff) * 64);
        pen_text(&pen, " KB extended (E801h), ");
    }
    r = (struct registers){ .eax = 0x8800 };
    firmware(0x15, &r);
    pen_number(&pen, (r.flags & FLAG_CARRY) == 0 ? r.eax & 0xffff : 0);
    pen_text(&pen, " KB (88h)");
}

/* The firmware's map, up to four of its ranges a line. */
static void show_map(void)
{
    static struct { uint32_t base, base_high, len, len_high, type; } range;
    struct registers r = { 0 };
    struct pen pen = label("Memory map");

    for (unsigned n = 0; n < 8; n++) {
        r = (struct registers){ .eax = 0xe820, .ebx = r.ebx, .ecx = 20, .edx = 0x534d4150,
                                .edi = (uint32_t) &range & 15, .es = (uint16_t) ((uint32_t) &range >> 4) };
        firmware(0x15, &r);
        if ((r.flags & FLAG_CARRY) != 0 || r.eax != 0x534d4150) {
            if (n == 0)
                pen_text(&pen, "none (E820h)");
            return;
        }
        if (n > 0 && n % 2 == 0)
            pen = value(next_row++);
        pen_hex(&pen, range.base, 8);
        pen_char(&pen, '-');
        pen_hex(&pen, range.base + range.len - 1, 8);
        pen_text(&pen, range.type == 1 ? " RAM       " : range.type == 2 ? " reserved  " : " other     ");
        if (r.ebx == 0)
            return;
    }
}

static void show_floppies(void)
{
    static const char *const types[] = { "none", "360 KB", "1.2 MB", "720 KB", "1.44 MB", "2.88 MB", "2.88 MB" };
    struct pen pen = label("Diskettes");

    for (unsigned drive = 0; drive < 2; drive++) {
        struct registers r = { .eax = 0x0800, .edx = drive };
        unsigned type;

        firmware(0x13, &r);
        if ((r.flags & FLAG_CARRY) != 0 || (r.edx & 0xff) <= drive)
            continue;
        type = r.ebx & 0xff;
        pen_text(&pen, drive != 0 ? ", B: " : "A: ");
        pen_text(&pen, type < ARRAY_LEN(types) ? types[type] : "?");
    }
}

/* Megabytes by the enhanced services, 0 without them. */
static uint32_t edd_megabytes(unsigned drive)
{
    /* DS:SI, and DS is 0: below the boot sector. */
    struct registers r = { .eax = 0x4800, .edx = drive, .esi = EDD_BUFFER };

    poke16(EDD_BUFFER, 26);
    firmware(0x13, &r);
    if ((r.flags & FLAG_CARRY) != 0)
        return 0;
    return (uint32_t) (peek16(EDD_BUFFER + 18) << 16 | peek16(EDD_BUFFER + 16)) / 2048;
}

static void show_hard_disks(void)
{
    struct pen pen = label("Hard disks");
    unsigned n = 1;

    for (unsigned drive = 0; drive < n && drive < 4; drive++) {
        struct registers r = { .eax = 0x0800, .edx = 0x80 + drive };
        uint32_t cylinders, heads, sectors, megabytes;

        firmware(0x13, &r);
        if ((r.flags & FLAG_CARRY) != 0 || (r.edx & 0xff) == 0) {
            pen_text(&pen, "none");
            return;
        }
        n = r.edx & 0xff;
        if (drive != 0)
            pen = value(next_row++);
        cylinders = ((r.ecx >> 8 & 0xff) | (r.ecx << 2 & 0x300)) + 1;
        heads = (r.edx >> 8 & 0xff) + 1;
        sectors = r.ecx & 0x3f;
        megabytes = edd_megabytes(0x80 + drive);
        pen_number(&pen, megabytes != 0 ? megabytes : cylinders * heads * sectors / 2048);
        pen_text(&pen, " MB, ");
        pen_number(&pen, cylinders);
        pen_text(&pen, " cylinders, ");
        pen_number(&pen, heads);
        pen_text(&pen, " heads, ");
        pen_number(&pen, sectors);
        pen_text(&pen, megabytes != 0 ? " sectors, EDD" : " sectors");
    }
}

/* The firmware keeps the I/O addresses of what it found at 40:00. */
static void show_ports(void)
{
    struct pen pen = label("Ports");
    bool any = false;

    for (unsigned i = 0; i < 7; i++) {
        uint16_t base = peek16(0x400 + 2 * i);

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
    if (mouse.present)
        pen_text(&pen, mouse.wheel_present ? ", PS/2 mouse with wheel" : ", PS/2 mouse");
}

static void show_display(void)
{
    struct pen pen = label("Display");
    struct registers r = { .eax = 0x1a00 };

    firmware(0x10, &r);
    pen_text(&pen, (r.eax & 0xff) == 0x1a && (r.ebx & 0xff) == 8 ? "VGA, colour" : "not a VGA in colour");
}

static void show_firmware(void)
{
    struct registers r = { .eax = 0x5300 };
    struct pen pen = label("Firmware");

    pen_text(&pen, "date ");
    for (unsigned i = 0; i < 8; i++)
        pen_char(&pen, peek8(0xffff5 + i));
    pen_text(&pen, ", model byte ");
    pen_hex(&pen, peek8(0xffffe), 2);
    firmware(0x15, &r);
    if ((r.flags & FLAG_CARRY) == 0) {
        pen_text(&pen, ", APM ");
        pen_number(&pen, r.eax >> 8 & 0xff);
        pen_char(&pen, '.');
        pen_number(&pen, r.eax & 0xff);
    }
}

static void show_time(unsigned row)
{
    struct registers date = { .eax = 0x0400 }, time = { .eax = 0x0200 };
    struct pen pen = value(row);

    firmware(0x1a, &date);
    firmware(0x1a, &time);
    if (((date.flags | time.flags) & FLAG_CARRY) != 0)
        return;
    pen_hex(&pen, date.ecx, 4);
    pen_char(&pen, '-');
    pen_hex(&pen, date.edx >> 8, 2);
    pen_char(&pen, '-');
    pen_hex(&pen, date.edx, 2);
    pen_char(&pen, ' ');
    pen_hex(&pen, time.ecx >> 8, 2);
    pen_char(&pen, ':');
    pen_hex(&pen, time.ecx, 2);
    pen_char(&pen, ':');
    pen_hex(&pen, time.edx >> 8, 2);
}

void page_report(void)
{
    unsigned key, time_row;

    screen_page("System report", "Esc back");
    next_row = 2;
    show_processor();
    show_speed();
    next_row++;
    show_memory();
    show_map();
    next_row++;
    show_floppies();
    show_hard_disks();
    show_ports();
    show_display();
    next_row++;
    show_firmware();
    label("Date, time");
    time_row = next_row - 1u;
    screen_keys("Report complete.   Esc back");
    do {
        timer_frame();
        show_time(time_row);
        input_poll();
        screen_pointer();
        key = input_key();
    } while (!input_leave(key));
}

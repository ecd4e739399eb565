/*
 * INT 19h: finding something to start; INT 18h: there is nothing; the menu.
 *
 * Order: CMOS 3Dh low nibble, high nibble, 38h high nibble: 1 diskette, 2 fixed
 * disk, 3 CD-ROM, 0 nothing.
 *
 * What a CD-ROM starts is in cd_start.c.
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 19h; BIOS Boot
 *         Specification 1.01, section 6 (what a boot sector finds).
 *
 * All functions: our stack, IF=0 but while calling out.
 */
#include "bios/bios.h"
#include "bios/hw/cmos.h"
#include "bios/hw/fdc.h"
#include "bios/hw/timer.h"
#include "bios/kbd_map.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum boot_device {
    BOOT_NONE,
    BOOT_FLOPPY,
    BOOT_DISK,
    BOOT_CD,
};

enum {
    SEG_BOOT = 0x07c0,
    BOOT_TRIES = 4,
    KEY_F12 = 0x8600,
    KEY_ESC = 0x1b,
    MENU_WAIT_MS = 1000,
};

static uint8_t boot_read(uint8_t drive)
{
    struct callout o = { .ax = 0x0201 };
    unsigned tries = BOOT_TRIES;

    do {
        o.ax = 0x0201;
        o.bx = 0x7c00;
        o.cx = 0x0001;
        o.dx = drive;
        o.es = 0;
        call_int(&o, 0x13);
        if (!(o.flags & FLAG_CF))
            return INT13_OK;
        if (o.ah == INT13_TIMEOUT)
            return o.ah; /* no disk: more tries only take time */
        tries--;
        if (tries != 0) {
            struct callout reset = { .ax = 0 };

            reset.dx = drive;
            call_int(&reset, 0x13);
        }
    } while (tries != 0);
    return o.ah;
}

/*
 * Diskettes of the 1980s need no signature; IBM's rule for them is that the
 * first byte is an instruction and the first words are not all the same.
 */
static bool boot_looks_like_code(void)
{
    uint16_t first = far_u16(SEG_BOOT, 0);

    if ((first & 0xff) < 6)
        return false;
    for (unsigned i = 1; i < 8; i++)
        if (far_u16(SEG_BOOT, 2 * i) != first)
            return true;
    return false;
}

/* What keeps a device from starting, as ROM text; NULL: its sector is loaded. */
static const char *boot_floppy(void)
{
    uint8_t status;

    if (floppy_count() == 0)
        return "";
    status = boot_read(0x00);
    if (status == INT13_TIMEOUT)
        return "Diskette A: no disk in the drive\n";
    if (status != INT13_OK)
        return "Diskette A: the first sector cannot be read\n";
    if (far_u16(SEG_BOOT, 510) == 0xaa55 || boot_looks_like_code())
        return NULL;
    return "Diskette A: the disk has no boot sector\n";
}

static const char *boot_disk(void)
{
    if (bda.disks == 0)
        return "";
    if (boot_read(0x80) != INT13_OK)
        return "Hard disk: the first sector cannot be read\n";
    if (far_u16(SEG_BOOT, 510) != 0xaa55)
        return "Hard disk: no boot record (no signature AA55h)\n";
    return NULL;
}

static const char *boot_from(enum boot_device device)
{
    switch (device) {
    case BOOT_FLOPPY: return boot_floppy();
    case BOOT_DISK: return boot_disk();
    case BOOT_CD: return ebda.cdroms != 0 ? cd_start() : "";
    case BOOT_NONE:
    default: return "";
    }
}

static uint16_t boot_order(void)
{
    uint16_t order = cmos_read(CMOS_BOOT) | (cmos_read(CMOS_BOOT3) & 0xf0) << 4;

    return order == 0 ? BOOT_FLOPPY | BOOT_DISK << 4 : order;
}

static uint16_t boot_key(void)
{
    struct callout o = { .ax = 0x1000 };

    call_int(&o, 0x16);
    return o.ax;
}

/* Our stack; waits, then entry.S goes to INT 19h. */
void int18(struct frame *f)
{
    (void) f;
    put_text("No bootable disk. Insert one and press a key.\n");
    boot_key();
}

/* ---- The menu ---- */

static bool boot_has_f12(void)
{
    uint16_t pos = bda.kbd_head;

    while (pos != bda.kbd_tail) {
        if (far_u16(SEG_BDA, pos) == KEY_F12)
            return true;
        pos += 2;
        if (pos >= bda.kbd_ring_end)
            pos = bda.kbd_ring_start;
    }
    return false;
}

/* Only who has pressed a key waits for the menu's. */
static bool boot_wants_menu(void)
{
    struct wait w;

    wait_window();
    if (!ebda.key_seen)
        return false;
    wait_start(&w, 1, MENU_WAIT_MS);
    while (!boot_has_f12())
        if (!wait_step(&w))
            return false;
    return true;
}

static void boot_menu_line(char key, const char *what, bool there)
{
    if (there)
        put_format("  %c  %s\n", (uint32_t) (uint8_t) key, what);
}

static void boot_menu(void)
{
    bda.kbd_head = bda.kbd_tail;
    put_text("\nStart from:\n");
    boot_menu_line('1', "diskette A", floppy_count() != 0);
    boot_menu_line('2', "hard disk", bda.disks != 0);
    boot_menu_line('3', "CD-ROM", ebda.cdroms != 0);
    put_text("  Esc  as set up\n");
    for (;;) {
        uint8_t c = boot_key() & 0xff;

        if (c == KEY_ESC)
            return;
        if ((c == '1' && floppy_count() != 0) || (c == '2' && bda.disks != 0) ||
            (c == '3' && ebda.cdroms != 0)) {
            ebda.boot_order = c - '0';
            return;
        }
    }
}

/* ---- INT 19h ---- */

/* The first device that starts, or BOOT_NONE after saying why there is none. */
static enum boot_device boot_find(uint16_t order)
{
    const char *why[4];
    unsigned n = 0;

    for (; order != 0; order >>= 4) {
        why[n] = boot_from(order & 15);
        if (!why[n++])
            return order & 15;
    }
    for (unsigned i = 0; i < n; i++)
        put_text(why[i]);
    return BOOT_NONE;
}

/* Its address, AL = drive; or CF. */
static void boot_answer(struct frame *f, enum boot_device device)
{
    uint16_t seg = SEG_BOOT;

    f->ax = device == BOOT_DISK ? 0x80 : 0x00;
    if (device == BOOT_CD) {
        f->ax = ebda.cd_boot.drive;
        seg = ebda.cd_boot.load_seg;
    }
    f->cx = seg & 0xf000; /* 0000:7C00, not 07C0:0000 */
    f->bx = seg << 4;
    frame_carry(f, device == BOOT_NONE);
}

/*
 * The sector is at 0000:7C00, or where a CD-ROM wants it.  Reading it takes a
 * while, in which F12 may still come: then there is the menu after all.
 */
void boot_next(struct frame *f)
{
    bool offer = ebda.boot_menu;
    enum boot_device device;

    cd_release();

    ebda.boot_menu = false;
    if (offer && boot_wants_menu()) {
        boot_menu();
        offer = false;
    }
    device = boot_find(ebda.boot_order ? ebda.boot_order : boot_order());
    if (offer && boot_has_f12()) {
        cd_release();
        boot_menu();
        device = boot_find(ebda.boot_order ? ebda.boot_order : boot_order());
    }
    ebda.boot_order = 0; /* the menu's choice is for once */
    boot_answer(f, device);
}

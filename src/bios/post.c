/*
 * Power-on: from chips in any state to INT 19h.
 *
 * Codes on port 80h: 01h reset, 02h memory, 03h vectors, 04h interrupt and
 * timer chips, 05h keyboard controller, 06h option ROMs, 07h keyboard, 08h
 * mouse, 09h ports, 0Ah disks, 0Bh option ROMs, 0Ch boot.
 *
 * Source: IBM PC AT Technical Reference, section 5, "System BIOS"; BIOS Boot
 *         Specification 1.01, section 3.3 (option ROMs).
 * Absent: memory test (there is nothing to find), set-up program.
 */
#include "bios/bios.h"
#include "bios/entry.h"
#include "bios/hw/a20.h"
#include "bios/hw/cmos.h"
#include "bios/hw/dma.h"
#include "bios/hw/kbc.h"
#include "bios/hw/pic.h"
#include "bios/hw/timer.h"
#include "bios/pm.h"
#include "bios/port.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    PORT_POST = 0x80,
    ROM_FIRST = 0xc000,
    ROM_END = 0xe000,
    ROM_STEP = 0x80, /* 2 KiB in paragraphs */
    EQUIP_FLOPPY = 0x01,
    EQUIP_FPU = 0x02,
    EQUIP_MOUSE = 0x04,
    KBD_ACK_US = 20000,
};

extern const uint16_t rom_vectors[8], rom_vectors_08[24];
void irq_entry(void);
void int70_entry(void);
void int71_entry(void);
void int74_entry(void);
void int75_entry(void);
void int76_entry(void);
void iret_entry(void);

static void set_vector(uint8_t vector, uint16_t off)
{
    far_put16(0, vector * 4, off);
    far_put16(0, vector * 4 + 2, SEG_BIOS);
}

#define set_handler(vector, f) set_vector(vector, (uint16_t) (uintptr_t) (f))

static void post_vectors(void)
{
    far_fill(0, 0, 0, 0x400);
    for (unsigned i = 0; i < 8; i++)
        set_vector(i, rom_u16(&rom_vectors[i]));
    for (unsigned i = 8; i < 0x20; i++)
        set_vector(i, rom_u16(&rom_vectors_08[i - 8]));
    for (unsigned i = 0x20; i < 0x60; i++)
        set_handler(i, iret_entry);
    set_vector(0x40, 0xec59); /* int40_entry, where old software looks */
    set_handler(0x70, int70_entry);
    set_handler(0x71, int71_entry);
    set_handler(0x72, irq_entry);
    set_handler(0x73, irq_entry);
    set_handler(0x74, int74_entry);
    set_handler(0x75, int75_entry);
    set_handler(0x76, int76_entry);
    set_handler(0x77, int76_entry);
    far_put32(0, 0x41 * 4, 0); /* until there is a disk */
    far_put32(0, 0x46 * 4, 0);
}

static void post_data(uint16_t warm)
{
    far_fill(SEG_BDA, 0, 0, 0x100);
    far_fill(EBDA_SEG, 0, 0, EBDA_SIZE);
    bda.warm_boot = warm == 0x1234 ? warm : 0;
    bda.ebda_seg = EBDA_SEG;
    bda.base_kib = 640 - EBDA_KIB;
    bda.kbd_head = KBD_RING_START;
    bda.kbd_tail = KBD_RING_START;
    bda.kbd_ring_start = KBD_RING_START;
    bda.kbd_ring_end = KBD_RING_END;
    bda.kbd_flags3 = KBD3_101KEYS;
    ebda.size_kib = EBDA_KIB;
    ebda.stack_free = EBDA_SIZE;
}

static void post_memory(void)
{
    uint32_t kib, low;

    a20_set(true);
    kib = pm_find_memory();
    a20_set(false); /* as the first PC */
    ebda.ext_kib = kib;
    low = kib > 0xfc00 ? 0xfc00 : kib;
    cmos_write(0x30, low & 0xff);
    cmos_write(0x31, low >> 8);
    kib = kib > 15 * 1024 ? (kib - 15 * 1024) >> 6 : 0;
    cmos_write(0x34, kib & 0xff);
    cmos_write(0x35, kib >> 8);
}

/* Stack at 0000:7C00 with DS=ES=SS=0, interrupts off: no call-outs, no waits. */
void post_early(void)
{
    uint16_t warm = bda.warm_boot;

    outb(PORT_POST, 0x02);
    kbc_drain();
    post_data(warm);
    post_memory();
    outb(PORT_POST, 0x03);
    post_vectors();
    outb(PORT_POST, 0x04);
    dma_init();
    timer_init();
    pic_init(0x08, 0x70);
    outb(0x4d0, 0); /* all edge-triggered */
    outb(0x4d1, 0);
    cmos_write(CMOS_A, CMOS_A_NORMAL);
    cmos_write(CMOS_B, CMOS_B_24H);
    cmos_read(CMOS_C);
}

/* ---- From here on: our stack, IF=0 but while calling out ---- */

/* By 512 bytes: the size byte can say more than a segment holds. */
static bool rom_is_good(uint16_t seg, uint32_t bytes)
{
    uint8_t sum = 0;

    for (; bytes != 0; seg += 0x20, bytes -= 512)
        sum += far_sum(seg, 0, 512);
    return sum == 0;
}

static void post_roms(uint16_t seg, uint16_t end)
{
    while (seg < end) {
        uint32_t bytes = (uint32_t) far_u8(seg, 2) * 512;
        struct callout o = { .off = 3 };

        if (far_u16(seg, 0) != 0xaa55 || bytes == 0 ||
            !rom_is_good(seg, bytes)) {
            seg += ROM_STEP;
            continue;
        }
        o.seg = seg;
        call_out(&o);
        seg += (bytes + 2047) / 2048 * ROM_STEP;
    }
}

static void post_keyboard(void)
{
    kbc_command(0xaa);
    if (kbd_receive(KBD_ACK_US) != 0x55)
        put_text("Keyboard controller: no answer\n");
    kbc_command(KBC_ENABLE_KBD);
    kbc_write_config(KBC_TRANSLATE | KBC_SYS | KBC_NO_AUX);
    kbd_send(0xf6); /* defaults, whatever a guest had set before */
    if (kbd_receive(KBD_ACK_US) < 0)
        put_text("Keyboard: no answer\n");
    kbd_send(0xf4);
    kbd_receive(KBD_ACK_US);
    kbc_write_config(KBC_TRANSLATE | KBC_SYS | KBC_NO_AUX | KBC_IRQ1);
    pic_unmask(1); /* from here on F12 counts */
}

static void post_ports(void)
{
    uint8_t floppies = floppy_count();

    bda.equipment = fpu_present() ? EQUIP_FPU : 0;
    if (floppies != 0)
        bda.equipment |= EQUIP_FLOPPY | (floppies - 1) << 6;
    serial_find_all();
    printer_find_all();
}

static const char *post_cpu_name(void)
{
    switch (cpu_family()) {
    case 3: return "386";
    case 4: return "486";
    case 5: return "Pentium";
    default: return "Pentium II";
    }
}

static void post_banner(void)
{
    put_format("Reprise BIOS %s\n%s, %u KiB + %u KiB", BIOS_VERSION,
               post_cpu_name(), 640, ebda.ext_kib);
    put_text(", F12: boot menu\n");
}

static void post_devices(void)
{
    outb(PORT_POST, 0x09);
    post_ports();
    outb(PORT_POST, 0x08);
    if (mouse_find())
        bda.equipment |= EQUIP_MOUSE;
    timer_set_from_clock();
    pic_unmask(0);
    pic_unmask(6);
}

void post_main(struct frame *f)
{
    (void) f;
    outb(PORT_POST, 0x05);
    outb(PORT_POST, 0x07);
    post_keyboard();
    outb(PORT_POST, 0x06);
    post_roms(ROM_FIRST,
              0xc800); /* the video BIOS: from here on text is seen */
    post_devices();
    post_banner();
    outb(PORT_POST, 0x0a);
    disk_find_all();
    outb(PORT_POST, 0x0b);
    post_roms(0xc800, ROM_END);
    floppy_init();
    outb(PORT_POST, 0x0c);
    ebda.boot_menu = true;
    bda.warm_boot = 0;
}

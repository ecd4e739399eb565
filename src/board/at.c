/*
 * The ISA board: every chip, its ports, its lines.
 *
 * Source: IBM PC AT Technical Reference, "System board", "I/O address map",
 *         "System interrupts", "DMA"; design of the machine in docs/.
 * Absent: sources of NMI (parity, channel check), RAM refresh as bus traffic.
 */
#include "config.h"

#include "board/at.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"
#include "board/cmos.h"
#include "core/irq.h"
#include "hw/ata.h"
#include "hw/dma8237.h"
#include "hw/fdc82077.h"
#include "hw/kbc8042.h"
#include "hw/parport.h"
#include "hw/pic8259.h"
#include "hw/pit8254.h"
#include "hw/port92.h"
#include "hw/portb.h"
#include "hw/poweroff.h"
#include "hw/ps2_keyboard.h"
#include "hw/ps2_mouse.h"
#include "hw/rtc.h"
#include "hw/testports.h"
#include "hw/uart16550.h"
#include "hw/vga.h"

enum at_line {
    IRQ_TIMER = 0,
    IRQ_KEYBOARD = 1,
    IRQ_COM2 = 3,
    IRQ_COM1 = 4,
    IRQ_FLOPPY = 6,
    IRQ_LPT1 = 7,
    IRQ_RTC = 8,
    IRQ_VGA = 9, /* IRQ 2 of the bus */
    IRQ_MOUSE = 12,
    IRQ_FPU = 13,
    IRQ_ATA_PRIMARY = 14,
    IRQ_ATA_SECONDARY = 15,
    IRQ_COUNT = 16,
    LINE_INTR = IRQ_COUNT, /* interrupt controller to processor */
    LINE_A20_KBC,
    LINE_A20_PORT92,
    LINE_RESET_KBC,
    LINE_RESET_PORT92,
    LINE_GATE2,  /* port B to timer */
    LINE_OUT2,   /* timer to port B */
    LINE_LISTEN, /* port B wants the edges of OUT2 */
    LINE_FERR,  /* the processor's x87 has an error to report */
    LINE_IGNNE, /* software has seen it: the x87 may go on */
    LINE_POWER_OFF,
    LINE_TEST_EXIT,
    LINE_COUNT,
};

/* CMOS 0Fh, as BIOSes since the AT read it after a reset. */
enum {
    CMOS_SHUTDOWN = 0x0f,
    SHUTDOWN_JUMP_EOI = 0x05,
    SHUTDOWN_BLOCK_MOVE = 0x09,
    SHUTDOWN_JUMP = 0x0a,
};

enum { DMA_FLOPPY = 2, ATA_CHANNELS = 2, ATA_DRIVES = 2 };

struct at {
    /* Saved. */
    struct irq_line line[LINE_COUNT];
    /* Wiring and chips: set once by at_new, never saved. */
    struct cpu *cpu;
    void (*stop)(void *opaque, enum machine_stop why);
    void *opaque;
    struct pic *pic;
    struct pit *pit;
    struct portb *portb;
    struct port92 *port92;
    struct dma *dma;
    struct rtc *rtc;
    struct kbc *kbc;
    struct ps2_wire kbd_wire, aux_wire;
    struct ps2_keyboard *keyboard;
    struct ps2_mouse *mouse;
    struct fdc *fdc;
    struct dma_line floppy_dma;
    struct disk *shelf[MACHINE_FLOPPIES + MACHINE_SHELF];
    struct disk *disc[MACHINE_CDS];
    struct ata_channel *ata[ATA_CHANNELS];
    struct uart *uart[MACHINE_SERIALS];
    struct parport *parport;
    struct vga *vga;
    struct testports *testports; /* NULL without --test-ports */
    struct poweroff *poweroff;
};

/* The level alone; the rest of a line is wiring. */
static const struct state_field line_fields[] = {
    STATE_UINT(struct irq_line, level),
    { NULL, STATE_KIND_END, sizeof(uint8_t), 0, 0, NULL },
};

static const struct state_field at_fields[] = {
    STATE_STRUCTS(struct at, line, line_fields),
    STATE_END(struct at, cpu),
};

/* --- lines that end at the processor or the board ------------------------ */

static void at_intr_changed(void *opaque, unsigned input, int level)
{
    struct at *at = opaque;

    (void) input;
    cpu_set_intr(at->cpu, level);
}

/* Either source opens the gate. */
static void at_a20_changed(void *opaque, unsigned input, int level)
{
    struct at *at = opaque;

    (void) input;
    (void) level;
    cpu_set_a20(at->cpu, at->line[LINE_A20_KBC].level | at->line[LINE_A20_PORT92].level);
}

/*
 * The processor alone is reset; chips keep their state.  Programs for the 286
 * come back from protected mode so, and say in CMOS where to go on (shutdown
 * byte 0Fh): such a reset is no restart of the machine.
 */
static void at_reset_cpu(struct at *at)
{
    uint8_t shutdown = rtc_cmos_get(at->rtc, CMOS_SHUTDOWN);

    cpu_reset(at->cpu);
    if (shutdown != SHUTDOWN_BLOCK_MOVE && shutdown != SHUTDOWN_JUMP_EOI && shutdown != SHUTDOWN_JUMP)
        at->stop(at->opaque, MACHINE_RESET);
}

static void at_reset_changed(void *opaque, unsigned input, int level)
{
    (void) input;
    if (level)
        at_reset_cpu(opaque);
}

/*
 * The error of the x87: a latch holds IRQ 13 until software writes to port F0h,
 * which also asserts IGNNE# for as long as the error lasts (AT Technical
 * Reference, "Coprocessor"; SDM vol. 1, 8.7.2, figure of the external circuit).
 */
static void at_ferr_changed(void *opaque, unsigned input, int level)
{
    struct at *at = opaque;

    (void) input;
    if (level)
        irq_raise(&at->line[IRQ_FPU]);
    else
        irq_lower(&at->line[LINE_IGNNE]);
}

static void at_ignne_changed(void *opaque, unsigned input, int level)
{
    struct at *at = opaque;

    (void) input;
    cpu_set_ignne(at->cpu, level);
}

/* F0h clears the latch; F1h, the reset of a 287, does no more here. */
static void at_fpu_write(void *opaque, uint16_t port, uint8_t val)
{
    struct at *at = opaque;

    (void) port;
    (void) val;
    irq_lower(&at->line[IRQ_FPU]);
    irq_set(&at->line[LINE_IGNNE], at->line[LINE_FERR].level);
}

static const struct port_range at_fpu_ports[] = {
    { .first = 0xf0, .count = 2, .out = at_fpu_write },
};

void at_set_ferr(struct at *at, int level)
{
    irq_set(&at->line[LINE_FERR], level);
}

static void at_power_changed(void *opaque, unsigned input, int level)
{
    struct at *at = opaque;

    (void) input;
    if (level)
        at->stop(at->opaque, MACHINE_POWEROFF);
}

static void at_test_exit_changed(void *opaque, unsigned input, int level)
{
    struct at *at = opaque;

    (void) input;
    if (level)
        at->stop(at->opaque, MACHINE_TEST_EXIT);
}

static void at_wire(struct at *at, enum at_line line, void (*changed)(void *, unsigned, int), void *opaque,
                    unsigned input)
{
    at->line[line].changed = changed;
    at->line[line].opaque = opaque;
    at->line[line].input = input;
}

/* --- the chips ----------------------------------------------------------- */

/* The drive that goes with what is in it at power-on.  Drive A is always
 * there, drive B when it has a disk. */
static enum fdc_drive_type at_floppy_type(const struct at_config *cfg, unsigned drive)
{
    static const struct {
        unsigned sectors; /* at most */
        enum fdc_drive_type type;
    } types[] = {
        { 720, FDC_DRIVE_360K },
        { 1440, FDC_DRIVE_720K },
        { 2400, FDC_DRIVE_1200K },
        { 2880, FDC_DRIVE_1440K },
    };
    const struct disk *disk = cfg->disk[drive];

    if (disk == NULL)
        return drive == 0 ? FDC_DRIVE_1440K : FDC_NO_DRIVE;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (disk_sectors(disk) <= types[i].sectors)
            return types[i].type;
    return FDC_DRIVE_2880K;
}

/* Each line is wired as soon as its sink exists and before its source does. */
static void at_make_control(struct at *at, const struct at_config *cfg)
{
    struct pic_config pic = {
        .bus = cfg->bus, .state = cfg->state, .intr = &at->line[LINE_INTR], .chips = 2,
    };
    struct port92_config port92 = {
        .bus = cfg->bus,
        .state = cfg->state,
        .a20 = &at->line[LINE_A20_PORT92],
        .reset = &at->line[LINE_RESET_PORT92],
    };
    struct dma_config dma = { .bus = cfg->bus, .state = cfg->state };

    at_wire(at, LINE_INTR, at_intr_changed, at, 0);
    at_wire(at, LINE_A20_KBC, at_a20_changed, at, 0);
    at_wire(at, LINE_A20_PORT92, at_a20_changed, at, 0);
    at_wire(at, LINE_RESET_KBC, at_reset_changed, at, 0);
    at_wire(at, LINE_RESET_PORT92, at_reset_changed, at, 0);
    at_wire(at, LINE_FERR, at_ferr_changed, at, 0);
    at_wire(at, LINE_IGNNE, at_ignne_changed, at, 0);
    bus_map_ports(cfg->bus, at_fpu_ports, ARRAY_LEN(at_fpu_ports), at);
    at->pic = pic_new(&pic);
    for (unsigned i = 0; i < IRQ_COUNT; i++)
        at_wire(at, i, pic_set_input, at->pic, i);
    at->port92 = port92_new(&port92);
    at->dma = dma_new(&dma);
}

static void at_make_timer(struct at *at, const struct at_config *cfg)
{
    struct pit_config pit = {
        .sched = cfg->sched,
        .bus = cfg->bus,
        .state = cfg->state,
        .out = { &at->line[IRQ_TIMER], NULL, &at->line[LINE_OUT2] },
    };
    struct portb_config portb = {
        .sched = cfg->sched,
        .bus = cfg->bus,
        .state = cfg->state,
        .gate2 = &at->line[LINE_GATE2],
        .listen = &at->line[LINE_LISTEN],
        .timer = { .out = pit_out, .rises = pit_rises },
        .audio = cfg->machine->audio,
    };

    at->pit = portb.timer.opaque = pit_new(&pit);
    at_wire(at, LINE_GATE2, pit_set_gate, at->pit, 2);
    at_wire(at, LINE_LISTEN, pit_listen, at->pit, 2);
    at->portb = portb_new(&portb);
    at_wire(at, LINE_OUT2, portb_set_out2, at->portb, 0);
}

static void at_make_clock(struct at *at, const struct at_config *cfg)
{
    struct rtc_config rtc = {
        .sched = cfg->sched,
        .bus = cfg->bus,
        .state = cfg->state,
        .journal = cfg->journal,
        .irq = &at->line[IRQ_RTC],
    };
    struct cmos_setup setup = {
        .ram_mib = cfg->machine->ram_mib,
        .boot = cfg->machine->boot,
        .fpu = cpu_has_fpu(cfg->cpu),
        .disk = cfg->disk + MACHINE_FLOPPIES,
    };

    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++)
        setup.floppy[i] = (uint8_t) at_floppy_type(cfg, i);
    at->rtc = rtc_new(&rtc);
    rtc_set_base(at->rtc, cfg->machine->rtc_base);
    cmos_set_up(at->rtc, &setup);
}

static void at_make_keyboard(struct at *at, const struct at_config *cfg)
{
    struct kbc_config kbc = {
        .sched = cfg->sched,
        .bus = cfg->bus,
        .state = cfg->state,
        .irq_kbd = &at->line[IRQ_KEYBOARD],
        .irq_aux = &at->line[IRQ_MOUSE],
        .a20 = &at->line[LINE_A20_KBC],
        .reset = &at->line[LINE_RESET_KBC],
        .kbd = &at->kbd_wire,
        .aux = &at->aux_wire,
    };
    struct ps2_keyboard_config keyboard = {
        .sched = cfg->sched, .state = cfg->state, .journal = cfg->journal, .wire = &at->kbd_wire,
    };
    struct ps2_mouse_config mouse = {
        .sched = cfg->sched, .state = cfg->state, .journal = cfg->journal, .wire = &at->aux_wire,
    };

    at->kbc = kbc_new(&kbc);
    at->keyboard = ps2_keyboard_new(&keyboard);
    at->mouse = ps2_mouse_new(&mouse);
}

static void at_make_floppies(struct at *at, const struct at_config *cfg)
{
    struct fdc_config fdc = {
        .sched = cfg->sched,
        .bus = cfg->bus,
        .state = cfg->state,
        .journal = cfg->journal,
        .irq = &at->line[IRQ_FLOPPY],
        .dma = &at->floppy_dma,
        .base = 0x3f0,
        .shelf = at->shelf,
        .shelf_count = ARRAY_LEN(at->shelf),
    };

    at->floppy_dma = dma_connect(at->dma, DMA_FLOPPY);
    for (unsigned i = 0; i < ARRAY_LEN(at->shelf); i++)
        at->shelf[i] = cfg->disk[i < MACHINE_FLOPPIES ? i : i + MACHINE_HARD_DISKS];
    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++)
        fdc.type[i] = at_floppy_type(cfg, i);
    at->fdc = fdc_new(&fdc);
    for (unsigned i = 0; i < MACHINE_FLOPPIES; i++)
        if (cfg->disk[i] != NULL)
            fdc_set_media(at->fdc, i, cfg->disk[i]);
}

static void at_make_ata(struct at *at, const struct at_config *cfg)
{
    static const struct {
        const char *name;
        uint16_t base, control;
        enum at_line irq;
        const char *serial[ATA_DRIVES];
    } places[ATA_CHANNELS] = {
        { "ata-primary", 0x1f0, 0x3f6, IRQ_ATA_PRIMARY, { "RP-HDA", "RP-HDB" } },
        { "ata-secondary", 0x170, 0x376, IRQ_ATA_SECONDARY, { "RP-HDC", "RP-HDD" } },
    };

    struct disk *const *discs = cfg->disk + MACHINE_DISKS - MACHINE_CDS;
    struct ata_cdrom cd = { .name = "cd0-drive", .device = "cd0", .journal = cfg->journal, .disc = at->disc,
                            .discs = MACHINE_CDS };
    bool has_cd = false;

    for (unsigned i = 0; i < MACHINE_CDS; i++) {
        at->disc[i] = discs[i];
        has_cd |= discs[i] != NULL;
    }
    for (unsigned i = 0; i < ATA_CHANNELS; i++) {
        struct disk *const *disk = cfg->disk + MACHINE_FLOPPIES + i * ATA_DRIVES;
        struct ata_config ata = {
            .name = places[i].name,
            .sched = cfg->sched,
            .bus = cfg->bus,
            .state = cfg->state,
            .irq = &at->line[places[i].irq],
            .base = places[i].base,
            .control = places[i].control,
            .disk = { disk[0], disk[1] },
            .serial = { places[i].serial[0], places[i].serial[1] },
        };

        if (has_cd && cfg->machine->cd_place / ATA_DRIVES == i)
            ata.cdrom[cfg->machine->cd_place % ATA_DRIVES] = &cd;
        at->ata[i] = ata_new(&ata);
    }
}

static void at_make_ports(struct at *at, const struct at_config *cfg)
{
    static const struct {
        const char *name;
        uint16_t base;
        enum at_line irq;
    } places[MACHINE_SERIALS] = { { "serial0", 0x3f8, IRQ_COM1 }, { "serial1", 0x2f8, IRQ_COM2 } };
    struct parport_config parport = {
        .sched = cfg->sched,
        .bus = cfg->bus,
        .state = cfg->state,
        .irq = &at->line[IRQ_LPT1],
        .sink = cfg->machine->parallel,
        .name = "parallel0",
        .base = 0x378,
    };

    for (unsigned i = 0; i < MACHINE_SERIALS; i++) {
        struct uart_config uart = {
            .sched = cfg->sched,
            .bus = cfg->bus,
            .state = cfg->state,
            .journal = cfg->journal,
            .irq = &at->line[places[i].irq],
            .sink = cfg->machine->serial[i],
            .name = places[i].name,
            .base = places[i].base,
        };

        at->uart[i] = uart_new(&uart);
    }
    at->parport = parport_new(&parport);
}

static void at_make_display(struct at *at, const struct at_config *cfg)
{
    struct vga_config vga = {
        .sched = cfg->sched, .bus = cfg->bus, .state = cfg->state, .irq = &at->line[IRQ_VGA],
    };

    at->vga = vga_new(&vga);
}

/* Ports that no AT has: the way to switch off, and what --test-ports adds. */
static void at_make_extras(struct at *at, const struct at_config *cfg)
{
    struct poweroff_config poweroff = {
        .bus = cfg->bus, .state = cfg->state, .off = &at->line[LINE_POWER_OFF],
    };
    struct testports_config testports = {
        .sched = cfg->sched,
        .bus = cfg->bus,
        .state = cfg->state,
        .console = cfg->machine->debug_console,
        .exit = &at->line[LINE_TEST_EXIT],
    };

    at_wire(at, LINE_POWER_OFF, at_power_changed, at, 0);
    at_wire(at, LINE_TEST_EXIT, at_test_exit_changed, at, 0);
    at->poweroff = poweroff_new(&poweroff);
    if (cfg->machine->test_ports)
        at->testports = testports_new(&testports);
}

struct at *at_new(const struct at_config *cfg)
{
    struct at *at = xcalloc(1, sizeof *at);

    at->cpu = cfg->cpu;
    at->stop = cfg->stop;
    at->opaque = cfg->opaque;
    state_register(cfg->state, "at", 1, at_fields, at);
    at_make_control(at, cfg);
    at_make_timer(at, cfg);
    at_make_clock(at, cfg);
    at_make_keyboard(at, cfg);
    at_make_floppies(at, cfg);
    at_make_ata(at, cfg);
    at_make_ports(at, cfg);
    at_make_display(at, cfg);
    at_make_extras(at, cfg);
    at_a20_changed(at, 0, 0);
    return at;
}

void at_free(struct at *at)
{
    if (at == NULL)
        return;
    testports_free(at->testports);
    poweroff_free(at->poweroff);
    vga_free(at->vga);
    parport_free(at->parport);
    for (unsigned i = 0; i < MACHINE_SERIALS; i++)
        uart_free(at->uart[i]);
    for (unsigned i = 0; i < ATA_CHANNELS; i++)
        ata_free(at->ata[i]);
    fdc_free(at->fdc);
    ps2_mouse_free(at->mouse);
    ps2_keyboard_free(at->keyboard);
    kbc_free(at->kbc);
    rtc_free(at->rtc);
    portb_free(at->portb);
    pit_free(at->pit);
    dma_free(at->dma);
    port92_free(at->port92);
    pic_free(at->pic);
    free(at);
}

/* --- what the machine asks ----------------------------------------------- */

/* The RESET DRV line of the bus and the processor's RESET.  The clock chip and
 * its memory live on the battery. */
void at_reset(struct at *at)
{
    irq_lower(&at->line[IRQ_FPU]);
    pic_reset(at->pic);
    pit_reset(at->pit);
    portb_reset(at->portb);
    port92_reset(at->port92);
    dma_reset(at->dma);
    rtc_reset(at->rtc);
    kbc_reset(at->kbc);
    ps2_keyboard_reset(at->keyboard);
    ps2_mouse_reset(at->mouse);
    fdc_reset(at->fdc);
    for (unsigned i = 0; i < ATA_CHANNELS; i++)
        ata_reset(at->ata[i]);
    for (unsigned i = 0; i < MACHINE_SERIALS; i++)
        uart_reset(at->uart[i]);
    parport_reset(at->parport);
    vga_reset(at->vga);
    poweroff_reset(at->poweroff);
    if (at->testports != NULL)
        testports_reset(at->testports);
    cpu_reset(at->cpu);
}

void at_power_on(struct at *at)
{
    vga_clear(at->vga);
    at_reset(at);
}

/* The shutdown bus cycle of a triple fault: the board answers with RESET. */
void at_shutdown_cycle(struct at *at)
{
    at_reset_cpu(at);
}

uint8_t at_intack(struct at *at)
{
    return pic_ack(at->pic);
}

bool at_is_keyboard_vector(const struct at *at, uint8_t vector)
{
    return vector == pic_vector(at->pic, IRQ_KEYBOARD);
}

void at_add_floppy(struct at *at, unsigned n, struct disk *disk)
{
    at->shelf[n] = disk;
}

bool at_powered_off(const struct at *at)
{
    return at->line[LINE_POWER_OFF].level != 0;
}

uint8_t at_test_exit(const struct at *at)
{
    return at->testports != NULL ? testports_exit_value(at->testports) : 0;
}

bool at_keyboard_ready(const struct at *at)
{
    return kbc_ready(at->kbc) && pic_unmasked(at->pic, IRQ_KEYBOARD);
}

const struct video_source *at_video(const struct at *at)
{
    return vga_video(at->vga);
}

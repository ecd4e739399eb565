/*
 * 8259A programmable interrupt controllers.
 *
 * The request of an input is not a latch of its own: as in the priority cell of
 * the data sheet it is the input's level, gated in edge mode by a sense latch
 * that the low level arms and the acknowledge disarms.  So a request that falls
 * before its acknowledge is gone.
 *
 * Source: Intel 8259A data sheet, "Initialization command words", "Operation
 *         command words", "Priority cell"; Intel 82371AB data sheet, "ELCR".
 * Absent: the third acknowledge byte of MCS-80 mode (the vector is the second),
 *         buffered mode (a wiring matter).
 */
#include "config.h"

#include "hw/pic8259.h"

#include <assert.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    PORT_MASTER = 0x20,
    PORT_SLAVE = 0xa0,
    PORT_ELCR = 0x4d0,
    PIC_CHIPS = 2,
    CASCADE = 2, /* the master's input that the slave drives */
    NO_IR = 8,
};

enum {
    ICW1_IC4 = 0x01,
    ICW1_SNGL = 0x02,
    ICW1_ADI = 0x04,
    ICW1_LTIM = 0x08,
    ICW1_INIT = 0x10,
    ICW4_UPM = 0x01,
    ICW4_AEOI = 0x02,
    ICW4_SFNM = 0x10,
    OCW2_LEVEL = 0x07,
    OCW2_EOI = 0x20,
    OCW2_SL = 0x40,
    OCW2_R = 0x80,
    OCW3_SELECT = 0x08,
    OCW3_RIS = 0x01,
    OCW3_RR = 0x02,
    OCW3_POLL = 0x04,
    OCW3_SMM = 0x20,
    OCW3_ESMM = 0x40,
    POLL_REQUEST = 0x80,
};

/* What the next write to the odd port is. */
enum pic_step { STEP_DEAD, STEP_ICW2, STEP_ICW3, STEP_ICW4, STEP_READY };

struct pic_chip {
    uint8_t level; /* input levels */
    uint8_t armed; /* edge sense: a high level counts as a request */
    uint8_t imr, isr;
    uint8_t icw1, icw2, icw3, icw4;
    uint8_t step;   /* enum pic_step */
    uint8_t lowest; /* input of lowest priority */
    uint8_t special_mask, rotate_aeoi;
    uint8_t read_isr, poll;
    uint8_t elcr; /* inputs that are level-triggered */
    uint8_t out;  /* INT */
};

struct pic {
    struct pic_chip chip[PIC_CHIPS];
    /* Wiring. */
    unsigned chips;
    struct irq_line *intr;
};

static const struct state_field pic_chip_fields[] = {
    STATE_UINT(struct pic_chip, level),
    STATE_UINT(struct pic_chip, armed),
    STATE_UINT(struct pic_chip, imr),
    STATE_UINT(struct pic_chip, isr),
    STATE_UINT(struct pic_chip, icw1),
    STATE_UINT(struct pic_chip, icw2),
    STATE_UINT(struct pic_chip, icw3),
    STATE_UINT(struct pic_chip, icw4),
    STATE_UINT(struct pic_chip, step),
    STATE_UINT(struct pic_chip, lowest),
    STATE_UINT(struct pic_chip, special_mask),
    STATE_UINT(struct pic_chip, rotate_aeoi),
    STATE_UINT(struct pic_chip, read_isr),
    STATE_UINT(struct pic_chip, poll),
    STATE_UINT(struct pic_chip, elcr),
    STATE_UINT(struct pic_chip, out),
    STATE_END_ALL(struct pic_chip),
};

const struct state_field pic_fields[] = {
    STATE_STRUCTS(struct pic, chip, pic_chip_fields),
    STATE_END(struct pic, chips),
};

/* --- priority ------------------------------------------------------------ */

static uint8_t chip_irr(const struct pic_chip *c)
{
    uint8_t level_mode = c->icw1 & ICW1_LTIM ? 0xff : c->elcr;

    return c->level & (c->armed | level_mode);
}

/* The bit of highest priority in `set`, or NO_IR. */
static unsigned chip_highest(const struct pic_chip *c, uint8_t set)
{
    unsigned first = (c->lowest + 1) & 7, turned = (set >> first | set << (8 - first)) & 0xff;

    return turned == 0 ? NO_IR : (first + (unsigned) __builtin_ctz(turned)) & 7;
}

/* 0 is the highest priority; NO_IR stays below them all. */
static unsigned chip_rank(const struct pic_chip *c, unsigned ir)
{
    return ir == NO_IR ? 8 : (ir + 7 - c->lowest) & 7;
}

static bool chip_is_cascade(const struct pic *pic, const struct pic_chip *c, unsigned ir)
{
    return c == &pic->chip[0] && pic->chips == 2 && (c->icw1 & ICW1_SNGL) == 0
        && ir == CASCADE && (c->icw3 >> CASCADE & 1) != 0;
}

/* The request that the chip would now pass on, or NO_IR. */
static unsigned chip_pending(const struct pic *pic, const struct pic_chip *c)
{
    uint8_t asked = chip_irr(c) & (uint8_t) ~c->imr;
    unsigned ir, busy;

    if (c->step != STEP_READY || asked == 0)
        return NO_IR;
    ir = chip_highest(c, asked);
    busy = chip_highest(c, c->special_mask ? c->isr & ~c->imr : c->isr);
    if (chip_rank(c, ir) < chip_rank(c, busy))
        return ir;
    /* "Special fully nested": a slave in service may ask again. */
    if (ir == busy && (c->icw4 & ICW4_SFNM) != 0 && chip_is_cascade(pic, c, ir))
        return ir;
    return NO_IR;
}

/* --- lines --------------------------------------------------------------- */

static void chip_set_level(struct pic_chip *c, unsigned ir, int level)
{
    uint8_t bit = (uint8_t) (1u << ir);

    if (level) {
        c->level |= bit;
    } else {
        c->level &= (uint8_t) ~bit;
        c->armed |= bit;
    }
}

/* Slave first: its INT is an input of the master. */
static void pic_update(struct pic *pic)
{
    struct pic_chip *master = &pic->chip[0], *slave = &pic->chip[1];

    if (pic->chips == 2) {
        slave->out = chip_pending(pic, slave) != NO_IR;
        chip_set_level(master, CASCADE, slave->out);
    }
    master->out = chip_pending(pic, master) != NO_IR;
    irq_set(pic->intr, master->out);
}

void pic_set_input(void *opaque, unsigned n, int level)
{
    struct pic *pic = opaque;

    assert(n < 8 * pic->chips);
    if (n == CASCADE && pic->chips == 2)
        return; /* not on any connector */
    chip_set_level(&pic->chip[n / 8], n % 8, level);
    pic_update(pic);
}

bool pic_unmasked(const struct pic *pic, unsigned n)
{
    const struct pic_chip *c = &pic->chip[n / 8];

    if (n >= 8 && !pic_unmasked(pic, CASCADE))
        return false;
    return c->step == STEP_READY && (c->imr >> n % 8 & 1) == 0;
}

/* --- acknowledge --------------------------------------------------------- */

/* The request goes into service; the input must fall before it counts again. */
static void chip_serve(struct pic_chip *c, unsigned ir)
{
    c->armed &= (uint8_t) ~(1u << ir);
    if ((c->icw4 & ICW4_AEOI) == 0)
        c->isr |= (uint8_t) (1u << ir);
    else if (c->rotate_aeoi)
        c->lowest = (uint8_t) ir;
}

static uint8_t chip_vector(const struct pic_chip *c, unsigned ir)
{
    if (c->icw4 & ICW4_UPM)
        return (uint8_t) ((c->icw2 & 0xf8) | ir);
    /* MCS-80: the low half of a CALL's address, 4 or 8 bytes apart. */
    return c->icw1 & ICW1_ADI ? (uint8_t) ((c->icw1 & 0xe0) | ir << 2)
                              : (uint8_t) ((c->icw1 & 0xc0) | ir << 3);
}

/* The slave drops INT at its acknowledge, even if more is pending: the master,
 * which senses edges, must see the next request as a new one. */
static void pic_slave_served(struct pic *pic)
{
    chip_set_level(&pic->chip[0], CASCADE, 0);
}

static uint8_t pic_ack_slave(struct pic *pic)
{
    struct pic_chip *c = &pic->chip[1];
    unsigned ir = chip_pending(pic, c);

    pic_slave_served(pic);
    if ((c->icw3 & 7) != CASCADE || c->step != STEP_READY)
        return 0xff; /* not addressed: nobody drives the bus */
    if (ir == NO_IR)
        return chip_vector(c, 7);
    chip_serve(c, ir);
    return chip_vector(c, ir);
}

uint8_t pic_ack(struct pic *pic)
{
    struct pic_chip *c = &pic->chip[0];
    unsigned ir = chip_pending(pic, c);
    uint8_t vector;

    if (ir == NO_IR) {
        vector = chip_vector(c, 7); /* "default IR7": no ISR bit is set */
    } else {
        chip_serve(c, ir);
        vector = chip_is_cascade(pic, c, ir) ? pic_ack_slave(pic) : chip_vector(c, ir);
    }
    pic_update(pic);
    return vector;
}

uint8_t pic_vector(const struct pic *pic, unsigned irq)
{
    return chip_vector(&pic->chip[irq / 8], irq % 8);
}

/* --- command words ------------------------------------------------------- */

/* "ICW1": items a to f.  Silicon also drops what is in service. */
static void chip_icw1(struct pic_chip *c, uint8_t val)
{
    c->icw1 = val;
    c->armed = (uint8_t) ~c->level;
    c->imr = 0;
    c->isr = 0;
    c->lowest = 7;
    c->icw3 = 7;
    c->icw4 = 0;
    c->special_mask = 0;
    c->rotate_aeoi = 0;
    c->read_isr = 0;
    c->poll = 0;
    c->step = STEP_ICW2;
}

static void chip_eoi(struct pic_chip *c, uint8_t val)
{
    unsigned ir = val & OCW2_LEVEL;

    if ((val & OCW2_SL) == 0) /* an in-service bit hidden by special mask stays */
        ir = chip_highest(c, c->special_mask ? c->isr & ~c->imr : c->isr);
    if (ir == NO_IR)
        return;
    c->isr &= (uint8_t) ~(1u << ir);
    if (val & OCW2_R)
        c->lowest = (uint8_t) ir;
}

static void chip_ocw2(struct pic_chip *c, uint8_t val)
{
    if (val & OCW2_EOI)
        chip_eoi(c, val);
    else if ((val & OCW2_SL) == 0)
        c->rotate_aeoi = (val & OCW2_R) != 0;
    else if (val & OCW2_R)
        c->lowest = val & OCW2_LEVEL;
}

static void chip_ocw3(struct pic_chip *c, uint8_t val)
{
    if (val & OCW3_ESMM)
        c->special_mask = (val & OCW3_SMM) != 0;
    if (val & OCW3_POLL)
        c->poll = 1;
    else if (val & OCW3_RR)
        c->read_isr = val & OCW3_RIS;
}

/* The odd port: the next word that ICW1 announced, else the mask. */
static void chip_write_odd(struct pic_chip *c, uint8_t val)
{
    switch (c->step) {
    case STEP_ICW2:
        c->icw2 = val;
        c->step = (c->icw1 & ICW1_SNGL) == 0 ? STEP_ICW3
                : c->icw1 & ICW1_IC4         ? STEP_ICW4
                                             : STEP_READY;
        break;
    case STEP_ICW3:
        c->icw3 = val;
        c->step = c->icw1 & ICW1_IC4 ? STEP_ICW4 : STEP_READY;
        break;
    case STEP_ICW4:
        c->icw4 = val;
        c->step = STEP_READY;
        break;
    default: c->imr = val; break;
    }
}

static struct pic_chip *pic_chip_at(struct pic *pic, uint16_t port)
{
    return &pic->chip[(port & ~1) == PORT_SLAVE];
}

static void pic_write(void *opaque, uint16_t port, uint8_t val)
{
    struct pic *pic = opaque;
    struct pic_chip *c = pic_chip_at(pic, port);

    if (port & 1)
        chip_write_odd(c, val);
    else if (val & ICW1_INIT)
        chip_icw1(c, val);
    else if (val & OCW3_SELECT)
        chip_ocw3(c, val);
    else
        chip_ocw2(c, val);
    pic_update(pic);
}

/* "Poll command": the next read is the acknowledge. */
static uint8_t pic_poll(struct pic *pic, struct pic_chip *c)
{
    unsigned ir = chip_pending(pic, c);

    c->poll = 0;
    if (ir == NO_IR)
        return 0;
    chip_serve(c, ir);
    if (c != &pic->chip[0])
        pic_slave_served(pic);
    pic_update(pic);
    return (uint8_t) (POLL_REQUEST | ir);
}

static uint8_t pic_read(void *opaque, uint16_t port)
{
    struct pic *pic = opaque;
    struct pic_chip *c = pic_chip_at(pic, port);

    if (c->poll)
        return pic_poll(pic, c);
    if (port & 1)
        return c->imr;
    return c->read_isr ? c->isr : chip_irr(c);
}

/* --- edge/level registers ------------------------------------------------ */

static uint8_t elcr_read(void *opaque, uint16_t port)
{
    struct pic *pic = opaque;

    return pic->chip[port - PORT_ELCR].elcr;
}

/* IRQ 0, 1, 2, 8 and 13 are always edge-triggered. */
static void elcr_write(void *opaque, uint16_t port, uint8_t val)
{
    struct pic *pic = opaque;

    pic->chip[port - PORT_ELCR].elcr = val & (port == PORT_ELCR ? 0xf8 : 0xde);
    pic_update(pic);
}

static const struct port_range pic_ports_master[] = {
    { .first = PORT_MASTER, .count = 2, .in = pic_read, .out = pic_write },
};

static const struct port_range pic_ports_slave[] = {
    { .first = PORT_SLAVE, .count = 2, .in = pic_read, .out = pic_write },
    { .first = PORT_ELCR, .count = 2, .in = elcr_read, .out = elcr_write },
};

void pic_reset(struct pic *pic)
{
    for (unsigned i = 0; i < PIC_CHIPS; i++) {
        struct pic_chip *c = &pic->chip[i];

        *c = (struct pic_chip){ .level = c->level, .armed = (uint8_t) ~c->level, .lowest = 7 };
    }
    pic_update(pic);
}

struct pic *pic_new(const struct pic_config *cfg)
{
    struct pic *pic = xcalloc(1, sizeof *pic);

    assert(cfg->chips == 1 || cfg->chips == 2);
    pic->chips = cfg->chips;
    pic->intr = cfg->intr;
    bus_map_ports(cfg->bus, pic_ports_master, ARRAY_LEN(pic_ports_master), pic);
    if (cfg->chips == 2)
        bus_map_ports(cfg->bus, pic_ports_slave, ARRAY_LEN(pic_ports_slave), pic);
    state_register(cfg->state, "i8259", 1, pic_fields, pic);
    pic_reset(pic);
    return pic;
}

void pic_free(struct pic *pic)
{
    free(pic);
}

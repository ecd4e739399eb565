/*
 * ATA channel: command and control block registers, data port, interrupt,
 * software reset and diagnostics, for two devices.
 *
 * Each device has its own copy of the command block registers; a write goes to
 * both, a read comes from the selected one.  Device 0 answers for a missing
 * device 1; a channel without device 0 floats, with bit 7 pulled down.
 *
 * Source: ATA/ATAPI-4 (NCITS 317-1998), 7 "Interface register definitions",
 *         8.9 EXECUTE DEVICE DIAGNOSTIC, 9.1 to 9.4 reset, 9.16.1 "Device 0
 *         only configurations"; ATA/ATAPI-6 for the registers of LBA48.
 * Absent: DMA, overlapped commands, 8-bit PIO data transfers of ATA-1 (a byte
 *         access moves a whole word and drops its high byte).
 */
#include "config.h"

#include "hw/ata_internal.h"

#include <stdlib.h>

#include "base/bits.h"
#include "base/mem.h"
#include "hw/atapi.h"

enum {
    REG_DATA,
    REG_ERROR, /* features when written */
    REG_COUNT,
    REG_LOW, /* sector number */
    REG_MID, /* cylinder low */
    REG_HIGH,
    REG_DEVICE,
    REG_STATUS, /* command when written */
    REGS,
};

enum { CTL_NIEN = 0x02, CTL_SRST = 0x04, CTL_HOB = 0x80 };

enum {
    COMMAND_DEVICE_RESET = 0x08,
    COMMAND_DIAGNOSTIC = 0x90,
    ATA_FLOAT = 0x7f,   /* 9.16: DD7 has a pull-down, so that BSY reads 0 */
    ATA_PASSED = 0x01,  /* diagnostic code */
    ATA_RESET_NS = 2000000,
    ATA_DEVICE_RESET_NS = 100000,
};

static const struct state_field ata_drive_fields[] = {
    STATE_EVENT(struct ata_drive, busy),
    STATE_UINT(struct ata_drive, lba),
    STATE_UINT(struct ata_drive, head_lba),
    STATE_UINT(struct ata_drive, media_at),
    STATE_UINT(struct ata_drive, used_at),
    STATE_UINT(struct ata_drive, standby_ns),
    STATE_UINT(struct ata_drive, left),
    STATE_UINT(struct ata_drive, pos),
    STATE_UINT(struct ata_drive, len),
    STATE_UINT(struct ata_drive, cylinders),
    STATE_UINT(struct ata_drive, heads),
    STATE_UINT(struct ata_drive, sectors),
    STATE_UINT(struct ata_drive, command),
    STATE_UINT(struct ata_drive, phase),
    STATE_UINT(struct ata_drive, status),
    STATE_UINT(struct ata_drive, error),
    STATE_UINT(struct ata_drive, intrq),
    STATE_UINT(struct ata_drive, device),
    STATE_UINT(struct ata_drive, block),
    STATE_UINT(struct ata_drive, multiple),
    STATE_UINT(struct ata_drive, power),
    STATE_UINT(struct ata_drive, options),
    STATE_BYTES(struct ata_drive, feature),
    STATE_BYTES(struct ata_drive, count),
    STATE_BYTES(struct ata_drive, low),
    STATE_BYTES(struct ata_drive, mid),
    STATE_BYTES(struct ata_drive, high),
    STATE_UINT(struct ata_drive, in_reset),
    STATE_UINT(struct ata_drive, diagnosed),
    STATE_BYTES(struct ata_drive, buf),
    ATA_STATE_LAST(struct ata_drive, buf),
};

const struct state_field ata_fields[] = {
    STATE_STRUCTS(struct ata_channel, drive, ata_drive_fields),
    STATE_UINT(struct ata_channel, selected),
    STATE_UINT(struct ata_channel, control),
    ATA_STATE_LAST(struct ata_channel, control),
};

/* --- for devices ----------------------------------------------------------- */

/* Only the selected device drives INTRQ, and only while nIEN is 0: 5.2.9. */
static void ata_update_irq(struct ata_channel *ch)
{
    const struct ata_drive *d = &ch->drive[ch->selected];

    irq_set(ch->irq, d->ops != NULL && d->intrq && (ch->control & CTL_NIEN) == 0);
}

static void ata_set_intrq(struct ata_drive *d, bool pending)
{
    d->intrq = pending;
    ata_update_irq(d->channel);
}

void ata_busy(struct ata_drive *d, vtime at)
{
    d->status = ATA_BSY;
    event_at(d->sched, &d->busy, at);
}

void ata_ask(struct ata_drive *d, unsigned len, bool interrupt)
{
    d->status = ATA_DRDY | ATA_DSC | ATA_DRQ;
    d->pos = 0;
    d->len = (uint16_t) len;
    if (interrupt)
        ata_set_intrq(d, true);
}

void ata_done_quietly(struct ata_drive *d)
{
    d->status = ATA_DRDY | ATA_DSC;
    d->error = 0;
}

void ata_done(struct ata_drive *d)
{
    ata_done_quietly(d);
    ata_set_intrq(d, true);
}

void ata_fail(struct ata_drive *d, uint8_t error)
{
    d->status = ATA_DRDY | ATA_DSC | ATA_ERR;
    d->error = error;
    ata_set_intrq(d, true);
}

void ata_fault(struct ata_drive *d)
{
    ata_fail(d, ATA_ABRT);
    d->status |= ATA_DF;
}

/* --- reset and diagnostics ------------------------------------------------- */

static void ata_stop(struct ata_drive *d)
{
    event_cancel(d->sched, &d->busy);
    d->pos = d->len = 0;
    d->intrq = 0;
    d->status = ATA_BSY;
    d->in_reset = 1;
    d->diagnosed = 0;
}

/* Both devices are busy with themselves until ATA_RESET_NS from now. */
static void ata_begin_reset(struct ata_channel *ch, bool hard)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ata_drive *d = &ch->drive[i];

        if (d->ops == NULL)
            continue;
        ata_stop(d);
        d->ops->reset(d, hard);
        ata_busy(d, sched_now(d->sched) + ATA_RESET_NS);
    }
    ch->selected = 0;
    ata_update_irq(ch);
}

static void ata_diagnostic(struct ata_channel *ch)
{
    for (unsigned i = 0; i < 2; i++) {
        struct ata_drive *d = &ch->drive[i];

        if (d->ops == NULL)
            continue;
        ata_stop(d);
        d->diagnosed = 1;
        ata_busy(d, sched_now(d->sched) + ATA_RESET_NS);
    }
    ch->selected = 0;
    ata_update_irq(ch);
}

/* ATA-4, 8.7: of one packet device, whatever it is at; it does not interrupt. */
static void ata_reset_device(struct ata_drive *d)
{
    if (d->in_reset)
        return;
    ata_stop(d);
    ata_update_irq(d->channel);
    d->ops->reset(d, false);
    ata_busy(d, sched_now(d->sched) + ATA_DEVICE_RESET_NS);
}

static void ata_end_reset(struct ata_drive *d)
{
    bool interrupt = d->diagnosed;

    if (interrupt)
        d->ops->reset(d, false);
    d->in_reset = d->diagnosed = 0;
    d->status = d->ops->idle;
    d->error = ATA_PASSED;
    /* Device 0 speaks for both. */
    if (interrupt && d == &d->channel->drive[0])
        ata_set_intrq(d, true);
}

static void ata_busy_end(void *opaque)
{
    struct ata_drive *d = opaque;

    if (d->in_reset)
        ata_end_reset(d);
    else
        d->ops->ready(d);
}

/* 9.2: the devices stay in reset while SRST is 1. */
static void ata_write_control(void *opaque, uint16_t port, uint8_t val)
{
    struct ata_channel *ch = opaque;
    bool was = ch->control & CTL_SRST;

    (void) port;
    ch->control = val & (CTL_NIEN | CTL_SRST | CTL_HOB);
    if (val & CTL_SRST) {
        for (unsigned i = 0; i < 2; i++)
            if (ch->drive[i].ops != NULL)
                ata_stop(&ch->drive[i]);
        ch->selected = 0;
    } else if (was) {
        ata_begin_reset(ch, false);
    }
    ata_update_irq(ch);
}

/* --- registers -------------------------------------------------------------- */

/* Who answers reads: device 0 also for a missing device 1; NULL: nobody. */
static struct ata_drive *ata_answerer(struct ata_channel *ch)
{
    struct ata_drive *d = &ch->drive[ch->selected];

    if (d->ops == NULL && ch->selected == 1)
        d = &ch->drive[0];
    return d->ops != NULL ? d : NULL;
}

static uint8_t ata_read_status(struct ata_channel *ch)
{
    const struct ata_drive *d = ata_answerer(ch);

    if (d == NULL)
        return ATA_FLOAT;
    return d == &ch->drive[ch->selected] ? d->status : 0;
}

static uint8_t ata_read_control(void *opaque, uint16_t port)
{
    (void) port;
    return ata_read_status(opaque);
}

/* The drive whose data block the host moves, or NULL. */
static struct ata_drive *ata_data_drive(struct ata_channel *ch)
{
    struct ata_drive *d = &ch->drive[ch->selected];

    return d->ops != NULL && (d->status & ATA_DRQ) ? d : NULL;
}

static void ata_advance(struct ata_drive *d)
{
    d->pos += 2;
    if (d->pos >= d->len)
        d->ops->moved(d);
}

static uint16_t ata_read_data(struct ata_channel *ch)
{
    struct ata_drive *d = ata_data_drive(ch);
    uint16_t val;

    if (d == NULL)
        return ata_answerer(ch) == NULL ? 0xff00 | ATA_FLOAT : 0xffff;
    val = load_le16(d->buf + d->pos);
    ata_advance(d);
    return val;
}

static void ata_write_data(struct ata_channel *ch, uint16_t val)
{
    struct ata_drive *d = ata_data_drive(ch);

    if (d == NULL)
        return;
    store_le16(d->buf + d->pos, val);
    ata_advance(d);
}

static uint8_t ata_read(void *opaque, uint16_t port)
{
    struct ata_channel *ch = opaque;
    struct ata_drive *d = ata_answerer(ch);
    unsigned deep = ch->control & CTL_HOB ? ATA_PREVIOUS : ATA_CURRENT;
    uint8_t status;

    if (d == NULL)
        return ATA_FLOAT;
    switch (port - ch->base) {
    case REG_DATA: return (uint8_t) ata_read_data(ch);
    case REG_ERROR: return d->error;
    case REG_COUNT: return d->count[deep];
    case REG_LOW: return d->low[deep];
    case REG_MID: return d->mid[deep];
    case REG_HIGH: return d->high[deep];
    case REG_DEVICE: return d->device | ATA_DEVICE_FIXED | (ch->selected ? ATA_DEVICE_DEV : 0);
    default: break;
    }
    status = ata_read_status(ch);
    if (d == &ch->drive[ch->selected])
        ata_set_intrq(d, false); /* reading is the acknowledgement: 7.15 */
    return status;
}

static void ata_push(uint8_t *reg, uint8_t val)
{
    reg[ATA_PREVIOUS] = reg[ATA_CURRENT];
    reg[ATA_CURRENT] = val;
}

static void ata_write_reg(struct ata_drive *d, unsigned reg, uint8_t val)
{
    /* 7.x: "shall be written only when BSY and DRQ are zero". */
    if (d->ops == NULL || (d->status & ATA_BSY))
        return;
    switch (reg) {
    case REG_ERROR: ata_push(d->feature, val); break;
    case REG_COUNT: ata_push(d->count, val); break;
    case REG_LOW: ata_push(d->low, val); break;
    case REG_MID: ata_push(d->mid, val); break;
    case REG_HIGH: ata_push(d->high, val); break;
    default: d->device = val & (ATA_DEVICE_LBA | ATA_DEVICE_HEAD); break;
    }
}

static void ata_write_command(struct ata_channel *ch, uint8_t val)
{
    struct ata_drive *d = &ch->drive[ch->selected];

    if (ch->control & CTL_SRST)
        return;
    /* Both devices execute it, whichever is selected: 8.9. */
    if (val == COMMAND_DIAGNOSTIC) {
        if (ata_answerer(ch) != NULL && (ata_answerer(ch)->status & ATA_BSY) == 0)
            ata_diagnostic(ch);
        return;
    }
    if (d->ops == NULL)
        return;
    if (val == COMMAND_DEVICE_RESET && d->ops->packet) {
        ata_reset_device(d);
        return;
    }
    if (d->status & ATA_BSY)
        return;
    d->command = val;
    d->status &= (uint8_t) ~(ATA_DRQ | ATA_ERR | ATA_DF);
    d->error = 0;
    ata_set_intrq(d, false);
    d->ops->command(d);
}

static void ata_write(void *opaque, uint16_t port, uint8_t val)
{
    struct ata_channel *ch = opaque;
    unsigned reg = port - ch->base;

    if (reg == REG_DATA) {
        ata_write_data(ch, val);
        return;
    }
    ch->control &= (uint8_t) ~CTL_HOB;
    if (reg == REG_STATUS) {
        ata_write_command(ch, val);
        return;
    }
    if (reg == REG_DEVICE)
        ch->selected = (val & ATA_DEVICE_DEV) != 0;
    for (unsigned i = 0; i < 2; i++)
        ata_write_reg(&ch->drive[i], reg, val);
    ata_update_irq(ch);
}

/* Only the data port is 16 bits wide; the bus splits accesses to others. */
static uint16_t ata_read16(void *opaque, uint16_t port)
{
    struct ata_channel *ch = opaque;
    uint16_t low;

    if (port == ch->base)
        return ata_read_data(ch);
    low = ata_read(ch, port);
    return (uint16_t) (low | ata_read(ch, port + 1) << 8);
}

static void ata_write16(void *opaque, uint16_t port, uint16_t val)
{
    struct ata_channel *ch = opaque;

    if (port == ch->base) {
        ata_write_data(ch, val);
        return;
    }
    ata_write(ch, port, (uint8_t) val);
    ata_write(ch, port + 1, (uint8_t) (val >> 8));
}

/* Two cycles on the data port; else bytes, which float past the command block. */
static uint32_t ata_read32(void *opaque, uint16_t port)
{
    struct ata_channel *ch = opaque;
    uint32_t val = 0;

    if (port == ch->base) {
        val = ata_read_data(ch);
        return val | (uint32_t) ata_read_data(ch) << 16;
    }
    for (unsigned i = 0; i < 4; i++)
        val |= (uint32_t) (port + i < ch->base + (unsigned) REGS ? ata_read(ch, (uint16_t) (port + i)) : 0xff)
            << (8 * i);
    return val;
}

static void ata_write32(void *opaque, uint16_t port, uint32_t val)
{
    struct ata_channel *ch = opaque;

    if (port == ch->base) {
        ata_write_data(ch, (uint16_t) val);
        ata_write_data(ch, (uint16_t) (val >> 16));
        return;
    }
    for (unsigned i = 0; i < 4 && port + i < ch->base + (unsigned) REGS; i++)
        ata_write(ch, (uint16_t) (port + i), (uint8_t) (val >> (8 * i)));
}

/* A state from outside may hold anything: keep indices inside their arrays. */
static void ata_loaded(void *obj)
{
    struct ata_channel *ch = obj;

    ch->selected &= 1;
    for (unsigned i = 0; i < 2; i++) {
        struct ata_drive *d = &ch->drive[i];

        d->len = d->len <= ATA_BUFFER ? d->len & ~1u : 0;
        if (d->pos >= d->len) {
            d->pos = d->len;
            d->status &= (uint8_t) ~ATA_DRQ;
        }
        d->pos &= ~1u;
        if (d->ops != NULL)
            d->ops->loaded(d);
    }
}

/* --- construction ------------------------------------------------------------ */

void ata_reset(struct ata_channel *ch)
{
    ch->control = 0;
    ata_begin_reset(ch, true);
}

static void ata_connect(struct ata_channel *ch, unsigned i, const struct ata_config *cfg)
{
    struct ata_drive *d = &ch->drive[i];

    d->channel = ch;
    d->sched = cfg->sched;
    d->disk = cfg->disk[i];
    d->serial = cfg->serial[i];
    d->ops = cfg->disk[i] != NULL ? &ata_disk_ops : NULL;
    if (cfg->cdrom[i] != NULL) {
        d->ops = &atapi_ops;
        d->atapi = atapi_new(d, cfg->state, cfg->cdrom[i]);
    }
    event_init(&d->busy, "ata busy", 0, ata_busy_end, d);
}

struct ata_channel *ata_new(const struct ata_config *cfg)
{
    struct ata_channel *ch = xcalloc(1, sizeof *ch);

    ch->irq = cfg->irq;
    ch->base = cfg->base;
    ch->ports[0] = (struct port_range){ cfg->base, REGS, ata_read, ata_write,
                                        ata_read16, ata_write16, ata_read32, ata_write32 };
    ch->ports[1] = (struct port_range){ .first = cfg->control, .count = 1,
                                        .in = ata_read_control, .out = ata_write_control };
    for (unsigned i = 0; i < 2; i++)
        ata_connect(ch, i, cfg);
    bus_map_ports(cfg->bus, ch->ports, ARRAY_LEN(ch->ports), ch);
    state_register(cfg->state, cfg->name, 1, ata_fields, ch);
    state_hooks(cfg->state, NULL, ata_loaded, ch);
    ata_reset(ch);
    return ch;
}

void ata_free(struct ata_channel *ch)
{
    if (ch == NULL)
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct ata_drive *d = &ch->drive[i];

        event_cancel(d->sched, &d->busy);
        if (d->ops != NULL && d->ops->free != NULL)
            d->ops->free(d);
    }
    free(ch);
}

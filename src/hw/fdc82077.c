/*
 * Intel 82077AA floppy disk controller: registers, phases, reset, interrupt.
 *
 * Pins are strapped for AT mode unless the board says PS/2: then status
 * registers A and B exist, and DIR shows the data rate.
 *
 * Source: Intel 82077AA data sheet (290166), 2.1 "Status, data and control
 *         registers", "Reset", "DMA transfers", 4.0 "Controller phases", 7.4 "Drive
 *         polling".
 * Absent: power-down modes (the chip is always awake), precompensation and the
 *         tape drive registers' effect, times between the bytes of a command.
 */
#include "config.h"

#include "hw/fdc_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { REG_SRA, REG_SRB, REG_DOR, REG_TDR, REG_MSR, REG_FIFO, REG_DIR = 7 };
enum { MSR_RQM = 0x80, MSR_DIO = 0x40, MSR_NDMA = 0x20, MSR_CB = 0x10 };
enum { DSR_SWRESET = 0x80, RATE_MASK = 0x03, RATE_AFTER_RESET = 0x02 };
enum { LEAVE_RESET_NS = 150000 };

const struct state_field fdc_fields[] = {
    STATE_EVENT(struct fdc, exec),
    STATE_EVENT(struct fdc, leave_reset),
    STATE_EVENT(struct fdc, seek[0]),
    STATE_EVENT(struct fdc, seek[1]),
    STATE_EVENT(struct fdc, seek[2]),
    STATE_EVENT(struct fdc, seek[3]),
    STATE_STRUCTS(struct fdc, drive, fdc_drive_fields),
    STATE_UINT(struct fdc, head_until),
    STATE_UINT(struct fdc, stream_at),
    STATE_UINT(struct fdc, stream_period),
    STATE_UINT(struct fdc, stream_len),
    STATE_UINT(struct fdc, stream_pos),
    STATE_UINT(struct fdc, sectors_left),
    STATE_UINT(struct fdc, stream_request),
    STATE_UINT(struct fdc, dor),
    STATE_UINT(struct fdc, tdr),
    STATE_UINT(struct fdc, rate),
    STATE_UINT(struct fdc, untold),
    STATE_UINT(struct fdc, phase),
    STATE_UINT(struct fdc, step),
    STATE_BYTES(struct fdc, command),
    STATE_UINT(struct fdc, command_len),
    STATE_UINT(struct fdc, command_need),
    STATE_BYTES(struct fdc, result),
    STATE_UINT(struct fdc, result_len),
    STATE_UINT(struct fdc, result_pos),
    STATE_BYTES(struct fdc, specify),
    STATE_UINT(struct fdc, config),
    STATE_UINT(struct fdc, pretrk),
    STATE_UINT(struct fdc, lock),
    STATE_UINT(struct fdc, perpendicular),
    STATE_BYTES(struct fdc, pcn),
    STATE_BYTES(struct fdc, seek_to),
    STATE_BYTES(struct fdc, seek_head),
    STATE_BYTES(struct fdc, seek_drive),
    STATE_BYTES(struct fdc, seek_st0),
    STATE_UINT(struct fdc, seek_stepped),
    STATE_UINT(struct fdc, seek_busy),
    STATE_UINT(struct fdc, seek_ended),
    STATE_UINT(struct fdc, polled),
    STATE_UINT(struct fdc, interrupt),
    STATE_UINT(struct fdc, kind),
    STATE_UINT(struct fdc, head),
    STATE_UINT(struct fdc, tc),
    STATE_UINT(struct fdc, st0),
    STATE_UINT(struct fdc, st1),
    STATE_UINT(struct fdc, st2),
    STATE_UINT(struct fdc, c),
    STATE_UINT(struct fdc, h),
    STATE_UINT(struct fdc, r),
    STATE_UINT(struct fdc, n),
    STATE_UINT(struct fdc, eot),
    STATE_UINT(struct fdc, passed),
    STATE_BYTES(struct fdc, buf),
    FDC_STATE_LAST(struct fdc, buf),
};

/* --- interrupt, reset ------------------------------------------------------- */

/* DOR: DMAGATE# enables INT and DRQ in AT mode; in PS/2 mode they are always on. */
static void fdc_update_irq(struct fdc *fdc)
{
    irq_set(fdc->irq, fdc->interrupt && (fdc->ps2 || (fdc->dor & DOR_DMAGATE)));
}

void fdc_set_interrupt(struct fdc *fdc, bool on)
{
    fdc->interrupt = on;
    fdc_update_irq(fdc);
}

/* One cause is served; another one makes a new edge. */
void fdc_ack_interrupt(struct fdc *fdc)
{
    fdc_set_interrupt(fdc, false);
    if (fdc->seek_ended != 0)
        fdc_set_interrupt(fdc, true);
}

bool fdc_non_dma(const struct fdc *fdc)
{
    return fdc->specify[1] & 1;
}

/* SPECIFY: times scale with the data rate. */
uint64_t fdc_scaled_ns(const struct fdc *fdc, uint64_t ms)
{
    static const uint16_t kbps[] = { 500, 300, 250, 1000 };

    return ms * 1000000 * 500 / kbps[fdc->rate];
}

static bool fdc_in_reset(const struct fdc *fdc)
{
    return (fdc->dor & DOR_NRESET) == 0 || event_armed(&fdc->leave_reset);
}

/* "Reset": what both kinds of software reset do. */
static void fdc_enter_reset(struct fdc *fdc)
{
    event_cancel(fdc->sched, &fdc->exec);
    event_cancel(fdc->sched, &fdc->leave_reset);
    fdc_seek_stop(fdc);
    fdc->phase = PHASE_IDLE;
    fdc->command_len = fdc->result_len = fdc->result_pos = 0;
    fdc->stream_request = 0;
    fdc->polled = 0;
    fdc->head_until = 0;
    fdc->config &= (uint8_t) ~(CONFIG_EIS | CONFIG_POLL);
    fdc->perpendicular &= (uint8_t) ~0x03;
    if (!fdc->lock) {
        fdc->config = CONFIG_EFIFO;
        fdc->pretrk = 0;
    }
    fdc_set_interrupt(fdc, false);
}

static void fdc_arm_leave_reset(struct fdc *fdc)
{
    event_at(fdc->sched, &fdc->leave_reset, sched_now(fdc->sched) + LEAVE_RESET_NS);
}

/* 7.4: polling finds that all drives became ready. */
static void fdc_leave_reset(void *opaque)
{
    struct fdc *fdc = opaque;

    fdc->polled = UNITS_MASK;
    fdc_set_interrupt(fdc, true);
}

static void fdc_write_dor(struct fdc *fdc, uint8_t val)
{
    uint8_t was = fdc->dor;

    fdc->dor = val;
    for (unsigned i = 0; i < FDC_DRIVES; i++)
        fdc_drive_set_motor(&fdc->drive[i], val & DOR_MOTOR0 << i);
    if ((val & DOR_NRESET) == 0)
        fdc_enter_reset(fdc);
    else if ((was & DOR_NRESET) == 0)
        fdc_arm_leave_reset(fdc);
    if ((was ^ val) & (DOR_SELECT | DOR_MOTOR0 << (val & DOR_SELECT)))
        fdc_data_restart(fdc);
    fdc_update_irq(fdc);
}

static void fdc_set_rate(struct fdc *fdc, uint8_t val)
{
    fdc->rate = val & RATE_MASK;
    fdc->untold &= (uint8_t) ~UNTOLD_RATE;
}

static void fdc_write_dsr(struct fdc *fdc, uint8_t val)
{
    fdc_set_rate(fdc, val);
    if ((val & DSR_SWRESET) == 0)
        return;
    fdc_enter_reset(fdc);
    if (fdc->dor & DOR_NRESET)
        fdc_arm_leave_reset(fdc);
}

/* --- registers ---------------------------------------------------------------- */

static uint8_t fdc_read_msr(const struct fdc *fdc)
{
    uint8_t val = fdc->seek_busy;

    if (fdc_in_reset(fdc))
        return 0;
    switch (fdc->phase) {
    case PHASE_IDLE: return val | MSR_RQM;
    case PHASE_COMMAND: return val | MSR_RQM | MSR_CB;
    case PHASE_RESULT: return val | MSR_RQM | MSR_DIO | MSR_CB;
    default: break;
    }
    val |= MSR_CB;
    if (fdc_non_dma(fdc))
        val |= MSR_NDMA;
    if (fdc->stream_request)
        val |= fdc_kind_to_host(fdc->kind) ? MSR_RQM | MSR_DIO : MSR_RQM;
    return val;
}

static uint8_t fdc_read_sra(struct fdc *fdc)
{
    const struct fdc_drive *d = fdc_selected(fdc);
    uint8_t val = fdc->interrupt ? 0x80 : 0;

    val |= fdc->drive[1].type == FDC_NO_DRIVE ? 0x40 : 0;
    val |= d == NULL || d->track != 0 ? 0x10 : 0;
    val |= fdc->head ? 0x08 : 0;
    val |= d == NULL || !fdc_drive_index(d, sched_now(fdc->sched)) ? 0x04 : 0;
    val |= d == NULL || d->disk == NULL || !disk_read_only(d->disk) ? 0x02 : 0;
    return val;
}

static uint8_t fdc_read_srb(const struct fdc *fdc)
{
    return (uint8_t) (0xc0 | (fdc->dor & 1 ? 0x20 : 0) | (fdc->dor >> 4 & 3));
}

/* Other bits of 3F7h: the fixed disk's in the AT, which left them floating later. */
static uint8_t fdc_read_dir(struct fdc *fdc)
{
    const struct fdc_drive *d = fdc_selected(fdc);
    uint8_t val = d != NULL && fdc_drive_change_line(d) ? 0x80 : 0;
    bool high = fdc->rate == 0 || fdc->rate == 3;

    return (uint8_t) (fdc->ps2 ? val | 0x78 | fdc->rate << 1 | !high : val | 0x7f);
}

/* "Result phase": INT falls with the first byte of the result. */
static uint8_t fdc_read_fifo(struct fdc *fdc)
{
    uint8_t val;

    if (fdc_in_reset(fdc))
        return 0xff;
    if (fdc->phase == PHASE_EXECUTE && fdc->stream_request && fdc_kind_to_host(fdc->kind))
        return fdc_stream_read(fdc);
    if (fdc->phase != PHASE_RESULT)
        return 0xff;
    if (fdc->result_pos == 0 && fdc->kind != KIND_NONE)
        fdc_ack_interrupt(fdc);
    val = fdc->result[fdc->result_pos++];
    if (fdc->result_pos >= fdc->result_len)
        fdc->phase = PHASE_IDLE;
    return val;
}

void fdc_give_result(struct fdc *fdc, unsigned len)
{
    fdc->phase = PHASE_RESULT;
    fdc->result_len = (uint8_t) len;
    fdc->result_pos = 0;
}

static void fdc_write_fifo(struct fdc *fdc, uint8_t val)
{
    if (fdc_in_reset(fdc))
        return;
    if (fdc->phase == PHASE_EXECUTE && fdc->stream_request && !fdc_kind_to_host(fdc->kind)) {
        fdc_stream_write(fdc, val);
        return;
    }
    if (fdc->phase == PHASE_IDLE) {
        fdc->phase = PHASE_COMMAND;
        fdc->command_len = 0;
        fdc->command_need = (uint8_t) fdc_command_length(val);
    } else if (fdc->phase != PHASE_COMMAND) {
        return; /* not asked for */
    }
    fdc->command[fdc->command_len++] = val;
    if (fdc->command_len >= fdc->command_need) {
        fdc->phase = PHASE_IDLE;
        fdc_command_run(fdc);
    }
}

static uint8_t fdc_read(void *opaque, uint16_t port)
{
    struct fdc *fdc = opaque;

    switch (port - fdc->base) {
    case REG_SRA: return fdc->ps2 ? fdc_read_sra(fdc) : 0xff;
    case REG_SRB: return fdc->ps2 ? fdc_read_srb(fdc) : 0xff;
    case REG_DOR: return fdc->dor;
    case REG_TDR: return fdc->tdr | 0xfc;
    case REG_MSR: return fdc_read_msr(fdc);
    case REG_FIFO: return fdc_read_fifo(fdc);
    default: return fdc_read_dir(fdc);
    }
}

static void fdc_write(void *opaque, uint16_t port, uint8_t val)
{
    struct fdc *fdc = opaque;

    switch (port - fdc->base) {
    case REG_DOR: fdc_write_dor(fdc, val); break;
    case REG_TDR: fdc->tdr = val & 0x03; break;
    case REG_MSR: fdc_write_dsr(fdc, val); break;
    case REG_FIFO: fdc_write_fifo(fdc, val); break;
    case REG_DIR: fdc_set_rate(fdc, val); break; /* CCR */
    default: break;
    }
}

/* --- inputs -------------------------------------------------------------------- */

static void fdc_put_media(struct fdc_drive *d, unsigned media)
{
    fdc_drive_insert(d, media);
    if (fdc_selected(d->fdc) == d)
        fdc_data_restart(d->fdc);
}

static void fdc_input_insert(void *opaque, const struct journal_input *in)
{
    struct fdc_drive *d = opaque;

    if (in->arg[0] >= 0 && in->arg[0] < d->fdc->shelf_count)
        fdc_put_media(d, (unsigned) in->arg[0] + 2);
}

static void fdc_input_eject(void *opaque, const struct journal_input *in)
{
    (void) in;
    fdc_put_media(opaque, 0);
}

static const struct journal_kind fdc_kinds[] = {
    { "insert", 1, false, fdc_input_insert },
    { "eject", 0, false, fdc_input_eject },
};

/* --- construction ------------------------------------------------------------------ */

/* A state from outside may hold anything: keep indices inside their arrays. */
static void fdc_loaded(void *obj)
{
    struct fdc *fdc = obj;

    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        struct fdc_drive *d = &fdc->drive[i];

        fdc_drive_find_media(d);
        if (d->track > fdc_drive_last_track(d))
            d->track = 0;
    }
    fdc->rate &= RATE_MASK;
    fdc->head &= 1;
    fdc->seek_busy &= UNITS_MASK;
    fdc->seek_ended &= UNITS_MASK;
    fdc->polled &= UNITS_MASK;
    if (fdc->command_len > sizeof fdc->command || fdc->command_need > sizeof fdc->command)
        fdc->command_len = fdc->command_need = 0;
    if (fdc->result_len > sizeof fdc->result || fdc->result_pos > fdc->result_len)
        fdc->result_len = fdc->result_pos = 0;
    if ((fdc->phase == PHASE_RESULT && fdc->result_pos == fdc->result_len)
        || (fdc->phase == PHASE_COMMAND && fdc->command_len == sizeof fdc->command))
        fdc->phase = PHASE_IDLE;
    if (fdc->stream_len > sizeof fdc->buf || fdc->stream_pos > fdc->stream_len) {
        fdc->stream_len = fdc->stream_pos = 0;
        fdc->stream_request = 0;
    }
    if (fdc->stream_pos == fdc->stream_len)
        fdc->stream_request = 0;
    if (fdc->stream_period == 0)
        fdc->stream_period = 1;
}

/*
 * "Specify": the timers have no values after RESET.  Those of the AT's diskette
 * table (step 3 ms, head unload 240 ms, load 2 ms; DMA) serve software that
 * never sends it, as BIOS-bochs-legacy: steps of 32 ms would take it minutes.
 */
static const uint8_t fdc_specify_untold[2] = { 0xdf, 0x02 };

void fdc_reset(struct fdc *fdc)
{
    fdc_write_dor(fdc, 0);
    fdc->lock = 0;
    fdc_enter_reset(fdc);
    fdc->tdr = 0;
    fdc->rate = RATE_AFTER_RESET;
    fdc->untold = UNTOLD_RATE | UNTOLD_SEEK;
    fdc->perpendicular = 0;
    memcpy(fdc->specify, fdc_specify_untold, sizeof fdc->specify);
    memset(fdc->pcn, 0, sizeof fdc->pcn);
}

void fdc_set_media(struct fdc *fdc, unsigned drive, struct disk *disk)
{
    struct fdc_drive *d = &fdc->drive[drive];

    d->own = disk;
    fdc_drive_insert(d, disk != NULL ? 1 : 0);
}

struct disk *fdc_media(const struct fdc *fdc, unsigned drive)
{
    return fdc->drive[drive].disk;
}

static void fdc_exec(void *opaque)
{
    fdc_data_event(opaque);
}

static void fdc_seek0(void *opaque)
{
    fdc_seek_end(opaque, 0);
}

static void fdc_seek1(void *opaque)
{
    fdc_seek_end(opaque, 1);
}

static void fdc_seek2(void *opaque)
{
    fdc_seek_end(opaque, 2);
}

static void fdc_seek3(void *opaque)
{
    fdc_seek_end(opaque, 3);
}

static void fdc_init_events(struct fdc *fdc)
{
    static void (*const seek[FDC_UNITS])(void *) = { fdc_seek0, fdc_seek1, fdc_seek2, fdc_seek3 };

    event_init(&fdc->exec, "fdc execution", 0, fdc_exec, fdc);
    event_init(&fdc->leave_reset, "fdc reset", 0, fdc_leave_reset, fdc);
    for (unsigned i = 0; i < FDC_UNITS; i++)
        event_init(&fdc->seek[i], "fdc seek", 0, seek[i], fdc);
}

struct fdc *fdc_new(const struct fdc_config *cfg)
{
    static const char *const names[FDC_DRIVES] = { "fd0", "fd1" };
    struct fdc *fdc = xcalloc(1, sizeof *fdc);

    fdc->sched = cfg->sched;
    fdc->irq = cfg->irq;
    fdc->dma = cfg->dma;
    fdc->shelf = cfg->shelf;
    fdc->shelf_count = cfg->shelf_count;
    fdc->ps2 = cfg->ps2;
    fdc->base = cfg->base;
    fdc->stream_period = 1;
    fdc_init_events(fdc);
    for (unsigned i = 0; i < FDC_DRIVES; i++) {
        fdc->drive[i].fdc = fdc;
        fdc->drive[i].type = cfg->type[i];
        fdc->drive[i].changed = 1;
        journal_add(cfg->journal, names[i], fdc_kinds, ARRAY_LEN(fdc_kinds), &fdc->drive[i]);
    }
    /* The sixth port is the hard disk's. */
    fdc->ports[0] = (struct port_range){ .first = cfg->base, .count = 6, .in = fdc_read, .out = fdc_write };
    fdc->ports[1] = (struct port_range){ .first = (uint16_t) (cfg->base + REG_DIR), .count = 1,
                                         .in = fdc_read, .out = fdc_write };
    bus_map_ports(cfg->bus, fdc->ports, ARRAY_LEN(fdc->ports), fdc);
    state_register(cfg->state, "fdc82077", 1, fdc_fields, fdc);
    state_hooks(cfg->state, NULL, fdc_loaded, fdc);
    fdc_reset(fdc);
    return fdc;
}

void fdc_free(struct fdc *fdc)
{
    if (fdc == NULL)
        return;
    event_cancel(fdc->sched, &fdc->exec);
    event_cancel(fdc->sched, &fdc->leave_reset);
    for (unsigned i = 0; i < FDC_UNITS; i++)
        event_cancel(fdc->sched, &fdc->seek[i]);
    free(fdc);
}

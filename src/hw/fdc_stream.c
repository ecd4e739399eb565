/*
 * 82077AA without DMA: the bytes of a sector (or the IDs of a track to format)
 * go through the FIFO one by one.  Its level follows from the time and from
 * the bytes that the host has moved; events lie only where RQM rises and where
 * the host comes too late.
 *
 * Source: Intel 82077AA data sheet (290166), 4.0 "Controller phases" (non-DMA
 *         transfers), 5.2 "Control commands" (CONFIGURE).
 * Absent: overrun of the last bytes of a sector, which wait in the FIFO.
 */
#include "config.h"

#include "hw/fdc_internal.h"

enum { FIFO_DEPTH = 16, CRC_BYTES = 2 };

/* CONFIGURE, EFIFO and FIFOTHR. */
static unsigned fdc_fifo_depth(const struct fdc *fdc)
{
    return fdc->config & CONFIG_EFIFO ? 1 : FIFO_DEPTH;
}

static unsigned fdc_fifo_threshold(const struct fdc *fdc)
{
    return fdc->config & CONFIG_EFIFO ? 0 : fdc->config & CONFIG_FIFOTHR;
}

void fdc_stream_ask(struct fdc *fdc, bool request)
{
    fdc->stream_request = request;
    fdc_set_interrupt(fdc, request);
}

/* All bytes have gone through: wait for what follows them on the track. */
static void fdc_stream_close(struct fdc *fdc, const struct fdc_track *t)
{
    if (fdc->kind == KIND_FORMAT)
        fdc_arm(fdc, t, fdc_next_pass(fdc, t, 0), STEP_FORMAT);
    else
        fdc_arm(fdc, t, fdc->stream_at + SECTOR_SIZE + CRC_BYTES, STEP_SECTOR);
}

static uint64_t fdc_stream_tick(const struct fdc *fdc, unsigned bytes)
{
    return fdc->stream_at + (uint64_t) bytes * fdc->stream_period;
}

/* `gone` bytes have come from the disk, stream_pos of them were read. */
static void fdc_stream_to_host(struct fdc *fdc, const struct fdc_track *t, unsigned gone)
{
    unsigned depth = fdc_fifo_depth(fdc), left = fdc->stream_len - fdc->stream_pos;
    unsigned level = gone - fdc->stream_pos, want = depth - fdc_fifo_threshold(fdc);

    if (want > left)
        want = left;
    if (level > depth) {
        fdc_fail(fdc, ST1_OR, 0);
        return;
    }
    if (level == 0 || level >= want)
        fdc_stream_ask(fdc, level != 0);
    if (!fdc->stream_request)
        fdc_arm(fdc, t, fdc_stream_tick(fdc, fdc->stream_pos + want), STEP_STREAM);
    else if (left > depth)
        fdc_arm(fdc, t, fdc_stream_tick(fdc, fdc->stream_pos + depth + 1), STEP_STREAM);
    else
        event_cancel(fdc->sched, &fdc->exec); /* the rest waits in the FIFO */
}

/* `gone` bytes were needed by the disk, stream_pos were given. */
static void fdc_stream_from_host(struct fdc *fdc, const struct fdc_track *t, unsigned gone)
{
    unsigned depth = fdc_fifo_depth(fdc), threshold = fdc_fifo_threshold(fdc), level;

    if (gone > fdc->stream_pos) {
        fdc_fail(fdc, ST1_OR, 0);
        return;
    }
    level = fdc->stream_pos - gone;
    if (level >= depth || level <= threshold)
        fdc_stream_ask(fdc, level < depth);
    if (fdc->stream_request)
        fdc_arm(fdc, t, fdc_stream_tick(fdc, fdc->stream_pos + 1), STEP_STREAM);
    else
        fdc_arm(fdc, t, fdc_stream_tick(fdc, fdc->stream_pos - threshold), STEP_STREAM);
}

/* Without a disk the stream stands still; past its end there are no bytes. */
static bool fdc_stream_ended(const struct fdc *fdc)
{
    return fdc->stream_pos >= fdc->stream_len;
}

void fdc_stream_update(struct fdc *fdc)
{
    struct fdc_track t;
    uint64_t tick, gone;

    if (fdc_stream_ended(fdc))
        fdc_stream_ask(fdc, false);
    if (fdc_current(fdc, &t) == NULL)
        return; /* a change of disk restarts the command */
    if (fdc_stream_ended(fdc)) {
        fdc_stream_close(fdc, &t);
        return;
    }
    tick = fdc_tick(fdc, &t);
    gone = tick > fdc->stream_at ? (tick - fdc->stream_at) / fdc->stream_period : 0;
    if (gone > fdc->stream_len)
        gone = fdc->stream_len;
    if (!fdc_kind_to_host(fdc->kind))
        fdc_stream_from_host(fdc, &t, (unsigned) gone);
    else if (gone >= fdc->stream_pos)
        fdc_stream_to_host(fdc, &t, (unsigned) gone);
}

void fdc_stream_open(struct fdc *fdc, uint64_t at, unsigned len, uint32_t period)
{
    fdc->step = STEP_STREAM;
    fdc->stream_at = at;
    fdc->stream_len = (uint16_t) len;
    fdc->stream_pos = 0;
    fdc->stream_period = period;
    fdc_stream_update(fdc);
}

uint8_t fdc_stream_read(struct fdc *fdc)
{
    uint8_t val;

    if (fdc_stream_ended(fdc))
        return 0;
    val = fdc->buf[fdc->stream_pos++];
    fdc_stream_update(fdc);
    return val;
}

void fdc_stream_write(struct fdc *fdc, uint8_t val)
{
    if (fdc_stream_ended(fdc))
        return;
    fdc->buf[fdc->stream_pos++] = val;
    fdc_stream_update(fdc);
}

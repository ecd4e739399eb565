/*
 * VGA CRT controller: its registers, and where the beam is.
 *
 * Source: IBM "PS/2 Hardware Interface Technical Reference: Video Subsystem",
 *         "CRT Controller Registers", "General Registers".
 * Absent: light pen; skew of display enable; the diagnostic pixel bits of
 *         input status 1; vertical blanking inside the displayed area.
 *
 * The beam is not stepped: its place follows from an origin and the programmed
 * timings.  A change of timings puts the origin where the beam is then, on the
 * same line and dot if the new frame has them.
 */
#include "config.h"

#include "hw/vga_priv.h"

enum {
    OVERFLOW_LINE_COMPARE = 0x10,
    PROTECT = 0x80,         /* vertical retrace end: registers 0 to 7 */
    IRQ_DISABLE = 0x20,     /* vertical retrace end */
    IRQ_NOT_CLEAR = 0x10,   /* vertical retrace end: 0 clears and holds */
    MODE_HALF_LINES = 0x04, /* mode control */
    MODE_RETRACE = 0x80,    /* mode control: 0 holds both retraces off */
    STATUS_BLANK = 0x01,
    STATUS_RETRACE = 0x08,
};

static const uint8_t vga_crtc_masks[CRTC_REGS] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0x3f, 0x7f, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xef, 0xff,
};

/* --- timings -------------------------------------------------------------- */

/* Ten bits: a register and two bits of the overflow register. */
static unsigned crtc_vertical(const struct vga *vga, unsigned reg, unsigned bit8, unsigned bit9)
{
    unsigned overflow = vga->crtc[CRTC_OVERFLOW];

    return vga->crtc[reg] | (overflow >> bit8 & 1) << 8 | (overflow >> bit9 & 1) << 9;
}

static struct vga_timing crtc_timing(const struct vga *vga)
{
    const uint8_t *crtc = vga->crtc;
    struct vga_timing t;

    t.clock_hz = (vga->misc >> 2 & 3) == 1 ? 28322000 : 25175000;
    t.char_dots = vga->seq[SEQ_CLOCKING] & 0x01 ? 8 : 9;
    if (vga->seq[SEQ_CLOCKING] & 0x08)
        t.char_dots *= 2;
    t.line_dots = (crtc[CRTC_H_TOTAL] + 5u) * t.char_dots;
    t.shown_dots = (crtc[CRTC_H_DISPLAY_END] + 1u) * t.char_dots;
    t.count_dots = t.line_dots * (crtc[CRTC_MODE] & MODE_HALF_LINES ? 2 : 1);
    t.lines = crtc_vertical(vga, CRTC_V_TOTAL, 0, 5) + 2;
    t.lines_shown = crtc_vertical(vga, CRTC_V_DISPLAY_END, 1, 6) + 1;
    t.retrace = crtc_vertical(vga, CRTC_V_RETRACE_START, 2, 7);
    /* Retrace ends when the four low bits of the counter match: 1 to 16 lines. */
    t.retrace_len = ((crtc[CRTC_V_RETRACE_END] - t.retrace - 1) & 15) + 1;
    t.frame_dots = (uint64_t) t.lines * t.count_dots;
    t.retrace_dot = (uint64_t) t.retrace * t.count_dots;
    if (t.retrace_dot >= t.frame_dots)
        t.retrace_dot = t.frame_dots - 1;
    return t;
}

void vga_crtc_update(struct vga *vga)
{
    vga->timing = crtc_timing(vga);
}

/* Ticks of the dot clock; tick 0 is the first dot of frame `frame0`. */
static struct clock crtc_clock(const struct vga *vga)
{
    return (struct clock){
        .num = vga->timing.clock_hz,
        .den = 1,
        .vtime0 = vga->scan_vtime0,
        .tick0 = vga->scan_tick0,
    };
}

static uint64_t crtc_dots(const struct vga *vga)
{
    struct clock clk = crtc_clock(vga);

    return clock_ticks(&clk, vga->sched != NULL ? sched_now(vga->sched) : vga->copied_at);
}

uint64_t vga_crtc_frame(const struct vga *vga)
{
    return vga->frame0 + crtc_dots(vga) / vga->timing.frame_dots;
}

/* Vertical retraces that have started since tick 0. */
static uint64_t crtc_retraces(const struct vga *vga)
{
    const struct vga_timing *t = &vga->timing;

    return (crtc_dots(vga) + t->frame_dots - t->retrace_dot) / t->frame_dots;
}

vtime vga_crtc_retrace(void *opaque)
{
    const struct vga *vga = opaque;
    const struct vga_timing *t = &vga->timing;
    struct clock clk = crtc_clock(vga);

    return clock_time(&clk, t->retrace_dot + crtc_retraces(vga) * t->frame_dots);
}

/* --- interrupt ------------------------------------------------------------ */

bool vga_crtc_irq_pending(const struct vga *vga)
{
    if (!(vga->crtc[CRTC_V_RETRACE_END] & IRQ_NOT_CLEAR))
        return false;
    return vga->irq_pending || crtc_retraces(vga) != vga->irq_retraces;
}

static void crtc_irq_arm(struct vga *vga)
{
    uint8_t reg = vga->crtc[CRTC_V_RETRACE_END];

    if (vga->irq == NULL)
        return;
    irq_set(vga->irq, vga->irq_pending && !(reg & IRQ_DISABLE));
    if (vga->irq_pending || (reg & (IRQ_DISABLE | IRQ_NOT_CLEAR)) != IRQ_NOT_CLEAR)
        event_cancel(vga->sched, &vga->retrace_event);
    else
        event_at(vga->sched, &vga->retrace_event, vga_crtc_retrace(vga));
}

static void crtc_retrace_event(void *opaque)
{
    struct vga *vga = opaque;

    vga->irq_pending = (vga->crtc[CRTC_V_RETRACE_END] & IRQ_NOT_CLEAR) != 0;
    vga->irq_retraces = crtc_retraces(vga);
    crtc_irq_arm(vga);
}

/* --- start address -------------------------------------------------------- */

static uint16_t crtc_start_programmed(const struct vga *vga)
{
    return vga->crtc[CRTC_START_HIGH] << 8 | vga->crtc[CRTC_START_LOW];
}

/* The chip takes the start address over when vertical retrace starts. */
uint16_t vga_crtc_start(const struct vga *vga)
{
    if (crtc_retraces(vga) != vga->start_retraces)
        return crtc_start_programmed(vga);
    return vga->start_latched;
}

static bool crtc_same_timing(const struct vga_timing *a, const struct vga_timing *b)
{
    return a->clock_hz == b->clock_hz && a->line_dots == b->line_dots &&
           a->shown_dots == b->shown_dots && a->count_dots == b->count_dots &&
           a->lines == b->lines && a->lines_shown == b->lines_shown &&
           a->retrace == b->retrace && a->retrace_len == b->retrace_len;
}

void vga_crtc_retime(struct vga *vga)
{
    struct vga_timing old = vga->timing, new = crtc_timing(vga);
    uint64_t dots, line, dot;

    if (crtc_same_timing(&old, &new))
        return;
    vga->start_latched = vga_crtc_start(vga);
    vga->irq_pending = vga_crtc_irq_pending(vga);
    vga->frame0 = vga_crtc_frame(vga);
    dots = crtc_dots(vga) % old.frame_dots;
    line = dots / old.count_dots;
    dot = dots % old.count_dots;
    if (line >= new.lines)
        line = new.lines - 1;
    if (dot >= new.count_dots)
        dot = new.count_dots - 1;
    vga->timing = new;
    vga->scan_vtime0 = sched_now(vga->sched);
    vga->scan_tick0 = line * new.count_dots + dot;
    vga->start_retraces = crtc_retraces(vga);
    vga->irq_retraces = vga->start_retraces;
    crtc_irq_arm(vga);
}

/* --- status --------------------------------------------------------------- */

uint8_t vga_crtc_status(const struct vga *vga)
{
    const struct vga_timing *t = &vga->timing;
    uint64_t pos = crtc_dots(vga) % t->frame_dots;
    uint32_t line = (uint32_t) (pos / t->count_dots);
    uint32_t dot = (uint32_t) (pos % t->line_dots);
    uint8_t status = 0;

    if (line >= t->lines_shown || dot >= t->shown_dots)
        status |= STATUS_BLANK;
    if (t->retrace < t->lines && (line + t->lines - t->retrace) % t->lines < t->retrace_len &&
        vga->crtc[CRTC_MODE] & MODE_RETRACE)
        status |= STATUS_RETRACE;
    return status;
}

/* --- registers ------------------------------------------------------------ */

static void crtc_write_start(struct vga *vga, unsigned index, uint8_t val)
{
    vga->start_latched = vga_crtc_start(vga);
    vga->start_retraces = crtc_retraces(vga);
    vga->crtc[index] = val;
}

static void crtc_write_retrace_end(struct vga *vga, uint8_t val)
{
    vga->irq_pending = vga_crtc_irq_pending(vga) && (val & IRQ_NOT_CLEAR);
    vga->irq_retraces = crtc_retraces(vga);
    vga->crtc[CRTC_V_RETRACE_END] = val;
    vga_crtc_retime(vga);
    crtc_irq_arm(vga);
}

void vga_crtc_write(struct vga *vga, uint8_t val)
{
    unsigned index = vga->crtc_index;
    uint8_t *reg;

    if (index >= CRTC_REGS)
        return;
    reg = &vga->crtc[index];
    if (index <= CRTC_OVERFLOW && vga->crtc[CRTC_V_RETRACE_END] & PROTECT) {
        /* Protection leaves out bit 8 of line compare. */
        if (index == CRTC_OVERFLOW)
            *reg = (*reg & ~OVERFLOW_LINE_COMPARE) | (val & OVERFLOW_LINE_COMPARE);
        return;
    }
    val &= vga_crtc_masks[index];
    if (index == CRTC_START_HIGH || index == CRTC_START_LOW) {
        crtc_write_start(vga, index, val);
    } else if (index == CRTC_V_RETRACE_END) {
        crtc_write_retrace_end(vga, val);
    } else {
        *reg = val;
        vga_crtc_retime(vga);
    }
}

uint8_t vga_crtc_read(const struct vga *vga)
{
    switch (vga->crtc_index) {
    case CRTC_LATCH: return vga->latch >> (8 * (vga->gfx[GFX_READ_MAP] & 3)) & 0xff;
    case CRTC_TOGGLE: return vga->attr_toggle << 7 | vga->attr_index;
    default: return vga->crtc_index < CRTC_REGS ? vga->crtc[vga->crtc_index] : 0xff;
    }
}

void vga_crtc_reset(struct vga *vga)
{
    memset(vga->crtc, 0, sizeof vga->crtc);
    vga->irq_pending = 0;
    vga->start_latched = 0;
    vga_crtc_retime(vga);
    crtc_irq_arm(vga);
}

void vga_crtc_init(struct vga *vga)
{
    event_init(&vga->retrace_event, "vga retrace", 0, crtc_retrace_event, vga);
    vga_crtc_update(vga);
}

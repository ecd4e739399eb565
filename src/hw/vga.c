/*
 * IBM VGA: ports, general registers, construction.
 *
 * Source: IBM "PS/2 Hardware Interface Technical Reference: Video Subsystem",
 *         "General Registers", "Video Subsystem Enable".
 * Absent: effects of register changes in the middle of a frame (the picture
 *         is drawn from the registers at one moment); border; monitor sense by
 *         DAC comparator (switch sense always says colour monitor).
 *         See also the heads of vga_crtc.c, vga_seq.c and vga_render.c.
 */
#include "config.h"

#include "hw/vga_priv.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    PORT_MONO = 0x3b0, /* CRTC and status, when misc output bit 0 is clear */
    PORT_ATTR = 0x3c0,
    PORT_ATTR_READ = 0x3c1,
    PORT_MISC = 0x3c2, /* write; read: input status 0 */
    PORT_ENABLE = 0x3c3,
    PORT_SEQ_INDEX = 0x3c4,
    PORT_SEQ = 0x3c5,
    PORT_DAC_MASK = 0x3c6,
    PORT_DAC_READ = 0x3c7, /* write; read: DAC state */
    PORT_DAC_WRITE = 0x3c8,
    PORT_DAC = 0x3c9,
    PORT_FEATURE_READ = 0x3ca,
    PORT_MISC_READ = 0x3cc,
    PORT_GFX_INDEX = 0x3ce,
    PORT_GFX = 0x3cf,
    PORT_COLOUR = 0x3d0,
    CRTC_INDEX_OFFSET = 4, /* from PORT_MONO or PORT_COLOUR */
    CRTC_DATA_OFFSET = 5,
    STATUS_OFFSET = 10,
    MISC_COLOUR = 0x01,
    SWITCH_SENSE = 0x10,
};

const struct state_field vga_fields[] = {
    STATE_UINT(struct vga, scan_vtime0),
    STATE_UINT(struct vga, scan_tick0),
    STATE_UINT(struct vga, frame0),
    STATE_UINT(struct vga, start_retraces),
    STATE_UINT(struct vga, irq_retraces),
    STATE_EVENT(struct vga, retrace_event),
    STATE_BYTES(struct vga, mem),
    STATE_UINT(struct vga, latch),
    STATE_UINT(struct vga, start_latched),
    STATE_UINT(struct vga, irq_pending),
    STATE_UINT(struct vga, enabled),
    STATE_UINT(struct vga, misc),
    STATE_UINT(struct vga, feature),
    STATE_UINT(struct vga, seq_index),
    STATE_BYTES(struct vga, seq),
    STATE_UINT(struct vga, gfx_index),
    STATE_BYTES(struct vga, gfx),
    STATE_UINT(struct vga, crtc_index),
    STATE_BYTES(struct vga, crtc),
    STATE_UINT(struct vga, attr_index),
    STATE_UINT(struct vga, attr_toggle),
    STATE_BYTES(struct vga, attr),
    STATE_UINT(struct vga, dac_mask),
    STATE_UINT(struct vga, dac_index),
    STATE_UINT(struct vga, dac_phase),
    STATE_UINT(struct vga, dac_state),
    STATE_BYTES(struct vga, dac_hold),
    STATE_BYTES(struct vga, dac),
    STATE_END(struct vga, plain),
};

static uint8_t vga_input_status0(const struct vga *vga)
{
    return vga_crtc_irq_pending(vga) << 7 | SWITCH_SENSE;
}

static uint8_t vga_in(void *opaque, uint16_t port)
{
    struct vga *vga = opaque;

    if (port == PORT_ENABLE)
        return vga->enabled;
    if (!vga->enabled)
        return 0xff;
    switch (port) {
    case PORT_ATTR: return vga->attr_index;
    case PORT_ATTR_READ: return vga_attr_read(vga);
    case PORT_MISC: return vga_input_status0(vga);
    case PORT_SEQ_INDEX: return vga->seq_index;
    case PORT_SEQ: return vga_seq_read(vga);
    case PORT_DAC_MASK: return vga->dac_mask;
    case PORT_DAC_READ: return vga->dac_state;
    case PORT_DAC_WRITE: return vga->dac_index;
    case PORT_DAC: return vga_dac_read(vga);
    case PORT_FEATURE_READ: return vga->feature;
    case PORT_MISC_READ: return vga->misc;
    case PORT_GFX_INDEX: return vga->gfx_index;
    case PORT_GFX: return vga_gfx_read(vga);
    default: return 0xff;
    }
}

static void vga_write_misc(struct vga *vga, uint8_t val)
{
    vga->misc = val & 0xef; /* bit 4 does nothing on a VGA */
    vga_mem_update(vga);
    vga_crtc_retime(vga);
}

static void vga_out(void *opaque, uint16_t port, uint8_t val)
{
    struct vga *vga = opaque;

    if (port == PORT_ENABLE) {
        vga->enabled = val & 1;
        vga_mem_update(vga);
    }
    if (!vga->enabled)
        return;
    switch (port) {
    case PORT_ATTR: vga_attr_write(vga, val); break;
    case PORT_MISC: vga_write_misc(vga, val); break;
    case PORT_SEQ_INDEX: vga->seq_index = val & 0x07; break;
    case PORT_SEQ: vga_seq_write(vga, val); break;
    case PORT_DAC_MASK: vga->dac_mask = val; break;
    case PORT_DAC_READ: vga_dac_read_at(vga, val); break;
    case PORT_DAC_WRITE: vga_dac_write_at(vga, val); break;
    case PORT_DAC: vga_dac_write(vga, val); break;
    case PORT_GFX_INDEX: vga->gfx_index = val & 0x0f; break;
    case PORT_GFX: vga_gfx_write(vga, val); break;
    default: break;
    }
}

/* Ports 3Bxh and 3Dxh: only one of the two answers. */
static bool vga_crtc_selected(const struct vga *vga, uint16_t port)
{
    uint16_t base = vga->misc & MISC_COLOUR ? PORT_COLOUR : PORT_MONO;

    return vga->enabled && (port & 0xfff0) == base;
}

static uint8_t vga_crtc_in(void *opaque, uint16_t port)
{
    struct vga *vga = opaque;

    if (!vga_crtc_selected(vga, port))
        return 0xff;
    switch (port & 15) {
    case CRTC_INDEX_OFFSET: return vga->crtc_index;
    case CRTC_DATA_OFFSET: return vga_crtc_read(vga);
    default:
        vga->attr_toggle = 0; /* the attribute controller's next write is an index */
        return vga_crtc_status(vga);
    }
}

static void vga_crtc_out(void *opaque, uint16_t port, uint8_t val)
{
    struct vga *vga = opaque;

    if (!vga_crtc_selected(vga, port))
        return;
    switch (port & 15) {
    case CRTC_INDEX_OFFSET: vga->crtc_index = val & 0x3f; break;
    case CRTC_DATA_OFFSET: vga_crtc_write(vga, val); break;
    default: vga->feature = val & 0x0b; break;
    }
}

static const struct port_range vga_ports[] = {
    { .first = PORT_MONO + CRTC_INDEX_OFFSET, .count = 2, .in = vga_crtc_in, .out = vga_crtc_out },
    { .first = PORT_MONO + STATUS_OFFSET, .count = 1, .in = vga_crtc_in, .out = vga_crtc_out },
    { .first = PORT_ATTR, .count = 16, .in = vga_in, .out = vga_out },
    { .first = PORT_COLOUR + CRTC_INDEX_OFFSET, .count = 2, .in = vga_crtc_in, .out = vga_crtc_out },
    { .first = PORT_COLOUR + STATUS_OFFSET, .count = 1, .in = vga_crtc_in, .out = vga_crtc_out },
};

static void vga_loaded(void *obj)
{
    vga_crtc_update(obj);
    vga_mem_update(obj);
}

void vga_reset(struct vga *vga)
{
    vga->enabled = 1; /* as adapters are strapped: firmware need not wake it */
    vga->misc = 0;
    vga->feature = 0;
    vga->seq_index = vga->gfx_index = vga->crtc_index = vga->attr_index = 0;
    vga->attr_toggle = 0;
    memset(vga->seq, 0, sizeof vga->seq);
    memset(vga->gfx, 0, sizeof vga->gfx);
    memset(vga->attr, 0, sizeof vga->attr);
    vga->dac_mask = 0xff;
    vga_dac_write_at(vga, 0);
    vga_crtc_reset(vga);
    vga_mem_update(vga);
}

void vga_clear(struct vga *vga)
{
    memset(vga->mem, 0, sizeof vga->mem);
    memset(vga->dac, 0, sizeof vga->dac);
}

struct vga *vga_new(const struct vga_config *cfg)
{
    struct vga *vga = xcalloc(1, sizeof *vga);

    vga->sched = cfg->sched;
    vga->irq = cfg->irq;
    vga->video = (struct video_source){
        .mode = vga_render_mode,
        .text = vga_render_text,
        .render = vga_render_frame,
        .retrace = vga_crtc_retrace,
        .copy = vga_render_copy,
        .size = sizeof *vga,
        .opaque = vga,
    };
    vga_crtc_init(vga);
    vga_reset(vga);
    bus_map_ports(cfg->bus, vga_ports, ARRAY_LEN(vga_ports), vga);
    bus_map_mmio(cfg->bus, VGA_APERTURE, VGA_APERTURE_LEN, &vga_mem_ops, vga);
    vga->bus = cfg->bus;
    state_register(cfg->state, "vga", 2, vga_fields, vga);
    state_hooks(cfg->state, NULL, vga_loaded, vga);
    return vga;
}

void vga_free(struct vga *vga)
{
    free(vga);
}

const struct video_source *vga_video(const struct vga *vga)
{
    return &vga->video;
}

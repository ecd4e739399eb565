/* What the files of the VGA share; nobody else includes this. */
#ifndef HW_VGA_PRIV_H
#define HW_VGA_PRIV_H

#include "base/bits.h"
#include "hw/vga.h"

enum {
    VGA_MEM = 256 * 1024, /* four maps of 64 KiB, bytes of one address side by side */
    VGA_APERTURE = 0xa0000,
    VGA_APERTURE_LEN = 0x20000,
    VGA_DIRECT_LEN = 0x10000, /* as plain memory: vga_mem.c */
    VGA_DAC_COLOURS = 256,
};

enum vga_seq_reg {
    SEQ_RESET,
    SEQ_CLOCKING,
    SEQ_MAP_MASK,
    SEQ_CHAR_MAP,
    SEQ_MEMORY_MODE,
    SEQ_REGS,
};

enum vga_gfx_reg {
    GFX_SET_RESET,
    GFX_ENABLE_SET_RESET,
    GFX_COLOUR_COMPARE,
    GFX_DATA_ROTATE,
    GFX_READ_MAP,
    GFX_MODE,
    GFX_MISC,
    GFX_COLOUR_DONT_CARE,
    GFX_BIT_MASK,
    GFX_REGS,
};

enum vga_attr_reg {
    ATTR_MODE = 0x10,
    ATTR_OVERSCAN = 0x11,
    ATTR_PLANE_ENABLE = 0x12,
    ATTR_PANNING = 0x13,
    ATTR_COLOUR_SELECT = 0x14,
    ATTR_REGS,
    ATTR_PAS = 0x20, /* palette address source, in the index register */
};

enum vga_crtc_reg {
    CRTC_H_TOTAL = 0x00,
    CRTC_H_DISPLAY_END = 0x01,
    CRTC_V_TOTAL = 0x06,
    CRTC_OVERFLOW = 0x07,
    CRTC_PRESET_ROW = 0x08,
    CRTC_MAX_SCAN = 0x09,
    CRTC_CURSOR_START = 0x0a,
    CRTC_CURSOR_END = 0x0b,
    CRTC_START_HIGH = 0x0c,
    CRTC_START_LOW = 0x0d,
    CRTC_CURSOR_HIGH = 0x0e,
    CRTC_CURSOR_LOW = 0x0f,
    CRTC_V_RETRACE_START = 0x10,
    CRTC_V_RETRACE_END = 0x11,
    CRTC_V_DISPLAY_END = 0x12,
    CRTC_OFFSET = 0x13,
    CRTC_UNDERLINE = 0x14,
    CRTC_MODE = 0x17,
    CRTC_LINE_COMPARE = 0x18,
    CRTC_REGS,
    CRTC_LATCH = 0x22,  /* undocumented: read-back of a latch */
    CRTC_TOGGLE = 0x24, /* undocumented: attribute flip-flop */
};

/* What the programmed timings come to; derived. */
struct vga_timing {
    uint64_t clock_hz;    /* of the dot clock before division */
    uint32_t char_dots;   /* of that clock, a character */
    uint32_t line_dots;   /* a scan line */
    uint32_t shown_dots;  /* of them in the display area */
    uint32_t lines;       /* a frame, in counts of the vertical counter */
    uint32_t lines_shown;
    uint32_t retrace;     /* first line of vertical retrace */
    uint32_t retrace_len;
    uint32_t count_dots;  /* one count of the vertical counter: one or two lines */
    uint64_t frame_dots;
    uint64_t retrace_dot; /* of the frame, where vertical retrace starts */
};

struct vga {
    /* Saved: vga_fields. */
    uint64_t scan_vtime0; /* origin of the beam: at this time it stood ... */
    uint64_t scan_tick0;  /* ... this many dots into ... */
    uint64_t frame0;      /* ... this frame */
    uint64_t start_retraces; /* retraces seen when the start address was last written */
    uint64_t irq_retraces;   /* retraces seen when the interrupt was last cleared */
    struct event retrace_event; /* armed only while the interrupt is enabled */
    uint8_t mem[VGA_MEM];
    uint32_t latch;         /* one byte a map */
    uint16_t start_latched; /* start address in use until the next retrace */
    uint8_t irq_pending;
    uint8_t enabled; /* 3C3h bit 0 */
    uint8_t misc;    /* miscellaneous output */
    uint8_t feature;
    uint8_t seq_index;
    uint8_t seq[SEQ_REGS];
    uint8_t gfx_index;
    uint8_t gfx[GFX_REGS];
    uint8_t crtc_index;
    uint8_t crtc[CRTC_REGS];
    uint8_t attr_index;
    uint8_t attr_toggle; /* 1: the next write to 3C0h is data */
    uint8_t attr[ATTR_REGS];
    uint8_t dac_mask;
    uint8_t dac_index;
    uint8_t dac_phase; /* component of the next access, 0 to 2 */
    uint8_t dac_state; /* as 3C7h reads: 0 writing, 3 reading */
    uint8_t dac_hold[3];
    uint8_t dac[VGA_DAC_COLOURS * 3];
    /* Derived from the registers: vga_mem_update, vga_crtc_update. */
    uint8_t plain; /* the CPU's bytes reach memory as they are */
    uint32_t (*read)(struct vga *vga, uint32_t off, unsigned size);
    void (*write)(struct vga *vga, uint32_t off, unsigned size, uint32_t val);
    uint32_t window, window_len; /* decoded part of the aperture */
    uint32_t addr_mask;          /* of an address inside a map */
    uint32_t map_mask;           /* FFh in each byte that may be written */
    uint32_t bit_mask, set_reset, enable_set_reset, compare, care;
    struct vga_timing timing;
    /* Wiring.  A copy for a picture (vga_render_copy) has none, but a time. */
    struct video_source video;
    vtime copied_at;
    struct sched *sched;
    struct bus *bus;
    struct irq_line *irq;
};

/* The four low bits of v, each spread over a byte: one bit a map. */
static inline uint32_t vga_spread(unsigned v)
{
    return ((v & 15) * 0x00204081u & 0x01010101u) * 0xffu;
}

/*
 * Where the four bytes of an address lie.  Chain 4 as a BIOS sets it reaches a
 * quarter of the addresses, those whose two low bits equal their two high ones:
 * they come first, in the order in which the CPU sees them.
 */
static inline uint32_t vga_cell_at(uint32_t addr)
{
    return ((addr - (addr >> 14)) & 3) << 16 | (addr & 0xfffc);
}

static inline uint8_t *vga_cell(struct vga *vga, uint32_t addr)
{
    return &vga->mem[vga_cell_at(addr & 0xffff)];
}

/* vga_crtc.c */
void vga_crtc_write(struct vga *vga, uint8_t val);
uint8_t vga_crtc_read(const struct vga *vga);
void vga_crtc_init(struct vga *vga);
void vga_crtc_reset(struct vga *vga);
void vga_crtc_update(struct vga *vga); /* timings: derived state only */
void vga_crtc_retime(struct vga *vga); /* a register that matters to timing changed */
uint8_t vga_crtc_status(const struct vga *vga);     /* input status 1 */
bool vga_crtc_irq_pending(const struct vga *vga);   /* input status 0, bit 7 */
uint16_t vga_crtc_start(const struct vga *vga);     /* start address in use */
uint64_t vga_crtc_frame(const struct vga *vga);     /* frames since power-on: blinking */
vtime vga_crtc_retrace(void *opaque);               /* start of the next vertical retrace */

/* vga_seq.c, vga_gfx.c, vga_attr.c, vga_dac.c */
void vga_seq_write(struct vga *vga, uint8_t val);
uint8_t vga_seq_read(const struct vga *vga);
void vga_gfx_write(struct vga *vga, uint8_t val);
uint8_t vga_gfx_read(const struct vga *vga);
void vga_attr_write(struct vga *vga, uint8_t val);
uint8_t vga_attr_read(const struct vga *vga);
void vga_dac_read_at(struct vga *vga, uint8_t index);
void vga_dac_write_at(struct vga *vga, uint8_t index);
uint8_t vga_dac_read(struct vga *vga);
void vga_dac_write(struct vga *vga, uint8_t val);
/* XRGB of what the attribute controller sends for `index`, through mask and DAC. */
uint32_t vga_dac_colour(const struct vga *vga, uint8_t index);
/* DAC index of a 4-bit pixel: map enable, palette and colour select. */
uint8_t vga_attr_index(const struct vga *vga, unsigned pixel);

/* vga_mem.c */
extern const struct mmio_ops vga_mem_ops;
void vga_mem_update(struct vga *vga);

/* vga_render.c */
void vga_render_mode(void *opaque, struct video_mode *out);
bool vga_render_text(void *opaque, struct video_text *out);
void vga_render_frame(void *opaque, struct video_frame *out);
void vga_render_copy(void *opaque, void *to);

#endif

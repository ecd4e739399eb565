/*
 * VGA BIOS: what its files share.
 *
 * How the code runs: real or V86 mode, CS = ROM segment (C000h), on the
 * caller's stack with interrupts on.  entry.S loads
 *     DS = ES = SS   so that a pointer to a local is a plain pointer,
 *     FS = CS        ROM tables: objects qualified ROM,
 *     GS = 0         interrupt vectors and BIOS data: objects qualified LOW,
 * and clears the upper half of ESP.  Video memory and the caller's buffers
 * are reached with the far_* helpers, which borrow ES (and DS) and give it
 * back.  There is no writable data in the ROM and no DS-relative constant:
 * the linker script refuses both.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, "BIOS data
 *         area" and "Interrupt 10h - Video"; IBM Personal System/2 Hardware
 *         Interface Technical Reference, "Video subsystem".
 */
#ifndef BIOS_VGA_VGA_H
#define BIOS_VGA_VGA_H

#include <stdbool.h>
#include <stdint.h>

#define ROM      __seg_fs const
#define LOW      __seg_gs
#define ROM_DATA __attribute__((section(".romdata")))
#define PACKED   __attribute__((packed))

enum { ROM_SEG = 0xc000 };

/* The caller's registers as entry.S pushes them; changes go back to it. */
struct regs {
    uint16_t gs, fs, es, ds;
    union {
        uint32_t edi;
        uint16_t di;
    };
    union {
        uint32_t esi;
        uint16_t si;
    };
    union {
        uint32_t ebp;
        uint16_t bp;
    };
    uint32_t esp;
    union {
        uint32_t ebx;
        uint16_t bx;
        struct {
            uint8_t bl, bh;
        };
    };
    union {
        uint32_t edx;
        uint16_t dx;
        struct {
            uint8_t dl, dh;
        };
    };
    union {
        uint32_t ecx;
        uint16_t cx;
        struct {
            uint8_t cl, ch;
        };
    };
    union {
        uint32_t eax;
        uint16_t ax;
        struct {
            uint8_t al, ah;
        };
    };
    uint16_t ip, cs, flags;
};

struct far_ptr {
    uint16_t off, seg;
};

/* BIOS data area, segment 0040h: the video part and what it leans on. */
struct bda {
    uint8_t unused_00[0x10];
    uint16_t equipment; /* 10h: bits 4-5 first display, 3 is monochrome */
    uint8_t unused_12[0x37];
    uint8_t mode;         /* 49h */
    uint16_t cols;        /* 4Ah */
    uint16_t page_size;   /* 4Ch: bytes */
    uint16_t page_start;  /* 4Eh: bytes */
    uint16_t cursor[8];   /* 50h: row high, column low */
    uint8_t cursor_end;   /* 60h */
    uint8_t cursor_start; /* 61h */
    uint8_t page;         /* 62h */
    uint16_t crtc;        /* 63h: 3B4h or 3D4h */
    uint8_t cga_mode;     /* 65h: what a CGA's 3D8h would hold */
    uint8_t cga_colour;   /* 66h: what a CGA's 3D9h would hold */
    uint8_t unused_67[0x84 - 0x67];
    uint8_t rows;      /* 84h: rows less one */
    uint16_t height;   /* 85h: scan lines of a character */
    uint8_t control;   /* 87h: CTL_* */
    uint8_t switches;  /* 88h */
    uint8_t flags;     /* 89h: FLG_* */
    uint8_t dcc_index; /* 8Ah: row of the combination table */
    uint8_t unused_8b[0xa8 - 0x8b];
    struct far_ptr save_ptr; /* A8h: save pointer table */
    uint8_t unused_ac[0x54];
    uint8_t print_screen; /* 50:00: 0 idle, 1 busy, FFh failed */
} PACKED;

_Static_assert(__builtin_offsetof(struct bda, mode) == 0x49, "BDA");
_Static_assert(__builtin_offsetof(struct bda, rows) == 0x84, "BDA");
_Static_assert(__builtin_offsetof(struct bda, save_ptr) == 0xa8, "BDA");
_Static_assert(__builtin_offsetof(struct bda, print_screen) == 0x100, "BDA");

enum {
    CTL_NO_CURSOR_EMULATION = 0x01,
    CTL_256K = 0x60,
    CTL_NO_CLEAR = 0x80,

    FLG_VGA = 0x01,
    FLG_GREY = 0x02,
    FLG_NO_PALETTE = 0x08,
    FLG_400 = 0x10,
    FLG_200 = 0x80,
};

/* The linker script places these at linear 400h and 0. */
extern struct bda LOW bda;
extern struct far_ptr LOW ivt[256];

/* One row of the video parameter table: 64 bytes, layout given by IBM. */
struct vparam {
    uint8_t cols;
    uint8_t rows; /* less one */
    uint8_t height;
    uint16_t page_size;
    uint8_t seq[4]; /* sequencer 1-4 */
    uint8_t misc;
    uint8_t crtc[25];
    uint8_t attr[20]; /* attribute controller 0-13h */
    uint8_t gfx[9];
} PACKED;

_Static_assert(sizeof(struct vparam) == 64, "video parameter row");

#define VPARAM(field) __builtin_offsetof(struct vparam, field)

enum vga_port {
    PORT_ATTR = 0x3c0,
    PORT_ATTR_READ = 0x3c1,
    PORT_MISC = 0x3c2,
    PORT_SEQ = 0x3c4,
    PORT_PEL_MASK = 0x3c6,
    PORT_DAC_READ = 0x3c7,
    PORT_DAC_WRITE = 0x3c8,
    PORT_DAC_DATA = 0x3c9,
    PORT_FEATURE_READ = 0x3ca,
    PORT_MISC_READ = 0x3cc,
    PORT_GFX = 0x3ce,
};

/* How video memory is arranged in a mode. */
enum layout {
    LAYOUT_TEXT,
    LAYOUT_CGA1,   /* mode 6: 1 bit a pixel, two banks */
    LAYOUT_CGA2,   /* modes 4, 5: 2 bits a pixel, two banks */
    LAYOUT_PLANAR, /* modes 0Dh-12h */
    LAYOUT_BYTE,   /* mode 13h */
};

/* Port access. */
static inline void outb(uint16_t port, uint8_t val)
{
    __asm__ volatile("outb %0, %1" : : "a"(val), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t val)
{
    __asm__ volatile("outw %0, %1" : : "a"(val), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t val;

    __asm__ volatile("inb %1, %0" : "=a"(val) : "Nd"(port));
    return val;
}

/* An index/data pair written at once, as every VGA allows. */
static inline void out_indexed(uint16_t port, uint8_t index, uint8_t val)
{
    outw(port, (uint16_t) (val << 8 | index));
}

static inline uint8_t in_indexed(uint16_t port, uint8_t index)
{
    outb(port, index);
    return inb(port + 1);
}

static inline void crtc_out(uint8_t index, uint8_t val)
{
    out_indexed(bda.crtc, index, val);
}

static inline void seq_out(uint8_t index, uint8_t val)
{
    out_indexed(PORT_SEQ, index, val);
}

static inline void gfx_out(uint8_t index, uint8_t val)
{
    out_indexed(PORT_GFX, index, val);
}

/* Far memory: ES is lent to the access and given back as SS. */
static inline uint8_t far_read8(uint16_t seg, uint32_t off)
{
    uint8_t val;

    __asm__ volatile("movw %w[s], %%es\n\t"
                     "movb %%es:(%[o]), %[v]\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [v] "=&q"(val), [s] "+r"(seg)
                     : [o] "r"(off)
                     : "memory");
    return val;
}

static inline uint16_t far_read16(uint16_t seg, uint32_t off)
{
    uint16_t val;

    __asm__ volatile("movw %w[s], %%es\n\t"
                     "movw %%es:(%[o]), %[v]\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [v] "=&r"(val), [s] "+r"(seg)
                     : [o] "r"(off)
                     : "memory");
    return val;
}

static inline void far_write8(uint16_t seg, uint32_t off, uint8_t val)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "movb %[v], %%es:(%[o])\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg)
                     : [o] "r"(off), [v] "q"(val)
                     : "memory");
}

static inline void far_write16(uint16_t seg, uint32_t off, uint16_t val)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "movw %[v], %%es:(%[o])\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg)
                     : [o] "r"(off), [v] "r"(val)
                     : "memory");
}

static inline void far_write32(uint16_t seg, uint32_t off, uint32_t val)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "movl %[v], %%es:(%[o])\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg)
                     : [o] "r"(off), [v] "r"(val)
                     : "memory");
}

/* Fill `count` bytes upwards; offsets wrap at 64 KiB as the CPU's do. */
static inline void far_fill8(uint16_t seg, uint16_t off, uint8_t val,
                             uint16_t count)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "rep stosb\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg), "+D"(off), "+c"(count)
                     : "a"(val)
                     : "memory");
}

/* The same with `count` words. */
static inline void far_fill16(uint16_t seg, uint16_t off, uint16_t val,
                              uint16_t count)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "rep stosw\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg), "+D"(off), "+c"(count)
                     : "a"(val)
                     : "memory");
}

/* The same with `count` doublewords. */
static inline void far_fill32(uint16_t seg, uint16_t off, uint32_t val,
                              uint16_t count)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "rep stosl\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg), "+D"(off), "+c"(count)
                     : "a"(val)
                     : "memory");
}

/* Copy `count` bytes upwards between segments. */
static inline void far_copy8(uint16_t dseg, uint16_t dst, uint16_t sseg,
                             uint16_t src, uint16_t count)
{
    __asm__ volatile("movw %w[d], %%es\n\t"
                     "movw %w[s], %%ds\n\t"
                     "rep movsb\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%ds\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(sseg), "+D"(dst), "+S"(src), "+c"(count)
                     : [d] "r"(dseg)
                     : "memory");
}

/* Copy upwards inside one segment, `count` bytes or doublewords. */
static inline void far_move8(uint16_t seg, uint16_t dst, uint16_t src,
                             uint16_t count)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "movw %w[s], %%ds\n\t"
                     "rep movsb\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%ds\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg), "+D"(dst), "+S"(src), "+c"(count)
                     :
                     : "memory");
}

static inline void far_move32(uint16_t seg, uint16_t dst, uint16_t src,
                              uint16_t count)
{
    __asm__ volatile("movw %w[s], %%es\n\t"
                     "movw %w[s], %%ds\n\t"
                     "rep movsl\n\t"
                     "movw %%ss, %w[s]\n\t"
                     "movw %w[s], %%ds\n\t"
                     "movw %w[s], %%es"
                     : [s] "+r"(seg), "+D"(dst), "+S"(src), "+c"(count)
                     :
                     : "memory");
}

/* Fields of a parameter row, which a program may have put anywhere. */
static inline uint8_t row_read8(struct far_ptr row, uint16_t field)
{
    return far_read8(row.seg, (uint16_t) (row.off + field));
}

/* modes.c */
int mode_param_index(uint8_t mode);
struct far_ptr save_entry(uint16_t at);
struct far_ptr mode_param_row(int index);
enum layout mode_layout(void);
uint16_t mode_segment(void);
bool mode_is_mono(void);
bool mode_is_200_lines(void);

/* modeset.c */
void int10_00(struct regs *r);
void vga_post(void);

/* cursor.c */
void cursor_program_shape(void);
void cursor_place(uint8_t page, uint16_t pos);
void page_select(uint8_t page);
void int10_01(struct regs *r);
void int10_02(struct regs *r);
void int10_03(struct regs *r);
void int10_04(struct regs *r);
void int10_05(struct regs *r);
void int10_0f(struct regs *r);

/* scroll.c */
struct window {
    uint8_t top, left, bottom, right;
};
void scroll(const struct window *w, uint8_t lines, bool down, uint8_t attr);
void int10_06(struct regs *r);
void int10_07(struct regs *r);

/* text.c */
uint16_t text_offset(uint8_t page, uint16_t pos);
void int10_08(struct regs *r);
void int10_09(struct regs *r);
void int10_0a(struct regs *r);
void int10_0e(struct regs *r);
void int10_13(struct regs *r);

/* gfx.c */
struct far_ptr gfx_glyph(uint8_t ch);
void gfx_write_char(uint8_t page, uint16_t pos, uint8_t ch, uint8_t colour);
uint8_t gfx_read_char(uint8_t page, uint16_t pos);
void int10_0c(struct regs *r);
void int10_0d(struct regs *r);

/* dac.c */
void dac_load_default(void);
void dac_write(uint8_t index, uint8_t red, uint8_t green, uint8_t blue);
void dac_grey(uint16_t first, uint16_t count);

/* palette.c */
uint8_t attr_read(uint8_t index);
void attr_write(uint8_t index, uint8_t val);
void palette_note(uint8_t index, uint8_t val);
void int10_0b(struct regs *r);
void int10_10(struct regs *r);

/* font.c */
extern ROM uint8_t font_8x8[], font_8x14[], font_8x16[];
void font_set_mode(void);
void font_set_vectors(void);
void int10_11(struct regs *r);

/* info.c */
void int10_12(struct regs *r);
void int10_1a(struct regs *r);
void int10_1b(struct regs *r);

/* state.c */
void int10_1c(struct regs *r);

/* prtsc.c: INT 05h after AH=12h BL=20h; the entry is in entry.S. */
void int05_print_screen(void);
extern const char vga_int05_entry[], vga_int10_entry[];

/* dispatch.c */
void int10(struct regs *r);

#endif

/*
 * What every part of the system BIOS shares: the caller's registers, the ways
 * to reach memory outside of our own segment, and the way to call out.
 *
 * The world a C function of the BIOS lives in (set up by entry.S):
 *   mode        real or virtual 8086, code segment F000h, 386 instructions
 *   DS=ES=SS    the EBDA segment; ESP counts down from its end, upper half 0
 *   FS          0040h: `bda` is a struct there
 *   GS          the EBDA segment: `ebda` is a struct there
 *   IF=0, DF=0  but for wait_halt(), wait_window() and the call_*() functions,
 *               which run on the caller's stack and so let others in
 * There is no writable data but bda, ebda and locals.  Constant data lies in
 * ROM, which DS does not reach: read it with rom_*() and print it with put_*().
 */
#ifndef BIOS_BIOS_H
#define BIOS_BIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIOS_REG(n)                                                            \
    union {                                                                    \
        uint32_t e##n##x;                                                      \
        uint16_t n##x;                                                         \
        struct {                                                               \
            uint8_t n##l, n##h;                                                \
        };                                                                     \
    }

/* The registers of who called an interrupt; entry.S knows the offsets. */
struct frame {
    BIOS_REG(a); /* 00h */
    BIOS_REG(b); /* 04h */
    BIOS_REG(c); /* 08h */
    BIOS_REG(d); /* 0Ch */
    union {
        uint32_t esi; /* 10h */
        uint16_t si;
    };
    union {
        uint32_t edi; /* 14h */
        uint16_t di;
    };
    union {
        uint32_t ebp; /* 18h */
        uint16_t bp;
    };
    uint16_t ds, es, fs, gs; /* 1Ch 1Eh 20h 22h */
    uint16_t flags;          /* 24h: goes back into the caller's FLAGS image */
    uint16_t handler;        /* 26h */
    uint32_t esp;            /* 28h: of the caller, as entry.S left it */
    uint16_t ss, pad;        /* 2Ch 2Eh */
};

/* What goes into and comes out of a call_out(); offsets known to entry.S. */
struct callout {
    BIOS_REG(a);      /* 00h in, out */
    BIOS_REG(b);      /* 04h in, out */
    BIOS_REG(c);      /* 08h in, out */
    BIOS_REG(d);      /* 0Ch in, out */
    uint16_t es;      /* 10h in */
    uint16_t flags;   /* 12h out */
    uint16_t off;     /* 14h in: whom to call */
    uint16_t seg;     /* 16h */
    uint16_t pushes;  /* 18h in: words pushed before the return address */
    uint16_t word[4]; /* 1Ah in: first one is pushed first */
};

enum {
    FLAG_CF = 0x0001,
    FLAG_ZF = 0x0040,
    FLAG_IF = 0x0200,
    SEG_BIOS = 0xf000,
};

static inline void frame_carry(struct frame *f, bool on)
{
    f->flags = on ? f->flags | FLAG_CF : f->flags & ~FLAG_CF;
}

static inline void frame_zero(struct frame *f, bool on)
{
    f->flags = on ? f->flags | FLAG_ZF : f->flags & ~FLAG_ZF;
}

/* AH = status, CF = status is not 0: how INT 13h and INT 15h answer. */
static inline void frame_status(struct frame *f, uint8_t status)
{
    f->ah = status;
    frame_carry(f, status != 0);
}

/* ROM: addresses are offsets in F000h, as the linker gives them. */
uint8_t rom_u8(const void *p);
uint16_t rom_u16(const void *p);
uint32_t rom_u32(const void *p);
void rom_copy(void *dst, const void *src, uint32_t len);

/* Any other memory. far_in and far_out move between it and a local variable. */
uint8_t far_u8(uint16_t seg, uint16_t off);
uint16_t far_u16(uint16_t seg, uint16_t off);
uint32_t far_u32(uint16_t seg, uint16_t off);
void far_put8(uint16_t seg, uint16_t off, uint8_t val);
void far_put16(uint16_t seg, uint16_t off, uint16_t val);
void far_put32(uint16_t seg, uint16_t off, uint32_t val);
void far_in(void *dst, uint16_t seg, uint16_t off, uint32_t len);
void far_out(uint16_t seg, uint16_t off, const void *src, uint32_t len);
void far_fill(uint16_t seg, uint16_t off, uint8_t val, uint32_t len);

uint8_t far_sum(uint16_t seg, uint16_t off, uint32_t len); /* len is not 0 */

/* Between the EBDA and a local variable; clang 14 cannot assign such structs. */
void ebda_load(void *dst, uint16_t off, uint32_t len);
void ebda_store(uint16_t off, const void *src, uint32_t len);

/* For the compiler, which makes calls of them. */
void *memcpy(void *dst, const void *src, size_t len);
void *memset(void *dst, int val, size_t len);

/*
 * Waiting and calling, on the caller's stack (entry.S).  wait_halt is STI, HLT,
 * CLI; wait_window STI, two instructions, CLI.  call_out calls off:seg with the
 * registers given, DS 0040h; call_int goes through a vector, with an IRET frame.
 */
void wait_halt(void);
void wait_window(void);
void call_out(struct callout *c);
void call_int(struct callout *c, uint8_t vector);

/* Registers that only assembly can see. */
uint16_t cpu_msw(void);
uint16_t cpu_family(void); /* 3, 4, or what CPUID says */
bool cpu_has_cpuid(void);
uint32_t cpu_cpuid(uint32_t leaf, uint32_t out[4]);
bool fpu_present(void);

/* Text on the screen by INT 10h, and on the debug console if there is one. */
void put_char(char c);
void put_text(const char *rom);
/* %s ROM text, %l local text, %u, %x (8 digits), %c, %% */
void put_format(const char *rom, ...);

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif

/*
 * What translated code calls, with its registers where they are: flags, segments,
 * devices that need no time.  What is not plain is left to the interpreter's step.
 */
#include "config.h"

#include "cpu/exec.h"
#include "cpu/flags.h"
#include "cpu/mem.h"
#include "cpu/segment.h"
#include "cpu/transfer.h"
#include "jit/jit_priv.h"

/* For SAHF and an addition of 127: AH, and OF in bit 0. */
static uint32_t jit_image(const struct cpu *cpu)
{
    uint32_t f = flags_get(cpu);

    return (f & 0xff) << 8 | (f & FLAG_OF ? 1 : 0);
}

static uint32_t jit_load_flags(struct jit *jit)
{
    jit_settle_flags(jit);
    return jit_image(jit->cpu);
}

/* For PUSHF and INT. */
static uint32_t jit_read_flags(struct jit *jit, uint32_t unused)
{
    (void) unused;
    jit_settle_flags(jit);
    return cpu_read_eflags(jit->cpu) & ~(uint32_t) (FLAG_RF | FLAG_VM);
}

/* For POPF and IRET of real mode, 16 bits; 0: somebody has to look what comes of it. */
static uint32_t jit_write_flags(struct jit *jit, uint32_t val)
{
    struct cpu *cpu = jit->cpu;

    if ((val & FLAG_TF) || ((val ^ cpu->eflags) & FLAG_DF) || cpu->attention != 0 || cpu_protected(cpu))
        return 0;
    jit_settle_flags(jit);
    cpu_write_eflags(cpu, val, 0xffff);
    return 1;
}

/* The next instruction is to be of the same block. */
static uint32_t jit_load_stack(struct cpu *cpu, uint16_t sel)
{
    struct seg before = cpu->seg[SS];
    uint32_t profile = cpu->profile;

    if (!seg_load_simple(cpu, SS, sel))
        return 0;
    if (cpu->profile == profile)
        return 1;
    seg_set(cpu, SS, &before);
    return 0;
}

/* In protected mode.  0: it is not done, somebody has to look. */
static uint32_t jit_load_segment(struct jit *jit, uint32_t what)
{
    struct cpu *cpu = jit->cpu;
    unsigned seg = what >> 16;
    uint32_t profile = cpu->profile;

    if (seg == SS)
        return jit_load_stack(cpu, (uint16_t) what);
    if (!seg_load_simple(cpu, seg, (uint16_t) what))
        return 0;
    jit->moved = cpu->profile != profile;
    return 1;
}

/* Bit 32: yes, the rest is what LAR or LSL load; ZF says it too.  UINT64_MAX: somebody has to look. */
static uint64_t jit_ask_segment(struct jit *jit, uint32_t what)
{
    struct cpu *cpu = jit->cpu;
    uint16_t sel = (uint16_t) what;
    uint32_t val = 0;
    bool yes;

    if (!desc_is_direct(cpu, sel) || !seg_ask(cpu, what >> 16, sel, &yes, &val))
        return UINT64_MAX;
    jit_settle_flags(jit);
    cpu->f_zero = !yes;
    return yes ? UINT64_C(1) << 32 | val : 0;
}

/* CS as it was, and bit 16; 0: it is not done, somebody has to look. */
static uint32_t jit_enter_code(struct jit *jit, uint32_t what)
{
    struct cpu *cpu = jit->cpu;
    uint32_t before = cpu->seg[CS].sel;

    if (!code_enter_simple(cpu, what >> 16, (uint16_t) what, jit->far_eip))
        return 0;
    jit_set_context(jit);
    return 1u << 16 | before;
}

/* The block was for another profile: what follows is looked up by the one of now. */
static uint32_t jit_new_context(struct jit *jit, uint32_t unused)
{
    (void) unused;
    jit->moved = false;
    jit_set_context(jit);
    return 0;
}

/* Whose is the operand at `at`, linear, which is physical? */
static const struct mmio_region *jit_device(struct jit *jit, uint32_t at, uint32_t size)
{
    return at % PAGE_SIZE + size > PAGE_SIZE ? NULL : bus_timeless(jit->cpu->bus, at);
}

static uint64_t jit_device_read(struct jit *jit, uint32_t unused, uint32_t at, uint32_t size)
{
    const struct mmio_region *r = jit_device(jit, at, size);

    (void) unused;
    return r == NULL ? UINT64_MAX : r->ops->read(r->opaque, at, size);
}

static uint64_t jit_device_write(struct jit *jit, uint32_t val, uint32_t at, uint32_t size)
{
    const struct mmio_region *r = jit_device(jit, at, size);

    if (r == NULL)
        return UINT64_MAX;
    r->ops->write(r->opaque, at, size, val & UINT32_MAX >> (32 - 8 * size));
    return 0;
}

/* An operand that the page-pointer tables do not know yet; 0: it is left to a step. */
static uint64_t jit_fill(struct jit *jit, uint32_t laddr, uint32_t what)
{
    return (uintptr_t) paging_fill_early(jit->cpu, laddr, what & FILL_STORE, what & FILL_MARKS);
}

void jit_calls_init(struct jit *jit)
{
    jit->fill = jit_fill;
    jit->load_flags = jit_load_flags;
    jit->read_flags = jit_read_flags;
    jit->write_flags = jit_write_flags;
    jit->load_segment = jit_load_segment;
    jit->ask_segment = jit_ask_segment;
    jit->enter_code = jit_enter_code;
    jit->new_context = jit_new_context;
    jit->device_read = jit_device_read;
    jit->device_write = jit_device_write;
}

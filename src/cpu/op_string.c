/*
 * String instructions and REP.
 *
 * Each iteration is an instruction boundary: its registers are those of a
 * restart, events and interrupts come in between, a fault leaves what earlier
 * iterations did.  REP costs its class an iteration; a count of 0 costs one.
 * Source: Intel SDM vol. 2, REP, MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS.
 */
#include "config.h"

#include <stdlib.h>

#include "cpu/exec.h"
#include "cpu/io.h"

/* One iteration; false on a fault, with registers untouched. */
typedef bool string_step(struct cpu *cpu, const struct insn *in);

static uint32_t string_delta(const struct cpu *cpu, const struct insn *in)
{
    return cpu->eflags & FLAG_DF ? -(uint32_t) in->width : in->width;
}

static void string_advance(struct cpu *cpu, const struct insn *in, unsigned reg, uint32_t delta)
{
    cpu->gpr[reg] = (cpu->gpr[reg] & ~in->ea_mask) | ((cpu->gpr[reg] + delta) & in->ea_mask);
}

static bool string_load(struct cpu *cpu, const struct insn *in, uint32_t *val)
{
    return mem_read(cpu, in->seg, cpu->gpr[ESI] & in->ea_mask, in->width, val);
}

static bool movs_step(struct cpu *cpu, const struct insn *in)
{
    uint32_t v, delta = string_delta(cpu, in);

    if (!string_load(cpu, in, &v) || !mem_write(cpu, ES, cpu->gpr[EDI] & in->ea_mask, in->width, v))
        return false;
    string_advance(cpu, in, ESI, delta);
    string_advance(cpu, in, EDI, delta);
    return true;
}

static bool stos_step(struct cpu *cpu, const struct insn *in)
{
    if (!mem_write(cpu, ES, cpu->gpr[EDI] & in->ea_mask, in->width, reg_get(cpu, EAX * 4, in->width)))
        return false;
    string_advance(cpu, in, EDI, string_delta(cpu, in));
    return true;
}

static bool lods_step(struct cpu *cpu, const struct insn *in)
{
    uint32_t v;

    if (!string_load(cpu, in, &v))
        return false;
    reg_set(cpu, EAX * 4, in->width, v);
    string_advance(cpu, in, ESI, string_delta(cpu, in));
    return true;
}

static void string_compare(struct cpu *cpu, unsigned width, uint32_t a, uint32_t b)
{
    flags_sub(cpu, width, a, b, (a - b) & width_mask(width));
    cpu->f_carry = a < b;
}

static bool cmps_step(struct cpu *cpu, const struct insn *in)
{
    uint32_t a, b, delta = string_delta(cpu, in);

    if (!string_load(cpu, in, &a) || !mem_read(cpu, ES, cpu->gpr[EDI] & in->ea_mask, in->width, &b))
        return false;
    string_compare(cpu, in->width, a, b);
    string_advance(cpu, in, ESI, delta);
    string_advance(cpu, in, EDI, delta);
    return true;
}

static bool scas_step(struct cpu *cpu, const struct insn *in)
{
    uint32_t b;

    if (!mem_read(cpu, ES, cpu->gpr[EDI] & in->ea_mask, in->width, &b))
        return false;
    string_compare(cpu, in->width, reg_get(cpu, EAX * 4, in->width), b);
    string_advance(cpu, in, EDI, string_delta(cpu, in));
    return true;
}

/* The store is checked before the port is read: the read cannot be undone. */
static bool ins_step(struct cpu *cpu, const struct insn *in)
{
    uint16_t port = (uint16_t) cpu->gpr[EDX];
    uint32_t off = cpu->gpr[EDI] & in->ea_mask;

    if (!io_allowed(cpu, port, in->width) || !mem_probe_write(cpu, ES, off, in->width))
        return false;
    if (!mem_write(cpu, ES, off, in->width, io_in(cpu, port, in->width)))
        return false;
    string_advance(cpu, in, EDI, string_delta(cpu, in));
    return true;
}

static bool outs_step(struct cpu *cpu, const struct insn *in)
{
    uint16_t port = (uint16_t) cpu->gpr[EDX];
    uint32_t v;

    if (!io_allowed(cpu, port, in->width) || !string_load(cpu, in, &v))
        return false;
    io_out(cpu, port, in->width, v);
    string_advance(cpu, in, ESI, string_delta(cpu, in));
    return true;
}

/* --- runs of iterations at once ------------------------------------------ */

/*
 * Iterations that may start before the engine has to look at events again: an
 * iteration starts while ticks < horizon.
 */
static uint32_t string_budget(const struct cpu *cpu, const struct insn *in, uint32_t count)
{
    const struct sched *s = cpu->sched;
    uint64_t n;

    if (cpu->single || s->ticks >= s->horizon)
        return 1;
    n = (s->horizon - s->ticks + in->cost - 1) / in->cost;
    return n < count ? (uint32_t) n : count;
}

/* How many of `n` elements from there on lie in one page, below `end`, before offsets go round. */
static uint32_t string_room(const struct cpu *cpu, const struct insn *in, uint32_t laddr, uint32_t off, uint64_t end,
                            uint32_t n)
{
    uint32_t left, wrap;

    if (cpu->eflags & FLAG_DF) {
        left = laddr % PAGE_SIZE < off ? laddr % PAGE_SIZE : off;
        left = left / in->width + 1;
        return left < n ? left : n;
    }
    left = PAGE_SIZE - laddr % PAGE_SIZE;
    if (end - off < left)
        left = (uint32_t) (end - off);
    wrap = in->ea_mask - off; /* the last byte before offsets wrap is left to the steps */
    if (wrap < left)
        left = wrap;
    return left / in->width < n ? left / in->width : n;
}

/* How many of `n` elements from `off` on the tables serve, and where the first one is. */
static uint32_t string_run(struct cpu *cpu, const struct insn *in, unsigned seg, uint32_t off, bool write,
                           uint32_t n, uint8_t **host)
{
    uint64_t end = write ? cpu->write_end[seg] : cpu->read_end[seg];
    uint32_t laddr = cpu->seg[seg].base + off;

    *host = mem_direct(write ? cpu->wr : cpu->rd, laddr, in->width);
    if (*host == NULL || (uint64_t) off + in->width > end)
        return 0;
    return string_room(cpu, in, laddr, off, end, n);
}

/* The lowest of `n` elements from `p` on, downward or upward. */
static uint8_t *string_lowest(uint8_t *p, int width, uint32_t n)
{
    return width < 0 ? p + (ptrdiff_t) width * (n - 1) : p;
}

/* A width below 0: downward. */
static void string_copy(uint8_t *dst, uint8_t *src, int width, uint32_t n)
{
    unsigned w = (unsigned) abs(width);
    size_t len = (size_t) n * w;
    uint8_t *to = string_lowest(dst, width, n), *from = string_lowest(src, width, n);

    if (to < from + len && from < to + len) {
        /* An overlap may repeat a pattern: element by element. */
        for (; n != 0; n--, dst += width, src += width)
            store_le(dst, w, load_le(src, w));
    } else {
        memcpy(to, from, len);
    }
}

static void string_fill(uint8_t *dst, int width, uint32_t n, uint32_t val)
{
    unsigned w = (unsigned) abs(width);

    if (w == 1) {
        memset(string_lowest(dst, width, n), (int) val, n);
        return;
    }
    for (; n != 0; n--, dst += width)
        store_le(dst, w, val);
}

/* CMPS, SCAS: how many elements up to the first pair that ends the repetition, or all. */
static uint32_t string_find(const uint8_t *a, const uint8_t *b, int width_a, int width_b, uint32_t n, bool equal)
{
    unsigned w = (unsigned) abs(width_b);
    uint32_t i = 1;

    for (; i < n && (load_le(a, w) == load_le(b, w)) != equal; i++) {
        a += width_a;
        b += width_b;
    }
    return i;
}

static uint32_t string_compare_bulk(struct cpu *cpu, const struct insn *in, const uint8_t *src, const uint8_t *dst,
                                    int width, uint32_t n)
{
    uint8_t eax[4];
    int width_a = width;
    ptrdiff_t last;

    if (src == NULL) {
        store_le32(eax, cpu->gpr[EAX]);
        src = eax;
        width_a = 0;
    }
    n = string_find(src, dst, width_a, width, n, in->rep != REP_Z);
    last = n - 1;
    string_compare(cpu, in->width, load_le(src + last * width_a, in->width), load_le(dst + last * width, in->width));
    return n;
}

/* MOVS, STOS, CMPS, SCAS over plain memory: how many iterations were done. */
static uint32_t string_bulk(struct cpu *cpu, const struct insn *in, string_step *step, uint32_t n)
{
    bool moves = step == movs_step, reads = moves || step == cmps_step, stores = moves || step == stos_step;
    int width = cpu->eflags & FLAG_DF ? -(int) in->width : in->width;
    uint8_t *src = NULL, *dst;

    if ((!reads && !stores && step != scas_step) || n < 2)
        return 0;
    n = string_run(cpu, in, ES, cpu->gpr[EDI] & in->ea_mask, stores, n, &dst);
    if (n != 0 && reads)
        n = string_run(cpu, in, in->seg, cpu->gpr[ESI] & in->ea_mask, false, n, &src);
    if (n == 0)
        return 0;
    if (moves)
        string_copy(dst, src, width, n);
    else if (stores)
        string_fill(dst, width, n, reg_get(cpu, EAX * 4, in->width));
    else
        n = string_compare_bulk(cpu, in, src, dst, width, n);
    if (reads)
        string_advance(cpu, in, ESI, n * (uint32_t) width);
    string_advance(cpu, in, EDI, n * (uint32_t) width);
    return n;
}

/* --- devices that need no time --------------------------------------------- */

/* Elements one behind the other: in memory, or a device's. */
struct string_place {
    uint8_t *host; /* or NULL, and ... */
    const struct mmio_region *device;
    paddr addr;
};

/* How many of `n`.  To look for a device may be seen by nobody: marks are for the steps to set. */
static uint32_t string_place(struct cpu *cpu, const struct insn *in, unsigned seg, uint32_t off, bool write, uint32_t n,
                             struct string_place *p)
{
    uint64_t end = write ? cpu->write_end[seg] : cpu->read_end[seg];
    uint32_t laddr = cpu->seg[seg].base + off, room = string_run(cpu, in, seg, off, write, n, &p->host);

    if (room != 0 || mem_direct(cpu->rd, laddr, 1) != NULL) /* memory */
        return room;
    if ((cpu->dr[7] & 0xff) || cpu->empty_tables || (uint64_t) off + in->width > end
        || laddr % PAGE_SIZE + in->width > PAGE_SIZE || !paging_walk_is_settled(cpu, laddr, write)
        || !paging_fill(cpu, laddr, write ? ACCESS_WRITE : ACCESS_READ, cpu->cpl == 3, &p->addr))
        return 0;
    p->device = bus_timeless(cpu->bus, p->addr);
    return p->device == NULL ? 0 : string_room(cpu, in, laddr, off, end, n);
}

static uint32_t place_load(const struct string_place *p, unsigned width, int32_t at)
{
    if (p->host != NULL)
        return load_le(p->host + at, width);
    return p->device->ops->read(p->device->opaque, p->addr + (uint32_t) at, width);
}

static void place_store(const struct string_place *p, unsigned width, int32_t at, uint32_t val)
{
    if (p->host != NULL)
        store_le(p->host + at, width, val);
    else
        p->device->ops->write(p->device->opaque, p->addr + (uint32_t) at, width, val);
}

/* MOVS, STOS: how many iterations were done. */
static uint32_t string_bulk_device(struct cpu *cpu, const struct insn *in, string_step *step, uint32_t n)
{
    int32_t width = cpu->eflags & FLAG_DF ? -(int32_t) in->width : in->width;
    struct string_place src, dst;
    bool moves = step == movs_step;

    if ((!moves && step != stos_step) || n < 2)
        return 0;
    if (moves)
        n = string_place(cpu, in, in->seg, cpu->gpr[ESI] & in->ea_mask, false, n, &src);
    if (n != 0)
        n = string_place(cpu, in, ES, cpu->gpr[EDI] & in->ea_mask, true, n, &dst);
    for (int32_t i = 0; i < (int32_t) n; i++)
        place_store(&dst, in->width, i * width,
                    moves ? place_load(&src, in->width, i * width) : reg_get(cpu, EAX * 4, in->width));
    if (moves)
        string_advance(cpu, in, ESI, n * (uint32_t) width);
    string_advance(cpu, in, EDI, n * (uint32_t) width);
    return n;
}

/* --- repetition -------------------------------------------------------------- */

/* REPE and REPNE look at ZF after each iteration; the others do not. */
enum rep_test { REP_COUNT, REP_TEST };

static bool rep_ends(const struct cpu *cpu, const struct insn *in, enum rep_test test)
{
    return test == REP_TEST && flag_z(cpu) != (in->rep == REP_Z);
}

static inline __attribute__((always_inline)) enum op_exit string_op(struct cpu *cpu, const struct insn *in,
                                                                    string_step *step, enum rep_test test)
{
    uint32_t count = cpu->gpr[ECX] & in->ea_mask, budget;

    if (in->rep == REP_NONE)
        return step(cpu, in) ? OP_NEXT : OP_FAULT;
    if (count == 0)
        return OP_NEXT;
    budget = string_budget(cpu, in, count);
    do {
        uint32_t done = string_bulk(cpu, in, step, budget);

        if (done == 0)
            done = string_bulk_device(cpu, in, step, budget);
        if (done == 0) {
            if (!step(cpu, in))
                return OP_FAULT;
            done = 1;
        }
        budget -= done;
        count -= done;
        string_advance(cpu, in, ECX, -done);
        cpu->sched->ticks += (uint64_t) done * in->cost;
        if (count == 0 || rep_ends(cpu, in, test))
            return OP_COSTED;
        /* A step may have moved the horizon (a device, code overwritten). */
    } while (budget != 0 && cpu->sched->ticks < cpu->sched->horizon);
    return OP_REPEAT;
}

OP_FN(op_movs)
{
    return string_op(cpu, in, movs_step, REP_COUNT);
}

OP_FN(op_stos)
{
    return string_op(cpu, in, stos_step, REP_COUNT);
}

OP_FN(op_lods)
{
    return string_op(cpu, in, lods_step, REP_COUNT);
}

OP_FN(op_cmps)
{
    return string_op(cpu, in, cmps_step, REP_TEST);
}

OP_FN(op_scas)
{
    return string_op(cpu, in, scas_step, REP_TEST);
}

OP_FN(op_ins)
{
    return string_op(cpu, in, ins_step, REP_COUNT);
}

OP_FN(op_outs)
{
    return string_op(cpu, in, outs_step, REP_COUNT);
}

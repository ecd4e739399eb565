/*
 * Real-mode vectors captured from silicon (a 286), one instruction each.
 *
 * Format and rules: README.md beside the vector file, ../shared/cputests from
 * the project's root; skipped when it is absent.  What a 386 does differently is
 * listed there too; vector_applies() and the comparisons follow that list.
 *
 *   test_vectors [FILE [FORM]]     prints every vector that fails
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "core/ram.h"
#include "cpu/cpu_state.h"
#include "cpu/flags.h"
#include "cpu/segment.h"

enum { RAM_SIZE = 16 << 20, NO_EXCEPTION = 255, MEM_MAX = 1024 };
enum vreg { V_AX, V_BX, V_CX, V_DX, V_CS, V_SS, V_DS, V_ES, V_SP, V_BP, V_SI, V_DI, V_IP, V_FLAGS, V_REGS };

struct vector {
    char name[64];
    uint8_t bytes[32];
    unsigned len;
    uint8_t exception;
    uint32_t flags_at; /* where the exception pushed FLAGS */
    uint16_t before[V_REGS], after[V_REGS];
    uint32_t mem[MEM_MAX], changed[MEM_MAX]; /* address | byte << 24 */
    unsigned mems, changes;
};

struct bench {
    struct ram ram;
    struct sched sched;
    struct bus *bus;
    struct state *state;
    struct cpu *cpu;
};

static const struct clock clk = { .num = 10000000, .den = 1 };

static uint8_t no_ack(void *opaque)
{
    (void) opaque;
    return 0xff;
}

static void on_shutdown(void *opaque)
{
    struct bench *b = opaque;

    cpu_reset(b->cpu);
    sched_stop(&b->sched);
}

static void bench_init(struct bench *b)
{
    struct err err;

    if (ram_init(&b->ram, RAM_SIZE, &err) < 0)
        abort();
    sched_init(&b->sched, &clk);
    b->bus = bus_new();
    b->state = state_new(&b->sched);
    bus_map_memory(b->bus, 0, RAM_SIZE, b->ram.host, 0);
    b->cpu = cpu_new(&(struct cpu_config){
        .model = CPU_386,
        .sched = &b->sched,
        .bus = b->bus,
        .state = b->state,
        .intack = no_ack,
        .shutdown = on_shutdown,
        .opaque = b,
    });
}

/* --- the file ------------------------------------------------------------ */

static uint32_t take(const uint8_t **p, unsigned size)
{
    uint32_t v = load_le(*p, size);

    *p += size;
    return v;
}

static unsigned take_mem(const uint8_t **p, uint32_t *mem)
{
    unsigned n = take(p, 2);

    for (unsigned i = 0; i < n; i++) {
        uint32_t v = take(p, 4);

        if (i < MEM_MAX)
            mem[i] = v;
    }
    return n < MEM_MAX ? n : MEM_MAX;
}

static void take_vector(const uint8_t **p, struct vector *v)
{
    unsigned n, map;

    *p += 4;
    n = take(p, 1);
    snprintf(v->name, sizeof v->name, "%.*s", (int) n, (const char *) *p);
    *p += n;
    v->len = take(p, 1);
    memcpy(v->bytes, *p, v->len < sizeof v->bytes ? v->len : sizeof v->bytes);
    *p += v->len;
    v->exception = (uint8_t) take(p, 1);
    v->flags_at = take(p, 4);
    for (unsigned i = 0; i < V_REGS; i++)
        v->before[i] = (uint16_t) take(p, 2);
    v->mems = take_mem(p, v->mem);
    memcpy(v->after, v->before, sizeof v->after);
    map = take(p, 2);
    for (unsigned i = 0; i < V_REGS; i++)
        if (map >> i & 1)
            v->after[i] = (uint16_t) take(p, 2);
    v->changes = take_mem(p, v->changed);
}

/* --- running one --------------------------------------------------------- */

static const uint8_t reg_of[8] = { [V_AX] = EAX, [V_BX] = EBX, [V_CX] = ECX, [V_DX] = EDX };

static void poke(struct bench *b, uint32_t addr, uint8_t val)
{
    bus_write(b->bus, addr & 0xffffff, 1, val);
}

static void vector_run(struct bench *b, const struct vector *v)
{
    struct cpu *cpu = b->cpu;

    cpu_reset(cpu);
    b->sched.stop_requested = false;
    b->sched.stop_insns = b->sched.insns;
    cpu_run(cpu);
    for (unsigned i = 0; i < v->mems; i++)
        poke(b, v->mem[i] & 0xffffff, (uint8_t) (v->mem[i] >> 24));
    cpu->attention = 0;
    cpu->eflags = 2;
    extern void cpu_do_reset(struct cpu *);
    cpu_do_reset(cpu);
    for (unsigned i = V_AX; i <= V_DX; i++)
        cpu->gpr[reg_of[i]] = v->before[i];
    cpu->gpr[ESP] = v->before[V_SP];
    cpu->gpr[EBP] = v->before[V_BP];
    cpu->gpr[ESI] = v->before[V_SI];
    cpu->gpr[EDI] = v->before[V_DI];
    seg_set_real(cpu, CS, v->before[V_CS]);
    seg_set_real(cpu, SS, v->before[V_SS]);
    seg_set_real(cpu, DS, v->before[V_DS]);
    seg_set_real(cpu, ES, v->before[V_ES]);
    cpu->eip = v->before[V_IP];
    cpu_write_eflags(cpu, (v->before[V_FLAGS] & 0x0fff) | 2, UINT32_MAX);
    b->sched.stop_insns = b->sched.insns + 70000;
    b->sched.stop_at = sched_now(&b->sched) + 100 * VTIME_SECOND / 1000;
    cpu_run(cpu);
}

static uint16_t reg_after(const struct cpu *cpu, unsigned i)
{
    switch (i) {
    case V_CS: return cpu->seg[CS].sel;
    case V_SS: return cpu->seg[SS].sel;
    case V_DS: return cpu->seg[DS].sel;
    case V_ES: return cpu->seg[ES].sel;
    case V_SP: return (uint16_t) cpu->gpr[ESP];
    case V_BP: return (uint16_t) cpu->gpr[EBP];
    case V_SI: return (uint16_t) cpu->gpr[ESI];
    case V_DI: return (uint16_t) cpu->gpr[EDI];
    case V_IP: return (uint16_t) cpu->eip;
    case V_FLAGS: return (uint16_t) cpu_read_eflags(cpu);
    default: return (uint16_t) cpu->gpr[reg_of[i]];
    }
}

/* The bytes that may differ under the mask: FLAGS as an exception pushed them. */
static uint8_t byte_mask(const struct vector *v, uint32_t addr, uint16_t mask)
{
    if (v->exception == NO_EXCEPTION)
        return 0xff;
    if (addr == v->flags_at)
        return (uint8_t) mask;
    if (addr == v->flags_at + 1)
        return (uint8_t) (mask >> 8 & 0x0f);
    return 0xff;
}

static bool vector_passes(struct bench *b, const struct vector *v, uint16_t mask, char *why, size_t size)
{
    vector_run(b, v);
    if (!b->cpu->halted) {
        snprintf(why, size, "did not halt, at %04x:%04x", b->cpu->seg[CS].sel, b->cpu->eip);
        return false;
    }
    for (unsigned i = 0; i < V_REGS; i++) {
        uint16_t m = i == V_FLAGS ? mask & 0x0fff : 0xffff;

        if ((reg_after(b->cpu, i) ^ v->after[i]) & m) {
            snprintf(why, size, "register %u is %04x, not %04x", i, reg_after(b->cpu, i), v->after[i]);
            return false;
        }
    }
    for (unsigned i = 0; i < v->changes; i++) {
        uint32_t addr = v->changed[i] & 0xffffff;
        uint8_t got = (uint8_t) bus_read(b->bus, addr, 1), want = (uint8_t) (v->changed[i] >> 24);

        if ((got ^ want) & byte_mask(v, addr, mask)) {
            snprintf(why, size, "byte %06x is %02x, not %02x", addr, got, want);
            return false;
        }
    }
    return true;
}

/* --- what a 386 does otherwise ------------------------------------------- */

static bool is_prefix(uint8_t b)
{
    return b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

static bool vector_applies(const struct vector *v, const char *form)
{
    unsigned n = 0;
    bool lock = false;
    uint8_t op;

    for (; n < v->len && is_prefix(v->bytes[n]); n++)
        lock = lock || v->bytes[n] == 0xf0;
    op = v->bytes[n];
    /* LOCK on what cannot be locked, and instructions of more than 10 bytes. */
    if (lock || (v->exception == EXC_UD && v->len - 1 > 10))
        return false;
    /* MOV with FS and GS is valid; ESC needs no coprocessor to be skipped. */
    if (strncmp(form, "8C", 2) == 0 || strncmp(form, "8E", 2) == 0)
        return (v->bytes[n + 1] >> 3 & 7) < 4;
    return op != 0x0f;
}

/* --- all of them --------------------------------------------------------- */

static uint8_t *read_all(const char *path, size_t *len)
{
    char *cmd = xasprintf("xz -dc '%s' 2>/dev/null", path);
    FILE *f = popen(cmd, "r");
    size_t cap = 16 << 20;
    uint8_t *data = xmalloc(cap);

    free(cmd);
    *len = f != NULL ? fread(data, 1, cap, f) : 0;
    if (f != NULL)
        pclose(f);
    return data;
}

static unsigned run_form(struct bench *b, const uint8_t **p, const char *only, unsigned *total, unsigned *skipped)
{
    char form[16];
    unsigned n = take(p, 1), failed = 0, count;
    uint16_t mask;

    snprintf(form, sizeof form, "%.*s", (int) n, (const char *) *p);
    *p += n;
    mask = (uint16_t) take(p, 2);
    *p += 1; /* how well known the form is */
    count = take(p, 4);
    for (unsigned i = 0; i < count; i++) {
        struct vector v;
        char why[128];

        take_vector(p, &v);
        if (only != NULL && strcmp(only, form) != 0)
            continue;
        if (!vector_applies(&v, form)) {
            ++*skipped;
            continue;
        }
        ++*total;
        if (!vector_passes(b, &v, mask, why, sizeof why)) {
            failed++;
            printf("# %s %u: %s: exception %u: %s\n", form, i, v.name, v.exception, why);
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    const char *top = getenv("top_srcdir");
    char *path = argc > 1 ? xstrdup(argv[1])
                          : xasprintf("%s/../shared/cputests/cpu286.cv.xz", top != NULL ? top : ".");
    unsigned total = 0, failed = 0, skipped = 0, forms;
    struct bench b = { 0 };
    size_t len;
    const uint8_t *data = read_all(path, &len), *p = data;

    printf("1..1\n");
    if (len < 16 || memcmp(data, "CPUVEC01", 8) != 0) {
        printf("ok 1 - silicon vectors # SKIP no vectors at %s\n", path);
        return 0;
    }
    bench_init(&b);
    p += 12;
    forms = take(&p, 4);
    for (unsigned i = 0; i < forms; i++)
        failed += run_form(&b, &p, argc > 2 ? argv[2] : NULL, &total, &skipped);
    printf("# %u vectors, %u failed, %u do not apply to a 386\n", total, failed, skipped);
    printf("%sok 1 - silicon vectors\n", failed == 0 ? "" : "not ");
    return failed != 0;
}

/*
 * Real-mode vectors captured from silicon (a 286), one instruction each.
 *
 * Format and rules: README.md beside the vector file, ../shared/cputests from
 * the project's root; skipped when it is absent.  What a 386 does differently is
 * listed there too; enum reason and what follows it are that list as rules.
 *
 *   test_vectors [FILE [FORM]]     prints every vector that fails
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "cpu/flags.h"
#include "cpu/segment.h"
#include "support/cpu_rig.h"

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

static void vector_load(struct cpu_rig *r, const struct vector *v)
{
    for (unsigned i = 0; i < v->mems; i++)
        cpu_rig_poke(r, v->mem[i] & 0xffffff, 1, v->mem[i] >> 24);
}

static void vector_run(struct cpu_rig *r, const struct vector *v)
{
    static const uint8_t segs[][2] = { { CS, V_CS }, { SS, V_SS }, { DS, V_DS }, { ES, V_ES } };
    struct cpu *cpu = r->cpu;

    cpu_rig_power(r);
    for (unsigned i = V_AX; i <= V_DX; i++)
        cpu->gpr[reg_of[i]] = v->before[i];
    cpu->gpr[ESP] = v->before[V_SP];
    cpu->gpr[EBP] = v->before[V_BP];
    cpu->gpr[ESI] = v->before[V_SI];
    cpu->gpr[EDI] = v->before[V_DI];
    for (unsigned i = 0; i < ARRAY_LEN(segs); i++)
        seg_set_real(cpu, segs[i][0], v->before[segs[i][1]]);
    cpu->eip = v->before[V_IP];
    cpu_write_eflags(cpu, (v->before[V_FLAGS] & 0x0fff) | 2, UINT32_MAX);
    r->sched.stop_at = 100 * VTIME_SECOND / 1000;
    cpu_rig_run(r, 70000);
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

static bool wrong_reg(const struct cpu *cpu, const struct vector *v, unsigned i, uint16_t mask, char *why, size_t size)
{
    if (((reg_after(cpu, i) ^ v->after[i]) & mask) == 0)
        return false;
    snprintf(why, size, "register %u is %04x, not %04x", i, reg_after(cpu, i), v->after[i]);
    return true;
}

static bool vector_passes(struct cpu_rig *r, const struct vector *v, uint16_t mask, char *why, size_t size)
{
    if (!r->cpu->halted) {
        snprintf(why, size, "did not halt, at %04x:%04x", r->cpu->seg[CS].sel, r->cpu->eip);
        return false;
    }
    for (unsigned i = 0; i < V_REGS; i++)
        if (wrong_reg(r->cpu, v, i, i == V_FLAGS ? mask & 0x0fff : 0xffff, why, size))
            return false;
    for (unsigned i = 0; i < v->changes; i++) {
        uint32_t addr = v->changed[i] & 0xffffff;
        uint8_t got = (uint8_t) cpu_rig_peek(r, addr, 1), want = (uint8_t) (v->changed[i] >> 24);

        if ((got ^ want) & byte_mask(v, addr, mask)) {
            snprintf(why, size, "byte %06x is %02x, not %02x", addr, got, want);
            return false;
        }
    }
    return true;
}

/* --- what a 386 does otherwise ------------------------------------------- */

/* The table of the vectors' README, and what its last lines leave to the reader. */
enum reason {
    AS_286,
    LOCK_UD,     /* LOCK on what cannot be locked: #UD, checked as such */
    STACK_FAULT, /* a limit in SS: exception 12 instead of 13, all else as recorded */
    STRING_KEPT, /* a string instruction that faults: SI, DI, CX as before that iteration */
    POP_KEPT,    /* POP to memory that faults: SP as before */
    DIVIDE_FLAGS, /* #DE of AAM: the flags are undefined, also those that AAM defines */
    TOO_LONG,    /* over 10 bytes: runs on a 386, so there is nothing to compare with */
    NEW_REGISTER, /* 8C, 8E with FS or GS */
    TWO_BYTE,    /* 0F: other instructions on a 386 */
    ESCAPE,      /* ESC: no coprocessor, so its operand is not looked at */
    REASONS,
};

static const struct {
    const char *text;
    bool skip;
} reasons[REASONS] = {
    [AS_286] = { "as recorded", false },
    [LOCK_UD] = { "LOCK is #UD", false },
    [STACK_FAULT] = { "exception 12 for a limit of SS", false },
    [STRING_KEPT] = { "a faulting string instruction leaves SI, DI, CX", false },
    [POP_KEPT] = { "a faulting POP leaves SP", false },
    [DIVIDE_FLAGS] = { "flags undefined after #DE of AAM", false },
    [TOO_LONG] = { "skipped: more than 10 bytes", true },
    [NEW_REGISTER] = { "skipped: FS, GS", true },
    [TWO_BYTE] = { "skipped: 0F", true },
    [ESCAPE] = { "skipped: operand of ESC", true },
};

static bool is_prefix(uint8_t b)
{
    return b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0xf0 || b == 0xf2 || b == 0xf3;
}

/* An instruction of the 286 taken apart as far as the rules need it. */
struct shape {
    uint8_t op, modrm;
    bool lock, rep, ss; /* ss: override */
};

static struct shape shape_of(const struct vector *v)
{
    struct shape s = { 0 };
    unsigned n = 0;

    for (; n + 1 < v->len && is_prefix(v->bytes[n]); n++) {
        s.lock = s.lock || v->bytes[n] == 0xf0;
        s.rep = s.rep || v->bytes[n] >= 0xf2;
        if (v->bytes[n] < 0xf0)
            s.ss = v->bytes[n] == 0x36;
    }
    s.op = v->bytes[n];
    s.modrm = v->bytes[n + 1];
    return s;
}

/* SDM vol. 2, LOCK: the instructions that take it, with memory to write. */
static bool lock_allowed(const struct shape *s)
{
    unsigned reg = s->modrm >> 3 & 7;

    if (s->modrm >> 6 == 3)
        return false;
    if (s->op < 0x38)
        return (s->op & 7) < 2;
    if (s->op >= 0x80 && s->op <= 0x83)
        return reg != 7;
    if (s->op == 0xf6 || s->op == 0xf7)
        return reg == 2 || reg == 3;
    return s->op == 0x86 || s->op == 0x87 || ((s->op & 0xfe) == 0xfe && reg < 2);
}

static bool is_string(uint8_t op)
{
    return (op >= 0x6c && op <= 0x6f) || (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf);
}

/* May this instruction run into the limit of SS? */
static bool uses_ss(const struct shape *s)
{
    static const uint8_t pops_pushes[] = {
        0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x60, 0x61, 0x68, 0x6a, 0x8f, 0x9a, 0x9c, 0x9d,
        0xc2, 0xc3, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xe8, 0xff,
    };
    unsigned mod = s->modrm >> 6, rm = s->modrm & 7;

    for (unsigned i = 0; i < ARRAY_LEN(pops_pushes); i++)
        if (s->op == pops_pushes[i])
            return true;
    return s->ss || (s->op >= 0x50 && s->op < 0x60) || rm == 2 || rm == 3 || (rm == 6 && mod != 0);
}

static enum reason reason_before(const struct vector *v, const struct shape *s)
{
    if (s->op == 0x0f)
        return TWO_BYTE;
    if (v->exception != NO_EXCEPTION && v->len - 1 > 10)
        return TOO_LONG;
    if (s->lock && !lock_allowed(s))
        return LOCK_UD;
    if ((s->op == 0x8c || s->op == 0x8e) && (s->modrm >> 3 & 6) == 4)
        return NEW_REGISTER;
    if (s->op >= 0xd8 && s->op <= 0xdf && v->exception == EXC_GP)
        return ESCAPE;
    return v->exception == EXC_DE && s->op == 0xd4 ? DIVIDE_FLAGS : AS_286;
}

/* Handlers of our own for what a 386 raises and the 286 did not. */
enum { OWN_SEG = 0xff00, OWN_UD = 0x10, OWN_SS = 0x20 };

static void own_handler(struct cpu_rig *r, unsigned vector, uint16_t ip)
{
    cpu_rig_poke(r, vector * 4, 4, (uint32_t) OWN_SEG << 16 | ip);
    cpu_rig_poke(r, (OWN_SEG << 4) + ip, 1, 0xf4);
}

static bool in_own_handler(const struct cpu *cpu, uint16_t ip)
{
    return cpu->halted && cpu->seg[CS].sel == OWN_SEG && cpu->eip == ip + 1u;
}

static bool lock_passes(struct cpu_rig *r, struct vector *v, char *why, size_t size)
{
    memcpy(v->after, v->before, sizeof v->after);
    if (!in_own_handler(r->cpu, OWN_UD)) {
        snprintf(why, size, "LOCK was taken");
        return false;
    }
    v->after[V_SP] = (uint16_t) (v->after[V_SP] - 6);
    for (unsigned i = 0; i < V_REGS; i++)
        if (i != V_CS && i != V_IP && i != V_FLAGS && wrong_reg(r->cpu, v, i, 0xffff, why, size))
            return false;
    return true;
}

/*
 * A fault leaves the registers that the last whole iteration left: none has
 * run without REP, and with it SI, DI and CX tell the same number.
 */
static bool string_kept(const struct cpu *cpu, const struct vector *v, const struct shape *s)
{
    uint16_t n = (uint16_t) (v->before[V_CX] - reg_after(cpu, V_CX));
    int step = (s->op & 1 ? 2 : 1) * (v->before[V_FLAGS] & FLAG_DF ? -1 : 1);
    uint16_t si = (uint16_t) (reg_after(cpu, V_SI) - v->before[V_SI]), di = (uint16_t) (reg_after(cpu, V_DI) - v->before[V_DI]);
    bool uses_si = s->op != 0x6c && s->op != 0x6d && s->op < 0xaa ? true : (s->op & 0xfe) == 0xac;
    bool uses_di = s->op != 0x6e && s->op != 0x6f && (s->op & 0xfe) != 0xac;

    if (!s->rep && n != 0)
        return false;
    return si == (uint16_t) (uses_si ? n * step : 0) && di == (uint16_t) (uses_di ? n * step : 0);
}

/* What the registers and IP are to be on a 386, where the 286 differs. */
static enum reason reason_after(const struct cpu *cpu, struct vector *v, const struct shape *s, enum reason reason)
{
    if (in_own_handler(cpu, OWN_SS) && v->exception == EXC_GP && uses_ss(s)) {
        reason = STACK_FAULT;
        v->after[V_CS] = OWN_SEG;
        v->after[V_IP] = OWN_SS + 1;
    }
    if (v->exception == EXC_GP && is_string(s->op) && string_kept(cpu, v, s)) {
        bool moved = false;

        for (unsigned i = 0; i < 3; i++) {
            static const uint8_t regs[] = { V_SI, V_DI, V_CX };

            moved = moved || v->after[regs[i]] != reg_after(cpu, regs[i]);
            v->after[regs[i]] = reg_after(cpu, regs[i]);
        }
        if (moved)
            reason = STRING_KEPT;
    }
    return reason;
}

/* POP had moved SP already when the 286 pushed its frame: ours lies lower. */
static void pop_kept(const struct cpu *cpu, struct vector *v)
{
    uint32_t frame = (uint32_t) (v->after[V_SS] << 4) + v->after[V_SP];
    uint16_t shift = (uint16_t) (v->after[V_SP] - reg_after(cpu, V_SP));

    for (unsigned i = 0; i < v->changes; i++)
        if ((v->changed[i] & 0xffffff) - frame < 6)
            v->changed[i] -= shift;
    v->flags_at -= shift;
    v->after[V_SP] = reg_after(cpu, V_SP);
}

/* One vector by the rules; which of them it came under is in *reason.  What a
 * 386 does otherwise is put right in *v. */
static bool vector_check(struct cpu_rig *r, struct vector *v, uint16_t mask, enum reason *reason, char *why, size_t size)
{
    struct shape s = shape_of(v);

    *reason = reason_before(v, &s);
    if (reasons[*reason].skip)
        return true;
    vector_load(r, v);
    if (*reason == LOCK_UD)
        own_handler(r, EXC_UD, OWN_UD);
    if (v->exception == EXC_GP)
        own_handler(r, EXC_SS, OWN_SS);
    vector_run(r, v);
    if (*reason == LOCK_UD)
        return lock_passes(r, v, why, size);
    *reason = reason_after(r->cpu, v, &s, *reason);
    if (*reason == DIVIDE_FLAGS)
        mask &= (uint16_t) ~FLAG_ARITH;
    if (s.op == 0x8f && v->exception == EXC_GP && reg_after(r->cpu, V_SP) == (uint16_t) (v->before[V_SP] - 6)) {
        *reason = *reason == AS_286 ? POP_KEPT : *reason;
        pop_kept(r->cpu, v);
    }
    return vector_passes(r, v, mask, why, size);
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

struct score {
    unsigned passed[REASONS], failed[REASONS];
};

static void run_form(struct cpu_rig *r, const uint8_t **p, const char *only, struct score *score)
{
    char form[16], why[128];
    unsigned n = take(p, 1), count;
    enum reason reason;
    uint16_t mask;

    snprintf(form, sizeof form, "%.*s", (int) n, (const char *) *p);
    *p += n;
    mask = (uint16_t) take(p, 2);
    *p += 1; /* how well known the form is */
    count = take(p, 4);
    for (unsigned i = 0; i < count; i++) {
        struct vector v;

        take_vector(p, &v);
        if (only != NULL && strcmp(only, form) != 0)
            continue;
        if (vector_check(r, &v, mask, &reason, why, sizeof why)) {
            score->passed[reason]++;
            continue;
        }
        score->failed[reason]++;
        printf("# %s %u: %s: exception %u: %s\n", form, i, v.name, v.exception, why);
    }
}

static unsigned score_print(const struct score *score)
{
    unsigned failed = 0;

    for (unsigned i = 0; i < REASONS; i++) {
        printf("# %6u %s", score->passed[i] + score->failed[i], reasons[i].text);
        printf(score->failed[i] != 0 ? ", %u failed\n" : "\n", score->failed[i]);
        failed += score->failed[i];
    }
    return failed;
}

int main(int argc, char **argv)
{
    const char *top = getenv("top_srcdir");
    char *path = argc > 1 ? xstrdup(argv[1])
                          : xasprintf("%s/../shared/cputests/cpu286.cv.xz", top != NULL ? top : ".");
    struct score score = { 0 };
    struct cpu_rig *r;
    unsigned forms, failed;
    size_t len;
    uint8_t *data = read_all(path, &len);
    const uint8_t *p = data;

    printf("1..1\n");
    if (len < 16 || memcmp(data, "CPUVEC01", 8) != 0) {
        printf("ok 1 - silicon vectors # SKIP no vectors at %s\n", path);
        free(path);
        free(data);
        return 0;
    }
    r = cpu_rig_new(CPU_386, RAM_SIZE);
    p += 12;
    forms = take(&p, 4);
    for (unsigned i = 0; i < forms; i++)
        run_form(r, &p, argc > 2 ? argv[2] : NULL, &score);
    cpu_rig_free(r);
    free(path);
    free(data);
    failed = score_print(&score);
    printf("%sok 1 - silicon vectors\n", failed == 0 ? "" : "not ");
    return failed != 0;
}

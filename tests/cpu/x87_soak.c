/*
 * Every exactly defined x87 instruction, in each of the twelve modes (four
 * roundings, three precisions), on random operands: registers, tags, control
 * and status word, memory, AX and EFLAGS as on the host's own x87.
 *
 *   x87_soak [--count N] [--state FILE] [--seed N]
 *
 * N operations of each form and mode, default 1000.  With --state a run that
 * was cut off goes on.  Prints the count of each form.
 *
 * The top of the stack is register 6, ST(0) and ST(1) are valid, the others
 * empty: stack faults and tags in all places are for tests/cpu/test_fpu_host.c.
 * Not judged: transcendentals (tests/cpu/x87_trans.c), what stores the
 * pointers of an instruction, FBLD of digits above 9 (undefined), C1 after
 * FCOMI (0 in SDM vol. 2, left alone by AMD).
 */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/bits.h"
#include "cpu/decode.h"
#include "cpu/flags.h"
#include "cpu/fpu.h"
#include "cpu/x87_random.h"
#include "support/cpu_rig.h"

enum {
    MODES = 12,
    AT_MEM = AT_FREE,
    MEM_BYTES = 16,
    STATE_BYTES = 108,
    ARITH_FLAGS = 0x8d5,
};

/* What the host's code reads and leaves. */
struct __attribute__((packed)) op {
    uint8_t st0[10], pad0[6]; /* 0 */
    uint8_t st1[10], pad1[6]; /* 16 */
    uint16_t cw;              /* 32 */
    uint8_t pad2[6];
    uint64_t eflags;           /* 40 */
    uint8_t mem[MEM_BYTES];    /* 48 */
    uint8_t state[STATE_BYTES]; /* 64: FNSAVE */
    uint8_t pad3[4];
    uint64_t eax; /* 176 */
};

struct soak {
    struct cpu_rig *rig;
    uint8_t *page; /* the host's code */
    unsigned long count;
    unsigned form, forms;
    unsigned long long ops;
};

/* --- the two sides ------------------------------------------------------- */

/* EDI at `mem`, the instruction between loading and FNSAVE; the struct in RSI. */
static void host_code(uint8_t *page, const uint8_t *code, unsigned len)
{
    static const uint8_t before[] = {
        0xdb, 0xe3,             /* fninit */
        0xdb, 0x6e, 0x10,       /* fld tbyte [rsi+16] */
        0xdb, 0x2e,             /* fld tbyte [rsi] */
        0x48, 0x8d, 0x7e, 0x30, /* lea rdi, [rsi+48] */
        0x8b, 0x86, 0xb0, 0, 0, 0, /* mov eax, [rsi+176] */
        0xff, 0x76, 0x28, 0x9d, /* push qword [rsi+40]; popf */
        0xd9, 0x6e, 0x20,       /* fldcw [rsi+32] */
    };
    static const uint8_t after[] = {
        0xdd, 0x76, 0x40,       /* fnsave [rsi+64] */
        0x9c, 0x8f, 0x46, 0x28, /* pushf; pop qword [rsi+40] */
        0x89, 0x86, 0xb0, 0, 0, 0, /* mov [rsi+176], eax */
        0xc3,
    };

    memcpy(page, before, sizeof before);
    memcpy(page + sizeof before, code, len);
    memcpy(page + sizeof before + len, after, sizeof after);
}

static void host_run(const struct soak *s, struct op *op)
{
    __asm__ volatile("sub $128, %%rsp\n\tcall *%1\n\tadd $128, %%rsp"
                     : : "S"(op), "r"(s->page) : "memory", "cc", "rax", "rdi");
}

static void here_put(struct cpu *cpu, const struct op *op)
{
    struct fpu *f = &cpu->fpu;

    f->cw = op->cw;
    f->sw = 0;
    f->top = 6;
    f->used = 0xc0;
    memset(f->sig, 0, sizeof f->sig);
    memset(f->se, 0, sizeof f->se);
    f->sig[6] = load_le64(op->st0);
    f->se[6] = load_le16(op->st0 + 8);
    f->sig[7] = load_le64(op->st1);
    f->se[7] = load_le16(op->st1 + 8);
    cpu->gpr[EAX] = (uint32_t) op->eax;
    flags_set(cpu, (uint32_t) op->eflags);
}

/* Tags as FNSAVE has them are those of empty or not: the rest follows from the values. */
static const char *differs(const struct soak *s, const struct op *host, bool comi)
{
    const struct cpu *cpu = s->rig->cpu;
    const struct fpu *f = &cpu->fpu;
    uint16_t tags = load_le16(host->state + 8), sw = (uint16_t) (fpu_status(f) ^ load_le16(host->state + 4));

    if (comi)
        sw &= (uint16_t) ~F80_C1;
    if (sw != 0)
        return "status word";
    if (f->cw != load_le16(host->state))
        return "control word";
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = fpu_number(f, i);
        bool empty = (tags >> (2 * n) & 3) == 3;

        if (empty == (f->used >> n & 1))
            return "tags";
        if (!empty && (f->sig[n] != load_le64(host->state + 28 + 10 * i) || f->se[n] != load_le16(host->state + 36 + 10 * i)))
            return "registers";
    }
    if (memcmp(s->rig->ram.host + AT_MEM, host->mem, MEM_BYTES) != 0)
        return "memory";
    if (cpu->gpr[EAX] != (uint32_t) host->eax)
        return "EAX";
    return flags_get(cpu) != (host->eflags & ARITH_FLAGS) ? "flags" : NULL;
}

/* --- operands ------------------------------------------------------------ */

static void put_f80(uint8_t *p, struct f80 v)
{
    store_le64(p, v.sig);
    store_le16(p + 8, v.se);
}

static void random_op(struct op *op, unsigned mode, const struct insn *in)
{
    static const uint16_t precision[3] = { 0x000, 0x200, 0x300 };
    uint64_t r = x87_next(), v;
    struct f80 a = x87_random(NULL), b = x87_random(&a);
    uint16_t masks = r & 15 ? 0x3f : r >> 4 & 0x3f;

    memset(op, 0, sizeof *op);
    put_f80(op->st0, a);
    put_f80(op->st1, b);
    op->cw = (uint16_t) (0x40 | masks | precision[mode % 3] | mode / 3 << 10);
    op->eflags = (x87_next() & ARITH_FLAGS) | 2;
    op->eax = 0x12345678;
    v = x87_next();
    store_le64(op->mem, v);
    store_le64(op->mem + 8, x87_next());
    switch (in->row->a) {
    case A_Mf32:
    case A_Mf64: x87_random_memory(op->mem); break;
    case A_Mf80: put_f80(op->mem, b); break;
    case A_Mbcd:
        for (unsigned i = 0; i < 9; i++)
            op->mem[i] = (uint8_t) ((v >> (4 * i) & 15) % 10 | (v >> (4 * i + 20) & 15) % 10 << 4);
        break;
    default: /* integers, small ones too */
        if (v & 1)
            store_le64(op->mem, (uint64_t) ((int64_t) x87_next() >> (v >> 1 & 63)));
        break;
    }
}

/* --- forms --------------------------------------------------------------- */

static bool judged(const struct insn *in)
{
    op_fn *fn = in->fn;

    return in->row != NULL && in->row->name != NULL && fn != op_ud && fn != op_esc_ud && in->row->cost != C_FTRANS
        && fn != op_fpu_nstenv && fn != op_fpu_nsave && fn != op_fpu_ldenv && fn != op_fpu_rstor;
}

static void print_op(const char *what, const struct op *op)
{
    printf("# %s cw %04x st0 %04x.%016llx st1 %04x.%016llx mem %04x.%016llx flags %03x\n", what, op->cw,
           load_le16(op->st0 + 8), (unsigned long long) load_le64(op->st0), load_le16(op->st1 + 8),
           (unsigned long long) load_le64(op->st1), load_le16(op->mem + 8), (unsigned long long) load_le64(op->mem),
           (unsigned) op->eflags & ARITH_FLAGS);
}

/* The count of operations that agree; stops at the first that does not. */
static unsigned long run_mode(struct soak *s, const struct insn *in, unsigned mode, const char **why)
{
    struct cpu *cpu = s->rig->cpu;
    bool comi = in->fn == op_fpu_comi;

    for (unsigned long i = 0; i < s->count; i++) {
        struct op before, op;

        random_op(&before, mode, in);
        op = before;
        host_run(s, &op);
        here_put(cpu, &before);
        memcpy(s->rig->ram.host + AT_MEM, before.mem, MEM_BYTES);
        in->fn(cpu, in);
        *why = differs(s, &op, comi);
        if (*why != NULL) {
            print_op("before", &before);
            printf("# differs: %s; here sw %04x cw %04x, host sw %04x cw %04x\n", *why, fpu_status(&cpu->fpu),
                   cpu->fpu.cw, load_le16(op.state + 4), load_le16(op.state));
            return i;
        }
    }
    return s->count;
}

static bool run_form(struct soak *s, const uint8_t *code)
{
    struct insn in;
    const char *why = NULL;
    unsigned long long sum = 0;

    if (!decode(&in, code, 2, true, s->rig->cpu->model) || !judged(&in))
        return true;
    host_code(s->page, code, 2);
    s->rig->cpu->gpr[EDI] = AT_MEM;
    for (unsigned mode = 0; mode < MODES && why == NULL; mode++)
        sum += run_mode(s, &in, mode, &why);
    s->ops += sum;
    s->forms++;
    printf("# %02x %02x %-8s %llu\n", code[0], code[1], in.row->name, sum);
    return why == NULL;
}

/* Memory forms are [EDI], register forms ST(1). */
static bool form_at(unsigned n, uint8_t code[2])
{
    unsigned reg = n >> 3 & 31, column = n & 7;

    code[0] = (uint8_t) (0xd8 + (n >> 8));
    if (reg < 8) {
        code[1] = (uint8_t) (reg << 3 | 7);
        return column == 0;
    }
    if (reg >= 16)
        return false;
    code[1] = (uint8_t) (0xc0 | (reg - 8) << 3 | column);
    /* D9 D0 and on, DA E8.., DB E0.., DE D8, DF E0: a ModRM byte is an instruction. */
    return column == 1 || (code[0] == 0xd9 && code[1] >= 0xd0) || (code[0] == 0xdb && (code[1] & 0xf8) == 0xe0);
}

/* --- the place ----------------------------------------------------------- */

static void place(const char *file, struct soak *s, bool save)
{
    FILE *f = file != NULL ? fopen(file, save ? "w" : "r") : NULL;

    if (f == NULL)
        return;
    if (save)
        fprintf(f, "%u %llu\n", s->form, s->ops);
    else if (fscanf(f, "%u %llu", &s->form, &s->ops) != 2)
        s->form = 0;
    fclose(f);
}

static bool run_all(struct soak *s, const char *file, uint64_t seed)
{
    bool good = true;

    for (; s->form < 8 << 8; s->form++) {
        uint8_t code[2];

        if (!form_at(s->form, code))
            continue;
        place(file, s, true);
        x87_seed = seed + s->form * UINT64_C(77777);
        good &= run_form(s, code);
    }
    if (good)
        place(file, s, true);
    return good;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "count", required_argument, NULL, 'n' }, { "state", required_argument, NULL, 'k' },
        { "seed", required_argument, NULL, 's' },  { NULL, 0, NULL, 0 },
    };
    struct soak s = { .count = 1000 };
    const char *file = NULL;
    uint64_t seed = 1;
    bool good;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'n': s.count = strtoul(optarg, NULL, 0); break;
        case 'k': file = optarg; break;
        case 's': seed = strtoull(optarg, NULL, 0); break;
        default: return 2;
        }
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..1\n");
    s.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s.page == MAP_FAILED) {
        printf("ok 1 - x87 # SKIP code made at run time is refused\n");
        return 0;
    }
    s.rig = cpu_rig_new(CPU_P2, 1 << 20);
    cpu_rig_protected(s.rig, 0);
    place(file, &s, false);
    good = run_all(&s, file, seed);
    printf("%sok 1 - %llu operations of %u forms in %u modes as the host's x87\n", good ? "" : "not ", s.ops, s.forms,
           MODES);
    cpu_rig_free(s.rig);
    return !good;
}

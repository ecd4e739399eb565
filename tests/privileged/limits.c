/*
 * Segment limits and types on every kind of access; stacks; code.
 *
 * Source: SDM vol. 3, 4.3 "Limit checking", 4.4 "Type checking" (today 5.3, 5.5),
 *         3.4.3.1 (expand-down); 4.5 for SS: #SS(0), else #GP(0).
 */
#include "priv.h"

enum kind { READ = 1, WRITE = 2 };

struct access {
    const char *name;
    unsigned size, kind; /* bytes at DS:EBX */
    const struct snip *(*ds)(void), *(*ss)(void);
    unsigned since; /* processor family */
    bool fpu;
};

#define ACCESS_CODE(name, text)                                                                  \
    static const struct snip *name##_ds(void) { return S32(".macro M_" #name " s\n" text "\n.endm\nM_" #name " ds\n.purgem M_" #name); } \
    static const struct snip *name##_ss(void) { return S32(".macro M_" #name " s\n" text "\n.endm\nM_" #name " ss\n.purgem M_" #name); }

ACCESS_CODE(movb_r, "movb %\\s:(%ebx), %al")
ACCESS_CODE(movb_w, "movb %al, %\\s:(%ebx)")
ACCESS_CODE(movw_r, "movw %\\s:(%ebx), %ax")
ACCESS_CODE(movw_w, "movw %ax, %\\s:(%ebx)")
ACCESS_CODE(movl_r, "movl %\\s:(%ebx), %eax")
ACCESS_CODE(movl_w, "movl %eax, %\\s:(%ebx)")
ACCESS_CODE(movi_w, "movl $0x11223344, %\\s:(%ebx)")
ACCESS_CODE(addb_m, "addb %al, %\\s:(%ebx)")
ACCESS_CODE(addl_m, "addl %eax, %\\s:(%ebx)")
ACCESS_CODE(xchg_m, "xchgw %ax, %\\s:(%ebx)")
ACCESS_CODE(notl_m, "notl %\\s:(%ebx)")
ACCESS_CODE(cmpl_r, "cmpl %eax, %\\s:(%ebx)")
ACCESS_CODE(testb_r, "testb $1, %\\s:(%ebx)")
ACCESS_CODE(incw_m, "incw %\\s:(%ebx)")
ACCESS_CODE(shll_m, "shll $3, %\\s:(%ebx)")
ACCESS_CODE(shld_m, "shldl $3, %eax, %\\s:(%ebx)")
ACCESS_CODE(bts_m, "btsl $3, %\\s:(%ebx)")
ACCESS_CODE(bt_r, "btl $3, %\\s:(%ebx)")
ACCESS_CODE(setc_w, "setc %\\s:(%ebx)")
ACCESS_CODE(movzx_r, "movzwl %\\s:(%ebx), %eax")
ACCESS_CODE(imul_r, "imull %\\s:(%ebx), %eax")
ACCESS_CODE(mul_r, "mull %\\s:(%ebx)")
ACCESS_CODE(movs_w, "movw %ds, %\\s:(%ebx)")
ACCESS_CODE(lods_r, "movl %ebx, %esi; .ifc \\s,ss\n .byte 0x36\n.endif\n lodsl")
ACCESS_CODE(bound_r, "xorl %eax, %eax; boundl %eax, %\\s:(%ebx)")
ACCESS_CODE(les_r, "lesl %\\s:(%ebx), %eax")
ACCESS_CODE(sgdt_w, "sgdt %\\s:(%ebx)")
ACCESS_CODE(cmpxchg_m, "cmpxchgl %eax, %\\s:(%ebx)")
ACCESS_CODE(xadd_m, "xaddl %eax, %\\s:(%ebx)")
ACCESS_CODE(cx8_m, "cmpxchg8b %\\s:(%ebx)")
ACCESS_CODE(fld4_r, "flds %\\s:(%ebx)")
ACCESS_CODE(fld8_r, "fldl %\\s:(%ebx)")
ACCESS_CODE(fld10_r, "fldt %\\s:(%ebx)")
ACCESS_CODE(fild8_r, "fildll %\\s:(%ebx)")
ACCESS_CODE(fst4_w, "fld1; fstps %\\s:(%ebx)")
ACCESS_CODE(fst8_w, "fld1; fstpl %\\s:(%ebx)")
ACCESS_CODE(fst10_w, "fld1; fstpt %\\s:(%ebx)")
ACCESS_CODE(fist8_w, "fld1; fistpll %\\s:(%ebx)")
ACCESS_CODE(fbstp_w, "fld1; fbstp %\\s:(%ebx)")
ACCESS_CODE(fstcw_w, "fnstcw %\\s:(%ebx)")
ACCESS_CODE(fldcw_r, "fldcw %\\s:(%ebx)")
ACCESS_CODE(fstenv_w, "fnstenv %\\s:(%ebx)")
ACCESS_CODE(fsave_w, "fnsave %\\s:(%ebx)")

#define A(name, size, kind, since, fpu) { #name, size, kind, name##_ds, name##_ss, since, fpu }
static const struct access accesses[] = {
    A(movb_r, 1, READ, 3, 0), A(movb_w, 1, WRITE, 3, 0), A(movw_r, 2, READ, 3, 0), A(movw_w, 2, WRITE, 3, 0),
    A(movl_r, 4, READ, 3, 0), A(movl_w, 4, WRITE, 3, 0), A(movi_w, 4, WRITE, 3, 0), A(addb_m, 1, READ | WRITE, 3, 0),
    A(addl_m, 4, READ | WRITE, 3, 0), A(xchg_m, 2, READ | WRITE, 3, 0), A(notl_m, 4, READ | WRITE, 3, 0),
    A(cmpl_r, 4, READ, 3, 0), A(testb_r, 1, READ, 3, 0), A(incw_m, 2, READ | WRITE, 3, 0), A(shll_m, 4, READ | WRITE, 3, 0),
    A(shld_m, 4, READ | WRITE, 3, 0), A(bts_m, 4, READ | WRITE, 3, 0), A(bt_r, 4, READ, 3, 0), A(setc_w, 1, WRITE, 3, 0),
    A(movzx_r, 2, READ, 3, 0), A(imul_r, 4, READ, 3, 0), A(mul_r, 4, READ, 3, 0), A(movs_w, 2, WRITE, 3, 0),
    A(lods_r, 4, READ, 3, 0), A(bound_r, 8, READ, 3, 0), A(les_r, 6, READ, 3, 0), A(sgdt_w, 6, WRITE, 3, 0),
    A(cmpxchg_m, 4, READ | WRITE, 4, 0), A(xadd_m, 4, READ | WRITE, 4, 0), A(cx8_m, 8, READ | WRITE, 5, 0),
    A(fld4_r, 4, READ, 3, 1), A(fld8_r, 8, READ, 3, 1), A(fld10_r, 10, READ, 3, 1), A(fild8_r, 8, READ, 3, 1),
    A(fst4_w, 4, WRITE, 3, 1), A(fst8_w, 8, WRITE, 3, 1), A(fst10_w, 10, WRITE, 3, 1), A(fist8_w, 8, WRITE, 3, 1),
    A(fbstp_w, 10, WRITE, 3, 1), A(fstcw_w, 2, WRITE, 3, 1), A(fldcw_r, 2, READ, 3, 1), A(fstenv_w, 28, WRITE, 3, 1),
    A(fsave_w, 108, WRITE, 3, 1),
};

struct shape {
    const char *name;
    uint32_t limit, first, last; /* descriptor's; bytes that may be used */
    unsigned type, flags;
};
static const struct shape shapes[] = {
    { "up, bytes", 0x3ff, 0, 0x3ff, 0x13, F_BIG },
    { "up, bytes, B=0", 0x3ff, 0, 0x3ff, 0x13, 0 },
    { "up, pages", 0, 0, 0xfff, 0x13, F_BIG | F_GRAN },
    { "up, pages, 64K", 0xf, 0, 0xffff, 0x13, F_BIG | F_GRAN },
    { "up, one byte", 0, 0, 0, 0x13, F_BIG },
    { "down, bytes", 0x3ff, 0x400, 0xffffffff, 0x17, F_BIG },
    { "down, bytes, B=0", 0x3ff, 0x400, 0xffff, 0x17, 0 },
    { "down, pages", 0, 0x1000, 0xffffffff, 0x17, F_BIG | F_GRAN },
    { "down, pages, B=0", 0, 0x1000, 0xffff, 0x17, F_GRAN },
    { "down, nothing", 0xffff, 1, 0, 0x17, 0 },
    { "read-only", 0x3ff, 0, 0x3ff, 0x11, F_BIG },
    { "read-only down", 0x3ff, 0x400, 0xffffffff, 0x15, F_BIG },
    { "code", 0x3ff, 0, 0x3ff, 0x1b, F_BIG },
    { "code, conforming", 0x3ff, 0, 0x3ff, 0x1f, F_BIG },
};

static bool allowed(const struct shape *s, uint32_t off, unsigned size, unsigned kind)
{
    bool is_code = s->type & 8;

    if ((kind & WRITE) && (is_code || !(s->type & 2)))
        return false;
    if ((kind & READ) && is_code && !(s->type & 2))
        return false;
    return s->first <= s->last && off >= s->first && (uint64_t) off + size - 1 <= s->last;
}

static void access_one(const struct access *a, const struct shape *s, uint32_t off, unsigned cpl, bool ss)
{
    bool ok = allowed(s, off, a->size, a->kind);
    const uint32_t *mem = (const uint32_t *) (SCRATCH + (off & ~3u));
    uint32_t before[4];

    if (off > 0xffffffffu - a->size)
        return; /* round the end of 4 GiB: not defined (4.3) */
    set_desc(SEL_X, segment(SCRATCH, s->limit, s->type | A_P | cpl << 5, s->flags));
    setup(cpl);
    if (a->fpu) /* a clean stack for loads, one register for stores */
        __asm__ volatile("fninit");
    *(ss ? &T.ss : &T.ds) = SEL_X | cpl;
    T.ebx = off;
    T.eax = 0x01010101;
    if (a->size == 6)
        memset((void *) (SCRATCH + off), 0, 6);
    for (unsigned i = 0; i < 4; i++)
        before[i] = mem[i];
    go(ss ? a->ss() : a->ds());
    if (ok)
        expect(a->size == 8 && a->name[0] == 'b' && T.vector == BR ? BR : DONE, 0, "%s at %x, %s, CPL %u", a->name, off, s->name, cpl);
    else
        expect(ss ? SS_ : GP, 0, "%s at %x, %s, CPL %u", a->name, off, s->name, cpl);
    /* SGDT, FSTP m80, FSTENV, FSAVE are several stores: which come first is not said. */
    if (!ok && off < 0x20000 && a->size != 6 && a->size <= 8)
        for (unsigned i = 0; i < 4; i++)
            check(mem[i] == before[i], "%s at %x, %s: faulted, but wrote", a->name, off, s->name);
    if (!ok && a->name[0] != 'b')
        check(T.eax == 0x01010101, "%s at %x, %s: faulted, but EAX is %x", a->name, off, s->name, T.eax);
}

static void access_all(void)
{
    for (unsigned i = 0; i < ARRAY_LEN(shapes); i++) {
        const struct shape *s = &shapes[i];

        case_begin("4.3, 4.4 [5.3, 5.5]", s->name);
        for (unsigned n = 0; n < ARRAY_LEN(accesses); n++) {
            const struct access *a = &accesses[n];

            if (a->since > cpu.family || (a->fpu && !cpu.has_fpu) || (a->size == 8 && a->since == 5 && !has(HAS_CX8)))
                continue;
            for (unsigned cpl = 0; cpl < 4; cpl += 3)
                for (unsigned ss = 0; ss < (cpl == 3 && !(s->type & 8) && (s->type & 2) ? 2u : 1u); ss++) {
                    for (uint32_t off = 0; off <= a->size; off++)
                        access_one(a, s, s->first + off - (s->first != 0 ? 1 : 0) - (off == 0 && s->first != 0 ? a->size - 1 : 0), cpl, ss);
                    if (s->last != 0xffffffff)
                        for (uint32_t off = 0; off <= a->size; off++)
                            access_one(a, s, s->last - a->size + 1 + off, cpl, ss);
                    if (a->size != 6) /* LES would load what lies there */
                        access_one(a, s, 0x7fffffff, cpl, ss);
                }
        }
    }
}

/* --- stacks ---------------------------------------------------------------- */

struct stack_op {
    const char *name;
    int pushes; /* how many; negative: pops */
    unsigned size;
    const struct snip *(*code)(void);
};
#define STACK_CODE(name, text) \
    static const struct snip *name(void) { return S32(text); }
STACK_CODE(pushl_, "pushl %eax")
STACK_CODE(pushw_, "pushw %ax")
STACK_CODE(pushi_, "pushl $5")
STACK_CODE(pushfl_, "pushfl")
STACK_CODE(pushds_, "pushl %es")
STACK_CODE(pushm_, "pushl %es:(%esi)")
STACK_CODE(pushal_, "pushal")
STACK_CODE(pushaw_, "pushaw")
STACK_CODE(enter_, "enter $0, $0")
STACK_CODE(call_, "call 1f; nop; 1:")
STACK_CODE(lcall_, ".byte 0x26; lcall *(%esi)")
STACK_CODE(popl_, "popl %eax")
STACK_CODE(popw_, "popw %ax")
STACK_CODE(popfl_, "popfl")
STACK_CODE(popal_, "popal")
STACK_CODE(popaw_, "popaw")
STACK_CODE(popes_, "popl %es")
STACK_CODE(popm_, "popl %es:(%esi)")
STACK_CODE(ret_, "ret")
STACK_CODE(lret_, "lret")
STACK_CODE(iret_, "iretl")
STACK_CODE(leave_, "leave")

static const struct stack_op stack_ops[] = {
    { "PUSH r32", 1, 4, pushl_ }, { "PUSH r16", 1, 2, pushw_ }, { "PUSH imm", 1, 4, pushi_ }, { "PUSHFD", 1, 4, pushfl_ },
    { "PUSH ES", 1, 4, pushds_ }, { "PUSH m32", 1, 4, pushm_ }, { "PUSHAD", 8, 4, pushal_ }, { "PUSHA", 8, 2, pushaw_ },
    { "ENTER", 1, 4, enter_ }, { "CALL", 1, 4, call_ }, { "CALL far", 2, 4, lcall_ },
    { "POP r32", -1, 4, popl_ }, { "POP r16", -1, 2, popw_ }, { "POPFD", -1, 4, popfl_ }, { "POPAD", -8, 4, popal_ },
    { "POPA", -8, 2, popaw_ }, { "POP ES", -1, 4, popes_ }, { "POP m32", -1, 4, popm_ }, { "RET", -1, 4, ret_ },
    { "RET far", -2, 4, lret_ }, { "IRET", -3, 4, iret_ }, { "LEAVE", -1, 4, leave_ },
};

static bool stack_allowed(const struct shape *s, uint32_t esp, const struct stack_op *op, uint32_t *end)
{
    bool big = s->flags & F_BIG, ok = true;
    uint32_t mask = big ? 0xffffffff : 0xffff, at = esp;

    for (int i = 0; i < (op->pushes < 0 ? -op->pushes : op->pushes); i++) {
        if (op->pushes > 0)
            at = (at & ~mask) | ((at - op->size) & mask);
        /* POP ES reads its word, the rest of the dword may lie outside. */
        if (!allowed(s, at & mask, op->code == popes_ ? 2 : op->size, op->pushes > 0 ? WRITE : READ))
            ok = false;
        if (op->pushes < 0)
            at = (at & ~mask) | ((at + op->size) & mask);
    }
    *end = at;
    return ok;
}

static void stack_one(const struct shape *s, const struct stack_op *op, uint32_t esp)
{
    /* IRET to a 16-bit stack leaves ESP's upper half as it was in ring 0. */
    bool big = s->flags & F_BIG, ok;
    uint32_t end, mask = big ? 0xffffffff : 0xffff, *mem;

    ok = stack_allowed(s, esp, op, &end);
    if (op->code == popes_ && (esp & mask) + 4 > s->last)
        return; /* whether the upper word must lie inside is not said */
    if (op->code == pushds_ && (end & mask) + 4 > s->last)
        return; /* nor whether it is written */
    if (big && s->last == 0xffffffff && (end < 64 || esp > 0xfffffff0))
        return;
    set_desc(SEL_X, segment(SCRATCH, s->limit, s->type | A_P | 0x60, s->flags));
    setup(R3);
    T.ss = SEL_X | 3;
    T.esp = T.ebp = esp;
    T.esi = SCRATCH - 64;
    ((uint32_t *) T.esi)[0] = SNIP + SNIP_TO;
    ((uint32_t *) T.esi)[1] = code(3);
    if (op->pushes < 0) { /* also where it must not be read: no way into the wild */
        mem = (uint32_t *) (SCRATCH + (esp & mask));
        if (op->code == popes_ || op->code == popfl_ || op->code == popw_) {
            *(uint16_t *) mem = op->code == popes_ ? data(3) : 2;
        } else if (op->code == ret_ || op->code == lret_ || op->code == iret_) {
            uint32_t at[3] = { SNIP + SNIP_TO, code(3), 2 };

            for (int i = 0; i < -op->pushes; i++)
                *(uint32_t *) (SCRATCH + ((esp + 4 * (unsigned) i) & mask)) = at[i];
        }
    }
    go(op->code());
    expect(ok ? DONE : SS_, 0, "%s, ESP %x, %s", op->name, esp, s->name);
    if (!ok)
        check(((T.esp ^ esp) & mask) == 0 && T.off == 0, "%s, ESP %x, %s: faulted with ESP %x", op->name, esp, s->name, T.esp);
    else if (op->code != popal_ && op->code != popaw_)
        check(((T.esp ^ end) & mask) == 0, "%s, ESP %x, %s: ESP is %x, not %x", op->name, esp, s->name, T.esp, end);
}

static void stacks(void)
{
    static const struct shape small[] = {
        { "stack up, B=1", 0x3ff, 0, 0x3ff, 0x13, F_BIG },
        { "stack up, B=0", 0x3ff, 0, 0x3ff, 0x13, 0 },
        { "stack up, 64K, B=0", 0xffff, 0, 0xffff, 0x13, 0 },
        { "stack up, pages, B=1", 0, 0, 0xfff, 0x13, F_BIG | F_GRAN },
        { "stack down, B=1", 0x3ff, 0x400, 0xffffffff, 0x17, F_BIG },
        { "stack down, B=0", 0x3ff, 0x400, 0xffff, 0x17, 0 },
    };

    for (unsigned i = 0; i < ARRAY_LEN(small); i++) {
        const struct shape *s = &small[i];

        case_begin("4.3 [5.3]; 4.5 #SS; vol. 2", s->name);
        for (unsigned n = 0; n < ARRAY_LEN(stack_ops); n++) {
            for (uint32_t d = 0; d <= 36; d++) {
                stack_one(s, &stack_ops[n], s->first + d);
                if (s->first != 0)
                    stack_one(s, &stack_ops[n], s->first - d);
                stack_one(s, &stack_ops[n], (s->last == 0xffffffff ? 0xf000 : s->last) + 4 - d);
            }
            if (!(s->flags & F_BIG)) /* the upper half of ESP stays out of it */
                stack_one(s, &stack_ops[n], 0x55550000 | ((s->first + s->last) / 2 & 0xfff0));
        }
    }
}

/* --- code ------------------------------------------------------------------ */

static void code_limits(void)
{
    static const struct {
        uint8_t len, bytes[8];
        const char *what;
    } insns[] = {
        { 1, { 0x90 }, "NOP" }, { 2, { 0x89, 0xc0 }, "MOV" }, { 5, { 0xb8, 1, 2, 3, 4 }, "MOV imm32" },
        { 7, { 0x2e, 0x8b, 0x05, 0, 0, 0, 0 }, "MOV CS:[0]" }, { 3, { 0x66, 0x89, 0xc0 }, "a prefix" },
    };

    case_begin("4.3 [5.3]", "instructions over the end of the code segment");
    for (unsigned i = 0; i < ARRAY_LEN(insns); i++)
        for (unsigned mode = 0; mode < 4; mode++)
            for (unsigned cut = 0; cut <= insns[i].len; cut++) {
                uint8_t bytes[64];

                memset(bytes, 0x90, sizeof bytes);
                memcpy(bytes + 40, insns[i].bytes, insns[i].len);
                set_desc(SEL_X, segment(SNIP, 40 + insns[i].len - 1 - cut + (cut == 0 ? 2 : 0), A_CODE | mode << 5, F_BIG));
                setup(mode);
                T.cs = SEL_X | mode;
                T.eip = 0;
                go_bytes(bytes, 40 + insns[i].len);
                if (cut == 0) {
                    expect(DONE, 0, "%s inside, CPL %u", insns[i].what, mode);
                } else {
                    expect(GP, 0, "%s cut by %u, CPL %u", insns[i].what, cut, mode);
                    check(T.eip == 40, "EIP %x", T.eip);
                }
            }
    case_begin("4.3 [5.3]; vol. 2 JMP, CALL, RET, Jcc, LOOP", "branches out of the code segment");
    for (unsigned how = 0; how < 12; how++)
        for (unsigned mode = 0; mode < 4; mode++)
            for (int over = -1; over <= 1; over++) {
                uint32_t limit = SNIP_TO + 3, to = over < 0 ? SNIP_TO : limit + (uint32_t) over;

                set_desc(SEL_X, segment(SNIP, limit, A_CODE | mode << 5, F_BIG));
                setup(mode);
                T.cs = SEL_X | mode;
                T.eip = 0;
                T.ebx = to;
                T.ecx = 2;
                *(uint32_t *) (T.esp -= 32) = to;
                ((uint32_t *) T.esp)[1] = SEL_X | mode;
                ((uint32_t *) T.esp)[2] = 2;
                T.edi = T.esp;
                switch (how) {
                case 0: go(S32("jmp *%ebx")); break;
                case 1: go(S32("call *%ebx")); break;
                case 2: go(S32("ret")); break;
                case 3: go(S32("lret")); break;
                case 4: go(S32("iretl")); break;
                case 5: go(S32("ljmp *(%edi)")); break;
                case 6: go(S32("lcall *(%edi)")); break;
                case 7: go(S32("ret $4")); break;
                case 8: go(S32("jmp *(%edi)")); break;
                case 9: go(over < 0 ? S32("jmp .+0x800") : over == 0 ? S32("jmp .+0x803") : S32("jmp .+0x804")); break;
                case 10: go(over < 0 ? S32("jnz .+0x800") : over == 0 ? S32("jnz .+0x803") : S32("jnz .+0x804")); break;
                default: go(over < 0 ? S32("call .+0x800") : over == 0 ? S32("call .+0x803") : S32("call .+0x804")); break;
                }
                if (over < 0) {
                    expect(DONE, 0, "branch %u, CPL %u", how, mode);
                } else if (over == 0) { /* the branch is good, the instruction there is cut: CD alone */
                    expect(GP, 0, "branch %u to the last byte, CPL %u", how, mode);
                    check(T.eip == limit, "branch %u to the last byte: EIP %x", how, T.eip);
                } else {
                    expect(GP, 0, "branch %u over the limit, CPL %u", how, mode);
                    check(T.eip == 0 && T.esp == T.edi, "branch %u over the limit: EIP %x ESP %x", how, T.eip, T.esp);
                }
            }
}

/* What a code segment may be used for with a CS override (4.4 [5.5]). */
static void code_as_data(void)
{
    case_begin("4.4 [5.5]", "data accesses through CS");
    for (unsigned type = 0x18; type < 0x20; type++)
        for (unsigned cpl = 0; cpl < 4; cpl++)
            for (unsigned how = 0; how < 4; how++) {
                bool ok = how == 0 && (type & 2);

                set_desc(SEL_X, segment(SNIP, 0xffff, type | A_P | cpl << 5, F_BIG));
                setup(cpl);
                T.cs = SEL_X | cpl;
                T.eip = 0;
                T.ebx = SCRATCH - SNIP;
                T.edi = T.esi = SCRATCH;
                go(how == 0 ? S32("movl %cs:(%ebx), %eax") : how == 1 ? S32("movl %eax, %cs:(%ebx)")
                   : how == 2 ? S32("orb $1, %cs:(%ebx)") : S32("movl %ebx, %esi; .byte 0x2e; lodsl"));
                ok = ok || (how == 3 && (type & 2));
                expect(ok ? DONE : GP, 0, "CS access %u, type %x, CPL %u", how, type, cpl);
            }
}

void test_limits(void)
{
    code_as_data();
    access_all();
    stacks();
    code_limits();
}

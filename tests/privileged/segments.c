/*
 * Segment registers loaded from every type of descriptor, by every instruction,
 * for every DPL, RPL and CPL; returns to outer rings; segments dropped there.
 *
 * Source: SDM vol. 3, 3.4.3, 4.6, 4.7 (today 3.4.5, 5.6, 5.7) and vol. 2, "MOV",
 *         "POP", "LDS": the models below follow the text of these pages.
 */
#include "priv.h"

/* What loading gives: DONE, or a vector with the selector as its code. */
struct outcome {
    unsigned vector;
    uint32_t code;
};

static bool is_code(unsigned type)
{
    return (type & 0x18) == 0x18;
}

static struct outcome model_data(unsigned type, unsigned dpl, unsigned rpl, unsigned cpl, bool present, uint16_t sel)
{
    bool system = !(type & 0x10), conforming = is_code(type) && (type & 4), readable = !is_code(type) || (type & 2);

    if (system || !readable)
        return (struct outcome){ GP, sel & 0xfffcu };
    if (!conforming && (rpl > dpl || cpl > dpl))
        return (struct outcome){ GP, sel & 0xfffcu };
    if (!present)
        return (struct outcome){ NP, sel & 0xfffcu };
    return (struct outcome){ DONE, 0 };
}

static struct outcome model_stack(unsigned type, unsigned dpl, unsigned rpl, unsigned cpl, bool present, uint16_t sel)
{
    if (!(type & 0x10) || is_code(type) || !(type & 2) || rpl != cpl || dpl != cpl)
        return (struct outcome){ GP, sel & 0xfffcu };
    if (!present)
        return (struct outcome){ SS_, sel & 0xfffcu };
    return (struct outcome){ DONE, 0 };
}

enum load { MOV_DS, MOV_ES, MOV_FS, MOV_GS, POP_DS, POP_ES, POP_FS, POP_GS, LDS_, LES_, LFS_, LGS_, MOV_SS, POP_SS, LSS_, LOADS };

static const struct snip *load_code(enum load how)
{
    switch (how) {
    case MOV_DS: return S32("movw %ax, %ds");
    case MOV_ES: return S32("movw %ax, %es");
    case MOV_FS: return S32("movw %ax, %fs");
    case MOV_GS: return S32("movw %ax, %gs");
    case POP_DS: return S32("popl %ds");
    case POP_ES: return S32("popl %es");
    case POP_FS: return S32("popl %fs");
    case POP_GS: return S32("popl %gs");
    case LDS_: return S32("ldsl %ss:(%esp), %ebx");
    case LES_: return S32("lesl %ss:(%esp), %ebx");
    case LFS_: return S32("lfsl %ss:(%esp), %ebx");
    case LGS_: return S32("lgsl %ss:(%esp), %ebx");
    case MOV_SS: return S32("movw %ax, %ss");
    case POP_SS: return S32("popl %ss");
    default: return S32("lssl %ss:(%esp), %esp");
    }
}

/* A descriptor of any type that leaves a flat segment usable. */
static struct desc any_desc(unsigned type, unsigned dpl, bool present)
{
    unsigned access = type | dpl << 5 | (present ? A_P : 0);

    if ((type & 0x1c) == 0x14) /* expand-down: all above the limit */
        return segment(0, 0, access, F_BIG);
    return segment(0, 0xfffff, access, F_BIG | F_GRAN);
}

static uint32_t loaded(enum load how)
{
    if (how >= MOV_SS)
        return T.ss;
    return how % 4 == 0 ? T.ds : how % 4 == 1 ? T.es : how % 4 == 2 ? T.fs : T.gs;
}

static void load_one(enum load how, unsigned type, unsigned dpl, unsigned rpl, unsigned cpl, bool present, unsigned ti)
{
    uint16_t sel = (uint16_t) ((ti ? 0x44 : SEL_X) | rpl), before = data(cpl);
    bool stack = how >= MOV_SS;
    struct outcome want = (stack ? model_stack : model_data)(type, dpl, rpl, cpl, present, sel);
    const struct desc *d = ti ? &ldt[8] : &gdt[SEL_X >> 3];
    uint32_t *top;

    set_desc(sel, any_desc(type, dpl, present));
    setup(cpl);
    T.eax = sel;
    T.ebx = 0x55;
    T.esp -= 8;
    top = (uint32_t *) T.esp;
    top[0] = top[1] = sel;
    if (how >= LDS_ && how != MOV_SS && how != POP_SS)
        top[0] = user_top(cpl) - 8;
    go(load_code(how));
    expect(want.vector, want.code, "load %u, type %02x P%u DPL %u RPL %u CPL %u", how, type, present, dpl, rpl, cpl);
    if (T.vector == DONE) {
        check(loaded(how) == sel, "load %u: register %x", how, loaded(how));
        check(d->hi >> 8 & 1, "load %u: descriptor not marked accessed", how);
        check((type & 1) || (d->hi >> 8 & 0xff) == ((type | 1u | dpl << 5 | A_P) & 0xff), "access byte %x", d->hi >> 8 & 0xff);
    } else {
        check(loaded(how) == before && T.ebx == 0x55, "load %u failed: register %x", how, loaded(how));
        check(T.off == 0 && T.esp == user_top(cpl) - 8, "load %u failed: +%x, ESP %x", how, T.off, T.esp);
        check((d->hi >> 8 & 1) == (type & 1), "load %u failed: accessed bit %x", how, d->hi);
    }
}

static void load_all(void)
{
    static const char *const names[LOADS] = {
        "MOV DS", "MOV ES", "MOV FS", "MOV GS", "POP DS", "POP ES", "POP FS", "POP GS",
        "LDS", "LES", "LFS", "LGS", "MOV SS", "POP SS", "LSS",
    };

    for (unsigned how = 0; how < LOADS; how++) {
        case_begin("4.6, 4.7 [5.6, 5.7]", names[how]);
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 0; i < 64; i++)
                load_one(how, type, i & 3, i >> 2 & 3, i >> 4, true, type & 1);
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 0; i < 64; i += 1)
                load_one(how, type, i & 3, i >> 2 & 3, i >> 4, false, !(type & 1));
    }
}

/* Null and far-out selectors, limits of the tables. */
static void load_edges(void)
{
    case_begin("3.4.1, 3.5.1", "null selectors, ends of GDT and LDT");
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned how = 0; how < LOADS; how++) {
            static const uint16_t sels[] = { 0, 1, 2, 3, 0x100, 0xfff8, 0x84, 0xfffc, 4, 0x1000 };

            for (unsigned i = 0; i < ARRAY_LEN(sels); i++) {
                bool stack = how >= MOV_SS, null = sels[i] < 4;

                setup(cpl);
                T.eax = sels[i];
                T.esp -= 8;
                ((uint32_t *) T.esp)[0] = ((uint32_t *) T.esp)[1] = sels[i];
                go(load_code(how));
                if (null && !stack)
                    expect(DONE, 0, "load %u of null %x, CPL %u", how, sels[i], cpl);
                else
                    expect(GP, null ? 0 : sels[i] & 0xfffc, "load %u of %x, CPL %u", how, sels[i], cpl);
            }
        }
    /* The last byte of the descriptor decides. */
    for (unsigned limit = 0xa7; limit <= 0xb0; limit++) {
        struct {
            uint16_t limit;
            uint32_t base;
        } __attribute__((packed)) g = { (uint16_t) limit, (uint32_t) gdt }, all = { sizeof gdt - 1, (uint32_t) gdt };

        set_desc(SEL_X, any_desc(0x13, 3, true));
        set_desc(SEL_LDT, segment((uint32_t) ldt, limit - 0xa0, A_P | 2, 0));
        ldt[1] = any_desc(0x13, 3, true);
        __asm__ volatile("lgdt %0; lldt %w1" : : "m"(g), "r"(SEL_LDT) : "memory");
        setup(R3);
        T.eax = SEL_X | 3;
        go(S32("movw %ax, %es"));
        if (limit >= SEL_X + 7)
            expect(DONE, 0, "GDT limit %x", limit);
        else
            expect(GP, SEL_X, "GDT limit %x", limit);
        setup(R3);
        T.eax = 0xf;
        go(S32("movw %ax, %es"));
        if (limit - 0xa0 >= 15)
            expect(DONE, 0, "LDT limit %x", limit - 0xa0);
        else
            expect(GP, 0xc, "LDT limit %x", limit - 0xa0);
        __asm__ volatile("lgdt %0" : : "m"(all) : "memory");
    }
    case_begin("2.4.2, 4.4", "no LDT: its selectors fault");
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        __asm__ volatile("lldt %w0" : : "r"(0) : "memory");
        setup(cpl);
        T.eax = 0xf;
        go(S32("movw %ax, %es"));
        expect(GP, 0xc, "LDT selector with a null LDTR, CPL %u", cpl);
    }
    for (unsigned reg = 0; reg < 5; reg++) {
        setup(R3);
        T.ebx = SCRATCH;
        T.ds = T.es = T.fs = T.gs = reg & 3;
        go(reg == 0 ? S32("movl %ds:(%ebx), %eax") : reg == 1 ? S32("movl %eax, %es:(%ebx)")
           : reg == 2 ? S32("movl %fs:(%ebx), %eax") : reg == 3 ? S32("addl %eax, %gs:(%ebx)") : S32("lodsl"));
        expect(GP, 0, "null register %u used", reg);
    }
}

/* --- returns --------------------------------------------------------------- */

static struct outcome model_return_code(unsigned type, unsigned dpl, unsigned rpl, unsigned cpl, bool present, uint16_t sel)
{
    if (!is_code(type) || rpl < cpl || ((type & 4) ? dpl > rpl : dpl != rpl))
        return (struct outcome){ GP, sel & 0xfffcu };
    if (!present)
        return (struct outcome){ NP, sel & 0xfffcu };
    return (struct outcome){ DONE, 0 };
}

static void return_one(bool iret, unsigned type, unsigned dpl, unsigned rpl, unsigned cpl, bool present)
{
    uint16_t sel = (uint16_t) (SEL_X | rpl);
    struct outcome want = model_return_code(type, dpl, rpl, cpl, present, sel);
    uint32_t *top, esp;

    set_desc(SEL_X, segment(SNIP, 0xfffff, type | dpl << 5 | (present ? A_P : 0), F_BIG));
    setup(cpl);
    esp = T.esp -= 64;
    top = (uint32_t *) T.esp;
    *top++ = SNIP_TO;
    *top++ = sel;
    if (iret)
        *top++ = 2 | FL_CF;
    *top++ = user_top(rpl);
    *top++ = data(rpl);
    go(iret ? S32("iretl") : S32("lretl"));
    expect(want.vector, want.code, "type %02x P%u DPL %u RPL %u CPL %u", type, present, dpl, rpl, cpl);
    if (T.vector == DONE) {
        check(T.cs == sel && T.eip == SNIP_TO + 2, "at %x:%x", T.cs, T.eip);
        check(T.esp == (rpl > cpl ? user_top(rpl) : esp + (iret ? 12 : 8)), "ESP %x", T.esp);
        check(T.ss == (rpl > cpl ? data(rpl) : data(cpl)), "SS %x", T.ss);
        check(T.ds == (rpl > cpl ? 0 : data(cpl)), "DS %x after a return from %u to %u", T.ds, cpl, rpl);
        check(!iret || (T.eflags & FL_CF), "EFLAGS %x", T.eflags);
    } else {
        check(T.off == 0 && T.esp == esp && T.cs == code(cpl), "fault at %x:+%x, ESP %x", T.cs, T.off, T.esp);
    }
}

/* The stack that an outer ring gets back. */
static void return_stacks(bool iret)
{
    for (unsigned cpl = 0; cpl < 3; cpl++)
        for (unsigned to = cpl + 1; to < 4; to++)
            for (unsigned type = 0; type < 32; type++)
                for (unsigned i = 0; i < 32; i++) {
                    unsigned dpl = i & 3, rpl = i >> 2 & 3;
                    bool present = i >> 4;
                    uint16_t sel = (uint16_t) (SEL_X | rpl);
                    struct outcome want = model_stack(type, dpl, rpl, to, present, sel);
                    uint32_t *top;

                    set_desc(SEL_X, any_desc(type, dpl, present));
                    setup(cpl);
                    top = (uint32_t *) (T.esp -= 64);
                    *top++ = SNIP + SNIP_TO;
                    *top++ = code(to);
                    if (iret)
                        *top++ = 2;
                    *top++ = user_top(to);
                    *top++ = sel;
                    go(iret ? S32("iretl") : S32("lretl"));
                    expect(want.vector, want.code, "SS type %02x P%u DPL %u RPL %u, ring %u to %u", type, present, dpl,
                           rpl, cpl, to);
                }
}

/* Data segments that the outer ring may not have become null (vol. 2, RET). */
static void return_drops(void)
{
    case_begin("vol. 2 RET, IRET", "data segments dropped on a return to an outer ring");
    for (unsigned iret = 0; iret < 2; iret++)
        for (unsigned to = 1; to < 4; to++)
            for (unsigned dpl = 0; dpl < 4; dpl++)
                for (unsigned type = 0x10; type < 0x20; type++) {
                    bool readable = !is_code(type) || (type & 2), keep = dpl >= to || (is_code(type) && (type & 4));
                    uint32_t *top;

                    if (!readable)
                        continue;
                    set_desc(SEL_X, any_desc(type, dpl, true));
                    setup(R0);
                    T.ds = T.es = T.fs = T.gs = SEL_X;
                    top = (uint32_t *) (T.esp -= 64);
                    *top++ = SNIP + SNIP_TO;
                    *top++ = code(to);
                    if (iret)
                        *top++ = 2;
                    *top++ = user_top(to);
                    *top++ = data(to);
                    go(iret ? S32("iretl") : S32("lretl"));
                    expect(DONE, 0, "type %x DPL %u to ring %u", type, dpl, to);
                    for (unsigned i = 0; i < 4; i++)
                        check((&T.ds)[i] == (keep ? SEL_X : 0u), "type %x DPL %u to ring %u: segment %u is %x", type, dpl,
                              to, i, (&T.ds)[i]);
                }
}

/* IRET's flags by CPL and IOPL: vol. 2 POPF, IRET; 2.3. */
static void return_flags(void)
{
    case_begin("2.3; vol. 2 POPF, IRET", "which flags POPF and IRET may change");
    for (unsigned iret = 0; iret < 4; iret++)
        for (unsigned cpl = 0; cpl < 4; cpl++)
            for (unsigned iopl = 0; iopl < 4; iopl++) {
                uint32_t may = (0xdd5 & ~FL_TF) | FL_NT, got;
                uint32_t *top;

                if (cpl == 0)
                    may |= FL_IOPL;
                if (cpl <= iopl)
                    may |= FL_IF;
                for (unsigned set = 0; set < 2; set++) {
                    setup(cpl);
                    T.eflags |= iopl << 12 | (set ? 0 : (0xdd5 & ~FL_TF) | FL_IF);
                    top = (uint32_t *) (T.esp -= 64);
                    if (iret == 1) {
                        *top++ = SNIP + SNIP_TO;
                        *top++ = code(cpl);
                    }
                    *top = set ? 0x7fd7u & ~FL_TF : 2;
                    got = *top;
                    go(iret == 1 ? S32("iretl") : iret == 2 ? S32("popfw") : S32("popfl"));
                    expect(DONE, 0, "CPL %u IOPL %u", cpl, iopl);
                    for (unsigned bit = 0; bit < 15; bit++) {
                        uint32_t old = 2 | iopl << 12 | (set ? 0 : (0xdd5 & ~FL_TF) | FL_IF), b = 1u << bit;

                        check((T.eflags & b) == ((may & b) ? got & b : old & b),
                              "way %u, CPL %u IOPL %u, bit %u: %x from %x by %x", iret, cpl, iopl, bit, T.eflags, old, got);
                    }
                }
            }
}

void test_segments(void)
{
    load_all();
    load_edges();
    for (unsigned iret = 0; iret < 2; iret++) {
        case_begin("4.8.6 [5.8.6]; vol. 2 RET, IRET", iret ? "IRET to every code segment" : "RET far to every code segment");
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 0; i < 128; i++)
                return_one(iret, type, i & 3, i >> 2 & 3, i >> 4 & 3, i >> 6);
        case_begin("4.8.6 [5.8.6]; vol. 2 RET, IRET", iret ? "IRET to every outer stack" : "RET far to every outer stack");
        return_stacks(iret);
    }
    return_drops();
    return_flags();
}

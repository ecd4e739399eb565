/*
 * Far JMP and CALL to every descriptor without a gate; call gates with every
 * privilege; parameters; stacks of inner rings that fault.
 *
 * Source: SDM vol. 3, 4.8 (today 5.8); vol. 2, "JMP", "CALL": the models follow
 *         the order of these pages.
 */
#include "priv.h"

static bool is_code(unsigned type)
{
    return (type & 0x18) == 0x18;
}

static const struct snip *far_code(bool call, bool wide)
{
    if (call)
        return wide ? S32("lcall *(%ebx)") : S32("lcallw *(%ebx)");
    return wide ? S32("ljmp *(%ebx)") : S32("ljmpw *(%ebx)");
}

static void far_pointer(bool wide, uint16_t sel, uint32_t off)
{
    T.ebx = SCRATCH;
    *(uint32_t *) SCRATCH = off;
    *(uint16_t *) (SCRATCH + (wide ? 4 : 2)) = sel;
}

static void direct_one(bool call, bool wide, unsigned type, unsigned i)
{
    unsigned dpl = i & 3, rpl = i >> 2 & 3, cpl = i >> 4 & 3;
    bool present = i >> 6 & 1, conforming = type & 4, ok;
    uint16_t sel = (uint16_t) (SEL_X | rpl);
    uint32_t esp;

    /* Gates and free TSSs have cases of their own. */
    if (!(type & 0x10) && (type == 1 || type == 4 || type == 5 || type == 9 || type == 12))
        return;
    set_desc(SEL_X, segment(SNIP, 0xffff, type | dpl << 5 | (present ? A_P : 0), F_BIG));
    setup(cpl);
    far_pointer(wide, sel, SNIP_TO);
    esp = T.esp;
    go(far_code(call, wide));
    ok = is_code(type) && (conforming ? dpl <= cpl : rpl <= cpl && dpl == cpl);
    if (!ok)
        expect(GP, SEL_X, "type %02x P%u DPL %u RPL %u CPL %u", type, present, dpl, rpl, cpl);
    else if (!present)
        expect(NP, SEL_X, "type %02x P%u DPL %u RPL %u CPL %u", type, present, dpl, rpl, cpl);
    else
        expect(DONE, 0, "type %02x P%u DPL %u RPL %u CPL %u", type, present, dpl, rpl, cpl);
    if (T.vector != DONE) {
        check(T.off == 0 && T.esp == esp && T.cs == code(cpl), "faulted at %x:+%x, ESP %x", T.cs, T.off, T.esp);
        return;
    }
    check(T.cs == (SEL_X | cpl) && T.eip == SNIP_TO + 2, "at %x:%x", T.cs, T.eip);
    check(T.esp == esp - (call ? wide ? 8 : 4 : 0), "ESP %x", T.esp);
    if (call && wide)
        check(stack32(0) == SNIP + 2 && (uint16_t) stack32(1) == code(cpl), "frame %x:%x", stack32(1), stack32(0));
    if (call && !wide)
        check(stack16(0) == (uint16_t) (SNIP + 3) && stack16(1) == code(cpl), "frame %x:%x", stack16(1), stack16(0));
}

static void direct(void)
{
    static const char *const names[] = { "far JMP to every descriptor", "far JMP to every descriptor, 16-bit operands",
                                         "far CALL to every descriptor", "far CALL to every descriptor, 16-bit operands" };

    for (unsigned how = 0; how < 4; how++) {
        case_begin("4.8.1 [5.8.1]; vol. 2 JMP, CALL", names[how]);
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 0; i < 128; i++)
                direct_one(how >> 1, !(how & 1), type, i);
        for (unsigned cpl = 0; cpl < 4; cpl++) {
            static const uint16_t sels[] = { 0, 3, 0x100, 0x84, 0xfff8 };

            for (unsigned i = 0; i < ARRAY_LEN(sels); i++) {
                setup(cpl);
                far_pointer(!(how & 1), sels[i], SNIP_TO);
                go(far_code(how >> 1, !(how & 1)));
                expect(GP, sels[i] < 4 ? 0 : sels[i] & 0xfffc, "to %x, CPL %u", sels[i], cpl);
            }
        }
    }
    case_begin("4.8.2 [5.8.2]", "conforming code runs at the caller's CPL, on its stack");
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        set_desc(SEL_X, segment(SNIP, 0xffff, A_CODE | 4, F_BIG));
        memcpy((void *) (SNIP + SNIP_TO + 16), "\x8c\xc8\xf4\xcd\x80", 5); /* movl %cs, %eax; hlt */
        setup(cpl);
        far_pointer(true, SEL_X, SNIP_TO + 16);
        if (cpl == 0)
            continue;
        go(far_code(true, true));
        expect(GP, 0, "HLT in conforming code of DPL 0, CPL %u", cpl);
        check((uint16_t) T.eax == (SEL_X | cpl) && T.ss == data(cpl), "CS %x, SS %x", T.eax, T.ss);
    }
}

/* --- call gates -------------------------------------------------------------- */

struct gate_case {
    unsigned type, dpl, rpl, cpl, target, target_dpl; /* target: a code or data type */
    bool present, target_present, call;
};

struct outcome {
    unsigned vector;
    uint32_t code;
    unsigned cpl;
};

/* vol. 2, CALL and JMP, "CALL-GATE". */
static struct outcome model_gate(const struct gate_case *g)
{
    uint16_t sel = SEL_X, to = SEL_Y;
    bool conforming = is_code(g->target) && (g->target & 4);

    if (g->dpl < g->cpl || g->dpl < g->rpl)
        return (struct outcome){ GP, sel, 0 };
    if (!g->present)
        return (struct outcome){ NP, sel, 0 };
    if (!is_code(g->target) || g->target_dpl > g->cpl)
        return (struct outcome){ GP, to, 0 };
    if (!g->call && !conforming && g->target_dpl != g->cpl)
        return (struct outcome){ GP, to, 0 };
    if (!g->target_present)
        return (struct outcome){ NP, to, 0 };
    return (struct outcome){ DONE, 0, conforming ? g->cpl : g->target_dpl };
}

static void check_gate_frame(const struct gate_case *g, const struct outcome *want, uint32_t esp)
{
    bool wide = g->type & 8, inner = want->cpl != g->cpl;
    unsigned size = wide ? 4 : 2;

    check(T.cs == (SEL_Y | want->cpl) && T.eip == SNIP_TO + 2, "at %x:%x", T.cs, T.eip);
    if (!g->call) {
        check(T.esp == esp && T.ss == data(g->cpl), "JMP moved the stack: %x:%x", T.ss, T.esp);
        return;
    }
    check(T.ss == (inner ? data(want->cpl) : data(g->cpl)), "SS %x", T.ss);
    check(T.esp == (inner ? ring_top(want->cpl) - 4 * size : esp - 2 * size), "ESP %x", T.esp);
    if (wide) {
        check(stack32(0) == SNIP + 2 && (uint16_t) stack32(1) == code(g->cpl), "frame %x:%x", stack32(1), stack32(0));
        check(!inner || (stack32(2) == esp && (uint16_t) stack32(3) == data(g->cpl)), "old stack %x:%x", stack32(3), stack32(2));
    } else {
        check(stack16(0) == (uint16_t) (SNIP + 2) && stack16(1) == code(g->cpl), "frame %x:%x", stack16(1), stack16(0));
        check(!inner || (stack16(2) == (uint16_t) esp && stack16(3) == data(g->cpl)), "old stack %x:%x", stack16(3), stack16(2));
    }
}

static void gate_one(const struct gate_case *g)
{
    struct outcome want = model_gate(g);
    uint32_t esp;

    set_desc(SEL_Y, segment(SNIP, 0xffff, g->target | g->target_dpl << 5 | (g->target_present ? A_P : 0), F_BIG));
    memcpy((void *) (SNIP + 0x10000 + SNIP_TO), "\xcd\x80", 2);
    set_desc(SEL_X, gate(g->type, g->dpl, g->present, SEL_Y | 3, g->type & 8 ? SNIP_TO : 0x10000 | SNIP_TO, 0)); /* not part of it */
    setup(g->cpl);
    far_pointer(true, (uint16_t) (SEL_X | g->rpl), 0xfedcba98);
    esp = T.esp;
    go(far_code(g->call, true));
    expect(want.vector, want.code, "%s gate %u P%u DPL %u RPL %u CPL %u, to %02x P%u DPL %u", g->call ? "CALL" : "JMP",
           g->type, g->present, g->dpl, g->rpl, g->cpl, g->target, g->target_present, g->target_dpl);
    if (T.vector == DONE)
        check_gate_frame(g, &want, esp);
    else
        check(T.off == 0 && T.esp == esp && T.ss == data(g->cpl) && T.cs == code(g->cpl), "faulted at %x:+%x, stack %x:%x",
              T.cs, T.off, T.ss, T.esp);
}

static void call_gates(void)
{
    static const unsigned targets[] = { 0x1b, 0x1f, 0x19, 0x13, 0x02, 0x0c };

    for (unsigned call = 0; call < 2; call++)
        for (unsigned type = 4; type <= 12; type += 8) {
            case_begin("4.8.3, 4.8.4 [5.8.3, 5.8.4]", call ? type == 4 ? "CALL through 16-bit gates" : "CALL through 32-bit gates"
                                                           : type == 4 ? "JMP through 16-bit gates" : "JMP through 32-bit gates");
            for (unsigned i = 0; i < 1024; i++)
                for (unsigned t = 0; t < ARRAY_LEN(targets); t++) {
                    struct gate_case g = { type, i & 3, i >> 2 & 3, i >> 4 & 3, targets[t], i >> 6 & 3, i >> 8 & 1, i >> 9, call };

                    gate_one(&g);
                }
            for (unsigned cpl = 0; cpl < 4; cpl++) {
                static const uint16_t sels[] = { 0, 3, 0x100, 0x84 };

                for (unsigned i = 0; i < ARRAY_LEN(sels); i++) {
                    set_desc(SEL_X, gate(type, 3, true, sels[i], SNIP_TO, 0));
                    setup(cpl);
                    far_pointer(true, SEL_X, 0);
                    go(far_code(call, true));
                    expect(GP, sels[i] < 4 ? 0 : sels[i], "gate to %x, CPL %u", sels[i], cpl);
                }
                /* The offset over the target's limit. */
                set_desc(SEL_Y, segment(SNIP, SNIP_TO - 1, A_CODE | cpl << 5, F_BIG));
                set_desc(SEL_X, gate(type, 3, true, SEL_Y, SNIP_TO, 0));
                setup(cpl);
                far_pointer(true, SEL_X, 0);
                go(far_code(call, true));
                expect(GP, 0, "gate over the limit, CPL %u", cpl);
                check(T.off == 0, "EIP +%x", T.off);
            }
        }
}

/* Parameters and their order (figure 4-12 [5-13]). */
static void parameters(void)
{
    case_begin("4.8.5 [5.8.5]", "parameters copied to the inner stack");
    for (unsigned type = 4; type <= 12; type += 8)
        for (unsigned cpl = 1; cpl < 4; cpl++)
            for (unsigned to = 0; to < cpl; to++)
                for (unsigned n = 0; n < 32; n++) {
                    unsigned size = type & 8 ? 4 : 2;
                    uint32_t esp;

                    set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE | to << 5, F_BIG));
                    set_desc(SEL_X, gate(type, 3, true, SEL_Y, SNIP_TO, n));
                    setup(cpl);
                    far_pointer(true, SEL_X, 0);
                    esp = T.esp -= 256;
                    for (unsigned i = 0; i < 32; i++) {
                        if (size == 4)
                            ((uint32_t *) esp)[i] = 0x1000000 * i + i;
                        else
                            ((uint16_t *) esp)[i] = (uint16_t) (0x100 * i + i);
                    }
                    go(far_code(true, true));
                    expect(DONE, 0, "gate %u with %u", type, n);
                    check(T.esp == ring_top(to) - (4 + n) * size, "%u parameters: ESP %x", n, T.esp);
                    for (unsigned i = 0; i < n; i++)
                        check(size == 4 ? stack32(2 + i) == 0x1000000 * i + i : stack16(2 + i) == 0x100 * i + i,
                              "gate %u, parameter %u of %u", type, i, n);
                    check(size == 4 ? stack32(2 + n) == esp && (uint16_t) stack32(3 + n) == data(cpl)
                                    : stack16(2 + n) == (uint16_t) esp && stack16(3 + n) == data(cpl), "old stack");
                }
    case_begin("4.8.5 [5.8.5]; vol. 2 CALL", "parameters on a stack that ends: #SS(0)");
    for (unsigned type = 4; type <= 12; type += 8)
        for (unsigned room = 0; room < 32; room += 2) {
            unsigned size = type & 8 ? 4 : 2, n = 6;

            set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE, F_BIG));
            set_desc(SEL_X, gate(type, 3, true, SEL_Y, SNIP_TO, n));
            set_desc(SEL_Z, segment(SCRATCH, 0x3ff, A_DATA | 0x60, F_BIG));
            setup(R3);
            far_pointer(true, SEL_X, 0);
            T.ss = SEL_Z | 3;
            T.esp = 0x400 - room;
            go(far_code(true, true));
            expect(room < n * size ? SS_ : DONE, 0, "gate %u, %u bytes left", type, room);
            if (room < n * size)
                check(T.off == 0 && T.esp == 0x400 - room && T.cs == code(3), "at %x:+%x, ESP %x", T.cs, T.off, T.esp);
        }
}

/* RET n through the rings gives both stacks back. */
static void gate_return(void)
{
    case_begin("4.8.6 [5.8.6]", "RET n drops parameters of both stacks");
    for (unsigned cpl = 1; cpl < 4; cpl++)
        for (unsigned to = 0; to < cpl; to++) {
            uint32_t esp;

            set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE | to << 5, F_BIG));
            set_desc(SEL_X, gate(12, 3, true, SEL_Y, SNIP_TO + 0x20, 3));
            memcpy((void *) (SNIP + SNIP_TO + 0x20), "\xca\x0c\x00", 3); /* lret $12 */
            setup(cpl);
            far_pointer(true, SEL_X, 0);
            esp = T.esp -= 64;
            go(far_code(true, true));
            expect(DONE, 0, "%u to %u and back", cpl, to);
            check(T.cs == code(cpl) && T.ss == data(cpl) && T.esp == esp + 12, "back at %x, stack %x:%x", T.cs, T.ss, T.esp);
            check(T.ds == data(cpl), "DS %x: the outer ring's own segment stays", T.ds);
        }
}

/* --- stacks of the inner ring -------------------------------------------------- */

static void inner_stacks(void)
{
    case_begin("vol. 2 CALL; 5.12 #TS", "the TSS names every kind of stack");
    for (unsigned to = 0; to < 3; to++)
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 0; i < 32; i++) {
                unsigned dpl = i & 3, rpl = i >> 2 & 3;
                bool present = i >> 4, down = (type & 0x1c) == 0x14;
                bool good = (type & 0x1a) == 0x12 && rpl == to && dpl == to;

                if (to == 0 && good)
                    continue; /* the handler's own */
                set_desc(SEL_Z, segment(0, down ? 0 : 0xfffff, type | dpl << 5 | (present ? A_P : 0), F_BIG | (down ? 0 : F_GRAN)));
                set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE | to << 5, F_BIG));
                set_desc(SEL_X, gate(12, 3, true, SEL_Y, SNIP_TO, 0));
                setup(R3);
                if (to == 0) {
                    continue; /* the fault's own handler needs this stack: exceptions.c */
                } else if (to == 1) {
                    main_tss.ss1 = SEL_Z | rpl;
                } else {
                    main_tss.ss2 = SEL_Z | rpl;
                }
                far_pointer(true, SEL_X, 0);
                go(far_code(true, true));
                if (!good)
                    expect(TS, SEL_Z, "SS%u: type %02x P%u DPL %u RPL %u", to, type, present, dpl, rpl);
                else if (!present)
                    expect(SS_, SEL_Z, "SS%u: type %02x not present", to, type);
                else
                    expect(DONE, 0, "SS%u: type %02x", to, type);
                if (T.vector != DONE)
                    check(T.off == 0 && T.cs == code(3) && T.ss == data(3), "faulted at %x:+%x", T.cs, T.off);
            }
    case_begin("vol. 2 CALL; 5.12 #SS", "no room on the inner stack");
    for (unsigned type = 4; type <= 12; type += 8)
        for (unsigned n = 0; n < 3; n++)
            for (uint32_t room = 0; room <= 28; room += 2) {
                unsigned size = type & 8 ? 4 : 2;

                env_reset();
                set_desc(SEL_Z, segment((uint32_t) ring_stack[1], 0x7ff, A_DATA | 0x20, F_BIG));
                set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE | 0x20, F_BIG));
                set_desc(SEL_X, gate(type, 3, true, SEL_Y, SNIP_TO, n));
                setup(R3);
                main_tss.ss1 = SEL_Z | 1;
                main_tss.esp1 = room;
                T.esp -= 64;
                far_pointer(true, SEL_X, 0);
                go(far_code(true, true));
                if (room < (4 + n) * size)
                    expect(SS_, SEL_Z, "gate %u, %u parameters, room for %u", type, n, room);
                else
                    expect(DONE, 0, "gate %u, %u parameters, room for %u", type, n, room);
                check(T.vector == DONE || (T.off == 0 && T.esp == user_top(3) - 64), "ESP %x", T.esp);
            }
    case_begin("vol. 2 CALL; 5.12 #TS", "a TSS too short for the stack of the ring");
    for (unsigned wide = 0; wide < 2; wide++)
        for (uint32_t limit = 3; limit < 30; limit++)
            for (unsigned to = 1; to < 3; to++) {
                uint32_t last = wide ? 4 + to * 8 + 5 : 2 + to * 4 + 3;

                /* Ring 0 has what it needs for the fault in both. */
                if (limit < (wide ? 11u : 6u))
                    continue;
                /* Editions differ about the two bytes beside SS (+5 or +7, +3 or +4). */
                if (limit >= last && limit <= last + 2)
                    continue;
                env_reset();
                if (!wide) {
                    uint16_t *t = (uint16_t *) &main_tss;

                    memset(t, 0, 44);
                    set_desc(SEL_W, segment((uint32_t) ring_stack, 0xffff, A_DATA, 0));
                    t[1] = 0xff0;
                    t[2] = SEL_W;
                    t[2 * to + 1] = (uint16_t) (0x1000 * to + 0xff0);
                    set_desc(SEL_Z, segment((uint32_t) ring_stack, 0xffff, A_DATA | to << 5, 0));
                    t[2 * to + 2] = (uint16_t) (SEL_Z | to);
                }
                set_desc(SEL_TSS_C, segment((uint32_t) &main_tss, limit, A_P | (wide ? 9 : 1), 0));
                __asm__ volatile("ltr %w0" : : "r"(SEL_TSS_C) : "memory");
                set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE | to << 5, F_BIG));
                set_desc(SEL_X, gate(12, 3, true, SEL_Y, SNIP_TO, 0));
                setup(R3);
                far_pointer(true, SEL_X, 0);
                go(far_code(true, true));
                if (limit < last)
                    expect(TS, SEL_TSS_C, "TSS%s limit %u, ring %u", wide ? "32" : "16", limit, to);
                else
                    expect(DONE, 0, "TSS%s limit %u, ring %u", wide ? "32" : "16", limit, to);
                env_reset();
            }
}

void test_transfers(void)
{
    direct();
}

void test_gates(void)
{
    call_gates();
    parameters();
    gate_return();
    inner_stacks();
}

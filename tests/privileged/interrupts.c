/*
 * INT n and exceptions through interrupt and trap gates of both sizes; what
 * other descriptors in the IDT do; hardware interrupts and their shadows.
 *
 * Source: SDM vol. 3, 5.10 to 5.12 (today 6.10 to 6.12); vol. 2, "INT n", "STI",
 *         "MOV", "HLT".
 */
#include "priv.h"

enum { VECTOR = 0x90, IRQ_BASE = 0x20 };

static bool is_code(unsigned type)
{
    return (type & 0x18) == 0x18;
}

struct int_case {
    unsigned type, dpl, cpl, target, target_dpl;
    bool present, target_present;
};

struct outcome {
    unsigned vector;
    uint32_t code;
    unsigned cpl;
};

/* vol. 2, INT n, "PROTECTED-MODE" and "TRAP-OR-INTERRUPT-GATE"; software, so EXT is 0. */
static struct outcome model_int(const struct int_case *g)
{
    bool conforming = is_code(g->target) && (g->target & 4);

    if ((g->type & 0x10) || (g->type != 6 && g->type != 7 && g->type != 14 && g->type != 15))
        return (struct outcome){ GP, VECTOR * 8 + 2, 0 };
    if (g->dpl < g->cpl)
        return (struct outcome){ GP, VECTOR * 8 + 2, 0 };
    if (!g->present)
        return (struct outcome){ NP, VECTOR * 8 + 2, 0 };
    if (!is_code(g->target) || g->target_dpl > g->cpl)
        return (struct outcome){ GP, SEL_Y, 0 };
    if (!g->target_present)
        return (struct outcome){ NP, SEL_Y, 0 };
    return (struct outcome){ DONE, 0, conforming ? g->cpl : g->target_dpl };
}

static void int_one(const struct int_case *g)
{
    struct outcome want = model_int(g);
    bool wide = g->type & 8, inner = want.cpl != g->cpl;
    unsigned size = wide ? 4 : 2;
    uint32_t esp, flags;

    set_desc(SEL_Y, segment(SNIP, 0xffff, g->target | g->target_dpl << 5 | (g->target_present ? A_P : 0), F_BIG));
    idt[VECTOR] = gate(g->type & 15, g->dpl, g->present, SEL_Y | 2, SNIP_TO, 0);
    idt[VECTOR].hi |= g->type & 0x10 ? 0x1000 : 0;
    setup(g->cpl);
    T.eflags |= FL_IF | FL_CF | FL_DF;
    esp = T.esp;
    go(S32("int $0x90"));
    expect(want.vector, want.code, "gate %02x P%u DPL %u CPL %u, to %02x P%u DPL %u", g->type, g->present, g->dpl, g->cpl,
           g->target, g->target_present, g->target_dpl);
    if (T.vector != DONE) {
        check(T.off == 0 && T.esp == esp && T.cs == code(g->cpl), "faulted at %x:+%x, ESP %x", T.cs, T.off, T.esp);
        return;
    }
    check(T.cs == (SEL_Y | want.cpl) && T.eip == SNIP_TO + 2, "at %x:%x", T.cs, T.eip);
    check((T.eflags & FL_IF) == (g->type & 1 ? FL_IF : 0), "gate %u: IF in EFLAGS %x", g->type, T.eflags);
    check((T.eflags & (FL_CF | FL_DF | FL_TF)) == (FL_CF | FL_DF), "EFLAGS %x", T.eflags);
    check(T.ss == (inner ? data(want.cpl) : data(g->cpl)), "SS %x", T.ss);
    check(T.esp == (inner ? ring_top(want.cpl) - 5 * size : esp - 3 * size), "ESP %x", T.esp);
    flags = 2 | FL_IF | FL_CF | FL_DF;
    if (wide) {
        check(stack32(0) == SNIP + 2 && (uint16_t) stack32(1) == code(g->cpl) && stack32(2) == flags, "frame %x:%x %x",
              stack32(1), stack32(0), stack32(2));
        check(!inner || (stack32(3) == esp && (uint16_t) stack32(4) == data(g->cpl)), "old stack %x:%x", stack32(4), stack32(3));
    } else {
        check(stack16(0) == (uint16_t) (SNIP + 2) && stack16(1) == code(g->cpl) && stack16(2) == flags, "frame %x:%x %x",
              stack16(1), stack16(0), stack16(2));
        check(!inner || (stack16(3) == (uint16_t) esp && stack16(4) == data(g->cpl)), "old stack %x:%x", stack16(4), stack16(3));
    }
}

static void software(void)
{
    static const unsigned types[] = { 6, 7, 14, 15 };
    static const char *const names[] = { "INT n, 16-bit interrupt gates", "INT n, 16-bit trap gates",
                                         "INT n, 32-bit interrupt gates", "INT n, 32-bit trap gates" };
    static const unsigned targets[] = { 0x1b, 0x1f, 0x13, 0x0e };

    for (unsigned n = 0; n < ARRAY_LEN(types); n++) {
        case_begin("5.12.1 [6.12.1]; vol. 2 INT", names[n]);
        for (unsigned i = 0; i < 256; i++)
            for (unsigned t = 0; t < ARRAY_LEN(targets); t++) {
                struct int_case g = { types[n], i & 3, i >> 2 & 3, targets[t], i >> 4 & 3, i >> 6 & 1, i >> 7 & 1 };

                int_one(&g);
            }
    }
    case_begin("5.11 [6.11]; vol. 2 INT", "descriptors that are no gates in the IDT, its limit");
    for (unsigned type = 0; type < 32; type++)
        for (unsigned cpl = 0; cpl < 4; cpl++)
            if (type != 5 && type != 6 && type != 7 && type != 14 && type != 15)
                int_one(&(struct int_case){ type, 3, cpl, 0x1b, 0, true, true });
    idt_default(VECTOR);
    for (unsigned limit = 0x90 * 8 - 2; limit <= 0x90 * 8 + 8; limit++) {
        struct {
            uint16_t limit;
            uint32_t base;
        } __attribute__((packed)) i = { (uint16_t) limit, (uint32_t) idt };

        __asm__ volatile("lidt %0" : : "m"(i) : "memory");
        setup(R3);
        go(S32("int $0x90"));
        expect(limit >= 0x90 * 8 + 7 ? 0x90 : GP, 0x90 * 8 + 2, "IDT limit %x", limit);
    }
}

/* Codes come as words through 16-bit gates; the frame of a fault. */
static void exceptions_16(void)
{
    case_begin("5.13 [6.13]", "error codes through 16- and 32-bit gates");
    for (unsigned type = 6; type < 16; type++) {
        unsigned size = type & 8 ? 4 : 2;

        if (type > 7 && type < 14)
            continue;
        for (unsigned cpl = 0; cpl < 4; cpl++)
            for (unsigned to = 0; to <= cpl; to++) {
                uint32_t esp;

                set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE | to << 5, F_BIG));
                idt[NP] = gate(type, 0, true, SEL_Y, SNIP_TO, 0);
                set_desc(SEL_X, segment(0, 0xfffff, (A_DATA & ~A_P) | 0x60, F_BIG | F_GRAN));
                setup(cpl);
                T.eax = SEL_X;
                esp = T.esp;
                go(S32("movw %ax, %es"));
                expect(DONE, 0, "gate %u, CPL %u to %u", type, cpl, to);
                check(T.esp == (to == cpl ? esp - 4 * size : ring_top(to) - 6 * size), "gate %u: ESP %x", type, T.esp);
                if (size == 4)
                    check(stack32(0) == SEL_X && stack32(1) == SNIP && stack32(3) == (2 | FL_RF), "code %x, EIP %x, EFLAGS %x",
                          stack32(0), stack32(1), stack32(3));
                else
                    check(stack16(0) == SEL_X && stack16(1) == (uint16_t) SNIP && stack16(3) == 2, "code %x, IP %x, FLAGS %x",
                          stack16(0), stack16(1), stack16(3));
            }
        idt_default(NP);
    }
}

/* --- hardware ---------------------------------------------------------------- */

static void pic_init(void)
{
    outb(0x20, 0x11);
    outb(0x21, IRQ_BASE);
    outb(0x21, 4);
    outb(0x21, 1);
    outb(0xa0, 0x11);
    outb(0xa1, IRQ_BASE + 8);
    outb(0xa1, 2);
    outb(0xa1, 1);
    outb(0x21, 0xfe);
    outb(0xa1, 0xff);
}

static void pic_done(void)
{
    outb(0x20, 0x20);
    outb(0x21, 0xff);
}

/* One edge of the timer, seen waiting in the controller. */
static void irq_raise(void)
{
    pic_init();
    outb(0x43, 0x30); /* counter 0, mode 0 */
    outb(0x40, 20);
    outb(0x40, 0);
    do {
        outb(0x20, 0x0a);
    } while (!(inb(0x20) & 1));
}

static void shadows(void)
{
    case_begin("vol. 2 STI, CLI, MOV, POP, POPF, IRET, HLT; 5.8.3 [6.8.3]", "where a waiting interrupt comes in");
    for (unsigned m = R0; m <= R3_16; m++) {
        static const char *const names[] = { "STI", "STI, CLI", "STI, MOV SS", "STI, POP SS", "POPF", "STI, HLT",
                                             "STI, LSS", "STI, MOV DS", "STI, NOP", "IRET" };
        static const uint8_t wants[] = { 1, 9, 1, 1, 0, 0, 0, 0, 0, 0 };

        for (unsigned how = 0; how < ARRAY_LEN(wants); how++) {
            irq_raise();
            setup(m);
            T.eflags |= FL_IOPL;
            T.eax = T.ss;
            T.ecx = 0;
            T.esp -= 64;
            if (how == 4) /* POPF */
                *(uint32_t *) ((m < R0_16 ? 0 : SNIP) + T.esp) = 2 | FL_IOPL | FL_IF;
            if (how == 3)
                *(uint32_t *) ((m < R0_16 ? 0 : SNIP) + T.esp) = T.ss;
            if (how == 6) {
                *(uint32_t *) ((m < R0_16 ? 0 : SNIP) + T.esp) = T.esp;
                *(uint32_t *) ((m < R0_16 ? 0 : SNIP) + T.esp + (m < R0_16 ? 4 : 2)) = T.ss;
            }
            if (how == 5 && (m & 3) != 0)
                continue; /* HLT */
            if (how == 9 && m >= R0_16)
                continue;
            if (how == 6 && m >= R0_16)
                continue;
            switch (how) {
            case 0: go(S32("sti; incl %ecx; incl %ecx; incl %ecx")); break;
            case 1: go(S32("sti; cli; movb $9, %cl; nop")); break;
            case 2: go(S32("sti; .byte 0x8e, 0xd0; incl %ecx; incl %ecx; incl %ecx")); break;
            case 3: go(S32("sti; pop %ss; incl %ecx; incl %ecx; incl %ecx")); break;
            case 4: go(S32("popf; incl %ecx; incl %ecx")); break;
            case 5: go(S32("sti; hlt; incl %ecx; incl %ecx")); break;
            case 6: go(S32("sti; lss (%esp), %esp; incl %ecx; incl %ecx")); break;
            case 7: go(S32("sti; .byte 0x8e, 0xd8; incl %ecx; incl %ecx")); break;
            case 8: go(S32("sti; nop; incl %ecx; incl %ecx")); break;
            default: go(S32("pushl $0x3202; pushl %cs; call 1f; 1: addl $5, (%esp); iretl; incl %ecx; incl %ecx")); break;
            }
            expect(how == 1 ? DONE : IRQ_BASE, 0, "%s, mode %u", names[how], m);
            check((T.ecx & 0xff) == wants[how], "%s, mode %u: %u instructions after it", names[how], m, T.ecx);
            check(how == 1 || ((T.eflags & FL_IF) && !(T.h_eflags & FL_IF)), "EFLAGS %x, handler's %x", T.eflags, T.h_eflags);
            check(!T.has_code && !(T.eflags & FL_RF), "RF in EFLAGS %x", T.eflags);
            pic_done();
        }
    }
}

/* An interrupt's faults say EXT. */
static void hardware_faults(void)
{
    case_begin("5.13 [6.13]", "EXT when a hardware interrupt cannot be delivered");
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned how = 0; how < 4; how++) {
            unsigned want = GP;
            uint32_t want_code = IRQ_BASE * 8 + 3;

            irq_raise();
            setup(cpl);
            T.eflags |= FL_IF;
            idt_default(IRQ_BASE);
            if (how == 0) {
                idt[IRQ_BASE].hi &= ~0x8000u;
                want = NP;
            } else if (how == 1) {
                idt[IRQ_BASE].hi = (idt[IRQ_BASE].hi & ~0x1f00u) | 0x0c00;
            } else if (how == 2) {
                idt[IRQ_BASE].lo = (idt[IRQ_BASE].lo & 0xffff) | (uint32_t) SEL_X << 16;
                want_code = SEL_X | 1;
            } else {
                idt[IRQ_BASE].lo &= 0xffff;
                want_code = 1;
            }
            go(S32("nop; nop"));
            expect(want, want_code, "way %u, CPL %u", how, cpl);
            check(T.off == 0, "EIP +%x", T.off);
            idt_default(IRQ_BASE);
            pic_done();
        }
    case_begin("5.12.1 [6.12.1]", "a hardware interrupt does not ask for the gate's DPL");
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        irq_raise();
        setup(cpl);
        T.eflags |= FL_IF;
        go(S32("nop; nop"));
        expect(IRQ_BASE, 0, "CPL %u", cpl);
        check(T.off == 0 && T.h_ss == data(0), "EIP +%x, SS %x", T.off, T.h_ss);
        pic_done();
    }
}

void test_interrupts(void)
{
    software();
    exceptions_16();
    shadows();
    hardware_faults();
    case_skip("5.7.1 [6.7.1]", "NMI is blocked until IRET", "no source of NMI that every board has");
}

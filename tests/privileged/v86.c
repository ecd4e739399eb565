/*
 * Virtual-8086 mode: what traps by IOPL, faults to ring 0, its segments; VME:
 * redirection of INT n, the virtual interrupt flag; PVI.
 *
 * Source: SDM vol. 3, 16.2 and 16.3 (today 20.2 to 20.4).
 */
#include "priv.h"

enum { SEG = SNIP >> 4, VEC = 0x91, REDIRECT = 104, IO_BASE = 136 };

/* A TSS with a redirection map (SDM figure 16-5) that sends everything to gates. */
static void long_tss(void)
{
    uint8_t *t = (uint8_t *) &main_tss;

    main_tss.io_base = IO_BASE;
    memset(t + REDIRECT, 0xff, 32 + 8192 + 1);
    set_desc(SEL_MAIN_TSS, segment((uint32_t) &main_tss, IO_BASE + 8192, A_P | 9, 0));
    __asm__ volatile("ltr %w0" : : "r"(SEL_MAIN_TSS) : "memory");
}

static void redirect(unsigned vector, bool to_program)
{
    uint8_t *map = (uint8_t *) &main_tss + REDIRECT;

    if (to_program)
        map[vector / 8] &= (uint8_t) ~(1 << vector % 8);
    else
        map[vector / 8] |= (uint8_t) (1 << vector % 8);
}

static void entry_and_exit(void)
{
    case_begin("16.2.2, 16.2.3 [20.2.2, 20.2.3]", "into virtual-8086 mode and out of it");
    for (unsigned type = 14; type <= 15; type++)
        for (unsigned i = 0; i < 4; i++) {
            setup(V86);
            T.ds = 0x1111;
            T.es = 0x2222;
            T.fs = 0xffff;
            T.gs = 3;
            T.eflags |= FL_IF | FL_NT * (i & 1) | FL_CF;
            idt[VEC] = gate(type, 3, true, SEL_CODE, (idt[VEC].lo & 0xffff) | (idt[VEC].hi & 0xffff0000), 0);
            go(S16("int $0x91"));
            expect(VEC, 0, "INT by gate %u", type);
            check(T.off == 2 && T.cs == SEG && T.ss == SEG && T.esp == STACK16, "at %x:%x, stack %x:%x", T.cs, T.eip, T.ss, T.esp);
            check(T.ds == 0x1111 && T.es == 0x2222 && T.fs == 0xffff && T.gs == 3, "frame %x %x %x %x", T.ds, T.es, T.fs, T.gs);
            check(T.h_segs == 0, "the handler's segments: %x, not null", T.h_segs);
            check(T.h_ss == data(0) && T.h_esp == ring_top(0) - 36, "the handler's stack %x:%x", T.h_ss, T.h_esp);
            check((T.h_eflags & (FL_VM | FL_NT | FL_TF | FL_IF)) == (type == 15 ? FL_IF : 0u), "the handler's EFLAGS %x", T.h_eflags);
            check((T.eflags & (FL_VM | FL_IF | FL_IOPL)) == (FL_VM | FL_IF | FL_IOPL), "EFLAGS %x", T.eflags);
            idt_default(VEC);
        }
    case_begin("16.2.1 [20.2.1]", "segments of 64 KiB at paragraph * 16");
    for (unsigned i = 0; i < 5; i++) {
        setup(V86);
        T.ds = SCRATCH >> 4;
        T.es = (SCRATCH >> 4) + 1;
        *(uint32_t *) SCRATCH = 0x44332211;
        *(uint32_t *) (SCRATCH + 16) = 0x88776655;
        T.ebx = i < 2 ? 0 : i == 2 ? 0xffff : i == 3 ? 0xfffd : 0x10000;
        go(i == 0 ? S16("movl (%bx), %eax") : i == 1 ? S16("movl %es:(%bx), %eax") : i == 4 ? S16("movl (%ebx), %eax") : S16("movl (%bx), %eax"));
        if (i < 2)
            check(T.vector == DONE && T.eax == (i == 0 ? 0x44332211u : 0x88776655u), "vector %u, read %x", T.vector, T.eax);
        else
            expect(GP, 0, "offset %x", T.ebx);
    }
    setup(V86);
    T.ebx = 0xffff;
    go(S16("movw %ss:(%bx), %ax"));
    expect(SS_, 0, "SS over its end");
    setup(V86);
    T.esp = 1;
    go(S16("pushw %ax"));
    expect(SS_, 0, "PUSH at SP 1");
    check(T.esp == 1 && T.off == 0, "SP %x", T.esp);
    setup(V86);
    T.esp = 0;
    go(S16("pushw %ax"));
    expect(DONE, 0, "PUSH at SP 0");
    check(T.esp == 0xfffe, "SP %x", T.esp);
    setup(V86);
    T.ebx = 0x10000;
    go(S16("jmp *%ebx"));
    expect(GP, 0, "JMP to 10000h");
    case_begin("16.2.4 [20.2.4]", "segment loads in virtual-8086 mode never fault");
    for (unsigned i = 0; i < 6; i++) {
        setup(V86);
        T.eax = 0xf0f7;
        T.esp -= 8;
        *(uint32_t *) (SNIP + T.esp) = 0xabcd1234;
        go(i == 0 ? S16("movw %ax, %ds") : i == 1 ? S16("movw %ax, %es") : i == 2 ? S16("movw %ax, %fs") : i == 3 ? S16("movw %ax, %gs")
           : i == 4 ? S16("popw %fs") : S16("movw %sp, %bp; lesw (%bp), %cx"));
        expect(DONE, 0, "load %u", i);
        if (i < 4)
            check((i == 0 ? T.ds : i == 1 ? T.es : i == 2 ? T.fs : T.gs) == 0xf0f7, "load %u", i);
        else
            check(i == 4 ? T.fs == 0x1234 : T.es == 0xabcd, "load %u: %x %x", i, T.fs, T.es);
    }
    setup(V86);
    T.ebx = SCRATCH - SNIP;
    *(uint16_t *) SCRATCH = SNIP_TO;
    *(uint16_t *) (SCRATCH + 2) = SEG;
    go(S16("lcallw *(%bx)"));
    expect(DONE, 0, "CALL far");
    check(T.cs == SEG && T.eip == SNIP_TO + 2 && stack16(0) == 4 - 2 && stack16(1) == SEG, "at %x:%x, frame %x:%x", T.cs, T.eip,
          stack16(1), stack16(0));
}

/* INT to a handler that is not in ring 0 (vol. 2, INT: INTERRUPT-FROM-VIRTUAL-8086-MODE). */
static void wrong_ring(void)
{
    case_begin("16.3.1 [20.3.1]; vol. 2 INT", "handlers of virtual-8086 mode must be ring 0 and not conforming");
    for (unsigned dpl = 0; dpl < 4; dpl++)
        for (unsigned conforming = 0; conforming < 2; conforming++) {
            set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE | dpl << 5 | (conforming ? 4 : 0), F_BIG));
            for (unsigned soft = 0; soft < 2; soft++) {
                setup(V86);
                idt[VEC] = gate(14, 3, true, SEL_Y, SNIP_TO, 0);
                idt[UD] = idt[VEC];
                go(soft ? S16("int $0x91") : S16("ud2"));
                if (dpl == 0 && !conforming)
                    expect(DONE, 0, "DPL 0");
                else
                    expect(GP, SEL_Y | (soft ? 0 : 1), "DPL %u, conforming %u, %s", dpl, conforming, soft ? "INT" : "UD2");
                idt_default(UD);
            }
        }
    case_begin("16.3.1 [20.3.1]", "16-bit gates from virtual-8086 mode push words");
    set_desc(SEL_Y, segment(SNIP, 0xffff, A_CODE, F_BIG));
    setup(V86);
    T.gs = 0x7654;
    T.es = 0x1234;
    idt[VEC] = gate(6, 3, true, SEL_Y, SNIP_TO, 0);
    go(S16("int $0x91"));
    expect(DONE, 0, "INT by a 16-bit gate");
    check(T.esp == ring_top(0) - 18 && stack16(0) == 2 && stack16(1) == SEG && stack16(3) == STACK16 && stack16(4) == SEG
              && stack16(5) == 0x1234 && stack16(8) == 0x7654, "frame of words: ESP %x, %x %x", T.esp, stack16(0), stack16(8));
}

/* Table of 16.2.7: each at IOPL 3 and below.  Wanted vector for each. */
static void sensitive(void)
{
    static const struct {
        uint8_t len, bytes[8];
        const char *name;
        uint8_t iopl3, below; /* DONE, or the fault */
    } insns[] = {
        { 1, { 0xfa }, "CLI", DONE, GP },
        { 1, { 0xfb }, "STI", DONE, GP },
        { 1, { 0x9c }, "PUSHF", DONE, GP },
        { 2, { 0x66, 0x9c }, "PUSHFD", DONE, GP },
        { 1, { 0x9d }, "POPF", DONE, GP },
        { 2, { 0x66, 0x9d }, "POPFD", DONE, GP },
        { 2, { 0xcd, VEC }, "INT n", VEC, GP },
        { 1, { 0xcf }, "IRET", DONE, GP },
        { 2, { 0x66, 0xcf }, "IRETD", DONE, GP },
        { 1, { 0xcc }, "INT3", BP, BP },
        { 1, { 0xce }, "INTO", OF, OF },
        { 1, { 0xf4 }, "HLT", GP, GP },
        { 2, { 0x0f, 0x06 }, "CLTS", GP, GP },
        { 3, { 0x0f, 0x01, 0x17 }, "LGDT", GP, GP },
        { 3, { 0x0f, 0x01, 0x1f }, "LIDT", GP, GP },
        { 3, { 0x0f, 0x01, 0xf0 }, "LMSW", GP, GP },
        { 3, { 0x0f, 0x01, 0xe0 }, "SMSW", DONE, DONE },
        { 3, { 0x0f, 0x20, 0xc0 }, "MOV from CR0", GP, GP },
        { 3, { 0x0f, 0x22, 0xc0 }, "MOV to CR0", GP, GP },
        { 3, { 0x0f, 0x20, 0xd8 }, "MOV from CR3", GP, GP },
        { 3, { 0x0f, 0x21, 0xc0 }, "MOV from DR0", GP, GP },
        { 3, { 0x0f, 0x23, 0xf8 }, "MOV to DR7", GP, GP },
        { 3, { 0x0f, 0x00, 0xd0 }, "LLDT", UD, UD },
        { 3, { 0x0f, 0x00, 0xd8 }, "LTR", UD, UD },
        { 3, { 0x0f, 0x00, 0xc0 }, "SLDT", UD, UD },
        { 3, { 0x0f, 0x00, 0xc8 }, "STR", UD, UD },
        { 3, { 0x0f, 0x00, 0xe0 }, "VERR", UD, UD },
        { 3, { 0x0f, 0x00, 0xe8 }, "VERW", UD, UD },
        { 3, { 0x0f, 0x02, 0xc0 }, "LAR", UD, UD },
        { 3, { 0x0f, 0x03, 0xc0 }, "LSL", UD, UD },
        { 2, { 0x63, 0xc0 }, "ARPL", UD, UD },
        { 2, { 0x0f, 0x0b }, "UD2", UD, UD },
        { 2, { 0xf7, 0xf1 }, "DIV by 0", DE, DE },
        { 3, { 0x0f, 0x01, 0x07 }, "SGDT", DONE, DONE },
        { 3, { 0x0f, 0x01, 0x0f }, "SIDT", DONE, DONE },
    };

    case_begin("16.2.7, 16.2.8 [20.2.7, 20.2.8]; 4.9", "sensitive and privileged instructions at every IOPL");
    for (unsigned iopl = 0; iopl < 4; iopl++)
        for (unsigned i = 0; i < ARRAY_LEN(insns); i++) {
            unsigned want = iopl == 3 ? insns[i].iopl3 : insns[i].below;

            setup(V86);
            T.eflags = 2 | FL_VM | iopl << 12 | FL_OF;
            T.edi = T.ebx = SCRATCH - SNIP;
            T.esp -= 64;
            memset((void *) (SNIP + T.esp), 0, 64);
            if (insns[i].name[0] == 'I' && insns[i].name[1] == 'R') {
                if (insns[i].len == 1) {
                    ((uint16_t *) (SNIP + T.esp))[0] = SNIP_TO;
                    ((uint16_t *) (SNIP + T.esp))[1] = SEG;
                } else {
                    ((uint32_t *) (SNIP + T.esp))[0] = SNIP_TO;
                    ((uint32_t *) (SNIP + T.esp))[1] = SEG;
                }
            }
            memset((void *) (SNIP + SNIP_TO), 0xcd, 1);
            go_bytes(insns[i].bytes, insns[i].len);
            if (want == DONE && iopl < 3) /* the INT 80h behind it faults */
                check(T.vector == GP && T.code == 0 && T.off == insns[i].len, "%s, IOPL %u: vector %u at +%x", insns[i].name, iopl, T.vector, T.off);
            else
                expect(want, 0, "%s, IOPL %u", insns[i].name, iopl);
            if (want != DONE && want != VEC && want != BP && want != OF)
                check(T.off == 0, "%s: EIP +%x", insns[i].name, T.off);
            check(T.h_segs == 0, "the handler's segments %x", T.h_segs);
        }
    case_begin("16.2.7 [20.2.7]", "flags at IOPL 3: IF changes, IOPL and VM do not");
    setup(V86);
    go(S16("sti; nop; pushfl; popl %eax; cli; pushfl; popl %ecx; orl $0x13000, %ecx; andl $~0x3000, %ecx; pushl %ecx; popfl; pushfl; popl %edx"));
    expect(DONE, 0, "STI, CLI, POPF");
    check((T.eax & FL_IF) && !(T.ecx & FL_IF), "IF: %x %x", T.eax, T.ecx);
    check((T.edx & FL_IOPL) == FL_IOPL && (T.eflags & FL_VM), "IOPL: %x", T.edx);
    check(!(T.eax & (FL_VM | FL_RF)), "PUSHFD shows VM or RF: %x", T.eax);
}

/* --- VME ----------------------------------------------------------------------- */

static void ivt(unsigned vector, uint16_t seg, uint16_t off)
{
    volatile uint16_t *v = (volatile uint16_t *) (vector * 4 + 0x10000 - 0x10000);

    __asm__("" : "+r"(v));
    v[0] = off;
    v[1] = seg;
}

static void vme_interrupts(void)
{
    case_begin("16.3.3, table 16-2 [20.3.3, table 20-2]", "VME: INT n by redirection map, IOPL, and VIF");
    for (unsigned iopl = 0; iopl < 4; iopl++)
        for (unsigned to_program = 0; to_program < 2; to_program++)
            for (unsigned vif = 0; vif < 2; vif++) {
                env_reset();
                long_tss();
                redirect(VEC, to_program);
                ivt(VEC, SEG, SNIP_TO);
                set_cr4(CR4_VME);
                setup(V86);
                T.eflags = 2 | FL_VM | iopl << 12 | FL_CF | FL_NT | (vif ? FL_VIF : 0) | (iopl == 3 ? FL_IF : 0);
                go(S16("int $0x91"));
                if (to_program) {
                    check(T.vector == (iopl == 3 ? DONE : GP), "IOPL %u: vector %u", iopl, T.vector);
                    check(T.cs == SEG && T.eip == SNIP_TO + (iopl == 3 ? 2u : 0u), "IOPL %u: at %x:%x", iopl, T.cs, T.eip);
                    check(T.esp == STACK16 - 6 && stack16(0) == 2 && stack16(1) == SEG, "frame %x:%x", stack16(1), stack16(0));
                    if (iopl == 3)
                        check(stack16(2) == (2 | FL_CF | FL_NT | FL_IOPL | FL_IF) && !(T.eflags & FL_IF), "FLAGS %x, EFLAGS %x",
                              stack16(2), T.eflags);
                    else
                        check(stack16(2) == (2u | FL_CF | FL_NT | FL_IOPL | (vif ? FL_IF : 0)) && !(T.eflags & FL_VIF),
                              "IOPL %u: FLAGS %x, EFLAGS %x", iopl, stack16(2), T.eflags);
                    check((T.eflags & FL_IOPL) == iopl << 12, "IOPL %u: EFLAGS %x", iopl, T.eflags);
                } else if (iopl == 3) {
                    expect(VEC, 0, "to the gate");
                } else {
                    expect(GP, 0, "to the monitor, IOPL %u", iopl);
                    check(T.off == 0, "EIP +%x", T.off);
                }
            }
    env_reset();
}

static void vme_flags(void)
{
    static const char *const names[] = { "CLI", "STI", "PUSHF", "POPF with IF", "POPF without", "IRET with IF", "IRET without",
                                         "PUSHFD", "POPFD", "POPF with TF", "IRETD" };

    case_begin("16.3.2, 16.4 [20.3.2, 20.4]; vol. 2 CLI, STI, POPF, IRET", "VME: VIF in place of IF");
    for (unsigned how = 0; how < ARRAY_LEN(names); how++)
        for (unsigned iopl = 0; iopl < 3; iopl++)
            for (unsigned state = 0; state < 4; state++) {
                bool vif = state & 1, vip = state & 2, want_vif = vif, fault = false;
                uint16_t *top;

                env_reset();
                long_tss();
                set_cr4(CR4_VME);
                setup(V86);
                T.eflags = 2 | FL_VM | iopl << 12 | FL_IF | (vif ? FL_VIF : 0) | (vip ? FL_VIP : 0);
                top = (uint16_t *) (SNIP + (T.esp -= 64));
                memset(top, 0, 64);
                switch (how) {
                case 0: want_vif = false; go(S16("cli; hlt")); break;
                case 1: want_vif = true; fault = vip; go(S16("sti; hlt")); break;
                case 2: go(S16("pushf; popw %ax; hlt")); break;
                case 3: *top = FL_IF | 2; want_vif = true; fault = vip; go(S16("popf; hlt")); break;
                case 4: *top = 2; want_vif = false; go(S16("popf; hlt")); break;
                case 5: top[0] = SNIP_TO; top[1] = SEG; top[2] = FL_IF | 2; want_vif = true; fault = vip; go(S16("iretw")); break;
                case 6: top[0] = SNIP_TO; top[1] = SEG; top[2] = 2; want_vif = false; go(S16("iretw")); break;
                case 7: fault = true; go(S16("pushfl")); break;
                case 8: fault = true; go(S16("popfl")); break;
                case 9: *top = FL_TF | 2; fault = true; go(S16("popf")); break;
                default: fault = true; go(S16("iretl")); break;
                }
                if (vif && vip) /* #GP before any instruction: 16.3.2 [20.3.2] */
                    fault = true;
                expect(GP, 0, "%s, IOPL %u, VIF %u, VIP %u", names[how], iopl, vif, vip);
                check((T.off == 0) == fault, "%s, IOPL %u, VIF %u, VIP %u: fault at +%x", names[how], iopl, vif, vip, T.off);
                if (fault)
                    want_vif = vif;
                check(!(T.eflags & FL_VIF) == !want_vif, "%s, VIF %u, VIP %u: EFLAGS %x", names[how], vif, vip, T.eflags);
                check((T.eflags & FL_IF) && !(T.eflags & FL_VIP) == !vip && (T.eflags & FL_IOPL) == iopl << 12, "%s: EFLAGS %x", names[how], T.eflags);
                if (how == 2 && !fault)
                    check((T.eax & 0xffff) == (2u | FL_IOPL | (vif ? FL_IF : 0)), "PUSHF gives %x", T.eax);
            }
    env_reset();
}

/* Protected-mode virtual interrupts: ring 3, IOPL below it. */
static void pvi(void)
{
    case_begin("16.4 [20.4]; vol. 2 CLI, STI", "PVI: CLI and STI in protected mode");
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned iopl = 0; iopl < 4; iopl++)
            for (unsigned state = 0; state < 8; state++) {
                bool on = state & 1, vip = state & 2, sti = state & 4;

                env_reset();
                set_cr4(on ? CR4_PVI : 0);
                setup(cpl);
                T.eflags |= iopl << 12 | (vip ? FL_VIP : 0) | (sti ? 0 : FL_VIF);
                go(sti ? S32("sti; cli") : S32("cli; nop"));
                if (cpl <= iopl) {
                    expect(DONE, 0, "CPL %u IOPL %u", cpl, iopl);
                    check(!(T.eflags & FL_VIF) == sti, "CPL %u IOPL %u: EFLAGS %x", cpl, iopl, T.eflags);
                } else if (cpl == 3 && on) {
                    /* STI with VIP; CLI with VIF and VIP is not begun. */
                    expect(vip ? GP : DONE, 0, "%s, IOPL %u, VIP %u", sti ? "STI" : "CLI", iopl, vip);
                    check(!(T.eflags & FL_VIF) == (sti || !vip) && !(T.eflags & FL_IF), "%s: EFLAGS %x", sti ? "STI, CLI" : "CLI", T.eflags);
                } else {
                    expect(GP, 0, "%s, CPL %u IOPL %u", sti ? "STI" : "CLI", cpl, iopl);
                }
                if (T.vector == DONE && cpl == 3 && iopl < 3 && sti) {
                    setup(cpl);
                    T.eflags |= iopl << 12;
                    go(S32("sti; nop"));
                    check((T.eflags & FL_VIF) && !(T.eflags & FL_IF), "STI: EFLAGS %x", T.eflags);
                }
            }
    env_reset();
}

/* IRETs that may not enter the mode: only ring 0 reads VM (vol. 2, IRET). */
static void entry_rights(void)
{
    case_begin("16.2.2 [20.2.2]; vol. 2 IRET, POPF", "VM set by IRETD in ring 0 only, by POPFD never");
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        uint32_t *top;

        setup(cpl);
        top = (uint32_t *) (T.esp -= 64);
        top[0] = SNIP + SNIP_TO;
        top[1] = code(cpl);
        top[2] = 2 | FL_VM;
        top[3] = STACK16;
        top[4] = top[5] = top[6] = top[7] = top[8] = SEG;
        if (cpl == 0)
            continue;
        go(S32("iretl"));
        expect(DONE, 0, "IRETD in ring %u", cpl);
        check(!(T.eflags & FL_VM) && T.cs == code(cpl), "ring %u: EFLAGS %x", cpl, T.eflags);
        setup(cpl);
        T.eax = 2 | FL_VM | FL_RF;
        go(S32("pushl %eax; popfl"));
        expect(DONE, 0, "POPFD in ring %u", cpl);
        check(!(T.eflags & (FL_VM | FL_RF)), "ring %u: EFLAGS %x", cpl, T.eflags);
    }
    setup(R0);
    {
        uint32_t *top = (uint32_t *) (T.esp -= 64);

        /* For those that go on there, or at 0, where an IRET is. */
        memcpy((void *) (SNIP + 0x10000), "\xcd\x80", 2);
        ((uint16_t *) (SNIP + STACK16))[0] = SNIP_TO;
        ((uint16_t *) (SNIP + STACK16))[1] = SEG;
        ((uint16_t *) (SNIP + STACK16))[2] = 2;
        top[0] = 0x10000;
        top[1] = SEG;
        top[2] = 2 | FL_VM | FL_IOPL;
        top[3] = STACK16;
        top[4] = top[5] = top[6] = top[7] = top[8] = SEG;
        go(S32("iretl"));
        expect(GP, 0, "EIP over 64 KiB");
    }
}

void test_v86(void)
{
    entry_and_exit();
    wrong_ring();
    sensitive();
    entry_rights();
    if (has(HAS_VME)) {
        vme_interrupts();
        vme_flags();
        pvi();
    } else {
        case_skip("16.3 [20.3]", "VME: INT n by redirection map, IOPL, and VIF", "no VME on this model");
        case_skip("16.3 [20.3]", "VME: VIF in place of IF", "no VME on this model");
        case_skip("16.4 [20.4]", "PVI: CLI and STI in protected mode", "no PVI on this model");
    }
}

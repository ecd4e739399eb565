/*
 * Debug registers and single step.
 *
 * Source: SDM vol. 3, 15.1 to 15.3 (today 17.2, 17.3).
 */
#include "priv.h"

enum { EXEC, WRITE_, IO_, RW };

static uint32_t dr7_for(unsigned n, unsigned kind, unsigned len)
{
    return 0x400u | 1u << (2 * n) | kind << (16 + 4 * n) | (len - 1) << (18 + 4 * n);
}

static void set_dr(unsigned n, uint32_t v)
{
    switch (n) {
    case 0: set_dr0(v); break;
    case 1: set_dr1(v); break;
    case 2: set_dr2(v); break;
    default: set_dr3(v); break;
    }
}

/* B bits of breakpoints that are off may be set (15.2.3): no address stays. */
static void off(void)
{
    set_dr7(0x400);
    set_dr0(0xf0000000);
    set_dr1(0xf0000000);
    set_dr2(0xf0000000);
    set_dr3(0xf0000000);
    set_dr6(0);
}

/* --- single step ------------------------------------------------------------ */

static void single_step(void)
{
    case_begin("15.3.1.4 [17.3.1.4]", "TF: a trap behind each instruction, BS");
    for (unsigned m = R0; m <= R3_16; m++) {
        setup(m);
        T.eflags |= FL_TF;
        go(S32("nop; nop"));
        expect(DB, 0, "NOP, mode %u", m);
        check(T.off == 1 && (T.dr6 & 0xe00f) == 0x4000, "EIP +%x, DR6 %x", T.off, T.dr6);
        check((T.eflags & FL_TF) && !(T.eflags & FL_RF) && !(T.h_eflags & FL_TF), "EFLAGS %x, handler's %x", T.eflags, T.h_eflags);
        off();
    }
    case_begin("15.3.1.4 [17.3.1.4]; vol. 2", "TF with POPF, MOV SS, INT, INTO, REP, faults, branches, CLI");
    for (unsigned m = R0; m <= R3; m++)
        for (unsigned how = 0; how < 15; how++) {
            unsigned want = DB;
            uint32_t at = 0, *top;

            off();
            setup(m);
            T.eflags |= FL_TF | FL_IOPL;
            T.eax = T.ss;
            T.edi = T.esi = SCRATCH;
            T.ecx = 3;
            top = (uint32_t *) (T.esp -= 64);
            switch (how) {
            case 0: /* set by POPF: the instruction behind it is the first */
                T.eflags &= ~FL_TF;
                *top = 2 | FL_TF | FL_IOPL;
                go(S32("popfl; nop; nop"));
                at = 2;
                break;
            case 1: /* cleared by POPF: still trapped */
                *top = 2 | FL_IOPL;
                go(S32("popfl; nop"));
                at = 1;
                break;
            case 2: go(S32(".byte 0x8e, 0xd0; nop; nop")); at = 3; break; /* MOV SS holds it back */
            case 3: *top = T.ss; go(S32("popl %ss; nop; nop")); at = 2; break;
            case 4: go(S32("int $0x90")); want = 0x90; at = 2; break; /* TF is clear in the handler */
            case 5: T.eflags |= FL_OF; go(S32("into")); want = OF; at = 1; break;
            case 6: go(S32("int3")); want = BP; at = 1; break;
            case 7: go(S32("rep; stosb; nop")); at = 0; break; /* behind each iteration */
            case 8: go(S32("ud2")); want = UD; at = 0; break;  /* a fault: not executed */
            case 9: go(S32("jmp 1f; nop; nop; 1: nop")); at = 4; break;
            case 10: go(S32("call 1f; nop; 1: nop")); at = 6; break;
            case 11: T.eflags &= ~FL_OF; go(S32("into; nop")); at = 1; break;
            case 12: T.ecx = 0; go(S32("rep; stosb; nop")); at = 2; break;
            case 13: T.ecx = 1; go(S32("rep; movsl; nop")); at = 2; break;
            default: go(S32("cli; nop")); at = 1; break;
            }
            expect(want, 0, "way %u, ring %u", how, m);
            check(T.off == at, "way %u, ring %u: EIP +%x", how, m, T.off);
            check(want != DB || (T.dr6 & 0xe00f) == 0x4000, "way %u: DR6 %x", how, T.dr6);
            if (want == DB && how == 7)
                check(T.ecx == 2 && T.edi == SCRATCH + 1, "REP: ECX %u EDI %x", T.ecx, T.edi);
        }
    case_begin("15.3.1.4 [17.3.1.4]; vol. 2 IRET", "TF set by IRET traps behind the next instruction; in V86 mode too");
    for (unsigned m = R0; m < R3; m++) {
        uint32_t *top;

        off();
        setup(m);
        top = (uint32_t *) (T.esp -= 64);
        top[0] = SNIP + 1;
        top[1] = code(3);
        top[2] = 2 | FL_TF;
        top[3] = user_top(3);
        top[4] = data(3);
        go(S32("iretl; nop; nop"));
        expect(DB, 0, "from ring %u", m);
        check(T.off == 2 && T.cs == code(3), "at %x:+%x", T.cs, T.off);
    }
    off();
    setup(V86);
    T.eflags |= FL_TF;
    go(S16("nop; nop"));
    expect(DB, 0, "V86");
    check(T.off == 1 && (T.dr6 & 0xe00f) == 0x4000 && T.h_segs == 0, "V86: EIP +%x, DR6 %x", T.off, T.dr6);
    off();
    /* A fault while stepping: the handler of the fault is not stepped. */
    setup(R3);
    T.eflags |= FL_TF;
    go(S32("movl %cr0, %eax"));
    expect(GP, 0, "fault under TF");
    check(!(T.h_eflags & FL_TF) && (T.eflags & FL_TF), "EFLAGS %x", T.eflags);
    off();
}

/* --- instruction breakpoints -------------------------------------------------- */

static void exec_breakpoints(void)
{
    case_begin("15.3.1.1 [17.3.1.1]", "instruction breakpoints: faults, each register, RF");
    for (unsigned m = R0; m <= R3_16; m++)
        for (unsigned n = 0; n < 4; n++) {
            off();
            set_dr(n, SNIP + 1);
            set_dr7(dr7_for(n, EXEC, 1));
            setup(m);
            go(S32("nop; incl %ecx; nop"));
            expect(DB, 0, "DR%u, mode %u", n, m);
            check(T.off == 1 && T.ecx == 0 && (T.dr6 & 0xe00f) == 1u << n, "EIP +%x, ECX %u, DR6 %x", T.off, T.ecx, T.dr6);
            /* On with RF: it is executed once. */
            setup(m);
            T.eflags |= FL_RF;
            T.eip += 1;
            go(S32("nop; incl %ecx; nop"));
            expect(DONE, 0, "RF, mode %u", m);
            check(T.ecx == 1 && !(T.eflags & FL_RF), "ECX %u, EFLAGS %x", T.ecx, T.eflags);
            /* RF lasts one instruction. */
            off();
            set_dr(n, SNIP + 1);
            set_dr7(dr7_for(n, EXEC, 1));
            setup(m);
            T.eflags |= FL_RF;
            go(S32("nop; incl %ecx; nop"));
            expect(DB, 0, "RF for the NOP, mode %u", m);
            check(T.ecx == 0, "ECX %u", T.ecx);
        }
    off();
    set_dr0(SNIP + 1);
    set_dr7(dr7_for(0, EXEC, 1) & ~1u); /* disabled */
    setup(R3);
    go(S32("nop; nop"));
    expect(DONE, 0, "disabled");
    off();
    set_dr0(SNIP + 1);
    set_dr7(0x402); /* global */
    setup(R3);
    go(S32("nop; nop"));
    expect(DB, 0, "global");
    off();
    set_dr0(SNIP + 1); /* inside an instruction */
    set_dr7(0x401);
    setup(R3);
    go(S32("movl $0x90909090, %eax; nop"));
    expect(DONE, 0, "inside an instruction");
    off();
    set_dr0(SNIP);
    set_dr7(0x401);
    setup(R3);
    T.eax = 0x1000;
    go(S32("movw %ax, %ds"));
    expect(DB, 0, "before the instruction's own fault");
    off();
    set_dr1(SNIP + 1);
    set_dr2(SNIP + 1);
    set_dr7(dr7_for(1, EXEC, 1) | dr7_for(2, EXEC, 1));
    setup(R3);
    T.eflags |= FL_TF;
    T.eip += 0;
    go(S32("nop; nop"));
    expect(DB, 0, "TF and two breakpoints");
    check(T.off == 1 && (T.dr6 & 0x4000), "EIP +%x, DR6 %x", T.off, T.dr6);
    off();
    /* A prefix belongs to the instruction; REP is broken before it starts. */
    set_dr0(SNIP);
    set_dr7(0x401);
    setup(R3);
    T.ecx = 3;
    T.edi = SCRATCH;
    T.eflags |= FL_RF;
    go(S32("rep; stosb"));
    expect(DONE, 0, "REP with RF: all its iterations");
    check(T.ecx == 0, "ECX %u", T.ecx);
    off();
}

/* --- data breakpoints --------------------------------------------------------- */

static const struct snip *access_code(bool write, unsigned size)
{
    if (write)
        return size == 1 ? S32("movb %al, (%ebx); nop") : size == 2 ? S32("movw %ax, (%ebx); nop") : S32("movl %eax, (%ebx); nop");
    return size == 1 ? S32("movb (%ebx), %al; nop") : size == 2 ? S32("movw (%ebx), %ax; nop") : S32("movl (%ebx), %eax; nop");
}

/* Low bits of the address are ignored by the length (15.2.5 [17.2.5]). */
static void data_breakpoints(void)
{
    for (unsigned kind = WRITE_; kind <= RW; kind += 2) {
        case_begin("15.2.5, 15.3.1.2 [17.2.5, 17.3.1.2]", kind == RW ? "breakpoints on reads and writes: length and alignment"
                                                                      : "breakpoints on writes: length and alignment");
        for (unsigned len = 1; len <= 4; len <<= 1)
            for (unsigned at = 0; at < 4; at++)
                for (unsigned size = 1; size <= 4; size <<= 1)
                    for (int d = -4; d <= 5; d++)
                        for (unsigned write = 0; write < 2; write++) {
                            uint32_t start = (SCRATCH + 16 + at) & ~(len - 1), a = SCRATCH + 16 + (uint32_t) d;
                            bool hit = (write || kind == RW) && a < start + len && a + size > start;

                            off();
                            set_dr2(SCRATCH + 16 + at);
                            set_dr7(dr7_for(2, kind, len));
                            setup(R3);
                            T.ebx = a;
                            go(access_code(write, size));
                            expect(hit ? DB : DONE, 0, "LEN %u at +%u, %s of %u at %d", len, at, write ? "write" : "read", size, d);
                            if (hit && T.vector == DB) {
                                check((T.dr6 & 0xe00f) == 4, "DR6 %x", T.dr6);
                                check(T.off == (size == 2 ? 3u : 2u), "a trap: EIP +%x", T.off);
                            }
                        }
        off();
    }
    case_begin("15.3.1.2 [17.3.1.2]", "data breakpoints of string, stack and read-modify-write instructions");
    for (unsigned how = 0; how < 9; how++)
        for (unsigned cpl = 0; cpl < 4; cpl += 3) {
            uint32_t at = 0, ecx = 0;

            if (cpl == 0 && (how == 6 || how == 7))
                continue; /* the way in would write there itself */
            off();
            set_dr1(SCRATCH + 8);
            set_dr7(dr7_for(1, WRITE_, 4));
            setup(cpl);
            T.ebx = SCRATCH + 8;
            T.edi = SCRATCH;
            T.esi = SCRATCH + 64;
            T.ecx = 6;
            switch (how) {
            case 0: go(S32("rep; stosl; nop")); at = 0; ecx = 3; break; /* behind the iteration */
            case 1: go(S32("rep; movsl; nop")); at = 0; ecx = 3; break;
            case 2: go(S32("addl $0, (%ebx); nop")); at = 3; ecx = 6; break;
            case 3: go(S32("xchgl %eax, (%ebx); nop")); at = 2; ecx = 6; break;
            case 4: go(S32("pushl %eax; popl (%ebx); nop")); at = 3; ecx = 6; break;
            case 5: go(S32("cmpl $0, (%ebx); nop")); at = 4; ecx = 6; break; /* only read */
            case 6: set_dr1(T.esp - 4); go(S32("pushl %eax; nop")); at = 1; ecx = 6; break;
            case 7: set_dr1(T.esp - 4); go(S32("call 1f; nop; 1: nop")); at = 6; ecx = 6; break;
            default: go(S32("setc (%ebx); nop")); at = 3; ecx = 6; break;
            }
            if (how == 5) {
                expect(DONE, 0, "a read");
                continue;
            }
            expect(DB, 0, "way %u, CPL %u", how, cpl);
            check(T.off == at && T.ecx == ecx, "way %u: EIP +%x, ECX %u", how, T.off, T.ecx);
            check((T.dr6 & 0xe00f) == 2, "way %u: DR6 %x", how, T.dr6);
            check(!(T.eflags & FL_RF) || how < 2, "way %u: RF in %x", how, T.eflags);
        }
    off();
    /* Both step and data. */
    set_dr0(SCRATCH);
    set_dr7(dr7_for(0, WRITE_, 1));
    setup(R3);
    T.ebx = SCRATCH;
    T.eflags |= FL_TF;
    go(S32("movb %al, (%ebx); nop"));
    expect(DB, 0, "TF and data");
    check((T.dr6 & 0xe00f) == 0x4001, "DR6 %x: BS and B0 in one trap", T.dr6);
    off();
    /* MOV SS holds data traps back as well, and they are not lost. */
    *(uint16_t *) SCRATCH = data(3);
    set_dr0(SCRATCH);
    set_dr7(dr7_for(0, RW, 2));
    setup(R3);
    T.ebx = SCRATCH;
    go(S32(".byte 0x8e, 0x13; nop; nop"));
    check(T.vector == DB && T.off == 3, "MOV SS from memory: vector %u at +%x", T.vector, T.off);
    off();
    /* A faulting instruction has no data trap (it did not complete). */
    *(uint32_t *) SCRATCH = 0;
    set_dr0(SCRATCH);
    set_dr7(dr7_for(0, RW, 4));
    setup(R3);
    T.ebx = SCRATCH;
    go(S32("divl (%ebx)"));
    expect(DE, 0, "a fault in the same instruction");
    off();
    set_dr0(SCRATCH);
    set_dr7(dr7_for(0, WRITE_, 4));
    setup(V86);
    T.ebx = SCRATCH - SNIP;
    go(S16("movw %ax, (%bx); nop"));
    expect(DB, 0, "V86");
    check((T.dr6 & 0xf) == 1 && T.off == 2, "V86: DR6 %x", T.dr6);
    off();
}

/* --- the registers themselves -------------------------------------------------- */

static void general_detect(void)
{
    case_begin("15.2.4, 15.3.1.3 [17.2.4, 17.3.1.3]", "GD: access to a debug register is #DB with BD");
    for (unsigned how = 0; how < 4; how++) {
        off();
        setup(R0);
        T.eax = 0x55;
        set_dr7(0x2400);
        switch (how) {
        case 0: go(S32("movl %dr0, %eax")); break;
        case 1: go(S32("movl %eax, %dr3")); break;
        case 2: go(S32("movl %dr6, %eax")); break;
        default: go(S32("movl %eax, %dr7")); break;
        }
        expect(DB, 0, "way %u", how);
        check(T.off == 0 && T.eax == 0x55 && (T.dr6 & 0xe00f) == 0x2000, "way %u: EIP +%x, DR6 %x", how, T.off, T.dr6);
        check(!(get_dr7() & 0x2000), "way %u: GD in the handler: %x", how, get_dr7());
    }
    off();
    case_begin("15.2 [17.2]; vol. 2 MOV DR", "debug registers outside ring 0: #GP; what they hold");
    for (unsigned m = R1; m <= R3; m++)
        for (unsigned i = 0; i < 4; i++) {
            setup(m);
            go(i == 0 ? S32("movl %dr0, %eax") : i == 1 ? S32("movl %eax, %dr7") : i == 2 ? S32("movl %dr6, %eax") : S32("movl %eax, %dr3"));
            expect(GP, 0, "ring %u, %u", m, i);
        }
    set_dr0(0x12345678);
    set_dr1(0xffffffff);
    set_dr2(0x80000001);
    set_dr3(0);
    check(get_dr0() == 0x12345678 && get_dr1() == 0xffffffff && get_dr2() == 0x80000001 && get_dr3() == 0, "DR0 to DR3");
    set_dr6(0);
    check((get_dr6() & 0xffff1ff0) == 0xffff0ff0, "DR6 of 0 reads %x", get_dr6());
    set_dr6(0xe00f);
    check((get_dr6() & 0xe00f) == 0xe00f, "DR6 of e00f reads %x", get_dr6());
    set_dr6(0);
    set_dr7(0);
    check((get_dr7() & 0xdc00) == 0x400, "DR7 of 0 reads %x", get_dr7());
    if (cpu.family >= 5 && has(HAS_DE)) {
        set_cr4(CR4_DE);
        setup(R0);
        go_bytes("\x0f\x21\xe0", 3); /* movl %dr4, %eax */
        expect(UD, 0, "DR4 with CR4.DE");
        setup(R0);
        go_bytes("\x0f\x23\xe8", 3);
        expect(UD, 0, "DR5 with CR4.DE");
        set_cr4(0);
    }
    set_dr6(0x4000);
    setup(R0);
    go_bytes("\x0f\x21\xe0", 3);
    expect(DONE, 0, "DR4 is DR6");
    check((T.eax & 0xe00f) == 0x4000, "DR4 reads %x", T.eax);
    off();
    case_begin("15.2.3 [17.2.3]", "DR6 is cleared by software only; a trap adds to it");
    set_dr6(0x2000); /* B0 to B3 a trap may clear */
    setup(R3);
    T.eflags |= FL_TF;
    go(S32("nop; nop"));
    check((T.dr6 & 0x4000) && (T.dr6 & 0x2000), "DR6 %x", T.dr6);
    off();
}

static void io_breakpoints(void)
{
    if (cpu.family < 5 || !has(HAS_DE)) {
        case_skip("15.2.5 [17.2.5]", "I/O breakpoints", "no CR4.DE on this model");
        return;
    }
    case_begin("15.2.5, 15.3.1.2 [17.2.5, 17.3.1.2]", "I/O breakpoints with CR4.DE");
    for (unsigned len = 1; len <= 4; len <<= 1)
        for (unsigned port = 0x7c; port < 0x86; port++)
            for (unsigned out = 0; out < 2; out++) {
                bool hit = port < 0x80 + len && port >= 0x80;

                off();
                set_cr4(CR4_DE);
                set_dr3(0x80);
                set_dr7(dr7_for(3, IO_, len));
                setup(R0);
                T.edx = port;
                if (!out && port >= 0x80)
                    T.edx = port;
                go(out ? S32("outb %al, %dx; nop") : S32("inb %dx, %al; nop"));
                expect(hit ? DB : DONE, 0, "LEN %u, port %x", len, port);
                check(!hit || (T.off == 1 && (T.dr6 & 0xe00f) == 8), "EIP +%x, DR6 %x", T.off, T.dr6);
            }
    off();
    set_cr4(0);
}

void test_debug(void)
{
    single_step();
    exec_breakpoints();
    data_breakpoints();
    general_detect();
    io_breakpoints();
}

/*
 * Privileged instructions, control registers, CPUID, time stamp, MSRs, fast
 * system calls, alignment check.
 *
 * Source: SDM vol. 3, 2.3, 2.5, 4.9 (today 2.3, 2.5, 5.9), 5.12 #AC; vol. 2.
 */
#include "priv.h"

static void privileged(void)
{
    static const struct {
        uint8_t len, bytes[8];
        const char *name;
        unsigned since;
    } insns[] = {
        { 1, { 0xf4 }, "HLT", 3 },
        { 2, { 0x0f, 0x06 }, "CLTS", 3 },
        { 3, { 0x0f, 0x01, 0x13 }, "LGDT", 3 },
        { 3, { 0x0f, 0x01, 0x1b }, "LIDT", 3 },
        { 3, { 0x0f, 0x00, 0xd0 }, "LLDT", 3 },
        { 3, { 0x0f, 0x00, 0xd8 }, "LTR", 3 },
        { 3, { 0x0f, 0x01, 0xf0 }, "LMSW", 3 },
        { 3, { 0x0f, 0x01, 0x33 }, "LMSW m", 3 },
        { 3, { 0x0f, 0x20, 0xc0 }, "MOV EAX, CR0", 3 },
        { 3, { 0x0f, 0x22, 0xc0 }, "MOV CR0, EAX", 3 },
        { 3, { 0x0f, 0x20, 0xd0 }, "MOV EAX, CR2", 3 },
        { 3, { 0x0f, 0x22, 0xd0 }, "MOV CR2, EAX", 3 },
        { 3, { 0x0f, 0x20, 0xd8 }, "MOV EAX, CR3", 3 },
        { 3, { 0x0f, 0x22, 0xd8 }, "MOV CR3, EAX", 3 },
        { 3, { 0x0f, 0x20, 0xe0 }, "MOV EAX, CR4", 5 },
        { 3, { 0x0f, 0x22, 0xe0 }, "MOV CR4, EAX", 5 },
        { 2, { 0x0f, 0x08 }, "INVD", 4 },
        { 2, { 0x0f, 0x09 }, "WBINVD", 4 },
        { 3, { 0x0f, 0x01, 0x3b }, "INVLPG", 4 },
        { 2, { 0x0f, 0x30 }, "WRMSR", 5 },
        { 2, { 0x0f, 0x32 }, "RDMSR", 5 },
    };

    case_begin("4.9 [5.9]", "privileged instructions in rings 1 to 3: #GP(0)");
    for (unsigned m = R1; m <= R3_16; m++)
        for (unsigned i = 0; i < ARRAY_LEN(insns); i++) {
            if ((m & 3) == 0 || insns[i].since > cpu.family)
                continue;
            setup(m);
            T.ebx = SCRATCH - (m < R0_16 ? 0 : SNIP);
            T.eflags |= FL_IOPL; /* changes nothing */
            go_bytes(insns[i].bytes, insns[i].len);
            expect(GP, 0, "%s, mode %u", insns[i].name, m);
            check(T.off == 0, "%s: EIP +%x", insns[i].name, T.off);
        }
    case_begin("4.9 [5.9]; vol. 2 SGDT, SIDT, SLDT, STR, SMSW", "what every ring may ask");
    for (unsigned m = R0; m <= R3; m++) {
        setup(m);
        T.ebx = SCRATCH;
        go(S32("sgdt (%ebx); sidt 8(%ebx); sldt %ax; str %cx; smsw %dx"));
        expect(DONE, 0, "ring %u", m);
        check(*(uint16_t *) SCRATCH == sizeof gdt - 1 && *(uint32_t *) (SCRATCH + 2) == (uint32_t) gdt, "SGDT");
        check(*(uint16_t *) (SCRATCH + 8) == sizeof idt - 1 && *(uint32_t *) (SCRATCH + 10) == (uint32_t) idt, "SIDT");
        check((T.eax & 0xffff) == SEL_LDT && (T.ecx & 0xffff) == SEL_MAIN_TSS && (uint16_t) T.edx == (uint16_t) T.cr0, "SLDT %x STR %x SMSW %x",
              T.eax, T.ecx, T.edx);
    }
    case_begin("2.3; vol. 2 CLI, STI", "CLI and STI by CPL and IOPL");
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned iopl = 0; iopl < 4; iopl++)
            for (unsigned sti = 0; sti < 2; sti++) {
                setup(cpl);
                T.eflags |= iopl << 12 | (sti ? 0 : FL_IF);
                go(sti ? S32("sti; nop") : S32("cli; nop"));
                if (cpl > iopl) {
                    expect(GP, 0, "%s, CPL %u IOPL %u", sti ? "STI" : "CLI", cpl, iopl);
                } else {
                    expect(DONE, 0, "%s, CPL %u IOPL %u", sti ? "STI" : "CLI", cpl, iopl);
                    check(!(T.eflags & FL_IF) == !sti, "EFLAGS %x", T.eflags);
                }
            }
}

static void control_registers(void)
{
    case_begin("2.5; vol. 2 LMSW, CLTS, SMSW", "LMSW, CLTS, SMSW");
    for (unsigned v = 0; v < 16; v++) {
        setup(R0);
        T.eax = v;
        go(S32("movl %cr0, %ecx; lmsw %ax; smsw %bx; movl %cr0, %edx; movl %ecx, %cr0"));
        expect(DONE, 0, "LMSW");
        check((T.edx & 15) == (v | 1) && (uint16_t) T.ebx == (uint16_t) T.edx, "LMSW %x gives %x: PE stays", v, T.edx);
        check((T.edx & ~15u) == (T.ecx & ~15u), "LMSW changes other bits: %x to %x", T.ecx, T.edx);
    }
    setup(R0);
    go(S32("movl %cr0, %ecx; orl $8, %ecx; movl %ecx, %cr0; movl %cr0, %eax; clts; movl %cr0, %ebx"));
    check((T.eax & CR0_TS) && !(T.ebx & CR0_TS), "CLTS: %x to %x", T.eax, T.ebx);
    if (cpu.family >= 5) {
        uint32_t known = CR4_PVI | CR4_VME | CR4_MCE | (has(HAS_TSC) ? CR4_TSD : 0) | (has(HAS_DE) ? CR4_DE : 0) | (has(HAS_PSE) ? CR4_PSE : 0);

        case_begin("2.5; vol. 2 MOV CR", "bits of CR4, reserved ones fault");
        for (unsigned bit = 0; bit < 32; bit++) {
            setup(R0);
            T.eax = 1u << bit;
            go(S32("movl %eax, %cr4; movl %cr4, %ebx; xorl %ecx, %ecx; movl %ecx, %cr4"));
            if (known >> bit & 1) {
                expect(DONE, 0, "CR4 bit %u", bit);
                check(T.ebx == 1u << bit, "CR4 %x", T.ebx);
            } else if (bit >= 23 || bit == 15) {
                expect(GP, 0, "CR4 bit %u", bit);
                check(T.off == 0, "EIP +%x", T.off);
            }
        }
        set_cr4(0);
    } else {
        case_skip("2.5; vol. 2 MOV CR", "bits of CR4, reserved ones fault", "no CR4 on this model");
    }
    case_begin("2.5", "CR0: what it keeps");
    if (cpu.family >= 4) {
        setup(R0);
        T.eax = get_cr0() | CR0_WP | CR0_AM | CR0_CD | CR0_NW;
        go(S32("movl %cr0, %ecx; movl %eax, %cr0; movl %cr0, %ebx; movl %ecx, %cr0"));
        expect(DONE, 0, "MOV CR0");
        check(T.ebx == T.eax, "CR0 %x, written %x", T.ebx, T.eax);
    }
    check(get_cr0() & CR0_ET, "ET: %x", get_cr0());
    setup(R0);
    T.eax = get_cr0() & ~CR0_ET;
    go(S32("movl %eax, %cr0; movl %cr0, %ebx"));
    check(cpu.family < 4 || (T.ebx & CR0_ET), "ET is 1 from the 486 on: %x", T.ebx);
}

static void identification(void)
{
    uint32_t id, ac;

    case_begin("2.3", "EFLAGS.AC and ID tell the model");
    __asm__ volatile("pushfl; pushfl; xorl $0x240000, (%%esp); popfl; pushfl; popl %0; popfl" : "=r"(id));
    __asm__ volatile("pushfl; popl %0" : "=r"(ac));
    ac ^= id;
    check(!(ac & FL_AC) == (cpu.family < 4) && !(ac & FL_ID) == !cpu.has_cpuid, "toggled %x", ac);
    setup(R3);
    go_bytes("\x0f\xa2", 2); /* CPUID */
    expect(cpu.has_cpuid ? DONE : UD, 0, "CPUID in ring 3");
    if (cpu.has_cpuid) {
        check(T.ebx == 0x756e6547 && T.edx == 0x49656e69 && T.ecx == 0x6c65746e, "vendor %x %x %x", T.ebx, T.edx, T.ecx);
        setup(R3);
        T.eax = 1;
        go_bytes("\x0f\xa2", 2);
        check(T.edx == cpu.features && T.eax == cpu.signature, "leaf 1 in ring 3: %x %x", T.eax, T.edx);
    }
    setup(R0);
    go_bytes("\x0f\x31", 2); /* RDTSC */
    expect(has(HAS_TSC) ? DONE : UD, 0, "RDTSC");
    setup(R0);
    T.ecx = 0x10;
    go_bytes("\x0f\x32", 2); /* RDMSR */
    expect(has(HAS_MSR) ? DONE : UD, 0, "RDMSR");
    setup(R0);
    go_bytes("\x0f\x40\xc1", 3); /* CMOVO */
    expect(has(HAS_CMOV) ? DONE : UD, 0, "CMOV");
    setup(R0);
    T.ecx = SCRATCH;
    go_bytes("\x0f\xc7\x09", 3); /* CMPXCHG8B */
    expect(has(HAS_CX8) ? DONE : UD, 0, "CMPXCHG8B");
    setup(R0);
    go_bytes("\x0f\xc7\xc9", 3);
    expect(UD, 0, "CMPXCHG8B of a register");
    setup(R0);
    go_bytes("\x0f\x77", 2); /* EMMS */
    expect(has(HAS_MMX) ? DONE : UD, 0, "EMMS");
    setup(R0);
    go_bytes("\x0f\xc8", 2); /* BSWAP */
    expect(cpu.family >= 4 ? DONE : UD, 0, "BSWAP");
    setup(R0);
    T.ecx = SCRATCH;
    go_bytes("\x0f\x01\x39", 3); /* INVLPG */
    expect(cpu.family >= 4 ? DONE : UD, 0, "INVLPG");
    setup(R0);
    go_bytes("\x0f\x01\xf9", 3);
    expect(UD, 0, "INVLPG of a register");
}

static void time_stamp(void)
{
    if (!has(HAS_TSC)) {
        case_skip("vol. 2 RDTSC; 2.5", "RDTSC and CR4.TSD", "no time stamp on this model");
        return;
    }
    case_begin("vol. 2 RDTSC, RDPMC; 2.5", "RDTSC and CR4.TSD");
    for (unsigned tsd = 0; tsd < 2; tsd++)
        for (unsigned m = R0; m <= R3; m++) {
            set_cr4(tsd ? CR4_TSD : 0);
            setup(m);
            go_bytes("\x0f\x31\x89\xc3\x89\xd1\x0f\x31", 8); /* twice */
            expect(tsd && m != 0 ? GP : DONE, 0, "ring %u, TSD %u", m, tsd);
            if (T.vector == DONE)
                check(((uint64_t) T.edx << 32 | T.eax) > ((uint64_t) T.ecx << 32 | T.ebx), "the time stamp does not grow");
        }
    set_cr4(0);
}

/* vol. 2 SYSENTER, SYSEXIT. */
static void write_msr(uint32_t n, uint32_t v)
{
    __asm__ volatile("wrmsr" : : "c"(n), "a"(v), "d"(0) : "memory");
}

static void fast_calls(void)
{
    if (!has(HAS_SEP) || !has(HAS_MSR)) {
        case_skip("vol. 2 SYSENTER, SYSEXIT", "fast system calls", "no SYSENTER on this model");
        return;
    }
    case_begin("vol. 2 SYSENTER, SYSEXIT", "fast system calls");
    for (unsigned m = R0; m <= R3; m++) {
        write_msr(0x174, 0);
        setup(m);
        go_bytes("\x0f\x34", 2);
        expect(GP, 0, "SYSENTER without a CS, ring %u", m);
        setup(m);
        go_bytes("\x0f\x35", 2);
        expect(GP, 0, "SYSEXIT without a CS, ring %u", m);
        /* CS, then SS, CS 3, SS 3 in a row: 08h, 10h, 18h, 20h in the GDT. */
        write_msr(0x174, SEL_CODE | 3);
        write_msr(0x175, ring_top(0) - 512);
        write_msr(0x176, SNIP + SNIP_TO);
        setup(m);
        T.eflags |= FL_IF | FL_CF;
        T.ds = m == 0 ? data(0) : data(3);
        go_bytes("\x0f\x34", 2);
        expect(DONE, 0, "SYSENTER, ring %u", m);
        check(T.cs == SEL_CODE && T.ss == SEL_CODE + 8 && T.eip == SNIP + SNIP_TO + 2 && T.esp == ring_top(0) - 512, "at %x:%x, stack %x:%x",
              T.cs, T.eip, T.ss, T.esp);
        check(!(T.eflags & (FL_IF | FL_VM)) && (T.eflags & FL_CF), "EFLAGS %x", T.eflags);
        setup(m);
        T.edx = SNIP + SNIP_TO;
        T.ecx = user_top(3) - 256;
        T.eflags |= FL_CF;
        go_bytes("\x0f\x35", 2);
        if (m != 0) {
            expect(GP, 0, "SYSEXIT, ring %u", m);
        } else {
            expect(DONE, 0, "SYSEXIT");
            check(T.cs == (SEL_CODE + 19) && T.ss == (SEL_CODE + 27) && T.eip == SNIP + SNIP_TO + 2 && T.esp == user_top(3) - 256,
                  "at %x:%x, stack %x:%x", T.cs, T.eip, T.ss, T.esp);
        }
    }
    /* From virtual-8086 mode. */
    setup(V86);
    go_bytes("\x0f\x34", 2);
    expect(DONE, 0, "SYSENTER from V86 mode");
    check(T.cs == SEL_CODE && !(T.eflags & FL_VM), "at %x, EFLAGS %x", T.cs, T.eflags);
}

/* 5.12 #AC: AM, AC and CPL 3 together. */
static void alignment(void)
{
    static const struct {
        const char *name;
        unsigned align;
        bool fpu;
    } kinds[] = {
        { "MOV r8", 1, 0 },  { "MOV r16", 2, 0 }, { "MOV r32", 4, 0 }, { "MOV m16", 2, 0 }, { "MOV m32", 4, 0 }, { "ADD m32", 4, 0 },
        { "PUSH", 4, 0 },    { "POP", 4, 0 },     { "FLD m32", 4, 1 }, { "FLD m64", 8, 1 }, { "FLD m80", 8, 1 }, { "FLDCW", 2, 1 },
        { "LODSD", 4, 0 },   { "LES", 4, 0 },     { "BOUND", 4, 0 },   { "XCHG", 4, 0 },
    };

    if (cpu.family < 4) {
        case_skip("5.12 #AC", "alignment check", "no alignment check on this model");
        return;
    }
    case_begin("5.12 #AC", "alignment check: operands, AM, AC, CPL");
    for (unsigned k = 0; k < ARRAY_LEN(kinds); k++)
        for (unsigned state = 0; state < 4; state++)
            for (unsigned cpl = 0; cpl < 4; cpl++)
                for (unsigned off = 0; off < 8; off++) {
                    bool am = state & 1, ac = state & 2;
                    bool fault = am && ac && cpl == 3 && off % kinds[k].align != 0;

                    if (kinds[k].fpu && !cpu.has_fpu)
                        continue;
                    set_cr0((get_cr0() & ~CR0_AM) | (am ? CR0_AM : 0));
                    __asm__ volatile("fninit");
                    memset((void *) SCRATCH, 0, 32);
                    setup(cpl);
                    T.eflags |= ac ? FL_AC : 0;
                    T.ebx = T.esi = SCRATCH + off;
                    if (cpl == 0 && (k == 6 || k == 7))
                        continue;
                    switch (k) {
                    case 0: go(S32("movb (%ebx), %al")); break;
                    case 1: go(S32("movw (%ebx), %ax")); break;
                    case 2: go(S32("movl (%ebx), %eax")); break;
                    case 3: go(S32("movw %ax, (%ebx)")); break;
                    case 4: go(S32("movl %eax, (%ebx)")); break;
                    case 5: go(S32("addl %eax, (%ebx)")); break;
                    case 6: T.esp -= 32 + off; fault = fault && 1; go(S32("pushl %eax")); break;
                    case 7: T.esp = SCRATCH + off; go(S32("popl %eax")); break;
                    case 8: go(S32("flds (%ebx)")); break;
                    case 9: go(S32("fldl (%ebx)")); break;
                    case 10: go(S32("fldt (%ebx)")); break;
                    case 11: go(S32("fldcw (%ebx)")); break;
                    case 12: go(S32("lodsl")); break;
                    case 13: go(S32("lesl (%ebx), %eax")); break;
                    case 14: go(S32("boundl %eax, (%ebx)")); break;
                    default: go(S32("xchgl %eax, (%ebx)")); break;
                    }
                    expect(fault ? AC : DONE, 0, "%s at +%u, AM %u, AC %u, CPL %u", kinds[k].name, off, am, ac, cpl);
                    check(!fault || T.off == 0, "%s: EIP +%x", kinds[k].name, T.off);
                }
    set_cr0(get_cr0() | CR0_AM);
    setup(V86);
    T.eflags |= FL_AC;
    T.ebx = SCRATCH + 1 - SNIP;
    go(S16("movl (%bx), %eax"));
    expect(AC, 0, "V86");
    setup(R3);
    T.eflags |= FL_AC;
    T.ds = 0;
    T.ebx = SCRATCH + 1;
    go(S32("movl (%ebx), %eax"));
    expect(GP, 0, "#GP goes before #AC");
    /* The system's own accesses are not checked. */
    set_desc(SEL_X, segment(0, 0xfffff, A_DATA | 0x60, F_BIG | F_GRAN));
    setup(R3);
    T.eflags |= FL_AC;
    T.eax = SEL_X | 3;
    go(S32("movw %ax, %es"));
    expect(DONE, 0, "descriptor reads");
    case_begin("2.3", "AC in the image and after POPFD");
    setup(R3);
    T.eflags |= FL_AC;
    go(S32("pushfl; popl %eax; movl %eax, %ecx; andl $~0x40000, %ecx; pushl %ecx; popfl; pushfl; popl %ebx"));
    expect(DONE, 0, "POPFD");
    check((T.eax & FL_AC) && !(T.ebx & FL_AC), "AC: %x, %x", T.eax, T.ebx);
}

void test_system(void)
{
    privileged();
    control_registers();
    identification();
    time_stamp();
    fast_calls();
    alignment();
}

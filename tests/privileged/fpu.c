/*
 * #NM by EM, TS and MP; x87 errors as #MF or by interrupt 13; WAIT; MMX.
 *
 * Source: SDM vol. 3, 2.5 table 2-1 [2-2], 5.12 #NM and #MF, 11.1 [12.1]; vol. 1, 7.8.
 */
#include "priv.h"

static void not_available(void)
{
    case_begin("2.5; 5.12 #NM", "#NM by EM, MP and TS, for ESC and WAIT");
    for (unsigned bits = 0; bits < 8; bits++)
        for (unsigned m = R0; m <= R3_16; m++)
            for (unsigned wait = 0; wait < 2; wait++) {
                uint32_t em = bits & 1 ? CR0_EM : 0, mp = bits & 2 ? CR0_MP : 0, ts = bits & 4 ? CR0_TS : 0;
                bool nm = wait ? mp && ts : em || ts;

                __asm__ volatile("fninit");
                setup(m);
                set_cr0((get_cr0() & ~(CR0_EM | CR0_MP | CR0_TS)) | em | mp | ts);
                go(wait ? S32("fwait") : S32("fnclex"));
                set_cr0((get_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP);
                expect(nm ? NM : DONE, 0, "%s, EM %u MP %u TS %u, mode %u", wait ? "WAIT" : "FNCLEX", em != 0, mp != 0, ts != 0, m);
                check(!nm || T.off == 0, "EIP +%x", T.off);
            }
    setup(R3);
    set_cr0(get_cr0() | CR0_TS);
    T.ds = 0;
    go(S32("flds (%ebx)"));
    expect(NM, 0, "#NM goes before the operand's #GP");
    set_cr0(get_cr0() & ~CR0_TS);
    if (has(HAS_MMX)) {
        for (unsigned bits = 0; bits < 4; bits++) {
            setup(R3);
            set_cr0((get_cr0() & ~(CR0_EM | CR0_TS)) | (bits & 1 ? CR0_EM : 0) | (bits & 2 ? CR0_TS : 0));
            go_bytes("\x0f\xef\xc0", 3); /* pxor %mm0, %mm0 */
            expect(bits & 1 ? UD : bits & 2 ? NM : DONE, 0, "PXOR, EM %u, TS %u", bits & 1, bits >> 1);
            set_cr0(get_cr0() & ~(CR0_EM | CR0_TS));
            __asm__ volatile("fninit");
        }
    }
}

/* Unmasks ZE and divides by zero: the error waits. */
static void make_error(void)
{
    static const uint16_t cw = 0x033b;

    __asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp %%st, %%st(1)" : : "m"(cw));
}

static void errors(void)
{
    static const struct {
        const char *name;
        bool faults;
    } insns[] = {
        { "FLD1", true }, { "FWAIT", true }, { "FLDCW", true }, { "FADD", true }, { "FNSTSW", false }, { "FNCLEX", false },
        { "FNINIT", false }, { "FNSTCW", false }, { "FNSTENV", false }, { "FNSAVE", false },
    };

    if (cpu.family < 4) {
        case_skip("5.12 #MF; 2.5", "x87 errors as #MF with CR0.NE", "no CR0.NE on this model");
    } else {
        case_begin("5.12 #MF; 2.5", "x87 errors as #MF with CR0.NE: which instructions wait");
        for (unsigned m = R0; m <= R3; m++)
            for (unsigned i = 0; i < ARRAY_LEN(insns); i++) {
                set_cr0(get_cr0() | CR0_NE);
                setup(m);
                T.ebx = SCRATCH;
                *(uint16_t *) SCRATCH = 0x37f;
                make_error();
                switch (i) {
                case 0: go(S32("fld1")); break;
                case 1: go(S32("fwait")); break;
                case 2: go(S32("fldcw (%ebx)")); break;
                case 3: go(S32("fadd %st, %st(1)")); break;
                case 4: go(S32("fnstsw %ax")); break;
                case 5: go(S32("fnclex; fwait")); break;
                case 6: go(S32("fninit; fwait")); break;
                case 7: go(S32("fnstcw (%ebx)")); break;
                case 8: go(S32("fnstenv (%ebx); fwait")); break;
                default: go(S32("fnsave (%ebx); fwait")); break;
                }
                __asm__ volatile("fnclex; fninit");
                expect(insns[i].faults ? MF : DONE, 0, "%s, ring %u", insns[i].name, m);
                check(!insns[i].faults || T.off == 0, "%s: EIP +%x", insns[i].name, T.off);
            }
        setup(R3);
        make_error();
        set_cr0(get_cr0() | CR0_TS);
        go(S32("fld1"));
        set_cr0(get_cr0() & ~CR0_TS);
        __asm__ volatile("fnclex; fninit");
        expect(NM, 0, "#NM goes before #MF");
    }
    /* The other way: FERR# and IRQ 13, as on the AT (5.12, app. D of vol. 1). */
    case_begin("5.12 #MF; 2.5", "without CR0.NE an x87 error is IRQ 13");
    outb(0x20, 0x11);
    outb(0x21, 0x20);
    outb(0x21, 4);
    outb(0x21, 1);
    outb(0xa0, 0x11);
    outb(0xa1, 0x28);
    outb(0xa1, 2);
    outb(0xa1, 1);
    outb(0x21, 0xfb);
    outb(0xa1, 0xdf);
    for (unsigned m = R0; m <= R3; m++) {
        if (cpu.family >= 4)
            set_cr0(get_cr0() & ~CR0_NE);
        outb(0xf0, 0);
        setup(m);
        T.eflags |= FL_IF;
        T.ebx = SCRATCH;
        *(uint16_t *) SCRATCH = 0x033b;
        __asm__ volatile("fninit");
        go(S32("fldcw (%ebx); fld1; fldz; fdivrp %st, %st(1); fwait; fwait; nop; nop; nop"));
        expect(0x2d, 0, "ring %u", m);
        __asm__ volatile("fnclex");
        outb(0xf0, 0);
        outb(0xa0, 0x20);
        outb(0x20, 0x20);
        __asm__ volatile("fninit");
    }
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
    if (cpu.family >= 4)
        set_cr0(get_cr0() | CR0_NE);
}

/* vol. 1, 7.3.9, figures 7-13 to 7-16 [8.1.8, 8-9 to 8-12]: layouts by mode. */
static void environments(void)
{
    case_begin("vol. 1, 7.3.9 [8.1.10]", "FNSTENV in its four layouts");
    for (unsigned how = 0; how < 4; how++) {
        /* 0: 32-bit protected, 1: 16-bit protected, 2: V86 16, 3: V86 32 */
        uint32_t *e = (uint32_t *) SCRATCH;
        uint16_t *w = (uint16_t *) SCRATCH;

        memset(e, 0x55, 64);
        *(uint32_t *) (SCRATCH + 64) = 0x3f800000;
        setup(how < 2 ? R3 : V86);
        T.ebx = how < 2 ? SCRATCH : SCRATCH - SNIP;
        T.esi = T.ebx + 64;
        __asm__ volatile("fninit");
        go(how == 0 ? S32("nop; flds (%esi); fnstenv (%ebx)") : how == 1 ? S32("nop; flds (%esi); fnstenvs (%ebx)")
           : how == 2 ? S16("nop; flds (%si); fnstenvs (%bx)") : S16("nop; flds (%si); .byte 0x66; fnstenvs (%bx)"));
        expect(DONE, 0, "layout %u", how);
        if (how == 0) {
            check((uint16_t) e[0] == 0x37f && (uint16_t) e[1] == 0x3800 && (uint16_t) e[2] == 0x3fff, "words %x %x %x", e[0], e[1], e[2]);
            check(e[3] == SNIP + 1 && (uint16_t) e[4] == code(3) && e[5] == SCRATCH + 64 && (uint16_t) e[6] == data(3),
                  "pointers %x:%x %x:%x", e[4], e[3], e[6], e[5]);
        } else if (how == 1) {
            check(w[0] == 0x37f && w[1] == 0x3800 && w[2] == 0x3fff && w[3] == (uint16_t) (SNIP + 1) && w[4] == code(3)
                      && w[5] == (uint16_t) (SCRATCH + 64) && w[6] == data(3) && w[7] == 0x5555, "%x:%x %x:%x, behind it %x", w[4], w[3], w[6], w[5], w[7]);
        } else if (how == 2) {
            check(w[0] == 0x37f && w[3] == (uint16_t) (SNIP + 1) && (w[4] & 0xf000) == (SNIP >> 4 & 0xf000) && w[5] == (uint16_t) (SCRATCH + 64)
                      && w[6] == (SCRATCH >> 4 & 0xf000) && w[7] == 0x5555, "%x:%x %x:%x", w[4], w[3], w[6], w[5]);
        } else {
            check((uint16_t) e[0] == 0x37f && (uint16_t) e[3] == (uint16_t) (SNIP + 1) && (e[4] >> 12 & 0xffff) == SNIP >> 16, "%x %x", e[3], e[4]);
            check((uint16_t) e[5] == (uint16_t) (SCRATCH + 64) && e[6] >> 12 == SCRATCH >> 16, "%x %x", e[5], e[6]);
        }
    }
    __asm__ volatile("fninit");
}

void test_fpu(void)
{
    if (!cpu.has_fpu) {
        case_skip("2.5", "x87", "no x87");
        return;
    }
    not_available();
    errors();
    environments();
}

/*
 * Task switches: by JMP, CALL, INT, exception and IRET, directly and through task
 * gates, between 16- and 32-bit TSSs; faults before and after the commit.
 *
 * Source: SDM vol. 3, 6.2 and 6.3 (today 7.2, 7.3), tables 6-1 and 6-2.
 */
#include "priv.h"

static struct tss new_tss __attribute__((aligned(4096)));
static struct tss old_tss __attribute__((aligned(4096)));
static const uint32_t new_regs[8] = { 0xa0a0a0a0, 0xc1c1c1c1, 0xd2d2d2d2, 0xb3b3b3b3, 0, 0xb5b5b5b5, 0x56565656, 0xd7d7d7d7 };

enum how { BY_JMP, BY_CALL, BY_INT, BY_EXC, BY_IRET, BY_JMP_GATE, BY_CALL_GATE, HOWS };
static const char *const how_names[] = { "JMP", "CALL", "INT", "exception", "IRET", "JMP to a gate", "CALL of a gate" };

/* Word w of a 16-bit TSS. */
static uint16_t *tss16(struct tss *t)
{
    return (uint16_t *) t;
}

/* The new task: ring 3 or another, at SNIP_TO of a flat segment, INT 80h. */
static void new_task(bool wide, unsigned cpl)
{
    memset(&new_tss, 0, 256);
    if (wide) {
        new_tss.ss0 = data(0);
        new_tss.esp0 = ring_top(0) - 1024;
        new_tss.eip = SNIP + SNIP_TO;
        new_tss.eflags = 2 | FL_CF;
        memcpy(new_tss.reg, new_regs, sizeof new_regs);
        new_tss.reg[4] = user_top(cpl) - 512;
        new_tss.cs = code(cpl);
        new_tss.ss = new_tss.ds = new_tss.es = new_tss.fs = new_tss.gs = data(cpl);
        new_tss.ldt = SEL_LDT;
        new_tss.io_base = 104;
    } else {
        uint16_t *t = tss16(&new_tss);

        /* ring_stack[0] as the last page of 64 KiB */
        set_desc(SEL_W, segment((uint32_t) ring_stack[0] - 0xf000, 0xffff, A_DATA, 0));
        t[1] = 0xf000 + 3072;
        t[2] = SEL_W;
        t[7] = SNIP_TO;
        t[8] = 2 | FL_CF;
        for (unsigned i = 0; i < 8; i++)
            t[9 + i] = (uint16_t) new_regs[i];
        t[13] = STACK16 - 512;
        t[17] = data16(cpl);
        t[18] = code16(cpl);
        t[19] = t[20] = data16(cpl);
        t[21] = SEL_LDT;
    }
    set_desc(SEL_TSS_B, segment((uint32_t) &new_tss, wide ? 103 : 43, A_P | (wide ? 9 : 1) | 0x60, 0));
}

/* The old task: the main TSS, or a 16-bit one. */
static void old_task(bool wide)
{
    if (wide)
        return;
    memset(&old_tss, 0, 256);
    set_desc(SEL_W, segment((uint32_t) ring_stack[0] - 0xf000, 0xffff, A_DATA, 0));
    tss16(&old_tss)[1] = 0xfff0;
    tss16(&old_tss)[2] = SEL_W;
    set_desc(SEL_TSS_C, segment((uint32_t) &old_tss, 43, A_P | 1, 0));
    __asm__ volatile("ltr %w0" : : "r"(SEL_TSS_C) : "memory");
}

static void switch_by(enum how how)
{
    T.ebx = SCRATCH;
    *(uint32_t *) SCRATCH = 0xdeadbeef;
    *(uint16_t *) (SCRATCH + 4) = how >= BY_JMP_GATE ? SEL_X : SEL_TSS_B;
    set_desc(SEL_X, gate(5, 3, true, SEL_TSS_B, 0, 0));
    switch (how) {
    case BY_JMP:
    case BY_JMP_GATE: go(S32("ljmp *(%ebx)")); break;
    case BY_CALL:
    case BY_CALL_GATE: go(S32("lcall *(%ebx)")); break;
    case BY_INT:
        idt[0x90] = gate(5, 3, true, SEL_TSS_B, 0, 0);
        go(S32("int $0x90"));
        break;
    case BY_EXC:
        idt[UD] = gate(5, 0, true, SEL_TSS_B, 0, 0);
        go(S32("ud2"));
        break;
    default:
        T.eflags |= FL_NT;
        go(S32("iretl"));
    }
}

static bool how_nests(enum how how)
{
    return how != BY_JMP && how != BY_IRET && how != BY_JMP_GATE;
}

static void check_new_task(bool wide, unsigned cpl, enum how how)
{
    static const uint8_t order[] = { 0, 1, 2, 3, 5, 6, 7 };
    const uint32_t *regs = &T.eax;
    uint32_t mask = wide ? 0xffffffff : 0xffff;

    check(T.tr == SEL_TSS_B, "TR %x", T.tr);
    check(T.cs == (wide ? code(cpl) : code16(cpl)) && T.eip == (wide ? SNIP : 0) + SNIP_TO + 2, "at %x:%x", T.cs, T.eip);
    check(T.ss == (wide ? data(cpl) : data16(cpl)), "SS %x", T.ss);
    check((T.esp & mask) == (wide ? user_top(cpl) - 512 : STACK16 - 512), "ESP %x", T.esp);
    for (unsigned i = 0; i < ARRAY_LEN(order); i++)
        check(((regs[order[i]] ^ new_regs[order[i]]) & mask) == 0, "register %u is %x", order[i], regs[order[i]]);
    check(T.ds == (wide ? data(cpl) : data16(cpl)) && T.es == T.ds && (!wide || (T.fs == T.ds && T.gs == T.ds)), "DS %x ES %x FS %x",
          T.ds, T.es, T.fs);
    check((T.eflags & (FL_CF | FL_NT)) == (FL_CF | (how_nests(how) ? FL_NT : 0u)), "EFLAGS %x", T.eflags);
    check(T.cr0 & CR0_TS, "CR0.TS: %x", T.cr0);
    check(gdt[SEL_TSS_B >> 3].hi & 0x200, "the new task is not busy");
}

static void check_old_task(bool wide, unsigned cpl, enum how how, uint32_t esp, uint32_t eflags)
{
    static const uint8_t lens[] = { 2, 2, 2, 0, 1, 2, 2 };
    const struct tss *o = &main_tss;
    const uint16_t *t = tss16(&old_tss);
    uint16_t sel = wide ? SEL_MAIN_TSS : SEL_TSS_C;

    check((wide ? T.main_busy : (gdt[sel >> 3].hi & 0x200) != 0) == how_nests(how), "busy bit of the old task: %x", gdt[sel >> 3].hi);
    if (how_nests(how))
        check((uint16_t) new_tss.link == sel, "link %x", new_tss.link);
    if (wide) {
        check(o->eip == SNIP + lens[how] && (uint16_t) o->cs == code(cpl), "old task saved at %x:%x", o->cs, o->eip);
        check(o->eflags == eflags, "saved EFLAGS %x, not %x", o->eflags, eflags);
        check(o->reg[4] == esp && (uint16_t) o->ss == data(cpl), "saved stack %x:%x", o->ss, o->reg[4]);
        check(o->reg[0] == 0x11111111 && o->reg[1] == 0x22222222 && o->reg[2] == 0x33333333 && o->reg[3] == SCRATCH
                  && o->reg[5] == 0x55555555 && o->reg[6] == 0x66666666 && o->reg[7] == 0x77777777, "saved registers");
        check((uint16_t) o->ds == data(cpl) && (uint16_t) o->es == data(cpl) && (uint16_t) o->fs == 0 && (uint16_t) o->gs == data(cpl),
              "saved segments %x %x %x %x", o->ds, o->es, o->fs, o->gs);
        check(o->ldt == 0 && o->cr3 == 0 && o->esp1 == ring_top(1), "static fields changed");
    } else {
        check(t[7] == (uint16_t) (SNIP + lens[how]) && t[18] == code(cpl), "old task saved at %x:%x", t[18], t[7]);
        check(t[8] == (uint16_t) eflags, "saved FLAGS %x", t[8]);
        check(t[13] == (uint16_t) esp && t[19] == data(cpl), "saved stack %x:%x", t[19], t[13]);
        check(t[9] == 0x1111 && t[10] == 0x2222 && t[11] == 0x3333 && t[14] == 0x5555 && t[15] == 0x6666 && t[16] == 0x7777, "saved registers");
        check(t[17] == data(cpl) && t[20] == data(cpl), "saved segments %x %x", t[17], t[20]);
        check(t[21] == 0 && t[22] == 0, "static fields changed: %x %x", t[21], t[22]);
    }
}

static void switches(void)
{
    for (unsigned sizes = 0; sizes < 4; sizes++) {
        static const char *const names[] = { "TSS32 to TSS32", "TSS32 to TSS16", "TSS16 to TSS32", "TSS16 to TSS16" };
        bool old_wide = !(sizes & 2), new_wide = !(sizes & 1);

        case_begin("6.3 [7.3], table 6-1", names[sizes]);
        for (unsigned how = 0; how < HOWS; how++)
            for (unsigned cpl = 0; cpl < 4; cpl++)
                for (unsigned to = 0; to < 4; to++) {
                    uint32_t esp, eflags = 2 | FL_DF | FL_OF;

                    env_reset();
                    new_task(new_wide, to);
                    old_task(old_wide);
                    setup(cpl);
                    T.eax = 0x11111111;
                    T.ecx = 0x22222222;
                    T.edx = 0x33333333;
                    T.ebp = 0x55555555;
                    T.esi = 0x66666666;
                    T.edi = 0x77777777;
                    T.fs = 0;
                    T.eflags = eflags;
                    esp = T.esp;
                    if (how == BY_IRET) {
                        set_desc(SEL_TSS_B, (struct desc){ gdt[SEL_TSS_B >> 3].lo, gdt[SEL_TSS_B >> 3].hi | 0x200 });
                        *(uint16_t *) (old_wide ? &main_tss : &old_tss) = SEL_TSS_B;
                    }
                    if (how == BY_EXC)
                        eflags |= FL_RF;
                    switch_by(how);
                    expect(DONE, 0, "%s, ring %u to %u", how_names[how], cpl, to);
                    if (T.vector != DONE)
                        continue;
                    check_new_task(new_wide, to, how);
                    check_old_task(old_wide, cpl, how, esp, eflags);
                }
    }
    env_reset();
}

/* --- faults before anything has changed -------------------------------------- */

static void expect_old(unsigned vector, uint32_t code_wanted, unsigned cpl, uint32_t off, const char *what)
{
    expect(vector, code_wanted, "%s, ring %u", what, cpl);
    check(T.tr == SEL_MAIN_TSS && T.off == off && T.cs == code(cpl), "%s: in task %x at %x:+%x", what, T.tr, T.cs, T.off);
    check(main_tss.eip == 0, "%s: the old TSS was written", what);
    check(T.main_busy, "%s: the old task is not busy", what);
}

static void faults_before(void)
{
    case_begin("6.3 [7.3], table 6-1", "faults in the old task");
    for (unsigned how = 0; how < HOWS; how++)
        for (unsigned cpl = 0; cpl < 4; cpl++)
            for (unsigned bad = 0; bad < 7; bad++) {
                bool gated = how == BY_INT || how == BY_EXC || how >= BY_JMP_GATE;
                unsigned ext = how == BY_EXC, vector = GP;
                uint32_t want = SEL_TSS_B | ext;
                struct desc *d = &gdt[SEL_TSS_B >> 3];

                env_reset();
                new_task(true, 3);
                setup(cpl);
                if (how == BY_IRET) {
                    d->hi |= 0x200;
                    main_tss.link = SEL_TSS_B;
                    vector = TS;
                }
                if (bad == 0) { /* busy, or for IRET not */
                    d->hi ^= 0x200;
                } else if (bad == 1) {
                    d->hi &= ~0x8000u;
                    vector = NP;
                } else if (bad == 2) { /* 102: one byte short */
                    d->lo = (d->lo & 0xffff0000) | 102;
                    vector = TS;
                } else if (bad == 3) {
                    d->hi = (d->hi & ~0xf00u) | 0x200; /* an LDT */
                } else if (bad == 4) { /* DPL: gates do not ask */
                    if (gated || how == BY_IRET || cpl == 0)
                        continue;
                    d->hi &= ~0x6000u;
                } else if (bad == 5) { /* a 16-bit TSS of 42 bytes */
                    d->hi = (d->hi & ~0xf00u) | (how == BY_IRET ? 0x300 : 0x100);
                    d->lo = (d->lo & 0xffff0000) | 42;
                    vector = TS;
                } else { /* code: a good jump's target without a gate */
                    if (!gated && how != BY_IRET)
                        continue;
                    d->hi |= 0x1000;
                }
                switch_by(how);
                expect_old(vector, want, cpl, 0, how_names[how]);
            }
    case_begin("6.2.5 [7.2.5]", "task gates: privilege, presence, what they name");
    for (unsigned call = 0; call < 2; call++)
        for (unsigned i = 0; i < 128; i++) {
            unsigned dpl = i & 3, rpl = i >> 2 & 3, cpl = i >> 4 & 3;
            bool present = i >> 6;

            env_reset();
            new_task(true, 3);
            set_desc(SEL_Y, gate(5, dpl, present, SEL_TSS_B, 0, 0));
            setup(cpl);
            T.ebx = SCRATCH;
            *(uint32_t *) SCRATCH = 0;
            *(uint16_t *) (SCRATCH + 4) = (uint16_t) (SEL_Y | rpl);
            go(call ? S32("lcall *(%ebx)") : S32("ljmp *(%ebx)"));
            if (dpl < cpl || dpl < rpl)
                expect_old(GP, SEL_Y, cpl, 0, "a gate's DPL");
            else if (!present)
                expect_old(NP, SEL_Y, cpl, 0, "a gate that is not present");
            else
                expect(DONE, 0, "gate DPL %u RPL %u CPL %u", dpl, rpl, cpl);
        }
    for (unsigned how = BY_INT; how <= BY_CALL_GATE; how++) {
        static const uint16_t sels[] = { 0, 0x100, 0x0c, SEL_CODE, SEL_LDT, SEL_MAIN_TSS };

        if (how == BY_IRET || how == BY_EXC)
            continue;
        for (unsigned i = 0; i < ARRAY_LEN(sels); i++)
            for (unsigned cpl = 0; cpl < 4; cpl++) {
                env_reset();
                new_task(true, 3);
                setup(cpl);
                T.ebx = SCRATCH;
                *(uint16_t *) (SCRATCH + 4) = SEL_Y;
                set_desc(SEL_Y, gate(5, 3, true, sels[i], 0, 0));
                idt[0x90] = gate(5, 3, true, sels[i], 0, 0);
                go(how == BY_INT ? S32("int $0x90") : how == BY_JMP_GATE ? S32("ljmp *(%ebx)") : S32("lcall *(%ebx)"));
                expect_old(GP, sels[i], cpl, 0, "a gate to no TSS");
            }
    }
    env_reset();
}

/* --- faults of the new task -------------------------------------------------- */

enum field { F_LDT, F_CS, F_SS, F_DS, F_ES, F_FS, F_GS, F_EIP };

struct bad_field {
    enum field field;
    uint16_t sel;       /* its selector; SEL_Z is the descriptor below */
    unsigned access;
    unsigned vector;
    uint32_t code;
};
#define BAD_CODE(f) { f, SEL_Z | 3, A_P | 2, TS, SEL_Z }
static const struct bad_field bad_fields[] = {
    { F_LDT, 0x100, 0, TS, 0x100 },
    { F_LDT, 0x0c, 0, TS, 0x0c },
    { F_LDT, SEL_Z, A_P | 9, TS, SEL_Z },
    { F_LDT, SEL_Z, A_DATA, TS, SEL_Z },
    { F_LDT, SEL_Z, 2, TS, SEL_Z }, /* not present */
    { F_CS, 3, 0, TS, 0 },
    { F_CS, 0x103, 0, TS, 0x100 },
    { F_CS, 0x87, 0, TS, 0x84 },
    { F_CS, SEL_Z | 3, A_DATA | 0x60, TS, SEL_Z },
    { F_CS, SEL_Z | 3, A_P | 0x0c | 0x60, TS, SEL_Z },
    { F_CS, SEL_Z | 3, A_CODE | 0x40, TS, SEL_Z },       /* DPL 2 */
    { F_CS, SEL_Z | 3, A_CODE, TS, SEL_Z },              /* DPL 0 */
    { F_CS, SEL_Z | 3, (A_CODE & ~A_P) | 0x60, NP, SEL_Z },
    { F_SS, 0, 0, TS, 0 },
    { F_SS, 3, 0, TS, 0 },
    { F_SS, 0x103, 0, TS, 0x100 },
    { F_SS, SEL_Z | 3, A_CODE | 0x60, TS, SEL_Z },
    { F_SS, SEL_Z | 3, A_P | 2 | 0x60, TS, SEL_Z },
    { F_SS, SEL_Z | 3, (A_DATA & ~2) | 0x60, TS, SEL_Z },
    { F_SS, SEL_Z | 3, A_DATA | 0x40, TS, SEL_Z },
    { F_SS, SEL_Z | 2, A_DATA | 0x60, TS, SEL_Z },
    { F_SS, SEL_Z | 3, (A_DATA & ~A_P) | 0x60, SS_, SEL_Z },
    { F_DS, 0x103, 0, TS, 0x100 },
    { F_DS, SEL_Z | 3, A_P | 2 | 0x60, TS, SEL_Z },
    { F_DS, SEL_Z | 3, (A_CODE & ~2) | 0x60, TS, SEL_Z },
    { F_DS, SEL_Z | 3, A_DATA | 0x40, TS, SEL_Z },
    { F_DS, SEL_Z | 0, A_CODE | 0x40, TS, SEL_Z },
    { F_DS, SEL_Z | 3, (A_DATA & ~A_P) | 0x60, NP, SEL_Z },
    { F_ES, SEL_Z | 3, A_DATA | 0x40, TS, SEL_Z },
    { F_ES, SEL_Z | 3, (A_DATA & ~A_P) | 0x60, NP, SEL_Z },
    { F_FS, SEL_Z | 3, A_DATA | 0x40, TS, SEL_Z },
    { F_FS, SEL_Z | 3, (A_DATA & ~A_P) | 0x60, NP, SEL_Z },
    { F_GS, SEL_Z | 3, A_P | 12 | 0x60, TS, SEL_Z },
    { F_GS, SEL_Z | 3, (A_CODE & ~A_P) | 0x60, NP, SEL_Z },
    { F_GS, 0xff, 0, TS, 0xfc },
    { F_EIP, SEL_Z | 3, A_CODE | 0x60, GP, 0 }, /* over the limit of CS */
    /* What is allowed. */
    { F_LDT, 0, 0, DONE, 0 },
    { F_DS, 0, 0, DONE, 0 },
    { F_GS, 3, 0, DONE, 0 },
    { F_DS, SEL_Z | 3, A_CODE | 4, DONE, 0 }, /* conforming */
    { F_ES, SEL_Z | 1, (A_DATA & ~2) | 0x60, DONE, 0 },
};

static void set_field(const struct bad_field *b, bool wide)
{
    static const uint8_t word16[] = { 21, 18, 19, 20, 17 };
    uint32_t *const dword[] = { &new_tss.ldt, &new_tss.cs, &new_tss.ss, &new_tss.ds, &new_tss.es, &new_tss.fs, &new_tss.gs, &new_tss.cs };

    set_desc(SEL_Z, segment(0, b->field == F_EIP ? 0xff : 0xfffff, b->access, F_BIG | (b->field == F_EIP ? 0 : F_GRAN)));
    if (wide)
        *dword[b->field] = b->sel;
    else
        tss16(&new_tss)[word16[b->field == F_EIP ? F_CS : b->field]] = b->sel;
}

static void faults_after(void)
{
    case_begin("6.3 [7.3], table 6-2; 5.13 EXT", "faults in the new task");
    for (unsigned how = 0; how < HOWS; how++)
        for (unsigned wide = 0; wide < 2; wide++)
            for (unsigned cpl = 0; cpl < 4; cpl += 3)
                for (unsigned i = 0; i < ARRAY_LEN(bad_fields); i++) {
                    const struct bad_field *b = &bad_fields[i];
                    bool exc = how == BY_EXC;

                    if (!wide && (b->field == F_FS || b->field == F_GS || (b->vector == DONE && b->field == F_CS)))
                        continue;
                    env_reset();
                    new_task(wide, 3);
                    set_field(b, wide);
                    setup(cpl);
                    if (how == BY_IRET) {
                        gdt[SEL_TSS_B >> 3].hi |= 0x200;
                        main_tss.link = SEL_TSS_B;
                    }
                    switch_by(how);
                    expect(b->vector, b->code | (exc ? 1 : 0), "%s, row %u, TSS%s", how_names[how], i, wide ? "32" : "16");
                    check(T.tr == SEL_TSS_B, "row %u: in task %x", i, T.tr);
                    if (b->vector != DONE)
                        check(T.eip == (wide ? SNIP : 0) + SNIP_TO, "row %u: EIP %x", i, T.eip);
                    check(main_tss.eip >= SNIP && main_tss.eip < SNIP + 8, "row %u: old task not saved: %x", i, main_tss.eip);
                    check(T.main_busy == how_nests(how) && (gdt[SEL_TSS_B >> 3].hi & 0x200), "row %u: busy bits", i);
                }
    env_reset();
}

/* --- the rest ---------------------------------------------------------------- */

static void traps_and_debug(void)
{
    case_begin("6.2.1 [7.2.1]; 15.3.1.5 [17.3.1.5]", "the T bit of a TSS");
    for (unsigned how = 0; how < HOWS; how++)
        for (unsigned cpl = 0; cpl < 4; cpl += 3) {
            env_reset();
            new_task(true, cpl);
            new_tss.trap = 1;
            setup(cpl);
            if (how == BY_IRET) {
                gdt[SEL_TSS_B >> 3].hi |= 0x200;
                main_tss.link = SEL_TSS_B;
            }
            switch_by(how);
            expect(DB, 0, "%s", how_names[how]);
            check(T.eip == SNIP + SNIP_TO && T.tr == SEL_TSS_B, "%s: at %x in task %x", how_names[how], T.eip, T.tr);
            check((T.dr6 & 0xe00f) == 0x8000, "%s: DR6 %x", how_names[how], T.dr6);
        }
    case_begin("15.2.4 [17.2.4]", "a switch clears the local breakpoints and LE");
    env_reset();
    new_task(true, 3);
    set_dr0(0x500000);
    set_dr7(0x3ff);
    setup(R3);
    switch_by(BY_JMP);
    expect(DONE, 0, "JMP");
    check((get_dr7() & 0x3ff) == 0x2aa, "DR7 %x", get_dr7());
    set_dr7(0);
    case_begin("6.4 [7.4]", "CALL and IRET: there and back");
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned to = 0; to < 4; to++)
            for (unsigned how = BY_CALL; how <= BY_INT; how++) {
                env_reset();
                new_task(true, to);
                new_tss.eip = SNIP + SNIP_TO + 0x10;
                memcpy((void *) (SNIP + SNIP_TO + 0x10), "\xcf\xcd\x80", 3); /* iret; int $0x80 */
                setup(cpl);
                T.eax = 5;
                switch_by(how);
                expect(DONE, 0, "%u to %u", cpl, to);
                check(T.tr == SEL_MAIN_TSS && T.cs == code(cpl) && T.off == 4, "back in task %x at %x:+%x", T.tr, T.cs, T.off);
                check(T.eax == 5 && T.ss == data(cpl) && T.ds == data(cpl) && !(T.eflags & FL_NT), "state: EAX %x SS %x", T.eax, T.ss);
                check(!(gdt[SEL_TSS_B >> 3].hi & 0x200) && (gdt[SEL_MAIN_TSS >> 3].hi & 0x200), "busy bits");
                check(new_tss.eip == SNIP + SNIP_TO + 0x11 && !(new_tss.eflags & FL_NT), "inner task: EIP %x EFLAGS %x", new_tss.eip, new_tss.eflags);
            }
    case_begin("6.3 [7.3]; 16.2.2 [20.2.2]", "a task in virtual-8086 mode");
    for (unsigned how = BY_JMP; how <= BY_IRET; how++) {
        env_reset();
        new_task(true, 3);
        new_tss.eflags = 2 | FL_VM | FL_IOPL;
        new_tss.cs = new_tss.ds = new_tss.ss = SNIP >> 4;
        new_tss.es = 0x1234;
        new_tss.fs = 0xffff;
        new_tss.gs = 3;
        new_tss.eip = SNIP_TO;
        new_tss.reg[4] = STACK16;
        setup(R0);
        if (how == BY_IRET) {
            gdt[SEL_TSS_B >> 3].hi |= 0x200;
            main_tss.link = SEL_TSS_B;
        }
        switch_by(how);
        expect(DONE, 0, "%s", how_names[how]);
        check((T.eflags & FL_VM) && T.cs == SNIP >> 4 && T.es == 0x1234 && T.fs == 0xffff && T.gs == 3 && T.eip == SNIP_TO + 2,
              "EFLAGS %x at %x:%x", T.eflags, T.cs, T.eip);
        check(T.h_segs == 0, "the handler's segments: %x", T.h_segs);
    }
    env_reset();
}

/* An error code goes to the new task's stack, as wide as its TSS. */
static void error_codes(void)
{
    case_begin("5.12.2, 5.13 [6.12.2, 6.13]", "error codes of exceptions that are tasks");
    for (unsigned wide = 0; wide < 2; wide++)
        for (unsigned cpl = 0; cpl < 4; cpl++)
            for (unsigned to = 0; to < 4; to++) {
                env_reset();
                new_task(wide, to);
                idt[GP] = gate(5, 0, true, SEL_TSS_B, 0, 0);
                setup(cpl);
                T.eax = 0x100;
                T.h_esp = 0;
                go(S32("movw %ax, %ds"));
                expect(DONE, 0, "TSS%s, %u to %u", wide ? "32" : "16", cpl, to);
                if (wide)
                    check(T.esp == user_top(to) - 512 - 4 && stack32(0) == 0x100, "ESP %x, code %x", T.esp, stack32(0));
                else
                    check((T.esp & 0xffff) == STACK16 - 512 - 2 && stack16(0) == 0x100, "SP %x, code %x", T.esp, stack16(0));
                check(main_tss.eip == SNIP && (main_tss.eflags & FL_RF), "old task at %x, EFLAGS %x", main_tss.eip, main_tss.eflags);
            }
    env_reset();
}

void test_tasks(void)
{
    switches();
    faults_before();
    faults_after();
    traps_and_debug();
    error_codes();
}

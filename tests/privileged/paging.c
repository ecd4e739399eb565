/*
 * Paging: rights at both levels, WP, error codes, CR2, accessed and dirty bits,
 * 4 MiB pages, faults in the middle of instructions, tables that map themselves,
 * task switches with CR3, faults of delivery.
 *
 * Source: SDM vol. 3, 3.6, 3.7 (today 4.3), 4.11 to 4.12 (5.11, 5.12), 5.12 #PF.
 */
#include "priv.h"

enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100,
       /* Linear addresses of the tests' pages: from 12 MiB on, backed by `pages`. */
       LIN = 0xc00000, SELF = 0x1000000, BIG_LIN = 0x1400000 };

static uint32_t dir[1024] __attribute__((aligned(4096)));
static uint32_t dir2[1024] __attribute__((aligned(4096)));
static uint32_t low[1024] __attribute__((aligned(4096))); /* 0 to 4 MiB as it is */
static uint32_t table[1024] __attribute__((aligned(4096)));
static uint8_t pages[4][4096] __attribute__((aligned(4096)));
static struct tss task_tss __attribute__((aligned(4096)));

/* Everything is mapped for all; LIN + n * 4 KiB is pages[n]. */
static void paging_on(uint32_t cr0)
{
    set_cr0(get_cr0() & ~CR0_PG);
    memset(dir, 0, sizeof dir);
    for (unsigned i = 0; i < 1024; i++)
        low[i] = i << 12 | P | W | U;
    dir[0] = (uint32_t) low | P | W | U;
    memset(table, 0, sizeof table);
    for (unsigned i = 0; i < 4; i++)
        table[i] = (uint32_t) pages[i] | P | W | U;
    dir[LIN >> 22] = (uint32_t) table | P | W | U;
    set_cr3((uint32_t) dir);
    set_cr0((get_cr0() & ~CR0_WP) | CR0_PG | cr0);
}

static void flush(void)
{
    set_cr3(get_cr3());
}

/* --- rights ----------------------------------------------------------------- */

enum kind { READ, WRITE, RMW, EXEC, KINDS };

/* 4.11 [5.11], table 4-2: the two levels are combined, WP is for ring 0 to 2. */
static bool model_rights(uint32_t pde, uint32_t pte, unsigned cpl, bool write, bool wp)
{
    bool user = pde & pte & U, writable = pde & pte & W;

    if (cpl == 3)
        return user && (writable || !write);
    return writable || !write || !wp;
}

static void rights_one(uint32_t pde, uint32_t pte, unsigned cpl, enum kind kind, bool wp)
{
    bool present = pde & pte & P, write = kind == WRITE || kind == RMW;
    bool ok = present && model_rights(pde, pte, cpl, write, wp);
    uint32_t want = (present ? 1 : 0) | (write ? 2 : 0) | (cpl == 3 ? 4 : 0), at = LIN + 0x123;

    dir[LIN >> 22] = (uint32_t) table | pde;
    table[0] = (uint32_t) pages[0] | pte;
    flush();
    pages[0][0x123] = 0xcd;
    pages[0][0x124] = 0x80;
    pages[0][0x125] = 0x5a;
    setup(cpl);
    T.ebx = at;
    T.eax = 0xcd;
    switch (kind) {
    case READ: go(S32("movb (%ebx), %cl")); break;
    case WRITE: go(S32("movb %al, (%ebx)")); break;
    case RMW: go(S32("orb $0, (%ebx)")); break;
    default: go(S32("jmp *%ebx")); break;
    }
    expect(ok ? DONE : PF, want, "access %u, PDE %x, PTE %x, CPL %u, WP %u", kind, pde, pte, cpl, wp);
    if (!ok) {
        check(T.cr2 == at, "CR2 %x", T.cr2);
        check(T.eip == (kind == EXEC ? at : SNIP), "EIP %x", T.eip);
    } else {
        check(dir[LIN >> 22] & A, "the PDE is not accessed");
        check(!(dir[LIN >> 22] & D), "the PDE is dirty");
        check((table[0] & (A | D)) == (A | (write ? D : 0u)), "access %u: the PTE is %x", kind, table[0]);
    }
    if (!ok)
        check(!(table[0] & D) && (table[0] & ~(uint32_t) A) == ((uint32_t) pages[0] | pte), "access %u: the PTE became %x", kind, table[0]);
    check((table[0] & 0xf07) == (pte & 0xf07) && (dir[LIN >> 22] & 0xf87) == (pde & 0xf87), "other bits changed");
}

static void rights(void)
{
    static const char *const names[] = { "reads", "writes", "read-modify-writes", "instruction fetches" };

    for (unsigned kind = READ; kind < KINDS; kind++) {
        case_begin("4.11 [5.11], 3.6.4; 5.12 #PF", names[kind]);
        for (unsigned wp = 0; wp < (cpu.family >= 4 ? 2u : 1u); wp++) {
            paging_on(wp ? CR0_WP : 0);
            for (unsigned cpl = 0; cpl < 4; cpl++)
                for (uint32_t pde = 0; pde < 8; pde++)
                    for (uint32_t pte = 0; pte < 8; pte++)
                        rights_one(pde | 0xe00, pte | 0xa00, cpl, kind, wp);
        }
    }
}

/* --- accesses over the edge of a page --------------------------------------- */

static void crossing(void)
{
    case_begin("5.12 #PF; 3.6.4", "accesses over two pages: which address, which code, nothing done");
    paging_on(0);
    for (unsigned cpl = 0; cpl < 4; cpl += 3)
        for (unsigned bad = 0; bad < 4; bad++)
            for (unsigned how = 0; how < 14; how++) {
                /* 0: first absent, 1: second absent, 2: second read-only, 3: both good */
                bool write, fault;
                uint32_t first = LIN + 0xffe, want_cr2 = bad == 0 ? first : LIN + 0x1000;
                uint32_t before;

                if (bad == 2 && cpl == 0)
                    continue; /* ring 0 writes it */
                write = how >= 4;
                fault = bad < 2 || (bad == 2 && write);
                table[0] = (uint32_t) pages[0] | W | U | (bad == 0 ? 0 : P);
                table[1] = (uint32_t) pages[1] | U | (bad == 1 ? 0 : P) | (bad == 2 ? 0 : W);
                flush();
                memset(pages[0] + 0xff0, 0x11, 16);
                memset(pages[1], 0x11, 16);
                before = *(uint32_t *) pages[1];
                setup(cpl);
                T.ebx = T.edi = first;
                T.esi = SCRATCH;
                T.eax = 0x99999999;
                T.ecx = 1;
                T.edx = 0x77;
                switch (how) {
                case 0: go(S32("movl (%ebx), %edx")); break;
                case 1: go(S32("cmpl %eax, (%ebx)")); break;
                case 2: go(S32("movl %ebx, %esi; lodsl")); break;
                case 3: go(S32("pushl (%ebx); popl %edx")); break;
                case 4: go(S32("movl %eax, (%ebx)")); break;
                case 5: go(S32("addl %eax, (%ebx)")); break;
                case 6: go(S32("xchgl %eax, (%ebx)")); break;
                case 7: go(S32("movsl")); break;
                case 8: go(S32("stosl")); break;
                case 9: go(S32("shll $1, (%ebx)")); break;
                case 10: go(S32("pushl %eax; popl (%ebx)")); break;
                case 11: go(S32("notl (%ebx)")); break;
                case 12: go(S32("btsl $1, (%ebx)")); break;
                default: go(S32("rep; stosl")); break;
                }
                if (!fault) {
                    expect(DONE, 0, "access %u, pages %u", how, bad);
                    continue;
                }
                expect(PF, (bad == 2 ? 1 : 0) | (write ? 2 : 0) | (cpl == 3 ? 4 : 0), "access %u, pages %u, CPL %u", how, bad, cpl);
                check(T.cr2 == want_cr2, "access %u, pages %u: CR2 %x, not %x", how, bad, T.cr2, want_cr2);
                check(T.edi == first && T.ebx == first && T.ecx == 1 && (T.eax == 0x99999999) && T.edx == 0x77, "access %u: registers", how);
                check(*(uint32_t *) pages[1] == before && pages[0][0xffe] == 0x11 && pages[0][0xfff] == 0x11, "access %u: half done", how);
                /* Whether the first page is dirty by now is not said (3.6.4). */
                check(!(table[1] & D), "access %u: dirty %x", how, table[1]);
                if (how != 2 && how != 10)
                    check(T.off == 0 && T.esp == user_top(cpl), "access %u: EIP +%x ESP %x", how, T.off, T.esp);
                if (how == 10)
                    check(T.off == 1 && T.esp == user_top(cpl) - 4, "POP: EIP +%x ESP %x", T.off, T.esp);
            }
    case_begin("5.12 #PF", "instructions over two pages");
    paging_on(0);
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned n = 1; n < 7; n++) {
            static const uint8_t insn[] = { 0xc7, 0x05, 0, 0x40, 0x08, 0, 1, 0, 0, 0, 0xcd, 0x80 }; /* movl $1, SCRATCH */

            table[0] = (uint32_t) pages[0] | P | U;
            table[1] = (uint32_t) pages[1] | U;
            memcpy(pages[0] + 4096 - n, insn, n);
            memcpy(pages[1], insn + n, sizeof insn - n);
            flush();
            setup(cpl);
            T.eip = LIN + 0x1000 - n;
            *(uint32_t *) SCRATCH = 0;
            go(S32("nop"));
            expect(PF, cpl == 3 ? 4 : 0, "%u bytes before the edge, CPL %u", n, cpl);
            check(T.cr2 == LIN + 0x1000 && T.off == 0 && *(uint32_t *) SCRATCH == 0, "CR2 %x, EIP +%x", T.cr2, T.off);
            table[1] |= P;
            flush();
            setup(cpl);
            T.eip = LIN + 0x1000 - n;
            go(S32("nop"));
            expect(DONE, 0, "both present");
            check(*(uint32_t *) SCRATCH == 1, "not executed");
        }
}

/* REP stops at the fault and goes on from there (vol. 2, REP; 5.12 #PF). */
static void strings(void)
{
    case_begin("vol. 2 REP; 5.12 #PF", "REP stops at a fault with its counters");
    paging_on(0);
    for (unsigned cpl = 0; cpl < 4; cpl += 3)
        for (unsigned how = 0; how < 4; how++)
            for (unsigned down = 0; down < 2; down++) {
                uint32_t start = down ? LIN + 0x1000 + 28 : LIN + 0xfe0;

                table[0] = (uint32_t) pages[0] | W | U | (down ? 0 : P);
                table[1] = (uint32_t) pages[1] | W | U | (down ? P : 0);
                memset(pages[0], 0, sizeof pages[0]);
                memset(pages[1], 0, sizeof pages[1]);
                flush();
                setup(cpl);
                T.eflags |= down ? FL_DF : 0;
                T.edi = T.esi = start;
                if (how == 1)
                    T.esi = SCRATCH + 0x100;
                T.ecx = 16;
                T.eax = how == 3 ? 0 : 0xabab;
                switch (how) {
                case 0: go(S32("rep; stosl")); break;
                case 1: go(S32("rep; movsl")); break;
                case 2: go(S32("movl $0x84000, %edi; rep; movsl")); break;
                default: go(S32("repe; scasl")); break;
                }
                expect(PF, (how < 2 ? 2 : 0) | (cpl == 3 ? 4 : 0), "way %u", how);
                check(T.ecx == 8, "way %u: ECX %u", how, T.ecx);
                check((how == 2 ? T.esi : T.edi) == (down ? start - 32 : start + 32), "way %u: EDI %x ESI %x", how, T.edi, T.esi);
                check(T.cr2 == (down ? LIN + 0xffc : LIN + 0x1000), "CR2 %x", T.cr2);
                check(T.off == (how == 2 ? 5 : 0), "EIP +%x", T.off);
                check(T.eflags & FL_RF, "RF: %x", T.eflags);
            }
}

/* --- stacks and delivery ----------------------------------------------------- */

static void stack_faults(void)
{
    case_begin("5.12 #PF; vol. 2 PUSH, CALL, PUSHA, ENTER", "stack pages that fault: ESP is as before");
    paging_on(0);
    for (unsigned how = 0; how < 10; how++) {
        bool pop = how >= 5;
        uint32_t esp = LIN + 0x1000 + (pop ? -4 : 4);

        table[0] = (uint32_t) pages[0] | W | U | (pop ? P : 0);
        table[1] = (uint32_t) pages[1] | W | U | (pop ? 0 : P);
        ((uint32_t *) pages[0])[1023] = how == 8 ? SNIP + SNIP_TO : 0;
        flush();
        setup(R3);
        T.esp = esp;
        T.ebp = esp;
        switch (how) {
        case 0: go(S32("pushal")); break;
        case 1: T.esp = T.ebp = esp -= 4; go(S32("pushl %eax")); break;
        case 2: T.esp = T.ebp = esp -= 4; go(S32("call 1f; 1:")); break;
        case 3: T.esp = T.ebp = esp -= 4; go(S32("enter $0, $0")); break;
        case 4: T.ebx = SCRATCH; ((uint32_t *) SCRATCH)[0] = SNIP + SNIP_TO; ((uint32_t *) SCRATCH)[1] = code(3); go(S32("lcall *(%ebx)")); break;
        case 5: go(S32("popal")); break;
        case 6: go(S32("iretl")); break;
        case 7: go(S32("lret")); break;
        case 8: go(S32("lret $8")); break;
        default: T.esp = T.ebp = esp += 4; go(S32("popl %eax")); break;
        }
        expect(PF, pop ? 4 : 6, "way %u", how);
        check(T.off == 0 && T.esp == esp && T.ebp == esp, "way %u: EIP +%x ESP %x", how, T.off, T.esp);
        check((T.cr2 & ~0xfffu) == (pop ? LIN + 0x1000 : LIN), "way %u: CR2 %x", how, T.cr2);
    }
    case_begin("5.12 #PF; vol. 2 INT, CALL", "the handler's or gate's new stack is not present");
    for (unsigned how = 0; how < 3; how++) {
        paging_on(0);
        table[0] = (uint32_t) pages[0] | W | U; /* ring 1's stack, not present */
        set_desc(SEL_Y, segment(0, 0xfffff, A_CODE | 0x20, F_BIG | F_GRAN));
        set_desc(SEL_X, gate(12, 3, true, SEL_Y, SNIP + SNIP_TO, 0));
        idt[UD] = gate(14, 3, true, SEL_Y, SNIP + SNIP_TO, 0);
        flush();
        setup(R3);
        main_tss.esp1 = LIN + 0x800;
        T.ebx = SCRATCH;
        *(uint16_t *) (SCRATCH + 4) = SEL_X;
        go(how == 0 ? S32("ud2") : how == 1 ? S32("int $6") : S32("lcall *(%ebx)"));
        expect(PF, 2, "way %u: the stack is ring 1's", how);
        check((T.cr2 & ~0xfffu) == LIN && T.off == 0 && T.cs == code(3), "way %u: CR2 %x at %x:+%x", how, T.cr2, T.cs, T.off);
        idt_default(UD);
    }
    case_begin("2.1, 4.11 [5.11]", "tables are read as the supervisor: GDT, LDT, IDT, TSS in supervisor pages");
    paging_on(0);
    for (uint32_t a = (uint32_t) gdt; a < (uint32_t) gdt + sizeof gdt; a += 4096)
        low[a >> 12] &= ~(uint32_t) U;
    low[(uint32_t) idt >> 12] &= ~(uint32_t) U;
    low[(uint32_t) &main_tss >> 12] &= ~(uint32_t) U;
    low[(uint32_t) ldt >> 12] &= ~(uint32_t) U;
    low[(uint32_t) ring_stack[0] >> 12] &= ~(uint32_t) U;
    flush();
    set_desc(SEL_X, segment(0, 0xfffff, A_DATA | 0x60, F_BIG | F_GRAN));
    setup(R3);
    T.eax = SEL_X | 3;
    go(S32("movw %ax, %es; larw %ax, %bx; int3"));
    expect(BP, 0, "a load and an interrupt in ring 3");
    setup(R3);
    T.ebx = (uint32_t) gdt;
    go(S32("movl (%ebx), %eax"));
    expect(PF, 5, "ring 3 reads the GDT itself");
}

static void delivery_faults(void)
{
    case_begin("5.12 #DF, table 5-5", "page faults of delivery, double faults with #PF");
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned first = 0; first < 3; first++)
            for (unsigned second = 0; second < 3; second++) {
                unsigned v = first == 0 ? UD : first == 1 ? GP : PF;
                struct desc *g;

                env_reset();
                paging_on(0);
                table[1] = 0; /* absent: #PF on LIN + 1000h */
                flush();
                /* A handler in ring `cpl` or below cannot be entered. */
                idt_default(v);
                g = &idt[v];
                if (second == 0) { /* the gate's descriptor is on an absent page */
                    struct {
                        uint16_t limit;
                        uint32_t base;
                    } __attribute__((packed)) all = { sizeof gdt - 1, (uint32_t) gdt };

                    (void) all;
                    set_desc(SEL_Y, segment(0, 0xfffff, A_CODE, F_BIG | F_GRAN));
                    g->lo = (g->lo & 0xffff) | 0x0fu << 16; /* LDT 1: the LDT is moved below */
                    set_desc(SEL_LDT, segment(LIN + 0x1000, 0xff, A_P | 2, 0));
                    __asm__ volatile("lldt %w0" : : "r"(SEL_LDT) : "memory");
                } else if (second == 1) {
                    g->hi &= ~0x8000u; /* #NP */
                } else {
                    g->lo &= 0xffff; /* #GP */
                }
                setup(cpl);
                T.ebx = LIN + 0x1000;
                go(first == 0 ? S32("ud2") : first == 1 ? S32("movw %bx, %ss") : S32("movl (%ebx), %eax"));
                if (first == 0)
                    expect(second == 0 ? PF : second == 1 ? NP : GP, second == 0 ? 0 : second == 1 ? UD * 8 + 3 : 1, "#UD, then %u, CPL %u", second, cpl);
                else if (first == 1 && second == 0)
                    expect(PF, 0, "#GP, then #PF: one after the other, CPL %u", cpl);
                else
                    expect(DF, 0, "vector %u, then %u, CPL %u", v, second, cpl);
                if (T.vector == PF)
                    check(T.cr2 == LIN + 0x1000 + 8 || T.cr2 == LIN + 0x1000 + 12, "CR2 %x", T.cr2);
            }
}

/* --- tables that map themselves, flushing, big pages ------------------------- */

static void tables(void)
{
    volatile uint32_t *self_pte = (volatile uint32_t *) (SELF + (LIN >> 12) * 4 - 0);

    case_begin("3.6 [4.3]", "a directory that maps itself: changes show after INVLPG or CR3");
    paging_on(0);
    /* dir[4] = dir: the 4 MiB at SELF are all page tables. */
    dir[SELF >> 22] = (uint32_t) dir | P | W;
    flush();
    pages[0][0] = 0x10;
    pages[1][0] = 0x21;
    check(*(volatile uint8_t *) LIN == 0x10, "page 0");
    check((*self_pte & ~(A | D)) == ((uint32_t) pages[0] | P | W | U), "its entry, through the map: %x", *self_pte);
    *self_pte = (uint32_t) pages[1] | P | W;
    if (cpu.family >= 4)
        __asm__ volatile("invlpg (%0)" : : "r"(LIN) : "memory");
    else
        flush();
    check(*(volatile uint8_t *) LIN == 0x21, "after the change: %x", *(volatile uint8_t *) LIN);
    check(table[0] & A, "accessed bit");
    check(((volatile uint32_t *) SELF)[(SELF >> 12) + (SELF >> 22)] >> 12 == (uint32_t) dir >> 12, "the directory's own entry");
    self_pte[2] = 0;
    flush();
    setup(R3);
    T.ebx = LIN + 0x2000;
    go(S32("movl (%ebx), %eax"));
    expect(PF, 4, "removed through the map");
    setup(R3);
    T.ebx = SELF + 8;
    go(S32("movl (%ebx), %eax"));
    expect(PF, 5, "ring 3 may not read the map");
    *self_pte = 0;

    case_begin("3.6.4 [4.8]", "accessed and dirty bits are set again when cleared");
    paging_on(0);
    for (unsigned i = 0; i < 8; i++) {
        table[0] &= ~(uint32_t) (A | D);
        dir[LIN >> 22] &= ~(uint32_t) A;
        flush();
        if (i & 1)
            *(volatile uint8_t *) LIN = 1;
        else
            (void) *(volatile uint8_t *) LIN;
        check((table[0] & (A | D)) == ((i & 1) ? A | D : A) && (dir[LIN >> 22] & A), "round %u: %x", i, table[0]);
    }
    case_begin("5.12 #PF; 4.11.3 [5.11.3]", "LSL, LAR, VERR, BOUND and far loads read through paging");
    paging_on(0);
    for (unsigned cpl = 0; cpl < 4; cpl++) {
        setup(cpl);
        table[0] = 0;
        flush();
        T.ebx = LIN;
        go(S32("larl (%ebx), %eax"));
        expect(PF, cpl == 3 ? 4 : 0, "LAR m");
        setup(cpl);
        T.ebx = LIN;
        go(S32("ldsl (%ebx), %eax"));
        expect(PF, cpl == 3 ? 4 : 0, "LDS");
        check(T.ds == data(cpl), "DS %x", T.ds);
        setup(cpl);
        T.ebx = LIN;
        go(S32("boundl %eax, (%ebx)"));
        expect(PF, cpl == 3 ? 4 : 0, "BOUND");
    }
}

static void big_pages(void)
{
    if (!has(HAS_PSE)) {
        case_skip("3.6.1, 3.7.3 [4.3]", "pages of 4 MiB", "no PSE on this model");
        return;
    }
    case_begin("3.6.1, 3.7.3 [4.3]", "pages of 4 MiB: rights, A and D in the PDE, CR4.PSE off");
    for (unsigned wp = 0; wp < 2; wp++)
        for (unsigned cpl = 0; cpl < 4; cpl++)
            for (uint32_t pde = 0; pde < 8; pde++)
                for (unsigned write = 0; write < 2; write++) {
                    bool ok = (pde & P) && model_rights(pde, pde, cpl, write, wp);

                    env_reset();
                    set_cr4(CR4_PSE);
                    paging_on(wp ? CR0_WP : 0);
                    dir[BIG_LIN >> 22] = pde | PS | 0xe00; /* physical 0 */
                    flush();
                    *(uint32_t *) SCRATCH = 0x1357;
                    setup(cpl);
                    T.ebx = BIG_LIN + SCRATCH;
                    T.eax = 0x2468;
                    go(write ? S32("movl %eax, (%ebx)") : S32("movl (%ebx), %eax"));
                    expect(ok ? DONE : PF, (pde & P ? 1 : 0) | (write ? 2 : 0) | (cpl == 3 ? 4 : 0), "PDE %x, CPL %u, write %u", pde, cpl, write);
                    if (ok) {
                        check((dir[BIG_LIN >> 22] & (A | D)) == (A | (write ? D : 0u)), "PDE %x", dir[BIG_LIN >> 22]);
                        check(write ? *(uint32_t *) SCRATCH == 0x2468 : T.eax == 0x1357, "data");
                    } else {
                        check(T.cr2 == BIG_LIN + SCRATCH && !(dir[BIG_LIN >> 22] & D), "CR2 %x, PDE %x", T.cr2, dir[BIG_LIN >> 22]);
                    }
                }
    env_reset();
    paging_on(0);
    table[SCRATCH >> 12 & 1023] = (uint32_t) pages[2] | P | W | U;
    dir[BIG_LIN >> 22] = (uint32_t) table | P | W | U | PS; /* without PSE an ordinary entry */
    flush();
    pages[2][0] = 0x77;
    check(*(volatile uint8_t *) (BIG_LIN + SCRATCH) == 0x77, "PS without CR4.PSE");
    if (!has(HAS_PGE)) {
        case_skip("3.7.1 [4.10.2]", "global pages", "no PGE on this model");
        return;
    }
    case_begin("3.7.1 [4.10.2.4]", "global pages: the bit is no fault, CR4.PGE flushes them");
    paging_on(0);
    set_cr4(CR4_PGE | CR4_PSE);
    table[0] = (uint32_t) pages[0] | P | W | U | G;
    flush();
    pages[0][0] = 1;
    pages[1][0] = 2;
    check(*(volatile uint8_t *) LIN == 1, "a global page");
    table[0] = (uint32_t) pages[1] | P | W | U | G;
    set_cr4(CR4_PSE);
    check(*(volatile uint8_t *) LIN == 2, "after CR4.PGE was cleared");
}

/* CR3 of the new task; page faults on either TSS leave the old task. */
static void task_paging(void)
{
    case_begin("6.3 [7.3]", "task switches: CR3 from the TSS, page faults before the commit");
    for (unsigned how = 0; how < 4; how++) {
        env_reset();
        paging_on(0);
        memcpy(dir2, dir, sizeof dir2);
        dir2[LIN >> 22] = 0;
        memset(&task_tss, 0, 256);
        task_tss.ss0 = data(0);
        task_tss.esp0 = ring_top(0) - 1024;
        task_tss.eip = SNIP + SNIP_TO;
        task_tss.eflags = 2;
        task_tss.cr3 = (uint32_t) dir2;
        task_tss.reg[4] = user_top(3) - 512;
        task_tss.cs = code(3);
        task_tss.ss = task_tss.ds = data(3);
        task_tss.io_base = 104;
        set_desc(SEL_TSS_B, segment((uint32_t) &task_tss, 103, A_P | 9 | 0x60, 0));
        set_desc(SEL_X, gate(5, 3, true, SEL_TSS_B, 0, 0));
        if (how == 1) /* the new TSS is on an absent page */
            low[(uint32_t) &task_tss >> 12] &= ~(uint32_t) P;
        if (how == 2) /* read-only pages do not stop ring 0 */
            low[(uint32_t) &task_tss >> 12] &= ~(uint32_t) (W | U);
        if (how == 3) { /* with WP they do, for the link of CALL */
            if (cpu.family < 4)
                continue;
            low[(uint32_t) &task_tss >> 12] &= ~(uint32_t) (W | U);
            set_cr0(get_cr0() | CR0_WP);
        }
        flush();
        setup(R3);
        T.ebx = SCRATCH;
        *(uint16_t *) (SCRATCH + 4) = SEL_TSS_B;
        go(S32("lcall *(%ebx)"));
        if (how == 0 || how == 2) {
            expect(DONE, 0, "way %u", how);
            check(T.cr3 == (uint32_t) dir2 && T.tr == SEL_TSS_B, "CR3 %x in task %x", T.cr3, T.tr);
            check(main_tss.cr3 == 0, "CR3 was saved: %x", main_tss.cr3);
        } else {
            /* Whether the link's write or a read comes first is not said. */
            expect(PF, how == 1 ? T.code & 2 : 3, "way %u", how);
            check(T.tr == SEL_MAIN_TSS && T.off == 0 && T.cr3 == (uint32_t) dir, "in task %x at +%x", T.tr, T.off);
            check((T.cr2 & ~0xfffu) == (uint32_t) &task_tss, "CR2 %x", T.cr2);
        }
        set_cr3((uint32_t) dir);
    }
    env_reset();
}

/* A fault leaves CR2 and nothing else; a read of CR2, writes of it. */
static void registers(void)
{
    case_begin("2.5", "CR2, CR3: values, and faults with paging off");
    paging_on(0);
    set_cr2(0x12345678);
    check(get_cr2() == 0x12345678, "CR2 %x", get_cr2());
    check((get_cr3() & 0xfffff000) == (uint32_t) dir, "CR3 %x", get_cr3());
    env_reset();
    setup(R3);
    T.ebx = SCRATCH;
    go(S32("movl (%ebx), %eax"));
    expect(DONE, 0, "paging off");
    case_begin("2.5; vol. 2 MOV CR", "PG without PE, NW without CD: #GP");
    setup(R0);
    T.eax = get_cr0() & ~CR0_PE;
    T.eax |= CR0_PG;
    go(S32("movl %eax, %cr0"));
    expect(GP, 0, "PG without PE");
    check(T.off == 0 && (T.cr0 & CR0_PE) && !(T.cr0 & CR0_PG), "CR0 %x", T.cr0);
    if (cpu.family >= 4) {
        setup(R0);
        T.eax = (get_cr0() | CR0_NW) & ~CR0_CD;
        go(S32("movl %eax, %cr0"));
        expect(GP, 0, "NW without CD");
        check(!(T.cr0 & CR0_NW), "CR0 %x", T.cr0);
    }
}

void test_paging(void)
{
    rights();
    crossing();
    strings();
    stack_faults();
    delivery_faults();
    tables();
    big_pages();
    task_paging();
    registers();
    env_reset();
}

/*
 * Every exception from every ring: vector, error code, saved state; which pairs
 * make a double fault.
 *
 * Source: SDM vol. 3, chapter 5 (today 6), "Interrupt and exception handling".
 */
#include "priv.h"

static const char *const modes[] = { "ring 0", "ring 1", "ring 2", "ring 3", "ring 0 16-bit", "ring 1 16-bit",
                                     "ring 2 16-bit", "ring 3 16-bit" };

/* A fault leaves registers and EIP as they were, and RF in the image (15.3.1.1 [17.3.1.1]). */
static void expect_fault(unsigned vector, uint32_t code_wanted, unsigned mode, const char *what)
{
    bool wide = mode < R0_16;

    expect(vector, code_wanted, "%s, %s", what, modes[mode]);
    check(T.off == 0, "%s, %s: EIP +%x is not that of the instruction", what, modes[mode], T.off);
    check(T.cs == (wide ? code(mode & 3) : code16(mode & 3)), "%s, %s: CS %x", what, modes[mode], T.cs);
    check((T.esp & 0xffff) == ((wide ? user_top(mode & 3) : STACK16) & 0xffff), "%s, %s: ESP %x", what, modes[mode], T.esp);
    check((T.h_eflags & (FL_TF | FL_NT | FL_RF | FL_VM | FL_IF)) == 0, "%s: handler's EFLAGS %x", what, T.h_eflags);
}

#define EACH_RING(mode) for (unsigned mode = R0; mode <= R3; mode++)
#define EACH_MODE(mode) for (unsigned mode = R0; mode <= R3_16; mode++)

static void divide_error(void)
{
    case_begin("5.12 #DE", "divide error in every ring");
    EACH_MODE(m) {
        setup(m);
        T.eax = 5;
        go(S32("divl %ecx"));
        expect_fault(DE, 0, m, "DIV by 0");
        check(T.eax == 5 && T.edx == 0, "DIV changed its registers");
        setup(m);
        T.eax = 0xff80; /* -128 */
        T.ebx = 0xff;   /* -1: 128 does not fit */
        go(S32("idivb %bl"));
        expect_fault(DE, 0, m, "IDIV -128 / -1");
        setup(m);
        T.eax = 0x1234;
        go(S32("aam $0"));
        expect_fault(DE, 0, m, "AAM 0");
        check(T.eax == 0x1234, "AAM 0 changed AX");
        setup(m);
        T.edx = 1;
        T.ecx = 1;
        go(S32("divl %ecx"));
        expect_fault(DE, 0, m, "DIV with a quotient of 33 or 17 bits");
    }
}

static void breakpoints(void)
{
    case_begin("5.12 #BP #OF", "INT3, INTO, BOUND in every ring");
    EACH_MODE(m) {
        setup(m);
        go(S32("int3"));
        expect(BP, 0, "INT3, %s", modes[m]);
        check(T.off == 1, "INT3: EIP +%u", T.off);
        check(!(T.eflags & FL_RF), "INT3 is a trap: RF");
        setup(m);
        T.eflags |= FL_OF;
        go(S32("into"));
        expect(OF, 0, "INTO, %s", modes[m]);
        check(T.off == 1, "INTO: EIP +%u", T.off);
        setup(m);
        go(S32("into"));
        expect(DONE, 0, "INTO without OF");
        setup(m);
        T.ebx = m < R0_16 ? SCRATCH : SCRATCH - SNIP;
        T.edi = T.ebx; /* 16-bit [bx+di] is 32-bit [ecx] */
        T.ebx = 0;
        T.ecx = T.edi;
        memset((void *) SCRATCH, 0, 16);
        T.eax = 1;
        go(S32("boundl %eax, (%ecx)"));
        expect_fault(BR, 0, m, "BOUND");
        setup(m);
        T.ecx = T.edi = m < R0_16 ? SCRATCH : SCRATCH - SNIP;
        go(S32("boundl %eax, (%ecx)"));
        expect(DONE, 0, "BOUND inside, %s", modes[m]);
        for (unsigned v = BP; v <= OF; v++) {
            setup(m);
            idt[v] = gate(14, 0, true, SEL_CODE, (idt[v].lo & 0xffff) | (idt[v].hi & 0xffff0000), 0);
            T.eflags |= FL_OF;
            T.soft = (m & 3) == 0;
            go(v == BP ? S32("int3") : S32("into"));
            if ((m & 3) == 0)
                expect(v, 0, "INT3, INTO by a gate of DPL 0, ring 0");
            else
                expect_fault(GP, v * 8 + 2, m, "INT3, INTO by a gate of DPL 0");
            idt_default(v);
        }
    }
}

static void invalid_opcodes(void)
{
    static const struct {
        uint8_t len, bytes[8];
        const char *what;
    } ops[] = {
        { 2, { 0x0f, 0x0b }, "UD2" },
        { 2, { 0x0f, 0xff }, "0F FF" },
        { 2, { 0x8e, 0xc8 }, "MOV CS, AX" },
        { 2, { 0x8e, 0xf0 }, "MOV segment 6, AX" },
        { 2, { 0x8c, 0xf8 }, "MOV AX, segment 7" },
        { 2, { 0x8d, 0xc0 }, "LEA of a register" },
        { 2, { 0x62, 0xc0 }, "BOUND of a register" },
        { 2, { 0xc4, 0xc0 }, "LES of a register" },
        { 3, { 0x0f, 0xb2, 0xc0 }, "LSS of a register" },
        { 2, { 0xff, 0xd8 }, "CALL far register" },
        { 2, { 0xff, 0xe8 }, "JMP far register" },
        { 2, { 0xfe, 0xf8 }, "FE /7" },
        { 2, { 0xff, 0xf8 }, "FF /7" },
        { 2, { 0x8f, 0xc8 }, "8F /1" },
        { 3, { 0x0f, 0xba, 0xc0 }, "0F BA /0" },
        { 3, { 0x0f, 0x01, 0xc0 }, "SGDT of a register" },
        { 3, { 0x0f, 0x01, 0xd8 }, "LIDT of a register" },
        { 2, { 0xf0, 0x90 }, "LOCK NOP" },
        { 3, { 0xf0, 0x01, 0xc0 }, "LOCK ADD to a register" },
        { 3, { 0xf0, 0x03, 0x01 }, "LOCK ADD from memory" },
        { 3, { 0xf0, 0x8b, 0x01 }, "LOCK MOV" },
        { 3, { 0xf0, 0x39, 0x01 }, "LOCK CMP" },
        { 3, { 0xf0, 0x85, 0x01 }, "LOCK TEST" },
        { 4, { 0xf0, 0x0f, 0xa3, 0x01 }, "LOCK BT" },
        { 3, { 0xf0, 0xd1, 0x21 }, "LOCK SHL" },
        { 2, { 0xf0, 0xa4 }, "LOCK MOVS" },
        { 2, { 0xf0, 0x50 }, "LOCK PUSH" },
        { 4, { 0x0f, 0x20, 0xc8, 0x90 }, "MOV from CR1" },
        { 4, { 0x0f, 0x22, 0xe8, 0x90 }, "MOV to CR5" },
    };

    case_begin("5.12 #UD; vol. 2 LOCK", "invalid opcodes, register forms, LOCK");
    EACH_MODE(m)
        for (unsigned i = 0; i < ARRAY_LEN(ops); i++) {
            setup(m);
            T.ecx = T.ebx = SCRATCH - (m < R0_16 ? 0 : SNIP);
            go_bytes(ops[i].bytes, ops[i].len);
            /* MOV CR outside ring 0: which of #UD, #GP comes first is not said. */
            if (i >= ARRAY_LEN(ops) - 2 && (m & 3) != 0)
                check(T.vector == UD || T.vector == GP, "%s: vector %u", ops[i].what, T.vector);
            else
                expect_fault(UD, 0, m, ops[i].what);
        }
    case_begin("vol. 2 LOCK", "LOCK where it is allowed");
    EACH_RING(m) {
        static const struct {
            uint8_t len, bytes[8];
        } good[] = {
            { 3, { 0xf0, 0x01, 0x01 } }, { 3, { 0xf0, 0x09, 0x01 } }, { 3, { 0xf0, 0x11, 0x01 } }, { 3, { 0xf0, 0x19, 0x01 } },
            { 3, { 0xf0, 0x21, 0x01 } }, { 3, { 0xf0, 0x29, 0x01 } }, { 3, { 0xf0, 0x31, 0x01 } }, { 3, { 0xf0, 0x87, 0x01 } },
            { 3, { 0xf0, 0xff, 0x01 } }, { 3, { 0xf0, 0xfe, 0x09 } }, { 3, { 0xf0, 0xf7, 0x11 } }, { 3, { 0xf0, 0xf6, 0x19 } },
            { 4, { 0xf0, 0x0f, 0xab, 0x01 } }, { 4, { 0xf0, 0x0f, 0xb3, 0x01 } }, { 4, { 0xf0, 0x0f, 0xbb, 0x01 } },
            { 4, { 0xf0, 0x83, 0x01, 5 } }, { 5, { 0xf0, 0x0f, 0xba, 0x29, 1 } },
        };

        for (unsigned i = 0; i < ARRAY_LEN(good); i++) {
            setup(m);
            T.ecx = SCRATCH;
            go_bytes(good[i].bytes, good[i].len);
            expect(DONE, 0, "LOCK form %u, %s", i, modes[m]);
        }
    }
}

/* 15 bytes, 5.12 #GP: "instruction longer than 15 bytes"; [6.15]. */
static void long_instructions(void)
{
    uint8_t bytes[24];

    case_begin("5.12 #GP", "the limit of 15 bytes");
    EACH_MODE(m)
        for (unsigned n = 10; n <= 17; n++) {
            for (unsigned i = 0; i < n; i++)
                bytes[i] = 0x3e;
            bytes[n] = 0x90;
            setup(m);
            go_bytes(bytes, n + 1);
            if (n + 1 > 15)
                expect_fault(GP, 0, m, "an instruction of 16 bytes or more");
            else
                expect(DONE, 0, "%u bytes, %s", n + 1, modes[m]);
        }
}

static void general_protection(void)
{
    case_begin("5.12 #GP #NP #SS", "segment faults in every ring");
    EACH_RING(m) {
        set_desc(SEL_X, segment(0, 0xfffff, (A_DATA & ~A_P) | m << 5, F_BIG | F_GRAN));
        setup(m);
        T.eax = SEL_X;
        go(S32("movw %ax, %ds"));
        expect_fault(NP, SEL_X, m, "MOV DS, not present");
        check(T.ds == data(m), "DS changed to %x", T.ds);
        setup(m);
        T.eax = SEL_X + m;
        go(S32("movw %ax, %ss"));
        expect_fault(SS_, SEL_X, m, "MOV SS, not present");
        setup(m);
        T.eax = 0x1000 | m;
        go(S32("movw %ax, %ds"));
        expect_fault(GP, 0x1000, m, "MOV DS, outside the GDT");
        setup(m);
        T.eax = 0x84 | m;
        go(S32("movw %ax, %ds"));
        expect_fault(GP, 0x84, m, "MOV DS, outside the LDT");
        setup(m);
        T.ds = 0;
        go(S32("movl (%eax), %eax"));
        expect_fault(GP, 0, m, "null DS used");
        setup(m);
        T.eax = 0;
        go(S32("movw %ax, %ss"));
        expect_fault(GP, 0, m, "null SS");
        setup(R0_16 + m);
        T.ebx = 0x10000;
        go(S16("movl %ss:(%ebx), %eax"));
        expect_fault(SS_, 0, R0_16 + m, "SS over its limit");
        setup(R0_16 + m);
        T.ebx = 0x10000;
        go(S16("movl %ds:(%ebx), %eax"));
        expect_fault(GP, 0, R0_16 + m, "DS over its limit");
    }
}

/* NT and a link that is no TSS: 6.4 [7.4], vol. 2 IRET. */
static void invalid_tss(void)
{
    case_begin("5.12 #TS", "IRET with NT and a bad link, every ring");
    EACH_RING(m) {
        static const uint16_t links[] = { 0, SEL_X, SEL_CODE, SEL_LDT, SEL_X | 4, 0x2000, SEL_TSS_B };

        set_desc(SEL_TSS_B, segment((uint32_t) &main_tss, 103, A_P | 9, 0)); /* not busy */
        for (unsigned i = 0; i < ARRAY_LEN(links); i++) {
            setup(m);
            main_tss.link = links[i];
            T.eflags |= FL_NT;
            go(S32("pushfl; popl %ecx; iretl"));
            expect(TS, links[i] & 0xfffc, "IRET to link %x, %s", links[i], modes[m]);
            check(T.off == 2, "EIP +%x", T.off);
        }
        set_desc(SEL_TSS_B, segment((uint32_t) &main_tss, 103, 11, 0));
        setup(m);
        main_tss.link = SEL_TSS_B;
        T.eflags |= FL_NT;
        go(S32("iretl"));
        expect(NP, SEL_TSS_B, "IRET to a task that is not present");
        main_tss.link = 0;
    }
}

/* --- faults of delivery, double faults ------------------------------------- */

static struct tss df_tss __attribute__((aligned(4096)));
static uint8_t df_stack[1024];
extern uint8_t trap_stubs[];

static void df_task(void)
{
    memset(&df_tss, 0, 256);
    df_tss.eip = (uint32_t) trap_stubs + 16 * DF;
    df_tss.cs = SEL_CODE;
    df_tss.ss = df_tss.ds = df_tss.es = data(0);
    df_tss.reg[4] = (uint32_t) df_stack + 512;
    df_tss.eflags = 2;
    df_tss.io_base = 104;
    set_desc(SEL_DF_TSS, segment((uint32_t) &df_tss, 103, A_P | 9, 0));
    idt[DF] = gate(5, 0, true, SEL_DF_TSS, 0, 0);
}

/* The first fault, its vector and its own class (table 5-5 [6-5]). */
enum { FIRST_UD, FIRST_BR, FIRST_DE, FIRST_NP, FIRST_GP, FIRST_SS, FIRSTS };
static const uint8_t first_vector[] = { UD, BR, DE, NP, GP, SS_ };
static bool contributory(unsigned v)
{
    return v == DE || (v >= TS && v <= GP);
}

static void raise_first(unsigned first, unsigned mode)
{
    setup(mode);
    memset((void *) SCRATCH, 0, 8);
    T.ebx = SCRATCH;
    T.ecx = 0;
    T.eax = 1;
    T.esi = SEL_X + (mode & 3);
    switch (first) {
    case FIRST_UD: go(S32("ud2")); break;
    case FIRST_BR: go(S32("boundl %eax, (%ebx)")); break;
    case FIRST_DE: go(S32("divl %ecx")); break;
    case FIRST_NP: go(S32("movw %si, %ds")); break;
    case FIRST_GP: go(S32("movw %bx, %ss")); break;
    default: go(S32("movw %si, %ss")); break;
    }
}

static void double_faults(void)
{
    case_begin("5.12 #DF, table 5-5", "double faults: pairs of exceptions, EXT");
    for (unsigned mode = R0; mode <= R3; mode++)
        for (unsigned first = 0; first < FIRSTS; first++) {
            unsigned v = first_vector[first];

            set_desc(SEL_X, segment(0, 0xfffff, (A_DATA & ~A_P) | mode << 5, F_BIG | F_GRAN));
            for (unsigned second = 0; second < 5; second++) {
                struct desc good = idt[v];
                unsigned vector2 = NP;
                uint32_t code2 = v * 8 + 3;

                if (second == 0) {
                    idt[v].hi &= ~0x8000u; /* gate not present */
                } else if (second == 1) {
                    idt[v].hi = (idt[v].hi & ~0x1f00u) | 0x0c00; /* a call gate */
                    vector2 = GP;
                } else if (second == 2) {
                    idt[v].lo &= 0xffff; /* null selector */
                    vector2 = GP;
                    code2 = 1;
                } else if (second == 3) {
                    idt[v].lo = (idt[v].lo & 0xffff) | (uint32_t) data(0) << 16; /* no code */
                    vector2 = GP;
                    code2 = data(0) | 1u;
                } else {
                    set_desc(SEL_Y, segment(0, 0xfffff, A_CODE & ~A_P, F_BIG | F_GRAN));
                    idt[v].lo = (idt[v].lo & 0xffff) | (uint32_t) SEL_Y << 16; /* not present */
                    code2 = SEL_Y | 1u;
                }
                raise_first(first, mode);
                if (contributory(v) || vector2 == v)
                    expect(DF, 0, "vector %u, then %u (%u), %s", v, vector2, second, modes[mode]);
                else
                    expect(vector2, code2, "vector %u, then %u (%u), %s", v, vector2, second, modes[mode]);
                check(T.off == 0, "EIP +%x after vector %u, then %u", T.off, v, vector2);
                idt[v] = good;
            }
        }
}

/* The stack of the handler's ring is bad: TS or SS with EXT (vol. 2, INT). */
static void bad_handler_stack(void)
{
    static const struct {
        uint16_t ss;
        unsigned vector, code, access;
    } stacks[] = {
        { 0, TS, 1, 0 },                                       /* null */
        { SEL_Y | 1, TS, SEL_Y | 1, A_DATA },                  /* DPL 0 */
        { SEL_Y, TS, SEL_Y | 1, A_DATA | 0x20 },               /* RPL 0 */
        { SEL_Y | 2, TS, SEL_Y | 1, A_DATA | 0x20 },           /* RPL 2 */
        { SEL_Y | 1, TS, SEL_Y | 1, (A_DATA & ~2) | 0x20 },    /* read-only */
        { SEL_Y | 1, TS, SEL_Y | 1, A_CODE | 0x20 },           /* code */
        { SEL_Y | 1, TS, SEL_Y | 1, A_P | 2 | 0x20 },          /* an LDT */
        { SEL_Y | 1, SS_, SEL_Y | 1, (A_DATA & ~A_P) | 0x20 }, /* not present */
        { 0x2001, TS, 0x2001, 0 },                             /* outside the table */
    };

    case_begin("5.12 #TS; vol. 2 INT", "an exception finds a bad stack for its handler");
    for (unsigned i = 0; i < ARRAY_LEN(stacks); i++)
        for (unsigned mode = R2; mode <= R3; mode++)
            for (unsigned soft = 0; soft < 2; soft++) {
                setup(mode);
                set_desc(SEL_Y, segment(0, 0xfffff, stacks[i].access, F_BIG | F_GRAN));
                main_tss.ss1 = stacks[i].ss;
                idt[UD] = gate(14, 3, true, code(1), SNIP + SNIP_TO, 0);
                go(soft ? S32("int $6") : S32("ud2"));
                expect(stacks[i].vector, soft ? stacks[i].code & ~1u : stacks[i].code, "stack %u by %s, %s", i,
                       soft ? "INT" : "UD2", modes[mode]);
                check(T.off == 0 && T.cs == code(mode), "at %x:+%x", T.cs, T.off);
            }
    /* No room: the pushes run over the limit (#SS with the new selector, [vol. 2, INT]). */
    for (unsigned soft = 0; soft < 2; soft++)
        for (uint32_t esp = 0; esp <= 24; esp += 4) {
            setup(R3);
            set_desc(SEL_Y, segment((uint32_t) ring_stack[1], 0x7ff, A_DATA | 0x20, F_BIG));
            main_tss.ss1 = SEL_Y | 1;
            main_tss.esp1 = esp;
            idt[UD] = gate(14, 3, true, code(1), SNIP + SNIP_TO, 0);
            go(soft ? S32("int $6") : S32("ud2"));
            if (esp < 20)
                expect(SS_, SEL_Y | (soft ? 0 : 1), "ESP1 %u, %s", esp, soft ? "INT" : "UD2");
            else
                expect(DONE, 0, "ESP1 %u", esp);
        }
    /* A TSS too short for its stacks: #TS(TSS). */
    for (unsigned soft = 0; soft < 2; soft++) {
        setup(R3);
        set_desc(SEL_TSS_C, segment((uint32_t) &main_tss, 15, A_P | 9, 0));
        idt[UD] = gate(14, 3, true, code(1), SNIP + SNIP_TO, 0);
        __asm__ volatile("ltr %w0" : : "r"(SEL_TSS_C) : "memory");
        go(soft ? S32("int $6") : S32("ud2"));
        expect(TS, SEL_TSS_C | (soft ? 0 : 1), "TSS limit 15, %s", soft ? "INT" : "UD2");
        env_reset();
    }
}

/* No way to deliver at all but by a task: the stack of ring 0 is bad. */
static void double_fault_task(void)
{
    case_begin("5.12 #DF", "double fault through a task gate");
    for (unsigned mode = R1; mode <= R3; mode++) {
        df_task();
        setup(mode);
        T.eax = 77;
        main_tss.ss0 = 0;
        go(S32("ud2"));
        check(T.vector == DF && T.tr == SEL_DF_TSS, "vector %u in task %x", T.vector, T.tr);
        check(df_tss.link == SEL_MAIN_TSS, "link %x", df_tss.link);
        check(main_tss.eip == SNIP && main_tss.cs == code(mode) && main_tss.reg[0] == 77,
              "old task at %x:%x", main_tss.cs, main_tss.eip);
        check(*(uint32_t *) (df_stack + 508) == 0, "error code %x", *(uint32_t *) (df_stack + 508));
        check(T.h_eflags & FL_NT, "NT of the handler: EFLAGS %x", T.h_eflags);
        check(T.cr0 & CR0_TS, "CR0.TS after the switch: %x", T.cr0);
        env_reset();
    }
}

void test_exceptions(void)
{
    divide_error();
    breakpoints();
    invalid_opcodes();
    long_instructions();
    general_protection();
    invalid_tss();
    double_faults();
    bad_handler_stack();
    double_fault_task();
}

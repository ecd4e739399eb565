/*
 * I/O: IOPL, and the permission map in the TSS.
 *
 * Source: SDM vol. 1, 9.5 (today 19.5) "Protected-mode I/O"; vol. 2, IN, OUT, INS.
 */
#include "priv.h"

/* Ports nobody answers at: reading and writing them is harmless. */
enum { PORT = 0x3000, IO_BASE = 136 };

static uint8_t *map_with_limit(uint32_t limit, uint16_t base)
{
    uint8_t *t = (uint8_t *) &main_tss;

    memset(t + 104, 0, sizeof main_tss - 104);
    main_tss.io_base = base;
    set_desc(SEL_MAIN_TSS, segment((uint32_t) &main_tss, limit, A_P | 9, 0));
    __asm__ volatile("ltr %w0" : : "r"(SEL_MAIN_TSS) : "memory");
    return t + base;
}

static const struct snip *io_code(unsigned how, unsigned size)
{
    switch (how) {
    case 0: return size == 1 ? S32("inb %dx, %al") : size == 2 ? S32("inw %dx, %ax") : S32("inl %dx, %eax");
    case 1: return size == 1 ? S32("outb %al, %dx") : size == 2 ? S32("outw %ax, %dx") : S32("outl %eax, %dx");
    case 2: return size == 1 ? S32("insb") : size == 2 ? S32("insw") : S32("insl");
    default: return size == 1 ? S32("outsb") : size == 2 ? S32("outsw") : S32("outsl");
    }
}

static void iopl(void)
{
    case_begin("vol. 1, 9.5.1 [19.5.1]", "IN and OUT by CPL and IOPL, without a map");
    for (unsigned cpl = 0; cpl < 4; cpl++)
        for (unsigned level = 0; level < 4; level++)
            for (unsigned how = 0; how < 4; how++)
                for (unsigned size = 1; size <= 4; size <<= 1) {
                    setup(cpl);
                    T.eflags |= level << 12;
                    T.edx = PORT;
                    T.edi = T.esi = SCRATCH;
                    T.eax = 0x12345678;
                    go(io_code(how, size));
                    expect(cpl > level ? GP : DONE, 0, "way %u of %u, CPL %u IOPL %u", how, size, cpl, level);
                    if (cpl > level)
                        check(T.off == 0 && T.eax == 0x12345678 && T.edi == SCRATCH && T.esi == SCRATCH, "way %u: registers", how);
                }
}

static void map(void)
{
    uint8_t *bits;

    case_begin("vol. 1, 9.5.2 [19.5.2]", "the permission map: every port of an access");
    for (unsigned v86 = 0; v86 < 2; v86++)
        for (unsigned how = 0; how < 4; how++)
            for (unsigned size = 1; size <= 4; size <<= 1)
                for (unsigned denied = PORT + 4; denied < PORT + 14; denied++) {
                    env_reset();
                    bits = map_with_limit(IO_BASE + PORT / 8 + 8, IO_BASE);
                    bits[denied / 8] |= (uint8_t) (1 << denied % 8);
                    for (unsigned port = PORT; port < PORT + 16; port++) {
                        bool bad = denied >= port && denied < port + size;

                        setup(v86 ? V86 : R3);
                        T.edx = port;
                        T.edi = T.esi = v86 ? SCRATCH - SNIP : SCRATCH;
                        /* In 16-bit code the sizes of words and dwords change places. */
                        if (v86 && size == 2)
                            go(how == 0 ? S16("inw %dx, %ax") : how == 1 ? S16("outw %ax, %dx") : how == 2 ? S16("insw") : S16("outsw"));
                        else if (v86 && size == 4)
                            go(how == 0 ? S16("inl %dx, %eax") : how == 1 ? S16("outl %eax, %dx") : how == 2 ? S16("insl") : S16("outsl"));
                        else
                            go(io_code(how, size));
                        expect(bad ? GP : DONE, 0, "way %u of %u, port %x, denied %x, %s", how, size, port, denied, v86 ? "V86" : "ring 3");
                    }
                }
    case_begin("vol. 1, 9.5.2 [19.5.2]", "the map ends with the TSS; two bytes are read");
    for (unsigned port = 0x3000; port < 0x3010; port += 1)
        for (int last = -2; last <= 3; last++) {
            uint32_t limit = IO_BASE + port / 8 + (uint32_t) last;

            env_reset();
            map_with_limit(limit, IO_BASE);
            setup(R3);
            T.edx = port;
            go(S32("inb %dx, %al"));
            /* The two bytes from the port's own on have to lie inside. */
            expect(last >= 1 ? DONE : GP, 0, "port %x, limit %d bytes behind its byte", port, last);
        }
    case_begin("vol. 1, 9.5.2 [19.5.2]", "no map: base behind the limit, and a 16-bit TSS");
    for (unsigned base = 0; base < 4; base++) {
        static const uint16_t bases[] = { 104, 200, 0xdfff, 0xffff };

        env_reset();
        map_with_limit(103, bases[base]);
        setup(R3);
        T.edx = PORT;
        go(S32("inb %dx, %al"));
        expect(GP, 0, "base %x", bases[base]);
    }
    env_reset();
    map_with_limit(0x1fff, 104);
    set_desc(SEL_TSS_C, segment((uint32_t) &main_tss, 0x1fff, A_P | 1, 0));
    __asm__ volatile("ltr %w0" : : "r"(SEL_TSS_C) : "memory");
    /* Ring 0's stack in 16-bit form would be needed for the fault: words 1 and 2. */
    {
        uint16_t *t = (uint16_t *) &main_tss;

        set_desc(SEL_W, segment((uint32_t) ring_stack[0] - 0xf000, 0xffff, A_DATA, 0));
        t[1] = 0xfff0;
        t[2] = SEL_W;
    }
    setup(R3);
    T.edx = PORT;
    go(S32("inb %dx, %al"));
    expect(GP, 0, "a 16-bit TSS has no map");
    env_reset();
    case_begin("vol. 1, 9.5.2 [19.5.2]; 16.2.8.1 [20.2.8]", "V86 mode asks the map whatever IOPL is");
    for (unsigned level = 0; level < 4; level++)
        for (unsigned denied = 0; denied < 2; denied++) {
            bits = map_with_limit(IO_BASE + PORT / 8 + 8, IO_BASE);
            if (denied)
                bits[PORT / 8] = 1;
            setup(V86);
            T.eflags = 2 | FL_VM | level << 12;
            T.edx = PORT;
            go(S16("inb %dx, %al; nop"));
            if (denied)
                check(T.vector == GP && T.off == 0, "IOPL %u: vector %u at +%x", level, T.vector, T.off);
            else
                check(T.off >= 2, "IOPL %u: vector %u at +%x", level, T.vector, T.off);
        }
    env_reset();
}

static void order(void)
{
    case_begin("vol. 2 INS, OUTS, REP", "INS and OUTS with bad memory and no right; REP in steps");
    setup(R3);
    T.eflags |= FL_IOPL;
    T.es = 0;
    T.edx = PORT;
    T.edi = SCRATCH;
    go(S32("insb"));
    expect(GP, 0, "INS to a null ES");
    check(T.edi == SCRATCH, "EDI %x", T.edi);
    setup(R3);
    T.eflags |= FL_IOPL;
    T.ds = 0;
    T.edx = PORT;
    T.esi = SCRATCH;
    go(S32("outsb"));
    expect(GP, 0, "OUTS from a null DS");
    set_desc(SEL_X, segment(SCRATCH, 9, A_DATA | 0x60, F_BIG));
    setup(R3);
    T.eflags |= FL_IOPL;
    T.es = SEL_X | 3;
    T.edx = PORT;
    T.ecx = 5;
    go(S32("rep; insl"));
    expect(GP, 0, "REP INS over the limit");
    check(T.ecx == 3 && T.edi == 8 && T.off == 0, "ECX %u EDI %x", T.ecx, T.edi);
    setup(R3);
    T.edx = PORT;
    T.ecx = 0;
    go(S32("rep; insl"));
    check(T.vector == GP || T.vector == DONE, "REP INS of nothing: vector %u", T.vector);
}

void test_io(void)
{
    iopl();
    map();
    order();
}

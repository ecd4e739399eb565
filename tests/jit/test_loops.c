/*
 * Loops of ring 0: what leads back writes flags that the code behind it, an exit or the next round
 * asks for.  Interrupts end the time in any round; their handler sums up what they push, and returns
 * with RF at times.
 */
#include "config.h"

#include "support/suite.h"

#include "support/code_writer.h"
#include "support/jit_pair.h"

enum {
    PROGRAMS = 25,
    LOOPS = 10,
    BODY = 7,   /* instructions of one, at most */
    STEPS = 10000, /* ticks between two looks at both machines */
    TIMES = 2,
    PERIOD = 3000,  /* nanoseconds from one interrupt to the next, at least; a tick is 100 */
    AT_HANDLER = AT_CODE + 0x1e00,
    AT_SUM = AT_DATA + 0x200,
};

/* EBX counts, ESI points to data.  A value and another, [esi + disp], or a constant. */
static void put_sum(struct writer *w)
{
    unsigned op = draw(w, 8) << 3, wide = draw(w, 4) != 0;

    if (wide && draw(w, 5) == 0)
        put(w, 0x66);
    switch (draw(w, 4)) {
    case 0: put(w, 0x80 | wide << 1 | wide); put(w, 0xc0 | op | draw_value(w)); put(w, draw(w, 256)); break;
    case 1: put(w, op | wide); put(w, 0x46 | draw_value(w) << 3); put(w, draw(w, 64)); break;
    case 2: put(w, op | 2 | wide); put(w, 0x46 | draw_value(w) << 3); put(w, draw(w, 64)); break;
    default: put(w, op | wide); put(w, 0xc0 | draw_value(w) << 3 | draw_value(w)); break;
    }
}

/* Some flags, or none. */
static void put_other(struct writer *w)
{
    switch (draw(w, 9)) {
    case 0: put(w, 0x40 + draw_value(w) + 8 * draw(w, 2)); break;                                  /* inc, dec */
    case 1: put(w, 0xfe | draw(w, 2)); put(w, 0x46 | draw(w, 2) << 3); put(w, draw(w, 64)); break; /* of memory */
    case 2: put(w, 0xc1); put(w, 0xc0 | draw(w, 8) << 3 | draw_value(w)); put(w, draw(w, 33)); break; /* shifts */
    case 3: put(w, 0xd1); put(w, 0xc0 | draw(w, 4) << 3 | draw_value(w)); break;
    case 4: put(w, 0x0f); put(w, 0x90 + draw(w, 16)); put(w, 0xc0 + draw_value(w) % 3); break; /* setcc */
    case 5: put(w, 0x89); put(w, 0x46 | draw_value(w) << 3); put(w, draw(w, 64)); break;
    case 6: put(w, 0x85); put(w, 0xc0 | draw_value(w) << 3 | draw_value(w)); break; /* test */
    case 7: put(w, 0x8d); put(w, 0x46 | draw_value(w) << 3); put(w, draw(w, 64)); break; /* lea */
    default: put(w, 0xf5 + 3 * draw(w, 2)); break; /* cmc, clc */
    }
}

/* It is interrupted, and RF stays. */
static void put_repeated(struct writer *w)
{
    put(w, 0xb9); put32(w, draw(w, 60)); /* mov ecx */
    put(w, 0x56); put(w, 0xf3); put(w, 0xac); put(w, 0x5e); /* push esi; rep lodsb; pop esi */
}

static void put_asker(struct writer *w)
{
    switch (draw(w, 8)) {
    case 7: put_repeated(w); break;
    case 0: put(w, 0x9c); put(w, 0x5a); break; /* pushf; pop edx */
    case 1: put(w, 0x50 + draw_value(w)); put(w, 0x5b); break; /* push; pop ebx */
    case 2: put(w, 0x11); put(w, 0xc0 | draw_value(w) << 3 | draw_value(w)); break; /* adc */
    case 3: put(w, 0x70 + draw(w, 16)); put(w, 0); break; /* jcc */
    case 4: put(w, 0x9f); break; /* lahf */
    case 5: put(w, 0x8b); put(w, 0x46 | draw_value(w) << 3); put(w, draw(w, 64)); break; /* mov from memory */
    default: put_other(w); break;
    }
}

/* What the way back goes by. */
static void put_writer(struct writer *w)
{
    switch (draw(w, 10)) {
    case 0: put(w, 0x83); put(w, 0xeb); put(w, 1); break;              /* sub ebx, 1 */
    case 5: put(w, 0x83); put(w, 0xc3); put(w, 0xff); break;           /* add ebx, -1 */
    case 1: put(w, 0x66); put(w, 0x4b); break;                        /* dec bx */
    case 2: put(w, 0xfe); put(w, 0xcb); break;                        /* dec bl */
    case 3: put(w, 0x4b); put(w, 0x85); put(w, 0xdb); break;          /* dec ebx; test ebx, ebx */
    case 4: put(w, 0x4b); put(w, 0x83); put(w, 0x7e); put(w, draw(w, 64)); put(w, draw(w, 256)); break; /* cmp [esi] */
    default: put(w, 0x4b); break; /* dec ebx */
    }
}

static void put_back(struct writer *w, size_t start, unsigned cc)
{
    put(w, 0x70 + cc);
    put(w, (unsigned) (start - (w->n + 1)) & 0xff);
}

static void write_loop(struct writer *w)
{
    unsigned length = draw(w, BODY);
    size_t start;

    put(w, 0xbb); put32(w, 1 + draw(w, 6));                             /* mov ebx */
    put(w, 0xbe); put32(w, draw(w, 3) != 0 ? AT_DATA : AT_MMIO + 0x80); /* mov esi */
    start = w->n;
    while (length-- != 0)
        if (draw(w, 2))
            put_sum(w);
        else
            put_other(w);
    put_writer(w);
    if (draw(w, 6) == 0)
        put_back(w, start, draw(w, 16));
    put_back(w, start, draw(w, 4) != 0 ? 5 : draw(w, 16)); /* jnz */
    for (unsigned i = draw(w, 4); i-- != 0;)
        put_asker(w);
}

static struct cpu_rig *make_of(const uint8_t *code, size_t n, uint64_t period, bool paged)
{
    static const uint8_t handler[] = {
        0x50, 0x8b, 0x44, 0x24, 0x0c,                                             /* push eax; mov eax, [esp+12] */
        0xd1, 0x05, AT_SUM & 0xff, AT_SUM >> 8, 0, 0, 0x01, 0x05, AT_SUM & 0xff, AT_SUM >> 8, 0, 0, /* rol, add [] */
        0xa8, 0x04, 0x74, 0x05, 0x80, 0x4c, 0x24, 0x0e, 0x01, /* test al, 4 (PF); jz; or byte [esp+14], 1 (RF) */
        0x58, 0xcf };                                                            /* pop eax; iret */
    struct cpu_rig *r = cpu_rig_new(CPU_P2, 2 << 20);

    cpu_rig_devices(r);
    cpu_rig_protected(r, 0);
    if (paged)
        cpu_rig_paging(r);
    cpu_rig_idt(r, VEC_IRQ, gate_make(SEL_CODE0, AT_HANDLER, D_INT32, 0, 0));
    cpu_rig_code(r, AT_HANDLER, handler, sizeof handler);
    cpu_rig_code(r, AT_CODE, code, n);
    r->cpu->gpr[EAX] = 0x9e3779b9;
    r->cpu->gpr[ESI] = AT_DATA;
    r->cpu->eflags |= FLAG_IF;
    cpu_rig_irq(r, period);
    return r;
}

static struct cpu_rig *make(const void *what, bool paged)
{
    const struct writer *w = what;

    return make_of(w->code, w->n, PERIOD + 100 * (w->seed % 64), paged);
}

START_TEST(flags_of_loops)
{
    if (!jit_available())
        return;
    for (uint32_t n = 0; n < PROGRAMS; n++) {
        struct writer w = { .seed = (uint32_t) _i * PROGRAMS + n };

        for (unsigned i = 0; i < LOOPS; i++)
            write_loop(&w);
        put(&w, 0xe9); /* jmp */
        put32(&w, 0u - ((uint32_t) w.n + 4));
        jit_pair_run_each(make, &w, STEPS, TIMES);
    }
}
END_TEST

/* dec ebx; jnz: flags that the loop leaves to its exits and to what is behind it. */
static struct cpu_rig *make_counted(const void *what, bool paged)
{
    const unsigned *period = what;
    static const uint8_t code[] = {
        0xbb, 0x05, 0x00, 0x00, 0x00, 0x01, 0xc1, 0x4b, 0x75, 0xfb, /* mov ebx, 5; add ecx, eax; dec ebx; jnz */
        0x8b, 0x16, 0x9c, 0x5f, 0x01, 0xf8, 0xeb, 0xee };           /* mov edx, [esi]; pushf; pop edi; add eax; jmp */

    return make_of(code, sizeof code, *period, paged);
}

START_TEST(counted)
{
    for (unsigned period = PERIOD; jit_available() && period < PERIOD + 3000; period += 100)
        jit_pair_run_each(make_counted, &period, STEPS, TIMES);
}
END_TEST

/* Real mode: behind the way back, a jump that would leave the segment faults; the handler skips it. */
static struct cpu_rig *make_leaving(const void *what, bool paged)
{
    static const uint8_t code[] = {
        0x41, 0x83, 0xe1, 0x07, 0x83, 0xf9, 0x05, 0x72, 0xf7,       /* inc cx; and cx, 7; cmp cx, 5; jb */
        0x66, 0x0f, 0x84, 0x00, 0x00, 0x01, 0x00,                  /* jz +10000h */
        0x9c, 0x5a, 0x01, 0xd7, 0xeb, 0xea };                      /* pushf; pop dx; add di, dx; jmp */
    static const uint8_t skip[] = { 0x55, 0x89, 0xe5, 0x83, 0x46, 0x02, 0x07, 0x5d, 0xcf }; /* iret past 7 bytes */
    struct cpu_rig *r = cpu_rig_new(CPU_P2, 2 << 20);

    (void) what;
    (void) paged;
    cpu_rig_devices(r);
    cpu_rig_real(r);
    r->cpu->gpr[ESP] = AT_STACK0;
    r->cpu->eip = AT_CODE;
    cpu_rig_code(r, AT_CODE, code, sizeof code);
    cpu_rig_code(r, AT_FREE, skip, sizeof skip);
    cpu_rig_poke(r, AT_IVT + EXC_GP * 4, 4, (AT_FREE >> 4) << 16);
    return r;
}

START_TEST(out_of_the_segment)
{
    if (jit_available())
        jit_pair_run_each(make_leaving, NULL, 1000, 3);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/loops");
    TCase *tc = tcase_create("loops");

    tcase_set_timeout(tc, 60); /* many machines, beside whatever else the host does */
    tcase_add_loop_test(tc, flags_of_loops, 0, 16);
    tcase_add_test(tc, counted);
    tcase_add_test(tc, out_of_the_segment);
    suite_add_tcase(s, tc);
    return s;
}

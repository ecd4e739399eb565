/*
 * Benchmark: how much of one thing this machine does in a fifth of a second,
 * shown a second.  The loops are the same for each processor: 386 instructions.
 *
 * Absent: MMX.
 */
#include "demo.h"

#include "demo.inc"

enum { TICKS = 58, TICKS_PER_SECOND_TENTHS = 2913, FIRST_ROW = 6, BAR = 50, BAR_WIDTH = 27 };

static uint32_t lcg;

static uint32_t run_add(void)
{
    uint32_t n = 1000, a = lcg;

    __asm__ volatile("1: addl %0, %1\n\txorl %1, %1\n\taddl $7, %1\n\tdecl %0\n\tjnz 1b"
                     : "+r"(n), "+r"(a) : : "cc");
    lcg = a;
    return 5000;
}

static uint32_t run_multiply(void)
{
    for (unsigned i = 0; i < 500; i++)
        lcg = lcg * 1664525u + 1013904223u;
    return 500;
}

static uint32_t run_divide(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 1; i <= 200; i++)
        sum += (lcg | 0x80000000u) / (i + (sum & 1));
    lcg += sum;
    return 200;
}

static uint32_t run_jump(void)
{
    uint32_t v = lcg | 1, odd = 0;

    for (unsigned i = 0; i < 500; i++) {
        v ^= v << 13;
        v ^= v >> 17;
        v ^= v << 5;
        if ((v & 1) != 0)
            odd++;
    }
    lcg = v + odd;
    return 500;
}

static uint32_t run_copy(void)
{
    copy32((void *) BUFFERS, (const void *) (BUFFERS + 0x10000), 4096);
    return 16;
}

static uint32_t run_fill(void)
{
    fill32((void *) BUFFERS, lcg, 4096);
    return 16;
}

static uint32_t run_display(void)
{
    /* Behind what the text mode shows: characters are bytes of two planes. */
    fill32((void *) 0xb9000, 0, 4096 / 4);
    return 4;
}

static uint32_t run_port(void)
{
    for (unsigned i = 0; i < 50; i++)
        in8(0x61);
    return 50;
}

static uint32_t run_fpu(void)
{
    uint32_t n = 200;

    __asm__ volatile("fldpi\n\tfld1\n"
                     "1: fmul %%st(1), %%st\n\tfadd %%st(1), %%st\n\tfdiv %%st(1), %%st\n\tdecl %0\n\tjnz 1b\n\t"
                     "fstp %%st(0)\n\tfstp %%st(0)"
                     : "+r"(n) : : "cc", "memory");
    return 600;
}

static uint32_t run_sine(void)
{
    uint32_t n = 20;

    __asm__ volatile("fld1\n1: fsin\n\tdecl %0\n\tjnz 1b\n\tfstp %%st(0)" : "+r"(n) : : "cc");
    return 20;
}

/* `unit` of what run() counts is one of what is shown; `scale` fills the bar. */
static const struct test {
    const char *name, *unit;
    uint32_t (*run)(void);
    uint32_t per, full;
    bool fpu;
} tests[] = {
    { "Additions and jumps", "million/s", run_add, 1000000, 600, false },
    { "Multiplications", "million/s", run_multiply, 1000000, 60, false },
    { "Divisions", "million/s", run_divide, 1000000, 12, false },
    { "Jumps by chance", "million/s", run_jump, 1000000, 30, false },
    { "Memory copied", "MB/s", run_copy, 1024, 600, false },
    { "Memory filled", "MB/s", run_fill, 1024, 800, false },
    { "Display written", "MB/s", run_display, 1024, 600, false },
    { "Port reads", "thousand/s", run_port, 1000, 1000, false },
    { "x87 * + /", "million/s", run_fpu, 1000000, 40, true },
    { "x87 sines", "thousand/s", run_sine, 1000, 4000, true },
};

/* How many tenths of units a second. */
static uint32_t measure(const struct test *t)
{
    uint32_t count = 0, rest = 0, start, until;

    for (start = ticks; ticks == start; )
        ;
    start = ticks;
    until = start + TICKS;
    while ((int32_t) (ticks - until) < 0) {
        rest += t->run() * 1000;
        /* Kept as thousandths of `per` hundredths, so that 32 bits last. */
        count += rest / t->per;
        rest %= t->per;
    }
    /* count is in thousandths of a unit in TICKS ticks. */
    return count / 100 * TICKS_PER_SECOND_TENTHS / (TICKS * 10);
}

static void draw_result(unsigned row, const struct test *t, uint32_t tenths)
{
    struct pen pen = { (uint8_t) row, 24, ATTR(NIGHT, WHITE) };
    unsigned length = tenths / 10 * BAR_WIDTH / t->full;

    pen_padded(&pen, tenths / 10, 8);
    pen_char(&pen, '.');
    pen_number(&pen, tenths % 10);
    pen.attr = ATTR(NIGHT, TEXT);
    pen_char(&pen, ' ');
    pen_text(&pen, t->unit);
    length = length > BAR_WIDTH ? BAR_WIDTH : length == 0 ? 1 : length;
    screen_fill(row, BAR, 1, BAR_WIDTH, ATTR(NIGHT, DIM), 0xfa);
    for (unsigned i = 0; i < length; i++)
        screen_put(row, BAR + i, ATTR(NIGHT, RAMP4 - i * 5 / BAR_WIDTH), 0xdc);
}

void page_bench(void)
{
    struct pen pen = { 2, 2, ATTR(NIGHT, TEXT) };
    unsigned key;

    screen_page("Benchmark", "Measuring ...");
    pen_text(&pen, "Each line takes a fifth of a second. The same code runs on each processor,");
    pen = (struct pen){ 3, 2, ATTR(NIGHT, TEXT) };
    pen_text(&pen, "so that a 386 and a Pentium II can be compared. This is a ");
    pen.attr = ATTR(NIGHT, WHITE);
    pen_text(&pen, processor_name());
    pen_char(&pen, '.');
    for (unsigned i = 0; i < ARRAY_LEN(tests); i++) {
        pen = (struct pen){ (uint8_t) (FIRST_ROW + i + i / 4), 2, ATTR(NIGHT, CYAN) };
        pen_text(&pen, tests[i].name);
        if (!tests[i].fpu || processor.has_fpu) {
            draw_result(pen.row, &tests[i], measure(&tests[i]));
        } else {
            pen = (struct pen){ pen.row, 28, ATTR(NIGHT, DIM) };
            pen_text(&pen, "no x87");
        }
        input_poll();
        if (input_leave(input_key()))
            return;
    }
    screen_keys("Benchmark complete.   Esc back");
    do {
        timer_frame();
        input_poll();
        screen_pointer();
        key = input_key();
    } while (!input_leave(key));
}

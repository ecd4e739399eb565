/*
 * Privileged tests: TAP on COM1, and the ways to switch the machine off.
 */
#include <stdarg.h>

#include "priv.h"

enum { COM1 = 0x3f8, SHOWN_FAILURES = 6 };

unsigned cases, failed_cases, checks;

static struct {
    const char *section, *name;
    unsigned checks, failures;
} now;

static void put(char c)
{
    while (!(inb(COM1 + 5) & 0x20))
        ;
    outb(COM1, (uint8_t) c);
}

static void put_number(uint32_t v, unsigned base, unsigned width, char fill)
{
    char buf[12];
    unsigned n = 0;

    do {
        buf[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v != 0);
    while (width > n)
        put(fill), width--;
    while (n != 0)
        put(buf[--n]);
}

/* %s %c %d %u %x, with a width and a leading 0. */
static void vsay(const char *fmt, va_list ap)
{
    for (; *fmt != 0; fmt++) {
        char fill = ' ';
        unsigned width = 0;

        if (*fmt != '%') {
            put(*fmt);
            continue;
        }
        if (*++fmt == '0')
            fill = '0', fmt++;
        while (*fmt >= '0' && *fmt <= '9')
            width = width * 10 + (unsigned) (*fmt++ - '0');
        if (*fmt == 's') {
            for (const char *s = va_arg(ap, const char *); *s != 0; s++)
                put(*s);
        } else if (*fmt == 'c') {
            put((char) va_arg(ap, int));
        } else {
            uint32_t v = va_arg(ap, uint32_t);

            if (*fmt == 'd' && (int32_t) v < 0) {
                put('-');
                v = -v;
            }
            put_number(v, *fmt == 'x' ? 16 : 10, width, fill);
        }
    }
}

void say(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsay(fmt, ap);
    va_end(ap);
}

void case_end(void)
{
    if (now.name == NULL)
        return;
    if (now.failures > SHOWN_FAILURES)
        say("# and %u more\n", now.failures - SHOWN_FAILURES);
    cases++;
    if (now.failures != 0 || now.checks == 0)
        failed_cases++;
    say("%s %u - %s [%s] (%u)\n", now.failures != 0 || now.checks == 0 ? "not ok" : "ok", cases, now.name,
        now.section, now.checks);
    now.name = NULL;
}

void case_begin(const char *section, const char *name)
{
    case_end();
    now.section = section;
    now.name = name;
    now.checks = now.failures = 0;
    env_reset();
}

void case_skip(const char *section, const char *name, const char *why)
{
    case_end();
    cases++;
    say("ok %u - %s [%s] # SKIP %s\n", cases, name, section, why);
}

/* The failure's line is begun when it is one of the first. */
static bool count_check(bool ok)
{
    checks++;
    now.checks++;
    if (ok)
        return false;
    return ++now.failures <= SHOWN_FAILURES;
}

bool check(bool ok, const char *fmt, ...)
{
    va_list ap;

    if (count_check(ok)) {
        say("# ");
        va_start(ap, fmt);
        vsay(fmt, ap);
        va_end(ap);
        say("\n");
    }
    return ok;
}

bool expect(unsigned vector, int64_t code_wanted, const char *fmt, ...)
{
    bool ok = T.vector == vector && (!T.has_code || code_wanted < 0 || T.code == (uint32_t) code_wanted);
    va_list ap;

    if (count_check(ok)) {
        say("# ");
        va_start(ap, fmt);
        vsay(fmt, ap);
        va_end(ap);
        say(": vector %u code %x, wanted %u code %x; cs:eip %x:%x (+%x)\n", T.vector, T.code, vector,
            (uint32_t) code_wanted, T.cs, T.eip, T.off);
    }
    return ok;
}

/* --- the end -------------------------------------------------------------- */

/* Ours, QEMU's isa-debug-exit, Bochs's shutdown port, APM: whatever there is. */
_Noreturn void power_off(void)
{
    while ((inb(COM1 + 5) & 0x60) != 0x60)
        ;
    outb(0x501, failed_cases == 0 ? 0 : 1);
    for (const char *s = "Shutdown"; *s != 0; s++)
        outb(0x8900, (uint8_t) *s);
    env_reset();
    real_call(real_apm_off);
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* A fault in the tests' own code: nothing after it would mean anything. */
_Noreturn void trap_unexpected(void)
{
    const uint32_t *f = (const uint32_t *) T.h_esp;

    say("\nBail out! vector %u in the tests' own code, case '%s': %x %x %x %x\n", T.vector,
        now.name != NULL ? now.name : "-", f[0], f[1], f[2], f[3]);
    failed_cases++;
    power_off();
}

void *memset(void *p, int c, size_t n)
{
    uint8_t *to = p;

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
    return p;
}

void *memcpy(void *to, const void *from, size_t n)
{
    void *start = to;

    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return start;
}

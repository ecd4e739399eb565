/*
 * Privileged tests: a disk that asks a processor about everything that a manual
 * says of protection, and prints TAP on COM1 (docs/privileged.md).
 */
#include "priv.h"

void main(void);

static void serial_init(void)
{
    outb(0x3f9, 0);
    outb(0x3fb, 0x83); /* 115200 8N1 */
    outb(0x3f8, 1);
    outb(0x3f9, 0);
    outb(0x3fb, 3);
    outb(0x3fc, 3);
}

void main(void)
{
    static void (*const groups[])(void) = {
        test_exceptions, test_segments,   test_queries, test_limits,
        test_transfers,  test_gates,      test_interrupts, test_tasks,
        test_v86,        test_paging,     test_debug,      test_system,
        test_io,         test_fpu,        test_real,
    };

    serial_init();
    env_init();
    say("TAP version 13\n# processor family %u, signature %x, features %08x, %s\n", cpu.family, cpu.signature,
        cpu.features, cpu.has_fpu ? "x87" : "no x87");
    for (unsigned i = 0; i < ARRAY_LEN(groups); i++)
        groups[i]();
    case_end();
    say("# %u checks, %u of %u cases failed\n1..%u\n", checks, failed_cases, cases, cases);
    power_off();
}

/*
 * Real mode: its faults, "unreal" mode; the triple fault.
 *
 * Source: SDM vol. 3, 8.8, 8.9.2 (today 9.9) switching modes; 16.1 (20.1); 5.12 #DF.
 */
#include "priv.h"

void test_real(void)
{
    uint32_t got;

    case_begin("16.1.4 [20.1.4], table 16-1", "faults of real mode");
    real_call(real_faults);
    for (unsigned bit = 0; bit < 11; bit++)
        check(real_result[0] >> bit & 1, "fault %u (boot.S) did not come, or with another frame", bit);
    case_begin("8.9.2 [9.9.2]", "segment limits of protected mode stay in real mode");
    *(volatile uint32_t *) 0x100000 = *(volatile uint32_t *) 0x100000; /* `running`: saved below */
    got = running;
    real_call(real_unreal);
    check(real_result[0] == 13, "before: vector %u, not 13", real_result[0]);
    check(real_result[1] == 0xcafe1234, "with a limit of 4 GiB: read %x", real_result[1]);
    running = got;
    case_begin("5.12 #DF; 8.1 [9.1]", "a triple fault is a shutdown, and the machine resets");
    check(triple_fault() == 1, "-");
    check((reset_cr0 & (CR0_PE | CR0_PG | CR0_TS | CR0_EM)) == 0, "CR0 after the reset: %x", reset_cr0);
    env_reset();
    setup(R3);
    go(S32("nop"));
    expect(DONE, 0, "and goes on");
}

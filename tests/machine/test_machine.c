/*
 * Whole machines: what a run does must not depend on how it is cut into
 * slices, saved and loaded, or repeated.
 */
#include "config.h"

#include "support/pc.h"
#include "support/suite.h"

#include <string.h>

#include "images/demo.h"

enum { KEY_A = 0x04, KEY_O = 0x12, KEY_S = 0x16, KEY_ESC = 0x29, STOPS = 100, REPEATS = 10 };

#define MS UINT64_C(1000000)

static struct machine *demo_new(void)
{
    return pc_new(reprise_demo_disk, reprise_demo_disk_size);
}

/* A diskette whose boot sector is `code`. */
static struct machine *code_new(const uint8_t *code, size_t len)
{
    uint8_t sector[SECTOR_SIZE] = { 0 };

    memcpy(sector, code, len);
    sector[510] = 0x55;
    sector[511] = 0xaa;
    return pc_new(sector, sizeof sector);
}

/* The same numbers in each run. */
static uint64_t random_below(uint64_t *seed, uint64_t n)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % n;
}

START_TEST(every_saved_byte_is_in_one_field)
{
    struct machine *m = demo_new();
    char text[256];

    ck_assert_msg(state_complete(machine_state(m), text, sizeof text), "%s", text);
    machine_free(m);
}
END_TEST

START_TEST(demo_disk_boots_within_two_seconds)
{
    struct machine *m = demo_new();

    ck_assert(pc_wait(m, "Demo disk ready", 2000 * MS));
    ck_assert(pc_wait(m, "1996-01-01 00:00:0", 10 * MS));
    ck_assert(machine_keyboard_ready(m));
    pc_key(m, KEY_S);
    ck_assert(pc_wait(m, "Report complete", 3000 * MS));
    ck_assert(pc_wait(m, "GenuineIntel, family 5", 10 * MS));
    pc_key(m, KEY_ESC);
    ck_assert(pc_wait(m, "Demo disk ready", 200 * MS));
    pc_key(m, KEY_O);
    ck_assert_int_eq(pc_run(m, 1000 * MS), MACHINE_POWEROFF);
    ck_assert_int_eq(pc_run(m, 1000 * MS), MACHINE_POWEROFF);
    machine_free(m);
}
END_TEST

/* Once at random instructions, with everything saved and loaded into another
 * machine each time; once without a stop. */
START_TEST(a_machine_saved_and_loaded_goes_on_the_same)
{
    struct machine *whole = demo_new(), *a = demo_new(), *b = demo_new();
    uint64_t seed = 88172645463325252u, at = 0;

    for (unsigned i = 0; i < STOPS; i++) {
        struct machine *other = a;

        at += 1 + random_below(&seed, 200000);
        ck_assert_int_eq(machine_run(a, 3600 * VTIME_SECOND, at), MACHINE_SLICE);
        ck_assert_uint_eq(machine_insns(a), at);
        pc_copy_state(a, b);
        pc_assert_same(a, b);
        a = b;
        b = other;
        /* What was left behind must not show later. */
        machine_run(b, 3600 * VTIME_SECOND, at + 1000);
    }
    machine_run(whole, 3600 * VTIME_SECOND, at);
    pc_assert_same(whole, a);
    machine_free(whole);
    machine_free(a);
    machine_free(b);
}
END_TEST

START_TEST(slices_cannot_be_seen)
{
    static const uint64_t slices[] = { 1 * MS, 333333, 20000, 17 * MS };
    struct machine *whole = demo_new();

    pc_run(whole, 1500 * MS);
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        struct machine *m = demo_new();

        while (machine_now(m) + slices[i] < 1400 * MS)
            pc_run(m, slices[i]);
        machine_run(m, 1500 * MS, UINT64_MAX);
        pc_assert_same(whole, m);
        machine_free(m);
    }
    machine_free(whole);
}
END_TEST

START_TEST(ten_runs_are_one)
{
    uint64_t hash[REPEATS];

    for (unsigned i = 0; i < REPEATS; i++) {
        struct machine *m = demo_new();

        machine_run(m, 3600 * VTIME_SECOND, 5000000);
        hash[i] = state_hash(machine_state(m));
        ck_assert_uint_eq(hash[i], hash[0]);
        machine_free(m);
    }
}
END_TEST

START_TEST(two_machines_do_not_meet)
{
    struct machine *alone = demo_new(), *a = demo_new(), *b = demo_new();

    pc_run(alone, 1000 * MS);
    for (unsigned i = 0; i < 1000; i++) {
        pc_run(b, 3 * MS);
        machine_run(a, (i + 1) * MS, UINT64_MAX);
    }
    pc_assert_same(alone, a);
    machine_free(alone);
    machine_free(a);
    machine_free(b);
}
END_TEST

START_TEST(inputs_change_the_machine_and_repeat)
{
    struct machine *a = demo_new(), *b = demo_new(), *c = demo_new();

    pc_run(a, 1500 * MS);
    pc_run(b, 1500 * MS);
    pc_run(c, 1500 * MS);
    pc_key(a, KEY_A);
    pc_key(b, KEY_A);
    pc_run(a, 100 * MS);
    pc_run(b, 100 * MS);
    pc_run(c, 120 * MS);
    pc_assert_same(a, b);
    ck_assert_uint_ne(state_hash(machine_state(a)), state_hash(machine_state(c)));
    machine_free(a);
    machine_free(b);
    machine_free(c);
}
END_TEST

START_TEST(halt_without_interrupts_is_said)
{
    static const uint8_t code[] = { 0xfa, 0xf4, 0xeb, 0xfd }; /* cli; hlt; jmp */
    struct machine *m = code_new(code, sizeof code);
    enum machine_stop stop = MACHINE_SLICE;

    for (unsigned i = 0; stop == MACHINE_SLICE && i < 300; i++)
        stop = machine_run(m, (i + 1) * 10 * MS, UINT64_MAX);
    ck_assert_int_eq(stop, MACHINE_HALTED);
    ck_assert(machine_idle(m));
    /* Time goes on all the same, to the first tick at the slice's end. */
    ck_assert_int_eq(machine_run(m, 5000 * MS, UINT64_MAX), MACHINE_HALTED);
    ck_assert_uint_ge(machine_now(m), 5000 * MS);
    ck_assert_uint_lt(machine_now(m), 5000 * MS + 8);
    machine_free(m);
}
END_TEST

/* Runs until something other than the slice's end stops the machine. */
static enum machine_stop run_to_stop(struct machine *m)
{
    return machine_run(m, machine_now(m) + 5000 * MS, UINT64_MAX);
}

START_TEST(exit_port_gives_its_value)
{
    static const uint8_t code[] = { 0xb0, 0x2a, 0xba, 0x01, 0x05, 0xee, 0xeb, 0xfe };
    struct machine *m = code_new(code, sizeof code);

    ck_assert_int_eq(run_to_stop(m), MACHINE_TEST_EXIT);
    ck_assert_uint_eq(machine_test_exit(m), 0x2a);
    machine_free(m);
}
END_TEST

/* The ways to reset: 8042 command FEh, port 92h bit 0, triple fault. */
START_TEST(each_reset_is_said_and_boots_again)
{
    static const uint8_t codes[][16] = {
        { 0xb0, 0xfe, 0xe6, 0x64, 0xeb, 0xfe },
        { 0xe4, 0x92, 0x0c, 0x01, 0xe6, 0x92, 0xeb, 0xfe },
        /* cli; lidt [zeroes]; int3 with an IDT that has no entries */
        { 0xfa, 0x0f, 0x01, 0x1e, 0x80, 0x7c, 0xcc, 0xeb, 0xfe },
    };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct machine *m = code_new(codes[i], sizeof codes[i]);

        ck_assert_int_eq(run_to_stop(m), MACHINE_RESET);
        ck_assert_int_eq(run_to_stop(m), MACHINE_RESET);
        machine_free(m);
    }
}
END_TEST

/* With a shutdown byte in CMOS 0Fh (05h: by 40:67) the processor comes back to
 * the program: no restart.  The vector leads to an OUT to the exit port. */
START_TEST(return_from_protected_mode_is_no_restart)
{
    static const uint8_t code[] = {
        0x31, 0xc0, 0x8e, 0xd8,                         /* xor ax, ax; mov ds, ax */
        0xc7, 0x06, 0x67, 0x04, 0x30, 0x7c,             /* mov word [467h], 7C30h */
        0xc7, 0x06, 0x69, 0x04, 0x00, 0x00,             /* mov word [469h], 0 */
        0xb0, 0x0f, 0xe6, 0x70, 0xb0, 0x05, 0xe6, 0x71, /* CMOS 0Fh = 05h */
        0xb0, 0xfe, 0xe6, 0x64, 0xf4, 0xeb, 0xfd,       /* out 64h, FEh; hlt */
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0xb0, 0x07, 0xba, 0x01, 0x05, 0xee,             /* 30h: out 501h, 7 */
    };
    struct machine *m = code_new(code, sizeof code);

    ck_assert_uint_eq(code[0x30], 0xb0);
    ck_assert_int_eq(run_to_stop(m), MACHINE_TEST_EXIT);
    ck_assert_uint_eq(machine_test_exit(m), 7);
    machine_free(m);
}
END_TEST

/* A20 is open while the 8042 or port 92h opens it.  The program closes both,
 * writes through FFFF:0510, opens by port 92h, writes there again, and gives the
 * sum of what it read at 0:0500 each time: 22h wrapped around, 33h did not. */
START_TEST(either_source_opens_a20)
{
    static const uint8_t code[] = {
        0xfa, 0x31, 0xc0, 0x8e, 0xd8,                  /* cli; ds = 0 */
        0x48, 0x8e, 0xc0,                              /* es = FFFFh */
        0xb0, 0xd1, 0xe6, 0x64,                        /* 8042: write output port */
        0xe4, 0x64, 0xa8, 0x02, 0x75, 0xfa,            /* until taken */
        0xb0, 0xdd, 0xe6, 0x60,                        /* A20 closed */
        0xe4, 0x64, 0xa8, 0x02, 0x75, 0xfa,
        0xb0, 0x00, 0xe6, 0x92,                        /* port 92h: closed */
        0xc6, 0x06, 0x00, 0x05, 0x11,                  /* mov byte [0500h], 11h */
        0x26, 0xc6, 0x06, 0x10, 0x05, 0x22,            /* mov byte es:[0510h], 22h */
        0x8a, 0x1e, 0x00, 0x05,                        /* mov bl, [0500h] */
        0xb0, 0x02, 0xe6, 0x92,                        /* port 92h: open */
        0x26, 0xc6, 0x06, 0x10, 0x05, 0x33,            /* mov byte es:[0510h], 33h */
        0xa0, 0x00, 0x05, 0x00, 0xd8,                  /* al = [0500h] + bl */
        0xba, 0x01, 0x05, 0xee, 0xeb, 0xfe,            /* out 501h, al */
    };
    struct machine *m = code_new(code, sizeof code);

    ck_assert_int_eq(run_to_stop(m), MACHINE_TEST_EXIT);
    ck_assert_uint_eq(machine_test_exit(m), 0x22 + 0x22);
    machine_free(m);
}
END_TEST

START_TEST(reset_button_reaches_everything)
{
    struct machine *m = demo_new();

    ck_assert(pc_wait(m, "Demo disk ready", 2000 * MS));
    ck_assert_int_eq(journal_post(machine_journal(m), "machine", "reset", NULL, NULL, 0), 0);
    pc_run(m, 1 * MS);
    ck_assert(!machine_keyboard_ready(m));
    ck_assert(pc_wait(m, "Demo disk ready", 2000 * MS));
    machine_free(m);
}
END_TEST

static void switch_off(struct machine *m)
{
    ck_assert(pc_wait(m, "Demo disk ready", 2000 * MS));
    pc_key(m, KEY_O);
    ck_assert_int_eq(pc_run(m, 3000 * MS), MACHINE_POWEROFF);
    ck_assert(machine_powered_off(m));
}

static unsigned page_sum(struct machine *m, uint32_t addr)
{
    uint8_t page[4096];
    unsigned sum = 0;

    machine_peek(m, addr, page, sizeof page);
    for (size_t i = 0; i < sizeof page; i++)
        sum += page[i];
    return sum;
}

START_TEST(power_on_boots_anew)
{
    struct machine *m = demo_new();
    int64_t in[JOURNAL_ARGS] = { 820454400 + 86400 };
    vtime off;

    ck_assert_int_eq(journal_post(machine_journal(m), "machine", "power-on", NULL, NULL, 0), 0);
    switch_off(m); /* the switch of a machine that is on does nothing */
    ck_assert_uint_ne(page_sum(m, 0x7000), 0);
    off = machine_now(m);
    ck_assert_int_eq(pc_run(m, 1000 * MS), MACHINE_POWEROFF);
    ck_assert_uint_eq(machine_now(m), off);
    journal_post(machine_journal(m), "rtc", "base", in, NULL, 0);
    ck_assert_int_eq(pc_run(m, 1000 * MS), MACHINE_POWEROFF); /* it acts, and time stands again */
    ck_assert_int_eq(pc_run(m, 1000 * MS), MACHINE_POWEROFF);
    ck_assert_int_eq(journal_post(machine_journal(m), "machine", "power-on", NULL, NULL, 0), 0);
    ck_assert_int_eq(machine_run(m, machine_now(m) + 2, UINT64_MAX), MACHINE_SLICE);
    ck_assert(!machine_powered_off(m));
    ck_assert_uint_eq(page_sum(m, 0x7000), 0); /* memory forgets */
    ck_assert(pc_wait(m, "Demo disk ready", 2000 * MS));
    ck_assert(pc_wait(m, "1996-01-02 00:00:0", 10 * MS));
    pc_key(m, KEY_S);
    ck_assert(pc_wait(m, "Report complete", 3000 * MS));
    machine_free(m);
}
END_TEST

struct watched {
    vtime at[4];
    unsigned n;
};

static void watch_input(void *opaque, vtime at, const char *device, const struct journal_kind *kind,
                        const struct journal_input *in)
{
    struct watched *w = opaque;

    (void) in;
    (void) device;
    ck_assert_str_eq(kind->event, "power-on");
    ck_assert_uint_lt(w->n, 4);
    w->at[w->n++] = at;
}

/* What is known beforehand acts as it did, in slices of any length. */
START_TEST(power_on_repeats)
{
    static const uint8_t code[] = {
        0xba, 0x00, 0x89, 0xbe, 0x10, 0x7c, 0xb9, 0x08, 0x00, /* dx = 8900h, si, cx = 8 */
        0xfc, 0x2e, 0xac, 0xee, 0xe2, 0xfb, 0xf4,             /* outsb cs:[si]; loop; hlt */
        'S', 'h', 'u', 't', 'd', 'o', 'w', 'n',
    };
    static const uint64_t slices[] = { 3600 * VTIME_SECOND, 1 * MS, 777 };
    struct machine *live = code_new(code, sizeof code);
    struct watched w = { .n = 0 };
    struct journal_watcher watcher = { .input = watch_input, .opaque = &w };
    const struct journal_input none = { .len = 0 };
    vtime end;

    journal_watch(machine_journal(live), &watcher);
    for (unsigned i = 0; i < 3; i++) {
        while (pc_run(live, 1 * MS) != MACHINE_POWEROFF)
            ;
        ck_assert_int_eq(journal_post(machine_journal(live), "machine", "power-on", NULL, NULL, 0), 0);
    }
    pc_run(live, 100 * MS);
    end = machine_now(live);
    ck_assert_uint_eq(w.n, 3);
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        struct machine *m = code_new(code, sizeof code);

        journal_replay(machine_journal(m));
        for (unsigned k = 0; k < w.n; k++)
            journal_replay_input(machine_journal(m), w.at[k], "machine", "power-on", &none);
        while (machine_now(m) < end)
            machine_run(m, machine_now(m) + slices[i] < end ? machine_now(m) + slices[i] : end, UINT64_MAX);
        pc_assert_same(live, m);
        machine_free(m);
    }
    machine_free(live);
}
END_TEST

/* Another clock changes how much is done in a second, not the second. */
START_TEST(clock_change_is_an_input)
{
    static const uint8_t code[] = { 0xfb, 0xeb, 0xfe }; /* sti; jmp $ */
    int64_t slow[] = { 33000000, 1 };
    struct machine *m = code_new(code, sizeof code);
    uint64_t before, fast;

    pc_run(m, 1000 * MS);
    before = machine_insns(m);
    pc_run(m, 100 * MS);
    fast = machine_insns(m) - before;
    ck_assert_int_eq(journal_post(machine_journal(m), "machine", "clock", slow, NULL, 0), 0);
    before = machine_insns(m);
    pc_run(m, 100 * MS);
    ck_assert_uint_lt(machine_insns(m) - before, fast / 3);
    ck_assert_uint_gt(machine_insns(m) - before, fast / 5);
    ck_assert_uint_ge(machine_now(m), 1200 * MS);
    ck_assert_uint_lt(machine_now(m), 1201 * MS);
    machine_free(m);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("machine");
    TCase *tc = tcase_create("machine");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, every_saved_byte_is_in_one_field);
    tcase_add_test(tc, demo_disk_boots_within_two_seconds);
    tcase_add_test(tc, a_machine_saved_and_loaded_goes_on_the_same);
    tcase_add_test(tc, slices_cannot_be_seen);
    tcase_add_test(tc, ten_runs_are_one);
    tcase_add_test(tc, two_machines_do_not_meet);
    tcase_add_test(tc, inputs_change_the_machine_and_repeat);
    tcase_add_test(tc, halt_without_interrupts_is_said);
    tcase_add_test(tc, exit_port_gives_its_value);
    tcase_add_test(tc, each_reset_is_said_and_boots_again);
    tcase_add_test(tc, return_from_protected_mode_is_no_restart);
    tcase_add_test(tc, either_source_opens_a20);
    tcase_add_test(tc, reset_button_reaches_everything);
    tcase_add_test(tc, power_on_boots_anew);
    tcase_add_test(tc, power_on_repeats);
    tcase_add_test(tc, clock_change_is_an_input);
    suite_add_tcase(s, tc);
    return s;
}

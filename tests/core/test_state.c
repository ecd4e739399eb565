/* State fields: completeness, round trips, refusal, differences. */
#include "config.h"

#include "support/suite.h"

#include <string.h>

#include "core/state.h"
#include "support/rig.h"

struct inner {
    uint16_t a;
    uint8_t b, c;
};

struct chip {
    uint64_t big;
    struct event ev;
    uint32_t word[3];
    struct inner inner[2];
    uint8_t byte[4];
    /* Wiring. */
    struct rig *rig;
    unsigned fired, loaded;
};

static const struct state_field inner_fields[] = {
    STATE_UINT(struct inner, a),
    STATE_UINT(struct inner, b),
    STATE_UINT(struct inner, c),
    STATE_END_ALL(struct inner),
};

static const struct state_field fields[] = {
    STATE_UINT(struct chip, big),
    STATE_EVENT(struct chip, ev),
    STATE_UINTS(struct chip, word),
    STATE_STRUCTS(struct chip, inner, inner_fields),
    STATE_BYTES(struct chip, byte),
    STATE_END(struct chip, rig),
};

static const struct state_field with_hole[] = {
    STATE_UINT(struct inner, a),
    STATE_UINT(struct inner, c),
    STATE_END_ALL(struct inner),
};

static const struct state_field twice[] = {
    STATE_UINT(struct inner, a),
    STATE_UINT(struct inner, b),
    STATE_UINT(struct inner, b),
    STATE_UINT(struct inner, c),
    STATE_END_ALL(struct inner),
};

static struct rig *rig;
static struct chip chip;

static void fire(void *opaque)
{
    struct chip *c = opaque;

    c->fired++;
}

static void loaded(void *opaque)
{
    struct chip *c = opaque;

    c->loaded++;
}

static void setup(void)
{
    rig = rig_new();
    chip = (struct chip){ .big = 0x1122334455667788u, .word = { 1, 2, 3 }, .rig = rig };
    event_init(&chip.ev, "test", 0, fire, &chip);
    state_register(rig->state, "chip", 7, fields, &chip);
    state_hooks(rig->state, NULL, loaded, &chip);
}

static void teardown(void)
{
    rig_free(rig);
}

START_TEST(complete_means_each_byte_once)
{
    char text[128];

    ck_assert_msg(state_fields_complete(fields, text, sizeof text), "%s", text);
    ck_assert(!state_fields_complete(with_hole, text, sizeof text));
    ck_assert_str_eq(text, "byte 2 of the saved part is in no field");
    ck_assert(!state_fields_complete(twice, text, sizeof text));
    ck_assert_str_eq(text, "b: byte 0 is saved twice or past the end");
}
END_TEST

START_TEST(load_puts_everything_back)
{
    struct buf saved = { 0 };
    struct err err;
    uint64_t hash;

    chip.inner[1].a = 0xbeef;
    event_at(&rig->sched, &chip.ev, 5000);
    hash = state_hash(rig->state);
    state_save(rig->state, &saved);
    chip.big = 0;
    chip.inner[1].a = 0;
    chip.word[2] = 9;
    event_cancel(&rig->sched, &chip.ev);
    ck_assert_uint_ne(state_hash(rig->state), hash);
    ck_assert_int_eq(state_load(rig->state, saved.data, saved.len, &err), 0);
    ck_assert_uint_eq(state_hash(rig->state), hash);
    ck_assert_uint_eq(chip.loaded, 1);
    ck_assert_uint_eq(chip.inner[1].a, 0xbeef);
    ck_assert_uint_eq(chip.ev.due, 5000);
    rig_run(rig, 4900);
    ck_assert_uint_eq(chip.fired, 0);
    rig_run(rig, 100);
    ck_assert_uint_eq(chip.fired, 1);
    /* Once more: the event that has run waits again. */
    ck_assert_int_eq(state_load(rig->state, saved.data, saved.len, &err), 0);
    ck_assert_uint_eq(sched_next(&rig->sched), 5000);
    buf_free(&saved);
}
END_TEST

/* All or nothing: a wrong length anywhere, another name or version. */
START_TEST(load_refuses_what_does_not_fit)
{
    struct buf saved = { 0 };
    struct err err;

    state_save(rig->state, &saved);
    chip.big = 42;
    for (size_t len = 0; len < saved.len; len++)
        ck_assert_int_eq(state_load(rig->state, saved.data, len, &err), -1);
    for (size_t i = 0; i < 5 + 4 + 8; i++) { /* name, version, length */
        saved.data[i] ^= 0x81;
        ck_assert_int_eq(state_load(rig->state, saved.data, saved.len, &err), -1);
        saved.data[i] ^= 0x81;
    }
    buf_add_le(&saved, 0, 1);
    ck_assert_int_eq(state_load(rig->state, saved.data, saved.len, &err), -1);
    ck_assert_uint_eq(chip.big, 42);
    ck_assert_uint_eq(chip.loaded, 0);
    buf_free(&saved);
}
END_TEST

/* An event of long ago would have to catch up for ages. */
START_TEST(forged_events_are_due_now)
{
    struct buf saved = { 0 };
    struct err err;

    event_at(&rig->sched, &chip.ev, 5000);
    state_save(rig->state, &saved);
    rig_run(rig, 3000000);
    ck_assert_int_eq(state_load(rig->state, saved.data, saved.len, &err), 0);
    ck_assert_uint_eq(chip.ev.due, 3000000);
    buf_free(&saved);
}
END_TEST

START_TEST(differences_are_named)
{
    struct buf a = { 0 }, b = { 0 }, c = { 0 };
    char text[256];

    state_save(rig->state, &a);
    ck_assert(!state_diff(rig->state, &a, &a, text, sizeof text));
    chip.word[1] = 0x200;
    state_save(rig->state, &b);
    ck_assert(state_diff(rig->state, &a, &b, text, sizeof text));
    ck_assert_ptr_nonnull(strstr(text, "chip.word[1]"));
    chip.word[1] = 2;
    chip.inner[1].b = 5;
    state_save(rig->state, &c);
    ck_assert(state_diff(rig->state, &a, &c, text, sizeof text));
    ck_assert_ptr_nonnull(strstr(text, "chip.inner[1].b"));
    buf_free(&a);
    buf_free(&b);
    buf_free(&c);
}
END_TEST

START_TEST(hash_covers_name_version_and_bytes)
{
    struct state *st = state_new(&rig->sched), *other = state_new(&rig->sched);

    state_register(st, "chip", 7, fields, &chip);
    ck_assert_uint_eq(state_hash(st), state_hash(rig->state));
    state_register(other, "chip", 8, fields, &chip);
    ck_assert_uint_ne(state_hash(other), state_hash(st));
    ck_assert_str_eq(state_section_name(st, 0), "chip");
    ck_assert_ptr_null(state_section_name(st, 1));
    ck_assert_uint_ne(state_section_hash(st, 0), state_section_hash(other, 0));
    state_free(st);
    state_free(other);
}
END_TEST

/* What a checkpoint of a trace says; the hash of the whole comes with it. */
START_TEST(a_description_names_what_changed)
{
    struct state_mark *mark = state_mark_new();
    struct buf out = { 0 };

    ck_assert_uint_eq(state_describe(rig->state, mark, &out), state_hash(rig->state));
    ck_assert_ptr_nonnull(memmem(out.data, out.len, " big=1122334455667788", 21));
    out.len = 0;
    ck_assert_uint_eq(state_describe(rig->state, mark, &out), state_hash(rig->state));
    ck_assert_uint_eq(out.len, 0);
    chip.inner[1].b = 5;
    ck_assert_uint_eq(state_describe(rig->state, mark, &out), state_hash(rig->state));
    ck_assert_int_eq(strncmp((const char *) out.data, "+chip ", 6), 0);
    ck_assert_ptr_nonnull(memmem(out.data, out.len, " inner[1].b=5\n", 14));
    ck_assert_ptr_null(memmem(out.data, out.len, "big=", 4));
    buf_free(&out);
    state_mark_free(mark);
}
END_TEST

/* A recording that goes back describes again what it had described. */
START_TEST(looks_can_be_taken_back)
{
    struct state_mark *mark = state_mark_new();
    struct buf out[4] = { { 0 }, { 0 }, { 0 }, { 0 } };

    state_mark_keep(mark);
    for (unsigned i = 0; i < 4; i++) {
        chip.word[0] = i;
        chip.inner[1].b = i > 1;
        state_describe(rig->state, mark, &out[i]);
    }
    for (unsigned i = 4; i-- != 0;) {
        struct buf again = { 0 };

        state_mark_back(mark, 4 - i);
        for (unsigned k = i; k < 4; k++) {
            again.len = 0;
            chip.word[0] = k;
            chip.inner[1].b = k > 1;
            state_describe(rig->state, mark, &again);
            ck_assert_uint_eq(again.len, out[k].len);
            ck_assert_mem_eq(again.data, out[k].data, again.len);
        }
        buf_free(&again);
    }
    for (unsigned i = 0; i < 4; i++)
        buf_free(&out[i]);
    state_mark_free(mark);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("state");
    TCase *tc = tcase_create("state");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, complete_means_each_byte_once);
    tcase_add_test(tc, load_puts_everything_back);
    tcase_add_test(tc, load_refuses_what_does_not_fit);
    tcase_add_test(tc, forged_events_are_due_now);
    tcase_add_test(tc, differences_are_named);
    tcase_add_test(tc, hash_covers_name_version_and_bytes);
    tcase_add_test(tc, a_description_names_what_changed);
    tcase_add_test(tc, looks_can_be_taken_back);
    suite_add_tcase(s, tc);
    return s;
}

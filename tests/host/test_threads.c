/* What the window's thread and the machine's share, and keys by their place. */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "host/frames.h"
#include "host/inbox.h"
#include "host/keymap.h"
#include "host/panel.h"
#include "host/wall.h"
#include "support/suite.h"

/* --- pictures -------------------------------------------------------------- */

/* An adapter whose screen is two equal numbers. */
struct screen {
    unsigned number[2];
};

static void screen_render(void *opaque, struct video_frame *out)
{
    const struct screen *screen = opaque;

    out->width = 2;
    out->height = 1;
    out->pixel[0] = screen->number[0];
    out->pixel[1] = screen->number[1];
}

static void screen_copy(void *opaque, void *to)
{
    memcpy(to, opaque, sizeof(struct screen));
}

static void show(struct frames *f, unsigned number)
{
    struct screen screen = { { number, number } };

    frame_read(frames_back(f), &(struct video_source){ .render = screen_render,
                                                       .copy = screen_copy,
                                                       .size = sizeof screen,
                                                       .opaque = &screen });
}

/* What a frame shows; the adapter it came from is gone by then. */
static unsigned number(const struct frame *frame)
{
    static struct video_frame picture;

    frame->video.render(frame->video.opaque, &picture);
    ck_assert_uint_eq(picture.pixel[0], picture.pixel[1]);
    return picture.pixel[0];
}

START_TEST(the_newest_picture_wins)
{
    struct frames *f = frames_new();

    ck_assert_ptr_null(frames_take(f));
    ck_assert_uint_eq(frames_front(f)->video.size, 0); /* nothing was shown yet */
    show(f, 1);
    ck_assert(frames_publish(f));
    show(f, 2);
    ck_assert(!frames_publish(f)); /* 1 was never taken */
    ck_assert_uint_eq(number(frames_take(f)), 2);
    ck_assert_ptr_null(frames_take(f));
    show(f, 3); /* the one that is shown stays */
    ck_assert_uint_eq(number(frames_front(f)), 2);
    ck_assert(frames_publish(f));
    ck_assert_uint_eq(number(frames_take(f)), 3);
    frames_free(f);
}
END_TEST

enum { PICTURES = 20000 };

static void *publish_many(void *opaque)
{
    for (unsigned i = 1; i <= PICTURES; i++) {
        show(opaque, i);
        frames_publish(opaque);
    }
    return NULL;
}

/* Never torn, never older than the one before, and the last one arrives. */
START_TEST(pictures_pass_between_threads)
{
    struct frames *f = frames_new();
    pthread_t thread;
    unsigned last = 0;

    ck_assert_int_eq(pthread_create(&thread, NULL, publish_many, f), 0);
    while (last != PICTURES) {
        const struct frame *frame = frames_take(f);

        if (frame == NULL)
            continue;
        ck_assert_uint_gt(number(frame), last);
        last = number(frame);
    }
    pthread_join(thread, NULL);
    frames_free(f);
}
END_TEST

/* --- the inbox ------------------------------------------------------------- */

static void put(struct inbox *in, unsigned what, int64_t a, int64_t b, bool merge)
{
    struct inbox_item item = { .what = what, .arg = { a, b } };

    inbox_put(in, &item, merge);
}

START_TEST(items_come_in_order_and_motion_adds_up)
{
    struct inbox *in = inbox_new();
    const struct inbox_item *item;

    ck_assert_uint_eq(inbox_take(in, &item), 0);
    put(in, 1, 3, -4, true);
    put(in, 1, 5, 1, true);
    put(in, 2, 9, 0, false);
    put(in, 1, 1, 1, true); /* not over the key */
    put(in, 2, 9, 1, false);
    put(in, 2, 9, 0, false);
    ck_assert_uint_eq(inbox_take(in, &item), 5);
    ck_assert_int_eq(item[0].arg[0], 8);
    ck_assert_int_eq(item[0].arg[1], -3);
    ck_assert_uint_eq(item[1].what, 2);
    ck_assert_int_eq(item[2].arg[0], 1);
    ck_assert_int_eq(item[3].arg[1], 1);
    ck_assert_uint_eq(inbox_take(in, &item), 0);
    for (unsigned i = 0; i < 1000; i++)
        put(in, 3, i, 0, false);
    ck_assert_uint_eq(inbox_take(in, &item), 1000);
    ck_assert_int_eq(item[999].arg[0], 999);
    inbox_free(in);
}
END_TEST

static void *put_later(void *opaque)
{
    wall_sleep_until(wall_now() + 20000000);
    put(opaque, 1, 0, 0, false);
    return NULL;
}

START_TEST(an_item_ends_the_sleep)
{
    struct inbox *in = inbox_new();
    const struct inbox_item *item;
    uint64_t start = wall_now();
    pthread_t thread;

    ck_assert(!inbox_wait(in, start + 10000000));
    ck_assert_uint_ge(wall_now(), start + 10000000);
    ck_assert(!inbox_wait(in, 0)); /* long past */
    ck_assert_int_eq(pthread_create(&thread, NULL, put_later, in), 0);
    ck_assert(inbox_wait(in, start + UINT64_C(60000000000)));
    ck_assert_uint_lt(wall_now(), start + UINT64_C(60000000000));
    ck_assert(inbox_wait(in, start + UINT64_C(60000000000))); /* it still waits */
    ck_assert_uint_eq(inbox_take(in, &item), 1);
    pthread_join(thread, NULL);
    inbox_free(in);
}
END_TEST

/* --- keys ------------------------------------------------------------------ */

/* SDL_scancode.h and the HID usage tables. */
static const struct {
    unsigned scancode;
    uint8_t usage;
} keys[] = {
    { 4, 0x04 }, /* A */ { 39, 0x27 }, /* 0 */ { 40, 0x28 }, /* Enter */ { 50, 0x32 }, /* # */
    { 70, 0x46 }, /* Print Screen */ { 72, 0x48 }, /* Pause */ { 88, 0x58 }, /* keypad Enter */
    { 100, 0x64 }, /* the key beside left Shift */ { 101, 0x65 }, /* Menu */
    { 135, 0x87 }, /* Ro */ { 224, 0xe0 }, /* left Ctrl */ { 230, 0xe6 }, /* right Alt */
    { 154, 0x46 }, /* SysRq */ { 257, 0xe6 }, /* AltGr under another name */
    { 0, 0 }, { 3, 0 }, { 102, 0 }, /* Power */ { 128, 0 }, /* volume */ { 258, 0 }, { 511, 0 },
};

START_TEST(keys_are_named_by_their_place)
{
    ck_assert_uint_eq(keymap_usage(keys[_i].scancode), keys[_i].usage);
}
END_TEST

/* --- the panel ------------------------------------------------------------- */

START_TEST(a_panel_is_as_big_as_its_text)
{
    struct panel p = { 0 };
    char text[4096];

    panel_draw(&p, "");
    ck_assert_uint_eq(p.width, 0);
    panel_draw(&p, "ab\ncdef\n");
    ck_assert_uint_eq(p.width, 4 * 8 + 16);
    ck_assert_uint_eq(p.height, 2 * 16 + 16);
    for (unsigned i = 0; i < sizeof text - 1; i++)
        text[i] = i % 200 == 99 ? ' ' : 'x';
    text[sizeof text - 1] = '\0';
    panel_draw(&p, text); /* broken at 72 columns, cut after 30 lines */
    ck_assert_uint_eq(p.width, PANEL_COLUMNS * 8 + 16);
    ck_assert_uint_eq(p.height, PANEL_LINES * 16 + 16);
    panel_draw(&p, "\n\n");
    ck_assert_uint_eq(p.height, 2 * 16 + 16);
    panel_free(&p);
    ck_assert_ptr_null(p.pixel);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("threads");
    TCase *tc = tcase_create("threads");

    tcase_add_test(tc, the_newest_picture_wins);
    tcase_add_test(tc, pictures_pass_between_threads);
    tcase_add_test(tc, items_come_in_order_and_motion_adds_up);
    tcase_add_test(tc, an_item_ends_the_sleep);
    tcase_add_loop_test(tc, keys_are_named_by_their_place, 0, sizeof keys / sizeof keys[0]);
    tcase_add_test(tc, a_panel_is_as_big_as_its_text);
    suite_add_tcase(s, tc);
    return s;
}

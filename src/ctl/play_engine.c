/* Play: what happens on the machine's thread, between two slices. */
#include "config.h"

#include <stdlib.h>

#include "base/bits.h"
#include "ctl/play_priv.h"
#include "host/wall.h"

#define PLAY_REWIND (3 * VTIME_SECOND)

/* Clocks of PCs, in kHz: what "slower" and "faster" go through. */
static const uint32_t play_clocks[] = {
    4773, 8000, 12000, 16000, 20000, 25000, 33333, 40000, 50000, 66667, 75000, 90000, 100000,
    133333, 166667, 200000, 233333, 266667, 300000, 350000, 400000, 450000,
};

static bool play_post(struct play *p, const char *device, const char *event, int64_t a, int64_t b,
                      int64_t c)
{
    int64_t arg[JOURNAL_ARGS] = { a, b, c };

    return journal_post(machine_journal(p->run->machine), device, event, arg, NULL, 0) == 0;
}

/* --- inputs ---------------------------------------------------------------- */

static bool play_post_key(struct play *p, const struct inbox_item *item)
{
    if (machine_powered_off(p->run->machine))
        return false;
    if (p->run->paused && item->arg[1] != 0)
        return false; /* nobody is there to press a key */
    latency_key(&p->engine.latency, item->wall, wall_now());
    return play_post(p, "kbd", "key", item->arg[0], item->arg[1], 0);
}

/* The mouse counts away from the user, the window towards them. */
static bool play_post_mouse(struct play *p, const struct inbox_item *item)
{
    if (machine_powered_off(p->run->machine))
        return false;
    switch ((enum play_item) item->what) {
    case ITEM_MOVE:
        return !p->run->paused && play_post(p, "mouse", "move", item->arg[0], -item->arg[1], 0);
    case ITEM_WHEEL: return !p->run->paused && play_post(p, "mouse", "move", 0, 0, -item->arg[0]);
    default: return play_post(p, "mouse", "button", item->arg[0], item->arg[1], 0);
    }
}

static bool play_add_disk(struct play *p, const struct inbox_item *item)
{
    struct disk_config *cfg = item->data;
    struct err err;
    int rc = -1;

    if (p->run->record != NULL || p->run->replay != NULL) {
        err_set(&err, "a recording knows its disks from its beginning: name them on the command line");
        cfg->ops->close(cfg->opaque);
    } else {
        rc = machine_add_floppy(p->run->machine, (unsigned) item->arg[0], cfg, &err);
    }
    free(cfg);
    if (rc < 0)
        play_notice(p, "%s", err.msg);
    return rc == 0 && play_post(p, "fd0", "insert", item->arg[0], 0, 0);
}

/* The button on the case: reset, or the switch of a machine that is off. */
static bool play_restart(struct play *p)
{
    if (!machine_powered_off(p->run->machine))
        return play_post(p, "machine", "reset", 0, 0, 0);
    /* The clock on the battery went on meanwhile. */
    if (!p->options->rtc_given || p->options->rtc_host)
        play_post(p, "rtc", "base", wall_local_time(), 0, 0);
    return play_post(p, "machine", "power-on", 0, 0, 0);
}

/* --- commands -------------------------------------------------------------- */

static void play_pause(struct play *p)
{
    run_pause(p->run, !p->run->paused);
    atomic_store(&p->shared.paused, p->run->paused);
}

static void play_fast_forward(struct play *p)
{
    struct play_engine *e = &p->engine;
    bool fast = !atomic_load(&p->shared.fast);

    if (fast)
        e->speed = p->run->pace.speed;
    run_set_speed(p->run, fast ? 0 : e->speed != 0 ? e->speed : PACE_REAL);
    atomic_store(&p->shared.fast, fast);
}

static void play_rewind(struct play *p)
{
    struct err err;

    if (run_rewind(p->run, PLAY_REWIND, &err) < 0) {
        play_notice(p, "%s", err.msg);
        return;
    }
    play_notice(p, "back at %u.%u s", (unsigned) (machine_now(p->run->machine) / VTIME_SECOND),
                (unsigned) (machine_now(p->run->machine) % VTIME_SECOND / (VTIME_SECOND / 10)));
}

/* The next clock of the table in that direction. */
static bool play_change_clock(struct play *p, bool faster)
{
    struct play_engine *e = &p->engine;
    uint64_t khz = e->clock_num / e->clock_den / 1000, best = 0;

    for (unsigned i = 0; i < ARRAY_LEN(play_clocks); i++) {
        uint64_t c = play_clocks[i];

        if (faster ? c > khz + khz / 50 && best == 0 : c < khz - khz / 50)
            best = c;
    }
    if (best == 0) {
        play_notice(p, "the processor's clock cannot be %s", faster ? "higher" : "lower");
        return false;
    }
    e->clock_num = best * 1000;
    e->clock_den = 1;
    play_notice(p, "processor: %u.%u MHz", (unsigned) (best / 1000), (unsigned) (best % 1000 / 100));
    return play_post(p, "machine", "clock", (int64_t) e->clock_num, (int64_t) e->clock_den, 0);
}

/* True: the guest will hear of it. */
static bool play_take_item(struct play *p, const struct inbox_item *item)
{
    switch ((enum play_item) item->what) {
    case ITEM_KEY: return play_post_key(p, item);
    case ITEM_MOVE:
    case ITEM_WHEEL:
    case ITEM_BUTTON: return play_post_mouse(p, item);
    case ITEM_PAUSE: play_pause(p); return false;
    case ITEM_FAST_FORWARD: play_fast_forward(p); return false;
    case ITEM_CLOCK: return play_change_clock(p, item->arg[0] > 0);
    case ITEM_RESET: return play_restart(p);
    case ITEM_REWIND: play_rewind(p); return false;
    case ITEM_SNAPSHOT: play_save_machine(p); return false;
    case ITEM_INSERT: return play_post(p, "fd0", "insert", item->arg[0], 0, 0);
    case ITEM_ADD: return play_add_disk(p, item);
    case ITEM_END: run_end(p->run, (enum ctl_exit) item->arg[0]); return false;
    }
    return false;
}

/* --- the front of the run -------------------------------------------------- */

static bool play_poll(void *opaque)
{
    struct play *p = opaque;
    const struct inbox_item *item;
    size_t n = inbox_take(p->inbox, &item);
    bool posted = false;

    for (size_t i = 0; i < n; i++)
        posted |= play_take_item(p, &item[i]);
    atomic_store_explicit(&p->shared.now, machine_now(p->run->machine), memory_order_relaxed);
    return posted;
}

static bool play_pending(void *opaque)
{
    struct play *p = opaque;

    return inbox_any(p->inbox);
}

static bool play_wait(void *opaque, uint64_t wall)
{
    struct play *p = opaque;

    return inbox_wait(p->inbox, wall);
}

static void play_frame(void *opaque)
{
    struct play *p = opaque;
    struct play_engine *e = &p->engine;
    struct frame *frame = frames_back(p->frames);

    atomic_store(&p->shared.stopped, MACHINE_SLICE);
    frame_read(frame, machine_video(p->run->machine));
    frame->at = machine_now(p->run->machine);
    e->frames++;
    if (!frames_publish(p->frames)) {
        e->untaken++;
        e->untaken_at = machine_now(p->run->machine);
    }
    window_poke(p->window);
}

static void play_stopped(void *opaque, enum machine_stop why)
{
    struct play *p = opaque;

    play_frame(p); /* what was shown last */
    atomic_store(&p->shared.stopped, (int) why);
}

static void play_warn(void *opaque, const char *line)
{
    play_notice(opaque, "%s", line);
}

void play_key_irq(void *opaque)
{
    struct play *p = opaque;

    latency_irq(&p->engine.latency, wall_now());
}

void play_init_engine(struct play *p)
{
    p->engine.front = (struct run_front){
        .poll = play_poll,
        .pending = play_pending,
        .wait = play_wait,
        .frame = play_frame,
        .stopped = play_stopped,
        .warn = play_warn,
        .opaque = p,
    };
    p->engine.clock_num = p->options->model.clock_num;
    p->engine.clock_den = p->options->model.clock_den;
    p->engine.speed = p->options->speed;
}

void *play_engine_main(void *opaque)
{
    struct play *p = opaque;

    p->engine.code = run_machine(p->run);
    atomic_store(&p->shared.done, true);
    window_poke(p->window);
    return NULL;
}

/* What is written at the end. */
#include "config.h"

#include "ctl/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/listing.h"
#include "host/file.h"
#include "host/png.h"
#include "host/text.h"

static int report_stdout(const void *data, size_t len, struct err *err)
{
    if (file_write_all(STDOUT_FILENO, data, len) == 0)
        return 0;
    err_errno(err, "standard output");
    return -1;
}

static int report_screen_text(const struct run *run, struct err *err)
{
    const char *path = run->options->screen_text;
    struct text_screen *screen;
    struct buf text = { 0 };
    int rc;

    if (path == NULL)
        return 0;
    screen = xmalloc(sizeof *screen);
    text_read(screen, machine_video(run->machine));
    text_print(screen, &text);
    free(screen);
    rc = strcmp(path, "-") == 0 ? report_stdout(text.data, text.len, err)
                                : file_replace(path, text.data, text.len, err);
    buf_free(&text);
    return rc;
}

static int report_screenshot(const struct run *run, struct err *err)
{
    const struct video_source *video = machine_video(run->machine);
    struct video_frame *frame;
    int rc;

    if (run->options->screenshot == NULL)
        return 0;
    frame = xcalloc(1, sizeof *frame);
    video->render(video->opaque, frame);
    rc = png_save(run->options->screenshot, frame, err);
    free(frame);
    return rc;
}

static int report_hash(const struct run *run, struct err *err)
{
    char line[32];
    int n;

    if (!run->options->hash)
        return 0;
    n = snprintf(line, sizeof line, "%016" PRIx64 "\n", state_hash(machine_state(run->machine)));
    return report_stdout(line, (size_t) n, err);
}

/* Nanoseconds as seconds, without passing through a double. */
#define SECONDS_FORMAT "%" PRIu64 ".%09" PRIu64
#define SECONDS(ns)    (uint64_t) (ns) / 1000000000u, (uint64_t) (ns) % 1000000000u

/* The instructions that translated code had done by the interpreter most often. */
static int report_slow(const struct run *run, char *line, size_t size)
{
    static const char *const whys[JIT_WHYS] = { [JIT_WHY_ROW] = "row", [JIT_WHY_GUARD] = "guard" };
    struct jit_slow slow[JIT_SLOW];
    unsigned count = machine_jit_slowest(run->machine, slow);
    int n = snprintf(line, size, ",\"slow\":[");

    for (unsigned i = 0; i < count; i++)
        n += snprintf(line + n, size - (size_t) n, "%s{\"name\":\"%s\",\"why\":\"%s\",\"count\":%" PRIu64 "}",
                      i != 0 ? "," : "", slow[i].name, whys[slow[i].why], slow[i].count);
    return n + snprintf(line + n, size - (size_t) n, "]");
}

/*
 * MIPS is instructions per second of processor time, in thousandths here.
 */
static int report_stats(const struct run *run, struct err *err)
{
    static const char *const names[RUN_STOPS] = {
        [MACHINE_SLICE] = "slice",   [MACHINE_POWEROFF] = "poweroff",   [MACHINE_RESET] = "reset",
        [MACHINE_HALTED] = "halted", [MACHINE_TEST_EXIT] = "test_exit",
    };
    static const struct jit_stats none = { 0 };
    const struct jit_stats *jit = machine_jit_stats(run->machine);
    const struct run_stats *st = &run->stats;
    const struct run_pictures *pic = &st->pictures;
    uint64_t insns = machine_insns(run->machine), cpu_us = st->cpu / 1000;
    uint64_t kips = cpu_us != 0 ? (uint64_t) ((unsigned __int128) insns * 1000 / cpu_us) : 0;
    char line[2048];
    int n;

    if (!run->options->stats)
        return 0;
    if (jit == NULL)
        jit = &none;
    n = snprintf(line, sizeof line,
                 "{\"vtime\":" SECONDS_FORMAT ",\"instructions\":%" PRIu64
                 ",\"wall_seconds\":" SECONDS_FORMAT ",\"cpu_seconds\":" SECONDS_FORMAT
                 ",\"mips\":%" PRIu64 ".%03" PRIu64 ",\"blocks\":%" PRIu64 ",\"steps\":%" PRIu64 ",\"enters\":%" PRIu64 ",\"traps\":%" PRIu64 ",\"exits\":{",
                 SECONDS(machine_now(run->machine)), insns, SECONDS(st->wall), SECONDS(st->cpu),
                 kips / 1000, kips % 1000, jit->blocks, jit->steps, jit->enters, jit->traps);
    for (unsigned i = 0; i < RUN_STOPS; i++)
        n += snprintf(line + n, sizeof line - (size_t) n, "%s\"%s\":%" PRIu64, i != 0 ? "," : "",
                      names[i], st->exits[i]);
    n += snprintf(line + n, sizeof line - (size_t) n, "},\"late_seconds\":" SECONDS_FORMAT,
                  SECONDS(st->lost));
    if (pic->any)
        n += snprintf(line + n, sizeof line - (size_t) n,
                      ",\"pictures\":{\"frames\":%" PRIu64 ",\"shown\":%" PRIu64 ",\"same\":%" PRIu64
                      ",\"dropped\":%" PRIu64 ",\"last_drop\":" SECONDS_FORMAT ",\"interval_us\":{\"least\":%" PRIu32
                      ",\"median\":%" PRIu32 ",\"p99\":%" PRIu32 ",\"most\":%" PRIu32 "}}",
                      pic->frames, pic->shown, pic->same, pic->dropped, SECONDS(pic->last_drop), pic->least_us,
                      pic->median_us, pic->late_us, pic->most_us);
    if (jit != &none)
        n += report_slow(run, line + n, sizeof line - (size_t) n);
    n += snprintf(line + n, sizeof line - (size_t) n, "}\n");
    return report_stdout(line, (size_t) n, err);
}

static int report_blocks(const struct run *run, struct err *err)
{
    const char *path = run->options->list_blocks;

    return path == NULL ? 0 : listing_write(run->machine, path, err);
}

enum ctl_exit report_write(const struct run *run, enum ctl_exit code)
{
    int (*const parts[])(const struct run *, struct err *) = {
        report_screen_text, report_screenshot, report_hash, report_blocks, report_stats,
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct err err;

        if (parts[i](run, &err) == 0)
            continue;
        log_warn("%s", err.msg);
        code = CTL_HOST;
    }
    return code;
}

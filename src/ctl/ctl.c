/* The program: from the command line to the exit code. */
#include "config.h"

#include "ctl/ctl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "board/rewind.h"
#include "ctl/bisect.h"
#include "ctl/complete.h"
#include "ctl/disk_command.h"
#include "ctl/guide.h"
#include "ctl/listing.h"
#include "ctl/options.h"
#include "ctl/play.h"
#include "ctl/ports.h"
#include "ctl/record.h"
#include "ctl/replay.h"
#include "ctl/replay_header.h"
#include "ctl/report.h"
#include "ctl/run.h"
#include "ctl/save.h"
#include "ctl/snapshot_command.h"
#include "ctl/test.h"
#include "host/file.h"
#include "host/wall.h"
#include "host/wx.h"

/* What is asked about us, not about a machine. */
static enum ctl_exit ctl_tell(const struct options *o, struct err *err)
{
    struct buf text = { 0 };
    int rc;

    if (o->version)
        buf_add(&text, PACKAGE_STRING "\n", strlen(PACKAGE_STRING "\n"));
    else if (o->help)
        options_help(&text);
    else if (o->completion != NULL)
        complete_script(o->completion, &text);
    else if (options_print_config(o, &text, err) < 0) {
        buf_free(&text);
        return CTL_USAGE;
    }
    rc = file_write_all(STDOUT_FILENO, text.data, text.len);
    buf_free(&text);
    return rc < 0 ? CTL_HOST : CTL_OK;
}

/* A slip of the pen must not cost somebody a disk. */
static enum ctl_exit ctl_check_outputs(const struct options *o, const struct media *media,
                                       struct err *err)
{
    const char *paths[] = {
        o->screen_text, o->screenshot, o->record, o->save, o->list_blocks,
        o->parallel != NULL ? sink_path(o->parallel) : NULL,
        o->serials > 0 ? sink_path(o->serial[0]) : NULL,
        o->serials > 1 ? sink_path(o->serial[1]) : NULL,
    };

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (paths[i] != NULL && media_holds(media, paths[i])) {
            err_set(err, "'%s' is a disk image in use: output cannot go there", paths[i]);
            return CTL_USAGE;
        }
    }
    /* Results are written at the end: too late to find out. */
    for (size_t i = 0; i < 2; i++) {
        if (paths[i] != NULL && strcmp(paths[i], "-") != 0 && file_check_output(paths[i], err) < 0) {
            err_prefix(err, "%s", i == 0 ? "--screen-text" : "--screenshot");
            return CTL_MEDIA;
        }
    }
    if (o->list_blocks != NULL && listing_check(o->list_blocks, err) < 0) {
        err_prefix(err, "--list-blocks");
        return CTL_MEDIA;
    }
    return CTL_OK;
}

/* A window is the default where it can be seen. */
static bool ctl_wants_window(const struct options *o)
{
    const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");

    if (o->display != DISPLAY_AUTO || o->subcommand == SUBCOMMAND_REPLAY ||
        o->subcommand == SUBCOMMAND_BISECT)
        return o->display == DISPLAY_SDL;
    return CONFIG_SDL && ((x11 != NULL && x11[0] != '\0') || (wayland != NULL && wayland[0] != '\0'));
}

static void ctl_configure(struct machine_config *cfg, const struct options *o, struct play *play)
{
    bool rtc_host = o->rtc_given ? o->rtc_host : play != NULL;

    *cfg = (struct machine_config){
        .fpu = true, /* a 386 has a 387 beside it */
        .translate = o->engine != ENGINE_INTERP && machine_can_translate(),
        .may_interpret = o->engine == ENGINE_BEST,
        .list_blocks = o->list_blocks != NULL,
        .cpu = o->model.cpu,
        .clock_num = o->model.clock_num,
        .clock_den = o->model.clock_den,
        .ram_mib = o->ram_mib,
        .rtc_base = rtc_host ? wall_local_time() : o->rtc_base,
        .test_ports = o->test_ports,
        .key_irq = play != NULL ? play_key_irq : NULL,
        .key_opaque = play,
    };
}

static enum ctl_exit ctl_save(const struct run *run, enum ctl_exit code)
{
    struct err err;

    if (save_write(run->save, run->options->save, run->machine, &err) == 0)
        return code;
    log_warn("%s", err.msg);
    return CTL_HOST;
}

/* Before the first instruction; a recording must be able to follow. */
static void ctl_keep_past(struct run *run)
{
    if (run->wants_past && (run->record == NULL || record_keep(run->record)))
        run->rewind = rewind_new(run->machine, run->options->rewind);
}

static enum ctl_exit ctl_run(struct run *run, struct options *o, struct play *play,
                             const struct guide *guide, struct err *err)
{
    enum ctl_exit code;

    run->options = o;
    run->wants_past = o->subcommand == SUBCOMMAND_BISECT || (play != NULL && o->rewind != 0);
    if (steps_check_machine(&o->steps, run->machine, err) < 0)
        return CTL_USAGE;
    if (guide != NULL && guide->start(guide->opaque, run, err) < 0)
        return CTL_HOST;
    if (run->record != NULL)
        record_start(run->record, run->machine);
    ctl_keep_past(run);
    run->steps = steps_new(&o->steps, run->machine);
    run->ports->serial[0].steps = run->steps;
    code = play != NULL ? play_run(play, run) : run_machine(run);
    if (o->subcommand == SUBCOMMAND_BISECT && code == CTL_OK)
        code = bisect_run(run);
    if (run->record != NULL && record_finish(run->record, run->last_stop) < 0)
        code = CTL_HOST;
    if (run->replay != NULL)
        code = replay_finish(run->replay, code);
    if (guide != NULL)
        guide->end(guide->opaque, run, code);
    else if (o->save != NULL)
        code = ctl_save(run, code);
    /* What the ports said comes before what is printed at the end. */
    run->ports->serial[0].steps = NULL;
    ports_close(run->ports);
    code = report_write(run, code);
    rewind_free(run->rewind);
    steps_free(run->steps);
    return code;
}

/* What the machine comes from, beside options and media. */
struct origin {
    struct replay *replay; /* NULL: no trace */
    struct load *load;     /* NULL: power-on */
};

/* What a file says of the machine; NULL: there is none. */
static struct replay_header *origin_machine(const struct origin *from)
{
    return from->load != NULL     ? load_machine(from->load)
           : from->replay != NULL ? replay_machine(from->replay)
                                  : NULL;
}

static int origin_start(const struct origin *from, struct machine *m, struct err *err)
{
    if (from->load != NULL && load_start(from->load, m, err) < 0)
        return -1;
    return from->replay != NULL ? replay_start(from->replay, m, err) : 0;
}

static enum ctl_exit ctl_power_on(struct options *o, struct media *media, struct play *play,
                                  const struct origin *from, const struct guide *guide,
                                  struct err *err)
{
    struct machine_config cfg;
    struct ports ports;
    struct run run = { .ports = &ports, .replay = from->replay };
    enum ctl_exit code = CTL_OK;

    ctl_configure(&cfg, o, play);
    if (ports_open(&ports, o, &cfg, err) < 0) {
        ports_close(&ports);
        return CTL_MEDIA;
    }
    media_configure(media, &cfg);
    if (o->save != NULL)
        code = record_check_media("--save", media, err);
    if (o->record != NULL && code == CTL_OK)
        code = record_open(&run.record, o, media, &cfg, err);
    if (code != CTL_OK) {
        ports_close(&ports);
        return code;
    }
    run.save = save_new(o, media, &cfg);
    if (play != NULL)
        play_name_disks(play, media);
    media_attach(media, &cfg);
    if (origin_machine(from) != NULL)
        replay_header_configure(origin_machine(from), &cfg);
    run.machine = machine_new(&cfg, err);
    code = CTL_HOST;
    if (run.machine != NULL && origin_start(from, run.machine, err) < 0)
        code = CTL_MEDIA;
    else if (run.machine != NULL)
        code = ctl_run(&run, o, play, guide, err);
    ports_close(&ports);
    machine_free(run.machine);
    record_free(run.record);
    save_free(run.save);
    return code;
}

/* Nothing has been written anywhere until the ports are opened. */
static enum ctl_exit ctl_boot(struct options *o, struct media *media, const struct origin *from,
                              const struct guide *guide, struct err *err)
{
    struct play *play = NULL;
    enum ctl_exit code = ctl_check_outputs(o, media, err);

    if (code != CTL_OK)
        return code;
    if (o->engine == ENGINE_JIT && !machine_can_translate()) {
        err_set(err, "--engine: 'jit' is not in this build (it needs an x86-64 processor)");
        return CTL_USAGE;
    }
    if (ctl_wants_window(o)) {
        if (play_open(&play, o, err) < 0)
            return CTL_HOST;
    } else if (o->latency) {
        err_set(err, "--latency: there is no window whose keys could be measured");
        return CTL_USAGE;
    }
    code = ctl_power_on(o, media, play, from, guide, err);
    play_close(play);
    return code;
}

static void ctl_show_notes(struct options *o)
{
    char *save = NULL;

    buf_add(&o->notes, "", 1);
    for (char *line = strtok_r((char *) o->notes.data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        log_warn("%s", line);
}

static enum ctl_exit ctl_options(struct options *o, int argc, char **argv, struct err *err)
{
    char *user = options_user_conf();
    struct options_places places = { user, "reprise.conf" };
    enum ctl_exit code = options_parse(o, argc, argv, &places, err);

    ctl_show_notes(o);
    free(user);
    return code;
}

enum ctl_exit guide_run(const struct guide *guide, struct options *o, const struct media_demo *demo,
                        struct err *err)
{
    struct media media;
    struct origin from = { NULL, NULL };
    enum ctl_exit code = CTL_OK;

    if (o->subcommand == SUBCOMMAND_BISECT && bisect_check(o, err) < 0)
        return CTL_USAGE;
    if (o->subcommand == SUBCOMMAND_REPLAY || o->subcommand == SUBCOMMAND_BISECT)
        code = replay_open(&from.replay, o, demo, err);
    if (code == CTL_OK && o->load != NULL && load_open(&from.load, o, demo, err) < 0)
        code = CTL_MEDIA;
    if (code == CTL_OK && from.replay != NULL && from.load != NULL &&
        replay_header_compare(load_machine(from.load), replay_machine(from.replay), err) < 0) {
        err_prefix(err, "'%s'", o->load);
        code = CTL_MEDIA;
    }
    if (code == CTL_OK)
        code = media_open(&media, o, demo, err);
    if (code == CTL_OK) {
        if (origin_machine(&from) != NULL &&
            replay_header_place(origin_machine(&from), &media, err) < 0)
            code = CTL_MEDIA;
        else
            code = ctl_boot(o, &media, &from, guide, err);
        media_close(&media);
    }
    replay_free(from.replay);
    load_free(from.load);
    return code;
}

static enum ctl_exit ctl_start(struct options *o, int argc, char **argv,
                               const struct media_demo *demo, struct err *err)
{
    enum ctl_exit code = ctl_options(o, argc, argv, err);

    if (code != CTL_OK)
        return code;
    if (o->help || o->version || o->print_config || o->completion != NULL)
        return ctl_tell(o, err);
    if (o->subcommand == SUBCOMMAND_SNAPSHOT)
        return snapshot_command(o, err);
    if (o->subcommand == SUBCOMMAND_DISK)
        return disk_command(o, err);
    if (o->subcommand == SUBCOMMAND_TEST)
        return test_main(o, demo, err);
    if (o->subcommand == SUBCOMMAND_BISECT && bisect_is_two(o))
        return bisect_two(o, demo, err);
    return guide_run(NULL, o, demo, err);
}

int ctl_main(int argc, char **argv, const struct media_demo *demo)
{
    struct options options;
    struct err err = { "" };
    enum ctl_exit code;

    signal(SIGPIPE, SIG_IGN); /* a reader that leaves is an error of write(2) */
    wx_refuse(); /* if not, not */
    options_init(&options);
    code = ctl_start(&options, argc, argv, demo, &err);
    if (err.msg[0] != '\0')
        log_warn("%s", err.msg);
    options_free(&options);
    return (int) code;
}

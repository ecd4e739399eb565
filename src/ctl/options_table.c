/* The table of options and what each does with its value. */
#include "config.h"

#include "ctl/options_table.h"

#include <string.h>
#include <strings.h>

#include "base/bits.h"
#include "ctl/complete.h"
#include "ctl/nearest.h"
#include "ctl/number.h"
#include "host/probe.h"
#include "host/sink.h"

/* --- setters ------------------------------------------------------------- */

static void *option_member(struct options *o, const struct option *row)
{
    return (char *) o + row->param;
}

/* A switch is on when it is named; a configuration file says yes or no. */
static int option_yes(const char *value, bool *out, struct err *err)
{
    static const char *const words[] = { "no", "yes", "off", "on", "false", "true", "0", "1" };

    *out = true;
    if (value == NULL)
        return 0;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(value, words[i]) == 0) {
            *out = i & 1;
            return 0;
        }
    }
    err_set(err, "'%.40s' is neither yes nor no", value);
    return -1;
}

static int option_flag(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    return option_yes(value, option_member(o, row), err);
}

static int option_text(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    const char **text = option_member(o, row);

    if (*value == '\0') {
        err_set(err, "the file name is empty");
        return -1;
    }
    *text = value;
    return 0;
}

static int option_screenshot(struct options *o, const struct option *row, const char *value,
                             struct err *err)
{
    if (!CONFIG_PNG) {
        err_set(err, "not in this build (libpng was missing)");
        return -1;
    }
    return option_text(o, row, value, err);
}

/* A word out of a list; those from `absent` on are not in this build. */
static int option_choice(const char *value, const char *const *words, unsigned present,
                         unsigned all, struct err *err)
{
    for (unsigned i = 0; i < all; i++) {
        if (strcmp(value, words[i]) != 0)
            continue;
        if (i < present)
            return 0;
        err_set(err, "'%s' is not in this build", value);
        return -1;
    }
    err_set(err, "'%.40s' is neither %s nor %s", value, words[0], words[1]);
    return -1;
}

static int option_machine(struct options *o, const struct option *row, const char *value,
                          struct err *err)
{
    static const char *const words[] = { "at", "pc" };

    (void) o;
    (void) row;
    return option_choice(value, words, 1, 2, err);
}

static int option_display(struct options *o, const struct option *row, const char *value,
                          struct err *err)
{
    static const char *const words[] = { "none", "sdl" };

    (void) row;
    if (option_choice(value, words, CONFIG_SDL ? 2 : 1, 2, err) < 0)
        return -1;
    o->display = value[0] == 's' ? DISPLAY_SDL : DISPLAY_NONE;
    return 0;
}

static int option_headless(struct options *o, const struct option *row, const char *value,
                           struct err *err)
{
    bool headless;

    if (option_yes(value, &headless, err) < 0)
        return -1;
    if (headless)
        o->display = DISPLAY_NONE;
    else
        return option_display(o, row, "sdl", err);
    return 0;
}

static int option_bind(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    (void) row;
    return bindings_set(&o->bindings, value, err);
}

static int option_swap(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    (void) row;
    if (o->swap_source != o->source)
        o->swaps = 0; /* a later file or the command line takes the place */
    o->swap_source = o->source;
    if (o->swaps == MACHINE_SHELF) {
        err_set(err, "there is room for no more than %d of them", MACHINE_SHELF);
        return -1;
    }
    o->swap[o->swaps++] = value;
    return 0;
}

static int option_engine(struct options *o, const struct option *row, const char *value,
                         struct err *err)
{
    static const char *const words[] = { "interp", "jit" };

    (void) row;
    o->engine = strcmp(value, "jit") == 0 ? ENGINE_JIT : ENGINE_INTERP;
    return option_choice(value, words, 2, 2, err);
}

static int option_drive(struct options *o, const struct option *row, const char *value,
                        struct err *err)
{
    const char **drive = &o->drive[row->param];

    if (*value == '\0') {
        err_set(err, "the file name is empty");
        return -1;
    }
    if (*drive != NULL && o->drive_source[row->param] == o->source) {
        err_set(err, "given twice ('%s' and '%s')", *drive, value);
        return -1;
    }
    o->drive_source[row->param] = o->source;
    *drive = value;
    return 0;
}

/* "C,H,S" for hda, or "hdb:C,H,S". */
static int option_chs(struct options *o, const struct option *row, const char *value,
                      struct err *err)
{
    uint64_t part[3] = { 0, 0, 0 };
    unsigned disk = 0;
    const char *p = value;

    (void) row;
    if (strncmp(p, "hd", 2) == 0 && p[2] >= 'a' && p[2] <= 'd' && p[3] == ':') {
        disk = (unsigned) (p[2] - 'a');
        p += 4;
    }
    for (unsigned i = 0; i < 3; i++) {
        char digits[12] = "";
        size_t len = strcspn(p, ",");

        if (len < sizeof digits)
            memcpy(digits, p, len);
        if (!number_uint(digits, UINT32_MAX, &part[i]) || (p[len] == ',') != (i < 2)) {
            err_set(err, "'%.40s' is not a geometry: CYLINDERS,HEADS,SECTORS", value);
            return -1;
        }
        p += len + 1;
    }
    o->chs[disk] = (struct disk_geometry){ (uint32_t) part[0], (uint32_t) part[1],
                                           (uint32_t) part[2] };
    o->chs_given[disk] = true;
    return probe_check_geometry(o->chs[disk], err);
}

static int option_boot(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    const char *order = strncmp(value, "order=", 6) == 0 ? value + 6 : value;
    size_t n = strlen(order);

    (void) row;
    if (n == 0 || n > 3 || strspn(order, "acd") != n ||
        (n > 1 && (strchr(order + 1, order[0]) != NULL || (n == 3 && order[1] == order[2])))) {
        err_set(err, "'%.40s' is not a boot order: letters a (floppy), c (hard disk), d (CD-ROM)",
                value);
        return -1;
    }
    memcpy(o->boot, order, n + 1);
    return 0;
}

static int option_memory(struct options *o, const struct option *row, const char *value,
                         struct err *err)
{
    char digits[8] = "";
    size_t len = strspn(value, "0123456789");
    uint64_t mib;

    (void) row;
    if (len < sizeof digits && (value[len] == '\0' || strcasecmp(value + len, "M") == 0 ||
                                strcasecmp(value + len, "MB") == 0))
        memcpy(digits, value, len);
    if (!number_uint(digits, RAM_MIB_MAX, &mib) || mib == 0) {
        err_set(err, "'%.40s' is not a memory size: 1 to %d MiB", value, RAM_MIB_MAX);
        return -1;
    }
    o->ram_mib = (unsigned) mib;
    return 0;
}

static int option_cpu(struct options *o, const struct option *row, const char *value,
                      struct err *err)
{
    (void) row;
    return model_parse(value, &o->model, err);
}

static int option_rtc(struct options *o, const struct option *row, const char *value,
                      struct err *err)
{
    const char *base = strncmp(value, "base=", 5) == 0 ? value + 5 : "";

    (void) row;
    o->rtc_given = true;
    o->rtc_host = strcmp(base, "host") == 0;
    if (o->rtc_host || number_date(base, &o->rtc_base))
        return 0;
    err_set(err, "'%.40s' is not a date: base=host or base=1996-01-01T00:00:00 (1980 to 2099)",
            value);
    return -1;
}

static int option_serial(struct options *o, const struct option *row, const char *value,
                         struct err *err)
{
    (void) row;
    if (o->serial_source != o->source)
        o->serials = 0; /* the command line takes the place of the file */
    o->serial_source = o->source;
    if (o->serials == MACHINE_SERIALS) {
        err_set(err, "there are only %d serial ports", MACHINE_SERIALS);
        return -1;
    }
    for (unsigned i = 0; i < o->serials; i++) {
        if (strcmp(value, "null") != 0 && strcmp(value, o->serial[i]) == 0) {
            err_set(err, "'%.200s' is on COM%u already", value, i + 1);
            return -1;
        }
    }
    if (sink_check(value, err) < 0)
        return -1;
    o->serial[o->serials++] = value;
    return 0;
}

static int option_parallel(struct options *o, const struct option *row, const char *value,
                           struct err *err)
{
    (void) row;
    if (strcmp(value, "null") != 0 && (strncmp(value, "file:", 5) != 0 || value[5] == '\0')) {
        err_set(err, "'%.200s' is neither file:F nor null", value);
        return -1;
    }
    o->parallel = value;
    return 0;
}

static int option_speed(struct options *o, const struct option *row, const char *value,
                        struct err *err)
{
    enum { UNIT = 1000000 };

    (void) row;
    if (strcmp(value, "max") == 0)
        o->speed = 0;
    else if (strcmp(value, "real") == 0)
        o->speed = UNIT;
    else if (!number_decimal(value, 6, UINT64_C(1000) * UNIT, &o->speed) || o->speed < UNIT / 100) {
        err_set(err, "'%.40s' is not a speed: real, max, or a factor from 0.01 to 1000", value);
        return -1;
    }
    return 0;
}

static int option_rewind(struct options *o, const struct option *row, const char *value,
                         struct err *err)
{
    uint64_t mib;

    (void) row;
    if (number_uint(value, 1 << 16, &mib)) {
        o->rewind = (size_t) mib << 20;
        return 0;
    }
    err_set(err, "'%.40s' is not a number of MiB", value);
    return -1;
}

static int option_seconds(struct options *o, const struct option *row, const char *value,
                          struct err *err)
{
    if (number_decimal(value, 9, UINT64_C(1) << 60, option_member(o, row)))
        return 0;
    err_set(err, "'%.40s' is not a number of seconds", value);
    return -1;
}

static int option_timeout(struct options *o, const struct option *row, const char *value,
                          struct err *err)
{
    (void) row;
    if (number_decimal(value, 9, UINT64_C(1) << 60, &o->timeout) && o->timeout != 0)
        return 0;
    err_set(err, "'%.40s' is not a number of seconds above 0", value);
    return -1;
}

static int option_type(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    (void) row;
    return steps_add_type(&o->steps, value, err);
}

static int option_wait(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    (void) row;
    return steps_add_wait(&o->steps, value, err);
}

static int option_until(struct options *o, const struct option *row, const char *value,
                        struct err *err)
{
    (void) row;
    return steps_add_until(&o->steps, value, err);
}

static int option_jobs(struct options *o, const struct option *row, const char *value,
                       struct err *err)
{
    uint64_t n;

    (void) row;
    if (!number_uint(value, 1024, &n) || n == 0) {
        err_set(err, "'%.40s' is not a number from 1 to 1024", value);
        return -1;
    }
    o->jobs = (unsigned) n;
    return 0;
}

static int option_shard(struct options *o, const struct option *row, const char *value,
                        struct err *err)
{
    char first[12] = "";
    size_t len = strcspn(value, "/");
    uint64_t i, n;

    (void) row;
    if (len < sizeof first)
        memcpy(first, value, len);
    if (value[len] != '/' || !number_uint(first, 100000, &i) ||
        !number_uint(value + len + 1, 100000, &n) || i == 0 || i > n) {
        err_set(err, "'%.40s' is not of the form I/N, with I from 1 to N", value);
        return -1;
    }
    o->shard = (unsigned) i;
    o->shards = (unsigned) n;
    return 0;
}

static int option_images(struct options *o, const struct option *row, const char *value,
                         struct err *err)
{
    (void) row;
    if (o->images == OPTIONS_IMAGES) {
        err_set(err, "more than %d folders", OPTIONS_IMAGES);
        return -1;
    }
    o->image[o->images++] = value;
    return 0;
}

static int option_completion(struct options *o, const struct option *row, const char *value,
                             struct err *err)
{
    (void) row;
    o->completion = value;
    return complete_check(value, err);
}

/* --- the table ----------------------------------------------------------- */

#define MEMBER(m) ((unsigned) offsetof(struct options, m))

const char *const option_headings[SECTIONS] = {
    [SECTION_MEDIA] = "Disks",
    [SECTION_MACHINE] = "Machine",
    [SECTION_PORTS] = "Ports",
    [SECTION_RUN] = "Running",
    [SECTION_STEPS] = "Steps, done one after another in the order given",
    [SECTION_OUTPUT] = "Results",
    [SECTION_OTHER] = "Other",
    [SECTION_REPLAY] = "Replaying: reprise replay [OPTION]... TRACE [DISK]...",
    [SECTION_TEST] = "Testing: reprise test [OPTION]... FILE|DIR..., see 'man reprise-test'",
};

const char *const option_sections[SECTIONS] = {
    [SECTION_MEDIA] = "disks",
    [SECTION_MACHINE] = "machine",
    [SECTION_PORTS] = "ports",
    [SECTION_RUN] = "run",
    [SECTION_STEPS] = "steps",
    [SECTION_OUTPUT] = "results",
    [SECTION_OTHER] = NULL, /* for the command line only */
    [SECTION_REPLAY] = NULL,
    [SECTION_TEST] = NULL,
};

/* A row ends where it has nothing more to say. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

const struct option option_rows[] = {
    { "-fda", "FILE", SECTION_MEDIA, option_drive, DRIVE_FDA, "floppy image in drive A:" },
    { "-fdb", "FILE", SECTION_MEDIA, option_drive, DRIVE_FDB, "floppy image in drive B:" },
    { "-hda", "FILE", SECTION_MEDIA, option_drive, DRIVE_HDA, "first hard disk (primary master)" },
    { "-hdb", "FILE", SECTION_MEDIA, option_drive, DRIVE_HDB, "second hard disk (primary slave)" },
    { "-hdc", "FILE", SECTION_MEDIA, option_drive, DRIVE_HDC, "third hard disk (secondary master)" },
    { "-hdd", "FILE", SECTION_MEDIA, option_drive, DRIVE_HDD, "fourth hard disk (secondary slave)" },
    { "--swap", "FILE", SECTION_MEDIA, option_swap, 0,
      "floppy image that a key of the window puts into drive A; may be given again",
      .repeat = REPEAT_LIST },
    { "-cdrom", "FILE", SECTION_MEDIA, option_drive, DRIVE_CD,
      "disc in the CD-ROM drive; the drive is hdc, or the next free one of hdd, hda, hdb" },
    { "-chs", "[hdX:]C,H,S", SECTION_MEDIA, option_chs, 0,
      "cylinders, heads and sectors of a hard disk (hda unless said), "
      "instead of what its partition table tells",
      .repeat = REPEAT_ADD },
    { "-snapshot", NULL, SECTION_MEDIA, option_flag, MEMBER(snapshot),
      "keep what the guest writes in memory; image files stay as they are" },
    { "-boot", "ORDER", SECTION_MEDIA, option_boot, 0,
      "drives to try first: letters a (floppy), c (hard disk), d (CD-ROM)",
      .def = "acd" },

    { "-machine", "at|pc", SECTION_MACHINE, option_machine, 0,
      "board: at (ISA); pc (PCI) is not in this build",
      .def = "at" },
    { "-cpu", "MODEL[-MHZ]", SECTION_MACHINE, option_cpu, 0,
      "processor and clock, see below (pentium)",
      .def = "pentium" },
    { "-m", "MIB", SECTION_MACHINE, option_memory, 0, "memory in MiB, 1 to 1024 (32)",
      .def = "32" },
    { "-rtc", "base=DATE", SECTION_MACHINE, option_rtc, 0,
      "date at power-on: host (the default with a window), or as "
      "1996-01-01T00:00:00 (the default without)" },
    { "-bios", "FILE", SECTION_MACHINE, option_text, MEMBER(bios),
      "another system BIOS than the built-in one" },
    { "-vgabios", "FILE", SECTION_MACHINE, option_text, MEMBER(vgabios),
      "another video BIOS than the built-in one" },
    { "-no-reboot", NULL, SECTION_MACHINE, option_flag, MEMBER(no_reboot),
      "end (exit code 3) when the guest resets the machine" },
    { "--test-ports", NULL, SECTION_MACHINE, option_flag, MEMBER(test_ports),
      "port E9h prints to standard error; a byte v to port 501h ends the run: "
      "exit code 0 for 0, else 64+(v&63)" },

    { "-serial", "stdio|file:F|unix:F|null", SECTION_PORTS, option_serial, 0,
      "what COM1 is connected to; again for COM2",
      .def = "null",
      .repeat = REPEAT_LIST },
    { "-parallel", "file:F|null", SECTION_PORTS, option_parallel, 0,
      "where the printer port LPT1 prints",
      .def = "null" },

    { "-display", "none|sdl", SECTION_RUN, option_display, 0,
      "sdl: a window, the default where there is a display; none: no window",
      .rival = "--headless" },
    { "--headless", NULL, SECTION_RUN, option_headless, 0, "the same as -display none",
      .rival = "-display" },
    { "--fullscreen", NULL, SECTION_RUN, option_flag, MEMBER(fullscreen),
      "the window fills the screen" },
    { "--bind", "COMMAND=KEYS", SECTION_RUN, option_bind, 0,
      "other keys for a command of the window, see below; 'none' for none",
      .repeat = REPEAT_ADD },
    { "--load", "FILE", SECTION_RUN, option_text, MEMBER(load),
      "go on with a machine that --save saved; PATHs are where its disks may be now. With "
      "'reprise replay': begin in the middle of the trace" },
    { "--engine", "interp|jit", SECTION_RUN, option_engine, 0,
      "how guest code is run: jit: translated into code of this processor (the "
      "default where it can be done); interp: one instruction after the other, with "
      "the same results" },
    { "--rewind", "MIB", SECTION_RUN, option_rewind, 0,
      "memory for the past that the rewind key of the window goes back to; 0: none",
      .def = "100" },
    { "--speed", "real|max|FACTOR", SECTION_RUN, option_speed, 0,
      "real: as fast as the real machine (the default); max: as fast as the "
      "host can; 2: twice as fast as the real machine",
      .def = "real" },
    { "--timeout", "SECONDS", SECTION_RUN, option_timeout, 0,
      "give up (exit code 124) after so many seconds of the host's time" },

    { "--type", "TEXT", SECTION_STEPS, option_type, 0,
      "type on the keyboard: \\n Enter, \\t Tab, \\e Esc, \\\\ backslash, "
      "{F1} {Ctrl+C} {Alt+X} keys, {{ a brace",
      .repeat = REPEAT_ADD },
    { "--wait", "TEXT", SECTION_STEPS, option_wait, 0,
      "wait until a new or changed row of the screen has this text",
      .repeat = REPEAT_ADD },
    { "--until", "CONDITION", SECTION_STEPS, option_until, 0,
      "wait for poweroff, text:S on the screen, serial:S out of COM1, "
      "time:SECONDS or insns:N since power-on, mem:ADDRESS=BYTE or hash:SECTION=HASH (or !=); several in a row: any of "
      "them. As the last step it ends the run",
      .repeat = REPEAT_ADD },

    { "--screen-text", "FILE|-", SECTION_OUTPUT, option_text, MEMBER(screen_text),
      "at the end, write the screen as text" },
    { "--screenshot", "FILE.png", SECTION_OUTPUT, option_screenshot, MEMBER(screenshot),
      "at the end, write the screen as a picture" },
    { "--hash", NULL, SECTION_OUTPUT, option_flag, MEMBER(hash),
      "at the end, print the hash of the whole machine's state" },
    { "--stats", NULL, SECTION_OUTPUT, option_flag, MEMBER(stats),
      "at the end, print times and counts as one line of JSON" },
    { "--list-blocks", "FILE", SECTION_OUTPUT, option_text, MEMBER(list_blocks),
      "at the end, list the translated code beside the guest's, the most executed first" },
    { "--latency", NULL, SECTION_OUTPUT, option_flag, MEMBER(latency),
      "at the end, print how long keys of the window took to the guest's IRQ 1" },
    { "--save", "FILE", SECTION_OUTPUT, option_text, MEMBER(save),
      "at the end, save the whole machine, for --load. Its disks must keep what they hold: "
      "-snapshot, or overlays ('reprise disk create')" },
    { "--record", "TRACE", SECTION_OUTPUT, option_text, MEMBER(record),
      "record all inputs, as text, for 'reprise replay'; the ROMs are put beside it. "
      "A trace needs the disks as they were: -snapshot, or overlays ('reprise disk create')" },
    { "--checkpoint", "SECONDS", SECTION_OUTPUT, option_seconds, MEMBER(checkpoint),
      "virtual time between two checkpoints of a recording (10); 0: none but at the end",
      .def = "10" },

    { "--conf", "FILE", SECTION_OTHER, option_conf, 0,
      "read options from a file of lines 'option = value', again for more files; "
      "the command line wins over them" },
    { "--no-conf", NULL, SECTION_OTHER, option_flag, MEMBER(no_conf),
      "read no file without being told to: neither ~/.config/reprise/reprise.conf "
      "nor reprise.conf in the current folder" },
    { "--set", "KEY=VALUE", SECTION_OTHER, option_pair, 0, "the same as --KEY VALUE" },
    { "--print-config", NULL, SECTION_OTHER, option_flag, MEMBER(print_config),
      "print the options that files and command line give, as such a file, and end" },
    { "--completion", "bash|zsh|fish", SECTION_OTHER, option_completion, 0,
      "print a script that lets the shell complete these options, and end" },
    { "--help", NULL, SECTION_OTHER, option_flag, MEMBER(help), "print this and end" },
    { "--version", NULL, SECTION_OTHER, option_flag, MEMBER(version), "print the version and end" },

    { "--verify", NULL, SECTION_REPLAY, option_flag, MEMBER(verify),
      "compare the machine at each checkpoint; the first difference ends the replay "
      "(exit code 4) and is named" },
    { "--from", "SECONDS", SECTION_REPLAY, option_seconds, MEMBER(from),
      "compare from this virtual time on" },
    { "--to", "SECONDS", SECTION_REPLAY, option_seconds, MEMBER(to),
      "end at this virtual time instead of the trace's end" },
    { "--then-live", NULL, SECTION_REPLAY, option_flag, MEMBER(then_live),
      "do not end there: the machine is yours from then on" },

    { "-j", "N", SECTION_TEST, option_jobs, 0,
      "run so many tests at the same time (as many as there are processors)" },
    { "--only", "TEXT", SECTION_TEST, option_text, MEMBER(only),
      "run the tests that have this text in their name" },
    { "--shard", "I/N", SECTION_TEST, option_shard, 0,
      "run the I-th part of N, for N machines that share the work" },
    { "--images", "DIR", SECTION_TEST, option_images, 0,
      "look for disks in this folder too, after the test's own; may be given again",
      .repeat = REPEAT_ADD },
    { "--skip-missing", NULL, SECTION_TEST, option_flag, MEMBER(skip_missing),
      "a test whose disks are not there is skipped; else it has failed" },
    { "--update", NULL, SECTION_TEST, option_flag, MEMBER(update),
      "screens that differ from their goldens become the new goldens" },
    { "--output", "DIR", SECTION_TEST, option_text, MEMBER(output),
      "folder for what screenshot and snapshot write (the current one)" },
    { "--junit", "FILE", SECTION_TEST, option_text, MEMBER(junit), "write the result as JUnit XML" },
    { "--html", "FILE|DIR", SECTION_TEST, option_text, MEMBER(html),
      "write the result as one page with pictures; into a folder: index.html" },
    { "--boot-each", NULL, SECTION_TEST, option_flag, MEMBER(boot_each),
      "every test starts at power-on; else tests that begin alike share their beginning" },
    { "--from-trace", "TRACE", SECTION_TEST, option_text, MEMBER(from_trace),
      "print a test that does what a recording did, its inputs hanging on what is seen" },
};

const unsigned option_count = ARRAY_LEN(option_rows);

/* --- looking up ---------------------------------------------------------- */

const char *option_word(const struct option *row)
{
    return row->name + strspn(row->name, "-");
}

const struct option *option_find(const char *name)
{
    if (strcmp(name, "h") == 0)
        name = "help";
    for (unsigned i = 0; i < option_count; i++)
        if (strcmp(option_word(&option_rows[i]), name) == 0)
            return &option_rows[i];
    return NULL;
}

static const char *option_nth_word(const void *opaque, unsigned i)
{
    (void) opaque;
    return i < option_count ? option_word(&option_rows[i]) : NULL;
}

/* What the like is called elsewhere, or by people who guess. */
static const struct {
    const char *word, *here;
} option_elsewhere[] = {
    { "?", "help" }, { "V", "version" }, { "v", "version" }, { "usage", "help" }, { "info", "help" },
    { "memory", "m" }, { "mem", "m" }, { "ram", "m" }, { "memsize", "m" }, { "M", "machine" },
    { "mhz", "cpu" }, { "cycles", "cpu" }, { "cputype", "cpu" }, { "processor", "cpu" },
    { "floppy", "fda" }, { "a", "fda" }, { "b", "fdb" }, { "disk", "hda" }, { "hd", "hda" },
    { "drive", "hda" }, { "harddisk", "hda" }, { "cd", "cdrom" }, { "iso", "cdrom" },
    { "date", "rtc" }, { "time", "rtc" }, { "rom", "bios" }, { "readonly", "snapshot" },
    { "nographic", "headless" }, { "nogui", "headless" }, { "no-window", "headless" },
    { "window", "display" }, { "vnc", "display" }, { "printer", "parallel" }, { "com1", "serial" },
    { "fast", "speed" }, { "turbo", "speed" }, { "icount", "speed" }, { "c", "type" }, { "keys", "type" },
    { "send", "type" }, { "expect", "wait" }, { "exit", "until" }, { "text", "screen-text" },
    { "png", "screenshot" }, { "output", "screenshot" }, { "picture", "screenshot" },
    { "config", "conf" }, { "readconfig", "conf" }, { "noprimaryconf", "no-conf" },
    { "printconf", "print-config" }, { "writeconf", "print-config" }, { "rrfile", "record" },
};

const struct option *option_nearest(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(option_elsewhere); i++)
        if (strcmp(option_elsewhere[i].word, name) == 0)
            return option_find(option_elsewhere[i].here);
    return &option_rows[nearest_find(name, option_nth_word, NULL)];
}

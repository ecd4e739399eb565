/*
 * What the user asked for, from the command line and configuration files.
 * One table of options serves both, --help, and the nearest match.
 */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "board/machine.h"
#include "ctl/bindings.h"
#include "ctl/exit.h"
#include "ctl/model.h"
#include "ctl/steps.h"

enum drive {
    DRIVE_FDA, DRIVE_FDB, DRIVE_HDA, DRIVE_HDB, DRIVE_HDC, DRIVE_HDD,
    DRIVE_CD, DRIVES
};

enum engine_choice { ENGINE_BEST, ENGINE_INTERP, ENGINE_JIT };
enum display { DISPLAY_AUTO, DISPLAY_NONE, DISPLAY_SDL };

enum { OPTIONS_PATHS = 64, OPTIONS_CONFS = 128, OPTIONS_IMAGES = 16, RAM_MIB_MAX = 1024 };

/* Where an option comes from, later ones win over earlier ones: the files in
 * the order in which they are read, SOURCE_CONF and up, then the command line. */
enum option_source { SOURCE_NONE, SOURCE_CONF, SOURCE_ARGS = SOURCE_CONF + OPTIONS_CONFS + 2 };

struct option;

/* An option that was given, and where. */
struct option_given {
    const struct option *row;
    const char *value; /* as written */
    enum option_source source;
    const char *file; /* NULL: the command line */
    unsigned line;
};

/* What the first argument asks for. */
enum subcommand {
    SUBCOMMAND_NONE, SUBCOMMAND_REPLAY, SUBCOMMAND_SNAPSHOT, SUBCOMMAND_DISK, SUBCOMMAND_TEST, SUBCOMMAND_BISECT
};

struct options {
    enum subcommand subcommand;
    /* Strings are the caller's argv, or lie in conf. */
    const char *path[OPTIONS_PATHS];
    unsigned paths;
    const char *drive[DRIVES];
    enum option_source drive_source[DRIVES];
    struct disk_geometry chs[MACHINE_HARD_DISKS];
    bool chs_given[MACHINE_HARD_DISKS];
    bool snapshot;
    bool hold; /* raw images stay as they are: a snapshot needs them so */
    char boot[4]; /* "": not said */
    const char *bios, *vgabios;
    struct model model;
    enum engine_choice engine;
    unsigned ram_mib;
    bool rtc_given, rtc_host;
    int64_t rtc_base;
    bool no_reboot, test_ports;
    const char *serial[MACHINE_SERIALS], *parallel;
    unsigned serials;
    enum option_source serial_source;
    uint64_t speed;   /* millionths of real time; 0: as fast as it goes */
    uint64_t timeout; /* wall ns; 0: none */
    enum display display;
    bool fullscreen, latency;
    struct bindings bindings;
    const char *swap[MACHINE_SHELF]; /* floppies beside drive A */
    unsigned swaps;
    enum option_source swap_source;
    struct step_list steps;
    const char *screen_text, *screenshot;
    const char *list_blocks;
    bool stats, hash;
    const char *record, *save, *load;
    uint64_t checkpoint; /* ns of vtime between two checkpoints of a recording; 0: none */
    bool verify;         /* replay: compare at each checkpoint ... */
    bool then_live;      /* replay: the user takes over at its end */
    size_t rewind;       /* bytes for points in the past; 0: none */
    vtime from, to;      /* ... from here on; end here (0: at the trace's end) */
    /* test: */
    unsigned jobs; /* at the same time; 0: one a processor */
    const char *junit, *html, *output, *only, *from_trace;
    unsigned shard, shards; /* 1 to shards; 0: all tests */
    bool update, skip_missing, boot_each;
    const char *image[OPTIONS_IMAGES]; /* folders */
    unsigned images;
    bool help, version;
    bool no_conf, print_config;
    const char *completion; /* shell; NULL: none */
    /* Configuration: texts read, what they and the command line said, notes for the user. */
    const char *named_conf[OPTIONS_CONFS]; /* --conf */
    unsigned named;
    struct buf conf[OPTIONS_CONFS];
    unsigned confs;
    struct buf given;          /* struct option_given, in the order of being given */
    struct buf notes;          /* lines: what is wrong, but not so that nothing can be done */
    unsigned note_count;
    enum option_source source; /* of what is being read */
    const char *file;          /* likewise; NULL: the command line */
    unsigned line;
};

void options_init(struct options *o);
void options_free(struct options *o);

/* The files that are read without being named, lowest first; NULL: there is none. */
struct options_places {
    const char *user;   /* ~/.config/reprise/reprise.conf */
    const char *folder; /* reprise.conf in the current folder */
};

/* 0, or the exit code with a message.  Reads only files of --conf and of `places`. */
enum ctl_exit options_parse(struct options *o, int argc, char **argv,
                            const struct options_places *places, struct err *err);

/* As if `text` (NUL-terminated, changed, outlives `o`) were a file of --conf. */
enum ctl_exit options_parse_conf(struct options *o, const char *name, char *text, struct err *err);

/* The text of --print-config: as a file of --conf it gives the same again.
 * -1: a value that no line can hold. */
int options_print_config(const struct options *o, struct buf *out, struct err *err);

/* The user's file by the XDG Base Directory Specification, owned by the caller;
 * NULL where there is no home. */
char *options_user_conf(void);

/* The text of --help. */
void options_help(struct buf *out);

#endif

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
#include "ctl/exit.h"
#include "ctl/model.h"
#include "ctl/steps.h"

enum drive {
    DRIVE_FDA, DRIVE_FDB, DRIVE_HDA, DRIVE_HDB, DRIVE_HDC, DRIVE_HDD, DRIVES
};

enum { OPTIONS_PATHS = 64, OPTIONS_CONFS = 16, RAM_MIB_MAX = 1024 };

/* Where an option comes from: later ones win over earlier ones. */
enum option_source { SOURCE_NONE, SOURCE_CONF, SOURCE_ARGS };

struct options {
    /* Strings are the caller's argv, or lie in conf. */
    const char *path[OPTIONS_PATHS];
    unsigned paths;
    const char *drive[DRIVES];
    enum option_source drive_source[DRIVES];
    struct disk_geometry chs[MACHINE_HARD_DISKS];
    bool chs_given[MACHINE_HARD_DISKS];
    bool snapshot;
    char boot[4]; /* "": not said */
    const char *bios, *vgabios;
    struct model model;
    unsigned ram_mib;
    bool rtc_host;
    int64_t rtc_base;
    bool no_reboot, test_ports;
    const char *serial[MACHINE_SERIALS], *parallel;
    unsigned serials;
    enum option_source serial_source;
    uint64_t speed;   /* millionths of real time; 0: as fast as it goes */
    uint64_t timeout; /* wall ns; 0: none */
    struct step_list steps;
    const char *screen_text, *screenshot;
    bool stats, hash;
    bool help, version;
    /* Configuration files read. */
    struct buf conf[OPTIONS_CONFS];
    unsigned confs;
    enum option_source source; /* of what is being read */
};

void options_init(struct options *o);
void options_free(struct options *o);

/* 0, or the exit code with a message.  Reads only files of --conf. */
enum ctl_exit options_parse(struct options *o, int argc, char **argv, struct err *err);

/* As if `text` (NUL-terminated, changed, outlives `o`) were a file of --conf. */
enum ctl_exit options_parse_conf(struct options *o, const char *name, char *text, struct err *err);

/* The text of --help. */
void options_help(struct buf *out);

#endif

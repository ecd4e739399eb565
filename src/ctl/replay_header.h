/* The header of a trace: which machine it was made on. */
#ifndef CTL_REPLAY_HEADER_H
#define CTL_REPLAY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sha256.h"
#include "board/machine.h"
#include "ctl/options.h"

struct media;
struct media_demo;

struct replay_disk {
    bool present, read_only, demo;
    uint64_t sectors;
    struct disk_geometry geometry;
    char sum[SHA256_TEXT];
    uint64_t overlay; /* position in an overlay; 0: no overlay */
    char *path;       /* as it was recorded; owned */
    char *found;      /* where it is now; owned */
};

struct replay_header {
    bool has_timing, has_cpu, has_memory, has_rtc, has_boot;
    bool power_on; /* else: */
    char *snapshot; /* where it begins; owned; NULL: not said */
    char snapshot_sum[SHA256_TEXT];
    struct model model;
    bool fpu, test_ports;
    unsigned ram_mib;
    int64_t rtc_base;
    char boot[4];
    bool rom_found[MACHINE_ROMS];
    char *rom[MACHINE_ROMS]; /* NULL: this build's own; owned */
    struct replay_disk disk[MACHINE_DISKS];
};

/* A line "KEY VALUE" of the header of `trace`. */
int replay_header_add(struct replay_header *h, const char *trace, const char *key,
                      const char *value, size_t len, struct err *err);
void replay_header_free(struct replay_header *h);

/* -1: something is missing. */
int replay_header_check(const struct replay_header *h, const char *trace, struct err *err);
/* -1: of machines that are not the same. */
int replay_header_compare(const struct replay_header *a, const struct replay_header *b,
                          struct err *err);
/* The snapshot at which the trace begins, by content; owned by the caller. */
char *replay_header_find_snapshot(const struct replay_header *h, const char *trace,
                                  const struct options *o, unsigned first, struct err *err);

/* Looks for the disks, by content: paths of `o` from number `first` on, beside the trace,
 * where they were. */
int replay_header_find(struct replay_header *h, const char *trace, const struct options *o,
                       unsigned first, struct err *err);

/* Into options; paths of `o` from number `first` on are files to find the disks in. */
int replay_header_apply(struct replay_header *h, const char *trace, struct options *o,
                        unsigned first, const struct media_demo *demo, struct err *err);
/* The disks are open: overlays go back to where they were. */
int replay_header_place(const struct replay_header *h, const struct media *media, struct err *err);
void replay_header_configure(const struct replay_header *h, struct machine_config *cfg);

#endif

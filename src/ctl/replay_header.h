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

struct media_demo;

struct replay_disk {
    bool present, read_only, demo;
    uint64_t sectors;
    struct disk_geometry geometry;
    char sum[SHA256_TEXT];
    char *path; /* as it was recorded; owned */
};

struct replay_header {
    bool has_timing, has_cpu, has_memory, has_rtc, has_boot, has_power_on;
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

/* Into options; paths of `o` from number `first` on are files to find the disks in. */
int replay_header_apply(struct replay_header *h, const char *trace, struct options *o,
                        unsigned first, const struct media_demo *demo, struct err *err);
void replay_header_configure(const struct replay_header *h, struct machine_config *cfg);

#endif

/*
 * ROMs of a trace.
 *
 * A trace must outlive the firmware it was made with: the ROMs lie beside it,
 * under their hash, one file for all traces of a folder.
 */
#include "config.h"

#include "ctl/trace_rom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "host/file.h"

enum { ROM_MAX = 1 << 18 };

static const char *const rom_names[MACHINE_ROMS] = { "bios", "vgabios" };

static void rom_sum(const uint8_t *data, size_t len, char sum[SHA256_TEXT])
{
    struct sha256 s;

    sha256_init(&s);
    sha256_update(&s, data, len);
    sha256_text(&s, sum);
}

void trace_rom_put(struct buf *out, const struct machine_config *cfg, unsigned i)
{
    const uint8_t *data;
    size_t len;
    char sum[SHA256_TEXT];

    machine_rom(cfg, i, &data, &len);
    rom_sum(data, len, sum);
    buf_printf(out, "rom %s %zu %s\n", rom_names[i], len, sum);
}

static char *rom_path(const char *trace, unsigned i, const char *sum)
{
    const char *slash = strrchr(trace, '/');

    return xasprintf("%.*s%s-%s.rom", slash != NULL ? (int) (slash - trace + 1) : 0, trace,
                     rom_names[i], sum);
}

/* What lies there may be damaged: only the right content stays. */
static bool rom_is_there(const char *path, size_t len, const char *sum)
{
    struct buf old = { 0 };
    char have[SHA256_TEXT];
    struct err err;
    bool same;

    if (file_read(path, ROM_MAX, &old, &err) < 0)
        return false;
    rom_sum(old.data, old.len, have);
    same = old.len == len && strcmp(have, sum) == 0;
    buf_free(&old);
    return same;
}

int trace_rom_store(const char *trace, const struct machine_config *cfg, struct err *err)
{
    int rc = 0;

    for (unsigned i = 0; i < MACHINE_ROMS && rc == 0; i++) {
        const uint8_t *data;
        size_t len;
        char sum[SHA256_TEXT], *path;

        machine_rom(cfg, i, &data, &len);
        rom_sum(data, len, sum);
        path = rom_path(trace, i, sum);
        if (!rom_is_there(path, len, sum))
            rc = file_replace(path, data, len, err);
        free(path);
    }
    return rc;
}

int trace_rom_find(const char *trace, const char *value, unsigned *i, char **path, struct err *err)
{
    const struct machine_config built_in = { 0 };
    const uint8_t *data;
    char name[16], want[SHA256_TEXT], sum[SHA256_TEXT];
    size_t len, size;

    *path = NULL;
    if (sscanf(value, "%15s %zu %64s", name, &size, want) != 3 || strlen(want) != SHA256_TEXT - 1) {
        err_set(err, "the header line 'rom %.100s' is damaged", value);
        return -1;
    }
    for (*i = 0; *i < MACHINE_ROMS && strcmp(rom_names[*i], name) != 0; ++*i)
        ;
    if (*i == MACHINE_ROMS) {
        err_set(err, "a ROM '%s' is not known here", name);
        return -1;
    }
    machine_rom(&built_in, *i, &data, &len);
    rom_sum(data, len, sum);
    if (len == size && strcmp(sum, want) == 0)
        return 0;
    *path = rom_path(trace, *i, want);
    if (rom_is_there(*path, size, want))
        return 0;
    err_set(err, "the %s the trace was made with is not in this build, and '%s' is %s", name, *path,
            access(*path, F_OK) == 0 ? "damaged" : "missing");
    free(*path);
    *path = NULL;
    return -1;
}

/* From the header of a trace to the options of a machine. */
#include "config.h"

#include "ctl/replay_header.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"
#include "core/trace.h"
#include "ctl/media.h"
#include "ctl/number.h"
#include "ctl/trace_rom.h"
#include "host/file.h"
#include "host/image.h"
#include "host/overlay.h"

/* --- lines --------------------------------------------------------------- */

static int header_damaged(const char *key, const char *value, struct err *err)
{
    err_set(err, "the header line '%s %.100s' is damaged", key, value);
    return -1;
}

static int header_timing(struct replay_header *h, const char *value, struct err *err)
{
    uint64_t timing;

    if (!number_uint(value, UINT32_MAX, &timing))
        return header_damaged("timing", value, err);
    h->has_timing = true;
    if (timing == TIMING)
        return 0;
    err_set(err,
            "made with machine timing %u, this Reprise has timing %d: it replays in the version "
            "that made it; a test that shall outlive timing hangs on what is seen (reprise test)",
            (unsigned) timing, TIMING);
    return -1;
}

static int header_cpu(struct replay_header *h, const char *value, struct err *err)
{
    char name[24], fpu[8];

    if (sscanf(value, "%23s %" SCNu64 "/%" SCNu64 " %7s", name, &h->model.clock_num,
               &h->model.clock_den, fpu) != 4 ||
        h->model.clock_num == 0 || h->model.clock_num > UINT64_C(1) << 34 ||
        h->model.clock_den == 0 || h->model.clock_den > 1 << 16)
        return header_damaged("cpu", value, err);
    for (unsigned i = 0; i < CPU_MODELS; i++) {
        if (strcmp(model_name(i), name) != 0)
            continue;
        h->model.cpu = (enum cpu_model) i;
        h->fpu = strcmp(fpu, "fpu") == 0;
        h->has_cpu = true;
        return 0;
    }
    err_set(err, "made on a processor '%s', which is not in this build", name);
    return -1;
}

static int header_memory(struct replay_header *h, const char *value, struct err *err)
{
    uint64_t mib;

    if (!number_uint(value, RAM_MIB_MAX, &mib) || mib == 0)
        return header_damaged("memory", value, err);
    h->ram_mib = (unsigned) mib;
    h->has_memory = true;
    return 0;
}

static int header_rtc(struct replay_header *h, const char *value, struct err *err)
{
    uint64_t seconds;

    if (!number_uint(value, UINT64_C(1) << 40, &seconds))
        return header_damaged("rtc", value, err);
    h->rtc_base = (int64_t) seconds;
    h->has_rtc = true;
    return 0;
}

static int header_boot(struct replay_header *h, const char *value, struct err *err)
{
    size_t n = strlen(value);

    if (n == 0 || n > 3 || strspn(value, "acd") != n)
        return header_damaged("boot", value, err);
    memcpy(h->boot, value, n + 1);
    h->has_boot = true;
    return 0;
}

static int header_machine(const char *value, struct err *err)
{
    if (strcmp(value, "at") == 0)
        return 0;
    err_set(err, "made on the board '%.20s', which is not in this build", value);
    return -1;
}

static int header_disk(struct replay_header *h, const char *value, struct err *err)
{
    char name[16], mode[4];
    struct replay_disk d = { .present = true };
    unsigned i = 0;
    int at = 0, skip = 0;

    if (sscanf(value, "%15s %" SCNu64 " %" SCNu32 ",%" SCNu32 ",%" SCNu32 " %3s %64s %n", name,
               &d.sectors, &d.geometry.cylinders, &d.geometry.heads, &d.geometry.sectors, mode,
               d.sum, &at) != 7 || at == 0 || strlen(d.sum) != SHA256_TEXT - 1)
        return header_damaged("disk", value, err);
    while (i < MACHINE_DISKS && strcmp(machine_disk_name(i), name) != 0)
        i++;
    d.read_only = strcmp(mode, "ro") == 0;
    d.demo = strcmp(value + at, "demo") == 0;
    if (d.demo)
        at += 4;
    else if (strncmp(value + at, "file ", 5) == 0)
        at += 5;
    else if (sscanf(value + at, "overlay %" SCNu64 " %n", &d.overlay, &skip) == 1 && skip != 0)
        at += skip;
    else
        return header_damaged("disk", value, err);
    if (i == MACHINE_DISKS || h->disk[i].present)
        return header_damaged("disk", value, err);
    d.path = xstrdup(value + at);
    if (!trace_get_text(d.path)) {
        free(d.path);
        return header_damaged("disk", value, err);
    }
    h->disk[i] = d;
    return 0;
}

static int header_rom(struct replay_header *h, const char *trace, const char *value,
                      struct err *err)
{
    char *path;
    unsigned i;

    if (trace_rom_find(trace, value, &i, &path, err) < 0)
        return -1;
    if (h->rom_found[i]) {
        free(path);
        return header_damaged("rom", value, err);
    }
    h->rom_found[i] = true;
    h->rom[i] = path;
    return 0;
}

/* "power-on", or "snapshot SHA-256 NAME". */
static int header_begin(struct replay_header *h, const char *value, struct err *err)
{
    int at = 0;

    h->power_on = strcmp(value, "power-on") == 0;
    if (h->power_on)
        return 0;
    if (sscanf(value, "snapshot %64s %n", h->snapshot_sum, &at) != 1 || at == 0 ||
        strlen(h->snapshot_sum) != SHA256_TEXT - 1 || h->snapshot != NULL)
        return header_damaged("begin", value, err);
    h->snapshot = xstrdup(value + at);
    return trace_get_text(h->snapshot) ? 0 : header_damaged("begin", value, err);
}

static int header_value(struct replay_header *h, const char *trace, const char *key,
                        const char *value, struct err *err)
{
    if (strcmp(key, "timing") == 0)
        return header_timing(h, value, err);
    if (strcmp(key, "machine") == 0)
        return header_machine(value, err);
    if (strcmp(key, "cpu") == 0)
        return header_cpu(h, value, err);
    if (strcmp(key, "memory") == 0)
        return header_memory(h, value, err);
    if (strcmp(key, "rtc") == 0)
        return header_rtc(h, value, err);
    if (strcmp(key, "boot") == 0)
        return header_boot(h, value, err);
    if (strcmp(key, "disk") == 0)
        return header_disk(h, value, err);
    if (strcmp(key, "rom") == 0)
        return header_rom(h, trace, value, err);
    if (strcmp(key, "test-ports") == 0)
        h->test_ports = strcmp(value, "yes") == 0;
    else if (strcmp(key, "begin") == 0)
        return header_begin(h, value, err);
    else if (strcmp(key, "reprise-trace") != 0 && strcmp(key, "made-by") != 0 && strcmp(key, "at") != 0 &&
             strcmp(key, "checkpoints") != 0)
        return header_damaged(key, value, err);
    return 0;
}

int replay_header_add(struct replay_header *h, const char *trace, const char *key,
                      const char *value, size_t len, struct err *err)
{
    char *text = xasprintf("%.*s", (int) (len < 8192 ? len : 8192), value);
    int rc = header_value(h, trace, key, text, err);

    free(text);
    return rc;
}

void replay_header_free(struct replay_header *h)
{
    for (unsigned i = 0; i < MACHINE_ROMS; i++)
        free(h->rom[i]);
    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        free(h->disk[i].path);
        free(h->disk[i].found);
    }
    free(h->snapshot);
    memset(h, 0, sizeof *h);
}

/* --- files by content ---------------------------------------------------- */

/* Calls `fits` for each place where a file that was called `name` may be:
 * files that the user named, beside the trace, where it was.  Returns the
 * place, owned by the caller, or NULL. */
static char *header_find(const char *name, const char *trace, const struct options *o,
                         unsigned first, bool (*fits)(const void *opaque, const char *path),
                         const void *opaque)
{
    const char *slash = strrchr(trace, '/'), *base = strrchr(name, '/');
    char *beside;

    for (unsigned i = first; i < o->paths; i++)
        if (fits(opaque, o->path[i]))
            return xstrdup(o->path[i]);
    beside = xasprintf("%.*s%s", slash != NULL ? (int) (slash + 1 - trace) : 0, trace,
                       base != NULL ? base + 1 : name);
    if (fits(opaque, beside))
        return beside;
    free(beside);
    return fits(opaque, name) ? xstrdup(name) : NULL;
}

/* True if the image at `path` holds, or once held, what `d` says. */
static bool disk_fits(const void *opaque, const char *path)
{
    const struct replay_disk *d = opaque;
    struct image *img = NULL;
    char sum[SHA256_TEXT];
    struct err err;
    bool fits;

    if (access(path, F_OK) < 0 || image_open(&img, path, IMAGE_DISCARD, &err) < 0)
        return false;
    fits = image_kind(img) != PROBE_FOLDER &&
           image_file(img)->size / SECTOR_SIZE == d->sectors &&
           (image_overlay(img) != NULL) == (d->overlay != 0) &&
           (d->overlay == 0 || overlay_seek(image_overlay(img), d->overlay, &err) == 0) &&
           image_sum(img, sum, &err) == 0 && strcmp(sum, d->sum) == 0;
    image_close(img);
    return fits;
}

static int disk_missing(const struct replay_disk *d, unsigned i, const char *trace, struct err *err)
{
    struct image *img = NULL;

    /* What hinders us from looking is the better message. */
    if (access(d->path, F_OK) == 0 && image_open(&img, d->path, IMAGE_DISCARD, err) < 0)
        return -1;
    image_close(img);
    err_set(err,
            "%s: neither the files named nor '%s' is the disk of the recording (SHA-256 %.16s...): "
            "name it, beside '%s'",
            machine_disk_name(i), d->path, d->sum, trace);
    return -1;
}

static int disk_check_demo(const struct replay_disk *d, const struct media_demo *demo,
                           struct err *err)
{
    struct sha256 s;
    char sum[SHA256_TEXT];

    sha256_init(&s);
    sha256_update(&s, demo->data, demo->data != NULL ? demo->len : 0);
    sha256_text(&s, sum);
    if (strcmp(sum, d->sum) == 0)
        return 0;
    err_set(err, "made with the demo disk of another build (SHA-256 %.16s...)", d->sum);
    return -1;
}

int replay_header_find(struct replay_header *h, const char *trace, const struct options *o,
                       unsigned first, struct err *err)
{
    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        struct replay_disk *d = &h->disk[i];

        if (!d->present || d->demo)
            continue;
        d->found = header_find(d->path, trace, o, first, disk_fits, d);
        if (d->found == NULL)
            return disk_missing(d, i, trace, err);
    }
    return 0;
}

/* Disks beyond the drives are lists to swap, in their order. */
static int header_apply_disks(struct replay_header *h, const char *trace, struct options *o,
                              unsigned first, const struct media_demo *demo, struct err *err)
{
    const char *discs[MEDIA_IMAGES];
    unsigned n = 0;

    if (replay_header_find(h, trace, o, first, err) < 0)
        return -1;
    o->swaps = 0;
    for (unsigned drive = 0; drive < MEDIA_IMAGES; drive++) {
        unsigned i = media_disk(drive);
        struct replay_disk *d = &h->disk[i];

        if (!d->present || d->demo) {
            if (d->demo && disk_check_demo(d, demo, err) < 0)
                return -1;
            continue;
        }
        if (drive < DRIVES)
            o->drive[drive] = d->found;
        else if (drive < MEDIA_DISCS)
            o->swap[o->swaps++] = d->found;
        else
            discs[n++] = d->found;
        if (drive >= DRIVE_HDA && drive <= DRIVE_HDD) {
            o->chs[drive - DRIVE_HDA] = d->geometry;
            o->chs_given[drive - DRIVE_HDA] = true;
        }
    }
    o->paths = n;
    memcpy(o->path, discs, n * sizeof discs[0]);
    return 0;
}

int replay_header_check(const struct replay_header *h, const char *trace, struct err *err)
{
    if (h->has_timing && h->has_cpu && h->has_memory && h->has_rtc && h->has_boot &&
        h->rom_found[0] && h->rom_found[1])
        return 0;
    err_set(err, "'%s': the header is not whole", trace);
    return -1;
}

static bool snapshot_fits(const void *opaque, const char *path)
{
    char sum[SHA256_TEXT];
    struct err err;

    return access(path, F_OK) == 0 && file_sum(path, sum, &err) == 0 && strcmp(sum, opaque) == 0;
}

char *replay_header_find_snapshot(const struct replay_header *h, const char *trace,
                                  const struct options *o, unsigned first, struct err *err)
{
    char *path = header_find(h->snapshot, trace, o, first, snapshot_fits, h->snapshot_sum);

    if (path == NULL)
        err_set(err, "'%s' begins at the snapshot '%s' (SHA-256 %.16s...), which is neither there "
                     "nor beside it",
                trace, h->snapshot, h->snapshot_sum);
    return path;
}

static const char *rom_text(const char *path)
{
    return path != NULL ? path : "";
}

int replay_header_compare(const struct replay_header *a, const struct replay_header *b,
                          struct err *err)
{
    bool disks = true;

    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        disks = disks && a->disk[i].present == b->disk[i].present &&
                a->disk[i].sectors == b->disk[i].sectors;
    if (a->model.cpu == b->model.cpu && a->fpu == b->fpu && a->ram_mib == b->ram_mib &&
        a->rtc_base == b->rtc_base && a->test_ports == b->test_ports &&
        strcmp(a->boot, b->boot) == 0 && strcmp(rom_text(a->rom[0]), rom_text(b->rom[0])) == 0 &&
        strcmp(rom_text(a->rom[1]), rom_text(b->rom[1])) == 0 && disks)
        return 0;
    err_set(err, "it is of another machine than the trace");
    return -1;
}

int replay_header_apply(struct replay_header *h, const char *trace, struct options *o,
                        unsigned first, const struct media_demo *demo, struct err *err)
{
    if (replay_header_check(h, trace, err) < 0)
        return -1;
    o->model = h->model;
    o->ram_mib = h->ram_mib;
    o->rtc_host = false;
    o->rtc_base = h->rtc_base;
    o->test_ports = h->test_ports;
    memcpy(o->boot, h->boot, sizeof o->boot);
    o->bios = h->rom[0];
    o->vgabios = h->rom[1];
    return header_apply_disks(h, trace, o, first, demo, err);
}

int replay_header_place(const struct replay_header *h, const struct media *media, struct err *err)
{
    for (unsigned drive = 0; drive < MEDIA_IMAGES; drive++) {
        const struct replay_disk *d = &h->disk[media_disk(drive)];

        if (d->present && media->image[drive] != NULL)
            image_know_sum(media->image[drive], d->sum);
        if (d->present && d->overlay != 0 &&
            overlay_seek(image_overlay(media->image[drive]), d->overlay, err) < 0)
            return -1;
    }
    return 0;
}

void replay_header_configure(const struct replay_header *h, struct machine_config *cfg)
{
    cfg->fpu = h->fpu;
    cfg->rtc_base = h->rtc_base; /* with a window too */
    for (unsigned i = 0; i < MACHINE_FLOPPIES + MACHINE_HARD_DISKS + MACHINE_SHELF; i++) {
        struct disk_config *disk = i < MACHINE_FLOPPIES ? &cfg->floppy[i]
                                 : i < MACHINE_FLOPPIES + MACHINE_HARD_DISKS
                                     ? &cfg->hard_disk[i - MACHINE_FLOPPIES]
                                     : &cfg->shelf[i - MACHINE_FLOPPIES - MACHINE_HARD_DISKS];

        if (h->disk[i].present)
            disk->read_only = h->disk[i].read_only;
    }
}

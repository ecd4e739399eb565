/* From paths to the disks and ROMs of a machine. */
#include "config.h"

#include "ctl/media.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "ctl/hint.h"
#include "host/file.h"

enum {
    MEDIA_BIOS_MAX = 1 << 18,    /* what fits below 1 MiB beside adapters */
    MEDIA_BIOS_UNIT = 1 << 16,
    MEDIA_VGABIOS_MAX = 1 << 16,
};

/* What goes into a drive, or waits beside it. */
enum media_class { MEDIA_FLOPPY, MEDIA_HARD_DISK, MEDIA_CD };

static const struct {
    unsigned room;
    const char *plural;
    char boot;
} media_classes[] = {
    [MEDIA_FLOPPY] = { MACHINE_FLOPPIES + MACHINE_SHELF, "floppies", 'a' },
    [MEDIA_HARD_DISK] = { MACHINE_HARD_DISKS, "hard disks", 'c' },
    [MEDIA_CD] = { MACHINE_CDS, "CD-ROMs", 'd' },
};

static enum media_class media_class(unsigned drive)
{
    if (drive == DRIVE_CD || drive >= MEDIA_DISCS)
        return MEDIA_CD;
    return drive <= DRIVE_FDB || drive >= MEDIA_SHELF ? MEDIA_FLOPPY : MEDIA_HARD_DISK;
}

/* --- one image ----------------------------------------------------------- */

static const char *const media_absent[] = {
    [PROBE_FOLDER] = "a folder as a disk",
    [PROBE_PROGRAM] = "running a DOS program without a disk",
};

/* A second lock on one file would fail with a less helpful message. */
static int media_check_twice(const struct media *media, const char *path, struct err *err)
{
    for (unsigned i = 0; i < MEDIA_IMAGES; i++) {
        if (media->image[i] == NULL || !image_is(media->image[i], path))
            continue;
        err_set(err, "'%s' is given twice (the other one is '%s')", path,
                image_file(media->image[i])->name);
        return -1;
    }
    return 0;
}

static int media_check_floppy(const struct image *img, struct disk_geometry *geometry, struct err *err)
{
    const struct probe_file *file = image_file(img);

    if (image_kind(img) == PROBE_FOLDER)
        err_set(err, "'%s' is a directory, not a disk image", file->name);
    else if (probe_floppy(file->size, geometry))
        return 0;
    else if (file->size == 0)
        err_set(err, "'%s' is empty", file->name);
    else
        err_set(err, "'%s' (%llu bytes) is not a floppy image: exactly " PROBE_FLOPPY_SIZES,
                file->name, (unsigned long long) file->size);
    return -1;
}

static enum ctl_exit media_set_floppy(struct media *media, unsigned drive, struct image *img,
                                      struct err *err)
{
    if (media_check_floppy(img, &media->geometry[drive], err) < 0)
        return CTL_MEDIA;
    media->image[drive] = img;
    return CTL_OK;
}

static enum ctl_exit media_set_hard_disk(struct media *media, const struct options *o,
                                         unsigned drive, struct image *img, struct err *err)
{
    const struct probe_file *file = image_file(img);
    struct disk_geometry *g = &media->geometry[drive];
    unsigned disk = drive - DRIVE_HDA;
    uint64_t need, have = file->size / SECTOR_SIZE;

    if (probe_check_hard_disk(file, err) < 0)
        return CTL_MEDIA;
    *g = o->chs_given[disk] ? o->chs[disk] : probe_hard_disk(file);
    need = (uint64_t) g->cylinders * g->heads * g->sectors;
    if (need > have) {
        err_set(err, "-chs %u,%u,%u: '%s' has %llu sectors, not %llu", g->cylinders, g->heads,
                g->sectors, file->name, (unsigned long long) have, (unsigned long long) need);
        return CTL_MEDIA;
    }
    media->image[drive] = img;
    return CTL_OK;
}

static enum ctl_exit media_set_cd(struct media *media, unsigned drive, struct image *img,
                                  struct err *err)
{
    if (probe_check_cd(image_file(img), err) < 0)
        return CTL_MEDIA;
    media->image[drive] = img;
    return CTL_OK;
}

/* The next free drive for an image that was named without one: floppies fill
 * A and B, then the list to swap into A; discs the one drive, then its list. */
static enum ctl_exit media_choose(struct media *media, const struct image *img, unsigned *drive,
                                  struct err *err)
{
    enum probe_kind kind = image_kind(img);
    enum media_class class = MEDIA_FLOPPY;

    switch (kind) {
    case PROBE_UNKNOWN: probe_explain_unknown(image_file(img), err); return CTL_MEDIA;
    case PROBE_FOLDER:
    case PROBE_PROGRAM:
        err_set(err, "'%s': %s: not in this build", image_file(img)->name, media_absent[kind]);
        return CTL_USAGE;
    case PROBE_FLOPPY: break;
    case PROBE_HARD_DISK: class = MEDIA_HARD_DISK; break;
    case PROBE_ISO: class = MEDIA_CD; break;
    }
    for (unsigned i = 0; i < MEDIA_IMAGES; i++) {
        if (media->image[i] != NULL || media_class(i) != class)
            continue;
        if (media->boot[0] == '\0')
            media->boot[0] = media_classes[class].boot;
        *drive = i;
        return CTL_OK;
    }
    err_set(err, "'%s': a machine has room for no more than %d %s", image_file(img)->name,
            (int) media_classes[class].room, media_classes[class].plural);
    return CTL_USAGE;
}

/* drive MEDIA_IMAGES: the content decides. */
static enum ctl_exit media_set(struct media *media, const struct options *o, unsigned drive,
                               struct image *img, struct err *err)
{
    if (drive == MEDIA_IMAGES) {
        enum ctl_exit rc = media_choose(media, img, &drive, err);

        if (rc != CTL_OK)
            return rc;
    } else if (image_kind(img) == PROBE_FOLDER) {
        err_set(err, "'%s' is a directory, not a disk image", image_file(img)->name);
        return CTL_MEDIA;
    }
    switch (media_class(drive)) {
    case MEDIA_FLOPPY: return media_set_floppy(media, drive, img, err);
    case MEDIA_CD: return media_set_cd(media, drive, img, err);
    case MEDIA_HARD_DISK:
    default: return media_set_hard_disk(media, o, drive, img, err);
    }
}

static enum image_use media_use(const struct options *o)
{
    return o->snapshot ? IMAGE_DISCARD : o->hold ? IMAGE_HOLD : IMAGE_WRITE;
}

static enum ctl_exit media_open_one(struct media *media, const struct options *o, unsigned drive,
                                    const char *path, struct err *err)
{
    struct image *img = NULL;
    enum ctl_exit rc;

    if (media_check_twice(media, path, err) < 0)
        return CTL_MEDIA;
    if (drive == MEDIA_IMAGES)
        rc = image_open_any(&img, path, media_use(o), err) < 0 ? CTL_MEDIA : CTL_OK;
    else
        rc = image_open(&img, path, media_class(drive) == MEDIA_CD ? IMAGE_DISCARD : media_use(o),
                        err) < 0 ? CTL_MEDIA : CTL_OK;
    if (rc != CTL_OK && access(path, F_OK) != 0 && errno == ENOENT)
        hint_missing(path, err);
    if (rc != CTL_OK)
        return rc;
    rc = media_set(media, o, drive, img, err);
    if (rc != CTL_OK)
        image_close(img);
    return rc;
}

/* The swap list has its own places; floppies named without a drive fill the rest. */
static enum ctl_exit media_open_swaps(struct media *media, const struct options *o, struct err *err)
{
    enum ctl_exit rc = CTL_OK;

    for (unsigned i = 0; i < o->swaps && rc == CTL_OK; i++) {
        rc = media_open_one(media, o, MEDIA_SHELF + i, o->swap[i], err);
        if (rc != CTL_OK)
            err_prefix(err, "--swap");
    }
    return rc;
}

int media_open_floppy(const char *path, bool discard, struct disk_config *cfg, struct err *err)
{
    struct image *img = NULL;
    struct disk_geometry geometry;

    if (image_open(&img, path, discard ? IMAGE_DISCARD : IMAGE_WRITE, err) < 0)
        return -1;
    if (media_check_floppy(img, &geometry, err) < 0) {
        image_close(img);
        return -1;
    }
    image_attach(img, &geometry, cfg);
    return 0;
}

/* --- ROMs ---------------------------------------------------------------- */

static enum ctl_exit media_open_roms(struct media *media, const struct options *o, struct err *err)
{
    const struct buf *rom = &media->vgabios;

    if (o->bios != NULL && file_read(o->bios, MEDIA_BIOS_MAX, &media->bios, err) < 0)
        return CTL_MEDIA;
    if (o->bios != NULL && (media->bios.len == 0 || media->bios.len % MEDIA_BIOS_UNIT != 0)) {
        err_set(err, "'%s' (%zu bytes) is not a system BIOS: 64, 128, 192 or 256 KiB", o->bios,
                media->bios.len);
        return CTL_MEDIA;
    }
    if (o->vgabios != NULL && file_read(o->vgabios, MEDIA_VGABIOS_MAX, &media->vgabios, err) < 0)
        return CTL_MEDIA;
    if (o->vgabios != NULL && (rom->len < SECTOR_SIZE || load_le16(rom->data) != 0xaa55)) {
        err_set(err, "'%s' is not a video BIOS: it does not start with 55 AA", o->vgabios);
        return CTL_MEDIA;
    }
    return CTL_OK;
}

unsigned media_disk(unsigned drive)
{
    enum { SHELF = MACHINE_FLOPPIES + MACHINE_HARD_DISKS, CD = SHELF + MACHINE_SHELF };

    if (drive >= MEDIA_DISCS)
        return CD + 1 + drive - MEDIA_DISCS;
    if (drive == DRIVE_CD)
        return CD;
    return drive >= MEDIA_SHELF ? SHELF + drive - MEDIA_SHELF : drive;
}

bool media_is_cd(unsigned drive)
{
    return media_class(drive) == MEDIA_CD;
}

/* --- all of them --------------------------------------------------------- */

static enum ctl_exit media_open_demo(struct media *media, const struct media_demo *demo,
                                     struct err *err)
{
    if (demo->data == NULL || !probe_floppy(demo->len, &media->geometry[DRIVE_FDA])) {
        err_set(err, "no disk image given, and this build has no demo disk (see --help)");
        return CTL_MEDIA;
    }
    media->demo = demo;
    return CTL_OK;
}

/* Letters asked for (or the first path's), then the others. */
static void media_set_boot(struct media *media, const struct options *o)
{
    size_t n;

    if (o->boot[0] != '\0')
        memcpy(media->boot, o->boot, sizeof media->boot);
    n = strlen(media->boot);
    for (const char *c = "acd"; *c != '\0' && n < 3; c++)
        if (strchr(media->boot, *c) == NULL)
            media->boot[n++] = *c;
}

static enum ctl_exit media_check_chs(const struct media *media, const struct options *o,
                                     struct err *err)
{
    for (unsigned i = 0; i < MACHINE_HARD_DISKS; i++) {
        if (!o->chs_given[i] || media->image[DRIVE_HDA + i] != NULL)
            continue;
        err_set(err, "-chs: there is no disk hd%c", 'a' + (char) i);
        return CTL_USAGE;
    }
    return CTL_OK;
}

/* Disks have their places; the CD-ROM drive takes one that is left. */
static enum ctl_exit media_place_cd(struct media *media, struct err *err)
{
    static const enum drive order[] = { DRIVE_HDC, DRIVE_HDD, DRIVE_HDA, DRIVE_HDB };

    if (media->image[DRIVE_CD] == NULL)
        return CTL_OK;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (media->image[order[i]] != NULL)
            continue;
        media->cd_place = order[i] - DRIVE_HDA;
        return CTL_OK;
    }
    err_set(err, "'%s': four hard disks leave no place for a CD-ROM drive",
            image_file(media->image[DRIVE_CD])->name);
    return CTL_USAGE;
}

enum ctl_exit media_open(struct media *media, const struct options *o,
                         const struct media_demo *demo, struct err *err)
{
    enum ctl_exit rc = CTL_OK;
    bool any = o->paths != 0;

    memset(media, 0, sizeof *media);
    for (unsigned i = 0; i < DRIVES && rc == CTL_OK; i++) {
        if (o->drive[i] == NULL)
            continue;
        any = true;
        rc = media_open_one(media, o, i, o->drive[i], err);
    }
    if (rc == CTL_OK)
        rc = media_open_swaps(media, o, err);
    for (unsigned i = 0; i < o->paths && rc == CTL_OK; i++)
        rc = media_open_one(media, o, MEDIA_IMAGES, o->path[i], err);
    if (rc == CTL_OK)
        rc = media_check_chs(media, o, err);
    if (rc == CTL_OK)
        rc = media_place_cd(media, err);
    if (rc == CTL_OK && !any)
        rc = media_open_demo(media, demo, err);
    if (rc == CTL_OK)
        rc = media_open_roms(media, o, err);
    media_set_boot(media, o);
    if (rc != CTL_OK)
        media_close(media);
    return rc;
}

static struct disk_config *media_slot(struct machine_config *cfg, unsigned drive)
{
    if (drive >= MEDIA_DISCS)
        return &cfg->cd[drive - MEDIA_DISCS + 1];
    if (drive >= MEDIA_SHELF)
        return &cfg->shelf[drive - MEDIA_SHELF];
    if (drive == DRIVE_CD)
        return &cfg->cd[0];
    return drive <= DRIVE_FDB ? &cfg->floppy[drive] : &cfg->hard_disk[drive - DRIVE_HDA];
}

void media_configure(const struct media *media, struct machine_config *cfg)
{
    memcpy(cfg->boot, media->boot, sizeof cfg->boot);
    cfg->bios = media->bios.data;
    cfg->bios_len = media->bios.len;
    cfg->vgabios = media->vgabios.data;
    cfg->vgabios_len = media->vgabios.len;
}

void media_attach(struct media *media, struct machine_config *cfg)
{
    media_configure(media, cfg);
    for (unsigned i = 0; i < MEDIA_IMAGES; i++) {
        if (media->image[i] != NULL)
            image_attach(media->image[i], &media->geometry[i], media_slot(cfg, i));
        media->image[i] = NULL;
    }
    for (unsigned i = 0; i < MACHINE_CDS; i++)
        cfg->cd[i].read_only = true;
    if (media->demo != NULL)
        image_memory(media->demo->data, media->demo->len, &media->geometry[DRIVE_FDA],
                     &cfg->floppy[DRIVE_FDA]);
    cfg->cd_place = media->cd_place;
}

void media_close(struct media *media)
{
    for (unsigned i = 0; i < MEDIA_IMAGES; i++) {
        image_close(media->image[i]);
        media->image[i] = NULL;
    }
    buf_free(&media->bios);
    buf_free(&media->vgabios);
}

bool media_holds(const struct media *media, const char *path)
{
    for (unsigned i = 0; i < MEDIA_IMAGES; i++)
        if (media->image[i] != NULL && image_is(media->image[i], path))
            return true;
    return false;
}

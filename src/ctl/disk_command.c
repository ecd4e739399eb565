/* reprise disk: overlays, without a machine. */
#include "config.h"

#include "ctl/disk_command.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "host/file.h"
#include "host/image.h"
#include "host/overlay.h"

static int disk_create(const char *const *path, struct buf *out, struct err *err)
{
    (void) out;
    return image_make_overlay(path[0], path[1], err);
}

static const char *kind_name(const struct image *img)
{
    switch (image_kind(img)) {
    case PROBE_FLOPPY: return "floppy";
    case PROBE_ISO: return "CD-ROM";
    default: return "hard disk";
    }
}

static void disk_print(struct image *img, const char *sum, struct buf *out)
{
    const struct overlay *o = image_overlay(img);

    buf_printf(out, "%s: %s, %" PRIu64 " sectors\n", image_file(img)->name, kind_name(img),
               image_file(img)->size / SECTOR_SIZE);
    if (o != NULL) {
        buf_printf(out, "  overlay over: %s\n", image_file(image_base(img))->name);
        buf_printf(out, "  holds: %" PRIu64 " sectors, in %" PRIu64 " records\n", overlay_written(o),
                   overlay_records(o));
        buf_printf(out, "  position: %" PRIu64 "\n", overlay_length(o));
        if (overlay_torn(o) != 0)
            buf_printf(out, "  torn: %" PRIu64 " bytes, which were being written when the host stopped\n",
                       overlay_torn(o));
    }
    buf_printf(out, "  SHA-256: %s\n", sum);
}

static int disk_info(const char *const *path, struct buf *out, struct err *err)
{
    struct image *img = NULL;
    char sum[SHA256_TEXT];
    int rc = -1;

    if (image_open(&img, path[0], IMAGE_DISCARD, err) < 0)
        return -1;
    if (image_kind(img) == PROBE_FOLDER)
        err_set(err, "'%s' is a folder", path[0]);
    else
        rc = image_sum(img, sum, err);
    if (rc == 0)
        disk_print(img, sum, out);
    image_close(img);
    return rc;
}

/* Opening reads all of the log; the base is read for its sum. */
static int disk_check(const char *const *path, struct buf *out, struct err *err)
{
    struct image *img = NULL;
    char have[SHA256_TEXT], want[SHA256_TEXT];
    int rc = -1;

    if (image_open(&img, path[0], IMAGE_DISCARD, err) < 0)
        return -1;
    if (image_overlay(img) == NULL) {
        err_set(err, "'%s' is no overlay", path[0]);
    } else if (file_sum(image_file(image_base(img))->name, have, err) == 0) {
        sha256_hex(overlay_base(image_overlay(img))->sum, want);
        rc = strcmp(have, want) == 0 ? 0 : -1;
        if (rc < 0)
            err_set(err, "'%s': the base '%s' was changed (SHA-256 %.16s..., not %.16s...)", path[0],
                    image_file(image_base(img))->name, have, want);
    }
    if (rc == 0)
        buf_printf(out, "%s: good, %" PRIu64 " records%s\n", path[0],
                   overlay_records(image_overlay(img)),
                   overlay_torn(image_overlay(img)) != 0 ? ", a torn tail" : "");
    image_close(img);
    return rc;
}

static int disk_commit(const char *const *path, struct buf *out, struct err *err)
{
    (void) out;
    return image_commit(path[0], err);
}

static int disk_clone(const char *const *path, struct buf *out, struct err *err)
{
    struct image *img = NULL;
    int rc = -1;

    (void) out;
    if (image_open(&img, path[0], IMAGE_DISCARD, err) < 0)
        return -1;
    if (image_overlay(img) == NULL)
        err_set(err, "'%s' is no overlay: put one over it with 'reprise disk create'", path[0]);
    else
        rc = file_copy(path[0], path[1], err);
    image_close(img);
    return rc;
}

static const struct command_verb verbs[] = {
    { "create", "OVERLAY BASE", 2, false, disk_create },
    { "info", "FILE...", 1, true, disk_info },
    { "check", "OVERLAY...", 1, true, disk_check },
    { "commit", "OVERLAY", 1, false, disk_commit },
    { "clone", "OVERLAY NEW", 2, false, disk_clone },
};

enum ctl_exit disk_command(const struct options *o, struct err *err)
{
    return verb_run("disk", verbs, sizeof verbs / sizeof verbs[0], o, err);
}

/* --- any command of this kind ------------------------------------------------ */

static enum ctl_exit verb_usage(const char *command, const struct command_verb *verb, unsigned n,
                                struct err *err)
{
    struct buf text = { 0 };

    for (unsigned i = 0; i < n; i++)
        buf_printf(&text, "%s%s %s", i != 0 ? " | " : "", verb[i].name, verb[i].args);
    err_set(err, "reprise %s %.*s", command, (int) text.len, (const char *) text.data);
    buf_free(&text);
    return CTL_USAGE;
}

enum ctl_exit verb_run(const char *command, const struct command_verb *verb, unsigned n,
                       const struct options *o, struct err *err)
{
    struct buf text = { 0 };
    enum ctl_exit code = CTL_OK;
    unsigned i = 0;

    while (i < n && (o->paths == 0 || strcmp(verb[i].name, o->path[0]) != 0))
        i++;
    if (i == n || (verb[i].many ? o->paths < 2 : o->paths != 1 + verb[i].paths))
        return verb_usage(command, i < n ? &verb[i] : verb, i < n ? 1 : n, err);
    for (unsigned k = 1; k < o->paths && code == CTL_OK; k += verb[i].paths)
        if (verb[i].run(&o->path[k], &text, err) < 0)
            code = CTL_MEDIA;
    if (file_write_all(STDOUT_FILENO, text.data, text.len) < 0)
        code = CTL_HOST;
    buf_free(&text);
    return code;
}

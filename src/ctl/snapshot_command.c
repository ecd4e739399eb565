/* reprise snapshot: files of snapshots, without a machine. */
#include "config.h"

#include "ctl/snapshot_command.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/clock.h"
#include "ctl/disk_command.h"
#include "ctl/replay_header.h"
#include "ctl/save.h"
#include "ctl/trace_rom.h"
#include "host/file.h"
#include "host/snapshot_file.h"

static int snapshot_info(const char *const *path, struct buf *out, struct err *err)
{
    return save_info(path[0], out, err);
}

/* --- list ------------------------------------------------------------------ */

static int name_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* "at NS INSTRUCTIONS", "cpu MODEL ...", "memory MIB" out of what it says of the machine. */
static void list_line(const char *path, const struct snapshot *s, struct buf *out)
{
    char *text = xasprintf("%.*s", (int) s->about.len, (const char *) s->about.data), *save = NULL;
    uint64_t at = 0, insns = 0;
    char cpu[24] = "?";
    unsigned memory = 0;

    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        sscanf(line, "at %" SCNu64 " %" SCNu64, &at, &insns);
        sscanf(line, "cpu %23s", cpu);
        sscanf(line, "memory %u", &memory);
    }
    buf_printf(out, "%s: %s, %u MiB, at %" PRIu64 ".%09" PRIu64 " s, instruction %" PRIu64 "%s\n",
               path, cpu, memory, at / VTIME_SECOND, at % VTIME_SECOND, insns,
               s->timing == TIMING ? "" : ", of another timing");
    free(text);
}

/* All snapshots in a folder; what is none is not named. */
static int snapshot_list(const char *const *path, struct buf *out, struct err *err)
{
    struct dirent **entry = NULL;
    int n = scandir(path[0], &entry, NULL, name_order);

    if (n < 0) {
        err_errno(err, "'%s'", path[0]);
        return -1;
    }
    for (int i = 0; i < n; i++) {
        char *name = xasprintf("%s/%s", path[0], entry[i]->d_name);
        struct snapshot s;
        struct err ignored;

        if (snapshot_is(name) && snapshot_read(name, &s, &ignored) == 0) {
            list_line(name, &s, out);
            snapshot_free(&s);
        } else if (snapshot_is(name)) {
            buf_printf(out, "%s: %s\n", name, ignored.msg);
        }
        free(name);
        free(entry[i]);
    }
    free(entry);
    return 0;
}

/* --- delete ---------------------------------------------------------------- */

static int snapshot_delete(const char *const *path, struct buf *out, struct err *err)
{
    (void) out;
    if (access(path[0], F_OK) == 0 && !snapshot_is(path[0])) {
        err_set(err, "'%s' is no snapshot: it stays", path[0]);
        return -1;
    }
    if (unlink(path[0]) == 0)
        return 0;
    err_errno(err, "'%s'", path[0]);
    return -1;
}

/* --- clone ----------------------------------------------------------------- */

static int clone_file(const char *from, const char *folder, struct err *err)
{
    const char *slash = strrchr(from, '/');
    char *to = xasprintf("%s/%s", folder, slash != NULL ? slash + 1 : from);
    int rc = file_copy(from, to, err);

    free(to);
    return rc;
}

/* The snapshot last: where it is, all of it is. */
static int clone_all(const struct replay_header *h, const char *path, const char *folder,
                     struct err *err)
{
    char *to;
    int rc = 0;

    for (unsigned i = 0; i < MACHINE_DISKS && rc == 0; i++)
        if (h->disk[i].present && h->disk[i].overlay != 0)
            rc = clone_file(h->disk[i].found, folder, err);
    for (unsigned i = 0; i < MACHINE_ROMS && rc == 0; i++)
        if (h->rom[i] != NULL)
            rc = clone_file(h->rom[i], folder, err);
    if (rc < 0)
        return -1;
    to = xasprintf("%s/%s", folder, strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path);
    rc = file_copy(path, to, err);
    free(to);
    return rc;
}

/* A machine that goes on beside this one: snapshot and overlays; raw images are shared. */
static int snapshot_clone(const char *const *path, struct buf *out, struct err *err)
{
    struct replay_header h = { .has_cpu = false };
    int rc = -1;

    (void) out;
    if (save_find(path[0], &h, err) == 0) {
        if (mkdir(path[1], 0777) < 0)
            err_errno(err, "'%s'", path[1]);
        else
            rc = clone_all(&h, path[0], path[1], err);
    }
    replay_header_free(&h);
    return rc;
}

static const struct command_verb verbs[] = {
    { "info", "FILE...", 1, true, snapshot_info },
    { "list", "FOLDER...", 1, true, snapshot_list },
    { "delete", "FILE...", 1, true, snapshot_delete },
    { "clone", "FILE NEWFOLDER", 2, false, snapshot_clone },
};

enum ctl_exit snapshot_command(const struct options *o, struct err *err)
{
    if (o->paths == 1 && strcmp(o->path[0], "list") == 0) {
        struct options here = *o;

        here.path[here.paths++] = ".";
        return verb_run("snapshot", verbs, sizeof verbs / sizeof verbs[0], &here, err);
    }
    return verb_run("snapshot", verbs, sizeof verbs / sizeof verbs[0], o, err);
}

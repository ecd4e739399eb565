/* Play: files that the window writes, and images that are dropped on it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ctl/play_priv.h"
#include "ctl/save.h"
#include "host/file.h"
#include "host/png.h"
#include "host/text.h"
#include "host/wall.h"

enum { PLAY_FILES = 10000, PLAY_FILE_NAME = 32 };

/* The first free name with a number, in the current folder. */
static void play_free_name(const char *suffix, char *out)
{
    for (unsigned i = 1; i < PLAY_FILES; i++) {
        snprintf(out, PLAY_FILE_NAME, "reprise-%04u.%s", i, suffix);
        if (access(out, F_OK) < 0)
            return;
    }
}

static void play_saved(struct play *p, int rc, const char *name, const struct err *err)
{
    if (rc < 0)
        log_warn("%s", err->msg);
    play_notice(p, rc < 0 ? "%s" : "saved: %s", rc < 0 ? err->msg : name);
}

void play_save_picture(struct play *p)
{
    char name[PLAY_FILE_NAME];
    struct err err;

    if (p->shown->width == 0) {
        play_notice(p, "there is no picture yet");
        return;
    }
    play_free_name("png", name);
    play_saved(p, png_save(name, p->shown, &err), name, &err);
}

void play_save_text(struct play *p)
{
    const struct video_source *video = &frames_front(p->frames)->video;
    struct text_screen *screen;
    struct buf text = { 0 };
    char name[PLAY_FILE_NAME];
    struct err err;

    if (video->size == 0) {
        play_notice(p, "there is no picture yet");
        return;
    }
    screen = xmalloc(sizeof *screen);
    text_read(screen, video);
    text_print(screen, &text);
    play_free_name("txt", name);
    play_saved(p, file_replace(name, text.data, text.len, &err), name, &err);
    buf_free(&text);
    free(screen);
}

void play_save_machine(struct play *p)
{
    char name[PLAY_FILE_NAME];
    struct err err;

    play_free_name("snap", name);
    play_saved(p, save_write(p->run->save, name, p->run->machine, &err), name, &err);
}

/* --- dropped images -------------------------------------------------------- */

static bool play_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The number of the disk: one that is there already, else a free one; PLAY_DISKS: none. */
static unsigned play_find_place(const struct play *p, const char *path, bool *known)
{
    unsigned place = PLAY_DISKS;

    *known = false;
    for (unsigned i = PLAY_DISKS; i-- != 0;) {
        if (p->disk[i].path == NULL && i >= MACHINE_FLOPPIES)
            place = i;
        if (p->disk[i].path != NULL && play_same_file(p->disk[i].path, path)) {
            *known = true;
            return i;
        }
    }
    return place;
}

static int play_open_drop(struct play *p, const char *path, unsigned place, struct inbox_item *item,
                          struct err *err)
{
    struct disk_config *cfg;

    if (place == PLAY_DISKS) {
        err_set(err, "'%s': no more than %d disks beside the drives", path, MACHINE_SHELF);
        return -1;
    }
    cfg = xcalloc(1, sizeof *cfg);
    if (media_open_floppy(path, p->options->snapshot, cfg, err) < 0) {
        free(cfg);
        return -1;
    }
    p->disk[place].path = xstrdup(path);
    item->what = ITEM_ADD;
    item->data = cfg;
    return 0;
}

void play_drop(struct play *p, const char *path)
{
    bool known;
    unsigned place = play_find_place(p, path, &known);
    struct inbox_item item = { .what = ITEM_INSERT, .arg = { place }, .wall = wall_now() };
    struct err err;

    if (known && place == 1) {
        play_notice(p, "'%s' is in drive B", path);
        return;
    }
    if (!known && play_open_drop(p, path, place, &item, &err) < 0) {
        log_warn("%s", err.msg);
        play_notice(p, "%s", err.msg);
        return;
    }
    inbox_put(p->inbox, &item, false);
    p->inserted = place;
    play_list_disks(p);
}

/* Guesses about file names that lead nowhere. */
#include "config.h"

#include "ctl/hint.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/nearest.h"

enum { HINT_ENTRIES = 10000 }; /* looked at in a folder */

__attribute__((format(printf, 2, 3)))
static void hint_add(struct err *err, const char *fmt, ...)
{
    size_t used = strlen(err->msg);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(err->msg + used, sizeof err->msg - used, fmt, ap);
    va_end(ap);
    for (char *p = err->msg + used; *p != '\0'; p++)
        if ((unsigned char) *p < ' ' || *p == 0x7f)
            *p = '?';
}

/* The name in `folder` that is almost `name`; owned by the caller, NULL: none. */
static char *hint_scan(const char *folder, const char *name)
{
    DIR *dir = opendir(folder);
    char *best = NULL;
    unsigned least = nearest_limit(name);
    struct dirent *entry;

    if (dir == NULL)
        return NULL;
    for (unsigned i = 0; i < HINT_ENTRIES && (entry = readdir(dir)) != NULL; i++) {
        unsigned d = nearest_letters(name, entry->d_name);

        /* Folders have no order: of equals, the first of the alphabet. */
        if (d > least || (d == least && best != NULL && strcmp(best, entry->d_name) <= 0) ||
            strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        least = d;
        free(best);
        best = xstrdup(entry->d_name);
    }
    closedir(dir);
    return best;
}

static void hint_similar(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = xstrdup(slash == NULL ? "." : path), *found, *whole;

    if (slash != NULL)
        folder[slash == path ? 1 : slash - path] = '\0';
    found = hint_scan(folder, slash == NULL ? path : slash + 1);
    if (found != NULL) {
        whole = slash == NULL ? xstrdup(found) : xasprintf("%.*s%s", (int) (slash + 1 - path), path, found);
        hint_add(err, "; the nearest is '%.200s'", whole);
        free(whole);
    }
    free(found);
    free(folder);
}

void hint_missing(const char *path, struct err *err)
{
    /* En and em dash, as text processors put them for "--". */
    if (strncmp(path, "\xe2\x80\x93", 3) == 0 || strncmp(path, "\xe2\x80\x94", 3) == 0)
        hint_add(err, "; options begin with -, not with a long dash");
    else if (path[0] == '-')
        hint_add(err, "; is the value of the option before '%.60s' missing?", path);
    else if (strcmp(path, "help") == 0 || strcmp(path, "/?") == 0)
        hint_add(err, "; see 'reprise --help'");
    else if (strstr(path, "://") != NULL)
        hint_add(err, "; an address is not a file: fetch it first");
    else
        hint_similar(path, err);
}

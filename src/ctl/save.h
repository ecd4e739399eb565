/* --save and --load: the whole machine as a file. */
#ifndef CTL_SAVE_H
#define CTL_SAVE_H

#include <stdbool.h>

#include "base/err.h"
#include "board/machine.h"
#include "ctl/exit.h"
#include "ctl/media.h"
#include "ctl/options.h"

struct save;

/* What the machine is, for snapshots to say; before the media are handed over.  All outlive it. */
struct save *save_new(const struct options *o, const struct media *media,
                      const struct machine_config *cfg);
/* Also in the middle of a run, between two slices. */
int save_write(const struct save *s, const char *path, struct machine *m, struct err *err);
void save_free(struct save *s);

struct load;
struct replay_header;

/* Reads --load and turns what it says of the machine into options, like a trace's header. */
int load_open(struct load **out, struct options *o, const struct media_demo *demo, struct err *err);
struct replay_header *load_machine(struct load *l);
int load_start(struct load *l, struct machine *m, struct err *err);
void load_free(struct load *l);

/* What a snapshot says of its machine, with its disks looked for beside it and
 * where they were.  The caller frees `h`, also after a failure. */
int save_find(const char *path, struct replay_header *h, struct err *err);

/* reprise snapshot info FILE: adds what is in it. */
int save_info(const char *path, struct buf *out, struct err *err);

#endif

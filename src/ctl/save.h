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

/* Before the media are handed over: what the machine is, for the file to say. */
enum ctl_exit save_open(struct save **out, const struct options *o, const struct media *media,
                        const struct machine_config *cfg, struct err *err);
/* `path` NULL: where --save says; else beside that, for the ROMs lie there. */
int save_write(const struct save *s, const char *path, struct machine *m, struct err *err);
void save_free(struct save *s);

struct load;

/* Reads --load and turns what it says of the machine into options, like a trace's header. */
int load_open(struct load **out, struct options *o, const struct media_demo *demo, struct err *err);
void load_configure(const struct load *l, struct machine_config *cfg);
int load_start(struct load *l, struct machine *m, struct err *err);
void load_free(struct load *l);

/* reprise snapshot info FILE: adds what is in it. */
int save_info(const char *path, struct buf *out, struct err *err);

#endif

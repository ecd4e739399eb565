/* --record: the journal's text, written as it happens. */
#ifndef CTL_RECORD_H
#define CTL_RECORD_H

#include <stdbool.h>

#include "base/err.h"
#include "board/machine.h"
#include "ctl/exit.h"
#include "ctl/media.h"
#include "ctl/options.h"

struct record;

/* The lines that say what machine it is, without "begin"; `media` are those the machine has. */
int record_put_header(struct buf *out, const struct options *o, const struct media *media,
                      const struct machine_config *cfg, struct err *err);
/* What the guest writes must stay out of the images: or the code and a message for `option`. */
enum ctl_exit record_check_media(const char *option, const struct media *media, struct err *err);

/* Header and ROMs; media not yet handed to `cfg`, all else of it filled in.
 * Nothing is written when it fails for what the user asked. */
enum ctl_exit record_open(struct record **out, const struct options *o, const struct media *media,
                          const struct machine_config *cfg, struct err *err);

/* Before the first instruction: what `m` takes in is recorded. */
void record_start(struct record *r, struct machine *m);

/* The next checkpoint; record_look when the run stopped there. */
vtime record_next_time(const struct record *r);
void record_look(struct record *r);

/* From now on it can follow the machine back in time.  False: it can't, its file is
 * no file but a pipe. */
bool record_keep(struct record *r);
/* The machine stands at an earlier time again: the trace ends there, and goes on. */
void record_went_back(struct record *r);

/* The run is over, after `stop`; -1: the trace could not be written to its end. */
int record_finish(struct record *r, enum machine_stop stop);
void record_free(struct record *r);

#endif

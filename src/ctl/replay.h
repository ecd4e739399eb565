/* reprise replay: a machine that lives through a trace again. */
#ifndef CTL_REPLAY_H
#define CTL_REPLAY_H

#include <stdbool.h>

#include "base/err.h"
#include "board/machine.h"
#include "ctl/exit.h"
#include "ctl/options.h"

struct media_demo;
struct replay;
struct replay_header;

/*
 * Reads the trace that is the first path of `o`, and turns its header into
 * options: machine, ROMs, disks found by content among the other paths or where
 * they were.  A trace that begins at a snapshot, or an o->load, names a snapshot
 * in o->load, which says these things instead.  0, or the exit code with a message.
 */
enum ctl_exit replay_open(struct replay **out, struct options *o, const struct media_demo *demo,
                          struct err *err);
void replay_free(struct replay *r);

/* What the trace says of the machine. */
struct replay_header *replay_machine(struct replay *r);

/* The machine takes its inputs from the trace.  -1: it does not know one. */
int replay_start(struct replay *r, struct machine *m, struct err *err);

/* When it ends. */
vtime replay_end_time(const struct replay *r);

/* Does a file begin like a trace? */
bool replay_is_trace(const char *path);

/* Where the run must stop for replay_look: a time, a number of instructions. */
vtime replay_next_time(const struct replay *r);
uint64_t replay_next_insns(const struct replay *r);

/* True: the replay is over, with this exit code; a mismatch has been told. */
bool replay_look(struct replay *r, enum machine_stop stop, enum ctl_exit *code);

/* The machine stands at an earlier time again. */
void replay_went_back(struct replay *r);

/* The run ended for reason `code`: says what was verified.  The code to end with. */
enum ctl_exit replay_finish(struct replay *r, enum ctl_exit code);

#endif

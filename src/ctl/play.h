/*
 * Play: a machine in a window.
 *
 * Two threads: the machine's runs the loop of run.h; the window's shows
 * pictures and turns keys into items.  They share three picture buffers and an
 * inbox.  The machine's thread never calls the window's library and never
 * waits for it; so a window that is slow, frozen or lost changes nothing.
 */
#ifndef CTL_PLAY_H
#define CTL_PLAY_H

#include "base/err.h"
#include "ctl/media.h"
#include "ctl/options.h"
#include "ctl/run.h"

struct play;

/* Opens the window.  -1: no display, no permission. */
int play_open(struct play **out, const struct options *o, struct err *err);
void play_close(struct play *p);

/* Before media_attach: the floppies that can be swapped. */
void play_name_disks(struct play *p, const struct media *media);

/* For struct machine_config: the processor took IRQ 1. */
void play_key_irq(void *opaque);

/* As run_machine.  Returns when the window is closed or the run is over. */
enum ctl_exit play_run(struct play *p, struct run *run);

#endif

/*
 * A whole machine as ctl and main see it: made from a configuration, run in
 * slices of virtual time, asked for its screen, state and disks.
 *
 * A machine is a value with one thread; several may live in one process.
 */
#ifndef BOARD_MACHINE_H
#define BOARD_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/audio.h"
#include "core/disk.h"
#include "core/journal.h"
#include "core/sched.h"
#include "core/serial.h"
#include "core/state.h"
#include "core/video.h"
#include "cpu/cpu.h"
#include "jit/jit.h"

enum { MACHINE_FLOPPIES = 2, MACHINE_HARD_DISKS = 4, MACHINE_SHELF = 8, MACHINE_SERIALS = 2 };
enum { MACHINE_CDS = 4 }; /* discs; there is one drive */

struct machine_config {
    enum cpu_model cpu;
    bool fpu;                      /* an x87: see struct cpu_config */
    bool translate;                /* else everything is interpreted, */
    bool may_interpret;            /* also when the host refuses memory for code */
    const struct jit_knobs *knobs; /* for tests; NULL: as usual */
    bool list_blocks;              /* translated code counts: for machine_list_blocks() */
    uint64_t clock_num, clock_den; /* CPU clock in Hz */
    unsigned ram_mib;              /* 1 to 1024 */
    int64_t rtc_base;              /* seconds from 1970-01-01T00:00:00 to power-on, local time */
    char boot[4];                  /* boot order, e.g. "ac": letters a, c, d */
    bool test_ports;
    /* ROM images; NULL: our own.  Not owned, copied. */
    const uint8_t *bios, *vgabios;
    size_t bios_len, vgabios_len;
    /* Media: name and state of each disk are set by the machine, which owns
     * them from here on (also when machine_new fails).  ops NULL: no disk. */
    struct disk_config floppy[MACHINE_FLOPPIES];
    struct disk_config hard_disk[MACHINE_HARD_DISKS];
    /* More diskettes: input "fd0" "insert" N puts in number N, counted over
     * floppy[] and then shelf[]. */
    struct disk_config shelf[MACHINE_SHELF];
    /* CD-ROMs, read only, in sectors of 512 bytes like every disk.  With at least one the
     * machine has a drive in place of hard_disk[cd_place], which must be free;
     * cd[0], if there, is in it.  Input "cd0" "insert" N puts in number N. */
    struct disk_config cd[MACHINE_CDS];
    unsigned cd_place;
    struct serial_sink serial[MACHINE_SERIALS];
    struct serial_sink parallel;
    struct serial_sink debug_console; /* port E9h, with test_ports */
    struct audio_sink *audio;         /* may be NULL */
    /* The processor takes IRQ 1: for measuring; may be NULL. */
    void (*key_irq)(void *opaque);
    void *key_opaque;
};

enum machine_stop {
    MACHINE_SLICE,     /* the slice, or the instruction count, is at its end */
    MACHINE_POWEROFF,  /* the guest switched the power off; virtual time stands until an input */
    MACHINE_RESET,     /* the guest reset the machine; run again to let it boot */
    MACHINE_HALTED,    /* HLT with interrupts off; virtual time stands at the slice's end */
    MACHINE_TEST_EXIT, /* guest wrote to port 501h: machine_test_exit() */
};

struct machine;

/* What goes into the sockets: number 0 the system BIOS, 1 the video BIOS. */
enum { MACHINE_ROMS = 2 };
void machine_rom(const struct machine_config *cfg, unsigned i, const uint8_t **data, size_t *len);

struct machine *machine_new(const struct machine_config *cfg, struct err *err);
void machine_free(struct machine *m);

/* Runs to the first instruction at or after `until`, or until `insns`
 * instructions have retired since power-on (UINT64_MAX: no limit). */
enum machine_stop machine_run(struct machine *m, vtime until, uint64_t insns);
uint8_t machine_test_exit(const struct machine *m);
/* Input "machine" "power-on" is for this state. */
bool machine_powered_off(const struct machine *m);

/* Silent: what the guest sends to its ports is dropped.  For living through it again. */
void machine_set_silent(struct machine *m, bool silent);

vtime machine_now(const struct machine *m);
uint64_t machine_insns(const struct machine *m);
bool machine_idle(const struct machine *m); /* in HLT */
vtime machine_next_input(const struct machine *m); /* VTIME_NEVER: none waits */

/* Has this build a translator for this host? */
bool machine_can_translate(void);

/* For tests; what is translated already stays.  Nothing happens with the interpreter. */
void machine_set_knobs(struct machine *m, const struct jit_knobs *knobs);
/* NULL: nothing is translated. */
const struct jit_stats *machine_jit_stats(const struct machine *m);
/* As jit_list(); nothing with the interpreter. */
void machine_list_blocks(const struct machine *m, jit_list_fn *each, void *opaque);
/* As jit_slowest(); 0 with the interpreter. */
unsigned machine_jit_slowest(const struct machine *m, struct jit_slow out[JIT_SLOW]);

/* Inputs: "kbd" "key" (code, down), ... see each chip's journal_kind table. */
struct journal *machine_journal(struct machine *m);
struct state *machine_state(struct machine *m);
const struct video_source *machine_video(const struct machine *m);

/* Disks in order floppy[], hard_disk[], shelf[], cd[]; NULL where there is none. */
struct disk *machine_disk(struct machine *m, unsigned i);
const char *machine_disk_name(unsigned i); /* as in inputs and in the state: "fd0" */
enum { MACHINE_DISKS = MACHINE_FLOPPIES + MACHINE_HARD_DISKS + MACHINE_SHELF + MACHINE_CDS };

/*
 * A diskette that was not there at power-on, as number `n` of "fd0" "insert" n
 * (MACHINE_FLOPPIES and up, a free one).  Owns cfg's image from here on, also
 * on failure.  The state hash covers it from now on.
 */
int machine_add_floppy(struct machine *m, unsigned n, const struct disk_config *cfg, struct err *err);

/* Guest physical memory as bytes, for the typing step and tools. Has no effect on the guest. */
void machine_peek(struct machine *m, uint32_t addr, void *buf, size_t len);
/* True once the 8042 is enabled and IRQ 1 is unmasked: the guest listens to keys. */
bool machine_keyboard_ready(const struct machine *m);

#endif

/*
 * The board `at`: an ISA machine of the PC AT kind.  Knows which chips exist,
 * their ports, interrupt and DMA wiring, and what RESET reaches.
 */
#ifndef BOARD_AT_H
#define BOARD_AT_H

#include <stdbool.h>
#include <stdint.h>

#include "board/machine.h"
#include "core/bus.h"

struct at_config {
    const struct machine_config *machine; /* used during at_new only */
    struct sched *sched;
    struct bus *bus;
    struct state *state;
    struct journal *journal;
    struct cpu *cpu;
    struct disk *const *disk; /* MACHINE_DISKS of them; NULL where there is none */
    /* Something that ends a run: power off, reset, exit port. */
    void (*stop)(void *opaque, enum machine_stop why);
    void *opaque;
};

struct at;

struct at *at_new(const struct at_config *cfg);
void at_free(struct at *at);

void at_reset(struct at *at);        /* RESET of every chip and the processor */
void at_power_on(struct at *at);     /* ... after the power was off: video memory is empty too */
void at_shutdown_cycle(struct at *at); /* the processor met a triple fault */
uint8_t at_intack(struct at *at);
void at_set_ferr(struct at *at, int level); /* the processor's FERR# */

/* The vector with which the processor is told of IRQ 1. */
bool at_is_keyboard_vector(const struct at *at, uint8_t vector);
/* A diskette for the shelf: number n, free until now. */
void at_add_floppy(struct at *at, unsigned n, struct disk *disk);
bool at_powered_off(const struct at *at);
uint8_t at_test_exit(const struct at *at);
bool at_keyboard_ready(const struct at *at);
const struct video_source *at_video(const struct at *at);

#endif

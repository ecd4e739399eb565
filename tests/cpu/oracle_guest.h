/* Our side of the silicon oracle: the interpreter or the translator, ring 3 under page tables. */
#ifndef CPU_ORACLE_GUEST_H
#define CPU_ORACLE_GUEST_H

#include "cpu/oracle_world.h"

struct oracle_guest;
struct model;

/* With `translate` by translated code, from the first execution on; NULL: there is no translator. */
struct oracle_guest *oracle_guest_new(bool translate);
void oracle_guest_free(struct oracle_guest *g);

const struct model *oracle_guest_model(const struct oracle_guest *g);
void oracle_guest_segments(struct oracle_guest *g, const struct oracle_seg *seg);
const uint8_t *oracle_guest_data(const struct oracle_guest *g);
/* As a device would: streams that go astray execute it. */
void oracle_guest_set_data(struct oracle_guest *g, const uint8_t *data);
/* Changes bytes of the code. */
void oracle_guest_code(struct oracle_guest *g, unsigned off, const uint8_t *bytes, unsigned len);
/* 4096 bytes: what lies at PAD_BASE. */
void oracle_guest_pad(struct oracle_guest *g, const uint8_t *bytes);

/* Runs from *in until an exception; returns the instructions that were completed. */
unsigned long oracle_guest_run(struct oracle_guest *g, const struct oracle_state *in, struct oracle_state *out);

/*
 * The same, telling EIP and CS of each instruction before it runs, one
 * iteration of a string instruction at a time.  The callback ends it with false.
 */
typedef bool oracle_watch(void *opaque, uint16_t cs, uint32_t eip, const uint32_t *gpr, uint32_t eflags);
void oracle_guest_watch(struct oracle_guest *g, const struct oracle_state *in, oracle_watch *watch, void *opaque);

#endif

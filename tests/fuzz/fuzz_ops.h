/*
 * What the chip fuzz targets share: bytes become port accesses, time steps and
 * round trips of the state on a rig.  Nothing else decides what happens.
 */
#ifndef FUZZ_OPS_H
#define FUZZ_OPS_H

#include <stdio.h>
#include <stdlib.h>

#include "support/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
    const uint8_t *p, *end;
    const uint16_t *ports;
    unsigned n;
    bool forged; /* lines and chips need not agree any more */
};

static inline uint8_t fuzz_u8(struct fuzz *f)
{
    return f->p < f->end ? *f->p++ : 0;
}

static inline uint16_t fuzz_u16(struct fuzz *f)
{
    uint16_t low = fuzz_u8(f);

    return (uint16_t) (low | fuzz_u8(f) << 8);
}

static inline void fuzz_roundtrip(struct rig *rig)
{
    const char *wrong = rig_roundtrip(rig);

    if (wrong != NULL) {
        fprintf(stderr, "state: %s\n", wrong);
        abort();
    }
}

/* A state with some bytes forged: taken or refused, it must do no harm. */
static inline void fuzz_forge(struct fuzz *f, struct rig *rig)
{
    struct buf b = { 0 };
    struct err err;

    state_save(rig->state, &b);
    for (unsigned n = fuzz_u8(f) & 7; n != 0; n--) {
        size_t at = fuzz_u16(f) % b.len;

        b.data[at] = fuzz_u8(f);
    }
    state_load(rig->state, b.data, b.len, &err);
    f->forged = true;
    buf_free(&b);
}

/* One step; false when the input is used up or the step is the chip's own
 * (*own: 0 to 63). */
static inline bool fuzz_step(struct fuzz *f, struct rig *rig, unsigned *own)
{
    uint8_t op = fuzz_u8(f);
    uint16_t port = f->ports[fuzz_u8(f) % f->n];

    switch (op >> 5) {
    case 0:
    case 1:
    case 2: rig_out(rig, port, fuzz_u8(f)); return true;
    case 3: rig_in(rig, port); return true;
    case 4: rig_run(rig, (uint64_t) fuzz_u16(f) * (op & 1 ? 10 : 200)); return true;
    case 5:
        if ((op & 31) == 0)
            fuzz_roundtrip(rig);
        else if ((op & 31) == 1)
            fuzz_forge(f, rig);
        else
            rig_out16(rig, port, fuzz_u16(f));
        return true;
    default: *own = op & 63; return false;
    }
}

#endif

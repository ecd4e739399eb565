/* On a host that has no translator: the interpreter does everything. */
#include "config.h"

#include "jit/jit.h"

const struct jit_knobs jit_default_knobs = { .max_insns = 1 };

bool jit_available(void)
{
    return false;
}

struct jit *jit_new(struct cpu *cpu, struct ram *ram, const struct jit_knobs *knobs, struct err *err)
{
    (void) cpu;
    (void) ram;
    (void) knobs;
    err_set(err, "there is no translator for this kind of host");
    return NULL;
}

void jit_set_knobs(struct jit *jit, const struct jit_knobs *knobs)
{
    (void) jit;
    (void) knobs;
}

void jit_free(struct jit *jit)
{
    (void) jit;
}

void jit_list(struct jit *jit, jit_list_fn *each, void *opaque)
{
    (void) jit;
    (void) each;
    (void) opaque;
}

void jit_cover(struct jit *jit, jit_cover_fn *each, void *opaque)
{
    (void) jit;
    (void) each;
    (void) opaque;
}

unsigned jit_cover_row(unsigned number)
{
    return number;
}

const struct op_row *jit_row(unsigned number)
{
    (void) number;
    return NULL;
}

bool jit_has_row(unsigned number)
{
    (void) number;
    return false;
}

bool jit_has_form(struct jit_form f)
{
    (void) f;
    return false;
}

unsigned jit_slowest(struct jit *jit, struct jit_slow out[JIT_SLOW])
{
    (void) jit;
    (void) out;
    return 0;
}

const struct jit_stats *jit_stats(struct jit *jit)
{
    static const struct jit_stats none = { 0 };

    (void) jit;
    return &none;
}

/*
 * A machine: time, bus, state and journal, the memory, the processor and the
 * board around it; and the loop that runs it in slices.
 */
#include "config.h"

#include "board/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "bios/rom.h"
#include "board/at.h"
#include "board/memory.h"
#include "core/bus.h"

enum {
    MACHINE_MIB_MAX = 1024,
    MACHINE_OUTLETS = MACHINE_SERIALS + 2, /* the printer's and the debug console's */
    ISA_CYCLE = 1000, /* ns: six clocks of 8.33 MHz and the recovery time */
};

struct machine {
    /* Saved: the part of sched that machine_sched_fields names. */
    struct sched sched;
    /* Made once by machine_new, never saved. */
    struct bus *bus;
    struct state *state;
    struct journal *journal;
    struct memory memory;
    struct cpu *cpu;
    struct jit *jit; /* NULL: the interpreter alone */
    struct at *at;
    struct disk *disk[MACHINE_DISKS];
    struct machine_outlet {
        struct machine *machine;
        struct serial_sink to;
    } outlet[MACHINE_OUTLETS];
    bool silent;
    void (*key_irq)(void *opaque);
    void *key_opaque;
    enum machine_stop stop; /* why the run that is under way will end */
};

static const struct state_field machine_clock_fields[] = {
    STATE_UINT(struct clock, num),
    STATE_UINT(struct clock, den),
    STATE_UINT(struct clock, vtime0),
    STATE_UINT(struct clock, tick0),
    STATE_END_ALL(struct clock),
};

static const struct state_field machine_sched_fields[] = {
    STATE_UINT(struct sched, ticks),
    STATE_UINT(struct sched, insns),
    STATE_UINT(struct sched, next_seq),
    STATE_STRUCT(struct sched, cpu_clock, machine_clock_fields),
    STATE_END(struct sched, horizon),
};

static const struct state_field machine_fields[] = {
    STATE_STRUCT(struct machine, sched, machine_sched_fields),
    STATE_END(struct machine, bus),
};

static const char *const disk_names[MACHINE_DISKS] = {
    "fd0", "fd1", "ata0", "ata1", "ata2", "ata3", "fd2", "fd3", "fd4", "fd5", "fd6", "fd7", "fd8", "fd9",
    "cd0", "cd1", "cd2", "cd3",
};

/* --- time ---------------------------------------------------------------- */

/* An ISA cycle lasts as long at every clock of the processor. */
static void machine_set_isa_ticks(struct machine *m)
{
    bus_set_isa_ticks(m->bus, (uint32_t) clock_span(&m->sched.cpu_clock, ISA_CYCLE));
}

static void machine_loaded(void *obj)
{
    machine_set_isa_ticks(obj);
}

/* --- inputs -------------------------------------------------------------- */

static void machine_input_clock(void *opaque, const struct journal_input *in)
{
    struct machine *m = opaque;

    if (in->arg[0] <= 0 || in->arg[0] > INT64_C(1) << 34 || in->arg[1] <= 0 || in->arg[1] > 1 << 16)
        return;
    sched_set_clock(&m->sched, (uint64_t) in->arg[0], (uint64_t) in->arg[1]);
    machine_set_isa_ticks(m);
}

/* The button on the case. */
static void machine_input_reset(void *opaque, const struct journal_input *in)
{
    struct machine *m = opaque;

    (void) in;
    at_reset(m->at);
}

/* The switch on the case: memory is empty, every chip begins anew; what the battery
 * holds and what is in the drives stays.  Nothing happens to a machine that is on. */
static void machine_input_power_on(void *opaque, const struct journal_input *in)
{
    struct machine *m = opaque;

    (void) in;
    if (!at_powered_off(m->at))
        return;
    memory_clear(&m->memory, m->bus);
    at_power_on(m->at);
}

static const struct journal_kind machine_kinds[] = {
    { "clock", 2, false, machine_input_clock }, /* Hz as numerator, denominator */
    { "reset", 0, false, machine_input_reset },
    { "power-on", 0, false, machine_input_power_on },
};

/* --- what the board and the processor call ------------------------------- */

static void machine_stop(void *opaque, enum machine_stop why)
{
    struct machine *m = opaque;

    m->stop = why;
    sched_stop(&m->sched);
}

static uint8_t machine_intack(void *opaque)
{
    struct machine *m = opaque;
    uint8_t vector = at_intack(m->at);

    if (m->key_irq != NULL && at_is_keyboard_vector(m->at, vector))
        m->key_irq(m->key_opaque);
    return vector;
}

static void machine_shutdown(void *opaque)
{
    struct machine *m = opaque;

    at_shutdown_cycle(m->at);
}

static void machine_ferr(void *opaque, int level)
{
    struct machine *m = opaque;

    at_set_ferr(m->at, level);
}

/* --- ports to the outside --------------------------------------------------- */

static void machine_tx(void *opaque, uint8_t byte, vtime at)
{
    const struct machine_outlet *o = opaque;

    if (!o->machine->silent)
        serial_send(&o->to, byte, at);
}

/* The chips send through us. */
static void machine_take_sinks(struct machine *m, struct machine_config *cfg)
{
    struct serial_sink *sink[MACHINE_OUTLETS] = {
        [MACHINE_SERIALS] = &cfg->parallel,
        [MACHINE_SERIALS + 1] = &cfg->debug_console,
    };

    for (unsigned i = 0; i < MACHINE_OUTLETS; i++) {
        if (i < MACHINE_SERIALS)
            sink[i] = &cfg->serial[i];
        m->outlet[i] = (struct machine_outlet){ m, *sink[i] };
        if (sink[i]->tx != NULL)
            *sink[i] = (struct serial_sink){ machine_tx, &m->outlet[i] };
    }
}

void machine_set_silent(struct machine *m, bool silent)
{
    m->silent = silent;
}

/* --- life ---------------------------------------------------------------- */

static const struct disk_config *machine_disk_config(const struct machine_config *cfg, unsigned i)
{
    if (i < MACHINE_FLOPPIES)
        return &cfg->floppy[i];
    i -= MACHINE_FLOPPIES;
    if (i < MACHINE_HARD_DISKS)
        return &cfg->hard_disk[i];
    i -= MACHINE_HARD_DISKS;
    return i < MACHINE_SHELF ? &cfg->shelf[i] : &cfg->cd[i - MACHINE_SHELF];
}

static void machine_take_disks(struct machine *m, const struct machine_config *cfg)
{
    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        struct disk_config disk = *machine_disk_config(cfg, i);

        disk.name = disk_names[i];
        if (disk.ops != NULL)
            m->disk[i] = disk_new(&disk, m->journal, m->state);
    }
}

void machine_rom(const struct machine_config *cfg, unsigned i, const uint8_t **data, size_t *len)
{
    const uint8_t *given = i == 0 ? cfg->bios : cfg->vgabios;

    *data = given != NULL ? given : i == 0 ? reprise_rom_bios : reprise_rom_vgabios;
    *len = given == NULL ? (i == 0 ? reprise_rom_bios_size : reprise_rom_vgabios_size)
         : i == 0        ? cfg->bios_len
                         : cfg->vgabios_len;
}

static int machine_init_memory(struct machine *m, const struct machine_config *cfg, struct err *err)
{
    struct rom_image bios, vgabios;

    if (cfg->ram_mib < 1 || cfg->ram_mib > MACHINE_MIB_MAX) {
        err_set(err, "%u MiB of memory: 1 to %d are possible", cfg->ram_mib, (int) MACHINE_MIB_MAX);
        return -1;
    }
    machine_rom(cfg, 0, &bios.data, &bios.len);
    machine_rom(cfg, 1, &vgabios.data, &vgabios.len);
    return memory_init(&m->memory, m->bus, cfg->ram_mib, &bios, &vgabios, err);
}

static void machine_init_chips(struct machine *m, const struct machine_config *cfg)
{
    struct cpu_config cpu = {
        .model = cfg->cpu,
        .fpu = cfg->fpu,
        .sched = &m->sched,
        .bus = m->bus,
        .state = m->state,
        .intack = machine_intack,
        .shutdown = machine_shutdown,
        .ferr_changed = machine_ferr,
        .opaque = m,
    };
    struct machine_config own = *cfg;
    struct at_config at = {
        .machine = &own,
        .sched = &m->sched,
        .bus = m->bus,
        .state = m->state,
        .journal = m->journal,
        .disk = m->disk,
        .stop = machine_stop,
        .opaque = m,
    };

    machine_take_sinks(m, &own);
    m->cpu = at.cpu = cpu_new(&cpu);
    m->at = at_new(&at);
    memory_register_state(&m->memory, m->state);
}

struct machine *machine_new(const struct machine_config *cfg, struct err *err)
{
    struct machine *m = xcalloc(1, sizeof *m);
    struct clock clk = { .num = cfg->clock_num, .den = cfg->clock_den };

    sched_init(&m->sched, &clk);
    m->bus = bus_new();
    m->state = state_new(&m->sched);
    m->journal = journal_new(&m->sched);
    state_register(m->state, "machine", 1, machine_fields, m);
    state_hooks(m->state, NULL, machine_loaded, m);
    journal_add(m->journal, "machine", machine_kinds, ARRAY_LEN(machine_kinds), m);
    machine_set_isa_ticks(m);
    machine_take_disks(m, cfg);
    if (machine_init_memory(m, cfg, err) < 0) {
        machine_free(m);
        return NULL;
    }
    machine_init_chips(m, cfg);
    m->key_irq = cfg->key_irq;
    m->key_opaque = cfg->key_opaque;
    if (cfg->translate) {
        struct jit_knobs knobs = cfg->knobs != NULL ? *cfg->knobs : jit_default_knobs;

        knobs.listing |= cfg->list_blocks;
        m->jit = jit_new(m->cpu, &m->memory.ram, &knobs, err);
        if (m->jit == NULL && !cfg->may_interpret) {
            machine_free(m);
            return NULL;
        }
    }
    return m;
}

void machine_free(struct machine *m)
{
    if (m == NULL)
        return;
    at_free(m->at);
    jit_free(m->jit);
    cpu_free(m->cpu);
    memory_free(&m->memory);
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        disk_free(m->disk[i]);
    journal_free(m->journal);
    state_free(m->state);
    bus_free(m->bus);
    free(m);
}

/* --- the run ------------------------------------------------------------- */

/* Without power time stands, unless an input is on its way: true if there is power then. */
static bool machine_has_power(struct machine *m)
{
    struct sched *s = &m->sched;

    while (at_powered_off(m->at)) {
        if (sched_take_input(s))
            continue;
        if (s->input_due != VTIME_NEVER)
            sched_pass(s, s->stop_at);
        return false;
    }
    return true;
}

enum machine_stop machine_run(struct machine *m, vtime until, uint64_t insns)
{
    struct sched *s = &m->sched;
    enum cpu_stop stop;

    m->stop = MACHINE_SLICE;
    s->stop_at = until;
    s->stop_insns = insns;
    s->stop_requested = false;
    sched_kick(s);
    if (!machine_has_power(m))
        return s->input_due != VTIME_NEVER ? MACHINE_SLICE : MACHINE_POWEROFF;
    stop = cpu_run(m->cpu);
    if (m->stop == MACHINE_SLICE && stop == CPU_STOP_HALTED)
        return MACHINE_HALTED;
    /* It may be on again already, or will be. */
    if (m->stop == MACHINE_POWEROFF && (!at_powered_off(m->at) || s->input_due != VTIME_NEVER))
        return MACHINE_SLICE;
    return m->stop;
}

bool machine_powered_off(const struct machine *m)
{
    return at_powered_off(m->at);
}

uint8_t machine_test_exit(const struct machine *m)
{
    return at_test_exit(m->at);
}

vtime machine_now(const struct machine *m)
{
    return sched_now(&m->sched);
}

uint64_t machine_insns(const struct machine *m)
{
    return m->sched.insns;
}

bool machine_idle(const struct machine *m)
{
    return cpu_halted(m->cpu);
}

vtime machine_next_input(const struct machine *m)
{
    return m->sched.input_due;
}

bool machine_can_translate(void)
{
    return jit_available();
}

void machine_list_blocks(const struct machine *m, jit_list_fn *each, void *opaque)
{
    if (m->jit != NULL)
        jit_list(m->jit, each, opaque);
}

unsigned machine_jit_slowest(const struct machine *m, struct jit_slow out[JIT_SLOW])
{
    return m->jit != NULL ? jit_slowest(m->jit, out) : 0;
}

void machine_set_knobs(struct machine *m, const struct jit_knobs *knobs)
{
    if (m->jit != NULL)
        jit_set_knobs(m->jit, knobs);
}

const struct jit_stats *machine_jit_stats(const struct machine *m)
{
    return m->jit != NULL ? jit_stats(m->jit) : NULL;
}

struct journal *machine_journal(struct machine *m)
{
    return m->journal;
}

struct state *machine_state(struct machine *m)
{
    return m->state;
}

const struct video_source *machine_video(const struct machine *m)
{
    return at_video(m->at);
}

struct disk *machine_disk(struct machine *m, unsigned i)
{
    return i < MACHINE_DISKS ? m->disk[i] : NULL;
}

int machine_add_floppy(struct machine *m, unsigned n, const struct disk_config *cfg, struct err *err)
{
    struct disk_config disk = *cfg;
    unsigned i = n + MACHINE_HARD_DISKS; /* of m->disk: the hard disks lie between */

    if (n < MACHINE_FLOPPIES || i >= MACHINE_DISKS || m->disk[i] != NULL) {
        err_set(err, "there is no place for another diskette");
        cfg->ops->close(cfg->opaque);
        return -1;
    }
    disk.name = disk_names[i];
    m->disk[i] = disk_new(&disk, m->journal, m->state);
    at_add_floppy(m->at, n, m->disk[i]);
    return 0;
}

const char *machine_disk_name(unsigned i)
{
    return disk_names[i];
}

void machine_peek(struct machine *m, uint32_t addr, void *buf, size_t len)
{
    uint8_t *out = buf;

    /* Not through the bus: a device's memory may change when it is read. */
    for (size_t i = 0; i < len; i++) {
        paddr at = addr + (paddr) i;
        const uint8_t *host = bus_page(m->bus, at)->host;

        out[i] = host != NULL ? host[at % PAGE_SIZE] : 0xff;
    }
}

bool machine_keyboard_ready(const struct machine *m)
{
    return at_keyboard_ready(m->at);
}

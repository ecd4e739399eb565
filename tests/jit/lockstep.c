/*
 * Both engines on one disk image, side by side: after every 2^20 ticks (or as
 * many as asked) their states must be the same.  One machine is interpreted;
 * beside it is a translated one for each SEED, with knobs drawn from that (0, or
 * none: the usual ones).  At the first piece in which one parts, the seed is
 * said, the piece is run again in ever smaller ones, and the instruction count
 * and the field are said.
 *
 *   lockstep [OPTION]... IMAGE [VSECONDS [TICKS [SEED...]]]
 *     --ram MIB        8, if not said
 *     --type AT TEXT   keys from second AT on, as --type of reprise has them
 *
 * Part of `make soak`.  A floppy is told by its size.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/mem.h"
#include "board/machine.h"
#include "ctl/keys.h"
#include "support/jit_knobs.h"

enum { TYPES_MAX = 16 };

#define KEY_PAUSE ((vtime) 30000000) /* between two events of keys */

struct typed {
    vtime at;
    struct key_list keys;
    size_t sent;
};

static const struct format {
    uint64_t sectors;
    struct disk_geometry geometry;
} floppies[] = {
    { 320, { 40, 1, 8 } },  { 360, { 40, 1, 9 } },   { 640, { 40, 2, 8 } },   { 720, { 40, 2, 9 } },
    { 1440, { 80, 2, 9 } }, { 2400, { 80, 2, 15 } }, { 2880, { 80, 2, 18 } },
};

static struct typed types[TYPES_MAX];
static unsigned n_types, ram_mib = 8;

static struct machine *interpreted;

static struct translated {
    unsigned seed;
    struct jit_knobs knobs;
    struct machine *machine;
} * translated;
static unsigned n_translated;

static uint8_t *image;
static uint64_t sectors;

static int image_read(void *opaque, uint64_t lba, unsigned n, void *buf, struct err *err)
{
    (void) opaque;
    (void) err;
    memcpy(buf, image + lba * SECTOR_SIZE, (size_t) n * SECTOR_SIZE);
    return 0;
}

/* The overlay keeps what the guest writes: nothing is folded. */
static const struct disk_base_ops image_ops = { .read = image_read };

static int image_load(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size;

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < SECTOR_SIZE || fseek(f, 0, SEEK_SET) != 0) {
        perror(path);
        return -1;
    }
    sectors = (uint64_t) size / SECTOR_SIZE;
    image = xmalloc(sectors * SECTOR_SIZE);
    if (fread(image, SECTOR_SIZE, sectors, f) != sectors) {
        perror(path);
        return -1;
    }
    fclose(f);
    return 0;
}

static struct machine *machine_make(const struct jit_knobs *jit)
{
    struct machine_config cfg = {
        .cpu = CPU_P2,
        .fpu = true,
        .translate = jit != NULL,
        .knobs = jit,
        .clock_num = 300000000,
        .clock_den = 1,
        .ram_mib = ram_mib,
        .rtc_base = 820454400,
        .test_ports = true,
    };
    struct disk_config disk = { .ops = &image_ops, .sectors = sectors };
    struct machine *m;
    struct err err;

    for (unsigned i = 0; i < ARRAY_LEN(floppies); i++)
        if (sectors == floppies[i].sectors)
            disk.geometry = floppies[i].geometry;
    if (disk.geometry.cylinders != 0) {
        memcpy(cfg.boot, "ac", 3);
        cfg.floppy[0] = disk;
    } else {
        memcpy(cfg.boot, "ca", 3);
        disk.geometry = (struct disk_geometry){ (uint32_t) (sectors / (16 * 63)), 16, 63 };
        cfg.hard_disk[0] = disk;
    }
    m = machine_new(&cfg, &err);
    if (m == NULL) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    return m;
}

/* One translated machine for each seed; NULL: one with the usual knobs. */
static void machines_make(char **seeds, unsigned n)
{
    interpreted = machine_make(NULL);
    n_translated = seeds != NULL ? n : 1;
    translated = xcalloc(n_translated, sizeof *translated);
    for (unsigned i = 0; i < n_translated; i++) {
        struct translated *t = &translated[i];

        t->seed = seeds != NULL ? (unsigned) strtoul(seeds[i], NULL, 0) : 0;
        t->knobs = jit_knobs_draw(t->seed);
        t->machine = machine_make(&t->knobs);
        printf("# seed %u: ", t->seed);
        jit_knobs_print(&t->knobs, stdout);
        printf("\n");
    }
}

static void machines_free(void)
{
    machine_free(interpreted);
    for (unsigned i = 0; i < n_translated; i++)
        machine_free(translated[i].machine);
    free(translated);
}

/* Is b as a, which has this hash? */
static bool same(struct machine *a, uint64_t hash, struct machine *b, char *text, size_t size)
{
    struct buf x = { 0 }, y = { 0 };
    bool differ;

    if (hash == state_hash(machine_state(b)))
        return true;
    state_save(machine_state(a), &x);
    state_save(machine_state(b), &y);
    differ = state_diff(machine_state(a), &x, &y, text, size);
    buf_free(&x);
    buf_free(&y);
    return !differ;
}

/* From `from` on, in pieces of a hundredth, then to the instruction. */
static void narrow(struct machine *a, struct machine *b, const struct buf *from, vtime piece)
{
    char text[256] = "";
    struct err err;
    uint64_t lo, hi;

    state_load(machine_state(a), from->data, from->len, &err);
    lo = machine_insns(a);
    machine_run(a, machine_now(a) + piece, UINT64_MAX);
    hi = machine_insns(a);
    while (hi - lo > 1) {
        uint64_t mid = lo + (hi - lo) / 2;

        state_load(machine_state(a), from->data, from->len, &err);
        state_load(machine_state(b), from->data, from->len, &err);
        machine_run(a, VTIME_NEVER, mid);
        machine_run(b, VTIME_NEVER, mid);
        if (same(a, state_hash(machine_state(a)), b, text, sizeof text))
            lo = mid;
        else
            hi = mid;
    }
    printf("# the same after %llu instructions, not after %llu: %s\n", (unsigned long long) lo,
           (unsigned long long) hi, text);
}

/* Events of keys whose time has come: all machines live on for an instant, so that their states have them. */
static void press_keys(void)
{
    for (unsigned i = 0; i < n_types; i++) {
        struct typed *t = &types[i];
        const struct key_event *e = &t->keys.event[t->sent];
        int64_t arg[2];

        if (t->sent == t->keys.n || machine_now(interpreted) < t->at + t->sent * KEY_PAUSE)
            continue;
        arg[0] = e->usage;
        arg[1] = e->down;
        t->sent++;
        journal_post(machine_journal(interpreted), "kbd", "key", arg, NULL, 0);
        machine_run(interpreted, machine_now(interpreted) + 100, UINT64_MAX);
        for (unsigned k = 0; k < n_translated; k++) {
            journal_post(machine_journal(translated[k].machine), "kbd", "key", arg, NULL, 0);
            machine_run(translated[k].machine, machine_now(interpreted), UINT64_MAX);
        }
    }
}

/* How many arguments the options took; -1: not understood. */
static int take_options(int argc, char **argv)
{
    int i = 1;

    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--ram") == 0 && i + 1 < argc) {
            ram_mib = (unsigned) atoi(argv[++i]);
        } else if (strcmp(argv[i], "--type") == 0 && i + 2 < argc && n_types < TYPES_MAX) {
            struct typed *t = &types[n_types++];
            struct err err;

            t->at = (vtime) (atof(argv[++i]) * 1e9);
            if (keys_parse(argv[++i], &t->keys, &err) < 0) {
                fprintf(stderr, "%s\n", err.msg);
                return -1;
            }
        } else {
            return -1;
        }
    }
    return i - 1;
}

/* After the interpreted one, which stopped so.  Says which ones part from it; the first of them, or NULL. */
static struct machine *run_translated(const char *name, vtime until, enum machine_stop stop)
{
    uint64_t hash = state_hash(machine_state(interpreted));
    struct machine *parted = NULL;

    for (unsigned i = 0; i < n_translated; i++) {
        struct machine *m = translated[i].machine;
        char text[256] = "how they stop";

        if (machine_run(m, until, UINT64_MAX) == stop && same(interpreted, hash, m, text, sizeof text))
            continue;
        printf("not ok %u - %s, seed %u: the engines part after %llu ns: %s\n", i + 1, name, translated[i].seed,
               (unsigned long long) machine_now(interpreted), text);
        if (parted == NULL)
            parted = m;
    }
    return parted;
}

static int run_all(const char *name, double seconds, vtime piece)
{
    enum machine_stop stop = MACHINE_SLICE;
    struct machine *parted = NULL;
    struct buf before = { 0 };

    while ((stop == MACHINE_SLICE || stop == MACHINE_RESET) && (double) machine_now(interpreted) < seconds * 1e9) {
        vtime until;

        press_keys();
        until = machine_now(interpreted) + piece;
        before.len = 0;
        state_save(machine_state(interpreted), &before);
        stop = machine_run(interpreted, until, UINT64_MAX);
        parted = run_translated(name, until, stop);
        if (parted != NULL) {
            narrow(interpreted, parted, &before, piece);
            break;
        }
    }
    buf_free(&before);
    if (parted != NULL)
        return 1;
    for (unsigned i = 0; i < n_translated; i++)
        printf("ok %u - %s, seed %u: %llu instructions, %llu blocks\n", i + 1, name, translated[i].seed,
               (unsigned long long) machine_insns(interpreted),
               (unsigned long long) machine_jit_stats(translated[i].machine)->blocks);
    return 0;
}

int main(int argc, char **argv)
{
    int taken = take_options(argc, argv), rc;
    double seconds;
    vtime piece;

    if (taken >= 0) {
        argc -= taken;
        argv += taken;
    }
    if (taken < 0 || argc < 2 || !jit_available()) {
        fprintf(stderr, "usage: lockstep [--ram MIB] [--type AT TEXT]... IMAGE [VSECONDS [TICKS [SEED...]]]\n");
        return 1;
    }
    seconds = argc > 2 ? atof(argv[2]) : 10;
    piece = (argc > 3 ? strtoull(argv[3], NULL, 0) : 1 << 20) * 10 / 3;
    if (image_load(argv[1]) < 0)
        return 1;
    machines_make(argc > 4 ? argv + 4 : NULL, (unsigned) argc - 4);
    rc = run_all(argv[1], seconds, piece);
    machines_free();
    return rc;
}

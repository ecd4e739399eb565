/*
 * Both engines on one disk image, side by side: after every 2^20 ticks (or as
 * many as asked) their states must be the same.  At the first piece in which
 * they part, the piece is run again in ever smaller ones, and the instruction
 * count and the field are said.
 *
 *   lockstep [OPTION]... IMAGE [VSECONDS [TICKS [SEED]]]    SEED: knobs drawn from it
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

static bool same(struct machine *a, struct machine *b, char *text, size_t size)
{
    struct buf x = { 0 }, y = { 0 };
    bool differ;

    if (state_hash(machine_state(a)) == state_hash(machine_state(b)))
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
        if (same(a, b, text, sizeof text))
            lo = mid;
        else
            hi = mid;
    }
    printf("# the same after %llu instructions, not after %llu: %s\n", (unsigned long long) lo,
           (unsigned long long) hi, text);
}

/* Events of keys whose time has come: both machines live on for an instant, so that their states have them. */
static void press_keys(struct machine *a, struct machine *b)
{
    for (unsigned i = 0; i < n_types; i++) {
        struct typed *t = &types[i];
        const struct key_event *e = &t->keys.event[t->sent];
        int64_t arg[2];

        if (t->sent == t->keys.n || machine_now(a) < t->at + t->sent * KEY_PAUSE)
            continue;
        arg[0] = e->usage;
        arg[1] = e->down;
        t->sent++;
        journal_post(machine_journal(a), "kbd", "key", arg, NULL, 0);
        journal_post(machine_journal(b), "kbd", "key", arg, NULL, 0);
        machine_run(a, machine_now(a) + 100, UINT64_MAX);
        machine_run(b, machine_now(a), UINT64_MAX);
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

static int run_both(const char *name, double seconds, vtime piece, const struct jit_knobs *knobs)
{
    struct machine *a = machine_make(NULL), *b = machine_make(knobs);
    struct buf before = { 0 };
    char text[256] = "";

    while ((double) machine_now(a) < seconds * 1e9) {
        enum machine_stop stop;
        vtime until;

        press_keys(a, b);
        until = machine_now(a) + piece;
        before.len = 0;
        state_save(machine_state(a), &before);
        stop = machine_run(a, until, UINT64_MAX);
        if (machine_run(b, until, UINT64_MAX) == stop && same(a, b, text, sizeof text)) {
            if (stop != MACHINE_SLICE && stop != MACHINE_RESET)
                break;
            continue;
        }
        printf("not ok 1 - %s: the engines part after %llu ns: %s\n", name, (unsigned long long) machine_now(a), text);
        narrow(a, b, &before, piece);
        return 1;
    }
    printf("ok 1 - %s: %llu instructions, %llu blocks\n", name, (unsigned long long) machine_insns(a),
           (unsigned long long) machine_jit_stats(b)->blocks);
    machine_free(a);
    machine_free(b);
    buf_free(&before);
    return 0;
}

int main(int argc, char **argv)
{
    int taken = take_options(argc, argv);
    double seconds;
    vtime piece;
    struct jit_knobs knobs;

    if (taken >= 0) {
        argc -= taken;
        argv += taken;
    }
    if (taken < 0 || argc < 2 || !jit_available()) {
        fprintf(stderr, "usage: lockstep [--ram MIB] [--type AT TEXT]... IMAGE [VSECONDS [TICKS [SEED]]]\n");
        return 1;
    }
    seconds = argc > 2 ? atof(argv[2]) : 10;
    piece = (argc > 3 ? strtoull(argv[3], NULL, 0) : 1 << 20) * 10 / 3;
    knobs = jit_knobs_draw(argc > 4 ? (unsigned) strtoul(argv[4], NULL, 0) : 0);
    if (image_load(argv[1]) < 0)
        return 1;
    printf("# ");
    jit_knobs_print(&knobs, stdout);
    printf("\n");
    return run_both(argv[1], seconds, piece, &knobs);
}

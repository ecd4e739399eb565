/*
 * Both engines on one disk image, side by side: after every 2^20 ticks (or as
 * many as asked) their states must be the same.  At the first piece in which
 * they part, the piece is run again in ever smaller ones, and the instruction
 * count and the field are said.
 *
 *   lockstep IMAGE [VSECONDS [TICKS [SEED]]]    SEED: knobs drawn from it
 *
 * Part of `make soak`.  A floppy is told by its size.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "board/machine.h"
#include "support/jit_knobs.h"

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
        .ram_mib = 8,
        .rtc_base = 820454400,
        .test_ports = true,
    };
    struct disk_config disk = { .ops = &image_ops, .sectors = sectors };
    struct machine *m;
    struct err err;

    if (sectors == 2880) {
        memcpy(cfg.boot, "ac", 3);
        disk.geometry = (struct disk_geometry){ 80, 2, 18 };
        cfg.floppy[0] = disk;
    } else if (sectors == 1440) {
        memcpy(cfg.boot, "ac", 3);
        disk.geometry = (struct disk_geometry){ 80, 2, 9 };
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

int main(int argc, char **argv)
{
    double seconds = argc > 2 ? atof(argv[2]) : 10;
    vtime piece = (argc > 3 ? strtoull(argv[3], NULL, 0) : 1 << 20) * 10 / 3;
    struct jit_knobs knobs = jit_knobs_draw(argc > 4 ? (unsigned) atoi(argv[4]) : 0);
    struct machine *a, *b;
    struct buf before = { 0 };
    char text[256] = "";

    if (argc < 2 || !jit_available()) {
        fprintf(stderr, "usage: lockstep IMAGE [VSECONDS [TICKS [SEED]]]\n");
        return 1;
    }
    if (image_load(argv[1]) < 0)
        return 1;
    a = machine_make(NULL);
    b = machine_make(&knobs);
    while ((double) machine_now(a) < seconds * 1e9) {
        enum machine_stop stop;
        vtime until = machine_now(a) + piece;

        before.len = 0;
        state_save(machine_state(a), &before);
        stop = machine_run(a, until, UINT64_MAX);
        if (machine_run(b, until, UINT64_MAX) == stop && same(a, b, text, sizeof text)) {
            if (stop != MACHINE_SLICE && stop != MACHINE_RESET)
                break;
            continue;
        }
        printf("not ok 1 - %s: the engines part after %llu ns: %s\n", argv[1], (unsigned long long) machine_now(a), text);
        narrow(a, b, &before, piece);
        return 1;
    }
    printf("ok 1 - %s: %llu instructions, %llu blocks\n", argv[1], (unsigned long long) machine_insns(a),
           (unsigned long long) machine_jit_stats(b)->blocks);
    machine_free(a);
    machine_free(b);
    return 0;
}

/*
 * Guest accesses, time, resets and state round trips on an ATA channel with
 * two drives: nothing may crash, and saved state must come back as it was.
 */
#include "config.h"

#include <stdlib.h>

#include "hw/ata.h"
#include "support/memdisk.h"
#include "support/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A snapshot from outside: one bit before a drive's buffer is not what it was. */
static void load_damaged(struct rig *rig, uint8_t where, uint8_t with)
{
    struct buf b = { 0 };
    struct err err;

    state_save(rig->state, &b);
    b.data[b.len - 1 - (where & 1 ? 8194 : 16486) - with % 104] ^= (uint8_t) (1 << (where >> 1));
    state_load(rig->state, b.data, b.len, &err);
    buf_free(&b);
}

static void step(struct rig *rig, struct ata_channel *ata, struct memdisk *disk, const uint8_t *in)
{
    uint16_t port = (uint16_t) (0x1f0 + (in[0] >> 4 & 7));
    uint32_t ticks = 0;

    switch (in[0] & 15) {
    case 0: case 1: case 2: case 3: bus_out(rig->bus, port, 1, in[1], &ticks); break;
    case 4: bus_out(rig->bus, port, 2, in[1] * 0x0101u, &ticks); break;
    case 5: bus_out(rig->bus, port, 4, in[1] * 0x01010101u, &ticks); break;
    case 6: bus_in(rig->bus, port, 1, &ticks); break;
    case 7: bus_in(rig->bus, port, 2, &ticks); break;
    case 8: bus_in(rig->bus, port, 4, &ticks); break;
    case 9: rig_out(rig, 0x3f6, in[1]); break;
    case 10: rig_run(rig, in[1] * 20000u); break;
    case 11: /* most of a data block */
        for (unsigned i = 0; i < in[1] * 16u; i++)
            bus_in(rig->bus, 0x1f0, 4, &ticks);
        break;
    case 12:
        for (unsigned i = 0; i < in[1] * 16u; i++)
            bus_out(rig->bus, 0x1f0, 4, i, &ticks);
        break;
    case 13: disk->fail_writes = in[1] & 1; break;
    case 14:
        if (in[1] < 4)
            ata_reset(ata);
        break;
    default:
        if (in[1] < 32 && rig_roundtrip(rig) != NULL)
            abort();
        if (in[1] >= 32)
            load_damaged(rig, in[0] >> 4, in[1]);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rig *rig = rig_new();
    struct memdisk *disk[2];
    struct ata_config cfg = { .name = "ata0", .base = 0x1f0, .control = 0x3f6, .sched = &rig->sched,
                              .bus = rig->bus, .state = rig->state, .irq = &rig->line[14] };
    struct ata_channel *ata;

    for (unsigned i = 0; i < 2; i++) {
        disk[i] = memdisk_new(i ? "hd1" : "hd0", (struct disk_geometry){ 5, 2, 9 }, i * 77, i,
                              rig->journal, rig->state);
        cfg.disk[i] = disk[i]->disk;
    }
    ata = ata_new(&cfg);
    rig_run(rig, 5000000);
    for (size_t i = 0; i + 1 < size; i += 2)
        step(rig, ata, disk[0], data + i);
    ata_free(ata);
    disk_free(disk[0]->disk);
    disk_free(disk[1]->disk);
    rig_free(rig);
    return 0;
}

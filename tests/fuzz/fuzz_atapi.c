/*
 * Guest accesses, packets, disc changes, time, resets and state round trips on
 * an ATAPI CD-ROM drive: nothing may crash, and saved state must come back as
 * it was; a damaged state must be taken or refused without harm.
 */
#include "config.h"

#include <stdlib.h>

#include "hw/ata.h"
#include "support/memdisk.h"
#include "support/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BASE = 0x170, CONTROL = 0x376, STATE_BYTES_SPAN = 18000 };

static void load_damaged(struct rig *rig, uint8_t where, uint8_t with)
{
    struct buf b = { 0 };
    struct err err;
    size_t back = (size_t) (where * 256u + with) * 7 % STATE_BYTES_SPAN;

    state_save(rig->state, &b);
    if (back < b.len)
        b.data[b.len - 1 - back] ^= (uint8_t) (1 << (with & 7));
    state_load(rig->state, b.data, b.len, &err);
    buf_free(&b);
}

/* PACKET with the next twelve bytes of input, or what there is of them. */
static void packet(struct rig *rig, const uint8_t *in, size_t size, uint8_t limit)
{
    static const uint8_t codes[] = { 0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x2b, 0x42, 0x43, 0x44,
                                     0x4a, 0x55, 0x5a, 0xa8, 0xb9, 0xbd, 0xbe };
    uint8_t p[12] = { 0 };

    for (size_t i = 0; i < size && i < sizeof p; i++)
        p[i] = in[i];
    if (p[0] & 0x80) /* a command that there is, and small numbers */
        for (size_t i = 0; i < sizeof p; i++)
            p[i] = i == 0 ? codes[p[0] % sizeof codes] : i < 5 && i != 2 ? 0 : p[i] & 0x1f;
    rig_out(rig, BASE + 4, limit);
    rig_out(rig, BASE + 5, (uint8_t) (limit & 0x0f));
    rig_out(rig, BASE + 7, 0xa0);
    rig_run(rig, 30000);
    for (size_t i = 0; i < sizeof p; i += 2)
        rig_out16(rig, BASE, (uint16_t) (p[i] | p[i + 1] << 8));
}

static void step(struct rig *rig, struct ata_channel *ata, const uint8_t *in, size_t size)
{
    uint16_t port = (uint16_t) (BASE + (in[0] >> 4 & 7));
    int64_t n = in[1] & 3;
    uint32_t ticks = 0;

    switch (in[0] & 15) {
    case 0: case 1: bus_out(rig->bus, port, 1, in[1], &ticks); break;
    case 2: case 3: case 4: packet(rig, in + 2, size - 2, in[1]); break;
    case 5: bus_out(rig->bus, port, 2, in[1] * 0x0101u, &ticks); break;
    case 6: bus_in(rig->bus, port, 1, &ticks); break;
    case 7: bus_in(rig->bus, port, 2, &ticks); break;
    case 8: rig_out(rig, BASE + 7, 0x08); break;
    case 9: rig_out(rig, CONTROL, in[1]); break;
    case 10: rig_run(rig, in[1] * 20000u); break;
    case 11:
        for (unsigned i = 0; i < in[1] * 16u; i++)
            bus_in(rig->bus, BASE, 4, &ticks);
        break;
    case 12:
        for (unsigned i = 0; i < in[1] * 2u; i++)
            bus_out(rig->bus, BASE, 2, i, &ticks);
        break;
    case 13: journal_post(rig->journal, "cd0", in[1] & 4 ? "insert" : "eject", &n, NULL, 0); break;
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
    struct disk_geometry none = { 0, 0, 0 };
    struct memdisk *disc[2] = {
        memdisk_new("cd0", none, 100, true, rig->journal, rig->state),
        memdisk_new("cd1", none, 7, true, rig->journal, rig->state),
    };
    struct disk *shelf[] = { disc[0]->disk, disc[1]->disk, NULL };
    struct ata_cdrom cd = { .name = "cd0-drive", .device = "cd0", .journal = rig->journal, .disc = shelf,
                            .discs = 3 };
    struct ata_config cfg = { .name = "ata1", .base = BASE, .control = CONTROL, .sched = &rig->sched,
                              .bus = rig->bus, .state = rig->state, .irq = &rig->line[15],
                              .cdrom = { &cd } };
    struct ata_channel *ata = ata_new(&cfg);

    disc[0]->bad_lba = 41;
    rig_run(rig, 5000000);
    for (size_t i = 0; i + 1 < size; i += 2)
        step(rig, ata, data + i, size - i);
    ata_free(ata);
    disk_free(disc[0]->disk);
    disk_free(disc[1]->disk);
    rig_free(rig);
    return 0;
}

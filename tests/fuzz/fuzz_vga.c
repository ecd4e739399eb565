/*
 * VGA: any registers, any memory access, any saved state; pictures and text
 * are taken of whatever comes out of it.
 */
#include "config.h"

#include "fuzz/fuzz_ops.h"

#include "hw/vga.h"

static const uint16_t ports[] = { 0x3b4, 0x3b5, 0x3ba, 0x3c0, 0x3c1, 0x3c2, 0x3c3, 0x3c4, 0x3c5,
                                  0x3c6, 0x3c7, 0x3c8, 0x3c9, 0x3ca, 0x3cc, 0x3ce, 0x3cf, 0x3d4,
                                  0x3d5, 0x3da, 0x3c4, 0x3ce, 0x3d4, 0x3d4 };

static void look(const struct video_source *video)
{
    static struct video_frame frame;
    static struct video_text text;
    struct video_mode mode;

    video->mode(video->opaque, &mode);
    video->render(video->opaque, &frame);
    if (mode.width != frame.width || mode.height != frame.height || mode.width == 0 ||
        mode.width > VIDEO_WIDTH_MAX || mode.height == 0 || mode.height > VIDEO_HEIGHT_MAX)
        abort();
    if (video->text(video->opaque, &text) != mode.text)
        abort();
    if (mode.text && (text.columns != mode.columns || text.rows != mode.rows ||
                      text.rows > VIDEO_TEXT_ROWS_MAX || text.columns > VIDEO_TEXT_COLUMNS_MAX))
        abort();
}

/* Looking must not change what is saved. */
static void look_twice(const struct video_source *video, struct rig *rig)
{
    uint64_t hash = state_hash(rig->state);

    look(video);
    if (hash != state_hash(rig->state))
        abort();
}

/* A snapshot is an input, too: one with a byte changed must do no harm. */
static void corrupt(struct fuzz *f, struct rig *rig)
{
    struct buf state = { 0 };
    struct err err;
    size_t at = fuzz_u16(f);

    state_save(rig->state, &state);
    /* Near the ends, where the registers are. */
    at = at & 0x8000 ? at % 100 : state.len - 1 - at % 1000;
    state.data[at % state.len] = fuzz_u8(f);
    state_load(rig->state, state.data, state.len, &err);
    buf_free(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = { data, data + size, ports, sizeof ports / sizeof ports[0], false };
    struct rig *rig = rig_new();
    struct vga_config cfg = { &rig->sched, rig->bus, rig->state, &rig->line[9] };
    struct vga *vga = vga_new(&cfg);
    unsigned own, looks = 0;

    while (f.p < f.end) {
        paddr addr;
        uint32_t val;

        if (fuzz_step(&f, rig, &own))
            continue;
        addr = 0xa0000 + (fuzz_u16(&f) & 0x7fff) + (own & 3) * 0x8000;
        val = fuzz_u16(&f) * 0x10001u;
        if (own == 63 && val == 0)
            vga_reset(vga);
        else if (own == 62 && looks++ < 8)
            look_twice(vga_video(vga), rig);
        else if (own == 61 && looks++ < 8)
            corrupt(&f, rig);
        else if (own & 32)
            bus_read(rig->bus, addr, 1u << (own >> 2 & 3) % 3);
        else
            bus_write(rig->bus, addr, 1u << (own >> 2 & 3) % 3, val);
    }
    look(vga_video(vga));
    if (looks != 0)
        fuzz_roundtrip(rig);
    vga_free(vga);
    rig_free(rig);
    return 0;
}

/*
 * Disk geometries.
 *
 * Source: Phoenix Enhanced Disk Drive Specification 1.1, section "Geometry";
 *         Western Digital, "Breaking the 528 MB barrier" (bit shift and LBA
 *         assist); ATA-4 section 6.2.
 */
#include "bios/geometry.h"

enum {
    CYLS_MAX = 1024,
};

static uint16_t geometry_clip(uint32_t cyls)
{
    return cyls > CYLS_MAX ? CYLS_MAX : cyls;
}

/* LBA assist: 63 sectors, as few heads of 16, 32, 64, 128, 255 as reach. */
static void geometry_lba(struct geometry *g, uint32_t sectors)
{
    uint16_t heads = 16;

    while (heads < 256 && sectors / 63 / heads > CYLS_MAX)
        heads *= 2;
    g->heads = heads == 256 ? 255 : heads;
    g->spt = 63;
    g->cyls = geometry_clip(sectors / 63 / g->heads);
}

/* Bit shift; a drive of 16 heads first becomes one of 15 if it is too long. */
static void geometry_large(struct geometry *g, uint16_t cyls, uint8_t heads,
                           uint8_t spt)
{
    uint32_t c = cyls;
    uint16_t h = heads;

    if (c > 8192 && h == 16) {
        h = 15;
        c = c * 16 / 15;
    }
    while (c > CYLS_MAX && h * 2 <= 255) {
        c /= 2;
        h *= 2;
    }
    g->cyls = geometry_clip(c);
    g->heads = h;
    g->spt = spt;
}

void geometry_translate(struct geometry *g, uint16_t cyls, uint8_t heads,
                        uint8_t spt, uint32_t sectors,
                        enum geometry_policy policy)
{
    if (cyls > CYLS_MAX && policy == GEOMETRY_LBA)
        geometry_lba(g, sectors);
    else if (cyls > CYLS_MAX && policy == GEOMETRY_LARGE)
        geometry_large(g, cyls, heads, spt);
    else {
        g->cyls = geometry_clip(cyls);
        g->heads = heads;
        g->spt = spt;
    }
}

static uint32_t geometry_lba_of(const struct geometry *g, uint8_t head,
                                uint8_t sector, uint8_t cyl)
{
    uint32_t c = cyl | (sector & 0xc0) << 2;

    return (c * g->heads + head) * g->spt + (sector & 0x3f) - 1;
}

/* Do both ends of the partition lie where its LBA fields say? */
static bool geometry_fits(const struct geometry *g, const struct partition *p)
{
    return geometry_lba_of(g, p->start_head, p->start_sector, p->start_cyl) ==
               p->lba &&
           geometry_lba_of(g, p->end_head, p->end_sector, p->end_cyl) ==
               p->lba + p->sectors - 1;
}

/* An end at cylinder 1023 is often just "too far to say": no witness. */
static bool geometry_is_witness(const struct partition *p)
{
    uint16_t end_cyl = p->end_cyl | (p->end_sector & 0xc0) << 2;

    return p->type != 0 && p->sectors != 0 && end_cyl != 0 &&
           end_cyl < CYLS_MAX - 1;
}

bool geometry_of_partitions(struct geometry *g, const struct partition *p,
                            uint32_t sectors)
{
    struct geometry found = { 0, 0, 0 };

    for (unsigned i = 0; i < 4; i++) {
        if (!geometry_is_witness(&p[i]))
            continue;
        if (found.spt == 0) {
            found.heads = p[i].end_head + 1;
            found.spt = p[i].end_sector & 0x3f;
        }
        if (found.spt == 0 || found.heads > 255 ||
            !geometry_fits(&found, &p[i]))
            return false;
    }
    if (found.spt == 0)
        return false;
    found.cyls = geometry_clip(sectors / found.heads / found.spt);
    if (found.cyls == 0)
        return false;
    *g = found;
    return true;
}

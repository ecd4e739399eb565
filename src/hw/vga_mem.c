/*
 * VGA display memory as the CPU sees it.
 *
 * Source: IBM "PS/2 Hardware Interface Technical Reference: Video Subsystem",
 *         "Graphics Controller Registers", "Memory Mode Register", "Display
 *         Memory Read and Write Operations".
 *
 * The four bytes of one address (maps 0 to 3) lie side by side, so a latch is
 * one 32-bit load and every write mode works on all maps at once.  Which way an
 * access takes is chosen when a register changes, not when memory is touched.
 *
 * In the state of mode 13h (chain 4, all maps, bytes as they are) the aperture is
 * plain memory to the bus and the processor.
 *
 * Absent: reads in that state do not load the latches, which keep what the last
 * read in another state left there.
 *
 * Chain 4 drops the two low address bits, which choose the map, and puts
 * address bits 14 and 15 there, as the CRT controller's doubleword addressing
 * expects it.
 */
#include "config.h"

#include "hw/vga_priv.h"

enum {
    SEQ_EXTENDED = 0x02,
    SEQ_NO_ODD_EVEN = 0x04,
    SEQ_CHAIN4 = 0x08,
    GFX_MODE_READ1 = 0x08,
    GFX_MODE_ODD_EVEN = 0x10,
    GFX_MISC_CHAIN = 0x02,
    MISC_RAM = 0x02,
    MISC_HIGH_PAGE = 0x20,
};

/* --- the data path -------------------------------------------------------- */

static inline uint32_t mem_rotate(const struct vga *vga, uint8_t val)
{
    unsigned n = vga->gfx[GFX_DATA_ROTATE] & 7;

    return (uint8_t) (val >> n | val << (8 - n));
}

static inline uint32_t mem_alu(const struct vga *vga, uint32_t data, uint32_t mask)
{
    switch (vga->gfx[GFX_DATA_ROTATE] >> 3) {
    case 1: data &= vga->latch; break;
    case 2: data |= vga->latch; break;
    case 3: data ^= vga->latch; break;
    default: break;
    }
    return (data & mask) | (vga->latch & ~mask);
}

/* What the four maps are given when the CPU writes `val`. */
static inline uint32_t mem_data(const struct vga *vga, uint8_t val)
{
    uint32_t data;

    switch (vga->gfx[GFX_MODE] & 3) {
    case 0:
        data = mem_rotate(vga, val) * 0x01010101u;
        data = (data & ~vga->enable_set_reset) | (vga->set_reset & vga->enable_set_reset);
        return mem_alu(vga, data, vga->bit_mask);
    case 1: return vga->latch;
    case 2: return mem_alu(vga, vga_spread(val), vga->bit_mask);
    default:
        return mem_alu(vga, vga->set_reset,
                       vga->bit_mask & mem_rotate(vga, val) * 0x01010101u);
    }
}

static inline void mem_store(uint8_t *cell, uint32_t data, uint32_t maps)
{
    store_le32(cell, (load_le32(cell) & ~maps) | (data & maps));
}

/* Read mode 0 gives one map, read mode 1 the pixels of the compared colour. */
static inline uint8_t mem_result(const struct vga *vga, unsigned map)
{
    uint32_t differ;

    if (!(vga->gfx[GFX_MODE] & GFX_MODE_READ1))
        return (uint8_t) (vga->latch >> (8 * map));
    differ = (vga->latch ^ vga->compare) & vga->care;
    differ |= differ >> 16;
    return (uint8_t) ~(differ | differ >> 8);
}

/* --- where an access goes ------------------------------------------------- */

static inline uint32_t mem_chain4_addr(const struct vga *vga, uint32_t off)
{
    return ((off & 0xfffc) | (off >> 14 & 3)) & vga->addr_mask;
}

static inline uint32_t mem_odd_even_addr(const struct vga *vga, uint32_t off)
{
    uint32_t low;

    if (!(vga->gfx[GFX_MISC] & GFX_MISC_CHAIN))
        return off & vga->addr_mask;
    /* Bit 0 chose the maps; a higher bit, or the page bit, stands in for it. */
    if (vga->window_len == VGA_APERTURE_LEN)
        low = off >> 16 & 1;
    else
        low = vga->misc & MISC_HIGH_PAGE ? 0 : 1;
    return ((off & ~1u) | low) & vga->addr_mask;
}

static uint32_t mem_odd_even_maps(uint32_t off)
{
    return off & 1 ? 0xff00ff00u : 0x00ff00ffu;
}

/* --- reads ---------------------------------------------------------------- */

static uint8_t mem_read_planar(struct vga *vga, uint32_t off)
{
    vga->latch = load_le32(vga_cell(vga, off & vga->addr_mask));
    return mem_result(vga, vga->gfx[GFX_READ_MAP] & 3);
}

static uint8_t mem_read_odd_even(struct vga *vga, uint32_t off)
{
    vga->latch = load_le32(vga_cell(vga, mem_odd_even_addr(vga, off)));
    return mem_result(vga, (vga->gfx[GFX_READ_MAP] & 2) | (off & 1));
}

static uint8_t mem_read_chain4(struct vga *vga, uint32_t off)
{
    vga->latch = load_le32(vga_cell(vga, mem_chain4_addr(vga, off)));
    return mem_result(vga, off & 3);
}

static inline uint32_t mem_read_bytes(struct vga *vga, uint32_t off, unsigned size,
                                      uint8_t (*read)(struct vga *vga, uint32_t off))
{
    uint32_t val = read(vga, off);

    for (unsigned i = 1; i < size; i++)
        val |= (uint32_t) read(vga, off + i) << (8 * i);
    return val;
}

static uint32_t mem_reads_planar(struct vga *vga, uint32_t off, unsigned size)
{
    return mem_read_bytes(vga, off, size, mem_read_planar);
}

static uint32_t mem_reads_odd_even(struct vga *vga, uint32_t off, unsigned size)
{
    return mem_read_bytes(vga, off, size, mem_read_odd_even);
}

static uint32_t mem_reads_chain4(struct vga *vga, uint32_t off, unsigned size)
{
    if (size == 4 && off % 4 == 0 && !(vga->gfx[GFX_MODE] & GFX_MODE_READ1)) {
        vga->latch = load_le32(vga_cell(vga, mem_chain4_addr(vga, off)));
        return vga->latch;
    }
    return mem_read_bytes(vga, off, size, mem_read_chain4);
}

/* --- writes, by way of the data path -------------------------------------- */

static void mem_write_planar(struct vga *vga, uint32_t off, unsigned size, uint32_t val)
{
    for (unsigned i = 0; i < size; i++, val >>= 8)
        mem_store(vga_cell(vga, (off + i) & vga->addr_mask), mem_data(vga, (uint8_t) val),
                  vga->map_mask);
}

static void mem_write_odd_even(struct vga *vga, uint32_t off, unsigned size, uint32_t val)
{
    for (unsigned i = 0; i < size; i++, val >>= 8)
        mem_store(vga_cell(vga, mem_odd_even_addr(vga, off + i)), mem_data(vga, (uint8_t) val),
                  vga->map_mask & mem_odd_even_maps(off + i));
}

static void mem_write_chain4(struct vga *vga, uint32_t off, unsigned size, uint32_t val)
{
    for (unsigned i = 0; i < size; i++, val >>= 8)
        mem_store(vga_cell(vga, mem_chain4_addr(vga, off + i)), mem_data(vga, (uint8_t) val),
                  vga->map_mask & 0xffu << (8 * ((off + i) & 3)));
}

/* --- writes of plain data: mode 0, nothing rotated, combined or masked ---- */

static void mem_write_planar_plain(struct vga *vga, uint32_t off, unsigned size, uint32_t val)
{
    for (unsigned i = 0; i < size; i++, val >>= 8)
        mem_store(vga_cell(vga, (off + i) & vga->addr_mask), (val & 0xff) * 0x01010101u,
                  vga->map_mask);
}

static void mem_write_odd_even_plain(struct vga *vga, uint32_t off, unsigned size, uint32_t val)
{
    /* A character and its attribute, at one address. */
    for (; size >= 2 && off % 2 == 0; off += 2, size -= 2, val >>= 16) {
        uint32_t addr = mem_odd_even_addr(vga, off);

        if (!(vga->gfx[GFX_MISC] & GFX_MISC_CHAIN))
            break;
        mem_store(vga_cell(vga, addr), (val & 0xffff) * 0x00010001u, vga->map_mask);
    }
    for (; size > 0; off++, size--, val >>= 8)
        mem_store(vga_cell(vga, mem_odd_even_addr(vga, off)), (val & 0xff) * 0x01010101u,
                  vga->map_mask & mem_odd_even_maps(off));
}

static void mem_write_chain4_plain(struct vga *vga, uint32_t off, unsigned size, uint32_t val)
{
    if (off % 4 + size > 4) {
        unsigned low = 4 - off % 4;

        mem_write_chain4_plain(vga, off, low, val);
        mem_write_chain4_plain(vga, off + low, size - low, val >> (8 * low));
        return;
    }
    mem_store(vga_cell(vga, mem_chain4_addr(vga, off)), val << (8 * (off % 4)),
              vga->map_mask & (UINT32_MAX >> (32 - 8 * size)) << (8 * (off % 4)));
}

/* --- dispatch ------------------------------------------------------------- */

static uint32_t vga_mem_read(void *opaque, paddr addr, unsigned size)
{
    struct vga *vga = opaque;
    uint32_t off = addr - VGA_APERTURE - vga->window;

    if (off >= vga->window_len)
        return UINT32_MAX >> (32 - 8 * size);
    return vga->read(vga, off, size);
}

static void vga_mem_write(void *opaque, paddr addr, unsigned size, uint32_t val)
{
    struct vga *vga = opaque;
    uint32_t off = addr - VGA_APERTURE - vga->window;

    if (off < vga->window_len)
        vga->write(vga, off, size, val);
}

const struct mmio_ops vga_mem_ops = { .timeless = true, .read = vga_mem_read, .write = vga_mem_write };

/* The memory map bits of the miscellaneous register. */
static void mem_update_window(struct vga *vga)
{
    static const struct {
        uint32_t base, len;
    } windows[] = {
        { 0x00000, 0x20000 },
        { 0x00000, 0x10000 },
        { 0x10000, 0x08000 },
        { 0x18000, 0x08000 },
    };
    unsigned map = vga->gfx[GFX_MISC] >> 2 & 3;
    bool on = vga->misc & MISC_RAM && vga->enabled;

    vga->window = windows[map].base;
    vga->window_len = on ? windows[map].len : 0;
    vga->addr_mask = vga->seq[SEQ_MEMORY_MODE] & SEQ_EXTENDED ? 0xffff : 0x3fff;
}

static bool mem_plain(const struct vga *vga)
{
    return (vga->gfx[GFX_MODE] & 3) == 0 && vga->gfx[GFX_DATA_ROTATE] == 0 &&
           vga->enable_set_reset == 0 && vga->bit_mask == UINT32_MAX;
}

/* Offsets of the aperture are those of the bytes in `mem`. */
static bool mem_direct(const struct vga *vga)
{
    return (vga->seq[SEQ_MEMORY_MODE] & SEQ_CHAIN4) && vga->plain && !(vga->gfx[GFX_MODE] & GFX_MODE_READ1)
        && vga->map_mask == UINT32_MAX && vga->addr_mask == 0xffff && vga->window == 0
        && vga->window_len == VGA_DIRECT_LEN;
}

void vga_mem_update(struct vga *vga)
{
    uint8_t memory = vga->seq[SEQ_MEMORY_MODE];

    mem_update_window(vga);
    vga->map_mask = vga_spread(vga->seq[SEQ_MAP_MASK]);
    vga->set_reset = vga_spread(vga->gfx[GFX_SET_RESET]);
    vga->enable_set_reset = vga_spread(vga->gfx[GFX_ENABLE_SET_RESET]);
    vga->compare = vga_spread(vga->gfx[GFX_COLOUR_COMPARE]);
    vga->care = vga_spread(vga->gfx[GFX_COLOUR_DONT_CARE]);
    vga->bit_mask = vga->gfx[GFX_BIT_MASK] * 0x01010101u;
    vga->plain = mem_plain(vga);
    if (vga->bus != NULL)
        bus_map_direct(vga->bus, VGA_APERTURE, VGA_DIRECT_LEN, mem_direct(vga) ? vga->mem : NULL);
    if (memory & SEQ_CHAIN4) {
        vga->read = mem_reads_chain4;
        vga->write = vga->plain ? mem_write_chain4_plain : mem_write_chain4;
        return;
    }
    vga->read = vga->gfx[GFX_MODE] & GFX_MODE_ODD_EVEN ? mem_reads_odd_even : mem_reads_planar;
    if (memory & SEQ_NO_ODD_EVEN)
        vga->write = vga->plain ? mem_write_planar_plain : mem_write_planar;
    else
        vga->write = vga->plain ? mem_write_odd_even_plain : mem_write_odd_even;
}

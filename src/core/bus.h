/*
 * The bus: ports and physical memory, the one door from the CPU (and DMA) to
 * chips.  Reads that nobody answers float high.
 *
 * Memory is described page by page (4 KiB).  A page with a `host` pointer is
 * RAM or ROM; one without is a device's or nobody's.  Its class is a set of
 * bits; a page with no bit set is plain RAM and may be read and written
 * through `host` directly.  Every other store goes through bus_write(), the
 * checked store, which serves ROM, devices, self-modifying code, page-table
 * tracking and watchpoints.
 */
#ifndef CORE_BUS_H
#define CORE_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ram.h"

typedef uint32_t paddr; /* guest physical address */

enum {
    PAGE_SHIFT = 12,
    PAGE_SIZE = 1 << PAGE_SHIFT,
    PAGE_COUNT = 1 << (32 - PAGE_SHIFT),
};

enum page_class {
    PAGE_CODE = 1 << 0,    /* decoded or translated code comes from here */
    PAGE_PT = 1 << 1,      /* in use as page directory or table */
    PAGE_ROM = 1 << 2,     /* writes are dropped */
    PAGE_MMIO = 1 << 3,    /* a device answers, or nobody */
    PAGE_WATCH_R = 1 << 4, /* debugger */
    PAGE_WATCH_W = 1 << 5,
    PAGE_FRAME = 1 << 6, /* shown on the screen */
};

/* Classes whose pages must not be read or written through `host` directly. */
enum {
    PAGE_SLOW_READ = PAGE_MMIO | PAGE_WATCH_R,
    PAGE_SLOW_WRITE = PAGE_CODE | PAGE_PT | PAGE_ROM | PAGE_MMIO | PAGE_WATCH_W | PAGE_FRAME,
};

struct page {
    uint8_t *host; /* NULL: no memory here */
    uint8_t cls;   /* enum page_class; pages never mapped have host NULL, 0 */
    uint8_t region; /* which mmio region; 0: nobody */
};

/*
 * A device's ports.  `in` and `out` serve bytes; a NULL one floats or drops.
 * A device with wide registers also gives in16/out16 (aligned words inside the
 * range) and in32/out32 (its data port); else a wide access is split in
 * halves, low first.
 */
struct port_range {
    uint16_t first, count;
    uint8_t (*in)(void *opaque, uint16_t port);
    void (*out)(void *opaque, uint16_t port, uint8_t val);
    uint16_t (*in16)(void *opaque, uint16_t port);
    void (*out16)(void *opaque, uint16_t port, uint16_t val);
    uint32_t (*in32)(void *opaque, uint16_t port);
    void (*out32)(void *opaque, uint16_t port, uint32_t val);
};

/*
 * A device's memory: accesses of 1, 2 or 4 bytes inside one page.  `timeless`: they
 * neither ask for the time nor change what the schedule holds.
 */
struct mmio_ops {
    bool timeless;
    uint32_t (*read)(void *opaque, paddr addr, unsigned size);
    void (*write)(void *opaque, paddr addr, unsigned size, uint32_t val);
};

struct mmio_region {
    const struct mmio_ops *ops;
    void *opaque;
};

/* Told after a store changed bytes of a page with CODE or PT set. */
struct bus_listener {
    void (*written)(void *opaque, paddr addr, unsigned len);
    /* ... and before pages become memory, or cease to be. */
    void (*remapped)(void *opaque, paddr base, uint32_t len);
    void *opaque;
};

enum { BUS_SLOTS = 256, BUS_REGIONS = 16 };

struct bus {
    struct page *page; /* PAGE_COUNT of them */
    struct ram *ram;   /* whose use is told; NULL: none */
    struct {
        const struct port_range *range;
        void *opaque;
    } slot[BUS_SLOTS]; /* 0: nobody */
    struct mmio_region region[BUS_REGIONS];
    unsigned slots, regions;
    struct bus_listener listener;
    uint32_t isa_ticks; /* CPU ticks of one ISA I/O cycle */
    uint8_t port_slot[65536];
};

struct bus *bus_new(void);
void bus_free(struct bus *bus);

/* `ranges` must outlive the bus; a later range wins over an earlier one. */
void bus_map_ports(struct bus *bus, const struct port_range *ranges, size_t n, void *opaque);

/* `host` covers len bytes; base and len are multiples of PAGE_SIZE; cls: 0 or PAGE_ROM. */
void bus_map_memory(struct bus *bus, paddr base, uint32_t len, uint8_t *host, uint8_t cls);
void bus_map_mmio(struct bus *bus, paddr base, uint32_t len, const struct mmio_ops *ops, void *opaque);

/*
 * A device's pages, mapped as such, are plain memory at `host` from now on;
 * NULL: the device answers again.
 */
void bus_map_direct(struct bus *bus, paddr base, uint32_t len, uint8_t *host);

/* CPU ticks that an I/O cycle takes; set at power-on and at a change of clock. */
void bus_set_isa_ticks(struct bus *bus, uint32_t ticks);

/* Ports.  size 1, 2, 4.  Adds the bus time of the access to *ticks. */
uint32_t bus_in(struct bus *bus, uint16_t port, unsigned size, uint32_t *ticks);
void bus_out(struct bus *bus, uint16_t port, unsigned size, uint32_t val, uint32_t *ticks);

/* Physical memory, any address and size 1, 2, 4; wraps at 4 GiB. */
uint32_t bus_read(struct bus *bus, paddr addr, unsigned size);
void bus_write(struct bus *bus, paddr addr, unsigned size, uint32_t val);

/* Runs of bytes: DMA, image loading, debuggers. */
void bus_read_block(struct bus *bus, paddr addr, void *buf, size_t len);
void bus_write_block(struct bus *bus, paddr addr, const void *buf, size_t len);

static inline struct page *bus_page(struct bus *bus, paddr addr)
{
    return &bus->page[addr >> PAGE_SHIFT];
}

/* Who serves this page, if that is a timeless device; else NULL. */
static inline const struct mmio_region *bus_timeless(struct bus *bus, paddr addr)
{
    const struct page *pg = bus_page(bus, addr);
    const struct mmio_region *r = &bus->region[pg->region];

    return pg->host == NULL && pg->region != 0 && r->ops->timeless ? r : NULL;
}

#endif

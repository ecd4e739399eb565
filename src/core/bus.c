/* Ports and physical memory. */
#include "config.h"

#include "core/bus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

struct bus *bus_new(void)
{
    struct bus *bus = xcalloc(1, sizeof *bus);

    bus->page = xmap(PAGE_COUNT * sizeof *bus->page);
    bus->slots = 1;
    bus->regions = 1;
    bus->isa_ticks = 1;
    return bus;
}

void bus_free(struct bus *bus)
{
    if (bus == NULL)
        return;
    xunmap(bus->page, PAGE_COUNT * sizeof *bus->page);
    free(bus);
}

void bus_map_ports(struct bus *bus, const struct port_range *ranges, size_t n, void *opaque)
{
    for (size_t i = 0; i < n; i++) {
        assert(bus->slots < BUS_SLOTS);
        bus->slot[bus->slots].range = &ranges[i];
        bus->slot[bus->slots].opaque = opaque;
        for (unsigned p = 0; p < ranges[i].count; p++)
            bus->port_slot[ranges[i].first + p] = (uint8_t) bus->slots;
        bus->slots++;
    }
}

void bus_map_memory(struct bus *bus, paddr base, uint32_t len, uint8_t *host, uint8_t cls)
{
    assert(base % PAGE_SIZE == 0 && len % PAGE_SIZE == 0);
    for (uint32_t i = 0; i < len / PAGE_SIZE; i++)
        bus->page[base / PAGE_SIZE + i] =
            (struct page){ .host = host + (size_t) i * PAGE_SIZE, .cls = cls };
}

void bus_map_mmio(struct bus *bus, paddr base, uint32_t len, const struct mmio_ops *ops, void *opaque)
{
    assert(base % PAGE_SIZE == 0 && len % PAGE_SIZE == 0);
    assert(bus->regions < BUS_REGIONS);
    bus->region[bus->regions].ops = ops;
    bus->region[bus->regions].opaque = opaque;
    for (uint32_t i = 0; i < len / PAGE_SIZE; i++)
        bus->page[base / PAGE_SIZE + i] =
            (struct page){ .cls = PAGE_MMIO, .region = (uint8_t) bus->regions };
    bus->regions++;
}

void bus_map_direct(struct bus *bus, paddr base, uint32_t len, uint8_t *host)
{
    struct page *page = bus_page(bus, base);

    assert(base % PAGE_SIZE == 0 && len % PAGE_SIZE == 0);
    if (page->host == host)
        return;
    if (bus->listener.remapped != NULL)
        bus->listener.remapped(bus->listener.opaque, base, len);
    for (uint32_t i = 0; i < len / PAGE_SIZE; i++) {
        page[i].host = host != NULL ? host + i * PAGE_SIZE : NULL;
        page[i].cls = host != NULL ? page[i].cls & (uint8_t) ~PAGE_MMIO : page[i].cls | PAGE_MMIO;
    }
}

void bus_set_isa_ticks(struct bus *bus, uint32_t ticks)
{
    bus->isa_ticks = ticks;
}

static uint32_t bus_in8(struct bus *bus, uint16_t port, uint32_t *ticks)
{
    unsigned slot = bus->port_slot[port];
    const struct port_range *r = bus->slot[slot].range;

    *ticks += bus->isa_ticks;
    return r != NULL && r->in != NULL ? r->in(bus->slot[slot].opaque, port) : 0xff;
}

static void bus_out8(struct bus *bus, uint16_t port, uint8_t val, uint32_t *ticks)
{
    unsigned slot = bus->port_slot[port];
    const struct port_range *r = bus->slot[slot].range;

    *ticks += bus->isa_ticks;
    if (r != NULL && r->out != NULL)
        r->out(bus->slot[slot].opaque, port, val);
}

/* The slot that serves `size` aligned bytes from `port` on in one go, or 0. */
static unsigned bus_slot_wide(const struct bus *bus, uint16_t port, unsigned size)
{
    unsigned slot = bus->port_slot[port];

    return port % size == 0 && bus->port_slot[port + size - 1] == slot ? slot : 0;
}

static uint32_t bus_in16(struct bus *bus, uint16_t port, uint32_t *ticks)
{
    unsigned slot = bus_slot_wide(bus, port, 2);
    const struct port_range *r = bus->slot[slot].range;
    uint32_t low;

    if (r != NULL && r->in16 != NULL) {
        *ticks += bus->isa_ticks;
        return r->in16(bus->slot[slot].opaque, port);
    }
    low = bus_in8(bus, port, ticks);
    return low | bus_in8(bus, (uint16_t) (port + 1), ticks) << 8;
}

static void bus_out16(struct bus *bus, uint16_t port, uint16_t val, uint32_t *ticks)
{
    unsigned slot = bus_slot_wide(bus, port, 2);
    const struct port_range *r = bus->slot[slot].range;

    if (r != NULL && r->out16 != NULL) {
        *ticks += bus->isa_ticks;
        r->out16(bus->slot[slot].opaque, port, val);
        return;
    }
    bus_out8(bus, port, (uint8_t) val, ticks);
    bus_out8(bus, (uint16_t) (port + 1), (uint8_t) (val >> 8), ticks);
}

uint32_t bus_in(struct bus *bus, uint16_t port, unsigned size, uint32_t *ticks)
{
    const struct port_range *r;
    unsigned slot;
    uint32_t low;

    if (size == 1)
        return bus_in8(bus, port, ticks);
    slot = size == 4 ? bus_slot_wide(bus, port, 4) : 0;
    r = bus->slot[slot].range;
    if (r != NULL && r->in32 != NULL) {
        *ticks += 2 * bus->isa_ticks; /* two 16-bit cycles */
        return r->in32(bus->slot[slot].opaque, port);
    }
    low = bus_in16(bus, port, ticks);
    if (size == 2)
        return low;
    return low | bus_in16(bus, (uint16_t) (port + 2), ticks) << 16;
}

void bus_out(struct bus *bus, uint16_t port, unsigned size, uint32_t val, uint32_t *ticks)
{
    const struct port_range *r;
    unsigned slot;

    if (size == 1) {
        bus_out8(bus, port, (uint8_t) val, ticks);
        return;
    }
    slot = size == 4 ? bus_slot_wide(bus, port, 4) : 0;
    r = bus->slot[slot].range;
    if (r != NULL && r->out32 != NULL) {
        *ticks += 2 * bus->isa_ticks;
        r->out32(bus->slot[slot].opaque, port, val);
    } else {
        bus_out16(bus, port, (uint16_t) val, ticks);
        if (size == 4)
            bus_out16(bus, (uint16_t) (port + 2), (uint16_t) (val >> 16), ticks);
    }
}

/* One access that lies inside a page. */
static uint32_t bus_read_in_page(struct bus *bus, paddr addr, unsigned size)
{
    const struct page *pg = bus_page(bus, addr);

    if (pg->host != NULL)
        return load_le(pg->host + addr % PAGE_SIZE, size);
    if (pg->region != 0)
        return bus->region[pg->region].ops->read(bus->region[pg->region].opaque, addr, size);
    return UINT32_MAX >> (32 - 8 * size);
}

static void bus_write_in_page(struct bus *bus, paddr addr, unsigned size, uint32_t val)
{
    const struct page *pg = bus_page(bus, addr);
    uint8_t *p;

    val &= UINT32_MAX >> (32 - 8 * size);
    if (pg->host == NULL) {
        if (pg->region != 0)
            bus->region[pg->region].ops->write(bus->region[pg->region].opaque, addr, size, val);
        return;
    }
    if (pg->cls & PAGE_ROM)
        return;
    p = pg->host + addr % PAGE_SIZE;
    if ((pg->cls & (PAGE_CODE | PAGE_PT)) == 0) {
        store_le(p, size, val);
    } else if (load_le(p, size) != val) {
        store_le(p, size, val);
        bus->listener.written(bus->listener.opaque, addr, size);
    }
}

static bool bus_crosses_page(paddr addr, unsigned size)
{
    return addr % PAGE_SIZE + size > PAGE_SIZE;
}

uint32_t bus_read(struct bus *bus, paddr addr, unsigned size)
{
    uint32_t val = 0;

    if (!bus_crosses_page(addr, size))
        return bus_read_in_page(bus, addr, size);
    for (unsigned i = 0; i < size; i++)
        val |= bus_read_in_page(bus, addr + i, 1) << (8 * i);
    return val;
}

void bus_write(struct bus *bus, paddr addr, unsigned size, uint32_t val)
{
    if (!bus_crosses_page(addr, size)) {
        bus_write_in_page(bus, addr, size, val);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        bus_write_in_page(bus, addr + i, 1, val >> (8 * i) & 0xff);
}

/* Bytes from addr to the end of its page, at most len. */
static size_t bus_run(paddr addr, size_t len)
{
    size_t left = PAGE_SIZE - addr % PAGE_SIZE;

    return len < left ? len : left;
}

static void bus_read_run(struct bus *bus, paddr addr, uint8_t *buf, size_t n)
{
    const struct page *pg = bus_page(bus, addr);

    if (pg->host != NULL) {
        memcpy(buf, pg->host + addr % PAGE_SIZE, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        buf[i] = (uint8_t) bus_read_in_page(bus, addr + (paddr) i, 1);
}

static void bus_write_run(struct bus *bus, paddr addr, const uint8_t *buf, size_t n)
{
    const struct page *pg = bus_page(bus, addr);

    if (pg->host != NULL && (pg->cls & PAGE_SLOW_WRITE) == 0) {
        memcpy(pg->host + addr % PAGE_SIZE, buf, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        bus_write_in_page(bus, addr + (paddr) i, 1, buf[i]);
}

void bus_read_block(struct bus *bus, paddr addr, void *buf, size_t len)
{
    uint8_t *p = buf;

    for (size_t n; len != 0; len -= n, p += n, addr += (paddr) n) {
        n = bus_run(addr, len);
        bus_read_run(bus, addr, p, n);
    }
}

void bus_write_block(struct bus *bus, paddr addr, const void *buf, size_t len)
{
    const uint8_t *p = buf;

    for (size_t n; len != 0; len -= n, p += n, addr += (paddr) n) {
        n = bus_run(addr, len);
        bus_write_run(bus, addr, p, n);
    }
}

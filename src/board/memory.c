/*
 * RAM, ROMs and their places.
 *
 * Source: IBM PC AT Technical Reference, "System memory map"; Intel 386 data
 *         sheet, "Reset and initialization" (first fetch at FFFFFFF0h).
 */
#include "config.h"

#include "board/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    KIB = 1024,
    MIB = 1024 * KIB,
    BASE_RAM = 640 * KIB,
    VGABIOS_BASE = 0xc0000,
    VGABIOS_MAX = 128 * KIB,
    MEMORY_RUN_HEADER = 8,
    MEMORY_PATIENCE = 16, /* pages: some microseconds */
};

/* With A20 masked, the reset vector is fetched one MiB below the top. */
static const uint64_t bios_tops[] = { 0x100000, UINT64_C(0x100000000), UINT64_C(0xfff00000) };

/* Whole pages; the rest reads as an erased EPROM does. */
static uint8_t *memory_map_rom(struct bus *bus, paddr base, const struct rom_image *rom)
{
    size_t len = (rom->len + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    uint8_t *host = xmalloc(len);

    memset(host, 0xff, len);
    memcpy(host, rom->data, rom->len);
    bus_map_memory(bus, base, (uint32_t) len, host, PAGE_ROM);
    return host;
}

static int memory_init_bios(struct memory *mem, struct bus *bus, const struct rom_image *rom, struct err *err)
{
    if (rom->len != 64 * KIB && rom->len != 128 * KIB) {
        err_set(err, "BIOS image has %zu bytes; 65536 or 131072 are possible", rom->len);
        return -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(bios_tops); i++) {
        paddr base = (paddr) (bios_tops[i] - rom->len);

        if (i == 0)
            mem->bios = memory_map_rom(bus, base, rom);
        else
            bus_map_memory(bus, base, (uint32_t) rom->len, mem->bios, PAGE_ROM);
    }
    return 0;
}

static int memory_init_vgabios(struct memory *mem, struct bus *bus, const struct rom_image *rom, struct err *err)
{
    if (rom->len == 0)
        return 0;
    if (rom->len > VGABIOS_MAX) {
        err_set(err, "VGA BIOS image has %zu bytes, more than %d", rom->len, (int) VGABIOS_MAX);
        return -1;
    }
    mem->vgabios = memory_map_rom(bus, VGABIOS_BASE, rom);
    return 0;
}

int memory_init(struct memory *mem, struct bus *bus, unsigned mib, const struct rom_image *bios,
                const struct rom_image *vgabios, struct err *err)
{
    *mem = (struct memory){ 0 };
    if (ram_init(&mem->ram, (size_t) mib * MIB, err) < 0)
        return -1;
    bus->ram = &mem->ram;
    bus_map_memory(bus, 0, BASE_RAM, mem->ram.host, 0);
    if (mib > 1)
        bus_map_memory(bus, MIB, (mib - 1) * MIB, mem->ram.host + MIB, 0);
    if (memory_init_bios(mem, bus, bios, err) < 0)
        return -1;
    return memory_init_vgabios(mem, bus, vgabios, err);
}

void memory_free(struct memory *mem)
{
    ram_close(&mem->ram);
    free(mem->bios);
    free(mem->vgabios);
    *mem = (struct memory){ 0 };
}

/* --- state --------------------------------------------------------------- */

static bool page_is_zero(const uint8_t *p)
{
    uint64_t any = 0;

    for (size_t i = 0; i < PAGE_SIZE; i += sizeof any)
        any |= load_le64(p + i);
    return any == 0;
}

/* The first page from `page` on that may hold something other than zeroes:
 * pages never touched have no memory on the host, and get none by asking. */
static size_t ram_next_data(const struct ram *ram, size_t page)
{
    off_t at = lseek(ram->fd, (off_t) page * PAGE_SIZE, SEEK_DATA);

    return at < 0 ? ram->size / PAGE_SIZE : (size_t) at / PAGE_SIZE;
}

static size_t ram_next_hole(const struct ram *ram, size_t page)
{
    off_t at = lseek(ram->fd, (off_t) page * PAGE_SIZE, SEEK_HOLE);

    return at < 0 ? ram->size / PAGE_SIZE : ((size_t) at + PAGE_SIZE - 1) / PAGE_SIZE;
}

struct page_run {
    size_t first, count;
    size_t data_end; /* up to here the host has memory */
};

/* The next run of pages that are not zero, after `run`; false past the last.
 * Starts with a zeroed struct. */
static bool ram_next_run(const struct ram *ram, struct page_run *run)
{
    size_t page = run->first + run->count, pages = ram->size / PAGE_SIZE;

    for (;; page++) {
        if (page >= run->data_end) {
            page = ram_next_data(ram, page);
            if (page >= pages)
                return false;
            run->data_end = ram_next_hole(ram, page);
        }
        if (!page_is_zero(ram->host + page * PAGE_SIZE))
            break;
    }
    run->first = page;
    while (page < run->data_end && !page_is_zero(ram->host + page * PAGE_SIZE))
        page++;
    run->count = page - run->first;
    return true;
}

/* Page by page: how pages fall into runs depends on the host. */
static void ram_hash(void *obj, struct xxh64 *h, struct xxh64 *also)
{
    const struct ram *ram = obj;
    struct page_run run = { 0 };
    uint8_t number[8];

    store_le64(number, ram->size);
    xxh64_update_both(h, also, number, sizeof number);
    while (ram_next_run(ram, &run)) {
        for (size_t page = run.first; page < run.first + run.count; page++) {
            store_le64(number, page);
            xxh64_update_both(h, also, number, sizeof number);
            xxh64_update_both(h, also, ram->host + page * PAGE_SIZE, PAGE_SIZE);
        }
    }
}

/* Size of RAM in pages, then runs: first page, number of pages, their bytes. */
static void ram_save(void *obj, struct buf *out)
{
    const struct ram *ram = obj;
    struct page_run run = { 0 };

    buf_add_le(out, ram->size / PAGE_SIZE, 4);
    while (ram_next_run(ram, &run)) {
        buf_add_le(out, run.first, 4);
        buf_add_le(out, run.count, 4);
        buf_add(out, ram->host + run.first * PAGE_SIZE, run.count * PAGE_SIZE);
    }
}

static int ram_check(void *obj, const uint8_t *data, size_t len, struct err *err)
{
    const struct ram *ram = obj;
    uint64_t pages = ram->size / PAGE_SIZE, next = 0;
    size_t at = 4;

    if (len < 4 || load_le32(data) != pages) {
        err_set(err, "saved RAM is not of %zu bytes", ram->size);
        return -1;
    }
    while (at != len) {
        uint64_t first, count;

        if (len - at < MEMORY_RUN_HEADER)
            break;
        first = load_le32(data + at);
        count = load_le32(data + at + 4);
        at += MEMORY_RUN_HEADER;
        if (first < next || count == 0 || first + count > pages || (len - at) / PAGE_SIZE < count)
            break;
        next = first + count;
        at += count * PAGE_SIZE;
    }
    if (at == len)
        return 0;
    err_set(err, "saved RAM is damaged");
    return -1;
}

/* Clears pages [first, end) without giving memory to those that have none. */
static void ram_clear(const struct ram *ram, size_t first, size_t end)
{
    while ((first = ram_next_data(ram, first)) < end) {
        size_t stop = ram_next_hole(ram, first);

        if (stop > end)
            stop = end;
        memset(ram->host + first * PAGE_SIZE, 0, (stop - first) * PAGE_SIZE);
        first = stop;
    }
}

static void ram_load(void *obj, const uint8_t *data, size_t len)
{
    const struct ram *ram = obj;
    size_t next = 0;

    for (size_t at = 4; at < len;) {
        size_t first = load_le32(data + at), count = load_le32(data + at + 4);

        at += MEMORY_RUN_HEADER;
        ram_clear(ram, next, first);
        memcpy(ram->host + first * PAGE_SIZE, data + at, count * PAGE_SIZE);
        at += count * PAGE_SIZE;
        next = first + count;
    }
    ram_clear(ram, next, ram->size / PAGE_SIZE);
}

void memory_clear(struct memory *mem, struct bus *bus)
{
    static const uint8_t zeroes[PAGE_SIZE];
    struct page_run run = { 0 };

    while (ram_next_run(&mem->ram, &run))
        for (size_t page = run.first; page < run.first + run.count; page++)
            bus_write_block(bus, (paddr) (page * PAGE_SIZE), zeroes, PAGE_SIZE);
}

static void ram_drop(void *obj, struct pages_pool *pool, void *point)
{
    (void) obj;
    pages_free(point, pool);
    free(point);
}

/* Most pages are what they were; looking at each takes a while. */
static void *ram_keep(void *obj, struct pages_pool *pool, const void *before)
{
    const struct ram *ram = obj;
    struct pages *p = xcalloc(1, sizeof *p);
    size_t pages = ram->size / PAGE_SIZE, data_end = 0;

    pages_init(p, pool, pages);
    for (size_t page = 0;; page++) {
        const uint8_t *host;

        if (page >= data_end) {
            page = ram_next_data(ram, page);
            if (page >= pages)
                return p;
            data_end = ram_next_hole(ram, page);
        }
        if (page % MEMORY_PATIENCE == 0 && pool->hurry(pool->opaque)) {
            ram_drop(obj, pool, p);
            return NULL;
        }
        host = ram->host + page * PAGE_SIZE;
        if (!pages_share(p, before, page, host) && !page_is_zero(host))
            pages_put(p, pool, NULL, page, host, PAGE_SIZE);
    }
}

static void ram_back(void *obj, void *point)
{
    const struct ram *ram = obj;
    const struct pages *p = point;

    for (size_t page = 0; page < p->n; page++) {
        uint8_t *host = ram->host + page * PAGE_SIZE;

        if (pages_get(p, page) == NULL)
            ram_clear(ram, page, page + 1);
        else if (memcmp(host, pages_get(p, page), PAGE_SIZE) != 0)
            memcpy(host, pages_get(p, page), PAGE_SIZE);
    }
}

static_assert((int) PAGES_SIZE == (int) PAGE_SIZE, "points share pages of the machine's size");

static const struct state_blob_ops ram_ops = {
    .hash = ram_hash,
    .save = ram_save,
    .check = ram_check,
    .load = ram_load,
    .keep = ram_keep,
    .back = ram_back,
    .drop = ram_drop,
};

void memory_register_state(struct memory *mem, struct state *state)
{
    state_register_blob(state, "ram", 1, &ram_ops, &mem->ram);
}

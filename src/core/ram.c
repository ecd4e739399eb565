/* Guest RAM in a memfd. */
#include "config.h"

#include "core/ram.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

#ifndef MADV_COLLAPSE /* Linux 6.1 */
#define MADV_COLLAPSE 25
#endif

enum ram_use {
    RAM_MANY = 32, /* pages; the host takes about as long for them as for a large one */
    RAM_REFUSED = 254,
    RAM_LARGE = 255,
};

uint8_t *ram_reserve(size_t size)
{
    size_t room = size + RAM_REGION;
    uint8_t *all = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t before = all == MAP_FAILED ? 0 : -(uintptr_t) all % RAM_REGION;

    if (all == MAP_FAILED)
        return MAP_FAILED;
    if (before != 0)
        munmap(all, before);
    munmap(all + before + size, room - before - size);
    return all + before;
}

static uint8_t *ram_map(const struct ram *ram)
{
    uint8_t *at = ram_reserve(ram->size);

    if (at == MAP_FAILED || mmap(at, ram->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ram->fd, 0) != MAP_FAILED)
        return at;
    munmap(at, ram->size);
    return MAP_FAILED;
}

int ram_init(struct ram *ram, size_t size, struct err *err)
{
    *ram = (struct ram){ .size = size, .fd = memfd_create("guest-ram", MFD_CLOEXEC) };
    if (ram->fd < 0 || ftruncate(ram->fd, (off_t) size) < 0) {
        err_errno(err, "cannot make %zu KiB of guest memory", size / 1024);
        ram_close(ram);
        return -1;
    }
    ram->host = ram_map(ram);
    if (ram->host == MAP_FAILED) {
        ram->host = NULL;
        err_errno(err, "cannot map %zu KiB of guest memory", size / 1024);
        ram_close(ram);
        return -1;
    }
    ram->uses = xcalloc(size / RAM_REGION + 1, 1);
    /* A child would share the guest's memory, not copy it: let it have none. */
    madvise(ram->host, size, MADV_DONTFORK);
    return 0;
}

void ram_close(struct ram *ram)
{
    if (ram->host != NULL)
        munmap(ram->host, ram->size);
    if (ram->fd > 0)
        close(ram->fd);
    free(ram->uses);
    *ram = (struct ram){ .fd = -1 };
}

/* A file's region without any page is not made one; what is there is copied. */
static void ram_make_large(const struct ram *ram, size_t region)
{
    uint8_t *at = ram->host + region * RAM_REGION;
    bool made = madvise(at, 1, MADV_POPULATE_WRITE) == 0 && madvise(at, RAM_REGION, MADV_COLLAPSE) == 0;

    ram->uses[region] = made ? RAM_LARGE : RAM_REFUSED;
}

static bool ram_is_whole(const struct ram *ram, size_t region)
{
    return region < ram->size / RAM_REGION;
}

bool ram_use(struct ram *ram, const uint8_t *host, unsigned pages)
{
    size_t region;

    if (ram == NULL)
        return false;
    region = (size_t) (host - ram->host) / RAM_REGION; /* memory before it is far behind it, too */
    if (!ram_is_whole(ram, region))
        return false;
    if (ram->uses[region] < RAM_MANY) {
        ram->uses[region] = (uint8_t) (ram->uses[region] + pages);
        if (ram->uses[region] >= RAM_MANY)
            ram_make_large(ram, region);
    }
    return ram->uses[region] >= RAM_MANY;
}

bool ram_is_large(const struct ram *ram, const uint8_t *host)
{
    size_t region = (size_t) (host - ram->host) / RAM_REGION;

    return ram_is_whole(ram, region) && ram->uses[region] == RAM_LARGE;
}

/* Guest RAM in a memfd. */
#include "config.h"

#include "core/ram.h"

#include <sys/mman.h>
#include <unistd.h>

int ram_init(struct ram *ram, size_t size, struct err *err)
{
    *ram = (struct ram){ .size = size, .fd = memfd_create("guest-ram", MFD_CLOEXEC) };
    if (ram->fd < 0 || ftruncate(ram->fd, (off_t) size) < 0) {
        err_errno(err, "cannot make %zu KiB of guest memory", size / 1024);
        ram_close(ram);
        return -1;
    }
    ram->host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ram->fd, 0);
    if (ram->host == MAP_FAILED) {
        ram->host = NULL;
        err_errno(err, "cannot map %zu KiB of guest memory", size / 1024);
        ram_close(ram);
        return -1;
    }
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
    *ram = (struct ram){ .fd = -1 };
}

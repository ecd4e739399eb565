/*
 * Overlay logs: any bytes behind a right head, and a right log with some of its
 * bytes changed.  What opens is looked through, gone back in and written to,
 * and must open again.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bits.h"
#include "host/overlay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SECTORS = 64 };

static struct overlay *fuzz_open(int fd)
{
    struct overlay *o = NULL;
    struct err err = { "" };
    int rc = overlay_open(&o, fd, "x", &err);

    /* A failure says why, in one line. */
    if ((rc < 0) != (err.msg[0] != '\0') || strchr(err.msg, '\n') != NULL)
        abort();
    return rc == 0 ? o : NULL;
}

static void fuzz_use(int fd, const uint8_t *data, size_t size)
{
    struct overlay *o = fuzz_open(fd);
    uint8_t sector[2 * SECTOR_SIZE];
    struct err err;

    if (o == NULL)
        return;
    for (uint64_t lba = 0; lba < SECTORS; lba++)
        if (overlay_holds(o, lba) && overlay_read(o, lba, sector, &err) < 0)
            abort();
    if (size >= 2)
        overlay_seek(o, load_le16(data) % (overlay_length(o) + 1), &err);
    memset(sector, 7, sizeof sector);
    if (overlay_base(o)->sectors >= 8 &&
        (overlay_write(o, 5, 2, sector, &err) < 0 || overlay_sync(o, &err) < 0))
        abort();
    overlay_close(o);
    o = fuzz_open(fd);
    if (o == NULL || overlay_torn(o) != 0)
        abort();
    overlay_close(o);
}

/* A log of a few writes, some of them gone back on, as the bytes say. */
static void fuzz_build(int fd, const uint8_t *data, size_t size)
{
    struct overlay *o = fuzz_open(fd);
    uint8_t sector[8 * SECTOR_SIZE];
    struct err err;

    for (size_t i = 0; i + 1 < size && i < 64; i += 2) {
        memset(sector, data[i], sizeof sector);
        if (data[i] % 8 == 0)
            overlay_sync(o, &err);
        else if (data[i] % 8 == 1)
            overlay_seek(o, overlay_length(o) - data[i + 1] * 8u, &err);
        else
            overlay_write(o, data[i + 1] % (SECTORS - 8), data[i] % 8, sector, &err);
    }
    overlay_close(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct overlay_base base = { .path = "/b", .sectors = SECTORS };
    int fd = memfd_create("overlay", MFD_CLOEXEC);
    off_t end;
    struct err err;

    if (fd < 0 || overlay_format(fd, "x", &base, &err) < 0)
        abort();
    if (size != 0 && data[0] % 2 == 0) {
        fuzz_build(fd, data + 1, size - 1);
        end = lseek(fd, 0, SEEK_END);
        for (size_t i = 65; i + 2 < size && i < 80; i += 3)
            if (pwrite(fd, data + i, 1, (off_t) (load_le16(data + i + 1) % (unsigned) end)) != 1)
                abort();
    } else if (size != 0 && pwrite(fd, data + 1, size - 1, data[0] % 4 == 1 ? 0 : lseek(fd, 0, SEEK_END)) < 0) {
        abort();
    }
    fuzz_use(fd, data, size);
    close(fd);
    return 0;
}

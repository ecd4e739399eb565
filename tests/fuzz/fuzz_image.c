/*
 * Opening an image: the file's bytes are the input; its size comes from it
 * too, so that large sparse files are met.  What is taken must have a layout
 * that lies inside the file, and every sector must be readable.
 */
#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bits.h"
#include "host/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses a size: as it is, a floppy's, whole sectors, huge. */
static uint64_t fuzz_size(uint8_t choice, size_t size)
{
    static const uint64_t sizes[] = {
        0, 163840, 1474560, 1048576, 66060288, UINT64_C(1) << 34, UINT64_C(1) << 41,
    };
    uint64_t chosen = sizes[choice % ARRAY_LEN(sizes)];

    return chosen > size ? chosen : size;
}

static void fuzz_read(struct image *img, const struct disk_geometry *g)
{
    struct disk_config cfg = { .name = "fuzz" };
    struct disk *d;
    uint8_t sector[SECTOR_SIZE];

    image_attach(img, g, &cfg);
    d = disk_new(&cfg, NULL, NULL);
    if (disk_read(d, 0, 1, sector) < 0 || disk_read(d, cfg.sectors - 1, 1, sector) < 0 ||
        disk_read(d, cfg.sectors, 1, sector) == 0)
        abort();
    disk_free(d);
}

static void fuzz_open(const char *path)
{
    struct image *img;
    struct disk_geometry g;
    struct err err = { "" };
    const struct probe_file *file;

    if (image_open(&img, path, IMAGE_DISCARD, &err) < 0)
        abort(); /* a plain file opens, whatever is in it */
    file = image_file(img);
    if (image_kind(img) == PROBE_UNKNOWN)
        probe_explain_unknown(file, &err);
    if (probe_check_hard_disk(file, &err) < 0) {
        if (err.msg[0] == '\0' || strchr(err.msg, '\n') != NULL)
            abort();
        image_close(img);
        return;
    }
    g = probe_hard_disk(file);
    if (probe_check_geometry(g, &err) < 0 ||
        (uint64_t) g.cylinders * g.heads * g.sectors > file->size / SECTOR_SIZE)
        abort();
    fuzz_read(img, &g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd;

    if (size == 0)
        return 0;
    fd = memfd_create("image.com", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t) (size - 1) ||
        ftruncate(fd, (off_t) fuzz_size(data[0], size - 1)) < 0)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fuzz_open(path);
    close(fd);
    return 0;
}

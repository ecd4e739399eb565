/*
 * Snapshots: any bytes; and a right one with some of its bytes changed and its
 * checksums left as they are, or mended for the head.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/buf.h"
#include "base/crc32c.h"
#include "host/snapshot_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 32, SECTION = 64 };

static void fuzz_parse(const uint8_t *data, size_t size)
{
    struct snapshot s;
    struct err err = { "" };
    int rc = snapshot_parse(data, size, &s, &err);

    /* A failure says why, in one line, and leaves nothing. */
    if ((rc < 0) != (err.msg[0] != '\0') || strchr(err.msg, '\n') != NULL)
        abort();
    if (rc < 0 && (s.about.data != NULL || s.state.data != NULL || s.sections.data != NULL))
        abort();
    snapshot_free(&s);
}

/* Sections of the bytes that are there, with right checksums. */
static void fuzz_mend(uint8_t *p, size_t size)
{
    memcpy(p, "RPRSNAP\n", 8);
    store_le32(p + 8, 1);
    store_le64(p + 16, size);
    store_le32(p + 24, load_le32(p + 24) % 4);
    store_le32(p + 28, crc32c(0, p, 28));
    for (size_t at = HEAD; size - at >= SECTION;) {
        uint64_t stored = load_le64(p + at + 40) % (size - at - SECTION + 1);

        if (at == HEAD)
            memcpy(p + at, "about", 6);
        store_le32(p + at + 36, load_le32(p + at + 36) % 3);
        store_le64(p + at + 40, stored);
        if (load_le32(p + at + 36) == 0)
            store_le64(p + at + 48, stored);
        store_le32(p + at + 56, crc32c(0, p + at + SECTION, (size_t) stored));
        store_le32(p + at + 60, crc32c(0, p + at, SECTION - 4));
        at += SECTION + (size_t) stored;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf copy = { 0 };

    fuzz_parse(data, size);
    if (size < HEAD)
        return 0;
    buf_add(&copy, data, size);
    fuzz_mend(copy.data, copy.len);
    fuzz_parse(copy.data, copy.len);
    buf_free(&copy);
    return 0;
}

/*
 * What a file is, by its content and size, and how a disk of that content is
 * laid out.  Works on a few bytes of the file and touches nothing.
 *
 * Source: "AT Attachment" for the limits of a geometry; Microsoft "FAT32 File
 *         System Specification" 1.03 (BPB); ECMA-119 section 8.1 (CD001);
 *         the partition table as in IBM's PC DOS 3.30 technical reference.
 */
#ifndef HOST_PROBE_H
#define HOST_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/disk.h"

enum probe_kind {
    PROBE_UNKNOWN,
    PROBE_FOLDER,
    PROBE_ISO,
    PROBE_FLOPPY,
    PROBE_HARD_DISK,
    PROBE_PROGRAM, /* DOS program */
};

enum { PROBE_ISO_OFFSET = 0x8001, PROBE_ISO_LEN = 5, PROBE_CD_SECTOR = 2048 };

/* 2 TiB: what a partition table can name. */
#define PROBE_SECTORS_MAX (UINT64_C(1) << 32)

/* What the judgement rests on. */
struct probe_file {
    const char *name; /* as the user gave it, for its ending */
    uint64_t size;    /* bytes */
    uint8_t head[SECTOR_SIZE];
    size_t head_len;            /* bytes of head that the file has */
    uint8_t iso[PROBE_ISO_LEN]; /* bytes from PROBE_ISO_OFFSET on; zero past the end */
};

enum probe_kind probe_kind(const struct probe_file *file);

/* Layout of a floppy of that many bytes; false: no floppy has this size. */
bool probe_floppy(uint64_t size, struct disk_geometry *out);

/*
 * Layout of a hard disk: from the partition table or, without partitions, the
 * boot sector, else 16 heads and 63 sectors a track.  At most 16383 cylinders,
 * 16 heads and 63 sectors, and at most the file's sectors.
 */
struct disk_geometry probe_hard_disk(const struct probe_file *file);

/* -1: not whole sectors, too large, or shorter than its file systems say. */
int probe_check_hard_disk(const struct probe_file *file, struct err *err);

/* -1: not whole sectors of 2048 bytes, or more than a disc has addresses for. */
int probe_check_cd(const struct probe_file *file, struct err *err);

/* -1 when no drive has such a layout. */
int probe_check_geometry(struct disk_geometry g, struct err *err);

/* One line about a file that is nothing we know. */
void probe_explain_unknown(const struct probe_file *file, struct err *err);

/* Sizes of floppies in KB, for messages. */
#define PROBE_FLOPPY_SIZES "160, 180, 320, 360, 720, 1200, 1440, 1680 or 2880 KB"

#endif

/* Whole files: read with a limit, replaced in one step. */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"

/* Reads a regular file of at most `max` bytes.  -1 and a one-line error else. */
int file_read(const char *path, size_t max, struct buf *out, struct err *err);

/*
 * Puts `len` bytes at `path`: a reader sees the old file or the new one, never
 * half of one.  What is not a regular file (a FIFO, /dev/null) is written to.
 */
int file_replace(const char *path, const void *data, size_t len, struct err *err);

/* SHA-256 of a regular file, as text. */
int file_sum(const char *path, char text[SHA256_TEXT], struct err *err);

/* Copies a file to where nothing may be, durable when it returns 0.  Shares its
 * content with the original where the file system can. */
int file_copy(const char *from, const char *to, struct err *err);

/* Makes the name of a new file durable. */
int file_sync_folder(const char *path, struct err *err);

/* -1 and an error if file_replace could not put a file there now. */
int file_check_output(const char *path, struct err *err);

/* A new or emptied file to write on to; -1 and a one-line error. */
int file_create(const char *path, struct err *err);

/* All bytes, whatever the pieces; -1 with errno set. */
int file_write_all(int fd, const void *data, size_t len);

/* True if both names lead to one file. */
bool file_same(const char *a, const char *b);

#endif

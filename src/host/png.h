/* Pictures as PNG files, by libpng. */
#ifndef HOST_PNG_H
#define HOST_PNG_H

#include "base/buf.h"
#include "base/err.h"
#include "core/video.h"

/* Writes the picture, or leaves what was at `path`. */
int png_save(const char *path, const struct video_frame *frame, struct err *err);

/* The same bytes, added to `out`. */
int png_make(struct buf *out, const struct video_frame *frame, struct err *err);

/* Reads a picture of any kind, without its transparency.  Every byte of the
 * file counts: what is damaged is refused. */
int png_load(const char *path, struct video_frame *frame, struct err *err);

#endif

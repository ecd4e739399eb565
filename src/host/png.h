/* Pictures as PNG files, by libpng. */
#ifndef HOST_PNG_H
#define HOST_PNG_H

#include "base/err.h"
#include "core/video.h"

/* Writes the picture, or leaves what was at `path`. */
int png_save(const char *path, const struct video_frame *frame, struct err *err);

#endif

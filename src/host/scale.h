/*
 * Pictures of any size for a window of any size: each dot of the result is the
 * mean of what it covers, so that guest dots stay sharp squares.  Row by row, so
 * that whoever draws can look up in between.
 */
#ifndef HOST_SCALE_H
#define HOST_SCALE_H

#include <stddef.h>
#include <stdint.h>

struct scale;

struct scale *scale_new(void);
void scale_free(struct scale *s);

/* Sizes in dots, none of them 0. */
void scale_set(struct scale *s, unsigned in_width, unsigned in_height, unsigned out_width,
               unsigned out_height);

/* The picture's content is another. */
void scale_begin(struct scale *s);

/* Row `y` of the result, of dots xRGB; `in` has no gaps between rows.  Going down
 * costs least. */
void scale_row(struct scale *s, const uint32_t *in, unsigned y, uint32_t *out);

#endif

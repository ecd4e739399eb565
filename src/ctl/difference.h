/* What differs between two machines, out of the lines of their checkpoints (state_describe). */
#ifndef CTL_DIFFERENCE_H
#define CTL_DIFFERENCE_H

#include <stddef.h>

#include "base/buf.h"

struct span {
    const char *p;
    size_t len;
};

/* The first section and field that differ.  `when`: words for the first and the
 * second ("when recorded", "now"). */
void difference_name(struct span was, struct span is, const char *const when[2], char *text,
                     size_t size);
/* The same of each section: lines. */
void difference_list(struct span was, struct span is, const char *const when[2], struct buf *out);

#endif

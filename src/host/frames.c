/* Three buffers of pictures between two threads. */
#include "config.h"

#include "host/frames.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FRAMES = 3, FRAMES_FRESH = 4 };

struct frames {
    struct frame slot[FRAMES];
    unsigned back, front; /* of the machine; of the window */
    atomic_uint middle;   /* number of the third, FRAMES_FRESH: not taken yet */
};

struct frames *frames_new(void)
{
    struct frames *f = xcalloc(1, sizeof *f);

    f->front = 1;
    atomic_init(&f->middle, 2);
    return f;
}

void frames_free(struct frames *f)
{
    if (f == NULL)
        return;
    for (unsigned i = 0; i < FRAMES; i++)
        free(f->slot[i].copy);
    free(f);
}

struct frame *frames_back(struct frames *f)
{
    return &f->slot[f->back];
}

bool frames_publish(struct frames *f)
{
    unsigned old = atomic_exchange(&f->middle, f->back | FRAMES_FRESH);

    f->back = old & ~FRAMES_FRESH;
    return !(old & FRAMES_FRESH);
}

struct frame *frames_take(struct frames *f)
{
    if (!(atomic_load(&f->middle) & FRAMES_FRESH))
        return NULL;
    f->front = atomic_exchange(&f->middle, f->front) & ~FRAMES_FRESH;
    return &f->slot[f->front];
}

struct frame *frames_front(struct frames *f)
{
    return &f->slot[f->front];
}

/* --- one picture ---------------------------------------------------------- */

void frame_read(struct frame *frame, const struct video_source *video)
{
    if (frame->video.size != video->size)
        frame->copy = xrealloc(frame->copy, video->size);
    video->copy(video->opaque, frame->copy);
    frame->video = *video;
    frame->video.opaque = frame->copy;
}

bool frame_same_picture(const struct video_frame *a, const struct video_frame *b)
{
    return a->width == b->width && a->height == b->height &&
           memcmp(a->pixel, b->pixel, (size_t) a->width * a->height * sizeof a->pixel[0]) == 0;
}

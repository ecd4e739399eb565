/* Three buffers of pictures between two threads. */
#include "config.h"

#include "host/frames.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FRAMES = 3, FRAMES_FRESH = 4 };

struct frames {
    struct frame *slot[FRAMES];
    unsigned back, front; /* of the machine; of the window */
    atomic_uint middle;   /* number of the third, FRAMES_FRESH: not taken yet */
};

struct frames *frames_new(void)
{
    struct frames *f = xcalloc(1, sizeof *f);

    for (unsigned i = 0; i < FRAMES; i++)
        f->slot[i] = xmap(sizeof *f->slot[i]);
    f->front = 1;
    atomic_init(&f->middle, 2);
    return f;
}

void frames_free(struct frames *f)
{
    if (f == NULL)
        return;
    for (unsigned i = 0; i < FRAMES; i++)
        xunmap(f->slot[i], sizeof *f->slot[i]);
    free(f);
}

struct frame *frames_back(struct frames *f)
{
    return f->slot[f->back];
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
    return f->slot[f->front];
}

struct frame *frames_front(const struct frames *f)
{
    return f->slot[f->front];
}

/* --- one picture ---------------------------------------------------------- */

void frame_read(struct frame *frame, const struct video_source *video)
{
    video->mode(video->opaque, &frame->mode);
    frame->has_text = video->text(video->opaque, &frame->text);
    video->render(video->opaque, &frame->picture);
}

static void frame_mode(void *opaque, struct video_mode *out)
{
    const struct frame *frame = opaque;

    *out = frame->mode;
}

static bool frame_text(void *opaque, struct video_text *out)
{
    const struct frame *frame = opaque;

    if (frame->has_text)
        *out = frame->text;
    return frame->has_text;
}

bool frame_same_picture(const struct video_frame *a, const struct video_frame *b)
{
    return a->width == b->width && a->height == b->height &&
           memcmp(a->pixel, b->pixel, (size_t) a->width * a->height * sizeof a->pixel[0]) == 0;
}

void frame_copy_picture(struct video_frame *to, const struct video_frame *from)
{
    to->width = from->width;
    to->height = from->height;
    memcpy(to->pixel, from->pixel, (size_t) from->width * from->height * sizeof from->pixel[0]);
}

static void frame_render(void *opaque, struct video_frame *out)
{
    const struct frame *frame = opaque;

    frame_copy_picture(out, &frame->picture);
}

static vtime frame_retrace(void *opaque)
{
    (void) opaque;
    return VTIME_NEVER; /* it stands still */
}

struct video_source frame_source(struct frame *frame)
{
    return (struct video_source){ frame_mode, frame_text, frame_render, frame_retrace, frame };
}

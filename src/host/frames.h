/*
 * Pictures from the thread that runs the machine to the one that shows them:
 * three buffers, no lock, nobody waits.  The newest picture wins.  What passes
 * are copies of the display adapter; whoever shows them draws them.
 */
#ifndef HOST_FRAMES_H
#define HOST_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/video.h"

struct frame {
    vtime at;
    struct video_source video; /* of the copy; size 0: nothing was shown yet */
    void *copy;
};

struct frames;

struct frames *frames_new(void);
void frames_free(struct frames *f);

/* The machine's side: fill it, then publish.  False: the picture before
 * this one was never taken. */
struct frame *frames_back(struct frames *f);
bool frames_publish(struct frames *f);

/* The window's side: the newest picture, valid until the next call; NULL: no
 * news.  frames_front: the one taken last (empty before the first). */
struct frame *frames_take(struct frames *f);
struct frame *frames_front(struct frames *f);

/* Fills a frame from a display adapter. */
void frame_read(struct frame *frame, const struct video_source *video);

/* True if both would look the same. */
bool frame_same_picture(const struct video_frame *a, const struct video_frame *b);

#endif

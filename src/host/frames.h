/*
 * Pictures from the thread that runs the machine to the one that shows them:
 * three buffers, no lock, nobody waits.  The newest picture wins.
 */
#ifndef HOST_FRAMES_H
#define HOST_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/video.h"

struct frame {
    uint64_t wall; /* when it was published */
    vtime at;
    bool has_text; /* text mode: `text` holds the page */
    struct video_mode mode;
    struct video_text text;
    struct video_frame picture;
};

struct frames;

struct frames *frames_new(void);
void frames_free(struct frames *f);

/* The machine's side: draw into it, then publish.  False: the picture before
 * this one was never taken. */
struct frame *frames_back(struct frames *f);
bool frames_publish(struct frames *f);

/* The window's side: the newest picture, valid until the next call; NULL: no
 * news.  frames_front: the one taken last (zeroed before the first). */
struct frame *frames_take(struct frames *f);
struct frame *frames_front(const struct frames *f);

/* Fills a frame from a display adapter, and reads one like an adapter. */
void frame_read(struct frame *frame, const struct video_source *video);
struct video_source frame_source(struct frame *frame);

/* True if both would look the same. */
bool frame_same_picture(const struct video_frame *a, const struct video_frame *b);
void frame_copy_picture(struct video_frame *to, const struct video_frame *from);

#endif

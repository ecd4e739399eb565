/*
 * Pictures as PNG files: 8-bit RGB, no time stamp, so equal pictures give
 * equal files with one libpng.  Source: libpng manual 1.6, sections IV and V.
 */
#include "config.h"

#include "host/png.h"

#if CONFIG_PNG

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "host/file.h"

struct png_job {
    png_structp png;
    png_infop info;
    struct buf file;
    struct err *err;
    uint8_t *row;
};

static void png_failed(png_structp png, png_const_charp why)
{
    struct png_job *job = png_get_error_ptr(png);

    err_set(job->err, "PNG: %s", why);
    longjmp(png_jmpbuf(png), 1);
}

static void png_warned(png_structp png, png_const_charp why)
{
    (void) png;
    (void) why; /* the file is right all the same */
}

static void png_take(png_structp png, png_bytep data, size_t len)
{
    struct png_job *job = png_get_io_ptr(png);

    buf_add(&job->file, data, len);
}

static void png_done(png_structp png)
{
    (void) png; /* nothing is held back */
}

static void png_rows(struct png_job *job, const struct video_frame *frame)
{
    for (unsigned y = 0; y < frame->height; y++) {
        const uint32_t *pixel = frame->pixel + (size_t) y * frame->width;

        for (unsigned x = 0; x < frame->width; x++) {
            job->row[x * 3] = (uint8_t) (pixel[x] >> 16);
            job->row[x * 3 + 1] = (uint8_t) (pixel[x] >> 8);
            job->row[x * 3 + 2] = (uint8_t) pixel[x];
        }
        png_write_row(job->png, job->row);
    }
}

static int png_encode(struct png_job *job, const struct video_frame *frame)
{
    if (setjmp(png_jmpbuf(job->png)) != 0)
        return -1;
    png_set_write_fn(job->png, job, png_take, png_done);
    png_set_IHDR(job->png, job->info, frame->width, frame->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(job->png, job->info);
    png_rows(job, frame);
    png_write_end(job->png, NULL);
    return 0;
}

int png_save(const char *path, const struct video_frame *frame, struct err *err)
{
    struct png_job job = { .err = err };
    int rc = -1;

    job.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, png_failed, png_warned);
    if (job.png != NULL)
        job.info = png_create_info_struct(job.png);
    if (job.info == NULL) {
        err_set(err, "PNG: libpng does not start");
        png_destroy_write_struct(&job.png, NULL);
        return -1;
    }
    job.row = xmalloc((size_t) frame->width * 3 + 1);
    if (png_encode(&job, frame) == 0)
        rc = file_replace(path, job.file.data, job.file.len, err);
    png_destroy_write_struct(&job.png, &job.info);
    free(job.row);
    buf_free(&job.file);
    return rc;
}

#else

int png_save(const char *path, const struct video_frame *frame, struct err *err)
{
    (void) frame;
    err_set(err, "'%s': PNG pictures are not in this build (libpng was missing)", path);
    return -1;
}

#endif

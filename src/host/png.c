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
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "host/file.h"

struct png_job {
    png_structp png;
    png_infop info;
    struct buf *file;
    size_t next; /* of the file, when reading */
    struct err *err;
    uint8_t *row;
    uint8_t **rows; /* when reading */
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

    buf_add(job->file, data, len);
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

int png_make(struct buf *out, const struct video_frame *frame, struct err *err)
{
    struct png_job job = { .file = out, .err = err };
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
    rc = png_encode(&job, frame);
    png_destroy_write_struct(&job.png, &job.info);
    free(job.row);
    return rc;
}

int png_save(const char *path, const struct video_frame *frame, struct err *err)
{
    struct buf file = { 0 };
    int rc = png_make(&file, frame, err);

    if (rc == 0)
        rc = file_replace(path, file.data, file.len, err);
    buf_free(&file);
    return rc;
}

/* --- reading ------------------------------------------------------------- */

enum { PNG_FILE_MAX = 32 << 20 };

static void png_give(png_structp png, png_bytep data, size_t len)
{
    struct png_job *job = png_get_io_ptr(png);

    if (len > job->file->len - job->next)
        png_error(png, "it ends too early");
    memcpy(data, job->file->data + job->next, len);
    job->next += len;
}

/* A byte that libpng would only warn of is damage too. */
static void png_distrusted(png_structp png, png_const_charp why)
{
    png_failed(png, why);
}

static void png_prepare(struct png_job *job, struct video_frame *frame)
{
    uint32_t width, height;

    png_set_read_fn(job->png, job, png_give);
    png_set_crc_action(job->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(job->png, VIDEO_WIDTH_MAX, VIDEO_HEIGHT_MAX);
    png_set_chunk_malloc_max(job->png, 1 << 20);
    png_read_info(job->png, job->info);
    width = png_get_image_width(job->png, job->info);
    height = png_get_image_height(job->png, job->info);
    if (width > VIDEO_WIDTH_MAX || height > VIDEO_HEIGHT_MAX)
        png_error(job->png, "it is too large");
    png_set_expand(job->png);
    png_set_strip_16(job->png);
    png_set_strip_alpha(job->png);
    png_set_gray_to_rgb(job->png);
    png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    if (png_get_rowbytes(job->png, job->info) != (size_t) width * 3)
        png_error(job->png, "it is of a kind that is not known");
    frame->width = width;
    frame->height = height;
}

static int png_decode(struct png_job *job, struct video_frame *frame)
{
    uint8_t **rows = NULL;

    if (setjmp(png_jmpbuf(job->png)) != 0)
        return -1;
    png_prepare(job, frame);
    job->row = xmalloc((size_t) frame->width * frame->height * 3);
    rows = (uint8_t **) png_malloc(job->png, frame->height * sizeof *rows);
    job->rows = rows;
    for (unsigned y = 0; y < frame->height; y++)
        rows[y] = job->row + (size_t) y * frame->width * 3;
    png_read_image(job->png, rows);
    png_read_end(job->png, NULL);
    if (job->next != job->file->len)
        png_error(job->png, "something follows its end");
    for (size_t i = 0; i < (size_t) frame->width * frame->height; i++)
        frame->pixel[i] = (uint32_t) job->row[i * 3] << 16 | (uint32_t) job->row[i * 3 + 1] << 8 |
                          job->row[i * 3 + 2];
    return 0;
}

int png_load(const char *path, struct video_frame *frame, struct err *err)
{
    struct buf file = { 0 };
    struct png_job job = { .file = &file, .err = err };
    int rc = -1;

    if (file_read(path, PNG_FILE_MAX, &file, err) < 0)
        return -1;
    job.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, png_failed, png_distrusted);
    if (job.png != NULL)
        job.info = png_create_info_struct(job.png);
    if (job.info != NULL)
        rc = png_decode(&job, frame);
    else
        err_set(err, "PNG: libpng does not start");
    if (rc < 0)
        err_prefix(err, "'%s' is damaged or no picture", path);
    if (job.png != NULL)
        png_free(job.png, job.rows);
    png_destroy_read_struct(&job.png, &job.info, NULL);
    free(job.row);
    buf_free(&file);
    return rc;
}

#else

int png_save(const char *path, const struct video_frame *frame, struct err *err)
{
    (void) frame;
    err_set(err, "'%s': PNG pictures are not in this build (libpng was missing)", path);
    return -1;
}

int png_make(struct buf *out, const struct video_frame *frame, struct err *err)
{
    (void) out;
    return png_save("report", frame, err);
}

int png_load(const char *path, struct video_frame *frame, struct err *err)
{
    return png_save(path, frame, err);
}

#endif

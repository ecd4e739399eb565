/*
 * Configuration files made of pieces that belong there: any order of them is
 * read without harm, and what --print-config prints of it, read again, prints
 * the same.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "ctl/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const pieces[] = {
    "\n", "\n", "\n", " = ", " = ", "=", " ", "\"", "\r\n", "\t", "#", ";", "[", "]", "-", "\xef\xbb\xbf",
    "[disks]\n", "[keys]\n", "m = 8\n", "m", "8", "cpu", "486", "snapshot = yes\n", "no", "yes",
    "serial = null\n", "serial", "file:x", "file:\"x \"", "chs = hdb:1,2,3\n", "chs", "1,2,3", "type = ",
    "\\n", "{F1}", "wait", "until = time:1\n", "text:a", "rtc", "base=host", "boot = ca\n", "hda = ",
    "fda", "a.img", "speed", "max", "0.5", "conf", "set", "print-config", "bogus = 1\n", "hash", "\xff",
    "\x01", "fullscreen", "Ctrl+F5",
};

/* Bytes up to 127 choose a piece, others stand for themselves. */
static void fuzz_text(struct buf *text, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char *piece = pieces[data[i] % ARRAY_LEN(pieces)];

        if (data[i] < 128)
            buf_add(text, piece, strlen(piece));
        else
            buf_add(text, &data[i], 1);
    }
    buf_add(text, "", 1);
}

/* Drops the lines that tell where a value comes from. */
static void fuzz_drop_origins(struct buf *text)
{
    char *to, *line;

    buf_add(text, "", 1);
    to = line = (char *) text->data;
    while (*line != '\0') {
        size_t len = strcspn(line, "\n");

        len += line[len] == '\n';
        if (strncmp(line, "# from ", 7) != 0) {
            memmove(to, line, len);
            to += len;
        }
        line += len;
    }
    *to = '\0';
}

/* True if the text is a configuration without fault; `printed` is what it prints. */
static bool fuzz_print(struct buf *text, struct buf *printed)
{
    struct options o;
    struct err err = { "" };
    bool good;

    options_init(&o);
    good = options_parse_conf(&o, "fuzz", (char *) text->data, &err) == CTL_OK;
    if (good != (err.msg[0] == '\0') || strchr(err.msg, '\n') != NULL)
        abort();
    if (good && options_print_config(&o, printed, &err) < 0)
        abort(); /* a line cannot give a value with a line break */
    options_free(&o);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = { 0 }, once = { 0 }, copy = { 0 }, twice = { 0 };

    fuzz_text(&text, data, size);
    if (fuzz_print(&text, &once)) {
        buf_add(&copy, once.data, once.len);
        buf_add(&copy, "", 1);
        if (!fuzz_print(&copy, &twice))
            abort();
        fuzz_drop_origins(&once);
        fuzz_drop_origins(&twice);
        if (strcmp((char *) once.data, (char *) twice.data) != 0)
            abort();
    }
    buf_free(&text);
    buf_free(&once);
    buf_free(&copy);
    buf_free(&twice);
    return 0;
}

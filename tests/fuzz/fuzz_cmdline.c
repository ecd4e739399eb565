/*
 * The command line: any arguments, as NUL-separated strings, and any text of a
 * configuration file.  Names of existing files cannot do harm: only --conf
 * reads one, and nothing is written before a machine runs.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARGS = 32 };

static int fuzz_split(char *text, size_t size, char **argv)
{
    int argc = 0;

    for (size_t at = 0; at <= size && argc < FUZZ_ARGS; at += strlen(text + at) + 1)
        argv[argc++] = text + at;
    argv[argc] = NULL;
    return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options o;
    struct err err = { "" };
    enum ctl_exit rc;
    char *text, *argv[FUZZ_ARGS + 1];
    bool conf;

    if (size == 0)
        return 0;
    conf = data[0] == '#';
    text = xcalloc(1, size + 2);
    memcpy(text, data, size);
    options_init(&o);
    if (conf) {
        o.source = SOURCE_CONF;
        rc = options_parse_conf(&o, "fuzz", text, &err);
    } else {
        rc = options_parse(&o, fuzz_split(text, size, argv), argv, NULL, &err);
    }
    /* A failure says why, in one line; a success says nothing. */
    if ((rc == CTL_OK) != (err.msg[0] == '\0') || strchr(err.msg, '\n') != NULL)
        abort();
    options_free(&o);
    free(text);
    return 0;
}

/* Reading and writing the lines of a configuration file. */
#include "config.h"

#include "ctl/conf.h"

#include <string.h>

static char *conf_trim(char *text)
{
    size_t len = strlen(text);

    while (len != 0 && strchr(" \t\r", text[len - 1]) != NULL)
        text[--len] = '\0';
    return text + strspn(text, " \t");
}

void conf_open(struct conf_reader *r, char *text)
{
    /* Editors of other systems put a byte order mark in front. */
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    *r = (struct conf_reader){ text, 0, "" };
}

int conf_split(char *line, struct conf_pair *pair, struct err *err)
{
    char *eq = strchr(line, '='), *value;
    size_t len;

    if (eq == NULL) {
        err_set(err, "'%.60s' is not of the form key = value", conf_trim(line));
        return -1;
    }
    *eq = '\0';
    pair->key = conf_trim(line);
    value = conf_trim(eq + 1);
    len = strlen(value);
    if (*pair->key == '\0') {
        err_set(err, "there is no key before '= %.60s'", value);
        return -1;
    }
    if (value[0] == '"') {
        if (len < 2 || value[len - 1] != '"') {
            err_set(err, "%.60s: a value that begins with \" ends with one", pair->key);
            return -1;
        }
        value[len - 1] = '\0';
        value++;
    }
    pair->value = value;
    return 0;
}

static int conf_heading(struct conf_reader *r, char *line, struct err *err)
{
    char *end = strchr(line, ']');

    if (end == NULL || end[1] != '\0') {
        err_set(err, "'%.60s' is not of the form [section]", line);
        return -1;
    }
    *end = '\0';
    r->section = conf_trim(line + 1);
    return 0;
}

enum conf_item conf_next(struct conf_reader *r, struct conf_pair *pair, struct err *err)
{
    while (r->text != NULL) {
        char *line = r->text, *next = strchr(line, '\n');

        if (next != NULL)
            *next++ = '\0';
        r->text = next;
        r->line++;
        line = conf_trim(line);
        if (*line == '\0' || *line == '#' || *line == ';')
            continue;
        if (*line == '[')
            return conf_heading(r, line, err) < 0 ? CONF_BAD : CONF_SECTION;
        return conf_split(line, pair, err) < 0 ? CONF_BAD : CONF_PAIR;
    }
    return CONF_END;
}

bool conf_add_pair(struct buf *out, const char *key, const char *value)
{
    size_t len = strlen(value);
    bool quote = len == 0 || value[0] == '"' || strchr(" \t\r", value[0]) != NULL ||
                 strchr(" \t\r", value[len - 1]) != NULL;

    if (strchr(value, '\n') != NULL)
        return false;
    buf_add(out, key, strlen(key));
    buf_add(out, quote ? " = \"" : " = ", quote ? 4 : 3);
    buf_add(out, value, len);
    buf_add(out, quote ? "\"\n" : "\n", quote ? 2 : 1);
    return true;
}

/* Steps as they stand on the command line or in a test. */
#include "config.h"

#include "ctl/steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "ctl/nearest.h"
#include "ctl/number.h"

struct step *steps_add(struct step_list *list, enum step_kind kind, const char *text)
{
    struct step *step;

    list->step = xrealloc(list->step, (list->n + 1) * sizeof *list->step);
    step = &list->step[list->n++];
    *step = (struct step){ .kind = kind, .text = text, .limit = VTIME_NEVER };
    return step;
}

static void steps_add_condition(struct step *step, const struct condition *cond)
{
    step->cond = xrealloc(step->cond, (step->conds + 1) * sizeof *step->cond);
    step->cond[step->conds++] = *cond;
}

int steps_add_type(struct step_list *list, const char *text, struct err *err)
{
    struct key_list keys;

    if (keys_parse(text, &keys, err) < 0)
        return -1;
    steps_add(list, STEP_TYPE, text)->keys = keys;
    return 0;
}

int steps_add_wait(struct step_list *list, const char *text, struct err *err)
{
    return steps_add_wait_for(list, COND_TEXT, text, err);
}

/* --- conditions ---------------------------------------------------------- */

static const struct condition_name {
    const char *name;
    enum condition_kind kind;
} condition_names[] = {
    { "poweroff", COND_POWEROFF }, { "text", COND_TEXT },   { "serial", COND_SERIAL },
    { "time", COND_TIME },         { "insns", COND_INSNS }, { "mem", COND_MEMORY },
    { "hash", COND_HASH },
};

static const char *condition_word(const void *opaque, unsigned i)
{
    (void) opaque;
    return i < ARRAY_LEN(condition_names) ? condition_names[i].name : NULL;
}

/* Knuth, Morris, Pratt: fallback[i] is the length of the longest proper prefix
 * of the text that is also a suffix of its first i + 1 bytes. */
static size_t *condition_fallback(const char *text, size_t len)
{
    size_t *fallback = xcalloc(len, sizeof *fallback);
    size_t k = 0;

    for (size_t i = 1; i < len; i++) {
        while (k != 0 && text[i] != text[k])
            k = fallback[k - 1];
        k += text[i] == text[k];
        fallback[i] = k;
    }
    return fallback;
}

/* "ADDRESS=BYTE" or "ADDRESS!=BYTE", hexadecimal with 0x. */
static int condition_parse_memory(struct condition *cond, const char *arg, struct err *err)
{
    char *end = NULL;
    unsigned long long addr = strtoull(arg, &end, 0), byte = 256;

    cond->differs = *end == '!';
    if (end != arg && (*end == '=' || (end[0] == '!' && end[1] == '='))) {
        const char *p = end + 1 + cond->differs;

        byte = strtoull(p, &end, 0);
        if (end == p || *end != '\0')
            byte = 256;
    }
    if (byte > 255 || addr > UINT32_MAX || *arg == '-' || *arg == '+') {
        err_set(err, "'%.40s' is not of the form ADDRESS=BYTE or ADDRESS!=BYTE", arg);
        return -1;
    }
    cond->text = arg;
    cond->value = addr;
    cond->len = (size_t) byte;
    return 0;
}

/* "SECTION=HASH" or "SECTION!=HASH", as the lines of a trace have them. */
static int condition_parse_hash(struct condition *cond, const char *arg, struct err *err)
{
    size_t name = strcspn(arg, "!=");
    const char *p = arg + name;
    char *end;

    cond->differs = *p == '!';
    p += cond->differs;
    if (name != 0 && *p++ == '=' && strlen(p) == 16 && strspn(p, "0123456789abcdefABCDEF") == 16) {
        cond->text = arg;
        cond->len = name;
        cond->value = strtoull(p, &end, 16);
        return 0;
    }
    err_set(err, "'%.60s' is not of the form SECTION=HASH or SECTION!=HASH, of 16 digits", arg);
    return -1;
}

static int condition_parse_value(struct condition *cond, const char *arg, struct err *err)
{
    switch (cond->kind) {
    case COND_POWEROFF:
    case COND_PAUSE:
        break;
    case COND_TEXT:
    case COND_SERIAL:
        if (*arg != '\0')
            break;
        err_set(err, "there is no text to wait for");
        return -1;
    case COND_TIME:
        if (number_decimal(arg, 9, UINT64_C(1) << 62, &cond->value))
            break;
        err_set(err, "'%.40s' is not a time in seconds", arg);
        return -1;
    case COND_MEMORY: return condition_parse_memory(cond, arg, err);
    case COND_HASH: return condition_parse_hash(cond, arg, err);
    case COND_INSNS:
        if (number_uint(arg, UINT64_C(1) << 62, &cond->value))
            break;
        err_set(err, "'%.40s' is not a number of instructions", arg);
        return -1;
    }
    cond->text = arg;
    cond->len = strlen(arg);
    return 0;
}

static int condition_parse(struct condition *cond, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    size_t len = colon != NULL ? (size_t) (colon - text) : strlen(text);
    char name[24] = "";

    memcpy(name, text, len < sizeof name ? len : sizeof name - 1);
    for (size_t i = 0; i < ARRAY_LEN(condition_names); i++) {
        if (strcmp(condition_names[i].name, name) != 0)
            continue;
        cond->kind = condition_names[i].kind;
        if ((colon == NULL) == (cond->kind == COND_POWEROFF))
            return condition_parse_value(cond, colon != NULL ? colon + 1 : "", err);
        err_set(err, cond->kind == COND_POWEROFF ? "poweroff has no value" : "'%s' needs a value",
                name);
        return -1;
    }
    err_set(err,
            "unknown condition '%s'; the nearest is '%s' (poweroff, text:S, serial:S, "
            "time:SECONDS, insns:N, mem:ADDRESS=BYTE, hash:SECTION=HASH)",
            name, condition_names[nearest_find(name, condition_word, NULL)].name);
    return -1;
}

int steps_add_wait_for(struct step_list *list, enum condition_kind kind, const char *text,
                       struct err *err)
{
    struct condition cond = { .kind = kind };

    if (condition_parse_value(&cond, text, err) < 0)
        return -1;
    if (kind == COND_SERIAL)
        cond.fallback = condition_fallback(cond.text, cond.len);
    steps_add_condition(steps_add(list, STEP_WAIT, text), &cond);
    return 0;
}

void steps_add_pause(struct step_list *list, const char *text, vtime pause)
{
    struct condition cond = { .kind = COND_PAUSE, .value = pause };

    steps_add_condition(steps_add(list, STEP_WAIT, text), &cond);
}

void steps_add_input(struct step *step, const struct step_input *input)
{
    step->input = xrealloc(step->input, (step->inputs + 1) * sizeof *step->input);
    step->input[step->inputs++] = *input;
}

int steps_add_until(struct step_list *list, const char *text, struct err *err)
{
    struct condition cond = { .kind = COND_POWEROFF };
    struct step *last = list->n != 0 ? &list->step[list->n - 1] : NULL;

    if (condition_parse(&cond, text, err) < 0)
        return -1;
    if (cond.kind == COND_SERIAL)
        cond.fallback = condition_fallback(cond.text, cond.len);
    /* Several in a row: any of them. */
    if (last == NULL || last->kind != STEP_UNTIL)
        last = steps_add(list, STEP_UNTIL, text);
    steps_add_condition(last, &cond);
    return 0;
}

void steps_list_free(struct step_list *list)
{
    for (unsigned i = 0; i < list->n; i++) {
        keys_free(&list->step[i].keys);
        for (unsigned k = 0; k < list->step[i].conds; k++)
            free(list->step[i].cond[k].fallback);
        free(list->step[i].cond);
        free(list->step[i].input);
    }
    free(list->step);
    *list = (struct step_list){ 0 };
}

/* Processor models and clocks. */
#include "config.h"

#include "ctl/model.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/bits.h"
#include "ctl/nearest.h"
#include "ctl/number.h"

static const struct model_name {
    const char *name;
    enum cpu_model cpu;
    unsigned mhz; /* without a clock in the option */
} model_names[] = {
    /* The models, then other names for them. */
    { "386", CPU_386, 33 },
    { "486", CPU_486, 66 },
    { "pentium", CPU_PENTIUM, 133 },
    { "pentium-mmx", CPU_PENTIUM_MMX, 200 },
    { "p2", CPU_P2, 300 },
    { "386dx", CPU_386, 33 },
    { "i386", CPU_386, 33 },
    { "486dx", CPU_486, 33 },
    { "486dx2", CPU_486, 66 },
    { "i486", CPU_486, 66 },
    { "586", CPU_PENTIUM, 133 },
    { "i586", CPU_PENTIUM, 133 },
    { "p5", CPU_PENTIUM, 66 },
    { "p54c", CPU_PENTIUM, 133 },
    { "p55c", CPU_PENTIUM_MMX, 200 },
    { "mmx", CPU_PENTIUM_MMX, 200 },
    { "pentium2", CPU_P2, 300 },
    { "pentium-2", CPU_P2, 300 },
    { "pentium-ii", CPU_P2, 300 },
    { "pii", CPU_P2, 300 },
    { "i686", CPU_P2, 300 },
};

enum { MODEL_ALIASES = CPU_MODELS };

/* Marketing's 33, 66 and 133 MHz are thirds of 100, 200 and 400. */
static const struct model_clock {
    unsigned mhz;
    uint64_t num, den;
} model_clocks[] = {
    { 33, 100000000, 3 }, { 66, 200000000, 3 }, { 133, 400000000, 3 },
    { 200, 200000000, 1 }, { 300, 300000000, 1 },
};

const char *model_name(unsigned i)
{
    return i < ARRAY_LEN(model_names) ? model_names[i].name : NULL;
}

static const char *model_word(const void *opaque, unsigned i)
{
    (void) opaque;
    return model_name(i);
}

static const struct model_name *model_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(model_names); i++)
        if (strcasecmp(model_names[i].name, name) == 0)
            return &model_names[i];
    return NULL;
}

static int model_set_clock(struct model *out, uint64_t mhz, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(model_clocks); i++) {
        if (model_clocks[i].mhz == mhz) {
            out->clock_num = model_clocks[i].num;
            out->clock_den = model_clocks[i].den;
            return 0;
        }
    }
    err_set(err, "no processor here runs at %llu MHz: 33, 66, 133, 200 or 300",
            (unsigned long long) mhz);
    return -1;
}

int model_parse(const char *text, struct model *out, struct err *err)
{
    char name[32];
    const char *dash = strrchr(text, '-');
    size_t len = strlen(text);
    uint64_t mhz = 0;
    const struct model_name *row;

    if (dash != NULL && strcasecmp(dash, "-max") == 0) {
        err_set(err, "a clock that adapts to the host ('%s') is not in this build", text);
        return -1;
    }
    row = model_find(text); /* "pentium-2" is a name */
    if (row == NULL && dash != NULL && number_uint(dash + 1, 999999, &mhz))
        len = (size_t) (dash - text);
    snprintf(name, sizeof name, "%.*s", (int) (len < sizeof name ? len : sizeof name - 1), text);
    row = model_find(name);
    if (row == NULL || len >= sizeof name) {
        err_set(err, "unknown processor '%.40s'; the nearest is '%s' (models: 386, 486, pentium, "
                "pentium-mmx, p2)",
                text, model_names[nearest_find(name, model_word, NULL)].name);
        return -1;
    }
    out->cpu = row->cpu;
    return model_set_clock(out, mhz != 0 || len != strlen(text) ? mhz : row->mhz, err);
}

void model_list(struct buf *out)
{
    char line[160];
    int n;

    for (size_t i = 0; i < MODEL_ALIASES; i++) {
        n = snprintf(line, sizeof line, "  %-12s %3u MHz by default; also",
                     model_names[i].name, model_names[i].mhz);
        for (size_t k = MODEL_ALIASES; k < ARRAY_LEN(model_names); k++)
            if (model_names[k].cpu == model_names[i].cpu)
                n += snprintf(line + n, sizeof line - (size_t) n, " %s", model_names[k].name);
        buf_add(out, line, (size_t) n);
        buf_add(out, "\n", 1);
    }
}

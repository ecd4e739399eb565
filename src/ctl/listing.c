/*
 * The listing of blocks, for people who ask why a program is slow: the most
 * executed first, each guest instruction with the host's beside it; then the
 * pieces that are seldom needed.
 */
#include "config.h"

#include "ctl/listing.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "host/disasm.h"
#include "host/file.h"

struct listing {
    struct buf text;
    struct disasm *guest[2], *host; /* of 16 and 32 bits; of 64 */
    unsigned number;
};

static void listing_close(struct listing *l)
{
    disasm_free(l->guest[0]);
    disasm_free(l->guest[1]);
    disasm_free(l->host);
    buf_free(&l->text);
}

static int listing_open(struct listing *l, struct err *err)
{
    *l = (struct listing){ 0 };
    l->guest[0] = disasm_new(16, err);
    if (l->guest[0] == NULL)
        return -1;
    l->guest[1] = disasm_new(32, err);
    l->host = disasm_new(64, err);
    if (l->guest[1] != NULL && l->host != NULL)
        return 0;
    listing_close(l);
    return -1;
}

/* Host code from one place to another, numbered from the block's start; the first line
 * stands beside `left`. */
static void listing_host(struct listing *l, const struct jit_listed *b, const uint8_t *from, const uint8_t *to,
                         const char *left)
{
    char text[160];

    if (from == to && left[0] != '\0')
        buf_printf(&l->text, "  %s\n", left);
    while (from < to) {
        uint32_t at = (uint32_t) (from - b->code);

        from += disasm_one(l->host, from, (size_t) (to - from), at, text, sizeof text);
        buf_printf(&l->text, "  %-44s %7" PRIx32 "  %s\n", left, at, text);
        left = "";
    }
}

static void listing_block(void *opaque, const struct jit_listed *b)
{
    struct listing *l = opaque;
    uint32_t at = 0;
    char text[160], left[200];

    buf_printf(&l->text, "\nblock %u: at %08" PRIX32 "h in memory, EIP %08" PRIX32 "h, ", ++l->number, b->addr, b->eip);
    buf_printf(&l->text, "%u bits, executed %" PRIu64 " times\n", b->big ? 32 : 16, b->count);
    listing_host(l, b, b->code, b->code + b->mark[0], "");
    for (unsigned k = 0; k < b->insns; k++) {
        size_t n = disasm_one(l->guest[b->big], b->guest + at, b->guest_bytes - at, b->eip + at, text, sizeof text);

        snprintf(left, sizeof left, "%08" PRIX32 "  %s", b->eip + at, text);
        if (b->steps[k] != 0)
            buf_printf(&l->text, "  (by the interpreter %" PRIu64 " times)\n", b->steps[k]);
        listing_host(l, b, b->code + b->mark[k], b->code + b->mark[k + 1], left);
        at += (uint32_t) n;
    }
    listing_host(l, b, b->cold, b->cold + b->cold_bytes, "");
}

int listing_check(const char *path, struct err *err)
{
    struct listing l;

    if (listing_open(&l, err) < 0)
        return -1;
    listing_close(&l);
    return file_check_output(path, err);
}

int listing_write(const struct machine *m, const char *path, struct err *err)
{
    struct listing l;
    int rc;

    if (listing_open(&l, err) < 0)
        return -1;
    buf_printf(&l.text, "Blocks of translated code that are there at the end, the most executed first.\n"
                        "Left what the guest has, right what the host executes; memory operands with gs are\n"
                        "the guest's. What lies below a block's last instruction is needed seldom.\n");
    machine_list_blocks(m, listing_block, &l);
    rc = file_replace(path, l.text.data, l.text.len, err);
    listing_close(&l);
    return rc;
}

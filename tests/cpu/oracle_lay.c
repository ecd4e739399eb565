/* Where the pieces of a stream lie, and what is undefined there. */
#include "config.h"

#include "cpu/oracle_gen.h"

#include <string.h>

#include "base/bits.h"

void stream_flow_undefined(struct stream *st)
{
    const unsigned upto = st->n;
    uint16_t now = 0, later[STREAM_INSNS + 8] = { 0 };

    for (unsigned i = 0; i <= upto; i++) {
        struct piece *p = &st->piece[i];

        now |= later[i];
        p->undefined = now;
        if (i == upto)
            break;
        now = (uint16_t) ((now & ~p->clears) | p->undef);
        if (p->fix != FIX_NONE)
            later[i + 1 + p->skip < upto ? i + 1 + p->skip : upto] |= now;
    }
}

static void piece_resolve(struct stream *st, unsigned i, uint32_t start)
{
    struct piece *p = &st->piece[i];
    unsigned target = i + 1 + p->skip;
    uint32_t to = st->piece[target < st->n ? target : st->n].at, rel = to - (p->at + p->len);

    switch (p->fix) {
    case FIX_REL8: p->byte[p->len - 1] = p->host[p->len - 1] = (uint8_t) rel; break;
    case FIX_REL16: store_le16(p->byte + p->len - 2, (uint16_t) rel); break;
    case FIX_REL32: store_le32(p->byte + p->len - 4, rel); break;
    case FIX_ABS16: store_le16(p->byte + p->fix_at, (uint16_t) (start + to)); break;
    case FIX_ABS32: store_le32(p->byte + p->fix_at, start + to); break;
    default: break;
    }
    if (p->fix == FIX_REL32 || p->fix == FIX_ABS32) /* 64-bit code has no others */
        memcpy(p->host, p->byte, sizeof p->host);
}

unsigned stream_lay(struct stream *st, const struct oracle_seg *seg, uint8_t *code, unsigned *first, uint32_t *end)
{
    static const uint8_t out[OUT_BYTES] = { 0x66, 0xea, 0, 0, 0, PAD_BASE >> 24, SEL_OUT, 0 };
    unsigned at = 0, room, skip = st->code32;
    uint8_t buf[STREAM_BYTES];

    for (unsigned i = 0; i < st->n; i++) {
        st->piece[i].at = (uint16_t) at;
        at += st->piece[i].len;
    }
    st->piece[st->n].at = (uint16_t) at;
    for (unsigned i = 0; i < st->n; i++) {
        piece_resolve(st, i, st->regs.eip);
        memcpy(buf + st->piece[i].at, st->piece[i].byte, st->piece[i].len);
    }
    memcpy(buf + at, out + skip, OUT_BYTES - skip);
    *end = st->regs.eip + at;
    at += OUT_BYTES - skip;
    stream_flow_undefined(st);
    *first = seg[st->regs.seg[1] >> 3].base + st->regs.eip - CODE_BASE;
    room = CODE_SIZE - *first;
    if (at > room)
        at = room;
    memcpy(code, buf, at);
    return at;
}

void stream_lay_host(const struct stream *st, uint8_t *code, unsigned len)
{
    uint8_t buf[STREAM_BYTES];
    unsigned end = st->piece[st->n].at + OUT_BYTES - st->code32;

    if (!st->code64)
        return;
    for (unsigned i = 0; i < st->n; i++)
        memcpy(buf + st->piece[i].at, st->piece[i].host, st->piece[i].len);
    memset(buf + st->piece[st->n].at, 0x3e, end - 1 - st->piece[st->n].at); /* INT3, as long as the guest's jump */
    buf[end - 1] = 0xcc;
    memcpy(code, buf, len);
}

uint32_t stream_behind_pad(const struct stream *st, uint32_t eip)
{
    uint32_t at = eip - st->regs.eip;

    for (unsigned i = 0; i < st->n; i++) {
        uint32_t end = st->piece[i].at + st->piece[i].len;

        if (at < end && end - at <= st->piece[i].pad)
            return st->regs.eip + end;
    }
    return eip;
}

unsigned stream_pads(const struct stream *st, uint32_t eip)
{
    unsigned n = 0;

    for (unsigned i = 0; i < st->n; i++)
        if (st->regs.eip + st->piece[i].at < eip && st->piece[i].pad_guest)
            n += st->piece[i].pad;
    return n;
}

enum { JUMP64_MOV = 5 }; /* bytes */

bool stream_at(const struct stream *st, uint32_t eip, uint32_t *undefined)
{
    eip = stream_behind_pad(st, eip);
    for (unsigned i = 0; i <= st->n; i++) {
        bool jump = st->code64 && st->piece[i].fix == FIX_ABS32; /* MOV and JMP */

        if (st->regs.eip + st->piece[i].at != eip && !(jump && st->regs.eip + st->piece[i].at + JUMP64_MOV == eip))
            continue;
        *undefined = st->piece[i].undefined;
        return true;
    }
    return false;
}

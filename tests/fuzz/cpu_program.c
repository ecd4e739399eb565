/* Programs for the processor's fuzz targets, out of bytes. */
#include "config.h"

#include "fuzz/cpu_program.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/mem.h"
#include "cpu/model.h"
#include "cpu/segment.h"

enum { CODE_MAX = 0x800, LANDING = 0x8800 };

uint8_t program_take(struct input *in)
{
    return in->p < in->end ? *in->p++ : 0;
}

uint32_t program_take32(struct input *in)
{
    uint32_t v = 0;

    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t) program_take(in) << (8 * i);
    return v;
}

/* --- code ------------------------------------------------------------------ */

/* What random bytes rarely hit on, for 32-bit code; `?` is an input byte. */
static const char *const phrases[] = {
    "80 35 20 10 01 00 ??",          /* xor byte [entry of the code page], ? */
    "80 35 21 10 01 00 10",          /* xor byte [that entry + 1], 10h: another page */
    "80 35 28 10 01 00 ??",          /* the data page's */
    "80 35 29 10 01 00 10",
    "80 35 1c 10 01 00 ??",          /* the stack's */
    "80 35 00 00 01 00 ??",          /* the directory's entry */
    "80 35 20 10 41 00 ??", "80 35 20 20 41 00 ??", "80 35 20 20 01 00 ??", "80 35 00 10 80 00 ??", "80 35 04 00 01 00 ??",
    "b8 ?? 80 40 00 ff d0", "bc 04 20 41 00", "bc ?? 10 41 00",
    "80 35 ?? 80 00 00 ??",          /* code nearby */
    "80 35 ?? 8f 00 00 ??",
    "c7 05 ?? 80 00 00 90 90 90 90", /* the same, whole dwords */
    "bf ?? 80 00 00", "be ?? 80 00 00", "bf fc 8f 00 00", "bf ?? a0 00 00", "be fd af 00 00",
    "b9 ?? 00 00 00 f3 a4", "b9 ?? 00 00 00 f3 aa", "b9 ?? 00 00 00 f3 a5", "b9 ?? 00 00 00 f3 ab",
    "b9 ?? 00 00 00 f3 a6", "b9 ?? 00 00 00 f2 ae", "b9 ?? 00 00 00 f3 6c", "b9 ?? 00 00 00 f3 6e",
    "fc", "fd", "fa", "fb", "f4", "fb f4", "9c", "9d", "6a ?? 9d", "68 ?? ?? ?? 00 9d", "cd ??", "cd 31", "cf", "cb",
    "0f 20 c0 35 00 00 01 00 0f 22 c0", /* CR0.WP */
    "0f 20 c0 35 00 00 04 00 0f 22 c0", /* CR0.AM */
    "0f 20 c0 35 00 00 00 80 0f 22 c0", /* CR0.PG */
    "0f 20 c0 34 01 0f 22 c0",          /* CR0.PE */
    "0f 20 d8 0f 22 d8",                /* CR3 */
    "0f 20 e0 34 ?? 0f 22 e0",          /* CR4 */
    "b8 ?? ?? ?? ?? 0f 23 f8", "b8 ?? 80 00 00 0f 23 c0", "b8 ?? a0 00 00 0f 23 c8", /* DR7, DR0, DR1 */
    "66 b8 ?? 00 8e d8", "66 b8 ?? 00 8e d0", "66 b8 10 00 8e d0", "66 b8 10 00 8e d8", "66 b8 ?? 00 0f 00 d0",
    "66 b8 ?? 00 0f 00 d8", "9a 00 88 00 00 08 00", "9a 00 88 00 00 ?? 00", "ea 00 00 00 00 48 00", "9a 00 00 00 00 48 00",
    "a1 00 00 0a 00", "a3 00 00 0a 00", "a1 fe ff 09 00", "b8 ?? 00 0a 00 ff d0", "e8 00 00 00 00", "a1 fe 8f 00 00",
    "80 35 fe 8f 00 00 ??", "66 c7 05 ff 8f 00 00 ?? ??", "eb ??", "74 ??", "e2 ??", "b4 ?? 9e",
    "e6 92", "b0 02 e6 92", "b0 00 e6 92", "e6 93", "b0 ?? e6 94", "a1 00 a0 10 00", "80 35 ?? 80 10 00 ??",
    "0f 01 3d 00 80 00 00", "0f 31", "f1", "cc", "ce", "0f 34", "0f 35", "0f 07", "60", "61", "c8 ?? 00 ??", "c9",
    "89 e5", "bc 00 70 00 00", "bc 02 70 00 00", "bc 04 80 00 00",
    "9a 01 88 00 00 08 00", "9a 01 88 00 00 1b 00", "9a 01 88 00 00 ?? 00", "9a 01 88 00 00 60 00", "9a 01 88 00 00 63 00",
    "ea ?? 80 00 00 08 00", "ea ?? 80 00 00 1b 00", "6a 08 68 ?? 80 00 00 cb", "6a 1b 68 ?? 80 00 00 cb", "0e 68 ?? 80 00 00 cb",
    "b8 ?? 00 00 00 0f 03 d8", "b8 ?? 00 00 00 0f 02 d8", "b8 ?? 00 00 00 0f 00 e0 0f 92 c3", "b8 ?? 00 00 00 0f 00 e8 74 02",
};

/* Text of a phrase to bytes at `at`, up to `end`. */
static uint8_t *put_phrase(struct input *in, const char *text, uint8_t *at, const uint8_t *end)
{
    while (*text != '\0' && at < end) {
        *at++ = *text == '?' ? program_take(in) : (uint8_t) strtoul(text, NULL, 16);
        text += 2;
        text += *text == ' ';
    }
    return at;
}

/* In 16-bit code at least the first instruction of a phrase is what it says. */
size_t program_phrases(struct input *in, uint8_t *code, size_t max, bool code16)
{
    uint8_t *at = code;
    const uint8_t *end = code + max;

    while (in->p < in->end && at < end) {
        unsigned n = program_take(in);

        if (n < 160 && code16)
            at = put_phrase(in, "66 67", at, end);
        if (n < 160)
            at = put_phrase(in, phrases[n % ARRAY_LEN(phrases)], at, end);
        else
            for (n &= 7; n-- != 0 && at < end;)
                *at++ = program_take(in);
    }
    return (size_t) (at - code);
}

/* --- the machine ------------------------------------------------------------ */

/* Handlers step over the byte that faulted and go on. */
static void put_handlers(struct cpu_rig *r, bool real)
{
    static const char fault[] = "\xff\x04\x24\xcf", code[] = "\x83\xc4\x04\xff\x04\x24\xcf", plain[] = "\xcf";
    static const char fault16[] = "\x55\x89\xe5\xff\x46\x02\x5d\xcf";
    const uint32_t with_code = 1 << 8 | 0x1f << 10 | 1 << 17;

    for (unsigned v = 0; v < 48; v++) {
        uint32_t at = AT_HANDLERS + v * 16;

        if (v == EXC_DB || v == EXC_NMI || v >= 32)
            cpu_rig_code(r, at, plain, sizeof plain - 1);
        else if (real)
            cpu_rig_code(r, at, fault16, sizeof fault16 - 1);
        else if (with_code >> v & 1)
            cpu_rig_code(r, at, code, sizeof code - 1);
        else
            cpu_rig_code(r, at, fault, sizeof fault - 1);
    }
}

static void put_tss2(struct cpu_rig *r)
{
    static const uint16_t sel[] = { SEL_DATA0, SEL_CODE0, SEL_DATA0, SEL_DATA0, 0, 0 };

    cpu_rig_poke(r, AT_TSS2 + 0x1c, 4, AT_PAGES);
    cpu_rig_poke(r, AT_TSS2 + 0x20, 4, LANDING);
    cpu_rig_poke(r, AT_TSS2 + 0x24, 4, 2);
    cpu_rig_poke(r, AT_TSS2 + 0x38, 4, AT_STACK1);
    for (unsigned i = 0; i < ARRAY_LEN(sel); i++)
        cpu_rig_poke(r, AT_TSS2 + 0x48 + i * 4, 2, sel[i]);
    cpu_rig_idt(r, 0x31, gate_make(SEL_TSS2, 0, D_TASK, 3, 0));
    cpu_rig_idt(r, 0x32, gate_make(SEL_CODE16, AT_HANDLERS, D_TRAP16, 3, 0));
}

/* Of a program's first byte: segments that are not flat; with both, protected mode's code is of 16 bits. */
enum { MODE_SEGMENTS = 0x80, MODE_16 = 0xc0 };

enum { PARAGRAPH = 1 }; /* for a base: the selector's */

/* Of data in protected mode.  A stack that can be written is the first four, and the last two. */
static const struct {
    uint32_t base, limit;
    unsigned attr;
} segments[8] = {
    { 0, UINT32_MAX, D_DATA | D_BIG },     { PARAGRAPH, 0xffff, D_DATA },
    { 0, 0xffff, D_DATA },                 { 0x1001, 0x9fff, D_DATA | D_BIG },
    { AT_MMIO - AT_CODE, 0xffff, D_DATA }, { 0, UINT32_MAX, (D_DATA & ~2u) | D_BIG },
    { 0x20, 0x1000, D_DATA | 4 | D_BIG },  { 0, 0x3ffff, D_DATA }, /* one expands down */
};

/* A stack mostly has the code's width. */
static void put_data(struct cpu_rig *r, struct input *in, unsigned seg, bool code16)
{
    unsigned how = program_take(in), n = seg == SS && (how & 6) == 4 ? 0 : how & 7;
    uint16_t sel = (uint16_t) (SEL_FREE + 8 + seg * 8 + r->cpu->cpl);
    uint32_t base = segments[n].base == PARAGRAPH ? sel * 16u : segments[n].base;
    unsigned attr = segments[n].attr | r->cpu->cpl * D_DPL;

    if (seg == SS && !(how & 0x80))
        attr = code16 ? attr & ~(unsigned) D_BIG : attr | D_BIG;
    cpu_rig_gdt(r, sel, desc_make(base, segments[n].limit, attr));
    cpu_rig_load(r, seg, sel);
}

static void put_descriptors(struct cpu_rig *r, struct input *in, bool code16)
{
    uint16_t sel = (uint16_t) (SEL_FREE + r->cpu->cpl);

    cpu_rig_gdt(r, sel, desc_make(0, code16 ? 0xffff : 0x2ffff, D_CODE | (code16 ? 0 : D_BIG) | r->cpu->cpl * D_DPL));
    cpu_rig_load(r, CS, sel);
    for (unsigned seg = 0; seg < SEGS; seg++)
        if (seg != CS)
            put_data(r, in, seg, code16);
}

/* Now and then with what protected mode or LOADALL may have left: rights of CS, another limit. */
static void put_paragraph(struct cpu_rig *r, unsigned seg, uint16_t sel, bool left)
{
    if (seg == CS && left)
        r->cpu->seg[CS].attr |= 3 << SEG_DPL_SHIFT;
    if (seg == CS)
        return;
    seg_set_real(r->cpu, seg, sel);
    if (left)
        r->cpu->seg[seg].limit = UINT32_MAX;
    seg_derive(r->cpu, seg);
}

/* Real and V86 mode. */
static void put_paragraphs(struct cpu_rig *r, struct input *in)
{
    static const uint16_t sels[8] = { 0, 0, 0x100, 0x9800, 0xa000, 0x9f81, 0x3ff0, 0xffff };

    for (unsigned seg = 0; seg < SEGS; seg++) {
        unsigned how = program_take(in);

        if (!cpu_v86(r->cpu))
            put_paragraph(r, seg, sels[how & 7], (how & 0x60) == 0);
        else if (seg != CS)
            seg_set_v86(r->cpu, seg, sels[how & 7]);
    }
}

static void put_segments(struct cpu_rig *r, struct input *in, unsigned mode)
{
    if (!(mode & MODE_SEGMENTS))
        return;
    if (cpu_selectors(r->cpu))
        put_descriptors(r, in, (mode & MODE_16) == MODE_16);
    else
        put_paragraphs(r, in);
}

/* What a program reads: control words, selectors, where it begins, divisors, anything. */
static void put_words(struct cpu_rig *r, uint32_t from, uint32_t to, uint32_t seed)
{
    uint32_t cs = r->cpu->seg[CS].sel, eip = r->cpu->eip;
    const uint32_t kinds[8] = {
        0x037f037f, cs * 0x10001u, (r->cpu->cpl == 3 ? SEL_DATA3 : SEL_DATA0) * 0x10001u,
        (SEL_FREE + 8 + SS * 8 + r->cpu->cpl) * 0x10001u, eip, cs << 16 | (eip & 0xffff), LANDING, 5,
    };

    for (uint32_t at = from; at < to; at += 4) {
        seed = seed * 1664525 + 1013904223;
        cpu_rig_poke(r, at, 4, seed >> 30 ? kinds[seed >> 27 & 7] : seed << 4 ^ seed >> 16);
    }
}

static void put_memory(struct cpu_rig *r, struct input *in)
{
    uint32_t seed = program_take32(in);

    put_words(r, AT_STACK3 - 0x800, AT_CODE, seed);
    put_words(r, AT_DATA - 0x800, AT_DATA + 0x2000, ~seed);
}

static const uint32_t places[8] = { 0, AT_CODE, AT_DATA, AT_DATA + 0xffd, AT_STACK0, AT_PAGES + 0x1020, AT_MMIO, 0xfff4 };

void program_set_up(struct cpu_rig *r, struct input in, program_code *put_code)
{
    static const char landing[] = "\xcf\xcb\x90\xf4";
    uint8_t mode = program_take(&in), flags = program_take(&in), start = program_take(&in), irq = program_take(&in);
    uint8_t code[CODE_MAX];
    size_t len;

    switch (mode & 7) {
    case 0: cpu_rig_real(r); break;
    case 1: case 2: cpu_rig_v86(r, flags & 3); break;
    case 3: case 4: cpu_rig_protected(r, 3); break;
    default: cpu_rig_protected(r, 0); break;
    }
    put_handlers(r, (mode & 7) == 0);
    if ((mode & 7) != 0) {
        put_tss2(r);
        /* Read once: what a ring-3 program may do itself. */
        r->cpu->gpr[EAX] = 0;
        cpu_rig_paging(r);
        /* 4 MiB mapped again by a table of its own, 8 MiB by the directory. */
        for (uint32_t i = 0; i < 0x40; i++)
            cpu_rig_poke(r, AT_PAGES + 0x2000 + i * 4, 4, i << 12 | 7);
        cpu_rig_poke(r, AT_PAGES + 4, 4, (AT_PAGES + 0x2000) | 7);
        cpu_rig_poke(r, AT_PAGES + 8, 4, AT_PAGES | 7);
        if (!(mode & 8)) {
            r->cpu->cr0 &= ~CR0_PG;
            cpu_mode_changed(r->cpu);
        }
    }
    if (mode & 16)
        r->cpu->cr0 |= CR0_WP | CR0_AM;
    r->cpu->cr0 &= r->cpu->model->cr0;
    r->cpu->cr4 = (mode & 32 ? CR4_VME | CR4_PVI | CR4_PSE | CR4_DE : 0) & r->cpu->model->cr4;
    if (flags & 0x80)
        r->cpu->cr4 |= CR4_TSD & r->cpu->model->cr4;
    cpu_write_eflags(r->cpu, (uint32_t) (flags >> 2) << 12 | (flags & 1 ? FLAG_IF : 0), FLAG_IOPL | FLAG_AC | FLAG_IF);
    put_segments(r, &in, mode);
    for (unsigned i = 0; i < 8; i++) {
        uint8_t how = program_take(&in);

        if (i != ESP || how == 0xff)
            r->cpu->gpr[i] = how & 8 ? program_take32(&in) : places[how & 7] + (how >> 4);
    }
    cpu_mode_changed(r->cpu);
    /* Half of the programs straddle a page. */
    r->cpu->eip = start & 1 ? AT_CODE + 0x1000 - (start >> 1) : AT_CODE + (start >> 1);
    put_memory(r, &in);
    len = put_code(&in, code, sizeof code, !(r->cpu->seg[CS].attr & SEG_BIG));
    cpu_rig_code(r, r->cpu->eip, code, len);
    cpu_rig_code(r, LANDING, landing, sizeof landing - 1);
    cpu_rig_irq(r, irq & 1 ? 2000 + (uint64_t) irq * 40 : 0);
    r->sched.stop_at = 400000;
}

/* --- telling ----------------------------------------------------------------- */

void program_dump(const char *name, const struct cpu_rig *r)
{
    const struct cpu *c = r->cpu;

    fprintf(stderr, "%s: insns %llu ticks %llu cs:eip %x:%x efl %x cr0 %x cr2 %x cr3 %x cr4 %x cpl %u attn %x dr6 %x\n", name,
            (unsigned long long) r->sched.insns, (unsigned long long) r->sched.ticks, c->seg[CS].sel, c->eip,
            cpu_read_eflags(c), c->cr0, c->cr2, c->cr3, c->cr4, c->cpl, c->attention, c->dr[6]);
    for (unsigned i = 0; i < 8; i++)
        fprintf(stderr, " %x", c->gpr[i]);
    fprintf(stderr, " mmio %u/%u ports %u/%u\n", r->mmio_reads, r->mmio_writes, r->port_reads, r->port_writes);
}

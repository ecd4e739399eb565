/*
 * INT 15h AH=E8h: how much memory and where.
 *
 * Source: ACPI 1.0, section 14.1, "INT 15H, E820H"; Compaq's E801h and E881h
 *         as Ralf Brown's Interrupt List, table "INT 15".
 *
 * All functions: our stack, IF=0.
 */
#include "bios/bios.h"
#include "bios/entry.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    MAP_RAM = 1,
    MAP_RESERVED = 2,
    MAP_ENTRY_SIZE = 20,
    MIB16_KIB = 15 * 1024, /* from 1 MiB to 16 MiB */
};

#define MAP_SIGNATURE 0x534d4150 /* 'SMAP' */

struct map_entry {
    uint32_t base, base_high;
    uint32_t len, len_high;
    uint32_t type;
};

/* Entry `n`; false past the last one. */
static bool map_entry(struct map_entry *e, uint32_t n)
{
    uint32_t ebda_base = (uint32_t) bda.ebda_seg << 4;

    if (ebda_base == 0 || ebda_base > 0xa0000)
        ebda_base = (uint32_t) EBDA_SEG << 4;
    e->base_high = 0;
    e->len_high = 0;
    e->type = MAP_RESERVED;
    switch (n) {
    case 0:
        e->base = 0;
        e->len = ebda_base;
        e->type = MAP_RAM;
        return true;
    case 1:
        e->base = ebda_base;
        e->len = 0xa0000 - ebda_base;
        return true;
    case 2:
        e->base = 0xf0000;
        e->len = 0x10000;
        return true;
    case 3:
        e->base = 0x100000;
        e->len = ebda.ext_kib << 10;
        e->type = MAP_RAM;
        return true;
    case 4:
        e->base = 0xffff0000;
        e->len = 0x10000;
        return true;
    default: return false;
    }
}

static void int15_e820(struct frame *f)
{
    struct map_entry e, next;
    uint32_t n = f->ebx;

    /* A board without memory above 1 MiB has an empty entry: left out. */
    if (n == 3 && ebda.ext_kib == 0)
        n++;
    if (f->edx != MAP_SIGNATURE || f->ecx < MAP_ENTRY_SIZE ||
        !map_entry(&e, n)) {
        frame_status(f, 0x86);
        return;
    }
    far_out(f->es, f->di, &e, MAP_ENTRY_SIZE);
    f->eax = MAP_SIGNATURE;
    f->ecx = MAP_ENTRY_SIZE;
    f->ebx = map_entry(&next, n + 1) ? n + 1 : 0;
    frame_carry(f, false);
}

/* KiB from 1 to 16 MiB, then 64 KiB blocks above; twice. */
static void int15_e801(struct frame *f, bool wide)
{
    uint32_t kib = ebda.ext_kib;
    uint32_t low = kib > MIB16_KIB ? MIB16_KIB : kib;
    uint32_t high = (kib - low) >> 6;

    if (wide) {
        f->eax = low;
        f->ebx = high;
        f->ecx = low;
        f->edx = high;
    } else {
        f->ax = low;
        f->bx = high;
        f->cx = low;
        f->dx = high;
    }
    frame_carry(f, false);
}

void int15_memory_map(struct frame *f)
{
    switch (f->al) {
    case 0x01: int15_e801(f, false); break;
    case 0x20: int15_e820(f); break;
    case 0x81: int15_e801(f, true); break;
    default: frame_status(f, 0x86); break;
    }
}

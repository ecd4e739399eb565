/*
 * VGA BIOS: the video parameter table and what follows from a mode number.
 *
 * Source: IBM Personal System/2 Hardware Interface Technical Reference,
 *         "Video subsystem", register values of the BIOS modes; IBM PS/2 and
 *         PC BIOS Interface Technical Reference, "Video parameter table"
 *         (order of rows and bytes).
 *
 * How the CRTC values come about, in character clocks and lines:
 *   640 or 720 dots: 100 characters a line (total 5Fh + 5), 80 shown;
 *   320 dots: 50 characters at half clock, 40 shown;
 *   400 lines (and 200 doubled): 449 in all, sync at 412, 70 Hz;
 *   350 lines: 449 in all, sync at 387;  480 lines: 525 in all, sync at 490.
 * The polarity of both syncs in the misc register tells the monitor which.
 */
#include "vga.h"

/* clang-format off */

/* CRTC 0-7: horizontal timing, vertical total, overflow. */
#define H80_TEXT 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81
#define H80_GFX 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80
#define H40_TEXT 0x2d, 0x27, 0x28, 0x90, 0x2b, 0xa0
#define H40_GFX 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80
#define V449 0xbf, 0x1f, 0x00
#define V525 0x0b, 0x3e, 0x00
/* CRTC 0Ch-0Fh: start and cursor address. */
#define START 0, 0, 0, 0
#define NO_CURSOR 0, 0
/* CRTC 10h-12h and 15h, 16h, split by offset and underline. */
#define V400(pitch, under) 0x9c, 0x8e, 0x8f, pitch, under, 0x96, 0xb9
#define V350(pitch, under) 0x83, 0x85, 0x5d, pitch, under, 0x63, 0xba
#define V480(pitch, under) 0xea, 0x8c, 0xdf, pitch, under, 0xe7, 0x04

/* Attribute controller 0-0Fh. */
#define PAL_CGA 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, \
                0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define PAL_EGA 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, \
                0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f
#define PAL_MONO 0x00, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, \
                 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18
#define PAL_MONO_GFX 0x00, 0x08, 0x00, 0x00, 0x18, 0x18, 0x00, 0x00, \
                     0x00, 0x08, 0x00, 0x00, 0x00, 0x18, 0x00, 0x00
#define PAL_CGA4 0x00, 0x13, 0x15, 0x17, 0x02, 0x04, 0x06, 0x07, \
                 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
#define PAL_ONE(c) 0x00, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c
#define PAL_SAME 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, \
                 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f
/* Attribute controller 10h-13h: blink and 9-dot lines, overscan, planes, pan. */
#define TEXT9 0x0c, 0x00, 0x0f, 0x08
#define TEXT8 0x08, 0x00, 0x0f, 0x00
#define MONO9 0x0e, 0x00, 0x0f, 0x08
#define GFX(planes) 0x01, 0x00, planes, 0x00

/* Graphics controller 0-8: mode, map, colours that count. */
#define GC(mode, map, care) 0, 0, 0, 0, 0, mode, map, care, 0xff

#define TEXT40_200                                                     \
    {                                                                  \
        40, 24, 8, 0x0800, { 0x09, 0x03, 0x00, 0x02 }, 0x63,           \
        { H40_TEXT, V449, 0xc7, 0x06, 0x07, START, V400(0x14, 0x1f),   \
          0xa3, 0xff },                                                \
        { PAL_CGA, TEXT8 }, { GC(0x10, 0x0e, 0x00) }                   \
    }
#define TEXT80_200                                                     \
    {                                                                  \
        80, 24, 8, 0x1000, { 0x01, 0x03, 0x00, 0x02 }, 0x63,           \
        { H80_TEXT, V449, 0xc7, 0x06, 0x07, START, V400(0x28, 0x1f),   \
          0xa3, 0xff },                                                \
        { PAL_CGA, TEXT8 }, { GC(0x10, 0x0e, 0x00) }                   \
    }
#define TEXT40_350                                                     \
    {                                                                  \
        40, 24, 14, 0x0800, { 0x09, 0x03, 0x00, 0x02 }, 0xa3,          \
        { H40_TEXT, V449, 0x4d, 0x0b, 0x0c, START, V350(0x14, 0x1f),   \
          0xa3, 0xff },                                                \
        { PAL_EGA, TEXT8 }, { GC(0x10, 0x0e, 0x00) }                   \
    }
#define TEXT80_350                                                     \
    {                                                                  \
        80, 24, 14, 0x1000, { 0x01, 0x03, 0x00, 0x02 }, 0xa3,          \
        { H80_TEXT, V449, 0x4d, 0x0b, 0x0c, START, V350(0x28, 0x1f),   \
          0xa3, 0xff },                                                \
        { PAL_EGA, TEXT8 }, { GC(0x10, 0x0e, 0x00) }                   \
    }
#define CGA_320                                                        \
    {                                                                  \
        40, 24, 8, 0x4000, { 0x09, 0x03, 0x00, 0x02 }, 0x63,           \
        { H40_GFX, V449, 0xc1, NO_CURSOR, START, V400(0x14, 0x00),     \
          0xa2, 0xff },                                                \
        { PAL_CGA4, 0x01, 0x00, 0x03, 0x00 }, { GC(0x30, 0x0f, 0x00) } \
    }
#define MONO_GFX                                                       \
    {                                                                  \
        80, 24, 14, 0x8000, { 0x01, 0x0f, 0x00, 0x06 }, 0xa2,          \
        { H80_GFX, V449, 0x40, NO_CURSOR, START, V350(0x28, 0x0f),     \
          0xe3, 0xff },                                                \
        { PAL_MONO_GFX, 0x0b, 0x00, 0x05, 0x00 }, { GC(0, 0x05, 0x05) } \
    }
#define EGA_350                                                        \
    {                                                                  \
        80, 24, 14, 0x8000, { 0x01, 0x0f, 0x00, 0x06 }, 0xa3,          \
        { H80_GFX, V449, 0x40, NO_CURSOR, START, V350(0x28, 0x0f),     \
          0xe3, 0xff },                                                \
        { PAL_EGA, GFX(0x0f) }, { GC(0, 0x05, 0x0f) }                  \
    }

enum {
    ROW_350 = 0x13,     /* modes 0-3 */
    ROW_400 = 0x17,     /* modes 0/1, 2/3 */
    ROW_MONO_400 = 0x19,
    ROW_MODE_11 = 0x1a, /* and 12h, 13h */
};

extern ROM struct vparam vga_params[];

ROM struct vparam vga_params[] ROM_DATA = {
    [0x00] = TEXT40_200, [0x01] = TEXT40_200,
    [0x02] = TEXT80_200, [0x03] = TEXT80_200,
    [0x04] = CGA_320,    [0x05] = CGA_320,
    [0x06] = {
        80, 24, 8, 0x4000, { 0x01, 0x01, 0x00, 0x06 }, 0x63,
        { H80_GFX, V449, 0xc1, NO_CURSOR, START, V400(0x28, 0x00),
          0xc2, 0xff },
        { PAL_ONE(0x17), GFX(0x01) }, { GC(0, 0x0d, 0x00) } },
    [0x07] = {
        80, 24, 14, 0x1000, { 0x00, 0x03, 0x00, 0x03 }, 0xa6,
        { H80_TEXT, V449, 0x4d, 0x0b, 0x0c, START, V350(0x28, 0x0d),
          0xa3, 0xff },
        { PAL_MONO, MONO9 }, { GC(0x10, 0x0a, 0x00) } },
    /* 08h-0Ch: no such modes on a VGA; the rows stay zero. */
    [0x0d] = {
        40, 24, 8, 0x2000, { 0x09, 0x0f, 0x00, 0x06 }, 0x63,
        { H40_GFX, V449, 0xc0, NO_CURSOR, START, V400(0x14, 0x00),
          0xe3, 0xff },
        { PAL_CGA, GFX(0x0f) }, { GC(0, 0x05, 0x0f) } },
    [0x0e] = {
        80, 24, 8, 0x4000, { 0x01, 0x0f, 0x00, 0x06 }, 0x63,
        { H80_GFX, V449, 0xc0, NO_CURSOR, START, V400(0x28, 0x00),
          0xe3, 0xff },
        { PAL_CGA, GFX(0x0f) }, { GC(0, 0x05, 0x0f) } },
    /* 0Fh, 10h are an EGA's with 64 KiB; 11h, 12h are those with more. */
    [0x0f] = MONO_GFX,   [0x10] = EGA_350,
    [0x11] = MONO_GFX,   [0x12] = EGA_350,
    [0x13] = TEXT40_350, [0x14] = TEXT40_350,
    [0x15] = TEXT80_350, [0x16] = TEXT80_350,
    [ROW_400] = {
        40, 24, 16, 0x0800, { 0x08, 0x03, 0x00, 0x02 }, 0x67,
        { H40_TEXT, V449, 0x4f, 0x0d, 0x0e, START, V400(0x14, 0x1f),
          0xa3, 0xff },
        { PAL_EGA, TEXT9 }, { GC(0x10, 0x0e, 0x00) } },
    [ROW_400 + 1] = {
        80, 24, 16, 0x1000, { 0x00, 0x03, 0x00, 0x02 }, 0x67,
        { H80_TEXT, V449, 0x4f, 0x0d, 0x0e, START, V400(0x28, 0x1f),
          0xa3, 0xff },
        { PAL_EGA, TEXT9 }, { GC(0x10, 0x0e, 0x00) } },
    [ROW_MONO_400] = {
        80, 24, 16, 0x1000, { 0x00, 0x03, 0x00, 0x02 }, 0x66,
        { H80_TEXT, V449, 0x4f, 0x0d, 0x0e, START, V400(0x28, 0x0f),
          0xa3, 0xff },
        { PAL_MONO, MONO9 }, { GC(0x10, 0x0a, 0x00) } },
    [ROW_MODE_11] = {
        80, 29, 16, 0xa000, { 0x01, 0x0f, 0x00, 0x06 }, 0xe3,
        { H80_GFX, V525, 0x40, NO_CURSOR, START, V480(0x28, 0x00),
          0xc3, 0xff },
        { PAL_ONE(0x3f), GFX(0x0f) }, { GC(0, 0x05, 0x01) } },
    [ROW_MODE_11 + 1] = {
        80, 29, 16, 0xa000, { 0x01, 0x0f, 0x00, 0x06 }, 0xe3,
        { H80_GFX, V525, 0x40, NO_CURSOR, START, V480(0x28, 0x00),
          0xe3, 0xff },
        { PAL_EGA, GFX(0x0f) }, { GC(0, 0x05, 0x0f) } },
    [ROW_MODE_11 + 2] = {
        40, 24, 8, 0x2000, { 0x01, 0x0f, 0x00, 0x0e }, 0x63,
        { H80_GFX, V449, 0x41, NO_CURSOR, START, V400(0x28, 0x40),
          0xa3, 0xff },
        { PAL_SAME, 0x41, 0x00, 0x0f, 0x00 }, { GC(0x40, 0x05, 0x0f) } },
};

/* clang-format on */

/* Row of `mode` (without bit 7) with the text lines chosen by AH=12h BL=30h;
   -1: no such mode. */
int mode_param_index(uint8_t mode)
{
    if (mode <= 3) {
        if (bda.flags & FLG_400)
            return ROW_400 + (mode >> 1);
        return bda.flags & FLG_200 ? mode : ROW_350 + mode;
    }
    if (mode == 7)
        return bda.flags & FLG_400 ? ROW_MONO_400 : 7;
    if (mode <= 6 || mode == 0x0d || mode == 0x0e)
        return mode;
    if (mode == 0x0f || mode == 0x10)
        return mode + 2;
    if (mode >= 0x11 && mode <= 0x13)
        return ROW_MODE_11 + mode - 0x11;
    return -1;
}

/* The far pointer at offset `at` of the save pointer table. */
struct far_ptr save_entry(uint16_t at)
{
    struct far_ptr save = bda.save_ptr;

    return (struct far_ptr){
        far_read16(save.seg, (uint16_t) (save.off + at)),
        far_read16(save.seg, (uint16_t) (save.off + at + 2)),
    };
}

/* The table is the one that 40:A8 leads to: programs may put their own. */
struct far_ptr mode_param_row(int index)
{
    struct far_ptr row = save_entry(0);

    row.off = (uint16_t) (row.off + index * (int) sizeof(struct vparam));
    return row;
}

enum layout mode_layout(void)
{
    uint8_t mode = bda.mode;

    if (mode <= 3 || mode == 7)
        return LAYOUT_TEXT;
    if (mode == 6)
        return LAYOUT_CGA1;
    if (mode < 6)
        return LAYOUT_CGA2;
    return mode == 0x13 ? LAYOUT_BYTE : LAYOUT_PLANAR;
}

uint16_t mode_segment(void)
{
    if (bda.mode < 7)
        return 0xb800;
    return bda.mode == 7 ? 0xb000 : 0xa000;
}

bool mode_is_mono(void)
{
    return bda.mode == 7 || bda.mode == 0x0f;
}

/* Modes whose palette is a CGA's: 16 colours, intensity in bit 4. */
bool mode_is_200_lines(void)
{
    uint8_t mode = bda.mode;

    if (mode <= 3)
        return !(bda.flags & FLG_400) && (bda.flags & FLG_200);
    return (mode <= 6) || mode == 0x0d || mode == 0x0e;
}

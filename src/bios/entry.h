/* Numbers that C and assembly share; entry_check.c compares them. */
#ifndef BIOS_ENTRY_H
#define BIOS_ENTRY_H

#define EBDA_SEG        0x9fc0
#define EBDA_SIZE       0x400
#define EBDA_STACK_FREE 0x60
#define EBDA_CD_FIRST   0x5d
#define EBDA_CD_COUNT   0x5e
#define FRAME_ESP       0x28
#define FRAME_SS        0x2c
#define FRAME_SIZE      0x30
#define CALLOUT_ES      0x10
#define CALLOUT_FLAGS   0x12
#define CALLOUT_OFF     0x14
#define CALLOUT_PUSHES  0x18
#define CALLOUT_WORD    0x1a
#define TICKS_A_DAY     0x1800b0

#endif

/* The offsets that entry.S uses are those of the structs. */
#include "bios/bios.h"
#include "bios/entry.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

_Static_assert(offsetof(struct frame, esp) == FRAME_ESP, "frame");
_Static_assert(offsetof(struct frame, ss) == FRAME_SS, "frame");
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "frame");
_Static_assert(offsetof(struct frame, flags) == 0x24, "frame");
_Static_assert(offsetof(struct callout, es) == CALLOUT_ES, "callout");
_Static_assert(offsetof(struct callout, flags) == CALLOUT_FLAGS, "callout");
_Static_assert(offsetof(struct callout, off) == CALLOUT_OFF, "callout");
_Static_assert(offsetof(struct callout, pushes) == CALLOUT_PUSHES, "callout");
_Static_assert(offsetof(struct callout, word) == CALLOUT_WORD, "callout");
_Static_assert(offsetof(struct ebda, stack_free) == EBDA_STACK_FREE, "EBDA");
_Static_assert(offsetof(struct ebda, cd_first) == EBDA_CD_FIRST, "EBDA");
_Static_assert(offsetof(struct ebda, cd_count) == EBDA_CD_COUNT, "EBDA");
_Static_assert(EBDA_KIB * 1024 == EBDA_SIZE, "EBDA");
_Static_assert((640 - EBDA_KIB) * 64 == EBDA_SEG, "EBDA");
/* Plain numbers in entry.S and reset.S. */
_Static_assert(offsetof(struct bda, ebda_seg) == 0x0e, "BDA");
_Static_assert(offsetof(struct bda, kbd_head) == 0x1a, "BDA");
_Static_assert(offsetof(struct bda, floppy_seek) == 0x3e, "BDA");
_Static_assert(offsetof(struct bda, floppy_timeout) == 0x40, "BDA");
_Static_assert(offsetof(struct bda, reset_off) == 0x67, "BDA");
_Static_assert(offsetof(struct bda, stray_irq) == 0x6b, "BDA");
_Static_assert(offsetof(struct bda, ticks) == 0x6c, "BDA");
_Static_assert(offsetof(struct bda, disk_irq) == 0x8e, "BDA");
_Static_assert(offsetof(struct bda, kbd_flags3) == 0x96, "BDA");
_Static_assert(offsetof(struct bda, wait_active) == 0xa0, "BDA");

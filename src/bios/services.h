/* Services in C, as entry.S names them, and what they ask of each other. */
#ifndef BIOS_SERVICES_H
#define BIOS_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

struct frame;

void int05(struct frame *f);
void int09(struct frame *f);
void int13_floppy(struct frame *f);
void int13_disk(struct frame *f);
void int13_cd(struct frame *f);
void int14(struct frame *f);
void int15(struct frame *f);
void int15_86_start(struct frame *f);
void int15_89_prepare(struct frame *f);
void int15_apm(struct frame *f);
void int15_memory_map(struct frame *f);
void int15_mouse(struct frame *f);
void int16(struct frame *f);
void int17(struct frame *f);
void int18(struct frame *f);
void int1a(struct frame *f);
void int70(struct frame *f);
void int74(struct frame *f);

void post_early(void);
void post_main(struct frame *f);
void boot_next(struct frame *f);

unsigned floppy_count(void);
void floppy_init(void);
void disk_find_all(void);
/* Ends what a CD-ROM stands for. */
void cd_release(void);
/* Loads what the disc starts; NULL, or why not, as ROM text. */
const char *cd_start(void);

bool kbd_command(uint8_t byte1, uint8_t byte2);
void kbd_update_leds(void);
/* Next key of the ring, 0 if there is none; stays there unless `take`. */
uint16_t kbd_next(bool take);
bool mouse_find(void);
void serial_find_all(void);
void printer_find_all(void);
void timer_set_from_clock(void);

#endif

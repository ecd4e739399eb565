/* The two 8259A interrupt controllers; irq is 0 to 15. */
#ifndef BIOS_HW_PIC_H
#define BIOS_HW_PIC_H

#include <stdbool.h>
#include <stdint.h>

void pic_init(uint8_t base0, uint8_t base8); /* all masked but the cascade */
void pic_mask(unsigned irq);
void pic_unmask(unsigned irq);
bool pic_is_masked(unsigned irq);
void pic_eoi(unsigned irq);

#endif

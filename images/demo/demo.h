/* Parts of the demo program: the firmware, the screen, the processor. */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include <stdbool.h>
#include <stdint.h>

/* start.S knows these offsets. */
struct registers {
    uint32_t eax, ebx, ecx, edx, esi, edi;
    uint16_t es;
    uint16_t flags; /* after the call */
};

enum { FLAG_CARRY = 1 << 0 };

/* Calls the firmware's service behind an interrupt vector. */
void firmware(unsigned vector, struct registers *r);

/* Memory outside segment 0. */
uint8_t far_peek8(uint16_t segment, uint16_t offset);
uint16_t far_peek16(uint16_t segment, uint16_t offset);

/* Colours of an attribute: background in the high half. */
enum {
    ATTR_PLAIN = 0x07,
    ATTR_LABEL = 0x0b,
    ATTR_BAR = 0x1f,
    ATTR_KEY = 0x0e,
};

enum { COLUMNS = 80, ROWS = 25 };

void screen_clear(void); /* sets mode 3 */
void screen_put(unsigned row, unsigned column, uint8_t attr, uint8_t ch);
void screen_bar(unsigned row, uint8_t attr);

/* A place on the screen at which text goes on. */
struct pen {
    uint8_t row, column, attr;
};

void pen_text(struct pen *pen, const char *text);
void pen_number(struct pen *pen, uint32_t val);
void pen_hex(struct pen *pen, uint32_t val, unsigned digits);
void pen_char(struct pen *pen, uint8_t ch);

struct processor {
    uint8_t family; /* 3 for a 386 */
    uint8_t model, stepping;
    bool has_cpuid, has_tsc, has_mmx, has_fpu;
    char vendor[13];
};

void processor_identify(struct processor *p);
/* Clock in MHz, measured against the timer; 0 without a time stamp counter. */
unsigned processor_mhz(const struct processor *p);

#endif

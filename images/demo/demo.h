/*
 * The demo program's small libraries: firmware and ports, text, input, time,
 * sound.  32-bit code without paging: an address is a physical one.
 */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof(a)[0])

/* start.S knows these offsets. */
struct registers {
    uint32_t eax, ebx, ecx, edx, esi, edi;
    uint16_t es;
    uint16_t flags; /* after the call */
    uint32_t ebp;
};

enum { FLAG_CARRY = 1 << 0 };

/* Calls the firmware's service behind an interrupt vector, in real mode. */
void firmware(unsigned vector, struct registers *r);

extern const uint8_t boot_drive;

static inline uint8_t peek8(uint32_t addr)
{
    return *(volatile uint8_t *) addr;
}

static inline uint16_t peek16(uint32_t addr)
{
    return *(volatile uint16_t *) addr;
}

static inline void poke8(uint32_t addr, uint8_t val)
{
    *(volatile uint8_t *) addr = val;
}

static inline void poke16(uint32_t addr, uint16_t val)
{
    *(volatile uint16_t *) addr = val;
}

static inline void poke32(uint32_t addr, uint32_t val)
{
    *(volatile uint32_t *) addr = val;
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t val;

    __asm__ volatile("inb %1, %0" : "=a"(val) : "Nd"(port));
    return val;
}

static inline void out8(uint16_t port, uint8_t val)
{
    __asm__ volatile("outb %0, %1" : : "a"(val), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t val)
{
    __asm__ volatile("outw %0, %1" : : "a"(val), "Nd"(port));
}

void fill32(void *to, uint32_t val, uint32_t dwords);
void copy32(void *to, const void *from, uint32_t dwords);

/* Text: screen.c.  Colours of an attribute: background in the high half. */
enum color {
    NIGHT, PANEL, GREEN, CYAN, RED, VIOLET, AMBER, TEXT,
    DIM, RAMP, RAMP1, RAMP2, RAMP3, RAMP4, YELLOW, WHITE,
};

#define ATTR(back, front) ((uint8_t) ((back) << 4 | (front)))

enum { COLUMNS = 80, ROWS = 25 };

extern const uint8_t ramp_colors[5][3];

void screen_start(void); /* mode 3 with our colours and 16 backgrounds */
void screen_colors(void); /* in any mode of 16 colours */
void screen_fill(unsigned row, unsigned column, unsigned rows, unsigned columns, uint8_t attr, uint8_t ch);
void screen_put(unsigned row, unsigned column, uint8_t attr, uint8_t ch);
uint16_t screen_get(unsigned row, unsigned column); /* attribute, character */
void screen_attr(unsigned row, unsigned column, unsigned columns, uint8_t attr);
void screen_box(unsigned row, unsigned column, unsigned rows, unsigned columns, uint8_t attr);
/* A page's frame: title on top, keys at the bottom. */
void screen_page(const char *title, const char *keys);
void screen_keys(const char *keys);
/* Letters of the firmware's font, each point half a character. */
void screen_banner(unsigned row, unsigned column, const char *text, unsigned advance);
void screen_pointer(void); /* follows the mouse, once a frame */
void screen_pointer_hide(void);
/* The firmware's font: 8 (of 8 rows) or 16 rows a character. */
const uint8_t *font_rows(unsigned height);
void dac_set(unsigned index, unsigned r, unsigned g, unsigned b); /* 0 to 63 each */

/* A place on the screen at which text goes on. */
struct pen {
    uint8_t row, column, attr;
};

void pen_text(struct pen *pen, const char *text);
void pen_number(struct pen *pen, uint32_t val);
void pen_padded(struct pen *pen, uint32_t val, unsigned width); /* right-aligned */
void pen_tenths(struct pen *pen, uint32_t tenths);
void pen_hex(struct pen *pen, uint32_t val, unsigned digits);
void pen_char(struct pen *pen, uint8_t ch);
char *number_text(char *end, uint32_t val); /* writes before end; the first digit */

/* Input: input.c.  Keys are scan codes of set 1, 80h added after E0h. */
enum key {
    KEY_ESC = 0x01, KEY_BACKSPACE = 0x0e, KEY_TAB = 0x0f, KEY_ENTER = 0x1c, KEY_CTRL = 0x1d,
    KEY_LSHIFT = 0x2a, KEY_RSHIFT = 0x36, KEY_ALT = 0x38, KEY_SPACE = 0x39, KEY_HOME7 = 0x47,
    KEY_UP8 = 0x48, KEY_LEFT4 = 0x4b, KEY_RIGHT6 = 0x4d, KEY_DOWN2 = 0x50, KEY_DEL = 0x53,
    KEY_PAD_ENTER = 0x9c, KEY_HOME = 0xc7, KEY_UP = 0xc8, KEY_PAGE_UP = 0xc9, KEY_LEFT = 0xcb,
    KEY_RIGHT = 0xcd, KEY_END = 0xcf, KEY_DOWN = 0xd0, KEY_PAGE_DOWN = 0xd1,
    KEY_PAUSE = 0xfe,
};

struct mouse {
    bool present, wheel_present;
    int32_t x, y, width, height; /* place, below width and height */
    int32_t dx, dy, wheel;       /* since the last input_poll */
    uint8_t buttons, pressed;    /* bit 0 left, 1 right, 2 middle; pressed: newly */
    uint32_t packets;
};

extern struct mouse mouse;
extern uint8_t last_codes[8]; /* newest first */
extern uint8_t last_count;

void mouse_start(void); /* once; takes half a second */
void mouse_area(int32_t width, int32_t height);
void input_poll(void);      /* takes what came in */
unsigned input_key(void);   /* the next key pressed, else 0 */
bool input_down(unsigned key);
char key_letter(unsigned key); /* A to Z, 0 to 9, else 0 */
/* Left for the menu: Esc, or the right button. */
bool input_leave(unsigned key);

/* Time: timer.c. */
enum { TICK_HZ_NUM = 1193182, TICK_HZ_DEN = 4096 }; /* 291.3 Hz */
extern volatile uint32_t ticks;

uint32_t ticks_ms(uint32_t n);
void timer_idle(void);  /* until the next interrupt */
void timer_frame(void); /* about a sixtieth of a second has passed since the last */
uint16_t timer_count(void); /* of counter 0, down from 4096 */
void retrace_wait(void);

/* Sound: timer.c.  Notes: 0 is a rest, 1 is C of octave 2, 13 of octave 3, ... */
struct note {
    uint8_t pitch, length; /* in units of the tune's tempo */
};

void sound_tune(const struct note *notes, unsigned count, unsigned tempo, bool again);
void sound_slide(unsigned from_hz, unsigned to_hz, unsigned len); /* an effect, ticks */
void sound_stop(void);
bool sound_playing(void);
unsigned sound_position(void); /* index of the note that sounds */

/* processor.c */
struct processor {
    uint8_t family; /* 3 for a 386 */
    uint8_t model, stepping;
    bool has_cpuid, has_tsc, has_mmx, has_fpu;
    uint32_t features;
    char vendor[13];
    char brand[49]; /* empty without the extended leaves */
};

extern struct processor processor; /* identified once, at the start */
void processor_identify(void);
const char *processor_name(void);
/* Clock in MHz, measured against the timer; 0 without a time stamp counter. */
unsigned processor_mhz(void);
/* Thousands of a loop's two instructions a second. */
uint32_t processor_loops(void);

/* A page of the demo; returns when it is left. */
void page_report(void);
void page_keyboard(void);
void page_mouse(void);
void page_text(void);
void page_effects(void);
void page_scroller(void);
void page_planar(void);
void page_tune(void);
void page_bench(void);
void page_game(void);

#endif

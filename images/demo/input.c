/*
 * Keys and mouse: from the rings that start.S fills to states and events.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard", scan
 *         code set 1; IBM PS/2 BIOS Interface Technical Reference, INT 15h C2h.
 */
#include "demo.h"

extern volatile uint8_t key_ring[256], key_head, mouse_ring[256], mouse_head;
void mouse16(void);

enum { QUEUE = 32, RATE_80 = 4, RATE_100 = 5, RATE_200 = 6, ID_WHEEL = 3 };

struct mouse mouse;
uint8_t last_codes[8];
uint8_t last_count;

static uint8_t key_tail, mouse_tail;
static bool down[256];
static uint8_t queue[QUEUE], queue_head, queue_tail;
static uint8_t prefix; /* E0h, or what is left of a sequence that began with E1h */

static void key_event(unsigned key, bool pressed)
{
    down[key] = pressed;
    if (pressed && (uint8_t) (queue_head - queue_tail) < QUEUE)
        queue[queue_head++ % QUEUE] = (uint8_t) key;
    if (key == KEY_DEL + 0x80u && pressed && (down[KEY_CTRL] || down[KEY_CTRL + 0x80])
        && (down[KEY_ALT] || down[KEY_ALT + 0x80]))
        out8(0x64, 0xfe); /* the 8042 pulls RESET */
}

static void key_code(uint8_t code)
{
    for (unsigned i = ARRAY_LEN(last_codes) - 1; i > 0; i--)
        last_codes[i] = last_codes[i - 1];
    last_codes[0] = code;
    last_count++;
    if (code == 0xe0 || code == 0xe1) {
        prefix = code;
    } else if (prefix == 0xe1) { /* Pause is E1 1D 45 E1 9D C5 */
        if (code == 0x45 || code == 0xc5) {
            key_event(KEY_PAUSE, code == 0x45);
            prefix = 0;
        }
    } else if (prefix == 0xe0) {
        prefix = 0;
        if ((code & 0x7f) != KEY_LSHIFT && (code & 0x7f) != KEY_RSHIFT) /* no keys of their own */
            key_event(code | 0x80, (code & 0x80) == 0);
    } else if ((code & 0x7f) != 0 && code < 0xe0) {
        key_event(code & 0x7f, (code & 0x80) == 0);
    }
}

static int32_t clamp(int32_t val, int32_t limit)
{
    return val < 0 ? 0 : val >= limit ? limit - 1 : val;
}

static void mouse_packet(uint8_t status, uint8_t x, uint8_t y, int8_t wheel)
{
    int32_t dx = x - ((status & 0x10) != 0 ? 256 : 0);
    int32_t dy = y - ((status & 0x20) != 0 ? 256 : 0);

    mouse.pressed |= (uint8_t) (status & 7 & ~mouse.buttons);
    mouse.buttons = status & 7;
    mouse.dx += dx;
    mouse.dy -= dy;
    mouse.x = clamp(mouse.x + dx, mouse.width);
    mouse.y = clamp(mouse.y - dy, mouse.height);
    mouse.wheel += mouse.wheel_present ? wheel : 0;
    mouse.packets++;
}

void input_poll(void)
{
    mouse.dx = mouse.dy = mouse.wheel = 0;
    mouse.pressed = 0;
    while (key_tail != key_head)
        key_code(key_ring[key_tail++]);
    for (; mouse_tail != mouse_head; mouse_tail = (uint8_t) (mouse_tail + 4)) {
        const volatile uint8_t *p = &mouse_ring[mouse_tail];

        mouse_packet(p[0], p[1], p[2], (int8_t) p[3]);
    }
}

unsigned input_key(void)
{
    return queue_tail == queue_head ? 0 : queue[queue_tail++ % QUEUE];
}

bool input_down(unsigned key)
{
    return down[key];
}

bool input_leave(unsigned key)
{
    return key == KEY_ESC || (mouse.pressed & 2) != 0;
}

char key_letter(unsigned key)
{
    static const char rows[] = "\0\0001234567890\0\0\0\0QWERTYUIOP\0\0\0\0ASDFGHJKL\0\0\0\0\0ZXCVBNM";

    return key < sizeof rows ? rows[key] : '\0';
}

void mouse_area(int32_t width, int32_t height)
{
    mouse.width = width;
    mouse.height = height;
    mouse.x = width / 2;
    mouse.y = height / 2;
}

static bool mouse_service(uint8_t function, uint8_t bh, struct registers *r)
{
    *r = (struct registers){ .eax = 0xc200u | function, .ebx = (uint32_t) bh << 8 };
    firmware(0x15, r);
    return (r->flags & FLAG_CARRY) == 0;
}

static bool mouse_try(uint8_t packet_size)
{
    struct registers r;

    if (!mouse_service(5, packet_size, &r))
        return false;
    if (packet_size == 3)
        return true;
    /* The knock that turns on the wheel, then: which mouse is it now? */
    return mouse_service(2, RATE_200, &r) && mouse_service(2, RATE_100, &r)
           && mouse_service(2, RATE_80, &r) && mouse_service(4, 0, &r)
           && (r.ebx >> 8 & 0xff) == ID_WHEEL;
}

void mouse_start(void)
{
    static bool started;
    struct registers r = { 0 };

    if (started)
        return;
    started = true;
    mouse.wheel_present = mouse_try(4);
    if (!mouse.wheel_present && !mouse_try(3))
        return;
    mouse_service(2, RATE_100, &r);
    r = (struct registers){ .eax = 0xc207, .ebx = (uint32_t) mouse16 };
    firmware(0x15, &r);
    mouse.present = (r.flags & FLAG_CARRY) == 0 && mouse_service(0, 1, &r);
}

/*
 * INT 09h, IRQ 1: the keyboard.
 *
 * Source: IBM PC AT Technical Reference (March 1986), section 4, "Keyboard",
 *         section 5, BIOS listing KEYBOARD_INT_1.
 * Absent: sending again what the keyboard answers with FEh.
 *
 * All functions: our stack, IF=0 but while calling out.
 */
#include "bios/bios.h"
#include "bios/hw/kbc.h"
#include "bios/hw/pic.h"
#include "bios/kbd_map.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    SCAN_BREAK = 0x80,
    SCAN_CTRL = 0x1d,
    SCAN_LSHIFT = 0x2a,
    SCAN_RSHIFT = 0x36,
    SCAN_PRINT = 0x37,
    SCAN_ALT = 0x38,
    SCAN_CAPS = 0x3a,
    SCAN_NUM = 0x45,
    SCAN_SCROLL = 0x46,
    SCAN_INS = 0x52,
    SCAN_DEL = 0x53,
    SCAN_SYSRQ = 0x54,
    KBD_ACK = 0xfa,
    KBD_RESEND = 0xfe,
    KBD_ACK_US = 20000,
};

/* ---- The ring ---- */

static uint16_t kbd_after(uint16_t pos)
{
    pos += 2;
    return pos >= bda.kbd_ring_end ? bda.kbd_ring_start : pos;
}

static bool kbd_store(uint16_t key)
{
    uint16_t next = kbd_after(bda.kbd_tail);

    if (next == bda.kbd_head)
        return false;
    far_put16(SEG_BDA, bda.kbd_tail, key);
    bda.kbd_tail = next;
    return true;
}

uint16_t kbd_next(bool take)
{
    uint16_t key;

    if (bda.kbd_head == bda.kbd_tail)
        return 0;
    key = far_u16(SEG_BDA, bda.kbd_head);
    if (take)
        bda.kbd_head = kbd_after(bda.kbd_head);
    return key;
}

static void kbd_post(uint16_t key)
{
    struct callout o = { .ax = 0x9102 };

    if (kbd_store(key))
        call_int(&o, 0x15); /* somebody may wait for it */
}

/* ---- Commands to the keyboard ---- */

/*
 * Two bytes, each to be answered by FAh.  IRQ 1 is off meanwhile: others than
 * we may own INT 09h.  Takes about 4 ms; false if a key is waiting to be read.
 */
bool kbd_command(uint8_t byte1, uint8_t byte2)
{
    uint8_t config;
    bool idle, good = false;

    kbc_command(KBC_DISABLE_KBD);
    idle = !(kbc_status() & KBC_OBF);
    if (idle) {
        config = kbc_read_config();
        kbc_write_config(config & ~KBC_IRQ1);
        kbd_send(byte1);
        if (kbd_receive(KBD_ACK_US) == KBD_ACK) {
            kbd_send(byte2);
            good = kbd_receive(KBD_ACK_US) == KBD_ACK;
        }
        if (!good) {
            kbd_send(0xf4); /* it shall go on scanning at least */
            kbd_receive(KBD_ACK_US);
        }
        kbc_write_config(config);
    }
    kbc_command(KBC_ENABLE_KBD);
    return idle;
}

/* If a key is in the way, the next call tries again. */
void kbd_update_leds(void)
{
    uint8_t want = bda.kbd_flags >> 4 & KBD_LED_MASK;

    if ((bda.kbd_leds & KBD_LED_MASK) != want && kbd_command(0xed, want))
        bda.kbd_leds = (bda.kbd_leds & ~KBD_LED_MASK) | want | KBD_LED_ACK;
}

/* ---- Shift and lock keys ---- */

/* Both Ctrl and both Alt keys: the left one has no prefix. */
static void kbd_ctrl_alt(uint8_t scan, bool gray, bool make)
{
    bool ctrl = scan == SCAN_CTRL;
    uint8_t left = ctrl ? KBD2_LCTRL : KBD2_LALT;
    uint8_t right = ctrl ? KBD3_RCTRL : KBD3_RALT;
    uint8_t both = ctrl ? KBD_CTRL : KBD_ALT;

    if (gray)
        bda.kbd_flags3 =
            make ? bda.kbd_flags3 | right : bda.kbd_flags3 & ~right;
    else
        bda.kbd_flags2 = make ? bda.kbd_flags2 | left : bda.kbd_flags2 & ~left;
    if ((bda.kbd_flags2 & left) || (bda.kbd_flags3 & right))
        bda.kbd_flags |= both;
    else
        bda.kbd_flags &= ~both;
    /* Alt up: what was typed on the number pad becomes a character. */
    if (!ctrl && !make && !(bda.kbd_flags & KBD_ALT) && bda.alt_number != 0) {
        uint8_t c = bda.alt_number;

        bda.alt_number = 0;
        kbd_post(c);
    }
}

static void kbd_shift(uint8_t scan, bool make)
{
    uint8_t bit = scan == SCAN_LSHIFT ? KBD_LSHIFT : KBD_RSHIFT;

    bda.kbd_flags = make ? bda.kbd_flags | bit : bda.kbd_flags & ~bit;
}

/* `state` changes with each new press, `down` keeps repeats from it. */
static void kbd_lock(uint8_t state, uint8_t down, bool make)
{
    if (make && !(bda.kbd_flags2 & down))
        bda.kbd_flags ^= state;
    bda.kbd_flags2 = make ? bda.kbd_flags2 | down : bda.kbd_flags2 & ~down;
    kbd_update_leds();
}

/* ---- Keys that do something ---- */

static void kbd_reboot(void)
{
    bda.warm_boot = 0x1234;
    kbc_reset_cpu();
    for (;;) {
    }
}

/* Ctrl-Break empties the ring, leaves a 0 there and calls INT 1Bh. */
static void kbd_break(void)
{
    struct callout o = { .ax = 0 };

    bda.kbd_head = bda.kbd_ring_start;
    bda.kbd_tail = bda.kbd_ring_start;
    bda.kbd_break |= 0x80;
    kbc_command(KBC_ENABLE_KBD);
    call_int(&o, 0x1b);
    kbd_store(0);
}

/* The machine stands until another key comes; interrupts go on. */
static void kbd_pause(void)
{
    if (bda.kbd_flags2 & KBD2_PAUSED)
        return;
    bda.kbd_flags2 |= KBD2_PAUSED;
    kbc_command(KBC_ENABLE_KBD);
    pic_eoi(1);
    while (bda.kbd_flags2 & KBD2_PAUSED)
        wait_halt();
    ebda.kbd_ended = 1;
}

static void kbd_call(uint8_t vector, uint16_t ax)
{
    struct callout o = { .ax = ax };

    kbc_command(KBC_ENABLE_KBD);
    pic_eoi(1);
    call_int(&o, vector);
    ebda.kbd_ended = 1;
}

static void kbd_sysrq(bool make)
{
    if (make == !!(bda.kbd_flags2 & KBD2_SYSRQ))
        return;
    bda.kbd_flags2 ^= KBD2_SYSRQ;
    kbd_call(0x15, make ? 0x8500 : 0x8501);
}

/* ---- Keys that mean something ---- */

static uint16_t kbd_gray_code(uint8_t scan, enum kbd_column column)
{
    for (unsigned i = 0; i < KBD_GRAY_KEYS; i++)
        if (rom_u16(&kbd_gray_map[i].scan) == scan)
            return rom_u16(&kbd_gray_map[i].code[column]);
    return 0;
}

static bool kbd_is_letter(uint8_t scan)
{
    uint8_t c = rom_u16(&kbd_map[scan][KBD_PLAIN]) & 0xff;

    return c >= 'a' && c <= 'z';
}

static bool kbd_is_pad(uint8_t scan)
{
    return scan >= 0x47 && scan <= 0x53 && scan != 0x4a && scan != 0x4e;
}

static enum kbd_column kbd_column(uint8_t scan)
{
    uint8_t flags = bda.kbd_flags;
    bool shift = flags & (KBD_LSHIFT | KBD_RSHIFT);

    if (flags & KBD_ALT)
        return KBD_WITH_ALT;
    if (flags & KBD_CTRL)
        return KBD_WITH_CTRL;
    if (flags & KBD_CAPS && kbd_is_letter(scan))
        shift = !shift;
    if (flags & KBD_NUM && kbd_is_pad(scan))
        shift = !shift;
    return shift ? KBD_SHIFTED : KBD_PLAIN;
}

/* A digit typed with Alt held; false if the key is no digit of the pad. */
static bool kbd_alt_digit(uint8_t scan)
{
    uint8_t c = rom_u16(&kbd_map[scan][KBD_SHIFTED]) & 0xff;

    if (!kbd_is_pad(scan) || c < '0' || c > '9')
        return false;
    bda.alt_number = bda.alt_number * 10 + (c - '0');
    return true;
}

static void kbd_plain_key(uint8_t scan, bool gray)
{
    uint16_t key;

    if (scan >= KBD_MAP_KEYS)
        return;
    if (gray)
        key = kbd_gray_code(scan, bda.kbd_flags & KBD_ALT    ? KBD_WITH_ALT
                                  : bda.kbd_flags & KBD_CTRL ? KBD_WITH_CTRL
                                                             : KBD_PLAIN);
    else if (bda.kbd_flags & KBD_ALT && kbd_alt_digit(scan))
        return;
    else
        key = rom_u16(&kbd_map[scan][kbd_column(scan)]);
    if (key != 0)
        kbd_post(key);
}

/* Keys without a character; true if `scan` is one. */
static bool kbd_state_key(uint8_t scan, bool gray, bool make)
{
    switch (scan) {
    case SCAN_CTRL:
    case SCAN_ALT: kbd_ctrl_alt(scan, gray, make); return true;
    case SCAN_LSHIFT:
    case SCAN_RSHIFT:
        if (!gray) /* with E0h the keyboard only undoes Num Lock or Shift */
            kbd_shift(scan, make);
        return true;
    case SCAN_CAPS: kbd_lock(KBD_CAPS, KBD2_CAPS, make); return true;
    case SCAN_SYSRQ: kbd_sysrq(make); return true;
    default: return false;
    }
}

/* Keys that mean something else with Ctrl, Alt or a prefix. */
static bool kbd_double_key(uint8_t scan, bool gray, bool make)
{
    bool ctrl = bda.kbd_flags & KBD_CTRL, alt = bda.kbd_flags & KBD_ALT;

    switch (scan) {
    case SCAN_NUM:
        if (!(ctrl && make))
            kbd_lock(KBD_NUM, KBD2_NUM, make);
        else
            kbd_pause();
        return true;
    case SCAN_SCROLL:
        if (ctrl && make)
            kbd_break();
        else if (!gray)
            kbd_lock(KBD_SCROLL, KBD2_SCROLL, make);
        return true;
    case SCAN_INS:
        if (!alt && !ctrl && (gray || kbd_column(scan) == KBD_PLAIN || !make))
            kbd_lock(KBD_INS, KBD2_INS, make);
        return false;
    case SCAN_DEL:
        if (ctrl && alt && make)
            kbd_reboot();
        return false;
    case SCAN_PRINT:
        if (!gray || ctrl || alt)
            return false;
        if (make)
            kbd_call(0x05, 0);
        return true;
    default: return false;
    }
}

static void kbd_key(uint8_t byte)
{
    uint8_t scan = byte & ~SCAN_BREAK;
    bool make = !(byte & SCAN_BREAK);
    bool gray = bda.kbd_flags3 & KBD3_E0;
    bool pause_key = bda.kbd_flags3 & KBD3_E1;

    ebda.key_seen = 1;
    if (pause_key && scan == SCAN_CTRL)
        return; /* E1 1D 45: the prefix counts for two bytes */
    bda.kbd_flags3 &= ~(KBD3_E0 | KBD3_E1);
    if (pause_key) {
        if (make && scan == SCAN_NUM)
            kbd_pause();
        return;
    }
    if (make && bda.kbd_flags2 & KBD2_PAUSED && scan != SCAN_NUM) {
        bda.kbd_flags2 &= ~KBD2_PAUSED;
        return;
    }
    if (kbd_state_key(scan, gray, make) || kbd_double_key(scan, gray, make))
        return;
    if (make)
        kbd_plain_key(gray && scan == SCAN_PRINT ? SCAN_PRINT : scan,
                      gray && scan != SCAN_PRINT);
}

static void kbd_byte(uint8_t byte)
{
    switch (byte) {
    case KBD_ACK:
        bda.kbd_leds |= KBD_LED_ACK;
        break; /* of somebody else's command */
    case KBD_RESEND: bda.kbd_leds |= KBD_LED_RESEND; break;
    case 0xe0: bda.kbd_flags3 |= KBD3_E0; break;
    case 0xe1: bda.kbd_flags3 |= KBD3_E1; break;
    case 0x00:
    case 0xee:
    case 0xff: break; /* overrun, echo: no keys */
    default: kbd_key(byte); break;
    }
}

void int09(struct frame *f)
{
    struct callout o = { .ax = 0x4f00 };

    (void) f;
    /* A hook may have read port 60h: the byte still stands there, without OBF,
     * as long as the keyboard may send no other. */
    kbc_command(KBC_DISABLE_KBD);
    if (kbc_status() & KBC_AUX) {
        kbc_command(KBC_ENABLE_KBD);
        pic_eoi(1);
        return;
    }
    o.al = kbc_data();
    o.off = far_u16(0, 0x15 * 4);
    o.seg = far_u16(0, 0x15 * 4 + 2);
    o.pushes = 1;
    o.word[0] = FLAG_CF;
    call_out(&o); /* keyboard intercept: may change or take the byte */
    if (o.flags & FLAG_CF)
        kbd_byte(o.al);
    if (ebda.kbd_ended) {
        ebda.kbd_ended = 0; /* a key that called out did this before */
        return;
    }
    kbc_command(KBC_ENABLE_KBD);
    pic_eoi(1);
}

/*
 * PS/2 keyboard: scan code sets 1 to 3, typematic, commands.
 *
 * Scan codes wait in a buffer of 16 bytes; a key whose codes do not fit is lost
 * and leaves one overrun code.  Answers to commands go first and have a buffer
 * of their own.  Num Lock for the fake shifts of the cursor keys is the LED.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and
 *         102-key)": "Commands from the system", "Scan code sets 1, 2 and 3".
 * Absent: the power-on BAT code (the controller is off then), parity errors,
 *         the keyboard's own Resend.
 */
#include "config.h"

#include "hw/ps2_keyboard.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "hw/ps2_keyboard_codes.h"

enum {
    KBD_BUFFER = 16, /* and one more for the overrun code */
    KBD_ANSWERS = 4,
    /* "BAT" takes 300 to 500 ms; ours is quicker, as BIOS-bochs-legacy gives up
     * after 65535 polls of about 2 us. */
    KBD_BAT_NS = 50000000,
    TYPEMATIC_DEFAULT = 0x2b, /* 10.9 a second after 500 ms */
};

enum {
    CMD_LEDS = 0xed,
    CMD_ECHO = 0xee,
    CMD_SET = 0xf0,
    CMD_ID = 0xf2,
    CMD_TYPEMATIC = 0xf3,
    CMD_ENABLE = 0xf4,
    CMD_DISABLE = 0xf5,
    CMD_DEFAULT = 0xf6,
    CMD_ALL_TYPEMATIC = 0xf7,
    CMD_ALL_MAKE_BREAK = 0xf8,
    CMD_ALL_MAKE = 0xf9,
    CMD_ALL_BOTH = 0xfa,
    CMD_KEY_TYPEMATIC = 0xfb,
    CMD_KEY_MAKE_BREAK = 0xfc,
    CMD_KEY_MAKE = 0xfd,
    CMD_RESEND = 0xfe,
    CMD_RESET = 0xff,
    ACK = 0xfa,
    RESEND = 0xfe,
    BAT_OK = 0xaa,
};

struct ps2_keyboard {
    vtime first_repeat; /* of `repeat_key` */
    uint64_t repeats;   /* done so far */
    struct event repeat;
    struct event bat;
    uint8_t down[KEY_COUNT];
    uint8_t does[KEY_COUNT]; /* set 3: DOES_* */
    uint8_t buffer[KBD_BUFFER + 1];
    uint8_t buffered;
    uint8_t answer[KBD_ANSWERS];
    uint8_t answers;
    uint8_t set;       /* 1 to 3 */
    uint8_t leds;
    uint8_t typematic; /* as F3h gave it */
    uint8_t enabled;
    uint8_t pending; /* command that wants a byte; 0: none */
    uint8_t last;    /* byte sent, for Resend */
    uint8_t repeat_key; /* enum key; KEY_NONE */
    uint8_t sysrq;      /* Print Screen went down as SysRq */
    /* Wiring. */
    struct sched *sched;
    struct ps2_wire *wire;
};

const struct state_field ps2_keyboard_fields[] = {
    STATE_UINT(struct ps2_keyboard, first_repeat),
    STATE_UINT(struct ps2_keyboard, repeats),
    STATE_EVENT(struct ps2_keyboard, repeat),
    STATE_EVENT(struct ps2_keyboard, bat),
    STATE_BYTES(struct ps2_keyboard, down),
    STATE_BYTES(struct ps2_keyboard, does),
    STATE_BYTES(struct ps2_keyboard, buffer),
    STATE_UINT(struct ps2_keyboard, buffered),
    STATE_BYTES(struct ps2_keyboard, answer),
    STATE_UINT(struct ps2_keyboard, answers),
    STATE_UINT(struct ps2_keyboard, set),
    STATE_UINT(struct ps2_keyboard, leds),
    STATE_UINT(struct ps2_keyboard, typematic),
    STATE_UINT(struct ps2_keyboard, enabled),
    STATE_UINT(struct ps2_keyboard, pending),
    STATE_UINT(struct ps2_keyboard, last),
    STATE_UINT(struct ps2_keyboard, repeat_key),
    STATE_UINT(struct ps2_keyboard, sysrq),
    { NULL, STATE_KIND_END, offsetof(struct ps2_keyboard, sysrq) + sizeof(uint8_t), 0, 0, NULL },
};

/* --- the buffer ---------------------------------------------------------------- */

/* The codes of one key event, taken whole or not at all. */
struct codes {
    uint8_t byte[KBD_BUFFER];
    unsigned n;
};

static void codes_add(struct codes *c, uint8_t val)
{
    if (c->n < KBD_BUFFER)
        c->byte[c->n++] = val;
}

/* Make or break of one switch in set 1 or 2, `e0` as its prefix. */
static void codes_key(const struct ps2_keyboard *kbd, struct codes *c, bool e0, uint8_t set1, uint8_t set2,
                      bool down)
{
    if (e0)
        codes_add(c, 0xe0);
    if (kbd->set == 1) {
        codes_add(c, down ? set1 : set1 | 0x80);
        return;
    }
    if (!down)
        codes_add(c, 0xf0);
    codes_add(c, set2);
}

static void kbd_queue(struct ps2_keyboard *kbd, const struct codes *c)
{
    uint8_t overrun = kbd->set == 1 ? 0xff : 0x00;

    if (c->n == 0)
        return;
    if (kbd->buffered + c->n <= KBD_BUFFER) {
        memcpy(kbd->buffer + kbd->buffered, c->byte, c->n);
        kbd->buffered = (uint8_t) (kbd->buffered + c->n);
    } else if (kbd->buffered <= KBD_BUFFER && kbd->buffer[kbd->buffered - 1] != overrun) {
        kbd->buffer[kbd->buffered++] = overrun; /* once */
    }
    ps2_wake(kbd->wire);
}

/* --- key events ------------------------------------------------------------------ */

static bool kbd_shift(const struct ps2_keyboard *kbd)
{
    return kbd->down[KEY_LEFT_SHIFT] || kbd->down[KEY_RIGHT_SHIFT];
}

static bool kbd_ctrl(const struct ps2_keyboard *kbd)
{
    return kbd->down[KEY_LEFT_CTRL] || kbd->down[KEY_RIGHT_CTRL];
}

static bool kbd_alt(const struct ps2_keyboard *kbd)
{
    return kbd->down[KEY_LEFT_ALT] || kbd->down[KEY_RIGHT_ALT];
}

/* Takes back the Shift keys that are held, or puts them back. */
static void codes_fake_shift(const struct ps2_keyboard *kbd, struct codes *c, bool down)
{
    if (kbd->down[KEY_LEFT_SHIFT])
        codes_key(kbd, c, true, 0x2a, 0x12, down);
    if (kbd->down[KEY_RIGHT_SHIFT])
        codes_key(kbd, c, true, 0x36, 0x59, down);
}

/*
 * A cursor key must mean itself on a system that sees the keypad's codes: Num
 * Lock alone is undone by a Shift that is not there, Shift alone by its release.
 */
static void codes_around(const struct ps2_keyboard *kbd, struct codes *c, bool divide, bool before)
{
    bool num = (kbd->leds & LED_NUM) != 0 && !divide;

    if (kbd_shift(kbd) && !num)
        codes_fake_shift(kbd, c, !before);
    else if (num && !kbd_shift(kbd))
        codes_key(kbd, c, true, 0x2a, 0x12, before);
}

static void codes_cursor(const struct ps2_keyboard *kbd, struct codes *c, const struct key_codes *k, bool down)
{
    bool divide = k->kind == KIND_DIVIDE;

    if (down)
        codes_around(kbd, c, divide, true);
    codes_key(kbd, c, true, k->set1, k->set2, down);
    if (!down)
        codes_around(kbd, c, divide, false);
}

/* With Alt it is SysRq, with Ctrl or Shift it is bare, else it comes with Shift. */
static void codes_print(struct ps2_keyboard *kbd, struct codes *c, bool down)
{
    bool bare = kbd_ctrl(kbd) || kbd_shift(kbd);

    if (down)
        kbd->sysrq = kbd_alt(kbd);
    if (kbd->sysrq) {
        codes_key(kbd, c, false, 0x54, 0x84, down);
        return;
    }
    if (down && !bare)
        codes_key(kbd, c, true, 0x2a, 0x12, true);
    codes_key(kbd, c, true, 0x37, 0x7c, down);
    if (!down && !bare)
        codes_key(kbd, c, true, 0x2a, 0x12, false);
}

/* Make and break together when it goes down; Break with Ctrl. */
static void codes_pause(const struct ps2_keyboard *kbd, struct codes *c, bool down)
{
    static const uint8_t set1[] = { 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5 };
    static const uint8_t set2[] = { 0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77 };

    if (!down)
        return;
    if (kbd_ctrl(kbd)) {
        codes_key(kbd, c, true, 0x46, 0x7e, true);
        codes_key(kbd, c, true, 0x46, 0x7e, false);
        return;
    }
    for (unsigned i = 0; i < (kbd->set == 1 ? sizeof set1 : sizeof set2); i++)
        codes_add(c, kbd->set == 1 ? set1[i] : set2[i]);
}

static void codes_set3(const struct ps2_keyboard *kbd, struct codes *c, unsigned key, bool down)
{
    uint8_t code = key_codes[key].set3;

    if (code == 0 || (!down && (kbd->does[key] & DOES_BREAK) == 0))
        return;
    if (!down)
        codes_add(c, 0xf0);
    codes_add(c, code);
}

static void kbd_report(struct ps2_keyboard *kbd, unsigned key, bool down)
{
    const struct key_codes *k = &key_codes[key];
    struct codes c = { .n = 0 };

    if (kbd->set == 3) {
        codes_set3(kbd, &c, key, down);
        kbd_queue(kbd, &c);
        return;
    }
    switch (k->kind) {
    case KIND_PLAIN:
    case KIND_E0: codes_key(kbd, &c, k->kind == KIND_E0, k->set1, k->set2, down); break;
    case KIND_CURSOR:
    case KIND_DIVIDE: codes_cursor(kbd, &c, k, down); break;
    case KIND_PRINT: codes_print(kbd, &c, down); break;
    case KIND_PAUSE: codes_pause(kbd, &c, down); break;
    default: break;
    }
    kbd_queue(kbd, &c);
}

/* Repeated are the key's own codes, without what went around them. */
static void kbd_report_again(struct ps2_keyboard *kbd, unsigned key)
{
    const struct key_codes *k = &key_codes[key];
    struct codes c = { .n = 0 };

    if (kbd->set == 3)
        codes_set3(kbd, &c, key, true);
    else if (k->kind == KIND_PRINT && kbd->sysrq)
        codes_key(kbd, &c, false, 0x54, 0x84, true);
    else
        codes_key(kbd, &c, k->kind != KIND_PLAIN, k->set1, k->set2, true);
    kbd_queue(kbd, &c);
}

/* --- typematic ------------------------------------------------------------------- */

static void kbd_stop_repeat(struct ps2_keyboard *kbd)
{
    kbd->repeat_key = KEY_NONE;
    event_cancel(kbd->sched, &kbd->repeat);
}

/* "Set typematic rate/delay": the period is (8 + A) * 2^B of 1/240 s. */
static vtime kbd_repeat_time(const struct ps2_keyboard *kbd)
{
    const struct clock clk = { .num = 240, .den = 1, .vtime0 = kbd->first_repeat };

    return clock_time(&clk, kbd->repeats * ((8 + (kbd->typematic & 7)) << (kbd->typematic >> 3 & 3)));
}

static void kbd_start_repeat(struct ps2_keyboard *kbd, unsigned key)
{
    unsigned quarters = 1 + (kbd->typematic >> 5 & 3);

    kbd_stop_repeat(kbd);
    if (key_codes[key].kind == KIND_PAUSE || (kbd->set == 3 && (kbd->does[key] & DOES_REPEAT) == 0))
        return;
    kbd->repeat_key = (uint8_t) key;
    kbd->first_repeat = sched_now(kbd->sched) + quarters * (VTIME_SECOND / 4);
    kbd->repeats = 0;
    event_at(kbd->sched, &kbd->repeat, kbd_repeat_time(kbd));
}

/* "If the clock is inhibited only the first make is stored": a held key cannot
 * fill the buffer. */
static void kbd_repeat(void *opaque)
{
    struct ps2_keyboard *kbd = opaque;
    vtime next;

    if (kbd->repeat_key == KEY_NONE || kbd->repeat_key >= KEY_COUNT)
        return;
    if (kbd->buffered == 0 && kbd->enabled)
        kbd_report_again(kbd, kbd->repeat_key);
    kbd->repeats++;
    next = kbd_repeat_time(kbd);
    if (next <= sched_now(kbd->sched))
        kbd_stop_repeat(kbd); /* only a forged state has so much to catch up */
    else
        event_at(kbd->sched, &kbd->repeat, next);
}

static void kbd_input_key(void *opaque, const struct journal_input *in)
{
    struct ps2_keyboard *kbd = opaque;
    int64_t key = in->arg[0];
    bool down = in->arg[1] != 0;

    if (key < 0 || key >= KEY_COUNT || key_codes[key].kind == KIND_NONE || kbd->down[key] == down)
        return;
    kbd->down[key] = down;
    if (!down && kbd->repeat_key == key)
        kbd_stop_repeat(kbd);
    if (!kbd->enabled)
        return;
    if (down)
        kbd_start_repeat(kbd, (unsigned) key);
    kbd_report(kbd, (unsigned) key, down);
}

static const struct journal_kind kbd_kinds[] = {
    { "key", 2, false, kbd_input_key },
};

/* --- commands --------------------------------------------------------------------- */

static void kbd_answer(struct ps2_keyboard *kbd, uint8_t val)
{
    if (kbd->answers < KBD_ANSWERS)
        kbd->answer[kbd->answers++] = val;
}

static void kbd_clear(struct ps2_keyboard *kbd)
{
    kbd->buffered = 0;
    kbd_stop_repeat(kbd);
}

static void kbd_defaults(struct ps2_keyboard *kbd)
{
    kbd_clear(kbd);
    kbd->set = 2;
    kbd->typematic = TYPEMATIC_DEFAULT;
    for (unsigned i = 0; i < KEY_COUNT; i++)
        kbd->does[i] = key_codes[i].does;
}

static void kbd_all_keys(struct ps2_keyboard *kbd, uint8_t does)
{
    kbd_clear(kbd);
    memset(kbd->does, does, sizeof kbd->does);
}

/* "Set key type": by the code of set 3; more codes may follow. */
static void kbd_one_key(struct ps2_keyboard *kbd, uint8_t code, uint8_t does)
{
    for (unsigned i = 0; i < KEY_COUNT; i++)
        if (code != 0 && key_codes[i].set3 == code)
            kbd->does[i] = does;
}

static void kbd_command(struct ps2_keyboard *kbd, uint8_t cmd)
{
    if (cmd == CMD_ECHO) {
        kbd_answer(kbd, CMD_ECHO);
        return;
    }
    if (cmd < CMD_LEDS || cmd == 0xef || cmd == 0xf1) {
        kbd_answer(kbd, RESEND);
        return;
    }
    if (cmd == CMD_RESEND) {
        kbd_answer(kbd, kbd->last);
        return;
    }
    kbd_answer(kbd, ACK);
    switch (cmd) {
    case CMD_ID:
        kbd_answer(kbd, 0xab);
        kbd_answer(kbd, 0x83);
        break;
    case CMD_ENABLE:
        kbd_clear(kbd);
        kbd->enabled = 1;
        break;
    case CMD_DISABLE:
        kbd_defaults(kbd);
        kbd->enabled = 0;
        break;
    case CMD_DEFAULT: kbd_defaults(kbd); break;
    case CMD_ALL_TYPEMATIC: kbd_all_keys(kbd, DOES_REPEAT); break;
    case CMD_ALL_MAKE_BREAK: kbd_all_keys(kbd, DOES_BREAK); break;
    case CMD_ALL_MAKE: kbd_all_keys(kbd, 0); break;
    case CMD_ALL_BOTH: kbd_all_keys(kbd, DOES_REPEAT | DOES_BREAK); break;
    case CMD_RESET:
        kbd_defaults(kbd);
        kbd->leds = 0;
        kbd->enabled = 0;
        event_at(kbd->sched, &kbd->bat, sched_now(kbd->sched) + KBD_BAT_NS);
        break;
    default: kbd->pending = cmd; break; /* a byte follows */
    }
}

/* "F0h": 0 asks for the set in use. */
static void kbd_choose_set(struct ps2_keyboard *kbd, uint8_t val)
{
    kbd_answer(kbd, val <= 3 ? ACK : RESEND);
    if (val == 0) {
        kbd_answer(kbd, kbd->set);
    } else if (val <= 3) {
        kbd_clear(kbd);
        kbd->set = val;
    }
}

/* The byte that a command asked for. */
static void kbd_option(struct ps2_keyboard *kbd, uint8_t cmd, uint8_t val)
{
    switch (cmd) {
    case CMD_SET: kbd_choose_set(kbd, val); return;
    case CMD_LEDS: kbd->leds = val & 7; break;
    case CMD_TYPEMATIC: kbd->typematic = val & 0x7f; break;
    case CMD_KEY_TYPEMATIC: kbd_one_key(kbd, val, DOES_REPEAT); break;
    case CMD_KEY_MAKE_BREAK: kbd_one_key(kbd, val, DOES_BREAK); break;
    default: kbd_one_key(kbd, val, 0); break;
    }
    if (cmd >= CMD_KEY_TYPEMATIC)
        kbd->pending = cmd;
    kbd_answer(kbd, ACK);
}

/* Whatever the system sends ends what the keyboard was saying. */
static void kbd_put(void *opaque, uint8_t val)
{
    struct ps2_keyboard *kbd = opaque;
    uint8_t pending = kbd->pending;

    if (event_armed(&kbd->bat) && val != CMD_RESET)
        return; /* busy with itself */
    kbd->answers = 0;
    kbd->pending = 0;
    if (pending != 0 && val < CMD_LEDS)
        kbd_option(kbd, pending, val);
    else
        kbd_command(kbd, val);
    ps2_wake(kbd->wire);
}

static void kbd_bat(void *opaque)
{
    struct ps2_keyboard *kbd = opaque;

    kbd_answer(kbd, BAT_OK);
    kbd->enabled = 1;
    ps2_wake(kbd->wire);
}

/* Scan codes wait while an option byte is due. */
static bool kbd_ready(void *opaque)
{
    const struct ps2_keyboard *kbd = opaque;

    return kbd->answers != 0 || (kbd->buffered != 0 && kbd->pending == 0);
}

static uint8_t kbd_take(void *opaque)
{
    struct ps2_keyboard *kbd = opaque;
    uint8_t *from = kbd->answers != 0 ? kbd->answer : kbd->buffer;
    uint8_t *n = kbd->answers != 0 ? &kbd->answers : &kbd->buffered;

    kbd->last = from[0];
    (*n)--;
    memmove(from, from + 1, *n);
    return kbd->last;
}

uint8_t ps2_keyboard_leds(const struct ps2_keyboard *kbd)
{
    return kbd->leds;
}

unsigned ps2_keyboard_pending(const struct ps2_keyboard *kbd)
{
    return (unsigned) kbd->buffered + kbd->answers;
}

void ps2_keyboard_reset(struct ps2_keyboard *kbd)
{
    event_cancel(kbd->sched, &kbd->bat);
    kbd_defaults(kbd);
    kbd->answers = 0;
    kbd->pending = 0;
    kbd->leds = 0;
    kbd->last = 0;
    kbd->sysrq = 0;
    kbd->enabled = 1;
}

/* A state from outside may say anything. */
static void kbd_loaded(void *opaque)
{
    struct ps2_keyboard *kbd = opaque;

    if (kbd->buffered > KBD_BUFFER + 1)
        kbd->buffered = KBD_BUFFER + 1;
    if (kbd->answers > KBD_ANSWERS)
        kbd->answers = KBD_ANSWERS;
}

struct ps2_keyboard *ps2_keyboard_new(const struct ps2_keyboard_config *cfg)
{
    struct ps2_keyboard *kbd = xcalloc(1, sizeof *kbd);

    kbd->sched = cfg->sched;
    kbd->wire = cfg->wire;
    kbd->wire->ready = kbd_ready;
    kbd->wire->take = kbd_take;
    kbd->wire->put = kbd_put;
    kbd->wire->device = kbd;
    event_init(&kbd->repeat, "keyboard repeat", 0, kbd_repeat, kbd);
    event_init(&kbd->bat, "keyboard self-test", 0, kbd_bat, kbd);
    journal_add(cfg->journal, "kbd", kbd_kinds, ARRAY_LEN(kbd_kinds), kbd);
    state_register(cfg->state, "ps2-keyboard", 1, ps2_keyboard_fields, kbd);
    state_hooks(cfg->state, NULL, kbd_loaded, kbd);
    ps2_keyboard_reset(kbd);
    return kbd;
}

void ps2_keyboard_free(struct ps2_keyboard *kbd)
{
    free(kbd);
}

/*
 * The demo disk: a menu, and what loads the rest of the program behind it.
 *
 * Source: IBM PS/2 and PC BIOS Interface Technical Reference, INT 13h 02h, INT
 *         1Ah; APM BIOS Interface Specification 1.2, section 4.
 */
#include "demo.h"

#include "demo.inc"

void demo_main(void);
void demo_stopped(const uint32_t *frame);

enum {
    LIST_ROW = 10,
    PANEL_ROWS = 13,
    LIST_COLUMN = 4,
    LIST_WIDTH = 31,
    INFO_COLUMN = 39,
    INFO_WIDTH = 37,
    SHINE_TICKS = 12,
};

extern const uint8_t program_end[];

static void power_off(void);

static const struct entry {
    char letter;
    const char *name;
    const char *about[4];
    void (*page)(void);
} entries[] = {
    { 'S', "System report", { "What the firmware and the", "processor say of themselves:", "memory, drives, ports, speed." }, page_report },
    { 'K', "Keyboard test", { "Every key lights up when it is", "pressed, with its scan codes." }, page_keyboard },
    { 'M', "Mouse test", { "Pointer, buttons and wheel", "of the PS/2 mouse." }, page_mouse },
    { 'T', "Text mode", { "Sixteen colours, 256 characters,", "and some drawn on the fly." }, page_text },
    { 'E', "Effects in 256 colours", { "Mode 13h: plasma, fire and a", "turning, zooming picture." }, page_effects },
    { 'X', "Scroller in mode X", { "Parallax layers and a message,", "flipped 70 times a second." }, page_scroller },
    { 'P', "Planar graphics", { "640 by 480 in 16 colours:", "lines, curves and fills." }, page_planar },
    { 'A', "A tune", { "The speaker, timer channel 2,", "and a roll to look at." }, page_tune },
    { 'B', "Benchmark", { "How fast are additions, memory,", "the display and the x87?" }, page_bench },
    { 'G', "Game: Ricochet", { "Three walls, one ball. Clear", "them all with keys or mouse." }, page_game },
    { 'O', "Switch off", { "Turn the power off (APM)." }, power_off },
};

static unsigned loaded; /* sectors of the program that are in memory */

/* The next piece of the program: what is left of a track and of 64 KiB, which
 * the DMA controller cannot cross.  False when it cannot be read. */
static bool load_piece(void)
{
    uint32_t to = LOAD_ADDRESS + loaded * 512;
    unsigned sector = loaded + 1, in_track = sector % TRACK_SECTORS;
    unsigned n = TRACK_SECTORS - in_track, room = (0x10000 - (to & 0xffff)) / 512;
    struct registers r;

    if (room != 0 && n > room)
        n = room;
    if (n > PROGRAM_SECTORS - loaded)
        n = PROGRAM_SECTORS - loaded;
    for (unsigned tries = 0; tries < 4; tries++) {
        r = (struct registers){
            .eax = 0x0200 | n,
            .ebx = to & 15,
            .ecx = sector / (TRACK_SECTORS * HEADS) << 8 | (in_track + 1),
            .edx = sector / TRACK_SECTORS % HEADS << 8 | boot_drive,
            .es = (uint16_t) (to >> 4),
        };
        firmware(0x13, &r);
        if ((r.flags & FLAG_CARRY) == 0) {
            loaded += n;
            return true;
        }
        r = (struct registers){ .edx = boot_drive };
        firmware(0x13, &r);
    }
    return false;
}

static bool all_loaded(void)
{
    return LOAD_ADDRESS + loaded * 512 >= (uint32_t) program_end;
}

static void power_off(void)
{
    struct registers r = { .eax = 0x5301 }; /* connect, real mode */

    firmware(0x15, &r);
    r = (struct registers){ .eax = 0x530e, .ecx = 0x0101 }; /* we speak APM 1.1 */
    firmware(0x15, &r);
    r = (struct registers){ .eax = 0x5307, .ebx = 1, .ecx = 3 }; /* all devices: off */
    firmware(0x15, &r);
    screen_keys("This machine cannot switch itself off: use its switch.");
    for (uint32_t until = ticks + 600; ticks < until; )
        timer_idle();
}

/* An exception: what and where, as there is nobody else to tell. */
void demo_stopped(const uint32_t *frame)
{
    struct pen pen = { 12, 8, ATTR(RED, WHITE) };

    screen_start();
    screen_fill(11, 6, 3, 68, pen.attr, ' ');
    pen_text(&pen, "The demo stopped: exception, words on the stack ");
    for (unsigned i = 8; i < 10; i++) {
        pen_hex(&pen, frame[i], 8);
        pen_char(&pen, ' ');
    }
}

/* A light runs down the logo's colours. */
static void shine(uint32_t frame)
{
    for (unsigned i = 0; i < 5; i++) {
        int32_t distance = (int32_t) (frame / 2 % 120) - (int32_t) (i * 6);
        unsigned more = distance < 0 ? 0 : distance < 10 ? (unsigned) distance : distance < 20 ? 20 - (unsigned) distance : 0;
        const uint8_t *c = ramp_colors[i];

        dac_set(0x39 + i, c[0] + (63 - c[0]) * more / 10, c[1] + (63 - c[1]) * more / 10,
                c[2] + (63 - c[2]) * more / 10);
    }
}

static void draw_entry(unsigned i, bool selected)
{
    uint8_t attr = selected ? ATTR(AMBER, NIGHT) : ATTR(PANEL, TEXT);
    struct pen pen = { (uint8_t) (LIST_ROW + i), LIST_COLUMN + 2, attr };

    screen_fill(pen.row, LIST_COLUMN + 1, 1, LIST_WIDTH - 2, attr, ' ');
    pen.attr = selected ? ATTR(AMBER, NIGHT) : ATTR(PANEL, YELLOW);
    pen_char(&pen, (uint8_t) entries[i].letter);
    pen.attr = attr;
    pen_text(&pen, "  ");
    pen_text(&pen, entries[i].name);
    if (selected)
        screen_put(pen.row, LIST_COLUMN + LIST_WIDTH - 3, attr, 0x10);
}

static void draw_about(unsigned i)
{
    struct pen pen = { LIST_ROW, INFO_COLUMN + 2, ATTR(PANEL, WHITE) };

    screen_fill(LIST_ROW, INFO_COLUMN + 1, 4, INFO_WIDTH - 2, ATTR(PANEL, TEXT), ' ');
    pen_text(&pen, entries[i].name);
    for (unsigned n = 0; n < 3 && entries[i].about[n] != NULL; n++) {
        pen = (struct pen){ (uint8_t) (LIST_ROW + 1 + n), INFO_COLUMN + 2, ATTR(PANEL, TEXT) };
        pen_text(&pen, entries[i].about[n]);
    }
}

static struct pen fact(unsigned row, const char *name)
{
    struct pen pen = { (uint8_t) row, INFO_COLUMN + 2, ATTR(PANEL, CYAN) };

    pen_text(&pen, name);
    return (struct pen){ (uint8_t) row, INFO_COLUMN + 13, ATTR(PANEL, TEXT) };
}

static void draw_machine(void)
{
    struct registers r = { .eax = 0xe801 };
    uint32_t kib;
    struct pen pen = { LIST_ROW + 5, INFO_COLUMN + 2, ATTR(PANEL, WHITE) };

    pen_text(&pen, "This machine");
    pen = fact(LIST_ROW + 6, "Processor");
    pen_text(&pen, processor_name());
    firmware(0x15, &r);
    if ((r.flags & FLAG_CARRY) == 0) {
        kib = (r.eax & 0xffff) + (r.ebx & 0xffff) * 64;
    } else {
        r = (struct registers){ .eax = 0x8800 };
        firmware(0x15, &r);
        kib = (r.flags & FLAG_CARRY) == 0 ? r.eax & 0xffff : 0;
    }
    pen = fact(LIST_ROW + 7, "Memory");
    pen_number(&pen, (kib + 1024) / 1024);
    pen_text(&pen, " MB");
    pen = fact(LIST_ROW + 8, "x87");
    pen_text(&pen, processor.has_fpu ? "yes" : "no");
    fact(LIST_ROW + 9, "Date");
}

static void draw_clock(void)
{
    struct pen pen = { LIST_ROW + 9, INFO_COLUMN + 13, ATTR(PANEL, TEXT) };
    struct registers date = { .eax = 0x0400 }, time = { .eax = 0x0200 };

    firmware(0x1a, &date);
    firmware(0x1a, &time);
    if (((date.flags | time.flags) & FLAG_CARRY) != 0)
        return;
    pen_hex(&pen, date.ecx, 4);
    pen_char(&pen, '-');
    pen_hex(&pen, date.edx >> 8, 2);
    pen_char(&pen, '-');
    pen_hex(&pen, date.edx, 2);
    pen_char(&pen, ' ');
    pen_hex(&pen, time.ecx >> 8, 2);
    pen_char(&pen, ':');
    pen_hex(&pen, time.ecx, 2);
    pen_char(&pen, ':');
    pen_hex(&pen, time.edx >> 8, 2);
}

static void draw_menu(unsigned selected)
{
    struct pen pen = { 7, 5, ATTR(NIGHT, TEXT) };

    screen_fill(0, 0, ROWS, COLUMNS, ATTR(NIGHT, TEXT), ' ');
    screen_banner(2, 5, "REPRISE", 10);
    pen_text(&pen, "A personal computer in software. This is its demo disk.");
    screen_box(LIST_ROW - 1, LIST_COLUMN, PANEL_ROWS, LIST_WIDTH, ATTR(PANEL, DIM));
    screen_box(LIST_ROW - 1, INFO_COLUMN, PANEL_ROWS, INFO_WIDTH, ATTR(PANEL, DIM));
    for (unsigned i = 0; i < ARRAY_LEN(entries); i++)
        draw_entry(i, i == selected);
    draw_about(selected);
    draw_machine();
    draw_clock();
    screen_keys("Demo disk ready.   \x18\x19 choose   Enter open   letters open at once   Esc back");
}

static unsigned mouse_entry(void)
{
    unsigned row = (unsigned) mouse.y / 16, column = (unsigned) mouse.x / 9;

    return row >= LIST_ROW && row < LIST_ROW + ARRAY_LEN(entries) && column > LIST_COLUMN
                   && column < LIST_COLUMN + LIST_WIDTH - 1
               ? row - LIST_ROW
               : ARRAY_LEN(entries);
}

/* What a key does to the selection; true when the entry shall open. */
static bool menu_key(unsigned key, unsigned *selected)
{
    unsigned n = ARRAY_LEN(entries);
    char letter = key_letter(key);

    switch (key) {
    case KEY_UP: case KEY_UP8: *selected = (*selected + n - 1) % n; return false;
    case KEY_DOWN: case KEY_DOWN2: *selected = (*selected + 1) % n; return false;
    case KEY_HOME: case KEY_PAGE_UP: *selected = 0; return false;
    case KEY_END: case KEY_PAGE_DOWN: *selected = n - 1; return false;
    case KEY_ESC: *selected = n - 1; return false;
    case KEY_ENTER: case KEY_PAD_ENTER: case KEY_SPACE: return true;
    default: break;
    }
    for (unsigned i = 0; i < n && letter != '\0'; i++)
        if (entries[i].letter == letter) {
            *selected = i;
            return true;
        }
    return false;
}

static bool menu_mouse(unsigned *selected)
{
    unsigned under = mouse_entry();

    if (under == ARRAY_LEN(entries))
        return false;
    if (mouse.dx != 0 || mouse.dy != 0)
        *selected = under;
    return (mouse.pressed & 1) != 0;
}

/* Until an entry is chosen: which. */
static unsigned menu_run(unsigned selected)
{
    screen_start();
    mouse_area(720, 400);
    draw_menu(selected);
    for (uint32_t frame = 0;; frame++) {
        unsigned before = selected, key;
        bool open = false;

        timer_frame();
        input_poll();
        while (!open && (key = input_key()) != 0)
            open = menu_key(key, &selected);
        open = open || menu_mouse(&selected);
        screen_pointer_hide();
        if (selected != before) {
            draw_entry(before, false);
            draw_entry(selected, true);
            draw_about(selected);
        }
        if (open)
            return selected;
        if (frame % 16 == 0)
            draw_clock();
        shine(frame);
        screen_pointer();
        if (!all_loaded())
            load_piece();
        else
            mouse_start();
    }
}

void demo_main(void)
{
    unsigned selected = 0;

    loaded = CORE_SECTORS;
    processor_identify();
    for (;;) {
        selected = menu_run(selected);
        while (!all_loaded() && load_piece())
            ;
        if (!all_loaded()) {
            screen_keys("The rest of the demo disk cannot be read.");
            for (uint32_t until = ticks + 600; ticks < until; )
                timer_idle();
            continue;
        }
        entries[selected].page();
        sound_stop();
    }
}

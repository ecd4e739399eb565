/*
 * Keyboard test: a keyboard of 104 keys whose keys light up.
 *
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Keyboard", scan
 *         code set 1.
 */
#include "demo.h"

enum { KEYS = 105, TOP = 4, CODES_ROW = 18, IDLE = ATTR(DIM, WHITE) };

/* A run of keys: where it begins, then code, width and label of each. */
static const struct run {
    uint8_t row, column;
    const char *keys; /* "CCWlabel " : code in hexadecimal, width digit, label */
} runs[] = {
    { 0, 2, "013Esc" }, { 0, 7, "3B3F1 3C3F2 3D3F3 3E3F4" }, { 0, 21, "3F3F5 403F6 413F7 423F8" },
    { 0, 35, "433F9 44310 57311 58312" }, { 0, 50, "B74Prt 464Scr FE4Pau" },
    { 1, 2, "293` 0231 0332 0433 0534 0635 0736 0837 0938 0A39 0B30 0C3- 0D3= 0E6Back" },
    { 2, 2, "0F5Tab 103Q 113W 123E 133R 143T 153Y 163U 173I 183O 193P 1A3[ 1B3] 2B4\\" },
    { 3, 2, "3A6Caps 1E3A 1F3S 203D 213F 223G 233H 243J 253K 263L 273; 283' 1C6Enter" },
    { 4, 2, "2A4Sh 563< 2C3Z 2D3X 2E3C 2F3V 303B 313N 323M 333, 343. 353/ 368Shift" },
    { 5, 2, "1D5Ctrl DB4Win 385Alt 39<Space B85Alt DC4Win DD4Men 9D6Ctrl" },
    { 1, 50, "D24Ins C74Hom C94PgU" }, { 2, 50, "D34Del CF4End D14PgD" },
    { 4, 54, "C84\x18" }, { 5, 50, "CB4\x1b D04\x19 CD4\x1a" },
    { 1, 63, "454Num B54/ 374* 4A4-" }, { 2, 63, "4747 4848 4949 4E4+" },
    { 3, 63, "4B44 4C45 4D46" }, { 4, 63, "4F41 5042 5143 9C4Ent" }, { 5, 63, "5280 534." },
};

static struct key_cap {
    uint8_t code, row, column, width;
    const char *label;
} caps[KEYS];
static unsigned cap_count;
static bool seen[256];

static unsigned hex_digit(char c)
{
    return (unsigned) (c <= '9' ? c - '0' : c - 'A' + 10);
}

static void lay_out(const struct run *run)
{
    uint8_t column = run->column;

    for (const char *s = run->keys; *s != '\0' && cap_count < KEYS; cap_count++) {
        struct key_cap *cap = &caps[cap_count];

        cap->code = (uint8_t) (hex_digit(s[0]) << 4 | hex_digit(s[1]));
        cap->row = (uint8_t) (TOP + 2 * run->row + (run->row > 0));
        cap->column = column;
        cap->width = s[2] == '<' ? 12 : (uint8_t) hex_digit(s[2]);
        cap->label = s + 3;
        column += cap->width;
        for (s += 4; *s != ' ' && *s != '\0'; s++)
            ;
        while (*s == ' ')
            s++;
    }
}

static void draw_cap(const struct key_cap *cap)
{
    unsigned back = input_down(cap->code) ? AMBER : seen[cap->code] ? GREEN : DIM;
    struct pen pen = { cap->row, cap->column, ATTR(back, back == DIM ? WHITE : NIGHT) };

    screen_fill(cap->row, cap->column, 1, cap->width - 1u, pen.attr, ' ');
    screen_fill(cap->row + 1u, cap->column, 1, cap->width - 1u, ATTR(NIGHT, back), 0xdf);
    for (const char *s = cap->label; *s != ' ' && *s != '\0'; s++)
        pen_char(&pen, (uint8_t) *s);
}

static void draw_codes(unsigned key)
{
    struct pen pen = { CODES_ROW, 16, ATTR(NIGHT, YELLOW) };
    unsigned done = 0;

    for (unsigned i = last_count < ARRAY_LEN(last_codes) ? last_count : ARRAY_LEN(last_codes); i-- > 0; ) {
        pen_hex(&pen, last_codes[i], 2);
        pen_char(&pen, ' ');
    }
    if (key != 0) {
        pen = (struct pen){ CODES_ROW + 1, 16, ATTR(NIGHT, WHITE) };
        pen_text(&pen, key == KEY_PAUSE ? "E1 1D 45" : (key & 0x80) != 0 ? "E0 " : "");
        if (key != KEY_PAUSE)
            pen_hex(&pen, key & 0x7f, 2);
        pen_text(&pen, "        ");
    }
    for (unsigned i = 0; i < cap_count; i++)
        done += seen[caps[i].code];
    pen = (struct pen){ CODES_ROW + 2, 16, ATTR(NIGHT, WHITE) };
    pen_number(&pen, done);
    pen_text(&pen, " of ");
    pen_number(&pen, cap_count);
    pen_text(&pen, "  ");
}

static void draw_page(void)
{
    static const char *const labels[] = { "Codes", "Last key", "Pressed" };

    screen_page("Keyboard test", "Keyboard ready.   Each key lights up.   Esc, when released: back");
    for (unsigned i = 0; i < 3; i++) {
        struct pen pen = { (uint8_t) (CODES_ROW + i), 2, ATTR(NIGHT, CYAN) };

        pen_text(&pen, labels[i]);
    }
    for (unsigned i = 0; i < cap_count; i++)
        draw_cap(&caps[i]);
    draw_codes(0);
}

void page_keyboard(void)
{
    bool escape = false;

    cap_count = 0;
    last_count = 0;
    for (unsigned i = 0; i < ARRAY_LEN(runs); i++)
        lay_out(&runs[i]);
    for (unsigned i = 0; i < 256; i++)
        seen[i] = false;
    draw_page();
    /* Esc is a key like the others: leave when it comes up. */
    for (unsigned key; !escape || input_down(KEY_ESC); ) {
        timer_frame();
        input_poll();
        for (unsigned last = 0; (key = input_key()) != 0 || last != 0; last = key) {
            if (key == 0) {
                draw_codes(last);
                break;
            }
            seen[key] = true;
            escape = escape || key == KEY_ESC;
        }
        if ((mouse.pressed & 2) != 0)
            return;
        for (unsigned i = 0; i < cap_count; i++)
            draw_cap(&caps[i]);
        screen_pointer();
        draw_codes(0);
    }
}

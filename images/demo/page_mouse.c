/*
 * Mouse test: a pointer that leaves a trail, buttons, wheel, counts.
 *
 * The canvas has two points a character: upper and lower half.
 */
#include "demo.h"

enum { TOP = 2, LEFT = 2, HEIGHT = 21, WIDTH = 52, SIDE = 57 };

static int32_t wheel_sum;

static void draw_mouse(void)
{
    static const uint8_t widths[3] = { 5, 4, 5 };
    static const uint8_t bits[3] = { 0, 2, 1 };
    unsigned column = SIDE + 3;

    screen_fill(4, SIDE + 3, 9, 14, ATTR(TEXT, NIGHT), ' ');
    for (unsigned i = 0; i < 3; i++) {
        bool on = (mouse.buttons >> bits[i] & 1) != 0;

        screen_fill(4, column, 4, widths[i], on ? ATTR(AMBER, NIGHT) : ATTR(TEXT, DIM), ' ');
        if (i < 2)
            for (unsigned y = 4; y < 8; y++)
                screen_put(y, column + widths[i] - 1u, ATTR(on ? AMBER : TEXT, DIM), 0xb3);
        column += widths[i];
    }
    screen_fill(8, SIDE + 3, 1, 14, ATTR(TEXT, DIM), 0xc4);
    if (mouse.wheel_present)
        screen_fill(5, SIDE + 9, 2, 1, ATTR(mouse.wheel != 0 ? AMBER : DIM, WHITE), 0x12);
}

static void draw_counts(void)
{
    static const char *const labels[] = { "Place", "Motion", "Wheel", "Packets" };

    for (unsigned i = 0; i < ARRAY_LEN(labels); i++) {
        struct pen pen = { (uint8_t) (15 + i), SIDE + 1, ATTR(NIGHT, CYAN) };
        int32_t val = i == 0 ? mouse.x : i == 1 ? mouse.dx : i == 2 ? wheel_sum : (int32_t) mouse.packets;

        pen_text(&pen, labels[i]);
        pen = (struct pen){ pen.row, SIDE + 10, ATTR(NIGHT, WHITE) };
        pen_text(&pen, val < 0 ? "-" : "");
        pen_number(&pen, (uint32_t) (val < 0 ? -val : val));
        if (i < 2) {
            val = i == 0 ? mouse.y : mouse.dy;
            pen_text(&pen, val < 0 ? ", -" : ", ");
            pen_number(&pen, (uint32_t) (val < 0 ? -val : val));
        }
        pen_text(&pen, "      ");
    }
}

static void draw_page(void)
{
    struct pen pen = { 2, SIDE + 1, ATTR(NIGHT, WHITE) };

    screen_page("Mouse test", "Mouse page ready.   Left paints, middle clears   Right or Esc back");
    screen_fill(TOP, LEFT, HEIGHT, WIDTH, ATTR(PANEL, PANEL), 0xdf);
    pen_text(&pen, !mouse.present ? "No mouse found" : mouse.wheel_present ? "PS/2 mouse with wheel" : "PS/2 mouse");
}

/* Colours one point; the other half of its character stays. */
static void paint(int32_t x, int32_t y, unsigned color)
{
    unsigned row = (unsigned) y / 2, column = (unsigned) x;
    uint8_t attr = (uint8_t) (screen_get(row, column) >> 8);

    if (row < TOP || row >= TOP + HEIGHT || column < LEFT || column >= LEFT + WIDTH)
        return;
    screen_put(row, column, y % 2 == 0 ? ATTR(attr >> 4, color) : ATTR(color, attr & 15), 0xdf);
}

void page_mouse(void)
{
    unsigned key, color = RAMP;

    mouse_start();
    draw_page();
    mouse_area(720, 400);
    wheel_sum = 0;
    do {
        int32_t x, y;

        timer_frame();
        screen_pointer_hide();
        input_poll();
        key = input_key();
        wheel_sum += mouse.wheel;
        x = mouse.x / 9;
        y = mouse.y / 8;
        if ((mouse.buttons & 1) != 0) {
            paint(x, y, color);
            color = color == RAMP4 ? RAMP : color + ((ticks & 32) != 0);
        } else if (mouse.dx != 0 || mouse.dy != 0) {
            paint(x, y, DIM);
        }
        if ((mouse.pressed & 4) != 0)
            screen_fill(TOP, LEFT, HEIGHT, WIDTH, ATTR(PANEL, PANEL), 0xdf);
        draw_mouse();
        draw_counts();
        screen_pointer();
    } while (!input_leave(key));
}

/*
 * A tune for the speaker, and the notes as they pass: a roll that moves up to
 * the line at which they sound.  The timer's interrupt plays.
 *
 * The tune, "Port 42h", was written for this disk: A minor, eight bars, twice,
 * the second time with another end.
 */
#include "demo.h"

enum {
    C3 = 13, D3 = 15, E3 = 17, F3 = 18, G3 = 20, A3 = 22, B3 = 24, C4 = 25, D4 = 27, E4 = 29,
    F4 = 30, G4 = 32, A4 = 34, B4 = 36, C5 = 37, D5 = 39, E5 = 41, G5 = 44, A5 = 46,
    TEMPO = 18, /* ticks a sixteenth */
    TOP = 3, LINES = 19, LEFT = 8, LOWEST = C3, SPREAD = 2,
};

static const struct note tune[] = {
    { A3, 2 }, { E4, 2 }, { A4, 2 }, { C5, 2 }, { B4, 2 }, { A4, 2 }, { E4, 4 },
    { F3, 2 }, { C4, 2 }, { F4, 2 }, { A4, 2 }, { G4, 2 }, { F4, 2 }, { C4, 4 },
    { G3, 2 }, { D4, 2 }, { G4, 2 }, { B4, 2 }, { A4, 2 }, { G4, 2 }, { D4, 4 },
    { C4, 2 }, { E4, 2 }, { G4, 2 }, { C5, 2 }, { B4, 3 }, { G4, 1 }, { E4, 4 },
    { A4, 1 }, { 0, 1 }, { A4, 1 }, { B4, 1 }, { C5, 4 }, { B4, 2 }, { A4, 2 }, { E5, 4 },
    { F4, 1 }, { 0, 1 }, { F4, 1 }, { G4, 1 }, { A4, 4 }, { G4, 2 }, { F4, 2 }, { C5, 4 },
    { D4, 2 }, { F4, 2 }, { A4, 2 }, { D5, 2 }, { E4, 2 }, { A3, 2 }, { B3, 2 }, { E4, 2 },
    { A4, 2 }, { E4, 2 }, { C4, 2 }, { E4, 2 }, { A3, 6 }, { 0, 2 },
    { A3, 1 }, { A4, 1 }, { E4, 1 }, { A4, 1 }, { C5, 1 }, { A4, 1 }, { E4, 1 }, { A4, 1 },
    { B4, 2 }, { C5, 2 }, { E5, 4 },
    { F3, 1 }, { A4, 1 }, { F4, 1 }, { A4, 1 }, { C5, 1 }, { A4, 1 }, { F4, 1 }, { A4, 1 },
    { G4, 2 }, { A4, 2 }, { C5, 4 },
    { G3, 1 }, { G4, 1 }, { D4, 1 }, { G4, 1 }, { B4, 1 }, { G4, 1 }, { D4, 1 }, { G4, 1 },
    { D5, 2 }, { B4, 2 }, { G5, 4 },
    { E5, 2 }, { C5, 2 }, { B4, 2 }, { G4, 2 }, { A4, 2 }, { E4, 2 }, { A5, 4 },
    { A3, 6 }, { 0, 4 },
};

static const char *const names[12] = { "C ", "C#", "D ", "D#", "E ", "F ", "F#", "G ", "G#", "A ", "A#", "B " };

/* The roll: each line a sixteenth, the lowest two those that sounded. */
static void draw_line(unsigned line, unsigned pitch, bool starts, bool now)
{
    uint8_t back = now ? PANEL : NIGHT;

    screen_fill(TOP + line, 2, 1, 76, ATTR(back, DIM), ' ');
    for (unsigned octave = 0; octave < 3; octave++)
        screen_put(TOP + line, LEFT + (13 + 12 * octave - LOWEST) * SPREAD, ATTR(back, DIM), 0xb3);
    if (pitch != 0) {
        unsigned color = now ? WHITE : RAMP + (pitch - LOWEST) / 7;

        screen_fill(TOP + line, LEFT + (pitch - LOWEST) * SPREAD, 1, 2, ATTR(back, color),
                    starts ? 0xdc : 0xdb);
    }
    if (now && pitch != 0) {
        struct pen pen = { (uint8_t) (TOP + line), 2, ATTR(back, YELLOW) };

        pen_text(&pen, names[(pitch - 1) % 12]);
        pen_number(&pen, 2 + (pitch - 1) / 12);
    }
}

static void draw_roll(unsigned at, unsigned gone)
{
    /* Sixteenths from the one that sounds, downward. */
    unsigned n = at, step = gone;

    for (unsigned line = 0; line < LINES; line++) {
        draw_line(line, tune[n].pitch, step == 0, line == 0);
        if (++step >= tune[n].length) {
            n = (n + 1) % ARRAY_LEN(tune);
            step = 0;
        }
    }
}

void page_tune(void)
{
    unsigned key, at = ARRAY_LEN(tune), gone = 0;
    uint32_t began = 0;

    screen_page("A tune: \"Port 42h\"", "The tune plays.   Space again from the start   Esc back");
    sound_tune(tune, ARRAY_LEN(tune), TEMPO, true);
    do {
        unsigned now = sound_position(), step;

        timer_frame();
        if (now != at)
            began = ticks;
        step = (ticks - began) / TEMPO;
        if (step >= tune[now].length)
            step = tune[now].length - 1u;
        if (now != at || step != gone) {
            screen_pointer_hide();
            draw_roll(now, step);
        }
        at = now;
        gone = step;
        input_poll();
        screen_pointer();
        key = input_key();
        if (key == KEY_SPACE)
            sound_tune(tune, ARRAY_LEN(tune), TEMPO, true);
    } while (!input_leave(key));
}

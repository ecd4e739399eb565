/*
 * Time and sound: counter 0 counts, counter 2 sounds in the speaker.
 *
 * Source: Intel 8254 data sheet; IBM PC AT Technical Reference, "Speaker", port
 *         61h; IBM VGA Technical Reference, "Input status register 1".
 */
#include "demo.h"

enum {
    PIT_CHANNEL0 = 0x40,
    PIT_CHANNEL2 = 0x42,
    PIT_MODE = 0x43,
    PORT_B = 0x61,
    PORT_B_SPEAKER = 0x03, /* gate of counter 2, data */
    STATUS1 = 0x3da,
    STATUS1_RETRACE = 1 << 3,
};

void timer_tick(void); /* start.S calls it for each tick, IF=0 */

/* An effect covers the tune, which goes on silently. */
static struct {
    const struct note *notes;
    unsigned count, tempo, at, left;
    bool again;
    int32_t slide, slide_step;
    unsigned slide_left;
    uint16_t divisor; /* that sounds; 0: silence */
} sound;

static void speaker_set(uint16_t divisor)
{
    if (divisor == sound.divisor)
        return;
    if (divisor == 0) {
        out8(PORT_B, in8(PORT_B) & ~PORT_B_SPEAKER);
    } else {
        out8(PIT_MODE, 0xb6); /* counter 2, both bytes, square wave */
        out8(PIT_CHANNEL2, (uint8_t) divisor);
        out8(PIT_CHANNEL2, (uint8_t) (divisor >> 8));
        if (sound.divisor == 0)
            out8(PORT_B, in8(PORT_B) | PORT_B_SPEAKER);
    }
    sound.divisor = divisor;
}

static uint16_t pitch_divisor(unsigned pitch)
{
    /* 1193182 Hz over C2 (65.406 Hz) to B2; each octave halves it. */
    static const uint16_t octave2[12] = {
        18243, 17219, 16253, 15341, 14480, 13667, 12900, 12176, 11493, 10848, 10239, 9664,
    };

    return pitch == 0 ? 0 : octave2[(pitch - 1) % 12] >> (pitch - 1) / 12;
}

static void tune_step(void)
{
    if (sound.notes == NULL || sound.left-- > 1)
        return;
    if (++sound.at >= sound.count) {
        sound.at = 0;
        if (!sound.again) {
            sound.notes = NULL;
            return;
        }
    }
    sound.left = sound.notes[sound.at].length * sound.tempo;
}

void timer_tick(void)
{
    uint16_t divisor = 0;

    tune_step();
    /* A short gap parts notes of one pitch. */
    if (sound.notes != NULL && sound.left > 2)
        divisor = pitch_divisor(sound.notes[sound.at].pitch);
    if (sound.slide_left > 0) {
        sound.slide_left--;
        sound.slide += sound.slide_step;
        divisor = (uint16_t) (1193182 / ((sound.slide >> 8) + 1));
    }
    speaker_set(divisor);
}

void sound_tune(const struct note *notes, unsigned count, unsigned tempo, bool again)
{
    __asm__ volatile("cli");
    sound.notes = notes;
    sound.count = count;
    sound.tempo = tempo;
    sound.again = again;
    sound.at = 0;
    sound.left = notes[0].length * tempo;
    __asm__ volatile("sti");
}

void sound_slide(unsigned from_hz, unsigned to_hz, unsigned len)
{
    __asm__ volatile("cli");
    sound.slide = (int32_t) (from_hz << 8);
    sound.slide_step = ((int32_t) (to_hz << 8) - sound.slide) / (int32_t) len;
    sound.slide_left = len;
    __asm__ volatile("sti");
}

void sound_stop(void)
{
    __asm__ volatile("cli");
    sound.notes = NULL;
    sound.slide_left = 0;
    speaker_set(0);
    __asm__ volatile("sti");
}

bool sound_playing(void)
{
    return *(const struct note *volatile *) &sound.notes != NULL;
}

unsigned sound_position(void)
{
    return *(volatile unsigned *) &sound.at;
}

uint32_t ticks_ms(uint32_t n)
{
    return n * 103 / 30; /* 3.4329 ms a tick */
}

void timer_idle(void)
{
    __asm__ volatile("hlt" : : : "memory");
}

void timer_frame(void)
{
    static uint32_t last;

    while (ticks - last < 5)
        timer_idle();
    last = ticks;
}

uint16_t timer_count(void)
{
    uint8_t low;

    out8(PIT_MODE, 0x00); /* latch counter 0 */
    low = in8(PIT_CHANNEL0);
    return (uint16_t) (low | in8(PIT_CHANNEL0) << 8);
}

void retrace_wait(void)
{
    while ((in8(STATUS1) & STATUS1_RETRACE) != 0)
        ;
    while ((in8(STATUS1) & STATUS1_RETRACE) == 0)
        ;
}

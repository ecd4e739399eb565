/* Port I/O for the BIOS. */
#ifndef BIOS_PORT_H
#define BIOS_PORT_H

#include <stdint.h>

static inline uint8_t inb(uint16_t port)
{
    uint8_t val;

    __asm__ volatile("inb %w1, %b0" : "=a"(val) : "Nd"(port));
    return val;
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t val;

    __asm__ volatile("inw %w1, %w0" : "=a"(val) : "Nd"(port));
    return val;
}

static inline void outb(uint16_t port, uint8_t val)
{
    __asm__ volatile("outb %b0, %w1" : : "a"(val), "Nd"(port));
}

/* Strings of 16-bit words between a port and seg:off (lib.S). */
void port_in_words(uint16_t port, uint16_t seg, uint16_t off, uint32_t words);
void port_out_words(uint16_t port, uint16_t seg, uint16_t off, uint32_t words);

#endif

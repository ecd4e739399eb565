/*
 * 8237A DMA controllers: channels 0 to 3 move bytes, 5 to 7 words, channel 4
 * joins the first controller to the second.
 *
 * A device that asks is served at once and in one piece, as long as its channel
 * is open; single, demand and block mode differ only in who waits for whom,
 * which a guest of an AT cannot see.
 *
 * Source: Intel 8237A data sheet, "Register description", "DMA operation";
 *         IBM PC AT Technical Reference, "DMA controllers", "Page registers".
 * Absent: memory-to-memory transfers, transfers started by software request
 *         (the request shows in the status), compressed timing, polarity of
 *         DREQ and DACK, rotating priority: requests never meet.
 */
#include "config.h"

#include "hw/dma8237.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

enum {
    PORT_DMA1 = 0x00,
    PORT_DMA2 = 0xc0,
    PORT_PAGE = 0x80,
    DMA_CHANNELS = 8,
    CASCADE = 4,
    COMMAND_DISABLE = 0x04,
    MODE_TYPE = 0x0c,
    TYPE_VERIFY = 0x00,
    TYPE_WRITE = 0x04, /* to memory */
    TYPE_READ = 0x08,
    MODE_AUTO = 0x10,
    MODE_DOWN = 0x20,
    MODE_SELECT = 0xc0,
    SELECT_CASCADE = 0xc0,
};

/* Registers 8 to 15; 0 to 7 are address and count of each channel. */
enum {
    REG_COMMAND = 8, /* read: status */
    REG_REQUEST,
    REG_SINGLE_MASK,
    REG_MODE,
    REG_CLEAR_FLIP_FLOP,
    REG_MASTER_CLEAR, /* read: temporary register */
    REG_CLEAR_MASK,
    REG_MASK,
};

struct dma_channel {
    uint16_t base_addr, base_count;
    uint16_t addr, count;
    uint8_t mode, reserved;
};

struct dma_chip {
    uint8_t command, mask, request, tc;
    uint8_t flip_flop; /* 1: the high byte is next */
    uint8_t temporary;
};

struct dma {
    struct dma_channel ch[DMA_CHANNELS];
    struct dma_chip chip[2];
    uint8_t page[16]; /* ports 80h to 8Fh; some are just latches */
    /* Wiring. */
    struct bus *bus;
};

static const struct state_field dma_channel_fields[] = {
    STATE_UINT(struct dma_channel, base_addr),
    STATE_UINT(struct dma_channel, base_count),
    STATE_UINT(struct dma_channel, addr),
    STATE_UINT(struct dma_channel, count),
    STATE_UINT(struct dma_channel, mode),
    STATE_UINT(struct dma_channel, reserved),
    STATE_END_ALL(struct dma_channel),
};

static const struct state_field dma_chip_fields[] = {
    STATE_UINT(struct dma_chip, command),
    STATE_UINT(struct dma_chip, mask),
    STATE_UINT(struct dma_chip, request),
    STATE_UINT(struct dma_chip, tc),
    STATE_UINT(struct dma_chip, flip_flop),
    STATE_UINT(struct dma_chip, temporary),
    STATE_END_ALL(struct dma_chip),
};

const struct state_field dma_fields[] = {
    STATE_STRUCTS(struct dma, ch, dma_channel_fields),
    STATE_STRUCTS(struct dma, chip, dma_chip_fields),
    STATE_BYTES(struct dma, page),
    { NULL, STATE_KIND_END, offsetof(struct dma, page) + sizeof(uint8_t[16]), 0, 0, NULL },
};

/* --- transfers -------------------------------------------------------------- */

/* Which page register serves a channel: the board's wiring. */
static const uint8_t dma_page_index[DMA_CHANNELS] = { 0x7, 0x3, 0x1, 0x2, 0xf, 0xb, 0x9, 0xa };

static bool dma_open(const struct dma *dma, unsigned n)
{
    const struct dma_chip *chip = &dma->chip[n / 4];

    return (chip->command & COMMAND_DISABLE) == 0 && (chip->mask >> n % 4 & 1) == 0;
}

/* May channel n of a device run?  The first controller asks through the second. */
static bool dma_granted(const struct dma *dma, unsigned n)
{
    if (!dma_open(dma, n) || (dma->ch[n].mode & MODE_SELECT) == SELECT_CASCADE)
        return false;
    return n > CASCADE
        || (dma_open(dma, CASCADE) && (dma->ch[CASCADE].mode & MODE_SELECT) == SELECT_CASCADE);
}

/* Address of the current unit: the page does not take part in the counting. */
static paddr dma_address(const struct dma *dma, unsigned n)
{
    uint32_t page = dma->page[dma_page_index[n]];

    return n < CASCADE ? page << 16 | dma->ch[n].addr
                       : (page & 0xfe) << 16 | (uint32_t) dma->ch[n].addr << 1;
}

/* Units that lie side by side in memory from the current one on, at most `max`. */
static uint32_t dma_run(const struct dma_channel *c, uint32_t max)
{
    uint32_t left = 0x10000u - c->addr;

    if (c->mode & MODE_DOWN)
        return 1;
    return max < left ? max : left;
}

static void dma_advance(struct dma_channel *c, uint32_t units)
{
    c->addr = (uint16_t) (c->mode & MODE_DOWN ? c->addr - units : c->addr + units);
    c->count = (uint16_t) (c->count - units);
}

/* "Terminal count": reload or mask the channel. */
static void dma_terminal(struct dma *dma, unsigned n)
{
    struct dma_channel *c = &dma->ch[n];
    struct dma_chip *chip = &dma->chip[n / 4];
    uint8_t bit = (uint8_t) (1u << n % 4);

    chip->tc |= bit;
    chip->request &= (uint8_t) ~bit;
    if (c->mode & MODE_AUTO) {
        c->addr = c->base_addr;
        c->count = c->base_count;
    } else {
        chip->mask |= bit;
    }
}

/* Moves up to len bytes with `move` (NULL: verify); stops at terminal count. */
static size_t dma_transfer(struct dma *dma, unsigned n, size_t len, bool *tc,
                           void (*move)(struct dma *dma, paddr addr, void *buf, size_t n), uint8_t *buf)
{
    struct dma_channel *c = &dma->ch[n];
    unsigned shift = n > CASCADE;
    uint32_t total = (uint32_t) c->count + 1, units = total, left;

    if (len >> shift < units)
        units = (uint32_t) (len >> shift);
    left = units;
    while (left != 0) {
        uint32_t run = dma_run(c, left);

        if (move != NULL)
            move(dma, dma_address(dma, n), buf, (size_t) run << shift);
        buf += (size_t) run << shift;
        dma_advance(c, run);
        left -= run;
    }
    *tc = units == total;
    if (*tc)
        dma_terminal(dma, n);
    return (size_t) units << shift;
}

static void dma_move_read(struct dma *dma, paddr addr, void *buf, size_t n)
{
    bus_read_block(dma->bus, addr, buf, n);
}

static void dma_move_write(struct dma *dma, paddr addr, void *buf, size_t n)
{
    bus_write_block(dma->bus, addr, buf, n);
}

static size_t dma_line_read(void *opaque, unsigned n, uint8_t *buf, size_t len, bool *tc)
{
    struct dma *dma = opaque;
    uint8_t type = dma->ch[n].mode & MODE_TYPE;

    *tc = false;
    if (!dma_granted(dma, n) || (type != TYPE_READ && type != TYPE_VERIFY))
        return 0;
    if (type == TYPE_VERIFY)
        memset(buf, 0xff, len); /* nobody drives the bus */
    return dma_transfer(dma, n, len, tc, type == TYPE_READ ? dma_move_read : NULL, buf);
}

static size_t dma_line_write(void *opaque, unsigned n, const uint8_t *buf, size_t len, bool *tc)
{
    struct dma *dma = opaque;
    uint8_t type = dma->ch[n].mode & MODE_TYPE;
    uint8_t *data;

    *tc = false;
    if (!dma_granted(dma, n) || (type != TYPE_WRITE && type != TYPE_VERIFY))
        return 0;
    memcpy(&data, &buf, sizeof data); /* only read from */
    return dma_transfer(dma, n, len, tc, type == TYPE_WRITE ? dma_move_write : NULL, data);
}

struct dma_line dma_connect(struct dma *dma, unsigned channel)
{
    assert(channel < DMA_CHANNELS && channel != CASCADE);
    return (struct dma_line){
        .read = dma_line_read,
        .write = dma_line_write,
        .opaque = dma,
        .channel = channel,
    };
}

/* --- registers -------------------------------------------------------------- */

static void chip_clear(struct dma_chip *chip)
{
    *chip = (struct dma_chip){ .mask = 0x0f };
}

static void put_byte(uint16_t *reg, uint8_t val, bool high)
{
    *reg = high ? (uint16_t) ((*reg & 0x00ff) | val << 8) : (uint16_t) ((*reg & 0xff00) | val);
}

static void dma_write_channel(struct dma *dma, unsigned chip, unsigned reg, uint8_t val)
{
    struct dma_channel *c = &dma->ch[chip * 4 + reg / 2];
    bool high = dma->chip[chip].flip_flop;

    put_byte(reg & 1 ? &c->base_count : &c->base_addr, val, high);
    put_byte(reg & 1 ? &c->count : &c->addr, val, high);
    dma->chip[chip].flip_flop ^= 1;
}

static void set_bit(uint8_t *reg, uint8_t val)
{
    uint8_t bit = (uint8_t) (1u << (val & 3));

    *reg = val & 4 ? *reg | bit : (uint8_t) (*reg & ~bit);
}

static void dma_write_reg(struct dma *dma, unsigned n, unsigned reg, uint8_t val)
{
    struct dma_chip *chip = &dma->chip[n];

    switch (reg) {
    case REG_COMMAND: chip->command = val; break;
    case REG_REQUEST: set_bit(&chip->request, val); break;
    case REG_SINGLE_MASK: set_bit(&chip->mask, val); break;
    case REG_MODE: dma->ch[n * 4 + (val & 3)].mode = val & 0xfc; break;
    case REG_CLEAR_FLIP_FLOP: chip->flip_flop = 0; break;
    case REG_MASTER_CLEAR: chip_clear(chip); break;
    case REG_CLEAR_MASK: chip->mask = 0; break;
    case REG_MASK: chip->mask = val & 0x0f; break;
    default: dma_write_channel(dma, n, reg, val); break;
    }
}

static uint8_t dma_read_channel(struct dma *dma, unsigned chip, unsigned reg)
{
    const struct dma_channel *c = &dma->ch[chip * 4 + reg / 2];
    uint16_t val = reg & 1 ? c->count : c->addr;
    bool high = dma->chip[chip].flip_flop;

    dma->chip[chip].flip_flop ^= 1;
    return (uint8_t) (high ? val >> 8 : val);
}

static uint8_t dma_read_reg(struct dma *dma, unsigned n, unsigned reg)
{
    struct dma_chip *chip = &dma->chip[n];
    uint8_t val;

    switch (reg) {
    case REG_COMMAND: /* "Status": reading clears the terminal counts */
        val = (uint8_t) (chip->request << 4 | chip->tc);
        chip->tc = 0;
        return val;
    case REG_MASTER_CLEAR: return chip->temporary;
    case REG_MASK: return chip->mask | 0xf0; /* the CHMOS 82C37A shows it */
    default: return reg < REG_COMMAND ? dma_read_channel(dma, n, reg) : 0xff;
    }
}

/* The second controller sits on even addresses: A1 to A4 select its register. */
static void dma_port_write(void *opaque, uint16_t port, uint8_t val)
{
    if (port < PORT_PAGE)
        dma_write_reg(opaque, 0, port - PORT_DMA1, val);
    else
        dma_write_reg(opaque, 1, (unsigned) (port - PORT_DMA2) >> 1, val);
}

static uint8_t dma_port_read(void *opaque, uint16_t port)
{
    if (port < PORT_PAGE)
        return dma_read_reg(opaque, 0, port - PORT_DMA1);
    return dma_read_reg(opaque, 1, (unsigned) (port - PORT_DMA2) >> 1);
}

static void page_write(void *opaque, uint16_t port, uint8_t val)
{
    struct dma *dma = opaque;

    dma->page[port - PORT_PAGE] = val;
}

static uint8_t page_read(void *opaque, uint16_t port)
{
    const struct dma *dma = opaque;

    return dma->page[port - PORT_PAGE];
}

static const struct port_range dma_ports[] = {
    { .first = PORT_DMA1, .count = 16, .in = dma_port_read, .out = dma_port_write },
    { .first = PORT_DMA2, .count = 32, .in = dma_port_read, .out = dma_port_write },
    { .first = PORT_PAGE, .count = 16, .in = page_read, .out = page_write },
};

void dma_reset(struct dma *dma)
{
    chip_clear(&dma->chip[0]);
    chip_clear(&dma->chip[1]);
}

struct dma *dma_new(const struct dma_config *cfg)
{
    struct dma *dma = xcalloc(1, sizeof *dma);

    dma->bus = cfg->bus;
    bus_map_ports(cfg->bus, dma_ports, ARRAY_LEN(dma_ports), dma);
    state_register(cfg->state, "i8237", 1, dma_fields, dma);
    dma_reset(dma);
    return dma;
}

void dma_free(struct dma *dma)
{
    free(dma);
}

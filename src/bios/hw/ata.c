/*
 * ATA over the ISA task file, 1F0h and 170h, IRQ 14 and 15.
 *
 * Source: ATA-4 (T13 1153D), sections 7 (registers), 8 (commands), 9 (protocols);
 *         the 48-bit commands: ATA-6 (T13 1410D).
 * Absent: READ MULTIPLE, DMA.
 */
#include "bios/hw/ata.h"

#include "bios/bios.h"
#include "bios/hw/fdc.h"
#include "bios/hw/timer.h"
#include "bios/port.h"
#include "bios/std/bda.h"

enum {
    R_DATA = 0,
    R_ERROR = 1,
    R_COUNT = 2,
    R_SECTOR = 3, /* LBA 7-0 */
    R_CYL_LOW = 4,
    R_CYL_HIGH = 5,
    R_HEAD = 6,
    R_STATUS = 7,
    R_COMMAND = 7,

    ST_ERR = 0x01,
    ST_DRQ = 0x08,
    ST_DF = 0x20,
    ST_DRDY = 0x40,
    ST_BSY = 0x80,

    ER_TRACK0 = 0x02,
    ER_ABORT = 0x04,
    ER_NO_ID = 0x10,
    ER_PROTECTED = 0x40, /* of a write; of a read: uncorrectable */
    ER_BAD = 0x80,

    HEAD_LBA = 0x40,
    CONTROL_RUN = 0x08,
    CONTROL_RESET = 0x0c,

    READY_MS =
        5000, /* a drive that spins up takes longer than we want to wait */
    FIND_US = 500000,
};

bool ata_poll(const struct disk_info *d, uint32_t us)
{
    struct limit l;

    limit_start(&l, us);
    while (inb(d->control) & ST_BSY)
        if (!limit_step(&l))
            return false;
    return true;
}

bool ata_wait(const struct disk_info *d)
{
    struct wait w;

    if (!(inb(d->control) & ST_BSY))
        return true;
    struct callout o = { .ax = 0x9000 };

    call_int(&o, 0x15);
    wait_start(&w, d->irq, READY_MS);
    while (inb(d->control) & ST_BSY)
        if (!wait_step(&w))
            return false;
    return true;
}

static uint8_t ata_error(uint8_t error, bool writing)
{
    if (error & ER_PROTECTED)
        return writing ? INT13_PROTECTED : INT13_CRC;
    if (error & ER_NO_ID)
        return INT13_NO_SECTOR;
    if (error & ER_BAD)
        return INT13_BAD_MARK;
    if (error & ER_TRACK0)
        return INT13_SEEK;
    if (error & ER_ABORT)
        return writing ? INT13_WRITE_FAULT : INT13_CONTROLLER;
    return INT13_NO_MARK;
}

/* Reading the status acknowledges the interrupt. */
static uint8_t ata_status(const struct disk_info *d, bool writing)
{
    uint8_t status = inb(d->port + R_STATUS);

    bda.ata_status = status;
    if (status & ST_BSY)
        return INT13_TIMEOUT;
    if (status & ST_DF)
        return INT13_WRITE_FAULT;
    if (status & ST_ERR) {
        bda.ata_error = inb(d->port + R_ERROR);
        return ata_error(bda.ata_error, writing);
    }
    return INT13_OK;
}

static uint8_t ata_select(const struct disk_info *d)
{
    if (!ata_poll(d, FIND_US))
        return INT13_TIMEOUT;
    outb(d->port + R_HEAD, d->select);
    if (!ata_poll(d, FIND_US))
        return INT13_TIMEOUT;
    return inb(d->control) & ST_DRDY ? INT13_OK : INT13_NOT_READY;
}

static void ata_put_lba(const struct disk_info *d, uint32_t lba, unsigned count)
{
    outb(d->port + R_COUNT, count & 0xff);
    outb(d->port + R_SECTOR, lba & 0xff);
    outb(d->port + R_CYL_LOW, lba >> 8 & 0xff);
    outb(d->port + R_CYL_HIGH, lba >> 16 & 0xff);
    outb(d->port + R_HEAD, d->select | HEAD_LBA | (lba >> 24 & 15));
}

static void ata_put_chs(const struct disk_info *d, uint32_t lba, unsigned count)
{
    uint32_t track = lba / d->phys_spt;
    uint32_t cyl = track / d->phys_heads;

    outb(d->port + R_COUNT, count & 0xff);
    outb(d->port + R_SECTOR, lba % d->phys_spt + 1);
    outb(d->port + R_CYL_LOW, cyl & 0xff);
    outb(d->port + R_CYL_HIGH, cyl >> 8);
    outb(d->port + R_HEAD, d->select | track % d->phys_heads);
}

/* Each register takes the upper byte first, then the lower one. */
static void ata_put_lba48(const struct disk_info *d, uint32_t lba,
                          unsigned count)
{
    outb(d->port + R_COUNT, count >> 8);
    outb(d->port + R_SECTOR, lba >> 24);
    outb(d->port + R_CYL_LOW, 0);
    outb(d->port + R_CYL_HIGH, 0);
    ata_put_lba(d, lba & 0xffffff, count);
}

/* Task file and command; the 48-bit command is 4 more, 2 more for verify. */
static uint8_t ata_start(const struct disk_info *d, uint8_t cmd, uint32_t lba,
                         unsigned count)
{
    uint8_t status = ata_select(d);

    if (status != INT13_OK)
        return status;
    if ((lba + count) >> 28 && d->flags & DISK_LBA48) {
        ata_put_lba48(d, lba, count);
        cmd += cmd == ATA_VERIFY ? 2 : 4;
    } else if (d->flags & DISK_LBA)
        ata_put_lba(d, lba, count);
    else
        ata_put_chs(d, lba, count);
    bda.disk_irq = 0;
    outb(d->port + R_COMMAND, cmd);
    inb(d->control); /* 400 ns until BSY counts */
    return INT13_OK;
}

/* A seg:off that 512 bytes never wrap. */
static void ata_next_buffer(uint16_t *seg, uint16_t *off)
{
    *off += 512;
    *seg += *off >> 4;
    *off &= 15;
}

uint8_t ata_read(const struct disk_info *d, uint32_t lba, unsigned count,
                 uint16_t seg, uint16_t off)
{
    uint8_t status = ata_start(d, ATA_READ, lba, count);

    seg += off >> 4;
    off &= 15;
    while (status == INT13_OK && count--) {
        if (!ata_wait(d))
            return INT13_TIMEOUT;
        status = ata_status(d, false);
        if (status != INT13_OK)
            break;
        if (!(bda.ata_status & ST_DRQ))
            return INT13_CONTROLLER;
        port_in_words(d->port + R_DATA, seg, off, 256);
        ata_next_buffer(&seg, &off);
        inb(d->control);
    }
    return status;
}

/* DRQ for the first sector comes without an interrupt. */
uint8_t ata_write(const struct disk_info *d, uint32_t lba, unsigned count,
                  uint16_t seg, uint16_t off)
{
    uint8_t status = ata_start(d, ATA_WRITE, lba, count);

    seg += off >> 4;
    off &= 15;
    if (status == INT13_OK) {
        if (!ata_poll(d, FIND_US))
            return INT13_TIMEOUT;
        status = ata_status(d, true);
    }
    while (status == INT13_OK && count--) {
        if (!(bda.ata_status & ST_DRQ))
            return INT13_CONTROLLER;
        port_out_words(d->port + R_DATA, seg, off, 256);
        ata_next_buffer(&seg, &off);
        inb(d->control);
        if (!ata_wait(d))
            return INT13_TIMEOUT;
        status = ata_status(d, true);
    }
    return status;
}

static uint8_t ata_finish(const struct disk_info *d)
{
    if (!ata_wait(d))
        return INT13_TIMEOUT;
    return ata_status(d, false);
}

uint8_t ata_verify(const struct disk_info *d, uint32_t lba, unsigned count)
{
    uint8_t status = ata_start(d, ATA_VERIFY, lba, count);

    return status == INT13_OK ? ata_finish(d) : status;
}

uint8_t ata_seek(const struct disk_info *d, uint32_t lba)
{
    uint8_t status = ata_start(d, ATA_SEEK, lba, 1);

    return status == INT13_OK ? ata_finish(d) : status;
}

uint8_t ata_simple(const struct disk_info *d, enum ata_command cmd,
                   uint8_t count, uint8_t head)
{
    uint8_t status = ata_select(d);

    if (status != INT13_OK)
        return status;
    outb(d->port + R_COUNT, count);
    outb(d->port + R_HEAD, d->select | head);
    outb(d->port + R_COMMAND, cmd);
    inb(d->control);
    return ata_finish(d);
}

bool ata_is_ready(const struct disk_info *d)
{
    return ata_select(d) == INT13_OK;
}

/* An empty bus floats high, or has a pull-down on bit 7 (ATA-4, 9.16). */
bool ata_is_driven(const struct disk_info *d)
{
    return (inb(d->control) & 0x7f) != 0x7f;
}

void ata_start_channel(uint16_t port, uint16_t control, bool warm)
{
    struct disk_info d = { .port = port, .control = control };
    uint8_t status = inb(control);

    if (!ata_is_driven(&d))
        return;
    if (warm || status & (ST_BSY | ST_DRQ)) {
        outb(control, CONTROL_RESET);
        timer_delay(20);
        outb(control, CONTROL_RUN);
        timer_delay(2000);
        ata_poll(&d, FIND_US);
    }
    outb(control, CONTROL_RUN);
}

/* Does a drive keep what is written into its registers? */
static bool ata_answers(const struct disk_info *d)
{
    outb(d->port + R_HEAD, d->select);
    inb(d->control);
    if (inb(d->control) == 0xff || !ata_poll(d, FIND_US))
        return false;
    outb(d->port + R_COUNT, 0x55);
    outb(d->port + R_SECTOR, 0xaa);
    if (inb(d->port + R_COUNT) != 0x55 || inb(d->port + R_SECTOR) != 0xaa)
        return false;
    return inb(d->port + R_HEAD) != 0xff;
}

/* Two characters a word, the first one in the upper byte. */
static void ata_model(char *model, unsigned i, uint16_t word)
{
    model[2 * i] = word >> 8;
    model[2 * i + 1] = word & 0xff;
}

/* IDENTIFY words that matter, straight from the data register. */
static void ata_read_identity(struct disk_info *d, char *model)
{
    uint32_t chs, lba = 0, lba48 = 0;
    uint16_t high = 0;

    for (unsigned i = 0; i < 256; i++) {
        uint16_t word = inw(d->port + R_DATA);

        switch (i) {
        case 1: d->phys_cyls = word; break;
        case 3: d->phys_heads = word; break;
        case 6: d->phys_spt = word; break;
        case 49: d->flags |= word & 0x200 ? DISK_LBA : 0; break;
        case 60: lba = word; break;
        case 61: lba |= (uint32_t) word << 16; break;
        case 83: d->flags |= (word & 0xc400) == 0x4400 ? DISK_LBA48 : 0; break;
        case 100: lba48 = word; break;
        case 101: lba48 |= (uint32_t) word << 16; break;
        case 102: high = word; break;
        default:
            if (i >= 27 && i <= 46)
                ata_model(model, i - 27, word);
            break;
        }
    }
    chs = (uint32_t) d->phys_cyls * d->phys_heads * d->phys_spt;
    d->sectors = d->flags & DISK_LBA ? lba : chs;
    if (d->flags & DISK_LBA48 && (high || lba48 > lba))
        d->sectors = high ? 0xffffffff : lba48;
}

static void ata_trim(char *model)
{
    unsigned len = 40;

    while (len && (model[len - 1] == ' ' || model[len - 1] == 0))
        len--;
    model[len] = 0;
}

/* A packet device has nothing to tell but its name. */
static bool ata_identify_packet(struct disk_info *d, char *model)
{
    outb(d->port + R_COMMAND, ATA_IDENTIFY_PACKET);
    inb(d->control);
    if (!ata_poll(d, FIND_US) ||
        (inb(d->port + R_STATUS) & (ST_DRQ | ST_ERR)) != ST_DRQ)
        return false;
    for (unsigned i = 0; i < 256; i++) {
        uint16_t word = inw(d->port + R_DATA);

        if (i >= 27 && i <= 46)
            ata_model(model, i - 27, word);
    }
    ata_trim(model);
    d->flags = DISK_ATAPI;
    return true;
}

bool ata_identify(struct disk_info *d, char *model)
{
    uint8_t status;

    if (!ata_answers(d))
        return false;
    outb(d->port + R_COMMAND, ATA_IDENTIFY);
    inb(d->control);
    if (inb(d->control) == 0 || !ata_poll(d, FIND_US))
        return false; /* a master answers 0 for the slave that is not there */
    status = inb(d->port + R_STATUS);
    if (status & (ST_ERR | ST_DF)) {
        if (inb(d->port + R_CYL_LOW) != 0x14 ||
            inb(d->port + R_CYL_HIGH) != 0xeb)
            return false;
        return ata_identify_packet(d, model);
    }
    if (!(status & ST_DRQ))
        return false;
    ata_read_identity(d, model);
    ata_trim(model);
    return d->sectors != 0 && d->phys_heads != 0 && d->phys_spt != 0;
}

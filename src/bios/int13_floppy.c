/*
 * INT 13h for diskettes (INT 40h once a fixed disk is there).
 *
 * Formats are found as BIOSes of the time did: READ ID at each data rate that
 * the drive can have, until one answers; the result stays in bda.floppy_state
 * until the change line says that the disk was taken out.
 *
 * Source: IBM PC AT Technical Reference, BIOS interface, INT 13h (diskette);
 *         IBM PS/2 BIOS Interface Technical Reference, INT 13h, AH=17h, 18h.
 * Absent: waiting for the motor: a command waits for the index by itself.
 *
 * All functions: our stack, IF=0 but while waiting for the controller.
 */
#include "bios/bios.h"
#include "bios/hw/cmos.h"
#include "bios/hw/dma.h"
#include "bios/hw/fdc.h"
#include "bios/port.h"
#include "bios/services.h"
#include "bios/std/bda.h"
#include "bios/std/ebda.h"

enum {
    RATE_500 = 0x00,
    RATE_300 = 0x40,
    RATE_250 = 0x80,
    RATE_1000 = 0xc0,
    RATES_END = 0x01,
};

enum drive_type {
    DRIVE_NONE,
    DRIVE_360,
    DRIVE_1200,
    DRIVE_720,
    DRIVE_1440,
    DRIVE_2880_OLD,
    DRIVE_2880,
    DRIVE_TYPES,
};

/* What a drive of each type can do; the best table comes first. */
struct drive_row {
    uint8_t cyls;
    uint8_t spt;
    uint8_t rates[3];
    struct floppy_params params;
};

#define PARAMS(spt, gap, fgap, cyls, rate)                                     \
    {                                                                          \
        0xaf, 0x02, 0x25, 2, spt, gap, 0xff, fgap, 0xf6, 15, 8, (cyls) -1,     \
            rate                                                               \
    }

static const struct floppy_params params_360_in_1200 =
    PARAMS(9, 0x23, 0x50, 40, RATE_300);
static const struct floppy_params params_720 =
    PARAMS(9, 0x2a, 0x50, 80, RATE_250);
static const struct floppy_params params_1440 =
    PARAMS(18, 0x1b, 0x6c, 80, RATE_500);

static const struct drive_row drive_rows[DRIVE_TYPES] = {
    [DRIVE_360] = { 40,
                    9,
                    { RATE_250, RATES_END },
                    PARAMS(9, 0x2a, 0x50, 40, RATE_250) },
    [DRIVE_1200] = { 80,
                     15,
                     { RATE_500, RATE_300, RATE_250 },
                     PARAMS(15, 0x1b, 0x54, 80, RATE_500) },
    [DRIVE_720] = { 80,
                    9,
                    { RATE_250, RATES_END },
                    PARAMS(9, 0x2a, 0x50, 80, RATE_250) },
    [DRIVE_1440] = { 80,
                     18,
                     { RATE_500, RATE_250, RATES_END },
                     PARAMS(18, 0x1b, 0x6c, 80, RATE_500) },
    [DRIVE_2880_OLD] = { 80,
                         36,
                         { RATE_1000, RATE_500, RATE_250 },
                         PARAMS(36, 0x38, 0x53, 80, RATE_1000) },
    [DRIVE_2880] = { 80,
                     36,
                     { RATE_1000, RATE_500, RATE_250 },
                     PARAMS(36, 0x38, 0x53, 80, RATE_1000) },
};

static unsigned floppy_type(unsigned drive)
{
    uint8_t types = cmos_read(CMOS_FLOPPIES);
    unsigned type = drive == 0 ? types >> 4 : types & 15;

    return drive > 1 || type >= DRIVE_TYPES ? DRIVE_NONE : type;
}

unsigned floppy_count(void)
{
    return (floppy_type(0) != DRIVE_NONE) + (floppy_type(1) != DRIVE_NONE);
}

/* INT 1Eh points to a table that guests replace. */
static void floppy_params(struct floppy_params *p)
{
    far_in(p, far_u16(0, 0x1e * 4 + 2), far_u16(0, 0x1e * 4), 11);
}

/* The table that suits the type of drive A, for the boot. */
static void floppy_default_params(void)
{
    unsigned type = floppy_type(0);
    uint16_t table = (uint16_t) (uintptr_t) &drive_rows[type].params;

    far_put16(0, 0x1e * 4 + 2, SEG_BIOS);
    far_put16(0, 0x1e * 4,
              type == DRIVE_NONE || type == DRIVE_1440 ? 0xefc7 : table);
}

/* 0040:008F for formatting programs: 80 tracks, several rates, known type. */
static uint8_t floppy_info(unsigned type)
{
    switch (type) {
    case DRIVE_NONE: return 0;
    case DRIVE_360: return 4;
    case DRIVE_720: return 5;
    default: return 7;
    }
}

/* POST; also takes the controller out of its hardware reset. */
void floppy_init(void)
{
    bda.floppy_info = floppy_info(floppy_type(0)) | floppy_info(floppy_type(1))
                                                        << 4;
    floppy_default_params();
    if (floppy_count() != 0)
        fdc_reset();
}

static uint8_t floppy_media(uint8_t rate, unsigned type)
{
    if (type == DRIVE_360)
        return 3;
    if (type == DRIVE_1200 && rate == RATE_500)
        return 5;
    if (type == DRIVE_1200 && rate == RATE_300)
        return 4;
    return 7;
}

static void floppy_set_state(unsigned drive, unsigned type, uint8_t rate,
                             bool double_step)
{
    bda.floppy_state[drive] = rate | FDST_KNOWN |
                              (double_step ? FDST_DOUBLE_STEP : 0) |
                              floppy_media(rate, type);
}

static void floppy_set_rate(unsigned drive)
{
    struct floppy_params p;

    floppy_params(&p);
    fdc_specify(p.specify1, p.specify2);
    if ((bda.floppy_state[drive] & FDST_RATE_MASK) == RATE_1000)
        fdc_perpendicular(drive);
    fdc_rate(bda.floppy_state[drive] & FDST_RATE_MASK);
}

static uint8_t floppy_read_id(unsigned drive, uint8_t head)
{
    uint8_t cmd[2] = { FDC_READ_ID, head << 2 | drive };

    return fdc_run(cmd, sizeof cmd);
}

/*
 * A disk of 40 cylinders in a drive of 80: the ID on the arm's cylinder 2 says
 * 1.  Only 300 kbit/s, and 250 in a 1.2 MB drive, can mean such a disk.
 */
static bool floppy_has_40_cyls(unsigned drive)
{
    return fdc_seek(drive, 2, 0) && floppy_read_id(drive, 0) == INT13_OK &&
           bda.floppy_result[3] == 1;
}

/* Which rate the disk in the drive has; the state tells it afterwards. */
static uint8_t floppy_detect(unsigned drive)
{
    unsigned type = floppy_type(drive);
    uint8_t status = INT13_NOT_READY;

    for (unsigned i = 0; i < ARRAY_LEN(drive_rows[0].rates); i++) {
        uint8_t rate = rom_u8(&drive_rows[type].rates[i]);
        bool double_step;

        if (rate == RATES_END)
            break;
        bda.floppy_state[drive] = rate;
        floppy_set_rate(drive);
        if (!fdc_seek(drive, 0, 0))
            return INT13_SEEK;
        status = floppy_read_id(drive, 0);
        if (status == INT13_TIMEOUT || status == INT13_CONTROLLER)
            return status;
        if (status != INT13_OK)
            continue;
        double_step =
            type == DRIVE_1200 && rate != RATE_500 && floppy_has_40_cyls(drive);
        floppy_set_state(drive, type, rate, double_step);
        return INT13_OK;
    }
    bda.floppy_state[drive] = 0;
    return status;
}

/* The line goes low with a step pulse, if there is a disk. */
static bool floppy_clear_change(unsigned drive)
{
    fdc_recalibrate(drive);
    fdc_seek(drive, 1, 0);
    fdc_seek(drive, 0, 0);
    return !fdc_disk_changed(drive);
}

/* Ready for a transfer: motor, disk, rate. */
static uint8_t floppy_prepare(unsigned drive, bool detect)
{
    fdc_motor_on(drive);
    if (fdc_disk_changed(drive)) {
        bool known = bda.floppy_state[drive] & FDST_KNOWN;

        bda.floppy_state[drive] = 0;
        if (!floppy_clear_change(drive))
            return INT13_TIMEOUT; /* no disk */
        if (known)
            return INT13_CHANGED;
    }
    if (detect && !(bda.floppy_state[drive] & FDST_KNOWN))
        return floppy_detect(drive);
    floppy_set_rate(drive);
    return INT13_OK;
}

static bool floppy_seek(unsigned drive, uint8_t cyl, uint8_t head)
{
    if (bda.floppy_state[drive] & FDST_DOUBLE_STEP)
        cyl <<= 1;
    return fdc_seek(drive, cyl, head);
}

/* The motor runs on as the table says; AH, CF and the status byte. */
static void floppy_finish(struct frame *f, uint8_t status)
{
    bda.floppy_timeout =
        far_u8(far_u16(0, 0x1e * 4 + 2), far_u16(0, 0x1e * 4) + 2);
    bda.floppy_status = status;
    frame_status(f, status);
}

/* How far a command came before its error: from C, H, R of the result. */
static uint8_t floppy_moved(const struct frame *f, uint8_t last_sector)
{
    int moved = bda.floppy_result[5] - f->cl;

    if (bda.floppy_result[3] != f->ch || bda.floppy_result[4] != f->dh)
        moved += last_sector;
    return moved < 0 || moved > f->al ? 0 : moved;
}

static uint8_t floppy_transfer(struct frame *f, enum fdc_command cmd,
                               enum dma_mode mode)
{
    struct floppy_params p;
    uint8_t bytes[9] = { cmd, f->dh << 2 | f->dl, f->ch, f->dh, f->cl };
    uint8_t status = floppy_prepare(f->dl, true);

    if (status == INT13_OK && !floppy_seek(f->dl, f->ch, f->dh))
        status = INT13_SEEK;
    if (status != INT13_OK) {
        f->al = 0;
        return status;
    }
    floppy_params(&p);
    bytes[5] = p.sector_size;
    bytes[6] = p.last_sector;
    bytes[7] = p.gap;
    bytes[8] = p.data_len;
    if (!dma_floppy(mode, f->es, f->bx,
                    (uint32_t) f->al * 128 << p.sector_size)) {
        f->al = 0;
        return INT13_DMA_BOUNDARY;
    }
    status = fdc_run(bytes, sizeof bytes);
    if (status == INT13_TIMEOUT || status == INT13_CONTROLLER) {
        fdc_reset();
        f->al = 0;
    } else if (status != INT13_OK) {
        f->al = floppy_moved(f, p.last_sector);
        bda.floppy_state[f->dl] &= ~FDST_KNOWN; /* the next try looks again */
    }
    return status;
}

/* AH=02h, 03h, 04h: AL sectors at CH, DH, CL, ES:BX. */
static void int13_floppy_transfer(struct frame *f, enum fdc_command cmd,
                                  enum dma_mode mode)
{
    uint8_t status = INT13_BAD_COMMAND;

    if (f->al != 0 && f->dh <= 1)
        status = floppy_transfer(f, cmd, mode);
    floppy_finish(f, status);
}

static void int13_floppy_00(struct frame *f)
{
    uint8_t status = fdc_reset();
    struct floppy_params p;

    floppy_params(&p);
    fdc_specify(p.specify1, p.specify2);
    bda.floppy_status = status;
    frame_status(f, status);
}

static void int13_floppy_01(struct frame *f)
{
    f->al = bda.floppy_status;
    frame_status(f, bda.floppy_status);
}

/* Format a track: ES:BX = C, H, R, N of each sector. */
static void int13_floppy_05(struct frame *f)
{
    struct floppy_params p;
    uint8_t bytes[6] = { FDC_FORMAT, f->dh << 2 | f->dl };
    uint8_t status = floppy_prepare(f->dl, false);

    floppy_params(&p);
    bytes[2] = p.sector_size;
    bytes[3] = p.last_sector;
    bytes[4] = p.format_gap;
    bytes[5] = p.fill;
    if (status == INT13_OK && !floppy_seek(f->dl, f->ch, f->dh))
        status = INT13_SEEK;
    if (status == INT13_OK &&
        !dma_floppy(DMA_FROM_MEMORY, f->es, f->bx, p.last_sector * 4))
        status = INT13_DMA_BOUNDARY;
    if (status == INT13_OK)
        status = fdc_run(bytes, sizeof bytes);
    floppy_finish(f, status);
}

static void int13_floppy_08(struct frame *f)
{
    unsigned type = floppy_type(f->dl);
    const struct drive_row *row = &drive_rows[type];

    f->ax = 0;
    f->bx = type;
    f->cx = 0;
    f->dx = floppy_count();
    f->es = 0;
    f->di = 0;
    bda.floppy_status = INT13_OK;
    frame_carry(f, false);
    if (type == DRIVE_NONE)
        return;
    f->ch = rom_u8(&row->cyls) - 1;
    f->cl = rom_u8(&row->spt);
    f->dh = 1;
    f->es = SEG_BIOS;
    f->di = (uint16_t) (uintptr_t) &row->params;
}

/* Type: 0 none, 1 without, 2 with change line (which a 360 KB drive lacks). */
static void int13_floppy_15(struct frame *f)
{
    unsigned type = floppy_type(f->dl);

    frame_carry(f, false);
    f->ah = type == DRIVE_NONE ? 0 : type == DRIVE_360 ? 1 : 2;
}

static void int13_floppy_16(struct frame *f)
{
    uint8_t status = INT13_OK;

    if (floppy_type(f->dl) == DRIVE_NONE)
        status = INT13_TIMEOUT;
    else if (fdc_disk_changed(f->dl)) {
        bda.floppy_state[f->dl] &= ~FDST_KNOWN;
        status = floppy_clear_change(f->dl) ? INT13_CHANGED : INT13_TIMEOUT;
    }
    floppy_finish(f, status);
}

/* AL: 1 360 KB in 360 KB, 2 360 KB in 1.2 MB, 3 1.2 MB, 4 720 KB. */
static void int13_floppy_17(struct frame *f)
{
    unsigned type = floppy_type(f->dl);
    uint8_t status = INT13_OK;

    if (f->al < 1 || f->al > 4) {
        floppy_finish(f, INT13_BAD_COMMAND);
        return;
    }
    if (fdc_disk_changed(f->dl) && !floppy_clear_change(f->dl))
        status = INT13_TIMEOUT;
    else if (f->al == 2)
        floppy_set_state(f->dl, type, RATE_300, true);
    else
        floppy_set_state(f->dl, type, f->al == 3 ? RATE_500 : RATE_250, false);
    floppy_finish(f, status);
}

/* The table for `cyls` times `spt` in this type of drive, or NULL. */
static const struct floppy_params *floppy_format(unsigned type, unsigned cyls,
                                                 unsigned spt)
{
    const struct drive_row *row = &drive_rows[type];

    if (cyls == rom_u8(&row->cyls) && spt == rom_u8(&row->spt))
        return &row->params;
    if (type == DRIVE_1200 && cyls == 40 && spt == 9)
        return &params_360_in_1200;
    if (type >= DRIVE_1440 && cyls == 80 && spt == 9)
        return &params_720;
    if (type >= DRIVE_2880_OLD && cyls == 80 && spt == 18)
        return &params_1440;
    return NULL;
}

/* Prepare to format CH (and CL bits 7-6) + 1 cylinders of CL sectors. */
static void int13_floppy_18(struct frame *f)
{
    unsigned type = floppy_type(f->dl);
    unsigned cyls = (f->ch | (f->cl & 0xc0) << 2) + 1;
    const struct floppy_params *p = floppy_format(type, cyls, f->cl & 0x3f);

    if (fdc_disk_changed(f->dl) && !floppy_clear_change(f->dl)) {
        floppy_finish(f, INT13_TIMEOUT);
        return;
    }
    if (!p) {
        floppy_finish(f, INT13_NO_MEDIA);
        return;
    }
    floppy_set_state(f->dl, type, rom_u8(&p->rate), p == &params_360_in_1200);
    f->es = SEG_BIOS;
    f->di = (uint16_t) (uintptr_t) p;
    floppy_finish(f, INT13_OK);
}

/* Functions that a missing drive answers too. */
static bool int13_floppy_any(struct frame *f)
{
    switch (f->ah) {
    case 0x00: int13_floppy_00(f); return true;
    case 0x01: int13_floppy_01(f); return true;
    case 0x08: int13_floppy_08(f); return true;
    case 0x15: int13_floppy_15(f); return true;
    default: return false;
    }
}

void int13_floppy(struct frame *f)
{
    if (int13_floppy_any(f))
        return;
    if (floppy_type(f->dl) == DRIVE_NONE) {
        bda.floppy_status = INT13_TIMEOUT;
        frame_status(f, INT13_TIMEOUT);
        return;
    }
    switch (f->ah) {
    case 0x02: int13_floppy_transfer(f, FDC_READ, DMA_TO_MEMORY); break;
    case 0x03: int13_floppy_transfer(f, FDC_WRITE, DMA_FROM_MEMORY); break;
    case 0x04: int13_floppy_transfer(f, FDC_READ, DMA_VERIFY); break;
    case 0x05: int13_floppy_05(f); break;
    case 0x16: int13_floppy_16(f); break;
    case 0x17: int13_floppy_17(f); break;
    case 0x18: int13_floppy_18(f); break;
    default:
        bda.floppy_status = INT13_BAD_COMMAND;
        frame_status(f, INT13_BAD_COMMAND);
        break;
    }
}

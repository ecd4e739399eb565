/* Parts of the floppy disk controller: registers, commands, data, drives. */
#ifndef HW_FDC_INTERNAL_H
#define HW_FDC_INTERNAL_H

#include "base/bits.h"
#include "hw/fdc82077.h"

enum { FDC_UNITS = 4, UNITS_MASK = (1 << FDC_UNITS) - 1, FDC_TRACKS = 84, FDC_SIDES = 2, FDC_SECTORS = 40 };

enum { DOR_SELECT = 0x03, DOR_NRESET = 0x04, DOR_DMAGATE = 0x08, DOR_MOTOR0 = 0x10 };

enum {
    ST0_ABNORMAL = 0x40,
    ST0_INVALID = 0x80,
    ST0_POLLING = 0xc0,
    ST0_SE = 0x20,
    ST0_EC = 0x10,
    ST1_EN = 0x80,
    ST1_DE = 0x20,
    ST1_OR = 0x10,
    ST1_ND = 0x04,
    ST1_NW = 0x02,
    ST1_MA = 0x01,
    ST2_CM = 0x40,
    ST2_DD = 0x20,
    ST2_WC = 0x10,
    ST2_SH = 0x08,
    ST2_SN = 0x04,
};

enum { CONFIG_EIS = 0x40, CONFIG_EFIFO = 0x20, CONFIG_POLL = 0x10, CONFIG_FIFOTHR = 0x0f };

enum fdc_phase { PHASE_IDLE, PHASE_COMMAND, PHASE_EXECUTE, PHASE_RESULT };

/* What the event of the execution phase means. */
enum fdc_step {
    STEP_SEARCH, /* look for the next sector; also what a stalled command waits in */
    STEP_SECTOR, /* the sector has passed the head */
    STEP_STREAM, /* non-DMA: bytes come or go one by one */
    STEP_ID,     /* READ ID: an ID field has passed */
    STEP_FORMAT, /* the track is full */
    STEP_FAIL,   /* the second index pulse has come without what was sought */
};

/* What a command does with sectors. */
enum fdc_kind {
    KIND_NONE,
    KIND_READ,
    KIND_READ_DELETED,
    KIND_READ_TRACK,
    KIND_WRITE,
    KIND_WRITE_DELETED,
    KIND_VERIFY,
    KIND_SCAN_EQUAL,
    KIND_SCAN_LOW,
    KIND_SCAN_HIGH,
    KIND_FORMAT,
    KIND_READ_ID,
};

enum { COMMAND_MT = 0x80, COMMAND_MFM = 0x40, COMMAND_SK = 0x20 };

struct fdc;

struct fdc_drive {
    /* Guest-visible state: every member is listed in fdc_drive_fields. */
    vtime spin_at;   /* while the motor is on: up to speed from here on */
    uint8_t motor;
    uint8_t track;   /* where the head stands, counted in steps */
    uint8_t changed; /* disk change latch */
    uint8_t media;   /* 0: none; 1: the power-on disk; 2 + n: disk n of the shelf */
    uint8_t deleted[FDC_TRACKS * FDC_SIDES * FDC_SECTORS / 8]; /* data marks */
    /* Derived and wiring: never saved. */
    struct disk *disk; /* of media */
    struct disk *own;
    struct fdc *fdc;
    enum fdc_drive_type type;
};

/*
 * What software has never done since RESET.  Without a data rate the disk in
 * the drive is taken to fit; without a SEEK or CONFIGURE commands seek to their
 * cylinder.  Silicon does neither; BIOS-bochs-legacy never writes CCR and never
 * seeks, and must read all formats.
 */
enum { UNTOLD_RATE = 0x01, UNTOLD_SEEK = 0x02 };

struct fdc {
    /* Guest-visible state: every member is listed in fdc_fields. */
    struct event exec;
    struct event leave_reset;
    struct event seek[FDC_UNITS];
    struct fdc_drive drive[FDC_DRIVES];
    vtime head_until;   /* the head stays loaded until here */
    uint64_t stream_at; /* byte tick of the first byte of a stream */
    uint32_t stream_period; /* byte ticks a byte */
    uint16_t stream_len, stream_pos;
    uint16_t sectors_left; /* VERIFY with EC */
    uint8_t stream_request; /* RQM of a stream */
    uint8_t dor, tdr;
    uint8_t rate;   /* code in DSR and CCR */
    uint8_t untold; /* UNTOLD_* */
    uint8_t phase, step;
    uint8_t command[9], command_len, command_need;
    uint8_t result[10], result_len, result_pos;
    uint8_t specify[2]; /* SRT HUT, HLT ND */
    uint8_t config, pretrk, lock, perpendicular;
    uint8_t pcn[FDC_UNITS];
    uint8_t seek_to[FDC_UNITS]; /* new PCN */
    uint8_t seek_head[FDC_UNITS]; /* track where the selected drive's head ends */
    uint8_t seek_drive[FDC_UNITS]; /* the drive that steps */
    uint8_t seek_st0[FDC_UNITS];
    uint8_t seek_stepped; /* units whose seek takes at least one step */
    uint8_t seek_busy;  /* units: MSR bits 0 to 3 */
    uint8_t seek_ended; /* units whose seek waits for SENSE INTERRUPT STATUS */
    uint8_t polled;     /* units whose status after a reset waits for it */
    uint8_t interrupt;  /* INT, before the gate */
    uint8_t kind;
    uint8_t head, tc;
    uint8_t st0, st1, st2;
    uint8_t c, h, r, n, eot;
    uint8_t passed; /* READ TRACK: sectors so far */
    uint8_t buf[4 * 256];
    /* Wiring: set once by fdc_new, never saved. */
    struct sched *sched;
    struct irq_line *irq;
    const struct dma_line *dma;
    struct disk *const *shelf;
    unsigned shelf_count;
    bool ps2;
    uint16_t base;
    struct port_range ports[2];
};

/* Ends a table after its last saved member, whatever alignment follows. */
#define FDC_STATE_LAST(type, m) \
    { NULL, STATE_KIND_END, offsetof(type, m) + sizeof STATE_MEMBER(type, m), 0, 0, NULL }

/* --- fdc_drive.c ---------------------------------------------------------- */

/* The track under the head as it turns: byte ticks of its own clock. */
struct fdc_track {
    struct clock clk; /* bytes a second */
    uint32_t length;  /* bytes a revolution */
    uint32_t slot;    /* bytes from one sector's ID field to the next one's */
    uint8_t rate;     /* code in DSR and CCR that reads it */
    uint8_t cylinder, side; /* as in the ID fields */
    uint8_t sectors;  /* 0: nothing recorded here */
};

enum {
    TRACK_LEAD = 146, /* index to the first ID field's sync */
    TRACK_ID = 22,    /* sync to the end of the ID field */
    TRACK_DATA = 60,  /* sync of the ID field to the first data byte */
    TRACK_END = 574,  /* ... to the end of the data field's CRC */
};

extern const struct state_field fdc_drive_fields[];

/* The drive that DOR selects; NULL where there is none. */
struct fdc_drive *fdc_selected(struct fdc *fdc);
unsigned fdc_drive_last_track(const struct fdc_drive *d);
void fdc_drive_set_motor(struct fdc_drive *d, bool on);
void fdc_drive_insert(struct fdc_drive *d, unsigned media);
void fdc_drive_find_media(struct fdc_drive *d);
/* From when on the disk turns at speed; VTIME_NEVER: it does not. */
vtime fdc_drive_turns_at(const struct fdc_drive *d);
/* `d` holds a disk. */
void fdc_drive_track(const struct fdc_drive *d, unsigned side, struct fdc_track *t);
uint64_t fdc_track_lba(const struct fdc_drive *d, const struct fdc_track *t, unsigned sector);
bool fdc_drive_deleted(const struct fdc_drive *d, uint64_t lba);
void fdc_drive_mark(struct fdc_drive *d, uint64_t lba, bool deleted);
bool fdc_drive_change_line(const struct fdc_drive *d);
bool fdc_drive_index(const struct fdc_drive *d, vtime now);

/* --- fdc82077.c ----------------------------------------------------------- */

void fdc_set_interrupt(struct fdc *fdc, bool on);
void fdc_ack_interrupt(struct fdc *fdc);
/* Enters the result phase. */
void fdc_give_result(struct fdc *fdc, unsigned len);
/* ns in `ms` of a table that holds for 500 kbps. */
uint64_t fdc_scaled_ns(const struct fdc *fdc, uint64_t ms);
bool fdc_non_dma(const struct fdc *fdc);

/* --- fdc_command.c -------------------------------------------------------- */

/* Bytes of a command with its first one; 1 also for an invalid one. */
unsigned fdc_command_length(uint8_t first);
void fdc_command_run(struct fdc *fdc);
void fdc_seek_end(struct fdc *fdc, unsigned unit);
void fdc_seek_stop(struct fdc *fdc);

/* --- fdc_data.c ------------------------------------------------------------ */

void fdc_data_begin(struct fdc *fdc, enum fdc_kind kind);
void fdc_data_event(struct fdc *fdc);
/* Motor, selection or disk changed under a command: look again. */
void fdc_data_restart(struct fdc *fdc);
bool fdc_kind_to_host(enum fdc_kind kind);
/* Ends the command abnormally with these bits. */
void fdc_fail(struct fdc *fdc, uint8_t st1, uint8_t st2);
/* The drive whose disk is under the head, and the track there; or NULL. */
struct fdc_drive *fdc_current(struct fdc *fdc, struct fdc_track *t);
uint64_t fdc_tick(const struct fdc *fdc, const struct fdc_track *t);
/* Next tick at which the byte `offset` of the track begins to pass. */
uint64_t fdc_next_pass(const struct fdc *fdc, const struct fdc_track *t, uint32_t offset);
void fdc_arm(struct fdc *fdc, const struct fdc_track *t, uint64_t tick, enum fdc_step step);

/* --- fdc_stream.c ----------------------------------------------------------- */

/* `len` bytes of buf, the first of them at byte tick `at`, `period` ticks a byte. */
void fdc_stream_open(struct fdc *fdc, uint64_t at, unsigned len, uint32_t period);
void fdc_stream_update(struct fdc *fdc);
void fdc_stream_ask(struct fdc *fdc, bool request);
/* The host reads or writes the FIFO while stream_request is set. */
uint8_t fdc_stream_read(struct fdc *fdc);
void fdc_stream_write(struct fdc *fdc, uint8_t val);

#endif

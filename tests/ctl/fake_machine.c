/*
 * A machine for tests of src/ctl: everything of board/machine.h, but the guest
 * is a small command interpreter in C that runs one instruction a microsecond.
 * So steps, pacing, exit codes and disks are tested without CPU or firmware.
 *
 * It is up at 50 ms: keyboard on, prompt "A:\>".  Keys go through a BIOS ring
 * that is read every 5 ms.  Commands, with what they do: see fake_commands.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "board/machine.h"
#include "board/rewind.h"

enum {
    RAM = 64 << 10, COLS = 80, ROWS = 25,
    BDA_HEAD = 0x41a, BDA_TAIL = 0x41c, RING_START = 0x1e, RING_END = 0x3e,
    USAGE_SHIFT = 0xe1, USAGE_CTRL = 0xe0,
    BOOT_TIME = 50000000, RING_PERIOD = 5000000,
};

struct machine {
    struct sched sched;
    struct state *state;
    struct journal *journal;
    struct machine_config cfg;
    struct disk *disk[MACHINE_DISKS];
    struct video_source video;
    struct event boot, ring, later;
    uint8_t ram[RAM];
    char screen[ROWS][COLS];
    unsigned row, col;
    char line[COLS];
    unsigned len;
    bool ready, busy, graphics, halted, shift, ctrl;
    int stop; /* enum machine_stop, or -1 */
    uint8_t exit_code;
    vtime last_key;
    unsigned fastest; /* ms between two key events, the least */
    vtime down_at;
    unsigned held;    /* ms that a character's key was down, the most */
    unsigned fullest; /* characters in the ring, the most */
    char say[COLS]; /* what "later" prints */
};

/* --- screen and serial port ---------------------------------------------- */

static void fake_newline(struct machine *m)
{
    m->col = 0;
    if (++m->row < ROWS)
        return;
    memmove(m->screen[0], m->screen[1], sizeof m->screen - COLS);
    memset(m->screen[ROWS - 1], ' ', COLS);
    m->row = ROWS - 1;
}

static void fake_print(struct machine *m, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n' || m->col == COLS)
            fake_newline(m);
        if (*text != '\n')
            m->screen[m->row][m->col++] = *text;
    }
}

static void fake_send(struct machine *m, const char *text)
{
    for (; *text != '\0'; text++)
        serial_send(&m->cfg.serial[0], (uint8_t) *text, sched_now(&m->sched));
}

/* --- commands ------------------------------------------------------------ */

static void fake_stop(struct machine *m, enum machine_stop why)
{
    m->stop = (int) why;
    sched_stop(&m->sched);
}

static void fake_exit(struct machine *m, const char *arg)
{
    m->exit_code = (uint8_t) atoi(arg);
    fake_stop(m, MACHINE_TEST_EXIT);
}

static void fake_off(struct machine *m, const char *arg)
{
    (void) arg;
    fake_stop(m, MACHINE_POWEROFF);
}

static void fake_reset(struct machine *m, const char *arg)
{
    (void) arg;
    fake_print(m, "RESET\n");
    fake_stop(m, MACHINE_RESET);
}

static void fake_halt(struct machine *m, const char *arg)
{
    fake_print(m, arg);
    m->halted = true;
}

static void fake_ver(struct machine *m, const char *arg)
{
    (void) arg;
    fake_print(m, "FakeDOS 1.0\n");
}

static void fake_cls(struct machine *m, const char *arg)
{
    (void) arg;
    memset(m->screen, ' ', sizeof m->screen);
    m->row = m->col = 0;
}

static void fake_say(struct machine *m, const char *arg)
{
    fake_send(m, arg);
    fake_send(m, "\n");
}

static void fake_gfx(struct machine *m, const char *arg)
{
    (void) arg;
    m->graphics = true;
}

/* Prints after half a second; does not read the ring until then. */
static void fake_later(struct machine *m, const char *arg)
{
    snprintf(m->say, sizeof m->say, "%.70s\n", arg);
    m->busy = true;
    event_at(&m->sched, &m->later, sched_now(&m->sched) + 500000000);
}

static void fake_write(struct machine *m, const char *arg)
{
    uint8_t sector[SECTOR_SIZE];
    struct disk *d = m->disk[atoi(arg)];

    memset(sector, 0xa5, sizeof sector);
    if (d == NULL)
        fake_print(m, "no such disk\n");
    else if (disk_read_only(d))
        fake_print(m, "write protected\n");
    else
        fake_print(m, disk_write(d, 1, 1, sector) == 0 ? "written\n" : "drive error\n");
}

static void fake_flush(struct machine *m, const char *arg)
{
    fake_print(m, disk_flush(m->disk[atoi(arg)]) == 0 ? "flushed\n" : "drive error\n");
}

static void fake_read(struct machine *m, const char *arg)
{
    uint8_t sector[SECTOR_SIZE];

    if (disk_read(m->disk[atoi(arg)], 1, 1, sector) < 0)
        fake_print(m, "drive error\n");
    else
        fake_print(m, sector[7] == 0xa5 ? "read a5\n" : "read other\n");
}

static void fake_tell(struct machine *m, const char *arg)
{
    char text[COLS];
    struct disk *d = m->disk[MACHINE_FLOPPIES];
    struct disk_geometry g = d != NULL ? disk_geometry(d) : (struct disk_geometry){ 0, 0, 0 };

    (void) arg;
    snprintf(text, sizeof text, "keys %u ms held %u ms ring %u\n", m->fastest, m->held, m->fullest);
    fake_print(m, text);
    snprintf(text, sizeof text, "boot %s ram %u cpu %u clock %llu/%llu\n", m->cfg.boot, m->cfg.ram_mib,
             (unsigned) m->cfg.cpu, (unsigned long long) m->cfg.clock_num,
             (unsigned long long) m->cfg.clock_den);
    fake_print(m, text);
    snprintf(text, sizeof text, "hda %u/%u/%u rtc %lld\n", g.cylinders, g.heads, g.sectors,
             (long long) m->cfg.rtc_base);
    fake_print(m, text);
}

static const struct fake_command {
    const char *name;
    void (*run)(struct machine *m, const char *arg);
} fake_commands[] = {
    { "ver", fake_ver },     { "off", fake_off },     { "reset", fake_reset }, { "halt", fake_halt },
    { "exit", fake_exit },   { "cls", fake_cls },     { "say", fake_say },     { "gfx", fake_gfx },
    { "later", fake_later }, { "write", fake_write }, { "flush", fake_flush }, { "read", fake_read },
    { "tell", fake_tell },
};

static void fake_command(struct machine *m)
{
    size_t n = strcspn(m->line, " ");
    const char *arg = m->line[n] == ' ' ? m->line + n + 1 : "";
    size_t i;

    fake_print(m, "\n");
    for (i = 0; i < ARRAY_LEN(fake_commands); i++)
        if (strlen(fake_commands[i].name) == n && memcmp(fake_commands[i].name, m->line, n) == 0)
            break;
    if (i < ARRAY_LEN(fake_commands))
        fake_commands[i].run(m, arg);
    else if (n != 0)
        fake_print(m, "Bad command\n");
    if (!m->busy && !m->halted)
        fake_print(m, "A:\\>");
}

static void fake_char(struct machine *m, char c)
{
    char echo[2] = { c, '\0' };

    if (c == '\n') {
        m->line[m->len] = '\0';
        m->len = 0;
        fake_command(m);
        memset(m->line, 0, sizeof m->line);
    } else if (m->len < COLS - 10) {
        m->line[m->len++] = c;
        fake_print(m, echo);
    }
}

/* --- keyboard ------------------------------------------------------------ */

static unsigned fake_ring_count(const struct machine *m)
{
    unsigned head = load_le16(m->ram + BDA_HEAD), tail = load_le16(m->ram + BDA_TAIL);

    return (tail >= head ? tail - head : tail + (RING_END - RING_START) - head) / 2;
}

static unsigned fake_ring_step(unsigned at)
{
    return at + 2 == RING_END ? RING_START : at + 2;
}

static char fake_key_char(const struct machine *m, unsigned usage)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz1234567890\n\033\b\t -=[]\\\0;'`,./";
    static const char shifted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\n\033\b\t _+{}|\0:\"~<>?";

    if (usage < 4 || usage - 4 >= sizeof plain - 1)
        return 0;
    if (m->ctrl)
        return '^';
    return m->shift ? shifted[usage - 4] : plain[usage - 4];
}

static void fake_key(void *opaque, const struct journal_input *in)
{
    struct machine *m = opaque;
    vtime now = sched_now(&m->sched);
    unsigned gap = (unsigned) ((now - m->last_key) / 1000000);
    unsigned tail = load_le16(m->ram + BDA_TAIL);
    char c = fake_key_char(m, (unsigned) in->arg[0]);

    if (m->last_key != 0 && gap < m->fastest)
        m->fastest = gap;
    m->last_key = now;
    if (in->arg[0] == USAGE_SHIFT)
        m->shift = in->arg[1] != 0;
    if (in->arg[0] == USAGE_CTRL)
        m->ctrl = in->arg[1] != 0;
    if (c != 0 && in->arg[1] == 0 && (now - m->down_at) / 1000000 > m->held)
        m->held = (unsigned) ((now - m->down_at) / 1000000);
    if (c == 0 || in->arg[1] == 0 || !m->ready)
        return;
    m->down_at = now;
    m->ram[0x400 + tail] = (uint8_t) c;
    store_le16(m->ram + BDA_TAIL, (uint16_t) fake_ring_step(tail));
    if (fake_ring_count(m) > m->fullest)
        m->fullest = fake_ring_count(m);
}

static void fake_rx(void *opaque, const struct journal_input *in)
{
    for (size_t i = 0; i < in->len; i++)
        if (in->data[i] != '\r')
            fake_char(opaque, (char) in->data[i]);
}

static const struct journal_kind fake_kbd_kinds[] = { { "key", 2, false, fake_key } };
static const struct journal_kind fake_serial_kinds[] = { { "rx", 0, true, fake_rx } };

static void fake_ring(void *opaque)
{
    struct machine *m = opaque;
    unsigned head = load_le16(m->ram + BDA_HEAD);

    if (!m->busy && fake_ring_count(m) != 0) {
        store_le16(m->ram + BDA_HEAD, (uint16_t) fake_ring_step(head));
        fake_char(m, (char) m->ram[0x400 + head]);
    }
    event_at(&m->sched, &m->ring, sched_now(&m->sched) + RING_PERIOD);
}

static void fake_later_fire(void *opaque)
{
    struct machine *m = opaque;

    m->busy = false;
    fake_print(m, m->say);
    fake_print(m, "A:\\>");
}

static void fake_boot(void *opaque)
{
    struct machine *m = opaque;

    m->ready = true;
    fake_print(m, "FakeBIOS\nA:\\>");
    fake_ring(m);
}

/* --- video --------------------------------------------------------------- */

static void fake_mode(void *opaque, struct video_mode *out)
{
    const struct machine *m = opaque;

    *out = m->graphics ? (struct video_mode){ false, 0, 0, 320, 200, 8 }
                       : (struct video_mode){ true, COLS, ROWS, 720, 400, 4 };
}

static bool fake_text(void *opaque, struct video_text *out)
{
    const struct machine *m = opaque;

    out->columns = COLS;
    out->rows = ROWS;
    for (unsigned i = 0; i < COLS * ROWS; i++)
        out->cell[i] = (struct video_cell){ (uint8_t) m->screen[i / COLS][i % COLS], 7 };
    return !m->graphics;
}

static void fake_render(void *opaque, struct video_frame *out)
{
    (void) opaque;
    out->width = 320;
    out->height = 200;
    for (unsigned i = 0; i < 320 * 200; i++)
        out->pixel[i] = i;
}

static vtime fake_retrace(void *opaque)
{
    const struct machine *m = opaque;
    vtime frame = VTIME_SECOND / 60, now = sched_now(&m->sched);

    return now - now % frame + frame;
}

static void fake_copy(void *opaque, void *to)
{
    memcpy(to, opaque, sizeof(struct machine));
}

/* --- board/machine.h ----------------------------------------------------- */

static void fake_hash(void *obj, struct xxh64 *h, struct xxh64 *also)
{
    struct machine *m = obj;

    xxh64_update_both(h, also, m->ram, sizeof m->ram);
    xxh64_update_both(h, also, m->screen, sizeof m->screen);
    xxh64_update_both(h, also, &m->sched.ticks, sizeof m->sched.ticks);
    xxh64_update_both(h, also, &m->sched.insns, sizeof m->sched.insns);
    xxh64_update_both(h, also, &m->last_key, sizeof m->last_key);
}

static const struct state_blob_ops fake_state = { .hash = fake_hash };

static void fake_new_disks(struct machine *m)
{
    static const char *const names[MACHINE_DISKS] = {
        "fd0", "fd1", "hd0", "hd1", "hd2", "hd3", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7",
        "cd0", "cd1", "cd2", "cd3",
    };

    for (unsigned i = 0; i < MACHINE_DISKS; i++) {
        unsigned hard = i - MACHINE_FLOPPIES, shelf = hard - MACHINE_HARD_DISKS;
        struct disk_config cfg = i < MACHINE_FLOPPIES        ? m->cfg.floppy[i]
                                 : hard < MACHINE_HARD_DISKS ? m->cfg.hard_disk[hard]
                                 : shelf < MACHINE_SHELF     ? m->cfg.shelf[shelf]
                                                             : m->cfg.cd[shelf - MACHINE_SHELF];

        cfg.name = names[i];
        if (cfg.ops != NULL)
            m->disk[i] = disk_new(&cfg, m->journal, m->state);
    }
}

struct machine *machine_new(const struct machine_config *cfg, struct err *err)
{
    static const struct clock clk = { .num = 1000000, .den = 1 };
    struct machine *m = xcalloc(1, sizeof *m);

    (void) err;
    m->cfg = *cfg;
    m->stop = -1;
    m->fastest = 9999;
    sched_init(&m->sched, &clk);
    m->state = state_new(&m->sched);
    m->journal = journal_new(&m->sched);
    journal_add(m->journal, "kbd", fake_kbd_kinds, ARRAY_LEN(fake_kbd_kinds), m);
    journal_add(m->journal, "serial0", fake_serial_kinds, ARRAY_LEN(fake_serial_kinds), m);
    fake_new_disks(m);
    state_register_blob(m->state, "fake", 1, &fake_state, m);
    memset(m->screen, ' ', sizeof m->screen);
    store_le16(m->ram + BDA_HEAD, RING_START);
    store_le16(m->ram + BDA_TAIL, RING_START);
    event_init(&m->boot, "boot", 0, fake_boot, m);
    event_init(&m->ring, "ring", 0, fake_ring, m);
    event_init(&m->later, "later", 0, fake_later_fire, m);
    event_at(&m->sched, &m->boot, BOOT_TIME);
    m->video = (struct video_source){ fake_mode, fake_text, fake_render, fake_retrace,
                                      fake_copy, sizeof *m, m };
    return m;
}

void machine_free(struct machine *m)
{
    for (unsigned i = 0; i < MACHINE_DISKS; i++)
        disk_free(m->disk[i]);
    journal_free(m->journal);
    state_free(m->state);
    free(m);
}

enum machine_stop machine_run(struct machine *m, vtime until, uint64_t insns)
{
    struct sched *s = &m->sched;

    s->stop_at = until;
    s->stop_insns = insns;
    s->stop_requested = false;
    m->stop = -1;
    while (!sched_service(s)) {
        uint64_t step = s->horizon > s->ticks ? s->horizon - s->ticks : 1;

        s->ticks += step;
        s->insns += m->halted ? 0 : step;
    }
    return m->stop >= 0 ? (enum machine_stop) m->stop : m->halted ? MACHINE_HALTED : MACHINE_SLICE;
}

uint8_t machine_test_exit(const struct machine *m)
{
    return m->exit_code;
}

vtime machine_now(const struct machine *m)
{
    return sched_now(&m->sched);
}

uint64_t machine_insns(const struct machine *m)
{
    return m->sched.insns;
}

bool machine_can_translate(void)
{
    return false;
}

void machine_list_blocks(const struct machine *m, jit_list_fn *each, void *opaque)
{
    (void) m;
    (void) each;
    (void) opaque;
}

unsigned machine_jit_slowest(const struct machine *m, struct jit_slow out[JIT_SLOW])
{
    (void) m;
    (void) out;
    return 0;
}

const struct jit_stats *machine_jit_stats(const struct machine *m)
{
    (void) m;
    return NULL;
}

bool machine_idle(const struct machine *m)
{
    return m->halted;
}

vtime machine_next_input(const struct machine *m)
{
    return m->sched.input_due;
}

bool machine_powered_off(const struct machine *m)
{
    return m->stop == MACHINE_POWEROFF;
}

struct journal *machine_journal(struct machine *m)
{
    return m->journal;
}

struct state *machine_state(struct machine *m)
{
    return m->state;
}

const struct video_source *machine_video(const struct machine *m)
{
    return &m->video;
}

void machine_rom(const struct machine_config *cfg, unsigned i, const uint8_t **data, size_t *len)
{
    static const uint8_t rom[MACHINE_ROMS][2] = { "b", "v" };

    (void) cfg;
    *data = rom[i];
    *len = sizeof rom[i];
}

const char *machine_disk_name(unsigned i)
{
    static const char *const names[MACHINE_DISKS] = {
        "fd0", "fd1", "ata0", "ata1", "ata2", "ata3", "fd2",
        "fd3", "fd4", "fd5",  "fd6",  "fd7",  "fd8",  "fd9",
        "cd0", "cd1", "cd2",  "cd3",
    };

    return names[i];
}

struct disk *machine_disk(struct machine *m, unsigned i)
{
    return m->disk[i];
}

void machine_peek(struct machine *m, uint32_t addr, void *buf, size_t len)
{
    memcpy(buf, m->ram + addr, len);
}

bool machine_keyboard_ready(const struct machine *m)
{
    return m->ready;
}

int machine_add_floppy(struct machine *m, unsigned n, const struct disk_config *cfg, struct err *err)
{
    struct disk_config disk = *cfg;
    unsigned i = n + MACHINE_HARD_DISKS;

    if (i >= MACHINE_DISKS || m->disk[i] != NULL) {
        err_set(err, "no place");
        cfg->ops->close(cfg->opaque);
        return -1;
    }
    disk.name = "fd";
    m->disk[i] = disk_new(&disk, m->journal, m->state);
    return 0;
}

/* --- no past --------------------------------------------------------------- */

void machine_set_silent(struct machine *m, bool silent)
{
    (void) m;
    (void) silent;
}

struct rewind *rewind_new(struct machine *m, size_t budget)
{
    (void) m;
    (void) budget;
    return NULL;
}

void rewind_free(struct rewind *r)
{
    (void) r;
}

vtime rewind_next_time(const struct rewind *r)
{
    (void) r;
    return VTIME_NEVER;
}

void rewind_look(struct rewind *r)
{
    (void) r;
}

void rewind_try(struct rewind *r, bool (*hurry)(void *opaque), void *opaque)
{
    (void) r;
    (void) hurry;
    (void) opaque;
}

void rewind_skip(struct rewind *r)
{
    (void) r;
}

vtime rewind_oldest(const struct rewind *r)
{
    (void) r;
    return 0;
}

int rewind_to_time(struct rewind *r, vtime t, struct err *err)
{
    (void) r;
    (void) t;
    err_set(err, "this machine has no past");
    return -1;
}

int rewind_to_insns(struct rewind *r, uint64_t insns, struct err *err)
{
    return rewind_to_time(r, insns, err);
}

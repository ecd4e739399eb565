/* w_disk.c - the hard disk: ATA by PIO, polled and by interrupt, and the BIOS.
   The image holds a pattern from DISK_LBA on (mkimage.py). */
#include "kit.h"

enum { DISK_LBA = 8192, DISK_SECTORS = 8192, MAGIC = 0x4B534944 };  /* "DISK" */
enum { DATA = 0x1F0, COUNT = 0x1F2, LOW = 0x1F3, MID, HIGH, DEVICE, COMMAND, CONTROL = 0x3F6 };
enum { ERR = 1, DRQ = 8, DRDY = 0x40, BSY = 0x80 };

static volatile u32 irqs;
static u32 *const buffer = (u32 *)SCRATCH;

static void bad(const char *what)
{
    print("BENCH disk error: "); print(what); print("\nBENCH aborted\n");
    for (;;) __asm__ volatile("cli; hlt");
}
static void command(u32 lba, u32 count, u8 cmd)
{
    while (inb(COMMAND) & BSY) ;
    outb(DEVICE, (u8)(0xE0 | (lba >> 24 & 15)));
    while ((inb(COMMAND) & (BSY | DRDY)) != DRDY) ;
    outb(COUNT, (u8)count); outb(LOW, (u8)lba); outb(MID, (u8)(lba >> 8)); outb(HIGH, (u8)(lba >> 16));
    outb(COMMAND, cmd);
}
static void *get(void *to, u32 words)
{
    __asm__ volatile("cld; rep insw" : "+D"(to), "+c"(words) : "d"(DATA) : "memory");
    return to;
}
static void *get_polled(void *to)
{
    u8 st;
    for (int i = 0; i < 4; i++) inb(CONTROL);               /* 400 ns */
    while ((st = inb(COMMAND)) & BSY) ;
    if ((st & (ERR | DRQ)) != DRQ) bad("status");
    return get(to, 256);
}
static void *get_by_irq(void *to)
{
    while (!irqs) __asm__ volatile("sti; hlt; cli" : : : "memory");
    irqs = 0;
    if ((inb(COMMAND) & (ERR | DRQ)) != DRQ) bad("status");
    return get(to, 256);
}
static u32 read_all(void *(*get_sector)(void *))
{
    u32 h = 0, s = 31;
    for (u32 lba = 0; lba < 1024; lba += 64) {              /* in a row */
        u8 *p = (u8 *)buffer;
        command(DISK_LBA + lba, 64, 0x20);
        for (int i = 0; i < 64; i++) p = get_sector(p);
        for (int i = 0; i < 64 * 128; i += 31) h = mix(h, buffer[i]);
    }
    for (int i = 0; i < 96; i++) {                          /* here and there */
        command(DISK_LBA + xs(&s) % DISK_SECTORS, 1, 0x20);
        get_sector(buffer);
        h = mix(h, buffer[i]);
    }
    return h;
}

/* Is there an ATA disk with our pattern? */
int able_ata(void)
{
    if (inb(COMMAND) == 0xFF) return 0;
    outb(CONTROL, 2); outb(DEVICE, 0xE0);
    for (u32 n = 0; (inb(COMMAND) & (BSY | DRDY)) != DRDY; n++) if (n > 100000) return 0;
    command(DISK_LBA, 1, 0x20);
    get_polled(buffer);
    return buffer[0] == MAGIC;
}
void s_atapoll(void) { outb(CONTROL, 2); }
u32 w_atapoll(void) { return read_all(get_polled); }

static void irq14(struct frame *f)
{
    (void)f;
    irqs++;
    outb(0xA0, 0x20); outb(0x20, 0x20);
}
void s_atairq(void)
{
    inb(COMMAND);
    irqs = 0;
    handlers[0x2E] = irq14;
    outb(CONTROL, 0);
    outb(0x21, 0xFB); outb(0xA1, 0xBF);
}
void t_atairq(void) { outb(0x21, 0xFF); outb(0xA1, 0xFF); outb(CONTROL, 2); handlers[0x2E] = 0; }
u32 w_atairq(void) { return read_all(get_by_irq); }

/* ---- INT 13h of the first hard disk; its interrupts go to the BIOS meanwhile ---- */
enum { AT_ONCE = 16 };
static u32 heads, spt;

static void pic(u8 master, u8 slave, u8 mask_master, u8 mask_slave)
{
    outb(0x20, 0x11); outb(0x21, master); outb(0x21, 4); outb(0x21, 1);
    outb(0xA0, 0x11); outb(0xA1, slave); outb(0xA1, 2); outb(0xA1, 1);
    outb(0x21, mask_master); outb(0xA1, mask_slave);
}
static u32 int13_read(u32 lba, u32 count)
{
    u32 c = lba / (heads * spt), h = lba / spt % heads, s = lba % spt + 1;
    return rm_int(0x13, 0x0200 | count, BUFFER16, (c & 0xFF) << 8 | (c >> 8) << 6 | s, h << 8 | 0x80) >> 8 & 0xFF;
}
void s_int13(void) { outb(CONTROL, 0); pic(0x08, 0x70, 0xB8, 0x8F); }
void t_int13(void) { pic(0x20, 0x28, 0xFF, 0xFF); }
int able_int13(void)
{
    u32 r = 0;
    s_int13();
    if ((rm_int(0x13, 0x0800, 0, 0, 0x80) >> 8 & 0xFF) == 0) {
        spt = rm_reg(2) & 63; heads = (rm_reg(3) >> 8 & 0xFF) + 1;
        if (spt && int13_read(DISK_LBA, 1) == 0) r = *(volatile u32 *)BUFFER16 == MAGIC;
    }
    t_int13();
    return (int)r;
}
u32 w_int13(void)
{
    u32 h = 0, s = 31;
    for (u32 i = 0; i < 64; i++) {
        u32 lba = i & 1 ? xs(&s) % (DISK_SECTORS - AT_ONCE) : i * AT_ONCE, n = 0;
        lba += DISK_LBA;
        while (n < AT_ONCE) {                               /* not beyond the end of a track */
            u32 k = spt - (lba + n) % spt;
            if (k > AT_ONCE - n) k = AT_ONCE - n;
            if (int13_read(lba + n, k)) bad("INT 13h");
            h = mix(h, hash_words((void *)BUFFER16, k * 128));
            n += k;
        }
    }
    return h;
}

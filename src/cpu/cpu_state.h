/*
 * The processor's state, for files of src/cpu (and later the translator).
 *
 * Source: Intel SDM vol. 3, chapters 2 to 6, 17 (registers, segmentation,
 *         paging, interrupts, debug); Intel 80386 Programmer's Reference.
 */
#ifndef CPU_CPU_STATE_H
#define CPU_CPU_STATE_H

#include "base/bits.h"
#include "cpu/cpu.h"

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };
enum { ES, CS, SS, DS, FS, GS, SEGS };

enum eflags {
    FLAG_CF = 1 << 0,
    FLAG_PF = 1 << 2,
    FLAG_AF = 1 << 4,
    FLAG_ZF = 1 << 6,
    FLAG_SF = 1 << 7,
    FLAG_TF = 1 << 8,
    FLAG_IF = 1 << 9,
    FLAG_DF = 1 << 10,
    FLAG_OF = 1 << 11,
    FLAG_IOPL = 3 << 12,
    FLAG_NT = 1 << 14,
    FLAG_RF = 1 << 16,
    FLAG_VM = 1 << 17,
    FLAG_AC = 1 << 18,
    FLAG_VIF = 1 << 19,
    FLAG_VIP = 1 << 20,
    FLAG_ID = 1 << 21,
    FLAG_ARITH = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF,
};

#define CR0_PE 0x00000001u
#define CR0_MP 0x00000002u
#define CR0_EM 0x00000004u
#define CR0_TS 0x00000008u
#define CR0_ET 0x00000010u
#define CR0_NE 0x00000020u
#define CR0_WP 0x00010000u
#define CR0_AM 0x00040000u
#define CR0_NW 0x20000000u
#define CR0_CD 0x40000000u
#define CR0_PG 0x80000000u

#define CR3_BITS 0xfffff018u /* the directory, PWT, PCD */

enum cr4 {
    CR4_VME = 1 << 0,
    CR4_PVI = 1 << 1,
    CR4_TSD = 1 << 2,
    CR4_DE = 1 << 3,
    CR4_PSE = 1 << 4,
    CR4_MCE = 1 << 6,
    CR4_PGE = 1 << 7,
    CR4_PCE = 1 << 8,
    CR4_OSFXSR = 1 << 9,
};

enum exception {
    EXC_DE = 0, EXC_DB = 1, EXC_NMI = 2, EXC_BP = 3, EXC_OF = 4, EXC_BR = 5, EXC_UD = 6,
    EXC_NM = 7, EXC_DF = 8, EXC_TS = 10, EXC_NP = 11, EXC_SS = 12, EXC_GP = 13, EXC_PF = 14,
    EXC_MF = 16, EXC_AC = 17,
};

/* Debug status, SDM vol. 3, 17.2.3. */
enum dr6 {
    DR6_BD = 1 << 13,
    DR6_BS = 1 << 14,
    DR6_BT = 1 << 15,
};
#define DR6_FIXED 0xffff0ff0u
#define DR7_GD    0x00002000u

/* Segment attributes: descriptor bits 40-47 (access byte) and 52-55 << 12. */
enum seg_attr {
    SEG_ACCESSED = 1 << 0,
    SEG_WRITABLE = 1 << 1,   /* data */
    SEG_READABLE = 1 << 1,   /* code */
    SEG_EXPAND_DOWN = 1 << 2, /* data */
    SEG_CONFORMING = 1 << 2, /* code */
    SEG_CODE = 1 << 3,
    SEG_S = 1 << 4, /* 1: code or data, 0: system */
    SEG_DPL_SHIFT = 5,
    SEG_P = 1 << 7,
    SEG_BIG = 1 << 14, /* D or B */
    SEG_GRANULAR = 1 << 15,
};

/* A segment register with its hidden part. */
struct seg {
    uint32_t base;
    uint32_t limit; /* in bytes, granularity applied */
    uint16_t sel;
    uint16_t attr;
};

static inline unsigned seg_dpl(const struct seg *s)
{
    return s->attr >> SEG_DPL_SHIFT & 3;
}

/* What to look at before the next instruction (struct cpu, attention). */
enum attention {
    ATTN_RESET = 1 << 0,
    ATTN_NMI = 1 << 1,
    ATTN_INTR = 1 << 2,       /* the line is high */
    ATTN_TRAP = 1 << 3,       /* a debug trap waits: dr6_pending */
    ATTN_SHADOW = 1 << 4,     /* STI: no interrupt before the next instruction */
    ATTN_SHADOW_SS = 1 << 5,  /* MOV SS, POP SS: no debug trap either */
    ATTN_NMI_BLOCKED = 1 << 6, /* until IRET */
    ATTN_KEPT_PAGE = 1 << 7,   /* code comes from kept_addr: cpu/paging.c */
};

/* Pages that could be written directly, were it not for code in them: so they
 * can, where code_granules has no bit. */
enum { TABLE_CODE = 2 };

enum { NOT_EXECUTING = -1 }; /* struct cpu, code_addr */

/*
 * The x87 (SDM vol. 1, 8.1); the low 64 bits of its registers are those of MMX.
 * Registers by their own number, not from the top.
 */
struct fpu {
    uint64_t sig[8];
    uint16_t se[8];
    uint32_t fip, fdp; /* last instruction, its memory operand */
    uint32_t sw;       /* status word without TOP and B */
    uint16_t fcs, fds, fop;
    uint16_t cw;
    uint8_t top;
    uint8_t used;  /* a bit a register that is not empty */
    uint8_t ferr;  /* the pin FERR#: an error waits and CR0.NE is clear */
    uint8_t ignne; /* the pin IGNNE#: go on in spite of it */
};

struct model;
struct trace;
struct trace_cache;

/*
 * Another way to execute runs of decoded instructions, with the results of
 * engine_run(): cpu does not know what stands behind it.
 */
struct translator {
    /* Executes from what it knows to be at EIP until the engine has to look again; false: it knows nothing. */
    bool (*run_known)(void *translation);
    /* ... from `t`, the run at EIP. */
    void (*run)(void *translation, struct trace *t);
    /* `t`, whose blocks are not NULL, is no more, or not to be executed until it runs again. */
    void (*dropped)(void *translation, struct trace *t);
    void (*parked)(void *translation, struct trace *t);
    /* Stores, or all accesses, must not go to this page directly any more. */
    void (*closed)(void *translation, paddr page, bool reads);
};

/* Two bits a segment register (struct cpu, profile). */
enum seg_profile {
    PROFILE_OTHER,
    PROFILE_FLAT, /* base 0, all of 4 GiB, readable and writable */
    PROFILE_64K,  /* bytes 0 to FFFFh, readable and writable, from a paragraph on: as in real mode */
    PROFILE_BIG_STACK = 1 << (2 * SEGS), /* and one for SS: B */
};

/* Why an instruction was given up: set by cpu_fault(), read by the engine. */
struct fault {
    uint8_t vector;
    bool has_code;
    bool committed; /* raised in a new task: eip is already the right one */
    uint32_t code;
};

/*
 * Entries of page-pointer tables: linear minus host address, modulo 2^64, or 0.  Host
 * addresses are above all linear ones, so that an entry is found when its
 * subtraction from a linear address borrows.
 */
static inline uintptr_t table_entry(const uint8_t *host_page, uint32_t linear_page)
{
    return ((uintptr_t) linear_page << PAGE_SHIFT) - (uintptr_t) host_page;
}

static inline uint8_t *table_host(uintptr_t entry, uint32_t laddr)
{
    return (uint8_t *) (laddr - entry);
}

enum { SPACES = 4, CROSSINGS = 256, SEG_IMAGES = 64, CHECKED_PAGES = 16 };

/* A page to which stores are allowed, but go by the bus: it is in use as a page table. */
struct checked_page {
    uint32_t lin; /* linear << 1 | user; UINT32_MAX: none */
    uint32_t addr;
};

/* Page-pointer tables made from one page directory, which stay while another one is in use. */
struct space {
    uint32_t directory; /* as of when it was left */
    uintptr_t *table[2][3];
    uint32_t *filled;    /* linear pages with an entry in some table, ... */
    uint64_t *is_filled; /* ... and a bit for each page: it is among them */
    uint32_t filled_count;
    struct checked_page checked[CHECKED_PAGES]; /* by the linear page's number; such pages are among `filled` */
};

struct cpu {
    /* Saved: every member down to `f_carry` is in cpu_fields. */
    uint64_t tsc_offset; /* TSC = sched ticks + this */
    uint32_t gpr[9]; /* [8] is always 0: "no register" in addresses */
    uint32_t eip;    /* of the next instruction */
    uint32_t eflags; /* arithmetic flags live in the lazy part: cpu/flags.h */
    struct seg seg[SEGS];
    struct seg ldtr, tr;
    uint32_t cr0, cr2, cr3, cr4;
    uint32_t dr[8];
    uint32_t gdt_base, idt_base;
    uint32_t dr6_pending;
    struct fpu fpu;
    uint32_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint32_t kept_laddr; /* with ATTN_KEPT_PAGE: a linear page, and the CPL, ... */
    uint32_t kept_addr;  /* ... and the physical page it had; else both 0 */
    uint16_t gdt_limit, idt_limit;
    uint16_t attention;
    uint8_t cpl;
    uint8_t halted;
    uint8_t a20;       /* the pin */
    uint8_t nmi_level; /* the pin */
    uint8_t reserved[6];

    /* Derived or transient from here on. */
    /* Lazy arithmetic flags (cpu/flags.h). */
    uint32_t f_carry, f_zero, f_sign, f_aux, f_over;
    /* First offset past each segment for reads and writes of the plain kind;
     * 0 sends every access to the exact check. */
    uint64_t read_end[SEGS], write_end[SEGS];
    uint32_t profile; /* enum seg_profile, two bits a segment register */
    /* table_entry() of each page, 0: ask mem_slow. */
    uintptr_t *rd, *wr;     /* tables of the current privilege: wr follows rd */
    uintptr_t *table[2][3]; /* those of `here`: [user][read, write, and TABLE_CODE, which follows] */
    const uint8_t *ram_host; /* of physical address 0 */
    uint64_t *code_granules; /* a bit for each four bytes of physical memory that may hold runs */
    struct seg_image *images; /* SEG_IMAGES for each enum seg_use: desc_check() */
    struct crossing *crossings; /* CROSSINGS of them: cpu/engine.c */
    struct space space[SPACES], *here; /* address spaces whose tables are kept; that of now */
    uint32_t *pt_pages; /* physical pages with PAGE_PT set, and of every page ... */
    uint32_t *pt_use;   /* ... what it is a table of: cpu/paging.c */
    uint32_t pt_count;
    uint32_t a20_mask;
    uint32_t code_laddr; /* page and CPL of the run or instruction being executed ... */
    uint32_t code_addr;  /* ... and where it was fetched; NOT_EXECUTING else */
    uint64_t mapping; /* counts what may have changed where linear addresses lie while there is no paging */
    bool untracked;    /* the last walk used entries that paging cannot track */
    bool empty_tables; /* rd and wr point at tables without entries */
    bool single;       /* execute one iteration of a string instruction only */
    bool has_fpu;      /* else D8 to DF do nothing, as with an empty socket */
    bool ext;          /* an external event is being delivered: EXT bit of error codes */
    struct fault fault;
    struct {
        uint8_t *host; /* NULL: use addr, split after `first` bytes */
        paddr addr[2];
        unsigned first;
    } rmw;
    uintptr_t *no_entries;
    const struct model *model;
    struct trace_cache *cache;
    const struct translator *translator; /* NULL: the interpreter alone */
    void *translation;
    struct sched *sched;
    struct bus *bus;
    uint8_t (*intack)(void *opaque);
    void (*ferr_changed)(void *opaque, int level);
    void (*shutdown)(void *opaque);
    void *opaque;
};

extern const struct state_field cpu_fields[];

static inline bool cpu_protected(const struct cpu *cpu)
{
    return (cpu->cr0 & CR0_PE) != 0;
}

static inline bool cpu_v86(const struct cpu *cpu)
{
    return (cpu->eflags & FLAG_VM) != 0;
}

/* Protected mode with selectors that name descriptors. */
static inline bool cpu_selectors(const struct cpu *cpu)
{
    return cpu_protected(cpu) && !cpu_v86(cpu);
}

static inline unsigned cpu_iopl(const struct cpu *cpu)
{
    return cpu->eflags >> 12 & 3;
}

/* The instruction ends with this exception; always false, for `return`. */
static inline bool cpu_fault(struct cpu *cpu, unsigned vector)
{
    cpu->fault = (struct fault){ .vector = (uint8_t) vector };
    return false;
}

/* With an error code: selector (RPL cleared) or 0. */
static inline bool cpu_fault_code(struct cpu *cpu, unsigned vector, uint32_t code)
{
    cpu->fault = (struct fault){
        .vector = (uint8_t) vector,
        .has_code = true,
        .code = code | cpu->ext,
    };
    return false;
}

/* Privilege or mode changed: choose tables, recompute what follows from state. */
void cpu_set_cpl(struct cpu *cpu, unsigned cpl);
void cpu_mode_changed(struct cpu *cpu);

/* Writes EFLAGS bits under `mask`; kicks the engine when TF or IF ask for it. */
void cpu_write_eflags(struct cpu *cpu, uint32_t val, uint32_t mask);
uint32_t cpu_read_eflags(const struct cpu *cpu);

#endif

/*
 * Guest memory as instructions see it: segment checks, paging, A20, then RAM
 * through the page-pointer tables or the bus.
 *
 * Every function returns false when the access faults; cpu->fault then says
 * how, and nothing has been written.  Sizes are 1, 2 or 4 bytes.
 *
 * A table entry is the host address of a page minus its linear address.  It is
 * there only where an access needs no check: rights are good, A (and for
 * writes D) is set, the page is plain RAM, no watchpoint lies in it.
 */
#ifndef CPU_MEM_H
#define CPU_MEM_H

#include "cpu/cpu_state.h"

/* The exact way, for whatever the tables do not serve. */
bool mem_read_slow(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t *val);
bool mem_write_slow(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t val);
bool mem_rmw_slow(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t *val);
void mem_rmw_store_slow(struct cpu *cpu, unsigned size, uint32_t val);

/* Host address of an access that the tables serve, or NULL. */
static inline uint8_t *mem_direct(const uintptr_t *table, uint32_t laddr, unsigned size)
{
    uintptr_t entry = table[laddr >> PAGE_SHIFT];

    if (UNLIKELY(entry == 0 || (laddr & (PAGE_SIZE - 1)) + size > PAGE_SIZE))
        return NULL;
    return table_host(entry, laddr);
}

/* The page of `laddr`, if stores to it are known to be allowed, but to go by the bus; or NULL. */
static inline const struct checked_page *mem_checked_page(const struct cpu *cpu, uint32_t laddr)
{
    uint32_t lin = laddr >> PAGE_SHIFT;
    const struct checked_page *p = &cpu->here->checked[lin % CHECKED_PAGES];

    return p->lin == (lin << 1 | (cpu->cpl == 3)) ? p : NULL;
}

static inline bool mem_read(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t *val)
{
    if (LIKELY((uint64_t) off + size <= cpu->read_end[seg])) {
        const uint8_t *p = mem_direct(cpu->rd, cpu->seg[seg].base + off, size);

        if (LIKELY(p != NULL)) {
            *val = load_le(p, size);
            return true;
        }
    }
    return mem_read_slow(cpu, seg, off, size, val);
}

static inline bool mem_write(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t val)
{
    if (LIKELY((uint64_t) off + size <= cpu->write_end[seg])) {
        uint8_t *p = mem_direct(cpu->wr, cpu->seg[seg].base + off, size);

        if (LIKELY(p != NULL)) {
            store_le(p, size, val);
            return true;
        }
    }
    return mem_write_slow(cpu, seg, off, size, val);
}

/*
 * Read for a read-modify-write: the right to write is checked first, so that a
 * fault says so.  mem_rmw_store() then cannot fail.
 */
static inline bool mem_rmw(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size, uint32_t *val)
{
    /* A page that may be written directly may be read directly. */
    if (LIKELY((uint64_t) off + size <= cpu->write_end[seg]
               && (uint64_t) off + size <= cpu->read_end[seg])) {
        uint8_t *p = mem_direct(cpu->wr, cpu->seg[seg].base + off, size);

        if (LIKELY(p != NULL)) {
            cpu->rmw.host = p;
            *val = load_le(p, size);
            return true;
        }
    }
    return mem_rmw_slow(cpu, seg, off, size, val);
}

static inline void mem_rmw_store(struct cpu *cpu, unsigned size, uint32_t val)
{
    if (LIKELY(cpu->rmw.host != NULL))
        store_le(cpu->rmw.host, size, val);
    else
        mem_rmw_store_slow(cpu, size, val);
}

/* Limit and rights for an operand of any size that is read in pieces: they come
 * before the pages of the first piece. */
bool mem_check_read(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size);
/* #AC for an operand of 8 bytes that is accessed in halves. */
bool mem_check_align(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size);

/* Would `size` bytes be writable (any size up to 4096)?  For instructions that write in pieces. */
bool mem_probe_write(struct cpu *cpu, unsigned seg, uint32_t off, unsigned size);

/*
 * Linear accesses of the processor itself (descriptor tables, TSS, stacks of
 * another ring): no segment; `user` is the privilege of the paging check.
 */
bool mem_read_linear(struct cpu *cpu, uint32_t laddr, unsigned size, bool user, uint32_t *val);
bool mem_write_linear(struct cpu *cpu, uint32_t laddr, unsigned size, bool user, uint32_t val);
/* Host address of `size` bytes of one page for stores that need no check; or NULL. */
uint8_t *mem_store_linear(const struct cpu *cpu, uint32_t laddr, unsigned size, bool user);
bool mem_probe_linear(struct cpu *cpu, uint32_t laddr, unsigned size, bool user, bool write);

static inline bool sys_read(struct cpu *cpu, uint32_t laddr, unsigned size, uint32_t *val)
{
    return mem_read_linear(cpu, laddr, size, false, val);
}

static inline bool sys_write(struct cpu *cpu, uint32_t laddr, unsigned size, uint32_t val)
{
    return mem_write_linear(cpu, laddr, size, false, val);
}

/* --- paging (paging.c) --------------------------------------------------- */

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

/*
 * Physical address of `laddr`, tables walked anew; sets A and D.  False: #PF
 * is in cpu->fault and CR2 is set.  The A20 pin is applied.
 */
bool paging_translate(struct cpu *cpu, uint32_t laddr, enum access access, bool user, paddr *out);

/* Translate, and let the tables serve the page from now on where they may. */
bool paging_fill(struct cpu *cpu, uint32_t laddr, enum access access, bool user, paddr *out);

/* Can nobody tell how often a walk comes by?  Its tables are tracked, without code, and have the marks. */
bool paging_walk_is_settled(struct cpu *cpu, uint32_t laddr, bool write);

/*
 * The same, in advance of the access itself, where nobody can tell: no page becomes a page table,
 * no code lies in one, entries of other pages stay; `marks`: A and D may be set, as nothing else of the
 * instruction can fail.  The host address of `laddr`; NULL: it is not done, or not served by the tables.
 */
uint8_t *paging_fill_early(struct cpu *cpu, uint32_t laddr, bool write, bool marks);

/* Forget every table entry (CR3, CR0, CR4, A20, loaded state). */
void paging_flush(struct cpu *cpu);
/* CR3 is about to become `cr3`, with paging on: other tables, whose entries may be known already. */
void paging_switch(struct cpu *cpu, uint32_t cr3);
/* Drops the page-pointer tables only: derived state. */
void paging_forget(struct cpu *cpu);

/* What is executed now comes from this page, at this privilege. */
static inline uint32_t paging_code_page(const struct cpu *cpu, uint32_t laddr)
{
    return (laddr & ~(PAGE_SIZE - 1u)) | cpu->cpl;
}

static inline void paging_executing(struct cpu *cpu, uint32_t laddr, paddr addr)
{
    cpu->code_laddr = paging_code_page(cpu, laddr);
    cpu->code_addr = addr;
}

/* Where the instruction at `laddr` comes from although the tables say something
 * else (head of paging.c); false: ask them.  A fetch from elsewhere ends it. */
bool paging_kept_code(struct cpu *cpu, uint32_t laddr, paddr *out);
void paging_release_code(struct cpu *cpu);
/* A store changed a page in use as a page table. */
void paging_table_written(struct cpu *cpu, paddr addr, unsigned len);
/* Stores to this physical page must be checked from now on. */
void paging_protect(struct cpu *cpu, paddr page);
/* Choose rd and wr for the current privilege. */
void paging_select(struct cpu *cpu);

void paging_init(struct cpu *cpu);
void paging_free(struct cpu *cpu);

#endif

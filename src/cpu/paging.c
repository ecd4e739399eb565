/*
 * Page tables, A20, and the page-pointer tables made from them.
 *
 * Source: Intel SDM vol. 3, 4.3 "32-bit paging", 4.6 "Access rights", 4.7
 *         "Page-fault exceptions", 4.8 "Accessed and dirty flags".
 * Absent: PAE, PSE-36.  Stale translations: every access behaves as if the
 *         tables were walked anew, so code that relies on an old TLB entry
 *         sees the new one.
 *
 * But for one: the page that an instruction came from when it changed that
 * page's own entry.  PC-MOS builds the entries of its page tables in two steps,
 * AND then OR, and in between the code that does it has no page.  A processor
 * goes on by its TLB (SDM vol. 3, 4.10.4: until it is invalidated).  So here:
 * instructions come from the old page until the entries give it again, one is
 * fetched from elsewhere or at another CPL, an interrupt or exception is
 * delivered, or something invalidates (CR0, CR3, CR4, INVLPG).
 */
#include "config.h"

#include "cpu/mem.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cpu/model.h"
#include "cpu/trace.h"

enum {
    FILLED_MAX = 1 << 16,
    PT_MAX = 1 << 12,
    PT_STORES = 64, /* to a table that no walk came by in between: it is none any more */
};

/*
 * What a tracked page is: the directory, or the table of one region of 4 MiB,
 * whose number stands in bits 0 to 9.  Then a store to it concerns one linear
 * page; else all.  From bit 16 on: stores since the last walk.
 */
enum pt_use { USE_REGION = 1023, USE_TABLE = 1 << 10, USE_ANY = 1 << 11, USE_STORE = 1 << 16 };


#define TABLE_BYTES (PAGE_COUNT * sizeof(uintptr_t))

enum pte {
    PTE_P = 1 << 0,
    PTE_W = 1 << 1,
    PTE_U = 1 << 2,
    PTE_A = 1 << 5,
    PTE_D = 1 << 6,
    PTE_PS = 1 << 7,
};

#define PTE_FRAME 0xfffff000u

enum pf_code { PF_PRESENT = 1 << 0, PF_WRITE = 1 << 1, PF_USER = 1 << 2 };

/* --- address spaces ------------------------------------------------------- */

static void space_enter(struct cpu *cpu, struct space *s)
{
    cpu->here = s;
    memcpy(cpu->table, s->table, sizeof cpu->table);
}

static bool space_has(const struct space *s, uint32_t lin)
{
    return s->is_filled[lin / 64] >> lin % 64 & 1;
}

static void space_clear_page(struct space *s, uint32_t lin)
{
    uintptr_t *entry = s->table[0][0] + lin; /* the six lie behind each other */

    for (unsigned t = 0; t < 6; t++)
        entry[t * (size_t) PAGE_COUNT] = 0;
    s->checked[lin % CHECKED_PAGES].lin = UINT32_MAX; /* its own, or another's, which is found again */
}

static void space_clear(struct space *s)
{
    for (uint32_t i = 0; i < s->filled_count; i++) {
        space_clear_page(s, s->filled[i]);
        s->is_filled[s->filled[i] / 64] = 0;
    }
    s->filled_count = 0;
}

static void space_fill(struct cpu *cpu, uint32_t lin, const uint8_t *host)
{
    struct space *s = cpu->here;

    if (s->filled_count == FILLED_MAX)
        space_clear(s);
    if (space_has(s, lin))
        return;
    s->filled[s->filled_count++] = lin;
    s->is_filled[lin / 64] |= UINT64_C(1) << lin % 64;
    ram_use(cpu->bus->ram, host, 1);
}

/* Nobody goes directly to the page at `host` for stores any more. */
static void space_protect(struct space *s, const uint8_t *host)
{
    for (uint32_t i = 0; i < s->filled_count; i++) {
        uint32_t lin = s->filled[i];

        for (unsigned user = 0; user < 2; user++)
            for (unsigned t = ACCESS_WRITE; t <= TABLE_CODE; t++)
                if (s->table[user][t][lin] == table_entry(host, lin))
                    s->table[user][t][lin] = 0;
    }
}

/* That of a directory, or another one, emptied. */
static struct space *space_of(struct cpu *cpu, uint32_t directory)
{
    struct space *s = cpu->space;

    while (s < cpu->space + SPACES && s->directory != directory)
        s++;
    if (s == cpu->space + SPACES) {
        s = cpu->space + (cpu->here - cpu->space + 1) % SPACES;
        space_clear(s);
        s->directory = directory;
    }
    return s;
}

void paging_init(struct cpu *cpu)
{
    for (struct space *s = cpu->space; s < cpu->space + SPACES; s++) {
        uintptr_t *all = xmap(6 * TABLE_BYTES);

        for (unsigned i = 0; i < 6; i++)
            s->table[i / 3][i % 3] = all + i * (size_t) PAGE_COUNT;
        s->filled = xmalloc(FILLED_MAX * sizeof *s->filled);
        s->is_filled = xmap(PAGE_COUNT / 8);
        for (unsigned i = 0; i < CHECKED_PAGES; i++)
            s->checked[i].lin = UINT32_MAX;
    }
    space_enter(cpu, cpu->space);
    cpu->no_entries = xmap(3 * TABLE_BYTES);
    cpu->pt_pages = xmalloc(PT_MAX * sizeof *cpu->pt_pages);
    cpu->pt_use = xmap(PAGE_COUNT * sizeof *cpu->pt_use);
}

void paging_free(struct cpu *cpu)
{
    for (struct space *s = cpu->space; s < cpu->space + SPACES; s++) {
        xunmap(s->table[0][0], 6 * TABLE_BYTES);
        free(s->filled);
        xunmap(s->is_filled, PAGE_COUNT / 8);
    }
    xunmap(cpu->no_entries, 3 * TABLE_BYTES);
    free(cpu->pt_pages);
    xunmap(cpu->pt_use, PAGE_COUNT * sizeof *cpu->pt_use);
}

/* Alignment checks look at every access: then no table serves any. */
static bool paging_checks_alignment(const struct cpu *cpu)
{
    return (cpu->cr0 & CR0_AM) && (cpu->eflags & FLAG_AC) && cpu->cpl == 3;
}

void paging_select(struct cpu *cpu)
{
    bool user = cpu->cpl == 3;

    cpu->empty_tables = paging_checks_alignment(cpu);
    cpu->rd = cpu->empty_tables ? cpu->no_entries : cpu->table[user][0];
    cpu->wr = cpu->rd + PAGE_COUNT;
}

void paging_forget(struct cpu *cpu)
{
    for (struct space *s = cpu->space; s < cpu->space + SPACES; s++)
        space_clear(s);
    sched_kick(cpu->sched); /* code that is executing goes by the old one */
    for (uint32_t i = 0; i < cpu->pt_count; i++) {
        cpu->bus->page[cpu->pt_pages[i]].cls &= (uint8_t) ~PAGE_PT;
        cpu->pt_use[cpu->pt_pages[i]] = 0;
    }
    cpu->pt_count = 0;
}

void paging_switch(struct cpu *cpu, uint32_t cr3)
{
    paging_release_code(cpu);
    cpu->here->directory = cpu->cr3 & PTE_FRAME;
    space_enter(cpu, space_of(cpu, cr3 & PTE_FRAME));
    paging_select(cpu);
}

void paging_flush(struct cpu *cpu)
{
    paging_release_code(cpu);
    paging_forget(cpu);
}

void paging_protect(struct cpu *cpu, paddr page)
{
    const uint8_t *host = cpu->bus->page[page >> PAGE_SHIFT].host;

    if (cpu->translator != NULL)
        cpu->translator->closed(cpu->translation, page, false);
    for (struct space *s = cpu->space; s < cpu->space + SPACES; s++)
        space_protect(s, host);
}

/* The page holds entries that table entries were made from. */
static void paging_track(struct cpu *cpu, paddr entry, uint32_t as)
{
    struct page *pg = bus_page(cpu->bus, entry);
    uint32_t *use = &cpu->pt_use[entry >> PAGE_SHIFT];

    if (pg->cls & PAGE_PT)
        *use = (*use & (USE_STORE - 1)) == as ? as : USE_ANY;
    if (pg->host == NULL)
        cpu->untracked = true; /* tables in a device: stores to them are not seen */
    if ((pg->cls & PAGE_PT) || pg->host == NULL)
        return;
    pg->cls |= PAGE_PT;
    *use = as;
    cpu->pt_pages[cpu->pt_count++] = entry >> PAGE_SHIFT;
    paging_protect(cpu, entry);
}

static bool paging_fault(struct cpu *cpu, uint32_t laddr, enum access access, bool user, unsigned present)
{
    cpu->cr2 = laddr;
    cpu->fault = (struct fault){
        .vector = EXC_PF,
        .has_code = true,
        .code = present | (access == ACCESS_WRITE ? PF_WRITE : 0) | (user ? PF_USER : 0),
    };
    return false;
}

static bool paging_allows(const struct cpu *cpu, uint32_t rights, enum access access, bool user)
{
    if (user)
        return (rights & PTE_U) && (access != ACCESS_WRITE || (rights & PTE_W));
    return access != ACCESS_WRITE || (rights & PTE_W) || !(cpu->cr0 & CR0_WP);
}

/* It lies at a multiple of its size. */
static inline uint32_t entry_read(struct bus *bus, paddr at)
{
    const struct page *pg = bus_page(bus, at);

    return pg->host != NULL ? load_le32(pg->host + at % PAGE_SIZE) : bus_read(bus, at, 4);
}

/* The processor's own store to an entry: not a change of the translation. */
static void paging_set_bits(struct cpu *cpu, paddr entry, uint32_t val, uint32_t bits)
{
    const struct page *pg = bus_page(cpu->bus, entry);

    if ((val & bits) == bits)
        return;
    if (pg->host == NULL || (pg->cls & PAGE_ROM)) {
        bus_write(cpu->bus, entry, 4, val | bits);
        return;
    }
    store_le32(pg->host + entry % PAGE_SIZE, val | bits);
    if (pg->cls & PAGE_CODE)
        trace_written(cpu, entry, 4);
}

/* Where a walk finds the entries of `laddr`. */
static paddr paging_pde_at(const struct cpu *cpu, uint32_t laddr)
{
    return ((cpu->cr3 & PTE_FRAME) | (laddr >> 22) << 2) & cpu->a20_mask;
}

static paddr paging_pte_at(const struct cpu *cpu, uint32_t pde, uint32_t laddr)
{
    return ((pde & PTE_FRAME) | (laddr >> 12 & 0x3ff) << 2) & cpu->a20_mask;
}

static bool paging_code_moved(struct cpu *cpu);

static bool paging_walk(struct cpu *cpu, uint32_t laddr, enum access access, bool user, paddr *out)
{
    paddr pde_at = paging_pde_at(cpu, laddr), pte_at;
    uint32_t pde = entry_read(cpu->bus, pde_at), pte;
    uint32_t dirty = access == ACCESS_WRITE ? PTE_D : 0;

    if (cpu->pt_count + 2 > PT_MAX) {
        paging_forget(cpu);
        if (cpu->code_addr != (uint32_t) NOT_EXECUTING)
            paging_code_moved(cpu); /* its tables stay tracked */
    }
    if (!(pde & PTE_P))
        return paging_fault(cpu, laddr, access, user, 0);
    if ((pde & PTE_PS) && (cpu->cr4 & CR4_PSE)) {
        if (!paging_allows(cpu, pde, access, user))
            return paging_fault(cpu, laddr, access, user, PF_PRESENT);
        paging_track(cpu, pde_at, USE_ANY);
        paging_set_bits(cpu, pde_at, pde, PTE_A | dirty);
        *out = (pde & 0xffc00000) | (laddr & 0x003fffff);
        return true;
    }
    pte_at = paging_pte_at(cpu, pde, laddr);
    pte = entry_read(cpu->bus, pte_at);
    if (!(pte & PTE_P))
        return paging_fault(cpu, laddr, access, user, 0);
    if (!paging_allows(cpu, pde & pte, access, user))
        return paging_fault(cpu, laddr, access, user, PF_PRESENT);
    paging_track(cpu, pde_at, USE_ANY);
    paging_track(cpu, pte_at, USE_TABLE | laddr >> 22);
    paging_set_bits(cpu, pde_at, pde, PTE_A);
    /* Read again: the two entries may be one and the same. */
    paging_set_bits(cpu, pte_at, entry_read(cpu->bus, pte_at), PTE_A | dirty);
    *out = (pte & PTE_FRAME) | (laddr & 0xfff);
    return true;
}

/* --- the page that holds the code ---------------------------------------- */

/*
 * An entry that maps the code, its table tracked: stores to the tables of the
 * executing page are always seen, whatever else happens to be tracked.  False:
 * a device holds it, whose reads can be observed.
 */
static bool paging_code_entry(struct cpu *cpu, paddr at, uint32_t as, uint32_t *entry)
{
    if (bus_page(cpu->bus, at)->host == NULL)
        return false;
    paging_track(cpu, at, as);
    *entry = entry_read(cpu->bus, at);
    return true;
}

/* Would a walk lead a fetch of the executing page elsewhere now? */
static bool paging_code_moved(struct cpu *cpu)
{
    uint32_t laddr = cpu->code_laddr, pde, pte, to;
    bool user = (laddr & 3) == 3;

    if (!paging_code_entry(cpu, paging_pde_at(cpu, laddr), USE_ANY, &pde))
        return false;
    if (!(pde & PTE_P))
        return true;
    if ((pde & PTE_PS) && (cpu->cr4 & CR4_PSE)) {
        pte = pde;
        to = (pde & 0xffc00000) | (laddr & 0x003ff000);
    } else {
        if (!paging_code_entry(cpu, paging_pte_at(cpu, pde, laddr), USE_TABLE | laddr >> 22, &pte))
            return false;
        to = pte & PTE_FRAME;
    }
    return !(pte & PTE_P) || !paging_allows(cpu, pde & pte, ACCESS_FETCH, user)
        || (to & cpu->a20_mask) != (cpu->code_addr & PTE_FRAME);
}

static void paging_unkeep(struct cpu *cpu)
{
    cpu->attention &= (uint16_t) ~ATTN_KEPT_PAGE;
    cpu->kept_laddr = cpu->kept_addr = 0;
}

/* Nor may the rest of this instruction keep its page. */
void paging_release_code(struct cpu *cpu)
{
    paging_unkeep(cpu);
    cpu->code_addr = (uint32_t) NOT_EXECUTING;
}

/* An instruction changed a table: does its page stay where it was? */
static void paging_keep_code(struct cpu *cpu)
{
    const struct page *pg;

    if (cpu->code_addr == (uint32_t) NOT_EXECUTING) /* a device did it */
        return;
    pg = bus_page(cpu->bus, cpu->code_addr);
    if (!paging_code_moved(cpu) || pg->host == NULL || (pg->cls & PAGE_ROM)) {
        paging_unkeep(cpu);
        return;
    }
    cpu->attention |= ATTN_KEPT_PAGE;
    cpu->kept_laddr = cpu->code_laddr;
    cpu->kept_addr = cpu->code_addr & ~(PAGE_SIZE - 1u);
}

bool paging_kept_code(struct cpu *cpu, uint32_t laddr, paddr *out)
{
    if (!(cpu->attention & ATTN_KEPT_PAGE))
        return false;
    if (cpu->kept_laddr != paging_code_page(cpu, laddr)) {
        paging_unkeep(cpu);
        return false;
    }
    *out = cpu->kept_addr | laddr % PAGE_SIZE;
    paging_executing(cpu, laddr, *out);
    if (cpu->pt_count + 2 > PT_MAX)
        paging_forget(cpu);
    paging_code_moved(cpu); /* track its tables: no walk did */
    return true;
}

/* Does an instruction come from this page, by its tables or by its TLB? */
static bool paging_executes(const struct cpu *cpu, uint32_t lin)
{
    return (cpu->code_addr != (uint32_t) NOT_EXECUTING && cpu->code_laddr >> PAGE_SHIFT == lin)
        || ((cpu->attention & ATTN_KEPT_PAGE) && cpu->kept_laddr >> PAGE_SHIFT == lin);
}

/* One entry of the table of a region changed.  False: that is not all there is to it. */
static bool paging_entry_written(struct cpu *cpu, uint32_t lin)
{
    if (paging_executes(cpu, lin))
        return false;
    for (struct space *s = cpu->space; s < cpu->space + SPACES; s++)
        if (space_has(s, lin))
            space_clear_page(s, lin);
    return true;
}

static bool paging_entries_written(struct cpu *cpu, paddr addr, unsigned len)
{
    uint32_t *use = &cpu->pt_use[addr >> PAGE_SHIFT];
    uint32_t first = (*use & USE_REGION) << 10 | (addr % PAGE_SIZE >> 2);
    uint32_t last = (*use & USE_REGION) << 10 | ((addr + len - 1) % PAGE_SIZE >> 2);

    *use += USE_STORE;
    if (!(*use & USE_TABLE) || *use / USE_STORE > PT_STORES)
        return false;
    for (uint32_t lin = first; lin <= last; lin++)
        if (!paging_entry_written(cpu, lin))
            return false;
    return true;
}

void paging_table_written(struct cpu *cpu, paddr addr, unsigned len)
{
    if (paging_entries_written(cpu, addr, len))
        return;
    paging_forget(cpu);
    paging_keep_code(cpu);
    /* The next instruction may lie elsewhere now, or set A again. */
    sched_kick(cpu->sched);
}

bool paging_translate(struct cpu *cpu, uint32_t laddr, enum access access, bool user, paddr *out)
{
    cpu->untracked = false;
    if (!(cpu->cr0 & CR0_PG))
        *out = laddr;
    else if (!paging_walk(cpu, laddr, access, user, out))
        return false;
    *out &= cpu->a20_mask;
    return true;
}

/* An enabled data breakpoint in this page (DR7, SDM vol. 3, 17.2.4)? */
static bool paging_watched(const struct cpu *cpu, uint32_t laddr, bool write)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned rw = cpu->dr[7] >> (16 + 4 * i) & 3;

        if ((cpu->dr[7] >> (2 * i) & 3) && (rw == 3 || (rw == 1 && write))
            && (cpu->dr[i] ^ laddr) >> PAGE_SHIFT == 0)
            return true;
    }
    return false;
}

/* RAM lies in the host's memory as in the guest's. */
static bool paging_is_ram(struct cpu *cpu, const struct page *pg, paddr addr)
{
    cpu->ram_host = bus_page(cpu->bus, 0)->host;
    return cpu->ram_host != NULL && pg->host == cpu->ram_host + (addr & ~(PAGE_SIZE - 1u));
}

bool paging_fill(struct cpu *cpu, uint32_t laddr, enum access access, bool user, paddr *out)
{
    unsigned write = access == ACCESS_WRITE, table = write, slow;
    uint32_t lin = laddr >> PAGE_SHIFT;
    const struct page *pg;

    if (!paging_translate(cpu, laddr, access, user, out))
        return false;
    pg = bus_page(cpu->bus, *out);
    slow = pg->cls & (write ? PAGE_SLOW_WRITE : PAGE_SLOW_READ);
    if (write && slow == PAGE_CODE && paging_is_ram(cpu, pg, *out))
        table = TABLE_CODE;
    else if (pg->host == NULL || (slow & ~(unsigned) (PAGE_PT | PAGE_CODE)) || slow == PAGE_CODE)
        return true;
    if (cpu->untracked || paging_watched(cpu, laddr, write) || (uintptr_t) pg->host <= UINT32_MAX)
        return true;
    space_fill(cpu, lin, pg->host);
    if (slow & PAGE_PT)
        cpu->here->checked[lin % CHECKED_PAGES] = (struct checked_page){ lin << 1 | user, *out & ~(PAGE_SIZE - 1u) };
    else
        cpu->table[user][table][lin] = table_entry(pg->host, lin);
    return true;
}

/* It is where stores are seen, no code lies beside it, and it has the wanted bits. */
static bool paging_entry_is_plain(struct cpu *cpu, paddr at, uint32_t wanted, uint32_t *entry)
{
    if ((bus_page(cpu->bus, at)->cls & (PAGE_PT | PAGE_CODE)) != PAGE_PT)
        return false;
    *entry = entry_read(cpu->bus, at);
    return (*entry & wanted) == wanted;
}

static bool paging_walk_is_plain(struct cpu *cpu, uint32_t laddr, uint32_t accessed, uint32_t dirty)
{
    uint32_t pde, pte;

    if (!paging_entry_is_plain(cpu, paging_pde_at(cpu, laddr), PTE_P | accessed, &pde))
        return false;
    if ((pde & PTE_PS) && (cpu->cr4 & CR4_PSE))
        return (pde & dirty) == dirty;
    return paging_entry_is_plain(cpu, paging_pte_at(cpu, pde, laddr), PTE_P | accessed | dirty, &pte);
}

bool paging_walk_is_settled(struct cpu *cpu, uint32_t laddr, bool write)
{
    return !(cpu->cr0 & CR0_PG) || paging_walk_is_plain(cpu, laddr, PTE_A, write ? PTE_D : 0);
}

uint8_t *paging_fill_early(struct cpu *cpu, uint32_t laddr, bool write, bool marks)
{
    struct fault fault = cpu->fault;
    uint32_t cr2 = cpu->cr2;
    paddr addr;

    if (!(cpu->cr0 & CR0_PG) || cpu->empty_tables || cpu->pt_count + 2 > PT_MAX || cpu->here->filled_count == FILLED_MAX)
        return NULL;
    if (write && mem_checked_page(cpu, laddr) != NULL) /* no table will ever serve it */
        return NULL;
    if (!paging_walk_is_plain(cpu, laddr, marks ? 0 : PTE_A, marks || !write ? 0 : PTE_D))
        return NULL;
    if (!paging_fill(cpu, laddr, write ? ACCESS_WRITE : ACCESS_READ, cpu->cpl == 3, &addr)) {
        cpu->cr2 = cr2; /* the instruction faults, but perhaps by something else first */
        cpu->fault = fault;
        return NULL;
    }
    return mem_direct(write ? cpu->wr : cpu->rd, laddr, 1);
}

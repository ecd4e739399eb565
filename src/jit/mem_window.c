/*
 * The window: the guest's RAM where the guest has it, for code that is
 * translated while linear addresses are physical ones.
 *
 * GS points at 4 GiB of address space in which RAM is mapped at its physical
 * address; the rest is inaccessible.  Pages that are not plain memory have no
 * right to be written there, or read.  An access that traps has its instruction
 * done by the interpreter, and the next block made of its run looks that
 * operand up in the page-pointer tables.  Rights are given late: a trap on a
 * page that is plain memory gives them to its neighbours too, and tries again.
 *
 * One thread executes a machine's code; GS is its own, so it is set when the
 * thread comes to another machine.
 * Source: System V AMD64 ABI, 3.2.1 (GS is free); arch_prctl(2), sigaction(2).
 */
#define _GNU_SOURCE /* REG_* */
#include "config.h"

#include <asm/prctl.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/mem.h"
#include "jit/jit_priv.h"

enum window_right { RIGHT_READ = 1, RIGHT_WRITE = 2 };

enum {
    WINDOW_TOGETHER = 32,  /* pages that get their rights at once, ... */
    WINDOW_LARGE = RAM_REGION / PAGE_SIZE, /* ... where many are used */
    WINDOW_USES = 12,      /* pages that a trap stands for; a BIOS that looks for RAM, at each MiB, is no user */
    MOST_CLOSURES = 16,    /* of a page */
    WINDOW_PAST = 1 << 16, /* bytes past 4 GiB: the last address's operand ends there */
};

#define WINDOW_BYTES ((UINT64_C(1) << 32) + WINDOW_PAST)

/* What this thread's GS is, and whose code it executes.  A signal's handler has no argument of ours. */
static _Thread_local uint64_t window_of_gs;
static _Thread_local struct jit *volatile window_user;

static struct sigaction window_before; /* what was done about SIGSEGV before us */

/* --- rights -------------------------------------------------------------- */

/* What the class of a page of RAM allows without asking the bus.  One that was code, and again, and
 * again, is not opened for stores any more: that costs more than to go by the tables. */
static unsigned window_allowed(const struct jit *jit, uint32_t page)
{
    const struct page *pg = &jit->cpu->bus->page[page];

    if (pg->host != jit->window.ram->host + ((size_t) page << PAGE_SHIFT) || (pg->cls & PAGE_SLOW_READ))
        return 0;
    if ((pg->cls & PAGE_SLOW_WRITE) || jit->window.closures[page] == MOST_CLOSURES)
        return RIGHT_READ;
    return RIGHT_READ | RIGHT_WRITE;
}

/* Too many pieces for the host: no window from now on. */
static void window_give_up(struct jit *jit)
{
    struct mem_window *w = &jit->window;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;

    if (mmap(w->base, WINDOW_BYTES, PROT_NONE, flags, -1, 0) == MAP_FAILED)
        abort(); /* fewer pieces than before: cannot be */
    memset(w->rights, 0, w->pages);
    w->closed = true;
    jit->stats.window = false;
    jit->flush_wanted = true;
}

static bool window_set(struct jit *jit, uint32_t page, uint32_t count, unsigned rights)
{
    struct mem_window *w = &jit->window;
    int prot = (rights & RIGHT_READ ? PROT_READ : 0) | (rights & RIGHT_WRITE ? PROT_WRITE : 0);

    if (mprotect(w->base + ((size_t) page << PAGE_SHIFT), (size_t) count << PAGE_SHIFT, prot) != 0) {
        window_give_up(jit);
        return false;
    }
    memset(w->rights + page, (int) rights, count);
    return true;
}

/* Rights that the page has not got yet, for it and its like around it.  False: it has all. */
static bool window_open(struct jit *jit, uint32_t page)
{
    struct mem_window *w = &jit->window;
    const uint8_t *host = w->ram->host + ((size_t) page << PAGE_SHIFT);
    unsigned rights, together;
    uint32_t first = page, end = page + 1;

    if (w->closed || page >= w->pages)
        return false;
    rights = window_allowed(jit, page);
    if (!(rights & ~(unsigned) w->rights[page]))
        return false;
    together = ram_use(w->ram, host, WINDOW_USES) ? WINDOW_LARGE : WINDOW_TOGETHER;
    while (first % together != 0 && window_allowed(jit, first - 1) == rights)
        first--;
    while (end % together != 0 && end < w->pages && window_allowed(jit, end) == rights)
        end++;
    if (!window_set(jit, first, end - first, rights))
        return false;
    if (ram_is_large(w->ram, host)) /* it is there: the host need not be asked for each page */
        madvise(w->base + ((size_t) first << PAGE_SHIFT), (size_t) (end - first) << PAGE_SHIFT,
                rights & RIGHT_WRITE ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    return true;
}

void mem_window_close(struct jit *jit, paddr addr, bool reads)
{
    struct mem_window *w = &jit->window;
    uint32_t page = addr >> PAGE_SHIFT;
    unsigned keep = reads ? 0 : RIGHT_READ;

    if (w->base == NULL || page >= w->pages || !(w->rights[page] & ~keep))
        return;
    if (w->closures[page] < MOST_CLOSURES)
        w->closures[page]++;
    /* With paging on nobody looks through the window: all rights are taken at once, for many such calls. */
    if (jit->cpu->cr0 & CR0_PG)
        window_set(jit, 0, w->pages, 0);
    else
        window_set(jit, page, 1, w->rights[page] & keep);
}

/* --- traps --------------------------------------------------------------- */

static bool window_trapped(struct jit *jit, const siginfo_t *info, ucontext_t *uc)
{
    greg_t *gregs = uc->uc_mcontext.gregs;
    const uint8_t *at = (const uint8_t *) (uintptr_t) gregs[REG_RIP];
    uint64_t offset = (uint64_t) ((uintptr_t) info->si_addr - (uintptr_t) jit->window.base);
    struct step *s;

    if (at < jit->rx || at >= jit->rx + JIT_CACHE || offset >= WINDOW_BYTES)
        return false;
    if (window_open(jit, (uint32_t) (offset >> PAGE_SHIFT)))
        return true;
    s = block_trapped(jit, at);
    if (s == NULL)
        return false;
    jit->trapped = true;
    jit->trap_flags = (uint32_t) gregs[REG_EFL];
    gregs[REG_RIP] = (greg_t) (uintptr_t) s->piece;
    return true;
}

static void window_caught(int sig, siginfo_t *info, void *context)
{
    struct jit *jit = window_user;
    int kept = errno;

    if (jit == NULL || jit->window.base == NULL || !window_trapped(jit, info, context))
        sigaction(sig, &window_before, NULL); /* not ours: it comes again */
    errno = kept;
}

static bool window_catch(void)
{
    static atomic_flag done = ATOMIC_FLAG_INIT;
    struct sigaction sa = { .sa_sigaction = window_caught, .sa_flags = SA_SIGINFO };

    return atomic_flag_test_and_set(&done) || sigaction(SIGSEGV, &sa, &window_before) == 0;
}

/* --- life ---------------------------------------------------------------- */

static bool window_set_gs(const uint8_t *base)
{
    window_of_gs = 0;
    return syscall(SYS_arch_prctl, ARCH_SET_GS, base) == 0;
}

void mem_window_init(struct jit *jit, struct ram *ram)
{
    static atomic_ullong numbers;
    struct mem_window *w = &jit->window;
    uint8_t *base;

    if (ram == NULL || ram->fd < 0 || !window_catch())
        return;
    base = ram_reserve(WINDOW_BYTES);
    if (base == MAP_FAILED)
        return;
    if (!window_set_gs(base) || mmap(base, ram->size, PROT_NONE, MAP_SHARED | MAP_FIXED, ram->fd, 0) == MAP_FAILED) {
        munmap(base, WINDOW_BYTES);
        return;
    }
    *w = (struct mem_window){
        .base = base,
        .ram = ram,
        .pages = (uint32_t) (ram->size >> PAGE_SHIFT),
        .rights = xcalloc(ram->size >> PAGE_SHIFT, 1),
        .closures = xcalloc(ram->size >> PAGE_SHIFT, 1),
        .number = atomic_fetch_add(&numbers, 1) + 1,
    };
    jit->stats.window = true;
}

void mem_window_free(struct jit *jit)
{
    struct mem_window *w = &jit->window;

    if (w->base == NULL)
        return;
    munmap(w->base, WINDOW_BYTES);
    free(w->rights);
    free(w->closures);
}

void mem_window_use(struct jit *jit)
{
    const struct mem_window *w = &jit->window;

    if (w->base != NULL && window_of_gs != w->number) {
        if (!window_set_gs(w->base))
            abort(); /* it could be set when the window was made */
        window_of_gs = w->number;
    }
    window_user = jit;
}

void mem_window_leave(void)
{
    window_user = NULL;
}

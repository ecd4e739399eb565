/* Code in LDT segments of a ptraced child. */
#include "config.h"

#include "cpu/oracle_host.h"

#include <asm/ldt.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

enum { FLAG_ID_BIT = 1 << 21 };

struct oracle_host {
    pid_t child;
    uint8_t *arena;
    const struct oracle_seg *segs;
    struct user_regs_struct regs; /* what the child had when it first stopped */
};

static int ldt_set(unsigned entry, const struct oracle_seg *s)
{
    struct user_desc d = {
        .entry_number = entry,
        .base_addr = s->base,
        .limit = s->granular ? s->limit >> 12 : s->limit,
        .seg_32bit = s->big,
        .contents = (s->code ? 2u : 0u) | (s->conforming_or_down ? 1u : 0u),
        .read_exec_only = !s->writable_or_readable,
        .limit_in_pages = s->granular,
        .seg_not_present = !s->present,
        .useable = 1,
    };

    return (int) syscall(SYS_modify_ldt, 0x11, &d, sizeof d);
}

static void child_main(const struct oracle_seg *segs, int fd)
{
    void *at = mmap((void *) (uintptr_t) ARENA_BASE, ARENA_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);

    if (at != (void *) (uintptr_t) ARENA_BASE)
        _exit(1);
    for (unsigned i = 0; i < ORACLE_SEGS; i++)
        if (ldt_set(i, &segs[i]) != 0)
            _exit(2);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(3);
    raise(SIGSTOP);
    _exit(4);
}

void oracle_host_free(struct oracle_host *h)
{
    if (h == NULL)
        return;
    if (h->child > 0) {
        kill(h->child, SIGKILL);
        waitpid(h->child, NULL, 0);
    }
    if (h->arena != NULL)
        munmap(h->arena, ARENA_SIZE);
    free(h);
}

static const char *child_trouble(int status)
{
    if (!WIFEXITED(status))
        return "the child did not stop";
    switch (WEXITSTATUS(status)) {
    case 1: return "the low addresses cannot be mapped";
    case 2: return "modify_ldt is refused";
    default: return "ptrace is refused";
    }
}

struct oracle_host *oracle_host_new(const struct oracle_seg *segs, const char **why)
{
    struct oracle_host *h = xcalloc(1, sizeof *h);
    int fd = memfd_create("oracle", MFD_CLOEXEC), status = 0;

    h->segs = segs;
    *why = "no shared memory";
    if (fd >= 0 && ftruncate(fd, ARENA_SIZE) == 0)
        h->arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (h->arena == NULL || h->arena == MAP_FAILED) {
        h->arena = NULL;
        goto fail;
    }
    h->child = fork();
    if (h->child == 0)
        child_main(segs, fd);
    close(fd);
    fd = -1;
    if (h->child < 0 || waitpid(h->child, &status, 0) != h->child || !WIFSTOPPED(status)) {
        *why = h->child < 0 ? "no child process" : child_trouble(status);
        h->child = 0;
        goto fail;
    }
    if (ptrace(PTRACE_GETREGS, h->child, NULL, &h->regs) == 0)
        return h;
    *why = "ptrace is refused";
fail:
    if (fd >= 0)
        close(fd);
    oracle_host_free(h);
    return NULL;
}

uint8_t *oracle_host_arena(struct oracle_host *h)
{
    return h->arena;
}

/* The vector behind a signal, as Linux maps them (arch/x86 traps). */
static int vector_of(const struct oracle_host *h, int sig)
{
    siginfo_t info;

    if (ptrace(PTRACE_GETSIGINFO, h->child, NULL, &info) != 0)
        return -1;
    switch (sig) {
    case SIGFPE: return info.si_code == FPE_INTDIV ? 0 : 16;
    case SIGTRAP: return info.si_code == SI_KERNEL ? 3 : 1;
    case SIGILL: return 6;
    case SIGBUS: return info.si_code == BUS_ADRALN ? 17 : 12; /* 11 too: not told apart */
    case SIGSEGV: return info.si_code == SI_KERNEL ? 13 : 14;
    default: return -1;
    }
}

/* Kernels with FSGSBASE load the bases of FS and GS apart from their selectors. */
static uint64_t seg_base(const struct oracle_host *h, uint16_t sel)
{
    return sel > 3 ? h->segs[sel >> 3].base : 0;
}

static void regs_to_host(const struct oracle_host *h, struct user_regs_struct *u, const struct oracle_regs *r)
{
    u->rax = r->gpr[0];
    u->rcx = r->gpr[1];
    u->rdx = r->gpr[2];
    u->rbx = r->gpr[3];
    u->rsp = r->gpr[4];
    u->rbp = r->gpr[5];
    u->rsi = r->gpr[6];
    u->rdi = r->gpr[7];
    u->rip = r->eip;
    u->eflags = r->eflags;
    u->es = r->seg[0];
    u->cs = r->seg[1];
    u->ss = r->seg[2];
    u->ds = r->seg[3];
    u->fs = r->seg[4];
    u->gs = r->seg[5];
    u->fs_base = seg_base(h, r->seg[4]);
    u->gs_base = seg_base(h, r->seg[5]);
    u->orig_rax = UINT64_MAX; /* no system call to restart */
}

static void regs_from_host(struct oracle_regs *r, const struct user_regs_struct *u)
{
    const unsigned long long gpr[8] = { u->rax, u->rcx, u->rdx, u->rbx, u->rsp, u->rbp, u->rsi, u->rdi };

    for (unsigned i = 0; i < 8; i++)
        r->gpr[i] = (uint32_t) gpr[i];
    r->eip = (uint32_t) u->rip;
    r->eflags = (uint32_t) u->eflags;
    r->seg[0] = (uint16_t) u->es;
    r->seg[1] = (uint16_t) u->cs;
    r->seg[2] = (uint16_t) u->ss;
    r->seg[3] = (uint16_t) u->ds;
    r->seg[4] = (uint16_t) u->fs;
    r->seg[5] = (uint16_t) u->gs;
}

uint32_t oracle_host_eflags(const struct oracle_host *h)
{
    return (uint32_t) h->regs.eflags & FLAG_ID_BIT;
}

int oracle_host_run(struct oracle_host *h, struct oracle_regs *regs)
{
    struct user_regs_struct u = h->regs;
    int status;

    regs_to_host(h, &u, regs);
    if (ptrace(PTRACE_SETREGS, h->child, NULL, &u) != 0 || ptrace(PTRACE_CONT, h->child, NULL, NULL) != 0
        || waitpid(h->child, &status, 0) != h->child || !WIFSTOPPED(status)
        || ptrace(PTRACE_GETREGS, h->child, NULL, &u) != 0)
        return -1;
    regs_from_host(regs, &u);
    h->regs.eflags = u.eflags; /* ptrace cannot set ID: it stays as POPF left it */
    return vector_of(h, WSTOPSIG(status));
}

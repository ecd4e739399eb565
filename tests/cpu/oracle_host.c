/* The judges' memory, signals and seccomp, and a run of either. */
#define _GNU_SOURCE /* REG_*, memfd_create */
#include "config.h"

#include "cpu/oracle_host.h"

#include <cpuid.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/bits.h"
#include "cpu/oracle_judge.h"

static struct host {
    const struct judge *judge;
    uint8_t *data, *code; /* writable */
    uint8_t *pad;
    volatile bool inside;
    volatile unsigned ticks;
    volatile bool faulted;
    uint16_t vector;
    uint32_t error, cr2, eip;
} host; /* the handler of a signal has no argument of ours */

/* --- signals ------------------------------------------------------------- */

static void note_state(const ucontext_t *uc)
{
    static const int order[8] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI };
    const greg_t *gregs = uc->uc_mcontext.gregs;
    struct shared *s = judge_shared();

    for (unsigned i = 0; i < 8; i++)
        s->out_gpr[i] = (uint64_t) gregs[order[i]];
    s->out_eflags = (uint64_t) gregs[REG_EFL];
    if (host.judge->note != NULL)
        host.judge->note(uc);
    memcpy(s->out_fx, uc->uc_mcontext.fpregs, FX_BYTES);
    host.eip = (uint32_t) gregs[REG_RIP];
    host.vector = (uint16_t) gregs[REG_TRAPNO];
    host.error = (uint32_t) gregs[REG_ERR];
    host.cr2 = host.vector == 14 ? (uint32_t) gregs[REG_CR2] : 0;
    host.faulted = true;
}

void judge_caught(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;
    bool ours = host.inside && (uint64_t) uc->uc_mcontext.gregs[REG_RIP] <= UINT32_MAX;

    (void) info;
    if (sig == SIGVTALRM) {
        if (!ours || ++host.ticks < 3)
            return;
        note_state(uc);
        host.vector = VEC_ENDLESS;
        host.judge->leave();
    }
    if (!ours) { /* a mistake of ours: let it end the process */
        signal(sig, SIG_DFL);
        return;
    }
    note_state(uc);
    host.judge->leave();
}

static bool catch_signals(void)
{
    static const int sigs[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM };
    static uint8_t stack[1 << 16];
    stack_t alt = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction sa = { .sa_sigaction = host.judge->caught, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    struct itimerval tick = { { 0, 300000 }, { 0, 300000 } };

    if (sigaltstack(&alt, NULL) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
        if (sigaction(sigs[i], &sa, NULL) != 0)
            return false;
    return setitimer(ITIMER_VIRTUAL, &tick, NULL) == 0;
}

/* --- the process --------------------------------------------------------- */

static bool map_at(uint64_t addr, size_t len, int prot, int fd, off_t off)
{
    int flags = MAP_FIXED_NOREPLACE | MAP_POPULATE | (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED);

    return mmap((void *) (uintptr_t) addr, len, prot, flags, fd, off) == (void *) (uintptr_t) addr;
}

/* The arena is one memory file, mapped twice: for the code and for us. */
static const char *map_all(void)
{
    enum { WHOLE = CODE_BASE - DATA_BASE + CODE_SIZE, PAGE = 4096 };
    int fd = memfd_create("oracle", MFD_CLOEXEC);
    uint8_t *all;

    if (fd < 0 || ftruncate(fd, WHOLE) != 0)
        return "no shared memory";
    all = mmap(NULL, WHOLE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (all == MAP_FAILED)
        return "no shared memory";
    host.data = all;
    host.code = all + (CODE_BASE - DATA_BASE);
    memset(host.code, 0xcc, CODE_SIZE);
    for (unsigned i = 0; i < DATA_PAGES; i++)
        if (i != PAGE_MISSING
            && !map_at(DATA_BASE + i * PAGE, PAGE, i == PAGE_READ_ONLY ? PROT_READ : PROT_READ | PROT_WRITE, fd,
                       i * PAGE))
            return "the low addresses cannot be mapped";
    if (!map_at(CODE_BASE, CODE_SIZE, PROT_READ | PROT_EXEC, fd, CODE_BASE - DATA_BASE)
        || !map_at(SHARED, PAGE, PROT_READ | PROT_WRITE, -1, 0)
        || !map_at(PAD_BASE, PAGE, PROT_READ | PROT_WRITE, -1, 0))
        return "the low addresses cannot be mapped";
    host.pad = (uint8_t *) (uintptr_t) PAD_BASE;
    memset(host.pad, 0xcc, PAGE);
    if (host.judge->pad != NULL)
        memcpy(host.pad, host.judge->pad, host.judge->pad_len);
    if (mprotect(host.pad, PAGE, PROT_READ | PROT_EXEC) != 0)
        return "code made at run time is refused";
    close(fd);
    return NULL;
}

/* INT 80h, SYSENTER and SYSCALL of random code, or of a random 64-bit jump. */
static bool forbid_system_calls(void)
{
    enum { REFUSE = SECCOMP_RET_ERRNO | 38 };
    static struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, REFUSE),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, REFUSE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = { ARRAY_LEN(filter), filter };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

const char *judge_start(const struct judge *j, uint64_t fs_base)
{
    const char *why;

    if ((uintptr_t) &host <= UINT32_MAX)
        return "the program lies below 4 GiB: build it with -pie";
    host.judge = j;
    why = map_all();
    if (why != NULL)
        return why;
    judge_shared()->fs_base = fs_base;
    if (!catch_signals())
        return "signals cannot be caught";
    return forbid_system_calls() ? NULL : "seccomp is refused";
}

bool oracle_host_seen(void)
{
    unsigned a, b, c, d;

    return __get_cpuid(0, &a, &b, &c, &d) && b == 0x68747541 && d == 0x69746e65 && c == 0x444d4163; /* AuthenticAMD */
}

void oracle_none_open(void)
{
    static uint8_t data[DATA_SIZE], code[CODE_SIZE], pad[4096];

    host.data = data;
    host.code = code;
    host.pad = pad;
}

uint8_t *oracle_host_data(void)
{
    return host.data;
}

uint8_t *oracle_host_code(void)
{
    return host.code;
}

const uint8_t *oracle_host_pad(void)
{
    return host.pad;
}

bool oracle_host_segments(const struct oracle_seg *seg)
{
    return host.judge->segments(seg);
}

/* --- running ------------------------------------------------------------- */

void oracle_host_run(const struct oracle_state *in, struct oracle_state *out, uint32_t end)
{
    struct shared *s = judge_shared();

    memcpy(s->gpr, in->gpr, sizeof s->gpr);
    memcpy(s->seg, in->seg, sizeof in->seg);
    memcpy(s->fx, in->fx, FX_BYTES);
    s->eflags = in->eflags;
    s->eip = in->eip;
    host.ticks = 0;
    host.faulted = false;
    host.inside = true;
    host.judge->enter(in);
    host.inside = false;
    for (unsigned i = 0; i < 8; i++)
        out->gpr[i] = (uint32_t) s->out_gpr[i];
    memcpy(out->seg, s->out_seg, sizeof out->seg);
    memcpy(out->fx, s->out_fx, FX_BYTES);
    out->eflags = (uint32_t) s->out_eflags;
    out->vector = host.faulted ? host.vector : VEC_OUT;
    out->error = host.faulted ? host.error : 0;
    out->cr2 = host.faulted ? host.cr2 : 0;
    out->eip = host.faulted ? host.eip : end;
    if (!host.faulted)
        out->seg[1] = in->seg[1];
    if (host.judge->settle != NULL)
        host.judge->settle(in, out, end);
}

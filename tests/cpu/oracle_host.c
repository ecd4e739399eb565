/*
 * Code in LDT segments, natively.
 *
 * The way in: load x87, segments, flags, registers, jump far.  The ways out: a
 * far jump to the pad, 64-bit code below 4 GiB, or a signal whose handler
 * leaves to the same place.  Loading FS takes away the C library's thread
 * pointer: the handler's first instructions bring it back.
 */
#define _GNU_SOURCE /* REG_*, memfd_create */
#include "config.h"

#include "cpu/oracle_host.h"

#include <asm/ldt.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/bits.h"

/* Just above 4 GiB, at SHARED: a fixed address that no 32-bit code reaches. */
struct shared {
    uint32_t gpr[8];     /* 0 */
    uint64_t eflags;     /* 32 */
    uint32_t eip, cs;    /* 40: far pointer */
    uint16_t seg[8];     /* 48: es cs ss ds fs gs */
    uint64_t rsp;        /* 64: of the caller */
    uint64_t fs_base;    /* 72: of the C library */
    uint64_t out_gpr[8]; /* 80 */
    uint64_t out_eflags; /* 144 */
    uint16_t out_seg[8]; /* 152 */
    uint8_t space[344];
    uint8_t fx[FX_BYTES], out_fx[FX_BYTES]; /* 512, 1024 */
};

static_assert(offsetof(struct shared, rsp) == 64 && offsetof(struct shared, out_gpr) == 80
                  && offsetof(struct shared, out_seg) == 152 && offsetof(struct shared, out_fx) == 1024,
              "offsets used in the assembly below");

#define SHARED      UINT64_C(0x100000000)
#define SHARED_TEXT "0x100000000"

static struct host {
    uint8_t *data, *code; /* writable */
    uint8_t *pad;
    volatile bool inside;
    volatile unsigned ticks;
    volatile bool faulted;
    uint16_t vector;
    uint32_t error, cr2, eip;
} host; /* the handler of a signal has no argument of ours */

static struct shared *shared(void)
{
    return (struct shared *) (uintptr_t) SHARED;
}

/* --- in and out ---------------------------------------------------------- */

void oracle_enter(void);
void oracle_leave(void);
void oracle_signal(int sig, siginfo_t *info, void *context);
void oracle_caught(int sig, siginfo_t *info, void *context);
extern const uint8_t oracle_pad[], oracle_pad_end[];

__asm__(".text\n"
        "oracle_enter:\n\t"
        "push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
        "movabs $" SHARED_TEXT ", %r15\n\t"
        "mov %rsp, 64(%r15)\n\t"
        "fxrstor 512(%r15)\n\t"
        "movzwl 54(%r15), %eax\n\tmov %eax, %ds\n\t"
        "movzwl 48(%r15), %eax\n\tmov %eax, %es\n\t"
        "movzwl 56(%r15), %eax\n\tmov %eax, %fs\n\t"
        "movzwl 58(%r15), %eax\n\tmov %eax, %gs\n\t"
        "pushq 32(%r15)\n\tpopfq\n\t"
        "movl 0(%r15), %eax\n\tmovl 4(%r15), %ecx\n\tmovl 8(%r15), %edx\n\tmovl 12(%r15), %ebx\n\t"
        "movl 20(%r15), %ebp\n\tmovl 24(%r15), %esi\n\tmovl 28(%r15), %edi\n\t"
        "movw 52(%r15), %ss\n\t"
        "movl 16(%r15), %esp\n\t"
        "ljmp *40(%r15)\n"
        /* Copied to PAD_BASE: absolute addresses only. */
        "oracle_pad:\n\t"
        "movabs %rax, " SHARED_TEXT "+80\n\t"
        "movabs $" SHARED_TEXT ", %rax\n\t"
        "mov %rcx, 88(%rax)\n\tmov %rdx, 96(%rax)\n\tmov %rbx, 104(%rax)\n\tmov %rsp, 112(%rax)\n\t"
        "mov %rbp, 120(%rax)\n\tmov %rsi, 128(%rax)\n\tmov %rdi, 136(%rax)\n\t"
        "movw %es, 152(%rax)\n\tmovw %ss, 156(%rax)\n\tmovw %ds, 158(%rax)\n\t"
        "movw %fs, 160(%rax)\n\tmovw %gs, 162(%rax)\n\t"
        "mov 64(%rax), %rsp\n\t"
        "pushfq\n\tpopq 144(%rax)\n\t"
        "pushq $2\n\tpopfq\n\t"
        "fxsave 1024(%rax)\n\t"
        "fninit\n\t"
        "mov $0x2b, %ecx\n\tmov %ecx, %ss\n\t"
        "xor %ecx, %ecx\n\tmov %ecx, %ds\n\tmov %ecx, %es\n\tmov %ecx, %fs\n\tmov %ecx, %gs\n\t"
        "mov 72(%rax), %rcx\n\twrfsbase %rcx\n\t"
        "pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
        "ret\n"
        "oracle_pad_end:\n"
        /* From the handler, state already noted. */
        "oracle_leave:\n\t"
        "movabs $" SHARED_TEXT ", %rax\n\t"
        "mov 64(%rax), %rsp\n\t"
        "fninit\n\t"
        "mov $0x2b, %ecx\n\tmov %ecx, %ss\n\t"
        "xor %ecx, %ecx\n\tmov %ecx, %ds\n\tmov %ecx, %es\n\tmov %ecx, %fs\n\tmov %ecx, %gs\n\t"
        "mov 72(%rax), %rcx\n\twrfsbase %rcx\n\t"
        "pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
        "ret\n"
        "oracle_signal:\n\t"
        "pushq $2\n\tpopfq\n\t" /* AC, NT */
        "push %rbx\n\t"
        "rdfsbase %rbx\n\t"
        "movabs " SHARED_TEXT "+72, %rax\n\t"
        "wrfsbase %rax\n\t"
        "call oracle_caught\n\t"
        "wrfsbase %rbx\n\t"
        "pop %rbx\n\t"
        "ret\n");

static void note_selectors(struct shared *s, const greg_t *gregs)
{
    uint16_t es, ds, fs, gs;

    __asm__("mov %%es, %0\n\tmov %%ds, %1\n\tmov %%fs, %2\n\tmov %%gs, %3" : "=r"(es), "=r"(ds), "=r"(fs), "=r"(gs));
    s->out_seg[0] = es;
    s->out_seg[1] = (uint16_t) gregs[REG_CSGSFS];
    s->out_seg[2] = (uint16_t) ((uint64_t) gregs[REG_CSGSFS] >> 48);
    s->out_seg[3] = ds;
    s->out_seg[4] = fs;
    s->out_seg[5] = gs;
}

static void note_state(const ucontext_t *uc)
{
    static const int order[8] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI };
    const greg_t *gregs = uc->uc_mcontext.gregs;
    struct shared *s = shared();

    for (unsigned i = 0; i < 8; i++)
        s->out_gpr[i] = (uint64_t) gregs[order[i]];
    s->out_eflags = (uint64_t) gregs[REG_EFL];
    note_selectors(s, gregs);
    memcpy(s->out_fx, uc->uc_mcontext.fpregs, FX_BYTES);
    host.eip = (uint32_t) gregs[REG_RIP];
    host.vector = (uint16_t) gregs[REG_TRAPNO];
    host.error = (uint32_t) gregs[REG_ERR];
    host.cr2 = host.vector == 14 ? (uint32_t) gregs[REG_CR2] : 0;
    host.faulted = true;
}

void oracle_caught(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;
    bool ours = host.inside && (uint64_t) uc->uc_mcontext.gregs[REG_RIP] <= UINT32_MAX;

    (void) info;
    if (sig == SIGVTALRM) {
        if (!ours || ++host.ticks < 3)
            return;
        note_state(uc);
        host.vector = VEC_ENDLESS;
        oracle_leave();
    }
    if (!ours) { /* a mistake of ours: let it end the process */
        signal(sig, SIG_DFL);
        return;
    }
    note_state(uc);
    oracle_leave();
}

/* --- the process --------------------------------------------------------- */

static bool ldt_set(unsigned entry, const struct oracle_seg *s)
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

    return syscall(SYS_modify_ldt, 0x11, &d, sizeof d) == 0;
}

/* Some hypervisors take the call and leave the processor without an LDT: entry 0 of it. */
static bool ldt_works(void)
{
    uint32_t rights = 0;
    bool found;

    __asm__("lar %2, %0" : "+r"(rights), "=@ccz"(found) : "r"(4u | 3u));
    return found;
}

bool oracle_host_segments(const struct oracle_seg *seg)
{
    for (unsigned i = 0; i < ORACLE_SEGS; i++)
        if (!ldt_set(i, &seg[i]))
            return false;
    return true;
}

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
    memcpy(host.pad, oracle_pad, (size_t) (oracle_pad_end - oracle_pad));
    if (mprotect(host.pad, PAGE, PROT_READ | PROT_EXEC) != 0)
        return "code made at run time is refused";
    close(fd);
    return NULL;
}

static bool catch_signals(void)
{
    static const int sigs[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM };
    static uint8_t stack[1 << 16];
    stack_t alt = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction sa = { .sa_sigaction = oracle_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    struct itimerval tick = { { 0, 300000 }, { 0, 300000 } };

    if (sigaltstack(&alt, NULL) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
        if (sigaction(sigs[i], &sa, NULL) != 0)
            return false;
    return setitimer(ITIMER_VIRTUAL, &tick, NULL) == 0;
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

const char *oracle_host_open(void)
{
    static const struct oracle_seg any = { .limit = 1, .present = true };
    const char *why;
    uint64_t base;

    if (!(getauxval(AT_HWCAP2) & 2))
        return "no FSGSBASE";
    if ((uintptr_t) &host <= UINT32_MAX)
        return "the program lies below 4 GiB: build it with -pie";
    if (!ldt_set(0, &any))
        return "modify_ldt is refused";
    if (!ldt_works())
        return "segments of modify_ldt do not reach the processor";
    why = map_all();
    if (why != NULL)
        return why;
    __asm__("rdfsbase %0" : "=r"(base));
    shared()->fs_base = base;
    if (!catch_signals())
        return "signals cannot be caught";
    return forbid_system_calls() ? NULL : "seccomp is refused";
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

/* --- running ------------------------------------------------------------- */

void oracle_host_run(const struct oracle_state *in, struct oracle_state *out, uint32_t end)
{
    struct shared *s = shared();

    memcpy(s->gpr, in->gpr, sizeof s->gpr);
    memcpy(s->seg, in->seg, sizeof in->seg);
    memcpy(s->fx, in->fx, FX_BYTES);
    s->eflags = in->eflags;
    s->eip = in->eip;
    s->cs = in->seg[1];
    host.ticks = 0;
    host.faulted = false;
    host.inside = true;
    oracle_enter();
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
}

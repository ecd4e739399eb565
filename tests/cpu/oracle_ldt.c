/*
 * Code in LDT segments, natively.
 *
 * The way in: load x87, segments, flags, registers, jump far.  The ways out: a
 * far jump to the pad, 64-bit code below 4 GiB, or a signal whose handler
 * leaves to the same place.  Loading FS takes away the C library's thread
 * pointer: the handler's first instructions bring it back.
 */
#define _GNU_SOURCE /* REG_* */
#include "config.h"

#include "cpu/oracle_judge.h"

#include <asm/ldt.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* --- in and out ---------------------------------------------------------- */

void oracle_ldt_enter(void);
void oracle_ldt_leave(void);
void oracle_ldt_signal(int sig, siginfo_t *info, void *context);
extern const uint8_t oracle_ldt_pad[], oracle_ldt_pad_end[];

__asm__(".text\n"
        "oracle_ldt_enter:\n\t"
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
        "oracle_ldt_pad:\n\t"
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
        "oracle_ldt_pad_end:\n"
        /* From the handler, state already noted. */
        "oracle_ldt_leave:\n\t"
        "movabs $" SHARED_TEXT ", %rax\n\t"
        "mov 64(%rax), %rsp\n\t"
        "fninit\n\t"
        "mov $0x2b, %ecx\n\tmov %ecx, %ss\n\t"
        "xor %ecx, %ecx\n\tmov %ecx, %ds\n\tmov %ecx, %es\n\tmov %ecx, %fs\n\tmov %ecx, %gs\n\t"
        "mov 72(%rax), %rcx\n\twrfsbase %rcx\n\t"
        "pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
        "ret\n"
        "oracle_ldt_signal:\n\t"
        "pushq $2\n\tpopfq\n\t" /* AC, NT */
        "push %rbx\n\t"
        "rdfsbase %rbx\n\t"
        "movabs " SHARED_TEXT "+72, %rax\n\t"
        "wrfsbase %rax\n\t"
        "call judge_caught\n\t"
        "wrfsbase %rbx\n\t"
        "pop %rbx\n\t"
        "ret\n");

static void ldt_note(const void *context)
{
    const greg_t *gregs = ((const ucontext_t *) context)->uc_mcontext.gregs;
    struct shared *s = judge_shared();
    uint16_t es, ds, fs, gs;

    __asm__("mov %%es, %0\n\tmov %%ds, %1\n\tmov %%fs, %2\n\tmov %%gs, %3" : "=r"(es), "=r"(ds), "=r"(fs), "=r"(gs));
    s->out_seg[0] = es;
    s->out_seg[1] = (uint16_t) gregs[REG_CSGSFS];
    s->out_seg[2] = (uint16_t) ((uint64_t) gregs[REG_CSGSFS] >> 48);
    s->out_seg[3] = ds;
    s->out_seg[4] = fs;
    s->out_seg[5] = gs;
}

static void ldt_enter(const struct oracle_state *in)
{
    judge_shared()->cs = in->seg[1];
    oracle_ldt_enter();
}

/* --- segments ------------------------------------------------------------ */

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

static bool ldt_segments(const struct oracle_seg *seg)
{
    for (unsigned i = 0; i < ORACLE_SEGS; i++)
        if (!ldt_set(i, &seg[i]))
            return false;
    return true;
}

const char *oracle_ldt_open(void)
{
    static const struct oracle_seg any = { .limit = 1, .present = true };
    static struct judge ldt = {
        .segments = ldt_segments, .enter = ldt_enter, .caught = oracle_ldt_signal, .leave = oracle_ldt_leave,
        .note = ldt_note, .pad = oracle_ldt_pad };
    uint64_t base;

    if (!(getauxval(AT_HWCAP2) & 2))
        return "no FSGSBASE";
    if (!ldt_set(0, &any))
        return "modify_ldt is refused";
    if (!ldt_works())
        return "segments of modify_ldt do not reach the processor";
    ldt.pad_len = (size_t) (oracle_ldt_pad_end - oracle_ldt_pad);
    __asm__("rdfsbase %0" : "=r"(base));
    return judge_start(&ldt, base);
}

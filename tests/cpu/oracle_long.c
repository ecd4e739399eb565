/*
 * 64-bit code with flat operands below 4 GiB, natively.
 *
 * The way in: load x87, flags, registers, jump.  The only way out is a signal:
 * INT3 stands at the stream's end, with prefixes.  No segment register changes on the way, FS
 * stays the C library's, GS has base 0.
 */
#define _GNU_SOURCE
#include "config.h"

#include "cpu/oracle_judge.h"

#include <cpuid.h>
#include <string.h>

static uint32_t code_base[CODE_SEGS]; /* the handler of a signal and the way in have no argument of ours */

/* --- in and out ---------------------------------------------------------- */

void oracle_long_enter(void);
void oracle_long_leave(void);
void oracle_long_signal(int sig, siginfo_t *info, void *context);

/* R8 to R15 are 0: what a stream could use by mistake leads below 4 GiB. */
__asm__(".text\n"
        ".local oracle_long_target\n"
        ".comm oracle_long_target, 8, 8\n"
        "oracle_long_enter:\n\t"
        "push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
        "movabs $" SHARED_TEXT ", %rdi\n\t"
        "mov %rsp, 64(%rdi)\n\t"
        "fxrstor 512(%rdi)\n\t"
        "mov 40(%rdi), %rax\n\tmov %rax, oracle_long_target(%rip)\n\t"
        "xor %r8d, %r8d\n\txor %r9d, %r9d\n\txor %r10d, %r10d\n\txor %r11d, %r11d\n\t"
        "xor %r12d, %r12d\n\txor %r13d, %r13d\n\txor %r14d, %r14d\n\txor %r15d, %r15d\n\t"
        "pushq 32(%rdi)\n\tpopfq\n\t"
        "movl 0(%rdi), %eax\n\tmovl 4(%rdi), %ecx\n\tmovl 8(%rdi), %edx\n\tmovl 12(%rdi), %ebx\n\t"
        "movl 16(%rdi), %esp\n\tmovl 20(%rdi), %ebp\n\tmovl 24(%rdi), %esi\n\tmovl 28(%rdi), %edi\n\t"
        "jmp *oracle_long_target(%rip)\n"
        /* From the handler, state already noted. */
        "oracle_long_leave:\n\t"
        "movabs $" SHARED_TEXT ", %rax\n\t"
        "mov 64(%rax), %rsp\n\t"
        "fninit\n\t"
        "pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
        "ret\n"
        "oracle_long_signal:\n\t"
        "pushq $2\n\tpopfq\n\t" /* AC, NT */
        "jmp judge_caught\n");

static void long_enter(const struct oracle_state *in)
{
    struct shared *s = judge_shared();

    s->eip = in->eip + code_base[in->seg[1] >> 3];
    s->cs = 0; /* a 64-bit address */
    oracle_long_enter();
}

static void long_settle(const struct oracle_state *in, struct oracle_state *out, uint32_t end)
{
    memcpy(out->seg, in->seg, sizeof out->seg);
    out->eip -= code_base[in->seg[1] >> 3];
    if (out->vector == 3 && out->eip > end) {
        out->vector = VEC_OUT;
        out->eip = end;
    }
}

/* --- the process --------------------------------------------------------- */

static bool long_segments(const struct oracle_seg *seg)
{
    for (unsigned i = 0; i < CODE_SEGS; i++)
        code_base[i] = seg[i].base;
    return true;
}

const char *oracle_long_open(void)
{
    static const struct judge flat = {
        .segments = long_segments, .enter = long_enter, .caught = oracle_long_signal, .leave = oracle_long_leave,
        .settle = long_settle };
    unsigned a, b, c, d;

    if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !(c & 1))
        return "no LAHF in 64-bit code";
    return judge_start(&flat, 0);
}

/*
 * The judge: exceptions as 32-bit Linux reports them, memory that faults,
 * processes that share the processor and its FPU.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "judge.h"

enum {
    EFLAGS_TF = 0x100,
    EFLAGS_AC = 0x40000,
};

static sigjmp_buf trap_out;
static struct {
    int sig, code;
    uint32_t addr, trap, error, eip;
} trap;

static void trap_caught(int sig, siginfo_t *info, void *context)
{
    const greg_t *regs = ((ucontext_t *) context)->uc_mcontext.gregs;

    /* The handler inherits AC. */
    asm volatile("pushf\n\tandl $~0x40000, (%%esp)\n\tpopf" ::: "cc", "memory");
    trap.sig = sig;
    trap.code = info->si_code;
    trap.addr = (uint32_t) (uintptr_t) info->si_addr;
    trap.trap = regs[REG_TRAPNO];
    trap.error = regs[REG_ERR] & ~0x10U; /* bit 4, code: only with NX */
    trap.eip = regs[REG_EIP];
    siglongjmp(trap_out, 1);
}

/* The title, then what came of `text`; EIP relative to its start. */
#define TRAP(title, text, ...) \
    { \
        extern const char trap_start_##title[]; \
        if (sigsetjmp(trap_out, 1) == 0) { \
            asm volatile("trap_start_" #title ":\n\t" text ::__VA_ARGS__ : "eax", "edx", "cc", "memory"); \
            printf(#title ": no trap\n"); \
        } else { \
            asm volatile("fninit\n\tmov %0, %%fs" ::"r"(0)); \
            printf(#title ": signal %d code %d trap %u error %x at +%d", trap.sig, trap.code, trap.trap, trap.error, \
                   (int) (trap.eip - (uint32_t) (uintptr_t) trap_start_##title)); \
            if (trap.addr == trap.eip) \
                printf(" address +%d\n", (int) (trap.addr - (uint32_t) (uintptr_t) trap_start_##title)); \
            else \
                printf(" address %x\n", trap.addr); \
        } \
    }

static uint32_t step_from, step_log[100];
static int step_count;

static void step_caught(int sig, siginfo_t *info, void *context)
{
    const greg_t *regs = ((ucontext_t *) context)->uc_mcontext.gregs;

    if (step_count < 100)
        step_log[step_count++] = (sig == SIGTRAP ? 0 : 0x80000000) | (regs[REG_EIP] - step_from) << 8 | (info->si_code & 0xff);
}

/* SDM vol. 3, 17.3.1.4: REP traps after each round, loads of SS put the trap off. */
static void single_step(void)
{
    struct sigaction act = { .sa_sigaction = step_caught, .sa_flags = SA_SIGINFO };
    uint8_t buf[16], src[16] = { 1, 2, 3, 4 };
    uint32_t ecx = 4, seen;
    const uint8_t *esi = src;
    uint8_t *edi = buf;

    sigaction(SIGTRAP, &act, NULL);
    step_count = 0;
    asm volatile("call 1f\n1:\tpop %%eax\n\tmov %%eax, %[from]\n\t"
                 "pushf\n\torl $0x100, (%%esp)\n\tpopf\n\t"
                 "nop\n\tcld\n\trep movsb\n\t"
                 "mov %%ss, %%eax\n\tmov %%eax, %%ss\n\tnop\n\tnop\n\t"
                 "push %%ss\n\tpop %%ss\n\tinc %%edx\n\t"
                 "pushf\n\tpop %[seen]\n\tjmp 2f\n\tud2\n2:\tcall 3f\n\tjmp 4f\n3:\tret\n4:\tfld1\n\tfstp %%st\n\tcpuid\n\t"
                 "mov $2, %%ecx\n5:\tloop 5b\n\t"
                 "pushf\n\tandl $~0x100, (%%esp)\n\tpopf\n\tnop\n\tnop"
                 : [from] "=m"(step_from), [seen] "=m"(seen), "+c"(ecx), "+S"(esi), "+D"(edi)::"eax", "ebx", "edx", "cc", "memory");
    for (int i = 0; i < step_count; i++)
        printf("step %d: +%u code %u\n", i, step_log[i] >> 8, step_log[i] & 0xff);
    printf("pushf saw TF: %d\n", (seen & EFLAGS_TF) != 0);
}

/* One x87 exception unmasked in each. */
static void x87_traps(void)
{
    static const uint16_t unmask_ie = 0x37e, unmask_de = 0x37d, unmask_ze = 0x37b, unmask_oe = 0x377, unmask_ue = 0x36f, unmask_pe = 0x35f;
    static const uint8_t denormal[10] = { 1 }, huge[10] = { 0, 0, 0, 0, 0, 0, 0, 0x80, 0xfe, 0x7f },
                         tiny[10] = { 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0 };
    uint8_t env[28];
    uint16_t sw;

    TRAP(invalid, "fninit\n\tfldcw %0\n\tfldz\n\tfldz\n\tfdivp\n\tnop\n\tfwait\n\tnop", "m"(unmask_ie))
    TRAP(stack, "fninit\n\tfldcw %0\n\tfadd %%st(1), %%st\n\tfwait", "m"(unmask_ie))
    TRAP(denormal, "fninit\n\tfldcw %0\n\tfldt %1\n\tfld1\n\tfaddp\n\tfld1", "m"(unmask_de), "m"(denormal))
    TRAP(zerodivide, "fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfstp %%st", "m"(unmask_ze))
    TRAP(overflow, "fninit\n\tfldcw %0\n\tfldt %1\n\tfadd %%st, %%st\n\tfwait", "m"(unmask_oe), "m"(huge))
    TRAP(underflow, "fninit\n\tfldcw %0\n\tfldt %1\n\tfmul %%st, %%st\n\tfwait", "m"(unmask_ue), "m"(tiny))
    TRAP(precision, "fninit\n\tfldcw %0\n\tfld1\n\tfldpi\n\tfdivrp\n\tfnop\n\tfwait", "m"(unmask_pe))
    TRAP(nowait, "fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfnstsw %%ax\n\tfnclex\n\tfwait\n\tfld1", "m"(unmask_ze))
    TRAP(emms, "fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\temms", "m"(unmask_ze))
    /* Result and operands stay for the handler. */
    asm volatile("fninit\n\tfldcw %2\n\tfld1\n\tfldz\n\tfdivr %%st(1), %%st\n\tfnstsw %1\n\tfnstenv %0\n\tfninit" : "=m"(env), "=a"(sw) : "m"(unmask_ze));
    printf("unmasked: status %04x tags %02x%02x\n", sw, env[9], env[8]);
}

static volatile unsigned fixed;
static long page;

static void fix_caught(int sig, siginfo_t *info, void *context)
{
    (void) sig;
    (void) context;
    fixed++;
    mprotect((void *) ((uintptr_t) info->si_addr & -page), page, PROT_READ | PROT_WRITE);
}

/* Instructions that fault in their middle and go on after the handler's repair. */
static void repaired(void)
{
    struct sigaction act = { .sa_sigaction = fix_caught, .sa_flags = SA_SIGINFO };
    uint8_t *mem = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t sum = 0;

    sigaction(SIGSEGV, &act, NULL);
    for (int i = 0; i < 20; i++) {
        uint8_t *edge = mem + (1 + i % 6) * page;
        uint8_t *edi = edge - 13, *esi = mem;
        uint32_t ecx = 20;
        uint32_t out = 0;

        for (long k = 0; k < 8 * page; k++)
            mem[k] = k * 7 + i;
        mprotect(edge, page, i % 2 ? PROT_READ : PROT_NONE);
        fixed = 0;
        switch (i % 5) {
        case 0: asm volatile("rep movsl" : "+S"(esi), "+D"(edi), "+c"(ecx)::"memory"); break;
        case 1: asm volatile("addl %1, %0" : "+m"(*(uint32_t *) (edge - 2)) : "r"(0x11223344)); break;
        case 2: asm volatile("fldpi\n\tfstpt %0" : "=m"(*(uint8_t(*)[10]) (edge - 5))); break;
        case 3: asm volatile("mov %%esp, %%edx\n\tlea 8(%1), %%esp\n\tpusha\n\tmov %%edx, %%esp" ::"a"(1), "r"(edge) : "edx", "memory"); break;
        case 4: asm volatile("xchg %1, %0" : "+m"(*(uint32_t *) (edge - 3)), "+r"(out)); break;
        }
        for (int k = -40; k < 80; k++)
            sum = i % 5 == 3 ? sum : mix(sum, edge[k]); /* pusha's are addresses */
        printf("repaired %d: %u times, ecx %u out %08x sum %016" PRIx64 "\n", i, fixed, ecx, out, sum);
    }
    munmap(mem, 8 * page);
}

void judge_signals(void)
{
    static const int sigs[] = { SIGFPE, SIGSEGV, SIGILL, SIGBUS, SIGTRAP };
    struct sigaction act = { .sa_sigaction = trap_caught, .sa_flags = SA_SIGINFO };
    static uint32_t words[4];
    static const int32_t bounds[2] = { 5, 10 };

    page = sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < sizeof sigs / sizeof *sigs; i++)
        sigaction(sigs[i], &act, NULL);
    TRAP(divide, "nop\n\txor %%edx, %%edx\n\tdivl %%edx")
    TRAP(quotient, "mov $0x80000000, %%eax\n\tcltd\n\tidivl %0", "r"(-1))
    TRAP(quotient8, "mov $0x1000, %%eax\n\tdivb %0", "m"(*(uint8_t *) &(uint32_t){ 3 }))
    TRAP(aam, "xor %%eax, %%eax\n\t.byte 0xd4, 0")
    TRAP(breakpoint, "nop\n\tint3\n\tnop")
    TRAP(breakpoint2, ".byte 0xcd, 3")
    TRAP(into, "mov $0x7f, %%al\n\tinc %%al\n\tinto\n\tnop")
    TRAP(bound, "mov $11, %%eax\n\tboundl %%eax, %0", "m"(bounds))
    TRAP(bound2, "mov $10, %%eax\n\tboundl %%eax, %0", "m"(bounds))
    TRAP(undefined, "nop\n\tud2")
    TRAP(undefined2, ".byte 0xf0, 0x90") /* LOCK NOP */
    TRAP(undefined3, ".byte 0x8d, 0xc0") /* LEA of a register */
    TRAP(halt, "hlt")
    TRAP(interrupts, "cli")
    TRAP(ports, "inb $0x80, %%al")
    TRAP(control, "mov %%cr0, %%eax")
    TRAP(msr, "rdmsr")
    TRAP(gate, "int $0x77")
    TRAP(selector, "mov $0xfff8, %%eax\n\tmov %%eax, %%fs")
    TRAP(nullsegment, "xor %%eax, %%eax\n\tmov %%eax, %%fs\n\tmov %%fs:8, %%eax")
    TRAP(stacksegment, "xor %%eax, %%eax\n\tmov %%eax, %%ss")
    TRAP(farjump, "ljmp $0xfff8, $0")
    TRAP(read, "mov 0x1234, %%eax")
    TRAP(write, "movl $1, 0x1234")
    TRAP(jump, "mov $0x777, %%eax\n\tjmp *%%eax")
    TRAP(long15, ".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90")
    TRAP(long16, ".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90")
    TRAP(alignment, "pushf\n\torl $0x40000, (%%esp)\n\tpopf\n\tmov %0, %%eax\n\tmov 1(%1), %%eax", "m"(words), "r"(words))
    TRAP(alignment2, "pushf\n\torl $0x40000, (%%esp)\n\tpopf\n\tincw 2(%0)\n\tincw 3(%0)", "r"(words))
    TRAP(alignment3, "pushf\n\torl $0x40000, (%%esp)\n\tpopf\n\tfldl 4(%0)", "r"(words))
    asm volatile("pushf\n\tandl $~0x40000, (%%esp)\n\tpopf\n\tfninit" ::: "cc", "memory");
    x87_traps();
    single_step();
    repaired();
}

/* --- processes --- */

static uint64_t long_double_sum(long double x)
{
    uint64_t mant = 0;

    memcpy(&mant, &x, 8);
    return mant;
}

/* Each with a precision and rounding of its own, and values held in registers. */
static uint64_t worker(int n)
{
    uint16_t cw = 0x7f | (n % 3 == 1 ? 0 : (n % 3 + 1) << 8 & 0x300) | n % 4 << 10;
    long double x = 1 + n / 7.0L, y = x;
    uint64_t mm = n * 0x0101010101010101, sum = 0;

    asm volatile("fldcw %0" ::"m"(cw));
    for (int i = 0; i < 40000; i++) {
        x = x * 1.0001L + 1 / y;
        y = y - x / 3;
        if (i % 500 == 0) {
            sched_yield();
            sum = mix(sum, long_double_sum(x));
        }
    }
    asm volatile("fninit\n\tmovq %0, %%mm0" ::"m"(mm));
    for (int i = 0; i < 300; i++) {
        asm volatile("paddb %%mm0, %%mm0\n\tpxor %0, %%mm0" ::"m"(sum));
        if (i % 20 == 0)
            syscall(158 /* sched_yield, without touching floating point */);
    }
    asm volatile("movq %%mm0, %0\n\temms" : "=m"(mm));
    return mix(mix(sum, long_double_sum(y)), mm);
}

void judge_processes(void)
{
    enum { WORKERS = 8 };
    static uint32_t shared_words[4096];
    uint32_t *shared = mmap(NULL, sizeof shared_words, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int pipes[WORKERS][2];

    fflush(stdout);
    for (int i = 0; i < 4096; i++)
        shared_words[i] = i * i;
    for (int i = 0; i < WORKERS; i++) {
        if (pipe(pipes[i]) != 0)
            exit(2);
        if (fork() == 0) {
            uint64_t sum = worker(i);

            for (int k = i; k < 4096; k += WORKERS) {
                shared_words[k] += sum; /* a copy of its own */
                asm volatile("lock addl %1, %0" : "+m"(shared[k % 64]) : "r"(shared_words[k] ^ i));
            }
            for (int k = 0; k < 4096; k++)
                sum = mix(sum, shared_words[k]);
            _exit(write(pipes[i][1], &sum, sizeof sum) != sizeof sum);
        }
    }
    for (int i = 0; i < WORKERS; i++) {
        uint64_t sum = 0;
        int status;

        if (read(pipes[i][0], &sum, sizeof sum) != sizeof sum)
            puts("short read");
        wait(&status);
        printf("process %d: %016" PRIx64 " status %x\n", i, sum, status);
    }
    for (int k = 0; k < 64; k++)
        printf("shared %d: %08x own %u\n", k, shared[k], shared_words[k]);
}

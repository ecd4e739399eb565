/*
 * Code memory, and the routines that all blocks share: the way in, the ways
 * out, the interpreter's step, the loading of host flags.
 *
 * The memory is mapped twice, to be written and to be executed: no mapping is
 * ever both.  Source: System V AMD64 ABI, 3.2.1 (registers that a call keeps).
 */
#include "config.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jit/jit_priv.h"

enum { TOUCHED_AT_ONCE = 256 << 10 };

static void cache_load_regs(struct code *c)
{
    for (unsigned i = 0; i < 8; i++)
        x64_mov_rm(c, 4, emit_home[i], emit_cpu(offsetof(struct cpu, gpr) + 4 * i));
}

static void cache_save_regs(struct code *c)
{
    for (unsigned i = 0; i < 8; i++)
        x64_mov_mr(c, 4, emit_cpu(offsetof(struct cpu, gpr) + 4 * i), emit_home[i]);
}

static const int cache_kept[6] = { RBX, RBP, R12, R13, R14, R15 };

/* enter(jit, code): six pushes and eight bytes more keep the stack aligned for calls. */
static void cache_make_enter(struct code *c)
{
    for (unsigned i = 0; i < ARRAY_LEN(cache_kept); i++)
        x64_push(c, cache_kept[i]);
    x64_lea(c, 8, RSP, x64_at(RSP, -8));
    x64_mov_rr(c, 8, JIT, RDI);
    x64_mov_rr(c, 8, TMP3, RSI);
    x64_mov_rm(c, 8, CPU, emit_jit(offsetof(struct jit, cpu)));
    x64_mov_rm(c, 8, TABLE, emit_cpu(offsetof(struct cpu, rd)));
    x64_mov_rm(c, 8, BUDGET, emit_jit(offsetof(struct jit, budget)));
    cache_load_regs(c);
    x64_jmp_r(c, TMP3);
}

/* The link is in TMP. */
static void cache_make_leave(struct code *c, bool stepped)
{
    if (!stepped) {
        cache_save_regs(c);
        x64_mov_mr(c, 8, emit_jit(offsetof(struct jit, budget)), BUDGET);
    }
    x64_mov_rr(c, 8, RAX, TMP);
    x64_lea(c, 8, RSP, x64_at(RSP, 8));
    for (unsigned i = ARRAY_LEN(cache_kept); i-- != 0;)
        x64_pop(c, cache_kept[i]);
    x64_ret(c);
}

static void cache_go_on(struct code *c)
{
    x64_mov_rm(c, 8, TABLE, emit_cpu(offsetof(struct cpu, rd)));
    x64_mov_rm(c, 8, BUDGET, emit_jit(offsetof(struct jit, budget)));
    cache_load_regs(c);
}

/* Called, TMP: struct step.  Returns, or goes where jit->step() says. */
static void cache_make_step(struct code *c, bool flags)
{
    uint8_t *elsewhere;

    cache_save_regs(c);
    x64_mov_mr(c, 8, emit_jit(offsetof(struct jit, budget)), BUDGET);
    x64_mov_rr(c, 8, RDI, JIT);
    x64_mov_rr(c, 8, RSI, TMP);
    x64_lea(c, 8, RSP, x64_at(RSP, -8)); /* aligned, for calls */
    x64_call_m(c, emit_jit(offsetof(struct jit, step)));
    x64_test_rr(c, 8, RAX, RAX);
    elsewhere = x64_jcc(c, CC_NZ);
    if (flags) {
        x64_mov_rr(c, 8, RDI, JIT);
        x64_call_m(c, emit_jit(offsetof(struct jit, load_flags)));
        x64_alu_ri(c, X_ADD, 1, RAX, 127); /* OF from AL */
        x64_sahf(c);
    }
    x64_lea(c, 8, RSP, x64_at(RSP, 8));
    cache_go_on(c);
    x64_ret(c);
    x64_patch(elsewhere, c->p);
    x64_lea(c, 8, RSP, x64_at(RSP, 16));
    x64_mov_rr(c, 8, TMP3, RAX);
    x64_mov_ri(c, TMP, 0);
    cache_go_on(c);
    x64_jmp_r(c, TMP3);
}

/* Called: host flags from jit->load_flags(), all registers kept. */
static void cache_make_load_flags(struct code *c)
{
    static const int saved[9] = { RAX, RCX, RDX, RSI, RDI, R8, R9, R10, R11 };

    for (unsigned i = 0; i < ARRAY_LEN(saved); i++)
        x64_push(c, saved[i]);
    x64_mov_rr(c, 8, RDI, JIT);
    x64_call_m(c, emit_jit(offsetof(struct jit, load_flags)));
    x64_alu_ri(c, X_ADD, 1, RAX, 127);
    x64_sahf(c);
    for (unsigned i = ARRAY_LEN(saved); i-- != 0;)
        x64_pop(c, saved[i]);
    x64_ret(c);
}

/* Called: TMP2 becomes what the C function makes of it, if `size` is not 0 also of TMP and that; other
 * registers are kept. */
static void cache_make_call(struct code *c, size_t function, unsigned size)
{
    static const int saved[8] = { RAX, RCX, RDX, RSI, RDI, R8, R9, R11 };

    for (unsigned i = 0; i < ARRAY_LEN(saved); i++)
        x64_push(c, saved[i]);
    x64_lea(c, 8, RSP, x64_at(RSP, -8)); /* aligned, for calls */
    x64_mov_rr(c, 8, RDI, JIT);
    x64_mov_rr(c, 4, RSI, TMP2);
    if (size != 0) {
        x64_mov_rr(c, 4, RDX, TMP);
        x64_mov_ri(c, RCX, size);
    }
    x64_call_m(c, emit_jit(function));
    x64_mov_rr(c, 8, TMP2, RAX);
    x64_lea(c, 8, RSP, x64_at(RSP, 8));
    for (unsigned i = ARRAY_LEN(saved); i-- != 0;)
        x64_pop(c, saved[i]);
    x64_ret(c);
}

/* Called, TMP: a linear address that a page-pointer table does not serve.  NZ: TMP is the host's now;
 * else it is what it was, and the instruction steps.  Other registers are kept. */
static void cache_make_fill(struct code *c, unsigned what)
{
    static const int saved[9] = { RAX, RCX, RDX, RSI, RDI, R8, R9, R10, R11 };
    uint8_t *none;

    for (unsigned i = 0; i < ARRAY_LEN(saved); i++)
        x64_push(c, saved[i]);
    x64_mov_rr(c, 8, RDI, JIT);
    x64_mov_rr(c, 4, RSI, TMP);
    x64_mov_ri(c, RDX, what);
    x64_call_m(c, emit_jit(offsetof(struct jit, fill)));
    x64_test_rr(c, 8, RAX, RAX);
    none = x64_jcc(c, CC_Z);
    x64_mov_rr(c, 8, TMP, RAX);
    x64_patch(none, c->p);
    for (unsigned i = ARRAY_LEN(saved); i-- != 0;)
        x64_pop(c, saved[i]);
    x64_ret(c);
}

/* --- operands -------------------------------------------------------------- */

/* CF: may there be code in the granule of host address TMP + delta?  Their bits are at RCX. */
static void cache_granule(struct code *c, int32_t delta)
{
    x64_lea(c, 8, TMP3, x64_at(TMP, delta));
    x64_alu_rm(c, X_SUB, 8, TMP3, emit_cpu(offsetof(struct cpu, ram_host)));
    x64_shift_ri(c, X_SHR, 8, TMP3, GRANULE_SHIFT);
    x64_bt_mr(c, x64_at(RCX, 0), TMP3);
}

static void cache_return_beside(struct code *c)
{
    x64_pop(c, RDX);
    x64_pop(c, RCX);
    x64_ret(c);
}

/*
 * Called, TMP: a linear address; of `size` bytes that lie in one page.  CF: TMP is a host
 * address for a store between the code of the page; else it is what it was.  TMP3 is lost.
 */
static void cache_make_find_beside(struct code *c, unsigned size)
{
    uint8_t *none, *first = NULL, *last;

    x64_push(c, RCX);
    x64_push(c, RDX);
    x64_mov_rr(c, 4, RDX, TMP);
    none = emit_entry(c, TABLE_CODE * WR_OFFSET);
    x64_mov_rm(c, 8, RCX, emit_cpu(offsetof(struct cpu, code_granules)));
    if (size != 1) { /* it may have a part in the next granule */
        cache_granule(c, 0);
        first = x64_jcc(c, CC_C);
    }
    cache_granule(c, (int32_t) size - 1);
    last = x64_jcc(c, CC_C);
    x64_alu_ri(c, X_CMP, 1, JIT, 1); /* CF: its byte is zero */
    cache_return_beside(c);
    x64_patch(last, c->p);
    if (first != NULL)
        x64_patch(first, c->p);
    x64_mov_rr(c, 4, TMP, RDX);
    x64_test_rr(c, 4, TMP, TMP);
    x64_patch(none, c->p);
    cache_return_beside(c);
}

static void cache_make_finds(struct jit *jit)
{
    struct code *c = &jit->code;

    for (unsigned what = 0; what < ARRAY_LEN(jit->shared.fill); what++) {
        jit->shared.fill[what] = c->p;
        cache_make_fill(c, what);
    }
    for (unsigned i = 0; i <= GRANULE_SHIFT; i++) {
        jit->shared.find_beside[i] = c->p;
        cache_make_find_beside(c, 1u << i);
    }
}

static void cache_make_devices(struct jit *jit)
{
    for (unsigned size = 1; size <= 4; size *= 2) {
        jit->shared.device_read[size] = jit->code.p;
        cache_make_call(&jit->code, offsetof(struct jit, device_read), size);
        jit->shared.device_write[size] = jit->code.p;
        cache_make_call(&jit->code, offsetof(struct jit, device_write), size);
    }
}

/* Called by C, with struct jit. */
static void cache_make_fpu(struct code *c, bool save)
{
    x64_fpu_m(c, 0xdd, save ? 6 : 4, x64_at(RDI, offsetof(struct jit, fpu_image)));
    x64_ret(c);
}

static void cache_make_shared(struct jit *jit)
{
    const struct {
        const uint8_t **routine;
        size_t function;
    } calls[] = {
        { &jit->shared.read_flags, offsetof(struct jit, read_flags) },
        { &jit->shared.write_flags, offsetof(struct jit, write_flags) },
        { &jit->shared.load_segment, offsetof(struct jit, load_segment) },
        { &jit->shared.ask_segment, offsetof(struct jit, ask_segment) },
        { &jit->shared.enter_code, offsetof(struct jit, enter_code) },
        { &jit->shared.new_context, offsetof(struct jit, new_context) },
    };
    struct code *c = &jit->code;

    jit->shared.enter = jit_rx(jit, c->p);
    cache_make_enter(c);
    jit->shared.leave = c->p;
    cache_make_leave(c, false);
    jit->shared.leave_stepped = c->p;
    cache_make_leave(c, true);
    jit->shared.step = c->p;
    cache_make_step(c, false);
    jit->shared.step_flags = c->p;
    cache_make_step(c, true);
    jit->shared.load_flags = c->p;
    cache_make_load_flags(c);
    for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
        *calls[i].routine = c->p;
        cache_make_call(c, calls[i].function, 0);
    }
    cache_make_devices(jit);
    cache_make_finds(jit);
    jit->shared.fpu_load = jit_rx(jit, c->p);
    cache_make_fpu(c, false);
    jit->shared.fpu_save = jit_rx(jit, c->p);
    cache_make_fpu(c, true);
    jit->code_start = c->p;
}

int cache_init(struct jit *jit, struct err *err)
{
    int fd = memfd_create("reprise code", MFD_CLOEXEC);
    void *rw = MAP_FAILED, *rx = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, JIT_CACHE) == 0) {
        rw = mmap(NULL, JIT_CACHE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        rx = mmap(NULL, JIT_CACHE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    }
    if (rw == MAP_FAILED || rx == MAP_FAILED) {
        err_errno(err, "memory for translated code");
        if (rw != MAP_FAILED)
            munmap(rw, JIT_CACHE);
        if (rx != MAP_FAILED)
            munmap(rx, JIT_CACHE);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    close(fd);
    jit->rw = rw;
    jit->rx = rx;
    jit->code = (struct code){ jit->rw, jit->rw + JIT_HOT, false };
    jit->cold = (struct code){ jit->rw + JIT_HOT, jit->rw + JIT_CACHE, false };
    jit->touched[0] = jit->rw;
    jit->touched[1] = jit->rw + JIT_HOT;
    cache_make_shared(jit);
    return 0;
}

static void cache_touch_part(struct jit *jit, const struct code *c, uint8_t **touched)
{
    while (*touched < c->end && *touched - c->p < JIT_BLOCK_ROOM) {
        madvise(*touched, TOUCHED_AT_ONCE, MADV_POPULATE_WRITE); /* if not, not */
        madvise((void *) (uintptr_t) jit_rx(jit, *touched), TOUCHED_AT_ONCE, MADV_POPULATE_READ);
        *touched += TOUCHED_AT_ONCE;
    }
}

void cache_touch(struct jit *jit)
{
    cache_touch_part(jit, &jit->code, &jit->touched[0]);
    cache_touch_part(jit, &jit->cold, &jit->touched[1]);
}

void cache_free(struct jit *jit)
{
    if (jit->rw == NULL)
        return;
    munmap(jit->rw, JIT_CACHE);
    munmap((void *) (uintptr_t) jit->rx, JIT_CACHE);
}

void jit_call(struct jit *jit, const uint8_t *routine)
{
    void (*call)(struct jit *);

    memcpy(&call, &routine, sizeof call);
    call(jit);
}

struct link *cache_enter(struct jit *jit, const uint8_t *code)
{
    struct link *(*enter)(struct jit *, const uint8_t *);

    memcpy(&enter, &jit->shared.enter, sizeof enter);
    return enter(jit, code);
}

/* What the two judges of cpu/oracle_host.h share; for them alone. */
#ifndef CPU_ORACLE_JUDGE_H
#define CPU_ORACLE_JUDGE_H

#include <assert.h>
#include <signal.h>
#include <stddef.h>

#include "cpu/oracle_host.h"

/* Just above 4 GiB, at SHARED: a fixed address that no 32-bit code reaches. */
struct shared {
    uint32_t gpr[8];     /* 0 */
    uint64_t eflags;     /* 32 */
    uint32_t eip, cs;    /* 40: far pointer, or a 64-bit address */
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
              "offsets used in the assembly of the judges");

#define SHARED      UINT64_C(0x100000000)
#define SHARED_TEXT "0x100000000"

static inline struct shared *judge_shared(void)
{
    return (struct shared *) (uintptr_t) SHARED;
}

struct judge {
    bool (*segments)(const struct oracle_seg *seg);
    void (*enter)(const struct oracle_state *in); /* *in is in `shared` already */
    void (*caught)(int sig, siginfo_t *info, void *context); /* a few instructions, then judge_caught() */
    void (*leave)(void); /* from there to behind enter() */
    void (*note)(const void *context); /* more than judge_caught() notes; may be NULL */
    /* To what the guest sees; may be NULL. */
    void (*settle)(const struct oracle_state *in, struct oracle_state *out, uint32_t end);
    const uint8_t *pad; /* what goes to PAD_BASE */
    size_t pad_len;
};

/* Memory, signals, seccomp; NULL: all is there.  `fs_base` is for shared.fs_base. */
const char *judge_start(const struct judge *j, uint64_t fs_base);

/* A signal has come; with the flags of C code. */
void judge_caught(int sig, siginfo_t *info, void *context);

#endif

/*
 * Asking the kernel to refuse memory that is writable and executable at once.
 *
 * Source: seccomp_rule_add(3), seccomp_attr_set(3).
 */
#include "config.h"

#include "host/wx.h"

#if CONFIG_SECCOMP
#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "base/bits.h"

bool wx_refuse(void)
{
    static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect) };
    const scmp_datum_t both = PROT_WRITE | PROT_EXEC;
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    int bad = ctx == NULL;

    for (unsigned i = 0; !bad && i < ARRAY_LEN(calls); i++)
        bad = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), calls[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, both, both));
    /* Children may be of another kind.  Older kernels take a filter for a reason to slow down every load behind a store. */
    bad = bad || seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW) != 0
       || seccomp_attr_set(ctx, SCMP_FLTATR_CTL_SSB, 1) != 0 || seccomp_load(ctx) != 0;
    if (ctx != NULL)
        seccomp_release(ctx);
    return !bad;
}
#else
bool wx_refuse(void)
{
    return false;
}
#endif

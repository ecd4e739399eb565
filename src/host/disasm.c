/* Instructions as text.  Absent: AT&T syntax. */
#include "config.h"

#include "host/disasm.h"

#include <stdio.h>
#include <stdlib.h>

#if CONFIG_CAPSTONE

#include <capstone/capstone.h>

#include "base/mem.h"

struct disasm {
    csh handle;
    cs_insn *insn;
};

struct disasm *disasm_new(unsigned bits, struct err *err)
{
    struct disasm *d = xcalloc(1, sizeof *d);
    cs_mode mode = bits == 16 ? CS_MODE_16 : bits == 32 ? CS_MODE_32 : CS_MODE_64;

    if (cs_open(CS_ARCH_X86, mode, &d->handle) != CS_ERR_OK) {
        err_set(err, "capstone does not start");
        free(d);
        return NULL;
    }
    d->insn = cs_malloc(d->handle);
    return d;
}

void disasm_free(struct disasm *d)
{
    if (d == NULL)
        return;
    cs_free(d->insn, 1);
    cs_close(&d->handle);
    free(d);
}

size_t disasm_one(struct disasm *d, const uint8_t *code, size_t len, uint64_t addr, char *text, size_t size)
{
    const uint8_t *p = code;

    if (!cs_disasm_iter(d->handle, &p, &len, &addr, d->insn)) {
        snprintf(text, size, "db 0x%02x", code[0]);
        return 1;
    }
    snprintf(text, size, "%s%s%s", d->insn->mnemonic, d->insn->op_str[0] != '\0' ? " " : "", d->insn->op_str);
    return d->insn->size;
}

#else

struct disasm *disasm_new(unsigned bits, struct err *err)
{
    (void) bits;
    err_set(err, "this build has no capstone, which would read the code");
    return NULL;
}

void disasm_free(struct disasm *d)
{
    (void) d;
}

size_t disasm_one(struct disasm *d, const uint8_t *code, size_t len, uint64_t addr, char *text, size_t size)
{
    (void) d;
    (void) len;
    (void) addr;
    snprintf(text, size, "db 0x%02x", code[0]);
    return 1;
}

#endif

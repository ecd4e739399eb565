/*
 * One case of the silicon oracle as a line of text:
 *
 *   32 ldt=SEED mem=SEED fx=SEED eip=N fl=N g=eax,ecx,...,edi s=es,cs,...,gs code=BYTES
 *
 * and what came of it:
 *
 *   -> v=VECTOR e=CODE cr2=N eip=N fl=N u=UNDEFINED gN=... sN=... mADDRESS=BYTES xOFFSET=BYTES
 *
 * Numbers are hexadecimal.  After the arrow stands what has changed only; x is
 * into the image of FXSAVE, u are the flags that are not judged (and 0 in fl).
 * v=100: the end was reached, the far jump after the code.
 */
#ifndef CPU_ORACLE_CASE_H
#define CPU_ORACLE_CASE_H

#include <stdio.h>

#include "cpu/oracle_gen.h"

enum { CASE_TEXT = 4096 };

struct oracle_case {
    bool code32;
    uint64_t ldt_seed, mem_seed, fx_seed;
    struct oracle_state before;
    uint8_t code[STREAM_BYTES];
    unsigned len;
    uint32_t undefined;
};

void case_from_stream(struct oracle_case *c, const struct stream *st, uint64_t ldt_seed, uint64_t mem_seed);
void case_print(FILE *f, const struct oracle_case *c);

/* False: not such a line.  *result is what follows the arrow, or NULL. */
bool case_parse(struct oracle_case *c, const char *line, const char **result);
/* The case as a stream of one piece. */
void case_to_stream(const struct oracle_case *c, struct stream *st);

/* The text after the arrow, from states and data before and after; false: too long. */
bool case_result(char text[CASE_TEXT], const struct oracle_case *c, const struct oracle_state *after,
                 const uint8_t *data_before, const uint8_t *data_after);

#endif

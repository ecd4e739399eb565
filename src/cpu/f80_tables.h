/* Constants of the transcendental functions, to 128 bits. */
#ifndef CPU_F80_TABLES_H
#define CPU_F80_TABLES_H

#include <stdint.h>

struct f80_wide {
    uint64_t hi, lo;
};

enum { F80_FACTORIALS = 36, F80_ODDS = 28, F80_ARCTANS = 17 };

extern const struct f80_wide f80_inverse_factorial[F80_FACTORIALS];
extern const struct f80_wide f80_inverse_odd[F80_ODDS];
extern const struct f80_wide f80_arctan[F80_ARCTANS];
extern const struct f80_wide f80_pi, f80_ln2, f80_two_by_ln2;

#endif

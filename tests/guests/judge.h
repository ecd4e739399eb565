/*
 * A program for 32-bit Linux that prints what the processor computes.  Run
 * natively and in a guest it must print the same: what is not defined by the
 * manuals, or differs by vendor, it does not print.
 *
 * Source: Intel SDM vol. 1, 2A to 2D (results, flags, which flags are
 *         undefined); i386 System V ABI.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prints each result of a digest too. */
extern bool verbose;

void random_seed(uint64_t seed);
uint64_t random_u64(void);
/* Like random_u64, but often a small number or one bit, or the like of it. */
uint64_t random_edge(void);

/* Mixes the value into a running sum; order matters. */
uint64_t mix(uint64_t sum, uint64_t val);

void judge_alu(void);
void judge_int64(void);
void judge_conditions(void);
void judge_strings(void);
void judge_library(void);
void judge_mmx(void);
void judge_x87_arith(void);
void judge_x87_convert(void);
void judge_x87_stack(void);
void judge_long_double(void);
void judge_libm_exact(void);
void judge_near(void);
void judge_signals(void);
void judge_processes(void);

/* Compares judge_near's lines in two files; prints the worst of each function. */
int judge_compare(const char *expected, const char *got);

#endif

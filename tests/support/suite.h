/*
 * A test program defines test_suite() with `check` and links tap_main.c, which
 * runs it and prints TAP on standard output.
 */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>

Suite *test_suite(void);

#endif

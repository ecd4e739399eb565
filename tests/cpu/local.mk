# Tests of src/cpu.
check_PROGRAMS += tests/cpu/test_vectors
TESTS += tests/cpu/test_vectors
tests_cpu_test_vectors_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_vectors_CFLAGS = $(AM_CFLAGS)
tests_cpu_test_vectors_LDADD = libcpu.a libcore.a libbase.a

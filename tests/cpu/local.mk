# Tests of src/cpu.
check_PROGRAMS += tests/cpu/test_vectors
TESTS += tests/cpu/test_vectors
tests_cpu_test_vectors_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_vectors_CFLAGS = $(AM_CFLAGS)
tests_cpu_test_vectors_LDADD = libcpu.a libcore.a libbase.a

# The host's processor as judge; skips where modify_ldt or ptrace is refused.
if HOST_X86_64
check_PROGRAMS += tests/cpu/oracle
TESTS += tests/cpu/oracle
tests_cpu_oracle_SOURCES = tests/cpu/oracle.c tests/cpu/oracle_host.c tests/cpu/oracle_host.h
tests_cpu_oracle_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_oracle_CFLAGS = $(AM_CFLAGS)
tests_cpu_oracle_LDADD = libcpu.a libcore.a libbase.a
endif

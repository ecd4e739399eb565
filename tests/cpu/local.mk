# Tests of src/cpu: see tests/local.mk.
noinst_LIBRARIES += libcpurig.a
libcpurig_a_CPPFLAGS = $(TEST_CPPFLAGS)
libcpurig_a_CFLAGS = $(AM_CFLAGS)
libcpurig_a_SOURCES = tests/support/cpu_rig.c tests/support/cpu_rig.h
CPU_TEST_LIBS = libcpurig.a libcpu.a libcore.a libbase.a

check_PROGRAMS += tests/cpu/test_vectors
TESTS += tests/cpu/test_vectors
tests_cpu_test_vectors_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_vectors_CFLAGS = $(AM_CFLAGS)
tests_cpu_test_vectors_LDADD = $(CPU_TEST_LIBS)

# The host's processor as judge; skips where modify_ldt or ptrace is refused.
if HOST_X86_64
check_PROGRAMS += tests/cpu/oracle
TESTS += tests/cpu/oracle
tests_cpu_oracle_SOURCES = tests/cpu/oracle.c tests/cpu/oracle_host.c tests/cpu/oracle_host.h
tests_cpu_oracle_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_oracle_CFLAGS = $(AM_CFLAGS)
tests_cpu_oracle_LDADD = libcpu.a libcore.a libbase.a
endif

if HAVE_CHECK
check_PROGRAMS += tests/cpu/test_fault
TESTS += tests/cpu/test_fault
tests_cpu_test_fault_SOURCES = tests/cpu/test_fault.c tests/cpu/fault_rows.h
tests_cpu_test_fault_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_fault_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_fault_LDADD = libtestsupport.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
endif

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

# Shared by the silicon oracle and its vectors.
ORACLE_SOURCES = tests/cpu/oracle_world.c tests/cpu/oracle_world.h tests/cpu/oracle_guest.c tests/cpu/oracle_guest.h \
    tests/cpu/oracle_gen.c tests/cpu/oracle_gen.h tests/cpu/oracle_case.c tests/cpu/oracle_case.h \
    tests/cpu/oracle_code64.c tests/cpu/oracle_code64.h tests/cpu/oracle_lay.c
check_PROGRAMS += tests/cpu/test_silicon
TESTS += tests/cpu/test_silicon
EXTRA_DIST += tests/cpu/silicon.txt
tests_cpu_test_silicon_SOURCES = tests/cpu/test_silicon.c $(ORACLE_SOURCES)
tests_cpu_test_silicon_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_silicon_CFLAGS = $(AM_CFLAGS)
tests_cpu_test_silicon_LDADD = libjit.a libcpu.a libcore.a libbase.a
# The host's processor as judge.
if HOST_X86_64
check_PROGRAMS += tests/cpu/oracle
TESTS += tests/cpu/oracle
tests_cpu_oracle_SOURCES = tests/cpu/oracle.c tests/cpu/oracle_known.c tests/cpu/oracle_known.h \
    tests/cpu/oracle_host.c tests/cpu/oracle_host.h tests/cpu/oracle_judge.h tests/cpu/oracle_ldt.c \
    tests/cpu/oracle_long.c $(ORACLE_SOURCES)
tests_cpu_oracle_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_oracle_CFLAGS = $(AM_CFLAGS)
tests_cpu_oracle_LDADD = libjit.a libcpu.a libcore.a libbase.a
endif

if HOST_X86_64
check_PROGRAMS += tests/cpu/x87_soak
TESTS += tests/cpu/x87_soak
tests_cpu_x87_soak_SOURCES = tests/cpu/x87_soak.c tests/cpu/x87_random.c tests/cpu/x87_random.h
tests_cpu_x87_soak_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_x87_soak_CFLAGS = $(AM_CFLAGS)
tests_cpu_x87_soak_LDADD = $(CPU_TEST_LIBS)
endif

# Only where the compiler brings libquadmath.
if HAVE_QUADMATH
check_PROGRAMS += tests/cpu/x87_trans
TESTS += tests/cpu/x87_trans
tests_cpu_x87_trans_SOURCES = tests/cpu/x87_trans.c tests/cpu/x87_random.c tests/cpu/x87_random.h
tests_cpu_x87_trans_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_x87_trans_CFLAGS = $(AM_CFLAGS)
tests_cpu_x87_trans_LDADD = $(CPU_TEST_LIBS) -lquadmath -lm
endif

if HAVE_CHECK
CPU_CHECKS = tests/cpu/test_fault tests/cpu/test_paging tests/cpu/test_task tests/cpu/test_transfer \
    tests/cpu/test_debug tests/cpu/test_engine tests/cpu/test_insn tests/cpu/test_string
check_PROGRAMS += $(CPU_CHECKS)
TESTS += $(CPU_CHECKS)
CPU_CHECK_LIBS = libtestsupport.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
FAULT_ROWS = tests/cpu/fault_rows.c tests/cpu/fault_rows.h
tests_cpu_test_fault_SOURCES = tests/cpu/test_fault.c $(FAULT_ROWS)
tests_cpu_test_fault_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_fault_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_fault_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_paging_SOURCES = tests/cpu/test_paging.c $(FAULT_ROWS)
tests_cpu_test_paging_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_paging_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_paging_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_task_SOURCES = tests/cpu/test_task.c
tests_cpu_test_task_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_task_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_task_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_transfer_SOURCES = tests/cpu/test_transfer.c $(FAULT_ROWS)
tests_cpu_test_transfer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_transfer_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_transfer_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_debug_SOURCES = tests/cpu/test_debug.c
tests_cpu_test_debug_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_debug_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_debug_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_engine_SOURCES = tests/cpu/test_engine.c
tests_cpu_test_engine_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_engine_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_engine_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_insn_SOURCES = tests/cpu/test_insn.c
tests_cpu_test_insn_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_insn_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_insn_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_string_SOURCES = tests/cpu/test_string.c
tests_cpu_test_string_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_string_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_string_LDADD = $(CPU_CHECK_LIBS)

X87_CHECKS = tests/cpu/test_f80 tests/cpu/test_fpu tests/cpu/test_fpu_host
X87_SOURCES = tests/cpu/x87_host.c tests/cpu/x87_host.h tests/cpu/x87_random.c tests/cpu/x87_random.h
check_PROGRAMS += $(X87_CHECKS)
TESTS += $(X87_CHECKS)
tests_cpu_test_f80_SOURCES = tests/cpu/test_f80.c $(X87_SOURCES)
tests_cpu_test_f80_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_f80_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_f80_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_fpu_SOURCES = tests/cpu/test_fpu.c
tests_cpu_test_fpu_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_fpu_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_fpu_LDADD = $(CPU_CHECK_LIBS)
tests_cpu_test_fpu_host_SOURCES = tests/cpu/test_fpu_host.c $(X87_SOURCES)
tests_cpu_test_fpu_host_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cpu_test_fpu_host_CFLAGS = $(TEST_CFLAGS)
tests_cpu_test_fpu_host_LDADD = $(CPU_CHECK_LIBS)
endif

# The translator: see also tests/fuzz/fuzz_jit.c.
check_PROGRAMS += tests/jit/lockstep
tests_jit_lockstep_SOURCES = tests/jit/lockstep.c
tests_jit_lockstep_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_lockstep_LDADD = $(MACHINE_LIBS)

# The translator: see also tests/fuzz/fuzz_jit.c.
check_PROGRAMS += tests/jit/lockstep
tests_jit_lockstep_SOURCES = tests/jit/lockstep.c tests/support/jit_knobs.c tests/support/jit_knobs.h
tests_jit_lockstep_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_lockstep_LDADD = libctl.a $(MACHINE_LIBS)

# It includes fuzz_jit.c.
check_PROGRAMS += tests/jit/lockstep_streams
tests_jit_lockstep_streams_SOURCES = tests/jit/lockstep_streams.c tests/fuzz/jit_program.c tests/fuzz/cpu_program.c tests/fuzz/cpu_program.h
tests_jit_lockstep_streams_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_lockstep_streams_LDADD = libjit.a $(CPU_TEST_LIBS)

# So does this.
check_PROGRAMS += tests/jit/coverage
tests_jit_coverage_SOURCES = tests/jit/coverage.c tests/jit/cover_table.c tests/jit/cover_table.h tests/fuzz/jit_program.c tests/fuzz/cpu_program.c tests/fuzz/cpu_program.h
tests_jit_coverage_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_coverage_LDADD = libjit.a $(CPU_TEST_LIBS)

check_PROGRAMS += tests/jit/replay_knobs
tests_jit_replay_knobs_SOURCES = tests/jit/replay_knobs.c tests/support/jit_knobs.c tests/support/jit_knobs.h
tests_jit_replay_knobs_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_replay_knobs_LDADD = libctl.a libhost.a $(MACHINE_LIBS) $(CAPSTONE_LIBS) $(PNG_LIBS) $(SDL_LIBS) $(SECCOMP_LIBS) $(ZSTD_LIBS)

if HAVE_CHECK
check_PROGRAMS += tests/jit/test_blocks
TESTS += tests/jit/test_blocks
tests_jit_test_blocks_SOURCES = tests/jit/test_blocks.c tests/support/jit_pair.c tests/support/jit_pair.h
tests_jit_test_blocks_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_blocks_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_blocks_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_cover
TESTS += tests/jit/test_cover
tests_jit_test_cover_SOURCES = tests/jit/test_cover.c tests/jit/cover_table.c tests/jit/cover_table.h
tests_jit_test_cover_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_cover_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_cover_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_window
TESTS += tests/jit/test_window
tests_jit_test_window_SOURCES = tests/jit/test_window.c tests/support/jit_pair.c tests/support/jit_pair.h
tests_jit_test_window_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_window_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_window_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_far
TESTS += tests/jit/test_far
tests_jit_test_far_SOURCES = tests/jit/test_far.c tests/support/jit_pair.c tests/support/jit_pair.h
tests_jit_test_far_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_far_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_far_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_rings
TESTS += tests/jit/test_rings
tests_jit_test_rings_SOURCES = tests/jit/test_rings.c tests/support/jit_pair.c tests/support/jit_pair.h
tests_jit_test_rings_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_rings_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_rings_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_pages
TESTS += tests/jit/test_pages
tests_jit_test_pages_SOURCES = tests/jit/test_pages.c tests/support/jit_pair.c tests/support/jit_pair.h
tests_jit_test_pages_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_pages_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_pages_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_loops
TESTS += tests/jit/test_loops
tests_jit_test_loops_SOURCES = tests/jit/test_loops.c tests/support/jit_pair.c tests/support/jit_pair.h tests/support/code_writer.h
tests_jit_test_loops_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_loops_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_loops_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_near
TESTS += tests/jit/test_near
tests_jit_test_near_SOURCES = tests/jit/test_near.c tests/support/jit_pair.c tests/support/jit_pair.h tests/support/code_writer.h
tests_jit_test_near_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_near_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_near_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_patch
TESTS += tests/jit/test_patch
tests_jit_test_patch_SOURCES = tests/jit/test_patch.c tests/support/jit_pair.c tests/support/jit_pair.h
tests_jit_test_patch_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_patch_CFLAGS = $(TEST_CFLAGS)
tests_jit_test_patch_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/jit/test_shapes
TESTS += tests/jit/test_shapes
tests_jit_test_shapes_SOURCES = tests/jit/test_shapes.c tests/fuzz/jit_program.c tests/fuzz/cpu_program.c tests/fuzz/cpu_program.h
tests_jit_test_shapes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_jit_test_shapes_CFLAGS = $(TEST_CFLAGS) $(CAPSTONE_CFLAGS)
tests_jit_test_shapes_LDADD = libtestsupport.a libjit.a $(CPU_TEST_LIBS) $(CHECK_LIBS) $(CAPSTONE_LIBS)
endif

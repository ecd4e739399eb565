if HAVE_CHECK
check_PROGRAMS += tests/core/test_sched
TESTS += tests/core/test_sched
tests_core_test_sched_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_sched_CFLAGS = $(TEST_CFLAGS)
tests_core_test_sched_LDADD = libtestsupport.a libcore.a libbase.a $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/core/test_bus
TESTS += tests/core/test_bus
tests_core_test_bus_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_bus_CFLAGS = $(TEST_CFLAGS)
tests_core_test_bus_LDADD = $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/core/test_state
TESTS += tests/core/test_state
tests_core_test_state_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_state_CFLAGS = $(TEST_CFLAGS)
tests_core_test_state_LDADD = $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/core/test_journal
TESTS += tests/core/test_journal
tests_core_test_journal_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_journal_CFLAGS = $(TEST_CFLAGS)
tests_core_test_journal_LDADD = $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/core/test_disk
TESTS += tests/core/test_disk
tests_core_test_disk_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_disk_CFLAGS = $(TEST_CFLAGS)
tests_core_test_disk_LDADD = $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/core/test_trace
TESTS += tests/core/test_trace
tests_core_test_trace_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_trace_CFLAGS = $(TEST_CFLAGS)
tests_core_test_trace_LDADD = $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/core/test_ram
TESTS += tests/core/test_ram
tests_core_test_ram_CPPFLAGS = $(TEST_CPPFLAGS)
tests_core_test_ram_CFLAGS = $(TEST_CFLAGS)
tests_core_test_ram_LDADD = $(TEST_LIBS)
endif

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

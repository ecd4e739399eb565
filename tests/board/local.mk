if HAVE_CHECK
check_PROGRAMS += tests/board/test_memory
TESTS += tests/board/test_memory
tests_board_test_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_board_test_memory_CFLAGS = $(TEST_CFLAGS)
tests_board_test_memory_LDADD = libboard.a $(TEST_LIBS)
endif

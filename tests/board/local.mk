if HAVE_CHECK
check_PROGRAMS += tests/board/test_memory tests/board/test_cmos
TESTS += tests/board/test_memory tests/board/test_cmos
tests_board_test_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_board_test_memory_CFLAGS = $(TEST_CFLAGS)
tests_board_test_memory_LDADD = libboard.a $(TEST_LIBS)
tests_board_test_cmos_CPPFLAGS = $(TEST_CPPFLAGS)
tests_board_test_cmos_CFLAGS = $(TEST_CFLAGS)
tests_board_test_cmos_LDADD = libboard.a libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/board/test_rewind
TESTS += tests/board/test_rewind
tests_board_test_rewind_SOURCES = tests/board/test_rewind.c \
    tests/support/pc.c tests/support/pc.h
tests_board_test_rewind_CPPFLAGS = $(TEST_CPPFLAGS)
tests_board_test_rewind_CFLAGS = $(TEST_CFLAGS)
tests_board_test_rewind_LDADD = libtestsupport.a libboard.a libhw.a libjit.a libcpu.a libcore.a libbios.a \
    libimages.a libbase.a $(CHECK_LIBS)
endif

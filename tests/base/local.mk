if HAVE_CHECK
check_PROGRAMS += tests/base/test_xxh64
TESTS += tests/base/test_xxh64
tests_base_test_xxh64_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_xxh64_CFLAGS = $(TEST_CFLAGS)
tests_base_test_xxh64_LDADD = libtestsupport.a libbase.a $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/base/test_sha256
TESTS += tests/base/test_sha256
tests_base_test_sha256_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_sha256_CFLAGS = $(TEST_CFLAGS)
tests_base_test_sha256_LDADD = libtestsupport.a libbase.a $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/base/test_crc32c
TESTS += tests/base/test_crc32c
tests_base_test_crc32c_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_crc32c_CFLAGS = $(TEST_CFLAGS)
tests_base_test_crc32c_LDADD = libtestsupport.a libbase.a $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/host/test_probe tests/host/test_scale tests/host/test_text tests/host/test_threads tests/host/test_wx
TESTS += tests/host/test_probe tests/host/test_scale tests/host/test_text tests/host/test_threads tests/host/test_wx
tests_host_test_wx_CPPFLAGS = $(TEST_CPPFLAGS)
tests_host_test_wx_CFLAGS = $(TEST_CFLAGS)
tests_host_test_wx_LDADD = libhost.a $(SECCOMP_LIBS) $(TEST_LIBS)
tests_host_test_probe_CPPFLAGS = $(TEST_CPPFLAGS)
tests_host_test_probe_CFLAGS = $(TEST_CFLAGS)
tests_host_test_probe_LDADD = libhost.a $(TEST_LIBS)
tests_host_test_scale_CPPFLAGS = $(TEST_CPPFLAGS)
tests_host_test_scale_CFLAGS = $(TEST_CFLAGS)
tests_host_test_scale_LDADD = libhost.a $(TEST_LIBS)
tests_host_test_threads_CPPFLAGS = $(TEST_CPPFLAGS)
tests_host_test_threads_CFLAGS = $(TEST_CFLAGS)
tests_host_test_threads_LDADD = libhost.a $(TEST_LIBS)
tests_host_test_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_host_test_text_CFLAGS = $(TEST_CFLAGS)
tests_host_test_text_LDADD = libhost.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/host/test_overlay
TESTS += tests/host/test_overlay
tests_host_test_overlay_CPPFLAGS = $(TEST_CPPFLAGS)
tests_host_test_overlay_CFLAGS = $(TEST_CFLAGS)
tests_host_test_overlay_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pwrite,--wrap=ftruncate,--wrap=fdatasync,--wrap=fsync
tests_host_test_overlay_LDADD = libtestsupport.a libhost.a libcore.a libbase.a $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/host/test_snapshot_file
TESTS += tests/host/test_snapshot_file
tests_host_test_snapshot_file_CPPFLAGS = $(TEST_CPPFLAGS)
tests_host_test_snapshot_file_CFLAGS = $(TEST_CFLAGS)
tests_host_test_snapshot_file_LDADD = libhost.a $(TEST_LIBS) $(ZSTD_LIBS)
endif

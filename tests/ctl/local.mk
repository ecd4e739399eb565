# src/ctl with a machine made for tests, and unit tests of its parts.
check_PROGRAMS += tests/ctl/reprise-fake
tests_ctl_reprise_fake_CFLAGS = $(AM_CFLAGS)
tests_ctl_reprise_fake_SOURCES = tests/ctl/fake_main.c tests/ctl/fake_machine.c
tests_ctl_reprise_fake_LDADD = libctl.a libhost.a libcore.a libbase.a $(CAPSTONE_LIBS) $(PNG_LIBS) $(SDL_LIBS) $(SECCOMP_LIBS) $(ZSTD_LIBS)

check_PROGRAMS += tests/ctl/rewind_cost
tests_ctl_rewind_cost_SOURCES = tests/ctl/rewind_cost.c
tests_ctl_rewind_cost_LDADD = libctl.a libhost.a $(MACHINE_LIBS) $(CAPSTONE_LIBS) $(PNG_LIBS) $(SDL_LIBS) $(SECCOMP_LIBS) $(ZSTD_LIBS)

check_PROGRAMS += tests/ctl/rewind_record
tests_ctl_rewind_record_SOURCES = tests/ctl/rewind_record.c
tests_ctl_rewind_record_LDADD = libctl.a libhost.a $(MACHINE_LIBS) $(CAPSTONE_LIBS) $(PNG_LIBS) $(SDL_LIBS) $(SECCOMP_LIBS) $(ZSTD_LIBS)

ctl_shell_tests = tests/ctl/completion.sh tests/ctl/conf.sh tests/ctl/errors.sh tests/ctl/listing.sh tests/ctl/man.sh tests/ctl/media.sh tests/ctl/ports.sh tests/ctl/runner.sh tests/ctl/steps.sh
TESTS += $(ctl_shell_tests)
EXTRA_DIST += tests/ctl/lib.sh tests/ctl/complete_tty.py $(ctl_shell_tests)

tests/ctl/runner.log: reprise$(EXEEXT)

if HAVE_CHECK
check_PROGRAMS += tests/ctl/test_keys tests/ctl/test_options tests/ctl/test_pace tests/ctl/test_bindings tests/ctl/test_anchor
TESTS += tests/ctl/test_keys tests/ctl/test_options tests/ctl/test_pace tests/ctl/test_bindings tests/ctl/test_anchor
tests_ctl_test_anchor_CPPFLAGS = $(TEST_CPPFLAGS)
tests_ctl_test_anchor_CFLAGS = $(TEST_CFLAGS)
tests_ctl_test_anchor_LDADD = libctl.a libhost.a $(TEST_LIBS) $(CAPSTONE_LIBS) $(PNG_LIBS) $(SDL_LIBS) $(SECCOMP_LIBS) $(ZSTD_LIBS)
tests_ctl_test_keys_CPPFLAGS = $(TEST_CPPFLAGS)
tests_ctl_test_keys_CFLAGS = $(TEST_CFLAGS)
tests_ctl_test_keys_LDADD = libctl.a libhost.a $(TEST_LIBS)
tests_ctl_test_options_CPPFLAGS = $(TEST_CPPFLAGS)
tests_ctl_test_options_CFLAGS = $(TEST_CFLAGS)
tests_ctl_test_options_LDADD = libctl.a libhost.a $(TEST_LIBS)
tests_ctl_test_bindings_CPPFLAGS = $(TEST_CPPFLAGS)
tests_ctl_test_bindings_CFLAGS = $(TEST_CFLAGS)
tests_ctl_test_bindings_LDADD = libctl.a libhost.a $(TEST_LIBS)
tests_ctl_test_pace_CPPFLAGS = $(TEST_CPPFLAGS)
tests_ctl_test_pace_CFLAGS = $(TEST_CFLAGS)
tests_ctl_test_pace_LDADD = libctl.a libhost.a $(TEST_LIBS)
endif

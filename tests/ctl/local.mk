# src/ctl with a machine made for tests, and unit tests of its parts.
check_PROGRAMS += tests/ctl/reprise-fake
tests_ctl_reprise_fake_CFLAGS = $(AM_CFLAGS)
tests_ctl_reprise_fake_SOURCES = tests/ctl/fake_main.c tests/ctl/fake_machine.c
tests_ctl_reprise_fake_LDADD = libctl.a libhost.a libcore.a libbase.a $(PNG_LIBS)

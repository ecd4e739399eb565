# Unit tests: one program per source file tested, TAP on standard output.
noinst_LIBRARIES += libtestsupport.a
libtestsupport_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
libtestsupport_a_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
libtestsupport_a_SOURCES = tests/support/tap_main.c tests/support/suite.h \
    tests/support/rig.c tests/support/rig.h \
    tests/support/memdisk.c tests/support/memdisk.h

TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)

# What a program of tests/ links: TEST_LIBS after the module's library.
TEST_LIBS = libtestsupport.a libcore.a libbase.a $(CHECK_LIBS)

include tests/base/local.mk
include tests/core/local.mk
include tests/cpu/local.mk
include tests/bios/local.mk
include tests/hw/local.mk
include tests/host/local.mk
include tests/ctl/local.mk
include tests/board/local.mk
include tests/machine/local.mk
include tests/privileged/local.mk
include tests/jit/local.mk
include tests/fuzz/local.mk
include tests/window/local.mk
include tests/soak/local.mk

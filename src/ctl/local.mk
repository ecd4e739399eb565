noinst_LIBRARIES += libctl.a
libctl_a_CFLAGS = $(AM_CFLAGS)
libctl_a_SOURCES =

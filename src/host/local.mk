noinst_LIBRARIES += libhost.a
libhost_a_CFLAGS = $(AM_CFLAGS) $(PNG_CFLAGS)
libhost_a_SOURCES =

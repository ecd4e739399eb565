noinst_LIBRARIES += libhw.a
libhw_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS)
libhw_a_SOURCES =

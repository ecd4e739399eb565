noinst_LIBRARIES += libhw.a
libhw_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS)
libhw_a_SOURCES =
libhw_a_SOURCES += src/hw/pic8259.c src/hw/pic8259.h

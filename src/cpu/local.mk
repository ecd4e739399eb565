noinst_LIBRARIES += libcpu.a
libcpu_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS)
libcpu_a_SOURCES = \
    src/cpu/cpu.h

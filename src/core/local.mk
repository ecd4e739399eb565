noinst_LIBRARIES += libcore.a
libcore_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS) $(STRICT_CFLAGS)
libcore_a_SOURCES = \
    src/core/audio.h \
    src/core/bus.c src/core/bus.h \
    src/core/clock.c src/core/clock.h \
    src/core/disk.c src/core/disk.h \
    src/core/dma.h \
    src/core/irq.h \
    src/core/journal.c src/core/journal.h \
    src/core/pages.c src/core/pages.h \
    src/core/ram.c src/core/ram.h \
    src/core/sched.c src/core/sched.h \
    src/core/serial.h \
    src/core/state.c src/core/state.h \
    src/core/trace.c src/core/trace.h \
    src/core/video.h

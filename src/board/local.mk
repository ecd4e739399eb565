noinst_LIBRARIES += libboard.a
libboard_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS)
libboard_a_SOURCES = \
    src/board/at.c src/board/at.h \
    src/board/cmos.c src/board/cmos.h \
    src/board/machine.c src/board/machine.h \
    src/board/memory.c src/board/memory.h \
    src/board/rewind.c src/board/rewind.h

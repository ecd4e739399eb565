noinst_LIBRARIES += libhost.a
libhost_a_CFLAGS = $(AM_CFLAGS) $(PNG_CFLAGS)
libhost_a_SOURCES = \
    src/host/file.c src/host/file.h \
    src/host/image.c src/host/image.h \
    src/host/png.c src/host/png.h \
    src/host/probe.c src/host/probe.h \
    src/host/signals.c src/host/signals.h \
    src/host/sink.c src/host/sink.h \
    src/host/text.c src/host/text.h \
    src/host/wall.c src/host/wall.h

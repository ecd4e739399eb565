noinst_LIBRARIES += libhost.a
libhost_a_CFLAGS = $(AM_CFLAGS) $(PNG_CFLAGS) $(SDL_CFLAGS) $(SECCOMP_CFLAGS) $(ZSTD_CFLAGS)
libhost_a_CCASFLAGS = $(AM_CCASFLAGS) -Isrc/bios/vga
libhost_a_SOURCES = \
    src/host/file.c src/host/file.h \
    src/host/font.S src/host/font.h \
    src/host/frames.c src/host/frames.h \
    src/host/image.c src/host/image.h src/host/image_priv.h src/host/image_overlay.c \
    src/host/inbox.c src/host/inbox.h \
    src/host/keymap.c src/host/keymap.h \
    src/host/overlay.c src/host/overlay.h \
    src/host/panel.c src/host/panel.h \
    src/host/disasm.c src/host/disasm.h \
    src/host/png.c src/host/png.h \
    src/host/probe.c src/host/probe.h \
    src/host/scale.c src/host/scale.h \
    src/host/signals.c src/host/signals.h \
    src/host/sink.c src/host/sink.h \
    src/host/snapshot_file.c src/host/snapshot_file.h \
    src/host/text.c src/host/text.h \
    src/host/wall.c src/host/wall.h \
    src/host/window.c src/host/window.h \
    src/host/wx.c src/host/wx.h

src/host/libhost_a-font.$(OBJEXT): src/bios/vga/font8x16.inc

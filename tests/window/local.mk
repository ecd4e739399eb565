# The program in a window of a display that the test makes.
TESTS += tests/window/window.sh tests/window/demo.sh tests/window/wayland.sh tests/window/guests.sh
EXTRA_DIST += tests/window/window.sh tests/window/demo.sh tests/window/wayland.sh tests/window/guests.sh tests/window/lib.sh tests/window/drop.c tests/window/png_hash.py tests/window/cut.py
if HAVE_X11
check_PROGRAMS += tests/window/drop
tests_window_drop_CFLAGS = $(AM_CFLAGS) $(X11_CFLAGS)
tests_window_drop_SOURCES = tests/window/drop.c
tests_window_drop_LDADD = $(X11_LIBS)
endif

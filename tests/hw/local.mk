# Tests of src/hw: see tests/local.mk.

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_pic8259
TESTS += tests/hw/test_pic8259
tests_hw_test_pic8259_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_pic8259_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_pic8259_LDADD = libhw.a $(TEST_LIBS)

check_PROGRAMS += tests/hw/test_ata
TESTS += tests/hw/test_ata
tests_hw_test_ata_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_ata_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_ata_LDADD = libhw.a $(TEST_LIBS)

check_PROGRAMS += tests/hw/test_atapi
TESTS += tests/hw/test_atapi
tests_hw_test_atapi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_atapi_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_atapi_LDADD = libhw.a $(TEST_LIBS)

check_PROGRAMS += tests/hw/test_vga
TESTS += tests/hw/test_vga
tests_hw_test_vga_SOURCES = tests/hw/test_vga.c tests/hw/vga_guest.c tests/hw/vga_guest.h
tests_hw_test_vga_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_vga_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_vga_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_uart16550 tests/hw/test_parport
TESTS += tests/hw/test_uart16550 tests/hw/test_parport
tests_hw_test_uart16550_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_uart16550_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_uart16550_LDADD = libhw.a $(TEST_LIBS)
tests_hw_test_parport_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_parport_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_parport_LDADD = libhw.a $(TEST_LIBS)
check_PROGRAMS += tests/hw/test_pit8254
TESTS += tests/hw/test_pit8254
tests_hw_test_pit8254_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_pit8254_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_pit8254_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_portb
TESTS += tests/hw/test_portb
tests_hw_test_portb_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_portb_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_portb_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_dma8237
TESTS += tests/hw/test_dma8237
tests_hw_test_dma8237_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_dma8237_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_dma8237_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_rtc
TESTS += tests/hw/test_rtc
tests_hw_test_rtc_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_rtc_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_rtc_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_vga_mem
TESTS += tests/hw/test_vga_mem
tests_hw_test_vga_mem_SOURCES = tests/hw/test_vga_mem.c tests/hw/vga_guest.c tests/hw/vga_guest.h
tests_hw_test_vga_mem_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_vga_mem_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_vga_mem_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_vga_render
TESTS += tests/hw/test_vga_render
tests_hw_test_vga_render_SOURCES = tests/hw/test_vga_render.c tests/hw/vga_guest.c tests/hw/vga_guest.h
tests_hw_test_vga_render_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_vga_render_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_vga_render_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_fdc82077
TESTS += tests/hw/test_fdc82077
tests_hw_test_fdc82077_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_fdc82077_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_fdc82077_LDADD = libhw.a $(TEST_LIBS)
check_PROGRAMS += tests/hw/test_kbc8042
TESTS += tests/hw/test_kbc8042
tests_hw_test_kbc8042_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_kbc8042_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_kbc8042_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_ps2_keyboard
TESTS += tests/hw/test_ps2_keyboard
tests_hw_test_ps2_keyboard_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_ps2_keyboard_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_ps2_keyboard_LDADD = libhw.a $(TEST_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/hw/test_ps2_mouse
TESTS += tests/hw/test_ps2_mouse
tests_hw_test_ps2_mouse_CPPFLAGS = $(TEST_CPPFLAGS)
tests_hw_test_ps2_mouse_CFLAGS = $(TEST_CFLAGS)
tests_hw_test_ps2_mouse_LDADD = libhw.a $(TEST_LIBS)
endif

# Fuzz targets: LLVMFuzzerTestOneInput in one file each.  With --enable-fuzz
# they are libFuzzer programs; else a small driver runs each over a fixed
# number of pseudo-random inputs, as part of `make check`.
if FUZZ
LIBFUZZER_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
LIBFUZZER_MAIN = tests/support/no_main.c
else
LIBFUZZER_LDFLAGS = $(AM_LDFLAGS)
LIBFUZZER_MAIN = tests/support/fuzz_main.c
endif

check_PROGRAMS += tests/fuzz/fuzz_pic8259
TESTS += tests/fuzz/fuzz_pic8259
tests_fuzz_fuzz_pic8259_SOURCES = tests/fuzz/fuzz_pic8259.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_pic8259_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_pic8259_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_pic8259_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_ata
TESTS += tests/fuzz/fuzz_ata
tests_fuzz_fuzz_ata_SOURCES = tests/fuzz/fuzz_ata.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_ata_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_ata_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_ata_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_atapi
TESTS += tests/fuzz/fuzz_atapi
tests_fuzz_fuzz_atapi_SOURCES = tests/fuzz/fuzz_atapi.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_atapi_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_atapi_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_atapi_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_pit8254
TESTS += tests/fuzz/fuzz_pit8254
tests_fuzz_fuzz_pit8254_SOURCES = tests/fuzz/fuzz_pit8254.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_pit8254_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_pit8254_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_pit8254_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_portb
TESTS += tests/fuzz/fuzz_portb
tests_fuzz_fuzz_portb_SOURCES = tests/fuzz/fuzz_portb.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_portb_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_portb_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_portb_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_dma8237
TESTS += tests/fuzz/fuzz_dma8237
tests_fuzz_fuzz_dma8237_SOURCES = tests/fuzz/fuzz_dma8237.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_dma8237_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_dma8237_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_dma8237_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_rtc
TESTS += tests/fuzz/fuzz_rtc
tests_fuzz_fuzz_rtc_SOURCES = tests/fuzz/fuzz_rtc.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_rtc_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_rtc_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_rtc_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_fdc82077
TESTS += tests/fuzz/fuzz_fdc82077
tests_fuzz_fuzz_fdc82077_SOURCES = tests/fuzz/fuzz_fdc82077.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_fdc82077_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_fdc82077_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_fdc82077_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_vga
TESTS += tests/fuzz/fuzz_vga
tests_fuzz_fuzz_vga_SOURCES = tests/fuzz/fuzz_vga.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_vga_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_vga_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_vga_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_uart16550
TESTS += tests/fuzz/fuzz_uart16550
tests_fuzz_fuzz_uart16550_SOURCES = tests/fuzz/fuzz_uart16550.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_uart16550_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_uart16550_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_uart16550_LDADD = libhw.a libtestsupport.a libcore.a libbase.a
check_PROGRAMS += tests/fuzz/fuzz_kbc8042
TESTS += tests/fuzz/fuzz_kbc8042
tests_fuzz_fuzz_kbc8042_SOURCES = tests/fuzz/fuzz_kbc8042.c tests/fuzz/fuzz_ops.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_kbc8042_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_kbc8042_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_kbc8042_LDADD = libhw.a libtestsupport.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_cmdline tests/fuzz/fuzz_conf tests/fuzz/fuzz_image
TESTS += tests/fuzz/fuzz_cmdline tests/fuzz/fuzz_conf tests/fuzz/fuzz_image
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_conf_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_conf_LDADD = libctl.a libhost.a libcore.a libbase.a
tests_fuzz_fuzz_cmdline_SOURCES = tests/fuzz/fuzz_cmdline.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_cmdline_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_cmdline_LDADD = libctl.a libhost.a libcore.a libbase.a
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/fuzz_image.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_image_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_image_LDADD = libhost.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_cpu
TESTS += tests/fuzz/fuzz_cpu
tests_fuzz_fuzz_cpu_SOURCES = tests/fuzz/fuzz_cpu.c tests/fuzz/cpu_program.c tests/fuzz/cpu_program.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_cpu_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_cpu_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_cpu_LDADD = $(CPU_TEST_LIBS)
check_PROGRAMS += tests/fuzz/fuzz_jit
TESTS += tests/fuzz/fuzz_jit
tests_fuzz_fuzz_jit_SOURCES = tests/fuzz/fuzz_jit.c tests/fuzz/jit_program.c tests/fuzz/cpu_program.c tests/fuzz/cpu_program.h $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_jit_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_jit_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_jit_LDADD = libjit.a $(CPU_TEST_LIBS)
check_PROGRAMS += tests/fuzz/fuzz_fpu
TESTS += tests/fuzz/fuzz_fpu
tests_fuzz_fuzz_fpu_SOURCES = tests/fuzz/fuzz_fpu.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_fpu_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_fpu_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_fpu_LDADD = $(CPU_TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_trace
TESTS += tests/fuzz/fuzz_trace
tests_fuzz_fuzz_trace_SOURCES = tests/fuzz/fuzz_trace.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_trace_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_trace_LDADD = libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_snapshot
TESTS += tests/fuzz/fuzz_snapshot
tests_fuzz_fuzz_snapshot_SOURCES = tests/fuzz/fuzz_snapshot.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_snapshot_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_snapshot_LDADD = libhost.a libcore.a libbase.a $(ZSTD_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_script
TESTS += tests/fuzz/fuzz_script
tests_fuzz_fuzz_script_SOURCES = tests/fuzz/fuzz_script.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_script_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_script_LDADD = libctl.a libhost.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_overlay
TESTS += tests/fuzz/fuzz_overlay
tests_fuzz_fuzz_overlay_SOURCES = tests/fuzz/fuzz_overlay.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_overlay_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_overlay_LDADD = libhost.a libcore.a libbase.a

check_PROGRAMS += tests/fuzz/fuzz_anchor
TESTS += tests/fuzz/fuzz_anchor
tests_fuzz_fuzz_anchor_SOURCES = tests/fuzz/fuzz_anchor.c $(LIBFUZZER_MAIN)
tests_fuzz_fuzz_anchor_LDFLAGS = $(LIBFUZZER_LDFLAGS)
tests_fuzz_fuzz_anchor_LDADD = libctl.a libhost.a libcore.a libbase.a $(CAPSTONE_LIBS) $(PNG_LIBS) $(SDL_LIBS) $(ZSTD_LIBS)

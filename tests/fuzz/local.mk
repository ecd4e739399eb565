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

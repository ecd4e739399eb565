# Benchmarks: bare-metal workloads under Reprise and what else is installed.
EXTRA_DIST += bench/Makefile bench/README.md bench/boot.asm bench/expected.json \
    bench/kit.h bench/link.ld bench/low32.asm bench/main.c bench/mkimage.py \
    bench/native.c bench/native.ld bench/run.py bench/stage16.asm bench/table.c \
    bench/pm16task.asm bench/user.asm bench/v86run.mjs bench/v86task.asm bench/w_disk.c \
    bench/w_fpu.c bench/w_host.c bench/w_int.c bench/w_mem.c bench/w_p2.c bench/w_planar.c \
    bench/w_pm16.c bench/w_sys.c bench/w_vesa.c bench/w_video.c

# The columns: the native limit, then every emulator that is there.
BENCH_EMU = native$$(for e in qemu-system-i386:qemu dosbox:dosbox; do \
    command -v $${e%:*} > /dev/null && printf ',%s' $${e\#*:}; done),reprise
BENCH_FLAGS = --reps 3 --metric cpu

.PHONY: bench bench-build
bench-build:
	@command -v nasm > /dev/null || { echo "make bench needs nasm" >&2; exit 1; }
	$(AM_V_at)$(MAKE) -C $(srcdir)/bench B='$(abs_builddir)/bench/build'
bench: bench-build reprise$(EXEEXT)
	PYTHONDONTWRITEBYTECODE=1 BENCH_REPRISE='$(abs_builddir)/reprise$(EXEEXT)' $(PYTHON) $(srcdir)/bench/run.py \
	    --build bench/build --emu $(BENCH_EMU) $(BENCH_FLAGS)
clean-local: clean-bench
clean-bench:
	rm -rf bench/build

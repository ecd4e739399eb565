noinst_LIBRARIES += libjit.a
libjit_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS)
if HOST_X86_64
libjit_a_SOURCES = \
    src/jit/block.c \
    src/jit/cache.c \
    src/jit/calls.c \
    src/jit/conform.c \
    src/jit/context.c \
    src/jit/cover.c \
    src/jit/emit.c \
    src/jit/emit_alu.c \
    src/jit/emit_device.c \
    src/jit/emit_exit.c \
    src/jit/emit_far.c \
    src/jit/emit_flags.c \
    src/jit/emit_flow.c \
    src/jit/emit_fpu.c \
    src/jit/emit_mem.c \
    src/jit/emit_move.c \
    src/jit/emit_near.c \
    src/jit/emit_seg.c \
    src/jit/emit_shift.c \
    src/jit/emit_soft.c \
    src/jit/emit_stack.c \
    src/jit/emit_string.c \
    src/jit/flags.c \
    src/jit/fpu.c \
    src/jit/jit.c src/jit/jit.h \
    src/jit/jit_priv.h \
    src/jit/mem_window.c \
    src/jit/stats.c \
    src/jit/x64.c src/jit/x64.h
else
libjit_a_SOURCES = src/jit/jit.h src/jit/none.c
endif
EXTRA_DIST += src/jit/none.c

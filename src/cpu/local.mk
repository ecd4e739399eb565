noinst_LIBRARIES += libcpu.a
libcpu_a_CFLAGS = $(AM_CFLAGS) $(MACHINE_CFLAGS)
libcpu_a_SOURCES = \
    src/cpu/cpu.c src/cpu/cpu.h \
    src/cpu/cpu_state.h \
    src/cpu/decode.c src/cpu/decode.h \
    src/cpu/engine.c src/cpu/engine.h \
    src/cpu/exec.h \
    src/cpu/f80.h src/cpu/f80_priv.h \
    src/cpu/f80_arith.c \
    src/cpu/f80_convert.c \
    src/cpu/f80_round.c \
    src/cpu/f80_tables.c src/cpu/f80_tables.h \
    src/cpu/f80_trans.c \
    src/cpu/flags.h \
    src/cpu/fpu.c src/cpu/fpu.h \
    src/cpu/insn.h \
    src/cpu/interrupt.c \
    src/cpu/io.h \
    src/cpu/mem.c src/cpu/mem.h \
    src/cpu/model.c src/cpu/model.h \
    src/cpu/op_alu.c \
    src/cpu/op_bit.c \
    src/cpu/op_flag.c \
    src/cpu/op_flow.c \
    src/cpu/op_fpu.c \
    src/cpu/op_fpu_env.c \
    src/cpu/op_fpu_move.c \
    src/cpu/op_io.c \
    src/cpu/op_mmx.c \
    src/cpu/op_move.c \
    src/cpu/op_mul.c \
    src/cpu/op_shift.c \
    src/cpu/op_stack.c \
    src/cpu/op_string.c \
    src/cpu/op_sys.c \
    src/cpu/ops.h src/cpu/ops1.def src/cpu/ops0f.def src/cpu/ops_fpu.def \
    src/cpu/paging.c \
    src/cpu/segment.c src/cpu/segment.h \
    src/cpu/task.c \
    src/cpu/trace.c src/cpu/trace.h \
    src/cpu/transfer.c src/cpu/transfer.h \
    src/cpu/transfer_simple.c

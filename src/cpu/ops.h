/*
 * The interpreter functions that rows name, by file.  Each is the definition
 * of its instruction: see the file for the manual's section.
 */
#ifndef CPU_OPS_H
#define CPU_OPS_H

#include "cpu/insn.h"

#define OP_FN(f) enum op_exit f(struct cpu *cpu, const struct insn *in)

/* op_alu.c */
OP_FN(op_add);
OP_FN(op_or);
OP_FN(op_adc);
OP_FN(op_sbb);
OP_FN(op_and);
OP_FN(op_sub);
OP_FN(op_xor);
OP_FN(op_cmp);
OP_FN(op_test);
OP_FN(op_inc);
OP_FN(op_dec);
OP_FN(op_not);
OP_FN(op_neg);
OP_FN(op_xadd);
OP_FN(op_cmpxchg);
OP_FN(op_cmpxchg8b);
OP_FN(op_daa);
OP_FN(op_das);
OP_FN(op_aaa);
OP_FN(op_aas);
OP_FN(op_aam);
OP_FN(op_aad);

/* DAA or DAS: AL as it becomes, and above it the new CF and AF; from the old ones in `flags`. */
uint32_t bcd_adjusted(uint8_t al, uint32_t flags, bool subtract);

/* op_mul.c */
OP_FN(op_mul);
OP_FN(op_imul1);
OP_FN(op_imul2);
OP_FN(op_div);
OP_FN(op_idiv);

/* op_shift.c */
OP_FN(op_rol);
OP_FN(op_ror);
OP_FN(op_rcl);
OP_FN(op_rcr);
OP_FN(op_shl);
OP_FN(op_shr);
OP_FN(op_sar);
OP_FN(op_shld);
OP_FN(op_shrd);

/* op_bit.c */
OP_FN(op_bt);
OP_FN(op_bts);
OP_FN(op_btr);
OP_FN(op_btc);
OP_FN(op_bsf);
OP_FN(op_bsr);
OP_FN(op_bswap);

/* op_move.c */
OP_FN(op_mov);
OP_FN(op_movzx);
OP_FN(op_movsx);
OP_FN(op_cmov);
OP_FN(op_setcc);
OP_FN(op_lea);
OP_FN(op_xchg);
OP_FN(op_xlat);
OP_FN(op_cbw);
OP_FN(op_cwd);
OP_FN(op_lahf);
OP_FN(op_sahf);
OP_FN(op_salc);
OP_FN(op_nop);
OP_FN(op_mov_from_seg);
OP_FN(op_mov_to_seg);
OP_FN(op_lfar);
OP_FN(op_umov);

/* op_stack.c */
OP_FN(op_push);
OP_FN(op_pop);
OP_FN(op_push_seg);
OP_FN(op_pop_seg);
OP_FN(op_pusha);
OP_FN(op_popa);
OP_FN(op_pushf);
OP_FN(op_popf);
OP_FN(op_enter);
OP_FN(op_leave);

/* op_flow.c */
OP_FN(op_jcc);
OP_FN(op_jmp);
OP_FN(op_jmp_abs);
OP_FN(op_call);
OP_FN(op_call_abs);
OP_FN(op_ret);
OP_FN(op_jcxz);
OP_FN(op_loop);
OP_FN(op_loopz);
OP_FN(op_loopnz);
OP_FN(op_jmp_far);
OP_FN(op_call_far);
OP_FN(op_ret_far);
OP_FN(op_iret);
OP_FN(op_int);
OP_FN(op_int3);
OP_FN(op_into);
OP_FN(op_int1);
OP_FN(op_bound);
OP_FN(op_ud);
OP_FN(op_sysenter);
OP_FN(op_sysexit);

/* op_string.c */
OP_FN(op_movs);
OP_FN(op_cmps);
OP_FN(op_stos);
OP_FN(op_lods);
OP_FN(op_scas);
OP_FN(op_ins);
OP_FN(op_outs);

/* op_io.c */
OP_FN(op_in);
OP_FN(op_out);

/* op_flag.c */
OP_FN(op_clc);
OP_FN(op_stc);
OP_FN(op_cmc);
OP_FN(op_cld);
OP_FN(op_std);
OP_FN(op_cli);
OP_FN(op_sti);

/* op_sys.c */
OP_FN(op_hlt);
OP_FN(op_lgdt);
OP_FN(op_lidt);
OP_FN(op_sgdt);
OP_FN(op_sidt);
OP_FN(op_lldt);
OP_FN(op_ltr);
OP_FN(op_sldt);
OP_FN(op_str);
OP_FN(op_smsw);
OP_FN(op_lmsw);
OP_FN(op_clts);
OP_FN(op_invd);
OP_FN(op_invlpg);
OP_FN(op_mov_from_cr);
OP_FN(op_mov_to_cr);
OP_FN(op_mov_from_dr);
OP_FN(op_mov_to_dr);
OP_FN(op_mov_tr);
OP_FN(op_arpl);
OP_FN(op_lar);
OP_FN(op_lsl);
OP_FN(op_verr);
OP_FN(op_verw);
OP_FN(op_cpuid);
OP_FN(op_rdtsc);
OP_FN(op_rdpmc);
OP_FN(op_rdmsr);
OP_FN(op_wrmsr);
OP_FN(op_loadall);

/* op_fpu.c */
OP_FN(op_esc_ud);
OP_FN(op_wait);
OP_FN(op_fpu_arith);
OP_FN(op_fpu_arith_mem);
OP_FN(op_fpu_com);
OP_FN(op_fpu_com_mem);
OP_FN(op_fpu_comi);
OP_FN(op_fpu_tst);
OP_FN(op_fpu_xam);
OP_FN(op_fpu_chs);
OP_FN(op_fpu_abs);
OP_FN(op_fpu_unary);
OP_FN(op_fpu_rem);
OP_FN(op_fpu_xtract);
OP_FN(op_fpu_trig);
OP_FN(op_fpu_tan);
OP_FN(op_fpu_sincos);
OP_FN(op_fpu_two);

/* op_fpu_move.c */
OP_FN(op_fpu_ld);
OP_FN(op_fpu_ld_mem);
OP_FN(op_fpu_ld_const);
OP_FN(op_fpu_st);
OP_FN(op_fpu_st_mem);
OP_FN(op_fpu_xch);
OP_FN(op_fpu_cmov);
OP_FN(op_fpu_free);
OP_FN(op_fpu_freep);
OP_FN(op_fpu_incstp);
OP_FN(op_fpu_decstp);

/* op_fpu_env.c */
OP_FN(op_fpu_nop);
OP_FN(op_fpu_ninit);
OP_FN(op_fpu_nclex);
OP_FN(op_fpu_nnop);
OP_FN(op_fpu_ldcw);
OP_FN(op_fpu_nstcw);
OP_FN(op_fpu_nstsw);
OP_FN(op_fpu_nstenv);
OP_FN(op_fpu_ldenv);
OP_FN(op_fpu_nsave);
OP_FN(op_fpu_rstor);
OP_FN(op_fxsave);
OP_FN(op_fxrstor);

/* op_mmx.c */
OP_FN(op_mmx);
OP_FN(op_mmx_shift);
OP_FN(op_mmx_load);
OP_FN(op_mmx_store);
OP_FN(op_emms);

/* decode.c: an instruction longer than 15 bytes; the end of a run of them. */
OP_FN(op_too_long);

#endif

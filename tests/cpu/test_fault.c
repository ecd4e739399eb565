/*
 * Exceptions of protected mode: which, with what error code, from where.
 *
 * Source: Intel SDM vol. 3, chapter 6 and 5.3 to 5.9; vol. 2, each instruction.
 */
#include "config.h"

#include "support/suite.h"

#include "cpu/fault_rows.h"

#include "base/bits.h"
#include "cpu/flags.h"
#include "cpu/mem.h"
#include "cpu/segment.h"

/* --- setups -------------------------------------------------------------- */

static void free_desc(struct cpu_rig *r, uint64_t d)
{
    cpu_rig_gdt(r, SEL_FREE, d);
}

static void code_not_present(struct cpu_rig *r) { free_desc(r, desc_make(0, UINT32_MAX, (D_CODE | D_BIG) & ~D_PRESENT)); }
static void data_not_present(struct cpu_rig *r) { free_desc(r, desc_make(0, UINT32_MAX, (D_DATA | D_BIG) & ~D_PRESENT)); }
static void code_exec_only(struct cpu_rig *r) { free_desc(r, desc_make(0, UINT32_MAX, (D_CODE | D_BIG) & ~2)); }
static void data_read_only(struct cpu_rig *r) { free_desc(r, desc_make(0, UINT32_MAX, (D_DATA | D_BIG) & ~2)); }
static void code_conforming(struct cpu_rig *r) { free_desc(r, desc_make(0, UINT32_MAX, D_CODE | 4 | D_BIG)); }
static void data_small(struct cpu_rig *r) { free_desc(r, desc_make(AT_DATA, 0x0f, D_DATA | D_BIG)); }
static void data_down(struct cpu_rig *r) { free_desc(r, desc_make(0, 0x0fff, D_DATA | 4)); }
static void data_down_big(struct cpu_rig *r) { free_desc(r, desc_make(0, 0x0fff, D_DATA | 4 | D_BIG)); }
static void tss_in_ldt(struct cpu_rig *r)
{
    cpu_rig_poke(r, AT_LDT + 0x10, 4, (uint32_t) desc_make(AT_TSS2, 0x67, D_TSS32));
    cpu_rig_poke(r, AT_LDT + 0x14, 4, (uint32_t) (desc_make(AT_TSS2, 0x67, D_TSS32) >> 32));
}
static void code_limit(struct cpu_rig *r)
{
    free_desc(r, desc_make(0, AT_CODE + 3, D_CODE | D_BIG));
    cpu_rig_load(r, CS, SEL_FREE);
}
static void ds_small(struct cpu_rig *r)
{
    data_small(r);
    cpu_rig_load(r, DS, SEL_FREE);
    cpu_rig_load(r, ES, SEL_FREE);
}
static void ds_down(struct cpu_rig *r)
{
    data_down(r);
    cpu_rig_load(r, DS, SEL_FREE);
}
static void ds_down_big(struct cpu_rig *r)
{
    data_down_big(r);
    cpu_rig_load(r, DS, SEL_FREE);
}
static void ds_read_only(struct cpu_rig *r)
{
    data_read_only(r);
    cpu_rig_load(r, DS, SEL_FREE);
}
static void cs_exec_only(struct cpu_rig *r)
{
    code_exec_only(r);
    cpu_rig_load(r, CS, SEL_FREE);
}
static void ds_null(struct cpu_rig *r) { seg_set_null(r->cpu, DS, 0); }
static void ss_small(struct cpu_rig *r)
{
    free_desc(r, desc_make(0, AT_STACK0 - 1, D_DATA | D_BIG));
    cpu_rig_load(r, SS, SEL_FREE);
}
static void esp_high(struct cpu_rig *r)
{
    ss_small(r);
    r->cpu->gpr[ESP] = AT_STACK0 - 2; /* room to push, none to pop a dword */
}
static void task_switched(struct cpu_rig *r) { r->cpu->cr0 |= CR0_TS; }
static void sysenter_ready(struct cpu_rig *r) { r->cpu->sysenter_cs = SEL_CODE0; }
static void divide_zero(struct cpu_rig *r) { r->cpu->gpr[EAX] = 1; }
static void idt_short(struct cpu_rig *r) { r->cpu->idt_limit = 0x40 * 8 + 6; }
static void gate_absent(struct cpu_rig *r) { cpu_rig_idt(r, 0x40, gate_make(SEL_CODE0, AT_HANDLERS, D_INT32 & ~D_PRESENT, 3, 0)); }
static void gate_ring0(struct cpu_rig *r) { cpu_rig_idt(r, 0x40, gate_make(SEL_CODE0, AT_HANDLERS, D_INT32, 0, 0)); }
static void gate_null(struct cpu_rig *r) { cpu_rig_idt(r, 0x40, gate_make(0, AT_HANDLERS, D_INT32, 3, 0)); }
static void gate_code_absent(struct cpu_rig *r)
{
    code_not_present(r);
    cpu_rig_idt(r, 0x40, gate_make(SEL_FREE, AT_HANDLERS, D_INT32, 3, 0));
}
static void gate_data(struct cpu_rig *r) { cpu_rig_idt(r, 0x40, gate_make(SEL_DATA0, AT_HANDLERS, D_INT32, 3, 0)); }
static void gate_outer(struct cpu_rig *r) { cpu_rig_idt(r, 0x40, gate_make(SEL_CODE3, AT_HANDLERS, D_INT32, 3, 0)); }
static void gate_call(struct cpu_rig *r) { cpu_rig_idt(r, 0x40, gate_make(SEL_CODE0, AT_HANDLERS, D_CALL32, 3, 0)); }
static void gate_open(struct cpu_rig *r) { cpu_rig_idt(r, 0x40, gate_make(SEL_CODE0, AT_HANDLERS + 0x400, D_INT32, 3, 0)); }
static void ud_gate_absent(struct cpu_rig *r) { cpu_rig_idt(r, EXC_UD, 0); }
static void de_gate_absent(struct cpu_rig *r) { cpu_rig_idt(r, EXC_DE, 0); }
static void ac_on(struct cpu_rig *r)
{
    r->cpu->cr0 |= CR0_AM;
    cpu_write_eflags(r->cpu, FLAG_AC, FLAG_AC);
}
static void ac_ring3_handlers(struct cpu_rig *r)
{
    ac_on(r);
    r->cpu->gpr[ESP] = AT_STACK3 + 2;
    cpu_rig_idt(r, EXC_AC, gate_make(SEL_CODE3, AT_HANDLERS + EXC_AC * 16, D_INT32, 3, 0));
}
static void iopl3(struct cpu_rig *r) { r->cpu->eflags |= FLAG_IOPL; }

/* One bit for each of ports 0 to 15; port 9 is denied. */
static void bitmap(struct cpu_rig *r)
{
    r->cpu->tr.limit = 0x6a;
    cpu_rig_poke(r, AT_TSS + 0x66, 2, 0x68);
    cpu_rig_poke(r, AT_TSS + 0x68, 2, 0x0200);
    cpu_rig_poke(r, AT_TSS + 0x6a, 1, 0xff);
}
static void bitmap_ac(struct cpu_rig *r)
{
    bitmap(r);
    ac_on(r);
    r->cpu->gpr[EDI] = AT_DATA + 1;
    r->cpu->gpr[EDX] = 2;
    r->port_reads = 0;
}

/* --- checks in the handler ----------------------------------------------- */

static void no_port_read(struct cpu_rig *r) { ck_assert_uint_eq(r->port_reads, 0); }
static void accessed(struct cpu_rig *r) { ck_assert_uint_eq(cpu_rig_peek(r, AT_GDT + SEL_FREE + 5, 1) & 1, 1); }
static void tss2_untouched(struct cpu_rig *r)
{
    ck_assert_uint_eq(cpu_rig_peek(r, AT_GDT + 0x14 + 1, 1), cpu_rig_peek(r, AT_GDT + SEL_DATA0 + 5, 1));
    ck_assert_uint_eq(cpu_rig_peek(r, AT_TSS2, 2), 0);
}

/* mov ax, imm; mov sreg, ax */
#define LOAD(sel, modrm) "\x66\xb8" sel "\x8e" modrm
#define FREE   "\x60\x00"
#define FREE3  "\x63\x00"

/* --- segment registers ---------------------------------------------------- */

static const struct fault_row load_rows[] = {
    { "DS null", CODE(LOAD("\x00\x00", "\xd8")), NONE },
    { "DS null, RPL 3", CODE(LOAD("\x03\x00", "\xd8")), NONE },
    { "SS null", CODE(LOAD("\x00\x00", "\xd0")), .vector = EXC_GP, .error = 0, .at = 4 },
    { "SS null, RPL 3", CODE(LOAD("\x03\x00", "\xd0")), .vector = EXC_GP, .error = 0, .at = 4 },
    { "DS past the table", CODE(LOAD("\x00\x02", "\xd8")), .vector = EXC_GP, .error = 0x200, .at = 4 },
    { "DS past the LDT", CODE(LOAD("\x47\x00", "\xd8")), .vector = EXC_GP, .error = 0x44, .at = 4 },
    { "DS system", CODE(LOAD("\x28\x00", "\xd8")), .vector = EXC_GP, .error = 0x28, .at = 4 },
    { "DS code execute-only", .setup = code_exec_only, CODE(LOAD(FREE, "\xd8")), .vector = EXC_GP, .error = 0x60, .at = 4 },
    { "DS code readable", CODE(LOAD("\x08\x00", "\xd8")), NONE },
    { "DS not present", .setup = data_not_present, CODE(LOAD(FREE, "\xd8")), .vector = EXC_NP, .error = 0x60, .at = 4 },
    { "DS RPL 3 above DPL 0", CODE(LOAD("\x13\x00", "\xd8")), .vector = EXC_GP, .error = 0x10, .at = 4 },
    { "DS CPL 3 above DPL 0", .ring = 3, CODE(LOAD("\x10\x00", "\xd8")), .vector = EXC_GP, .error = 0x10, .at = 4 },
    { "DS conforming, ring 3", .ring = 3, .setup = code_conforming, CODE(LOAD(FREE3, "\xd8")), NONE, .after = accessed },
    { "SS read-only", .setup = data_read_only, CODE(LOAD(FREE, "\xd0")), .vector = EXC_GP, .error = 0x60, .at = 4 },
    { "SS code", CODE(LOAD("\x08\x00", "\xd0")), .vector = EXC_GP, .error = 0x08, .at = 4 },
    { "SS not present", .setup = data_not_present, CODE(LOAD(FREE, "\xd0")), .vector = EXC_SS, .error = 0x60, .at = 4 },
    { "SS RPL", CODE(LOAD("\x13\x00", "\xd0")), .vector = EXC_GP, .error = 0x10, .at = 4 },
    { "SS DPL", CODE(LOAD("\x23\x00", "\xd0")), .vector = EXC_GP, .error = 0x20, .at = 4 },
    { "SS accessed bit", .setup = data_small, CODE(LOAD(FREE, "\xd8")), NONE, .after = accessed },
    { "MOV CS", CODE("\x8e\xc8"), .vector = EXC_UD, .error = NO_CODE },
    { "MOV sreg 6", CODE("\x8e\xf0"), .vector = EXC_UD, .error = NO_CODE },
    { "LLDT of LDT", CODE("\x66\xb8\x40\x00\x0f\x00\xd0"), NONE },
    { "LLDT of data", CODE("\x66\xb8\x10\x00\x0f\x00\xd0"), .vector = EXC_GP, .error = 0x10, .at = 4 },
    { "LLDT ring 3", .ring = 3, CODE("\x0f\x00\xd0"), .vector = EXC_GP, .error = 0 },
    { "LTR null", CODE("\x31\xc0\x0f\x00\xd8"), .vector = EXC_GP, .error = 0, .at = 2 },
    { "LTR busy", CODE("\x66\xb8\x28\x00\x0f\x00\xd8"), .vector = EXC_GP, .error = 0x28, .at = 4 },
    { "LTR", CODE("\x66\xb8\x48\x00\x0f\x00\xd8"), NONE },
};

START_TEST(loading_segment_registers)
{
    fault_rows_run(load_rows, ARRAY_LEN(load_rows));
}
END_TEST

/* --- accesses ------------------------------------------------------------- */

static const struct fault_row access_rows[] = {
    { "null DS", .setup = ds_null, CODE("\xa0\x00\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "last byte", .setup = ds_small, CODE("\xa0\x0f\x00\x00\x00"), NONE },
    { "past the limit", .setup = ds_small, CODE("\xa0\x10\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "across the limit", .setup = ds_small, CODE("\xa1\x0d\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "last dword", .setup = ds_small, CODE("\xa1\x0c\x00\x00\x00"), NONE },
    { "write read-only", .setup = ds_read_only, CODE("\xa2\x00\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "read read-only", .setup = ds_read_only, CODE("\xa0\x00\x00\x00\x00"), NONE },
    { "write code", CODE("\x2e\xa2\x00\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "read code", CODE("\x2e\xa0\x00\x00\x00\x00"), NONE },
    { "read execute-only", .setup = cs_exec_only, CODE("\x2e\xa0\x00\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "expand-down below", .setup = ds_down, CODE("\xa0\xff\x0f\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "expand-down first", .setup = ds_down, CODE("\xa0\x00\x10\x00\x00"), NONE },
    { "expand-down across", .setup = ds_down, CODE("\xa1\xff\x0f\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "expand-down last", .setup = ds_down, CODE("\xa1\xfc\xff\x00\x00"), NONE },
    { "expand-down past 64K", .setup = ds_down, CODE("\xa1\xfd\xff\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "expand-down big", .setup = ds_down_big, CODE("\xa1\xfd\xff\x00\x00"), NONE },
    { "expand-down big, end", .setup = ds_down_big, CODE("\xa1\xfd\xff\xff\xff"), .vector = EXC_GP, .error = 0 },
    { "SS override past the limit", .setup = ss_small, CODE("\x36\xa0\x00\x70\x00\x00"), .vector = EXC_SS, .error = 0 },
    { "EBP past the limit", .setup = ss_small, CODE("\xbd\x00\x70\x00\x00\x8a\x45\x00"), .vector = EXC_SS, .error = 0, .at = 5 },
    { "pop past the limit", .setup = esp_high, CODE("\x58"), .vector = EXC_SS, .error = 0 },
    { "RMW on read-only", .setup = ds_read_only, CODE("\xfe\x05\x00\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "fetch past the limit", .setup = code_limit, CODE("\x90\x90\x90\xb0\x01"), .vector = EXC_GP, .error = 0, .at = 3 },
    { "15 bytes", CODE("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90"), NONE },
    { "16 bytes", CODE("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90"), .vector = EXC_GP, .error = 0 },
    { "LOCK MOV", CODE("\xf0\x89\x05\x00\xa0\x00\x00"), .vector = EXC_UD, .error = NO_CODE },
    { "LOCK ADD", CODE("\xf0\x01\x05\x00\xa0\x00\x00"), NONE },
    { "LOCK ADD register", CODE("\xf0\x01\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "LOCK CMP", CODE("\xf0\x39\x05\x00\xa0\x00\x00"), .vector = EXC_UD, .error = NO_CODE },
    { "LOCK XCHG", CODE("\xf0\x87\x05\x00\xa0\x00\x00"), NONE },
    { "LOCK ADD, memory source", CODE("\xf0\x03\x05\x00\xa0\x00\x00"), .vector = EXC_UD, .error = NO_CODE },
    { "LOCK CMPXCHG8B register", CPU_PENTIUM, CODE("\xf0\x0f\xc7\xc8"), .vector = EXC_UD, .error = NO_CODE },
    { "#AC", CPU_486, 3, ac_on, CODE("\xa1\x01\xa0\x00\x00"), .vector = EXC_AC, .error = 0 },
    { "#AC word", CPU_486, 3, ac_on, CODE("\x66\xa1\x01\xa0\x00\x00"), .vector = EXC_AC, .error = 0 },
    { "no #AC for bytes", CPU_486, 3, ac_on, CODE("\xa0\x01\xa0\x00\x00"), NONE },
    { "no #AC in ring 0", CPU_486, 0, ac_on, CODE("\xa1\x01\xa0\x00\x00"), NONE },
    { "no AC on a 386", CPU_386, 3, ac_on, CODE("\xa1\x01\xa0\x00\x00"), NONE },
    { "#AC of CMPXCHG8B", CPU_PENTIUM, 3, ac_on, CODE("\x0f\xc7\x0d\x04\xa0\x00\x00"), .vector = EXC_AC, .error = 0 },
    { "#AC before INS reads the port", CPU_486, 3, bitmap_ac, CODE("\x66\x6d"), .vector = EXC_AC, .error = 0, .after = no_port_read },
};

START_TEST(memory_accesses)
{
    fault_rows_run(access_rows, ARRAY_LEN(access_rows));
}
END_TEST

/* --- instructions ---------------------------------------------------------- */

static const struct fault_row insn_rows[] = {
    { "DIV by 0", .setup = divide_zero, CODE("\x31\xc9\xf7\xf1"), .vector = EXC_DE, .error = NO_CODE, .at = 2 },
    { "IDIV INT_MIN/-1", CODE("\xb8\x00\x00\x00\x80\x99\x83\xc9\xff\xf7\xf9"), .vector = EXC_DE, .error = NO_CODE, .at = 9 },
    { "IDIV -128 by 1", CODE("\x66\xb8\x80\xff\xb1\x01\xf6\xf9"), NONE },
    { "IDIV 128 by 1", CODE("\x66\xb8\x80\x00\xb1\x01\xf6\xf9"), .vector = EXC_DE, .error = NO_CODE, .at = 6 },
    { "AAM 0", CODE("\xd4\x00"), .vector = EXC_DE, .error = NO_CODE },
    { "BOUND in", CODE("\xc7\x05\x04\xa0\x00\x00\x09\x00\x00\x00\xb8\x09\x00\x00\x00\x62\x05\x00\xa0\x00\x00"), NONE },
    { "BOUND out", CODE("\xb8\x0a\x00\x00\x00\x62\x05\x00\xa0\x00\x00"), .vector = EXC_BR, .error = NO_CODE, .at = 5 },
    { "INTO", CODE("\xb0\x7f\x04\x01\xce"), .vector = EXC_OF, .error = NO_CODE, .at = 5 },
    { "INT3", CODE("\xcc"), .vector = EXC_BP, .error = NO_CODE, .at = 1 },
    { "INT1", CODE("\xf1"), .vector = EXC_DB, .error = NO_CODE, .at = 1 },
    { "INT1 from ring 3 needs no gate right", .ring = 3, CODE("\xf1"), .vector = EXC_DB, .error = NO_CODE, .at = 1 },
    { "INT3 from ring 3 does", .ring = 3, CODE("\xcc"), .vector = EXC_GP, .error = 3 * 8 + 2 },
    { "UD2", CODE("\x0f\x0b"), .vector = EXC_UD, .error = NO_CODE },
    { "0F FF", CODE("\x0f\xff"), .vector = EXC_UD, .error = NO_CODE },
    { "C6 /1", CODE("\xc6\x08\x00"), .vector = EXC_UD, .error = NO_CODE },
    { "8F /1", CODE("\x8f\xc8"), .vector = EXC_UD, .error = NO_CODE },
    { "FE /2", CODE("\xfe\xd0"), .vector = EXC_UD, .error = NO_CODE },
    { "FF /7", CODE("\xff\xf8"), .vector = EXC_UD, .error = NO_CODE },
    { "LEA register", CODE("\x8d\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "LES register", CODE("\xc4\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "JMP far register", CODE("\xff\xe8"), .vector = EXC_UD, .error = NO_CODE },
    { "LOADALL286", CODE("\x0f\x05"), .vector = EXC_UD, .error = NO_CODE },
    { "BSWAP, 386", CODE("\x0f\xc8"), .vector = EXC_UD, .error = NO_CODE },
    { "BSWAP, 486", CPU_486, CODE("\x0f\xc8"), NONE },
    { "CPUID, 386", CODE("\x0f\xa2"), .vector = EXC_UD, .error = NO_CODE },
    { "CMPXCHG8B, 486", CPU_486, CODE("\x0f\xc7\x0d\x00\xa0\x00\x00"), .vector = EXC_UD, .error = NO_CODE },
    { "CMPXCHG8B", CPU_PENTIUM, CODE("\x0f\xc7\x0d\x00\xa0\x00\x00"), NONE },
    { "RDTSC, 486", CPU_486, CODE("\x0f\x31"), .vector = EXC_UD, .error = NO_CODE },
    { "CMOV, Pentium", CPU_PENTIUM, CODE("\x0f\x40\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "CMOV, P2", CPU_P2, CODE("\x0f\x40\xc0"), NONE },
    { "UMOV, 486", CPU_486, CODE("\x0f\x11\xc0"), NONE },
    { "UMOV, Pentium", CPU_PENTIUM, CODE("\x0f\x11\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "SYSENTER, Pentium", CPU_PENTIUM, CODE("\x0f\x34"), .vector = EXC_UD, .error = NO_CODE },
    { "SYSENTER without CS", CPU_P2, CODE("\x0f\x34"), .vector = EXC_GP, .error = 0 },
    { "FXSAVE, Pentium MMX", CPU_PENTIUM_MMX, CODE("\x0f\xae\x05\x00\xa0\x00\x00"), .vector = EXC_UD, .error = NO_CODE },
    { "FXSAVE", CPU_P2, CODE("\x0f\xae\x05\x00\xa0\x00\x00"), NONE },
    { "FXRSTOR", CPU_P2, CODE("\x0f\xae\x0d\x00\xa0\x00\x00"), NONE },
    { "FXSAVE register", CPU_P2, CODE("\x0f\xae\xc0"), .vector = EXC_UD, .error = NO_CODE },
    { "FXSAVE not aligned", CPU_P2, CODE("\x0f\xae\x05\x08\xa0\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "FXSAVE with TS", CPU_P2, .setup = task_switched, CODE("\x0f\xae\x05\x08\xa0\x00\x00"), .vector = EXC_NM,
      .error = NO_CODE },
    { "MOV CR1", CODE("\x0f\x22\xc8"), .vector = EXC_UD, .error = NO_CODE },
    { "MOV CR4, 486", CPU_486, CODE("\x0f\x20\xe0"), .vector = EXC_UD, .error = NO_CODE },
    { "MOV CR4 reserved", CPU_PENTIUM, CODE("\xb8\x80\x00\x00\x00\x0f\x22\xe0"), .vector = EXC_GP, .error = 0, .at = 5 },
    { "CR0 PG without PE", CODE("\xb8\x00\x00\x00\x80\x0f\x22\xc0"), .vector = EXC_GP, .error = 0, .at = 5 },
    { "CR0 NW without CD", CPU_486, CODE("\xb8\x01\x00\x00\x20\x0f\x22\xc0"), .vector = EXC_GP, .error = 0, .at = 5 },
    { "MOV CR0 ring 3", .ring = 3, CODE("\x0f\x20\xc0"), .vector = EXC_GP, .error = 0 },
    { "MOV DR ring 3", .ring = 3, CODE("\x0f\x21\xc0"), .vector = EXC_GP, .error = 0 },
    /* SDM vol. 2, MOV CR and DR: mod is not looked at, no displacement follows. */
    { "MOV CR0 with mod 0", CODE("\x0f\x20\x05"), NONE },
    { "MOV CR0 with mod 2", CODE("\x0f\x20\x80"), NONE },
    { "MOV DR0 with mod 1, SIB", CODE("\x0f\x21\x44"), NONE },
    { "HLT ring 3", .ring = 3, CODE("\xf4"), .vector = EXC_GP, .error = 0 },
    { "CLI ring 3", .ring = 3, CODE("\xfa"), .vector = EXC_GP, .error = 0 },
    { "STI ring 3", .ring = 3, CODE("\xfb"), .vector = EXC_GP, .error = 0 },
    { "CLI ring 3, IOPL 3", .ring = 3, .setup = iopl3, CODE("\xfa"), NONE },
    { "CLTS ring 3", .ring = 3, CODE("\x0f\x06"), .vector = EXC_GP, .error = 0 },
    { "LMSW ring 3", .ring = 3, CODE("\x0f\x01\xf0"), .vector = EXC_GP, .error = 0 },
    { "SMSW ring 3", .ring = 3, CODE("\x0f\x01\xe0"), NONE },
    { "LGDT ring 3", .ring = 3, CODE("\x0f\x01\x15\x00\xa0\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "SGDT ring 3", .ring = 3, CODE("\x0f\x01\x05\x00\xa0\x00\x00"), NONE },
    { "INVLPG ring 3", CPU_486, 3, NULL, CODE("\x0f\x01\x3d\x00\xa0\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "WBINVD ring 3", CPU_486, 3, NULL, CODE("\x0f\x09"), .vector = EXC_GP, .error = 0 },
    { "RDMSR ring 3", CPU_PENTIUM, 3, NULL, CODE("\x0f\x32"), .vector = EXC_GP, .error = 0 },
    { "SYSEXIT ring 3", CPU_P2, 3, sysenter_ready, CODE("\x0f\x35"), .vector = EXC_GP, .error = 0 },
    { "RDMSR unknown", CPU_PENTIUM, CODE("\xb9\x77\x00\x00\x00\x0f\x32"), .vector = EXC_GP, .error = 0, .at = 5 },
    { "RDMSR CESR, Pentium", CPU_PENTIUM, CODE("\xb9\x11\x00\x00\x00\x0f\x32"), NONE },
    { "RDMSR CESR, P2", CPU_P2, CODE("\xb9\x11\x00\x00\x00\x0f\x32"), .vector = EXC_GP, .error = 0, .at = 5 },
    { "WRMSR microcode, P2", CPU_P2, CODE("\xb9\x8b\x00\x00\x00\x0f\x30"), NONE },
    { "IN ring 3, no bitmap", .ring = 3, CODE("\xe4\x01"), .vector = EXC_GP, .error = 0 },
    { "IN ring 3, IOPL 3", .ring = 3, .setup = iopl3, CODE("\xe4\x01"), NONE },
    { "IN allowed", .ring = 3, .setup = bitmap, CODE("\xe4\x08"), NONE },
    { "IN denied", .ring = 3, .setup = bitmap, CODE("\xe4\x09"), .vector = EXC_GP, .error = 0 },
    { "IN word reaches a denied port", .ring = 3, .setup = bitmap, CODE("\x66\xe5\x08"), .vector = EXC_GP, .error = 0 },
    { "IN across the end of a byte of the map", .ring = 3, .setup = bitmap, CODE("\x66\xe5\x07"), NONE },
    { "IN dword", .ring = 3, .setup = bitmap, CODE("\xe5\x06"), .vector = EXC_GP, .error = 0 },
    { "IN past the map", .ring = 3, .setup = bitmap, CODE("\xe4\x10"), .vector = EXC_GP, .error = 0 },
    { "far pointer to no code", CODE("\x9a\x00\x80\x00\x00\x10\x00"), .vector = EXC_GP, .error = 0x10 },
    { "far jump to null", CODE("\xea\x00\x80\x00\x00\x00\x00"), .vector = EXC_GP, .error = 0 },
    { "far jump, absent", .setup = code_not_present, CODE("\xea\x00\x80\x00\x00\x60\x00"), .vector = EXC_NP, .error = 0x60 },
    { "far call to ring 3", CODE("\x9a\x00\x80\x00\x00\x1b\x00"), .vector = EXC_GP, .error = 0x18 },
    { "far jump past the limit", CODE("\xea\x00\x00\x01\x00\x30\x00"), .vector = EXC_GP, .error = 0 },
    { "far jump to busy TSS", CODE("\xea\x00\x00\x00\x00\x28\x00"), .vector = EXC_GP, .error = 0x28 },
    { "far jump to a TSS in the LDT", .setup = tss_in_ldt, CODE("\xea\x00\x00\x00\x00\x14\x00"), .vector = EXC_GP,
      .error = 0x14, .after = tss2_untouched },
    { "RETF inwards", .ring = 3, CODE("\x6a\x08\x68\x00\x80\x00\x00\xcb"), .vector = EXC_GP, .error = 0x08, .at = 7 },
    { "RETF to null", CODE("\x6a\x00\x6a\x00\xcb"), .vector = EXC_GP, .error = 0, .at = 4, },
    { "near jump past the limit", .setup = code_limit, CODE("\xeb\x10\x90"), .vector = EXC_GP, .error = 0 },
};

START_TEST(instructions)
{
    fault_rows_run(insn_rows, ARRAY_LEN(insn_rows));
}
END_TEST

/* --- delivering ------------------------------------------------------------ */

static const struct fault_row gate_rows[] = {
    { "INT past the table", .setup = idt_short, CODE("\xcd\x40"), .vector = EXC_GP, .error = 0x40 * 8 + 2 },
    { "INT, no gate", .setup = gate_call, CODE("\xcd\x40"), .vector = EXC_GP, .error = 0x40 * 8 + 2 },
    { "INT, absent", .setup = gate_absent, CODE("\xcd\x40"), .vector = EXC_NP, .error = 0x40 * 8 + 2 },
    { "INT, gate of ring 0", .ring = 3, .setup = gate_ring0, CODE("\xcd\x40"), .vector = EXC_GP, .error = 0x40 * 8 + 2 },
    { "INT, gate of ring 3", .ring = 3, .setup = gate_open, CODE("\xcd\x40"), .vector = 0x40, .error = NO_CODE, .at = 2 },
    { "INT, null code", .setup = gate_null, CODE("\xcd\x40"), .vector = EXC_GP, .error = 0 },
    { "INT, code absent", .setup = gate_code_absent, CODE("\xcd\x40"), .vector = EXC_NP, .error = 0x60 },
    { "INT, data", .setup = gate_data, CODE("\xcd\x40"), .vector = EXC_GP, .error = 0x10 },
    { "INT, outer ring", .setup = gate_outer, CODE("\xcd\x40"), .vector = EXC_GP, .error = 0x18 },
    { "fault without a gate: EXT", .setup = ud_gate_absent, CODE("\x0f\x0b"), .vector = EXC_GP, .error = 6 * 8 + 3 },
    { "double fault", .setup = de_gate_absent, CODE("\xd4\x00"), .vector = EXC_DF, .error = 0 },
    { "#AC while #AC is delivered", CPU_486, 3, ac_ring3_handlers, CODE("\xa1\x01\xa0\x00\x00"), .vector = EXC_DF, .error = 0 },
};

START_TEST(gates)
{
    fault_rows_run(gate_rows, ARRAY_LEN(gate_rows));
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/fault");
    TCase *tc = tcase_create("rows");

    tcase_add_test(tc, loading_segment_registers);
    tcase_add_test(tc, memory_accesses);
    tcase_add_test(tc, instructions);
    tcase_add_test(tc, gates);
    suite_add_tcase(s, tc);
    return s;
}

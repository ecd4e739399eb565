/* Code whose immediates and displacements are patched: blocks do as the interpreter. */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "support/jit_pair.h"

enum { STEPS = 4000, TOGGLE = 0x8000 };

static const struct {
    const char *bytes; /* of an instruction for 32-bit code */
    uint8_t len, at, size; /* of the field that each turn adds `by` to, or changes by XOR */
    uint32_t by; /* TOGGLE: with XOR */
} cases[] = {
#define INSN(s, at, size, by) { s, sizeof(s) - 1, at, size, by }
    INSN("\xb8\x00\x00\x00\x00", 1, 4, 0x10305),         /* mov eax, imm */
    INSN("\xb4\x00", 1, 1, 3),                           /* mov ah, imm */
    INSN("\x66\xb9\x00\x00", 2, 1, 7),                   /* mov cx, imm */
    INSN("\xc7\x05\x00\xa0\x00\x00\x00\x00\x00\x00", 6, 4, 0x1111), /* mov [A000h], imm */
    INSN("\xc7\x05\x00\xa0\x00\x00\x12\x34\x56\x78", 2, 1, 4), /* mov [disp], imm */
    INSN("\xc7\x05\x04\x00\x0a\x00\x00\x00\x00\x00", 6, 4, 0x1111), /* mov [a device], imm */
    INSN("\xc7\x05\x00\x00\x0a\x00\x12\x34\x56\x78", 2, 1, 4), /* mov [disp of a device], imm */
    INSN("\xc6\x80\x00\xa0\x00\x00\x12", 6, 1, 5),       /* mov byte [eax + A000h], imm */
    INSN("\x05\x00\x00\x00\x00", 1, 4, 0x70000001),      /* add eax, imm */
    INSN("\x81\xd2\x00\x00\x00\x00", 2, 4, 0x70000001),  /* adc edx, imm */
    INSN("\x83\xda\x00", 2, 1, 1),                       /* sbb edx, imm8 */
    INSN("\x81\xfa\x00\x00\x00\x00", 2, 4, 0x10000001),  /* cmp edx, imm */
    INSN("\x80\xfc\x00", 2, 1, 1),                       /* cmp ah, imm */
    INSN("\x80\xe2\xff", 2, 1, 0xfe),                    /* and dl, imm */
    INSN("\x81\x35\x04\xa0\x00\x00\x00\x00\x00\x00", 6, 4, 0x1234567), /* xor [A004h], imm */
    INSN("\xf7\xc2\x01\x00\x00\x00", 2, 4, 0x80000001),  /* test edx, imm */
    INSN("\xc1\xc2\x05", 2, 1, 1),                       /* rol edx, imm */
    INSN("\xc1\xe2\x00", 2, 1, 1),                       /* shl edx, imm: 0 to 31, and past it */
    INSN("\xc1\xfa\x01", 2, 1, 3),                       /* sar edx, imm */
    INSN("\xc1\xc9\x01", 2, 1, 1),                       /* ror ecx, imm */
    INSN("\xc0\xe8\x01", 2, 1, 1),                       /* shr al, imm */
    INSN("\xc1\xd2\x01", 2, 1, 1),                       /* rcl edx, imm */
    INSN("\x6b\xd2\x03", 2, 1, 2),                       /* imul edx, edx, imm */
    INSN("\x68\x00\x00\x00\x00\x58", 1, 4, 99),          /* push imm; pop eax */
    INSN("\x8b\x15\x00\xa0\x00\x00", 2, 1, 4),           /* mov edx, [disp] */
    INSN("\x8b\x94\x4b\x00\xa0\x00\x00", 3, 2, 1),       /* mov edx, [ebx + ecx*2 + disp] */
    INSN("\x67\x8b\x97\x00\xa0", 3, 1, 0xff),            /* mov edx, [bx + disp16] */
    INSN("\x8d\x92\x01\x00\x00\x00", 2, 4, 0x10001),     /* lea edx, [edx + disp] */
    INSN("\x0f\xb6\x05\x00\xa0\x00\x00", 3, 1, 1),       /* movzx eax, byte [disp] */
    INSN("\xff\x05\x00\xa0\x00\x00", 2, 1, 1),           /* inc [disp] */
    INSN("\x03\x15\x00\xa0\x00\x00", 2, 2, 0x9001),      /* add edx, [disp], at last a device's */
    INSN("\x8f\x44\x24\x04", 3, 1, 4),                   /* pop [esp + disp] */
    INSN("\x75\x00\x42\x43", 1, 1, TOGGLE | 1),          /* jnz disp, past inc edx, inc ebx, or none */
    INSN("\xeb\x00\x42\x43", 1, 1, TOGGLE | 2),          /* jmp disp */
    INSN("\xe8\x00\x00\x00\x00\x5a", 1, 1, 0),           /* call disp; pop edx */
    INSN("\x42", 0, 1, TOGGLE | 8),                       /* inc edx, dec edx: another instruction */
#undef INSN
};

/* add, or xor, [field], by; the instruction; its flags into EDI; inc ecx; jmp. */
static struct cpu_rig *rig_new(enum cpu_model model, unsigned i)
{
    static const uint8_t rest[] = { 0x9c, 0x5d, 0x31, 0xef, 0xc1, 0xc7, 0x03, 0x41, 0x81, 0xe1, 0xff, 0x0f, 0x00, 0x00 };
    static const uint8_t add[5] = { 0, 0x80, 0x81, 0, 0x81 }; /* by size */
    struct cpu_rig *r = cpu_rig_new(model, 2 << 20);
    uint8_t code[64], *p = code;
    unsigned size = cases[i].size;

    cpu_rig_devices(r);
    cpu_rig_protected(r, 0);
    if (size == 2)
        *p++ = 0x66;
    *p++ = add[size];
    *p++ = cases[i].by & TOGGLE && size == 1 ? 0x35 : 0x05;
    p += 4; /* where the field is */
    store_le32(p, cases[i].by);
    p += size;
    store_le32(p - size - 4, AT_CODE + (uint32_t) (p - code) + cases[i].at);
    memcpy(p, cases[i].bytes, cases[i].len);
    p += cases[i].len;
    memcpy(p, rest, sizeof rest);
    p += sizeof rest;
    *p++ = 0xe9;
    store_le32(p, (uint32_t) (code - (p + 4)));
    p += 4;
    for (uint32_t at = 0; at < 0x1000; at += 4)
        cpu_rig_poke(r, AT_DATA + at, 4, at * 0x9e3779b9u);
    cpu_rig_code(r, AT_CODE, code, (size_t) (p - code));
    return r;
}

START_TEST(patched)
{
    struct jit_knobs knobs = jit_pair_knobs();

    if (!jit_available())
        return;
    for (unsigned w = 0; w < 2; w++) {
        knobs.no_window = w;
        jit_pair_run(rig_new(CPU_386, (unsigned) _i), rig_new(CPU_386, (unsigned) _i), &knobs, STEPS, 3);
        jit_pair_run(rig_new(CPU_P2, (unsigned) _i), rig_new(CPU_P2, (unsigned) _i), &knobs, STEPS, 3);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/patch");
    TCase *tc = tcase_create("patch");

    tcase_add_loop_test(tc, patched, 0, (int) ARRAY_LEN(cases));
    suite_add_tcase(s, tc);
    return s;
}

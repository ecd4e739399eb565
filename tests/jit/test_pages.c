/* Paging under translated code: what walks and stores to tables do is what the interpreter sees. */
#include "config.h"

#include "support/suite.h"

#include "base/bits.h"
#include "support/jit_pair.h"

enum { STEPS = 4000, AT_COPY = 0x30000, AT_OTHER = 0x31000, PTES = AT_PAGES + PAGE_SIZE };

static void run_both(void (*set_up_one)(struct cpu_rig *))
{
    jit_pair_run_paged(set_up_one, STEPS, 5);
}

/* The table of the second region is a device, which counts how often it is read. */
static void set_up_device_table(struct cpu_rig *r)
{
    static const uint8_t code[] = { 0xb9, 100, 0, 0, 0, 0x49, 0x75, 0xfd, /* mov ecx, 100; dec ecx; jnz */
                                    0xe9, 0xf3, 0x7f, 0x3f, 0x00 };       /* jmp 400000h */

    cpu_rig_poke(r, AT_PAGES + 4, 4, AT_MMIO | 7);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(walks_are_counted)
{
    run_both(set_up_device_table);
}
END_TEST

/* Code calls a page whose entry it changes each time: two copies of it by turns. */
static void set_up_remapped_code(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x81, 0x35, 0xc0, 0x10, 0x01, 0x00, 0x00, 0x10, 0x00, 0x00, /* xor [PTE of 30000h], 1000h */
        0x03, 0x05, 0x00, 0x04, 0x03, 0x00,                         /* add eax, [30400h] */
        0xbb, 0x00, 0x00, 0x03, 0x00, 0xff, 0xd3,                   /* mov ebx, 30000h; call ebx */
        0xeb, 0xe7 };
    static const uint8_t copies[2][3] = { { 0x41, 0x90, 0xc3 }, { 0x42, 0x90, 0xc3 } }; /* inc ecx, inc edx; ret */

    for (unsigned i = 0; i < 2; i++) {
        cpu_rig_code(r, AT_COPY + i * PAGE_SIZE, copies[i], 3);
        cpu_rig_poke(r, AT_COPY + i * PAGE_SIZE + 0x400, 4, 0x1234567 << i);
    }
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(code_is_remapped)
{
    run_both(set_up_remapped_code);
}
END_TEST

/* Data pages are remapped, their entries' A and D bits cleared and looked at. */
static void set_up_remapped_data(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x81, 0x35, 0xc4, 0x10, 0x01, 0x00, 0x00, 0x30, 0x00, 0x00, /* xor [PTE of 31000h], 3000h */
        0x83, 0x25, 0xc4, 0x10, 0x01, 0x00, 0x9f,                   /* and [...], ~60h */
        0x03, 0x05, 0x08, 0x10, 0x03, 0x00,                         /* add eax, [31008h] */
        0x03, 0x15, 0xc4, 0x10, 0x01, 0x00,                         /* add edx, [...]: A */
        0xff, 0x05, 0x0c, 0x10, 0x03, 0x00,                         /* inc [3100Ch] */
        0x33, 0x0d, 0xc4, 0x10, 0x01, 0x00,                         /* xor ecx, [...]: A and D */
        0xeb, 0xd5 };

    cpu_rig_poke(r, AT_OTHER + 8, 4, 77);
    cpu_rig_poke(r, (AT_OTHER ^ 0x3000) + 8, 4, 0x5000001);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(data_is_remapped)
{
    run_both(set_up_remapped_data);
}
END_TEST

/* Two directories by turns. */
static void set_up_directories(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x0f, 0x20, 0xd8, 0x35, 0x00, 0x20, 0x00, 0x00, 0x0f, 0x22, 0xd8, /* xor CR3, 2000h */
        0x03, 0x35, 0x00, 0x04, 0x03, 0x00,                               /* add esi, [30400h] */
        0xbb, 0x00, 0x00, 0x03, 0x00, 0xff, 0xd3,                         /* call 30000h */
        0xeb, 0xe6 };
    enum { OTHER = AT_PAGES ^ 0x2000, TABLE = 0x14000 };

    set_up_remapped_code(r);
    for (uint32_t at = 0; at < PAGE_SIZE; at += 4)
        cpu_rig_poke(r, TABLE + at, 4, cpu_rig_peek(r, PTES + at, 4));
    cpu_rig_poke(r, TABLE + 0xc0, 4, AT_OTHER | 7);
    cpu_rig_poke(r, OTHER, 4, TABLE | 7);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(directories_by_turns)
{
    run_both(set_up_directories);
}
END_TEST

/* Operands of a frame that moves over pages, unaligned, and over one that is code too. */
static void set_up_frames(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x8b, 0x45, 0xf8, 0x03, 0x45, 0xfc, 0x03, 0x45, 0x08,                           /* eax: [ebp-8], [ebp-4], [ebp+8] */
        0x89, 0x45, 0xf0, 0x01, 0x45, 0x0c, 0x31, 0x45, 0xf4, 0x01, 0xc7,               /* [ebp-10h], [ebp+0Ch], [ebp-0Ch]; edi */
        0x83, 0xc5, 0x1b, 0x81, 0xe5, 0xff, 0x2f, 0x02, 0x00, 0x81, 0xcd, 0x00, 0x00, 0x02, 0x00, /* ebp goes round */
        0xe8, 0xd8, 0x8f, 0x01, 0x00,                                                   /* call 21000h */
        0xeb, 0xd6 };
    static const uint8_t ret = 0xc3;

    r->cpu->gpr[EBP] = AT_FREE + 3;
    for (uint32_t at = 0; at < 0x3000; at += 4)
        cpu_rig_poke(r, AT_FREE + at, 4, at * 0x9e3779b9u);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
    for (uint32_t at = 0; at < 0x400; at++)
        cpu_rig_code(r, AT_FREE + 0x1000 + at, &ret, 1);
}

START_TEST(frames_over_pages)
{
    run_both(set_up_frames);
}
END_TEST

/* The same by ESP, which PUSH and POP move; POP ESP leads elsewhere. */
static void set_up_stacks(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x89, 0xec, 0x8b, 0x44, 0x24, 0x04, 0x03, 0x44, 0x24, 0x08, /* mov esp, ebp; eax: [esp+4], [esp+8] */
        0x50, 0x57, 0x5a, 0x03, 0x3c, 0x24, 0x5e,                   /* push eax, edi; pop edx; edi: [esp]; pop esi */
        0x03, 0x7c, 0x24, 0x04, 0x8d, 0x4d, 0x40, 0x51, 0x5c,       /* edi: [esp+4]; lea ecx, [ebp+40h]; push ecx; pop esp */
        0x03, 0x7c, 0x24, 0x08, 0x03, 0x7c, 0x24, 0x0c, 0x89, 0x7c, 0x24, 0x04, /* edi: [esp+8], [esp+0Ch]; to [esp+4] */
        0x83, 0xc5, 0x1b, 0x81, 0xe5, 0xff, 0x2f, 0x02, 0x00, 0x81, 0xcd, 0x00, 0x00, 0x02, 0x00,
        0xeb, 0xc9 };

    r->cpu->gpr[EBP] = AT_FREE + 3;
    for (uint32_t at = 0; at < 0x3100; at += 4)
        cpu_rig_poke(r, AT_FREE + at, 4, at * 0x9e3779b9u);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(stacks_over_pages)
{
    run_both(set_up_stacks);
}
END_TEST

/* Flags that operands at the end of a page, which step, and the next block ask for; a shift
 * by CL that may leave them. */
static void set_up_flags(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x01, 0xd0, 0x8b, 0x4d, 0xfd, 0xeb, 0x00,             /* add eax, edx; mov ecx, [ebp-3]; jmp on */
        0x9c, 0x59, 0x01, 0xcf,                               /* pushf; pop ecx; add edi, ecx */
        0x29, 0xc6, 0x89, 0x75, 0x01, 0xeb, 0x00,             /* sub esi, eax; mov [ebp+1], esi; jmp on */
        0x9c, 0x59, 0x01, 0xcf, 0x89, 0xf9, 0x83, 0xe1, 0x01, /* the same; mov ecx, edi; and ecx, 1 */
        0x39, 0xc2, 0x66, 0xd3, 0xfa, 0x0f, 0x96, 0xc3,       /* cmp edx, eax; sar dx, cl; setbe bl */
        0x01, 0xdf, 0x85, 0xd0, 0x78, 0x03, 0x03, 0x4d, 0x05, /* add edi, ebx; test eax, edx; js; add ecx, [ebp+5] */
        0x9c, 0x59, 0x01, 0xcf,
        0x42, 0x8b, 0x4d, 0x09, 0x89, 0x4d, 0x0d, 0xeb, 0x00, /* inc edx; mov ecx, [ebp+9]; mov [ebp+0Dh], ecx; jmp on */
        0x9c, 0x59, 0x01, 0xcf,
        0x83, 0xc5, 0x1b, 0x81, 0xe5, 0xff, 0x2f, 0x02, 0x00, 0x81, 0xcd, 0x00, 0x00, 0x02, 0x00, /* ebp goes round */
        0x39, 0xf8, 0xeb, 0xb0 };                             /* cmp eax, edi */

    r->cpu->gpr[EDX] = 0x9e3779b9;
    r->cpu->gpr[EBP] = AT_FREE;
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(flags_are_kept_by_who_asks)
{
    run_both(set_up_flags);
}
END_TEST

/* DAA, DAS, LAHF and PUSHF behind instructions that leave all flags, some, or AF undefined. */
static void set_up_readers(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x04, 0x27, 0x27, 0x9c, 0x80, 0xd4, 0x00, 0x30, 0xc2, /* add al, 27h; daa; pushf; adc ah, 0; xor dl, al */
        0x9f, 0x01, 0xc3, 0x59, 0x01, 0xcb, 0x28, 0xd8, 0x2f, /* lahf; add ebx, eax; pop ecx; add; sub al, bl; das */
        0x9f, 0x01, 0xc3, 0x38, 0xd0, 0x9f, 0x9c,             /* lahf; add ebx, eax; cmp al, dl; lahf; pushf */
        0x01, 0x04, 0x24, 0x59, 0xc1, 0xc3, 0x03, 0x41,       /* add [esp], eax; pop ecx; rol ebx, 3; inc ecx */
        0x9c, 0x9f, 0x11, 0xc3, 0x5e, 0x21, 0xf3,             /* pushf; lahf; adc ebx, eax; pop esi; and ebx, esi */
        0x9c, 0x5e, 0x01, 0xf3, 0x85, 0xcb, 0x9f,             /* pushf; pop esi; add ebx, esi; test ebx, ecx; lahf */
        0x78, 0x01, 0x27, 0xf7, 0xd8, 0x2f, 0x9c, 0x5f,       /* js over; daa; neg eax; das; pushf; pop edi */
        0x01, 0xfa, 0x81, 0xc3, 0xdf, 0x9b, 0x57, 0x13,       /* add edx, edi; add ebx, 13579BDFh */
        0xeb, 0xbf };

    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(flags_are_read)
{
    run_both(set_up_readers);
}
END_TEST

/* A page that is not there, again and again: plain instructions and REP go on with RF set, which
 * interrupts show. */
static void set_up_faults(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0xfb, 0x83, 0x25, 0xc4, 0x10, 0x01, 0x00, 0xfe,             /* sti; and [PTE of 31000h], ~1 */
        0xbe, 0x00, 0x20, 0x03, 0x00, 0xbf, 0xe0, 0x0f, 0x03, 0x00, /* mov esi, 32000h; mov edi, 30FE0h */
        0xb9, 0x80, 0x01, 0x00, 0x00, 0xf3, 0xa5,                   /* mov ecx, 180h; rep movsd */
        0x83, 0x25, 0xc4, 0x10, 0x01, 0x00, 0xfe,                   /* and [...], ~1 */
        0xa1, 0x10, 0x10, 0x03, 0x00, 0x01, 0xc3,                   /* mov eax, [31010h]; add ebx, eax */
        0x83, 0x25, 0xc4, 0x10, 0x01, 0x00, 0xfe,                   /* and [...], ~1 */
        0xff, 0x35, 0x20, 0x10, 0x03, 0x00, 0x5a,                   /* push [31020h]; pop edx */
        0xff, 0x05, 0x10, 0x20, 0x03, 0x00, 0xeb, 0xc4 };           /* inc [32010h]; jmp */
    static const uint8_t handler[] = {
        0x83, 0xc4, 0x04, 0x83, 0x0d, 0xc4, 0x10, 0x01, 0x00, 0x01, /* add esp, 4; or [...], 1 */
        0x03, 0x6c, 0x24, 0x08, 0xd1, 0xc5, 0xcf };                 /* add ebp, [esp + 8]; rol ebp, 1; iret */

    cpu_rig_code(r, AT_CODE, code, sizeof code);
    cpu_rig_code(r, AT_FREE, handler, sizeof handler);
    cpu_rig_idt(r, EXC_PF, gate_make(SEL_CODE0, AT_FREE, D_INT32, 0, 0));
    cpu_rig_idt(r, VEC_IRQ, gate_make(SEL_CODE0, AT_FREE + 10, D_INT32, 0, 0)); /* without the error code */
    cpu_rig_irq(r, 9700);
}

START_TEST(faults_are_returned_from)
{
    run_both(set_up_faults);
}
END_TEST

/* Strings down and up again, by code that both directions call. */
static void set_up_directions(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0xbe, 0x00, 0x01, 0x03, 0x00, 0xbf, 0x43, 0x01, 0x03, 0x00, /* mov esi, 30100h; mov edi, 30143h */
        0xb9, 0x07, 0x00, 0x00, 0x00, 0x39, 0xd0, 0xfd,             /* mov ecx, 7; cmp eax, edx; std */
        0x0f, 0x92, 0xc3, 0xf3, 0xa5, 0xe8, 0x27, 0x00, 0x00, 0x00, /* setc bl; rep movsd; call */
        0x39, 0xc3, 0xfc, 0xe8, 0x1f, 0x00, 0x00, 0x00,             /* cmp ebx, eax; cld; call */
        0x0f, 0x96, 0xc7, 0xb9, 0x09, 0x00, 0x00, 0x00,             /* setbe bh; mov ecx, 9 */
        0xfd, 0xf3, 0xaa, 0x66, 0xa5, 0xfc, 0xfc,                   /* std; rep stosb; movsw; cld; cld */
        0x01, 0xd8, 0x81, 0xc2, 0x45, 0x23, 0x01, 0x00,             /* add eax, ebx; add edx, 12345h */
        0x89, 0x15, 0x04, 0x01, 0x03, 0x00, 0xeb, 0xbd,             /* mov [30104h], edx; jmp */
        0xe8, 0x02, 0x00, 0x00, 0x00, 0xac, 0xaa, 0xc3 };           /* call to the ret; lodsb; stosb; ret */

    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(strings_down_and_up)
{
    run_both(set_up_directions);
}
END_TEST

/* Of ESP itself, which RET moves before the next block asks. */
static void set_up_flags_of_esp(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0xbc, 0x00, 0x70, 0x00, 0x00, 0x68, 0x13, 0x80, 0x00, 0x00, /* mov esp, 7000h; push 8013h */
        0x81, 0xfc, 0xfc, 0x6f, 0x00, 0x00, 0x72, 0x00, 0xc3,       /* cmp esp, 6FFCh; jb; ret */
        0x9c, 0x5a, 0x01, 0xd0, 0xeb, 0xe7 };                       /* 8013h: pushf; pop edx; add eax, edx; jmp */

    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(flags_of_esp_are_kept_before_it_moves)
{
    run_both(set_up_flags_of_esp);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/pages");
    TCase *tc = tcase_create("pages");

    tcase_add_test(tc, walks_are_counted);
    tcase_add_test(tc, code_is_remapped);
    tcase_add_test(tc, data_is_remapped);
    tcase_add_test(tc, directories_by_turns);
    tcase_add_test(tc, frames_over_pages);
    tcase_add_test(tc, stacks_over_pages);
    tcase_add_test(tc, flags_are_kept_by_who_asks);
    tcase_add_test(tc, flags_are_read);
    tcase_add_test(tc, flags_of_esp_are_kept_before_it_moves);
    tcase_add_test(tc, strings_down_and_up);
    tcase_add_test(tc, faults_are_returned_from);
    suite_add_tcase(s, tc);
    return s;
}

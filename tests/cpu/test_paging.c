/*
 * Paging: rights, error codes, CR2, accessed and dirty bits, changes of tables.
 *
 * Source: Intel SDM vol. 3, 4.3, 4.6 to 4.8; design, "Paging rule".
 */
#include "config.h"

#include "support/suite.h"

#include "cpu/fault_rows.h"

#include "base/bits.h"
#include "cpu/model.h"

enum { DATA2 = AT_DATA + 0x1000, P = 1, W = 2, U = 4, A = 0x20, D = 0x40 };

static void paging(struct cpu_rig *r)
{
    cpu_rig_paging(r);
}

/* The page after the data page, or the data page, with these rights. */
static void pte(struct cpu_rig *r, uint32_t laddr, uint32_t bits)
{
    cpu_rig_paging(r);
    *cpu_rig_pte(r, laddr) = (laddr & ~0xfffu) | bits;
}

static void data_absent(struct cpu_rig *r)
{
    pte(r, AT_DATA, W | U);
}

static void data_supervisor(struct cpu_rig *r)
{
    pte(r, AT_DATA, P | W);
}

static void data_read_only(struct cpu_rig *r)
{
    pte(r, AT_DATA, P | U);
}

static void data_read_only_wp(struct cpu_rig *r)
{
    pte(r, AT_DATA, P | U);
    r->cpu->cr0 |= CR0_WP & r->cpu->model->cr0;
}

static void data2_absent(struct cpu_rig *r)
{
    pte(r, DATA2, 0);
    cpu_rig_poke(r, DATA2 - 4, 4, 0x11223344);
}

static void data2_read_only(struct cpu_rig *r)
{
    pte(r, DATA2, P | U);
    cpu_rig_poke(r, DATA2 - 4, 4, 0x11223344);
}

static void code2_absent(struct cpu_rig *r)
{
    pte(r, AT_CODE + 0x1000, 0);
    cpu_rig_code(r, AT_CODE + 0xffe, "\xb8\x01", 2); /* mov eax, ... */
}

static void directory_absent(struct cpu_rig *r)
{
    cpu_rig_paging(r);
    cpu_rig_poke(r, AT_PAGES + 4, 4, 0);
}

static void large_page(struct cpu_rig *r)
{
    cpu_rig_paging(r);
    r->cpu->cr4 |= CR4_PSE;
    cpu_rig_poke(r, AT_PAGES + 4, 4, 0x80 | P | W | U); /* 400000h to 0 */
    cpu_rig_poke(r, AT_DATA, 4, 0x12345678);
}

static void stack_at_page(struct cpu_rig *r)
{
    pte(r, AT_DATA, 0);
    r->cpu->gpr[ESP] = DATA2 + 8;
    r->cpu->gpr[EBP] = DATA2 + 0x20;
}

/* Page 9 is what a jump within page 8 must not reach, and one from page A does. */
static void other_code(struct cpu_rig *r)
{
    cpu_rig_paging(r);
    cpu_rig_code(r, AT_CODE + 0x1000 + 0xe, "\xcd\x30", 2);
    cpu_rig_code(r, AT_CODE + 0x1000 + 9, "\x0f\x0b", 2);
    cpu_rig_code(r, AT_DATA, "\xe9\x09\xe0\xff\xff", 5);
}

static void jump_back(struct cpu_rig *r)
{
    cpu_rig_paging(r);
    cpu_rig_code(r, AT_DATA, "\xe9\xfb\xe0\xff\xff", 5); /* to AT_CODE + 100 */
}

/* AND, OR: between them the entry of the code's page is 0, as PC-MOS does it. */
static const char two_steps[] =
    "\x81\x25\x20\x10\x01\x00\xff\x0f\x00\x00" /* and dword [entry], fff */
    "\x83\x25\x20\x10\x01\x00\x00"             /* and dword [entry], 0 */
    "\x81\x0d\x20\x10\x01\x00\x07\x80\x00\x00" /* or dword [entry], 8007 */
    "\xa1\x20\x10\x01\x00"                     /* mov eax, [entry] */
    "\xcd\x30";

/* --- checks ---------------------------------------------------------------- */

static void bits_are(struct cpu_rig *r, uint32_t laddr, uint32_t want)
{
    ck_assert_uint_eq(*cpu_rig_pte(r, laddr) & (A | D), want);
}

static void data_a(struct cpu_rig *r)
{
    bits_are(r, AT_DATA, A);
    ck_assert_uint_eq(cpu_rig_peek(r, AT_PAGES, 4) & (A | D), A);
}

static void data_ad(struct cpu_rig *r)
{
    bits_are(r, AT_DATA, A | D);
}

static void data_untouched(struct cpu_rig *r)
{
    bits_are(r, AT_DATA, 0);
}

static void first_part_kept(struct cpu_rig *r)
{
    ck_assert_uint_eq(cpu_rig_peek(r, DATA2 - 4, 4), 0x11223344);
}

static void eax_is_word(struct cpu_rig *r)
{
    ck_assert_uint_eq(r->cpu->gpr[EAX], 0x12345678);
    ck_assert_uint_eq(cpu_rig_peek(r, AT_PAGES + 4, 4) & (A | D), A);
}

static void al_has_a(struct cpu_rig *r)
{
    ck_assert_uint_eq(r->cpu->gpr[EAX] & A, A);
}

static void esp_kept(struct cpu_rig *r)
{
    ck_assert_uint_eq(cpu_rig_frame(r, 4), DATA2 + 8); /* ESP of ring 3 */
}

#define READ  "\xa1\x00\xa0\x00\x00"         /* mov eax, [data] */
#define WRITE "\xa3\x00\xa0\x00\x00"         /* mov [data], eax */
#define CROSS "\xa3\xfe\xaf\x00\x00"         /* mov [data + ffe], eax */
#define RMW   "\x01\x05\xfe\xaf\x00\x00"     /* add [data + ffe], eax */

static const struct fault_row rows[] = {
    { "read", .setup = paging, CODE(READ), NONE, .after = data_a },
    { "write", .setup = paging, CODE(WRITE), NONE, .after = data_ad },
    { "read absent", .setup = data_absent, CODE(READ), .vector = EXC_PF, .error = 0, .cr2 = AT_DATA, .after = data_untouched },
    { "write absent", .setup = data_absent, CODE(WRITE), .vector = EXC_PF, .error = 2, .cr2 = AT_DATA },
    { "read absent, ring 3", .ring = 3, .setup = data_absent, CODE(READ), .vector = EXC_PF, .error = 4, .cr2 = AT_DATA },
    { "write absent, ring 3", .ring = 3, .setup = data_absent, CODE(WRITE), .vector = EXC_PF, .error = 6, .cr2 = AT_DATA },
    { "read supervisor, ring 3", .ring = 3, .setup = data_supervisor, CODE(READ), .vector = EXC_PF, .error = 5, .cr2 = AT_DATA,
      .after = data_untouched },
    { "write supervisor, ring 3", .ring = 3, .setup = data_supervisor, CODE(WRITE), .vector = EXC_PF, .error = 7, .cr2 = AT_DATA },
    { "write read-only, ring 3", .ring = 3, .setup = data_read_only, CODE(WRITE), .vector = EXC_PF, .error = 7, .cr2 = AT_DATA },
    { "read-modify-write read-only, ring 3", .ring = 3, .setup = data_read_only, CODE("\x01\x05\x00\xa0\x00\x00"),
      .vector = EXC_PF, .error = 7, .cr2 = AT_DATA },
    { "write read-only, ring 0", .setup = data_read_only, CODE(WRITE), NONE, .after = data_ad },
    { "write read-only, ring 0, WP", CPU_486, .setup = data_read_only_wp, CODE(WRITE), .vector = EXC_PF, .error = 3, .cr2 = AT_DATA },
    { "no WP on a 386", CPU_386, .setup = data_read_only_wp, CODE(WRITE), NONE },
    { "directory entry absent", .setup = directory_absent, CODE("\xa1\x00\x00\x40\x00"), .vector = EXC_PF, .error = 0, .cr2 = 0x400000 },
    { "large page", CPU_PENTIUM, .setup = large_page, CODE("\xa1\x00\xa0\x40\x00"), NONE, .after = eax_is_word },
    { "write across, second absent", .setup = data2_absent, CODE(CROSS), .vector = EXC_PF, .error = 2, .cr2 = DATA2, .after = first_part_kept },
    { "RMW across, second absent", .setup = data2_absent, CODE(RMW), .vector = EXC_PF, .error = 2, .cr2 = DATA2, .after = first_part_kept },
    { "RMW across, second read-only", .ring = 3, .setup = data2_read_only, CODE(RMW), .vector = EXC_PF, .error = 7, .cr2 = DATA2,
      .after = first_part_kept },
    { "CMPXCHG8B across", CPU_PENTIUM, .setup = data2_absent, CODE("\x0f\xc7\x0d\xfc\xaf\x00\x00"), .vector = EXC_PF, .error = 2,
      .cr2 = DATA2, .after = first_part_kept },
    { "fetch of the second page", .setup = code2_absent, CODE("\xe9\xf9\x0f\x00\x00"), .vector = EXC_PF, .error = 0,
      .at = 0xffe, .cr2 = AT_CODE + 0x1000 },
    { "fetch of an absent page, ring 3", .ring = 3, .setup = data_absent, CODE("\xe9\xfb\x1f\x00\x00"), .vector = EXC_PF, .error = 4,
      .at = 0x2000, .cr2 = AT_DATA },
    { "PUSHA into an absent page", .ring = 3, .setup = stack_at_page, CODE("\x60"), .vector = EXC_PF, .error = 6, .cr2 = DATA2 - 0x18,
      .after = esp_kept },
    { "ENTER into an absent page", .ring = 3, .setup = stack_at_page, CODE("\xc8\x00\x00\x03"), .vector = EXC_PF, .error = 6,
      .cr2 = DATA2 - 4, .after = esp_kept },
    { "ENTER: the new top is checked", .ring = 3, .setup = stack_at_page, CODE("\xc8\x10\x00\x00"), .vector = EXC_PF, .error = 6,
      .cr2 = DATA2 - 12, .after = esp_kept },
    /* The code goes on in the old page until it leaves it. */
    { "own page mapped elsewhere", .setup = other_code,
      CODE("\xc6\x05\x21\x10\x01\x00\x90\xeb\x00\xe9\xf2\x1f\x00\x00\x0f\x0b"), NONE },
    { "own page absent for two instructions", .setup = paging, .code = two_steps, .len = sizeof two_steps - 1, NONE, .after = al_has_a },
    { "own page absent, then INVLPG", CPU_486, .setup = paging,
      CODE("\x83\x25\x20\x10\x01\x00\x00\x90\x0f\x01\x3d\x00\x80\x00\x00\x0f\x0b"), .vector = EXC_PF, .error = 0, .at = 15,
      .cr2 = AT_CODE + 15 },
    { "own page absent, then another", .setup = jump_back, CODE("\x83\x25\x20\x10\x01\x00\x00\xe9\xf4\x1f\x00\x00"),
      .vector = EXC_PF, .error = 0, .at = 0x100, .cr2 = AT_CODE + 0x100 },
    /* Its accessed bit is set again by the next fetch. */
    { "own accessed bit cleared", .setup = paging, CODE("\x80\x25\x20\x10\x01\x00\xdf\xa0\x20\x10\x01\x00"), NONE, .after = al_has_a },
};

START_TEST(rights_and_errors)
{
    fault_rows_run(rows, ARRAY_LEN(rows));
}
END_TEST

/* A and D are set in a page that also holds code: tracking must survive it. */
START_TEST(tables_beside_code)
{
    static const char code[] =
        "\xa1\x00\xa0\x00\x00"             /* mov eax, [data]: D clear, A set */
        "\xa3\x00\xa0\x00\x00"             /* mov [data], eax: D in the table's page */
        "\xc6\x05\x29\x10\x01\x00\xb0"     /* the data page is the next one now */
        "\x8b\x1d\x00\xa0\x00\x00"         /* mov ebx, [data] */
        "\xf4";
    struct cpu_rig *r = cpu_rig_new(CPU_PENTIUM, 1 << 20);

    cpu_rig_protected(r, 0);
    cpu_rig_paging(r);
    cpu_rig_poke(r, DATA2, 4, 0xcafe);
    /* The program itself lies in the page table's page, past the first 1 MiB. */
    cpu_rig_code(r, AT_PAGES + 0x1800, code, sizeof code - 1);
    r->cpu->eip = AT_PAGES + 0x1800;
    ck_assert(cpu_rig_run(r, 100));
    ck_assert_uint_eq(r->cpu->gpr[EBX], 0xcafe);
    cpu_rig_free(r);
}
END_TEST

/* An entry that is also an instruction: with A set it is another one. */
START_TEST(entry_as_code)
{
    static const char code[] =
        "\xbb\x28\x10\x01\x00"     /* mov ebx, the data page's entry */
        "\x31\xc0\xff\xd3\x89\xc1" /* xor eax, eax; call ebx; mov ecx, eax */
        "\xa0\x00\xa0\x00\x00"     /* mov al, [data] */
        "\x31\xc0\xff\xd3\xf4";    /* xor eax, eax; call ebx */
    struct cpu_rig *r = cpu_rig_new(CPU_PENTIUM, 1 << 20);

    cpu_rig_protected(r, 0);
    cpu_rig_paging(r);
    /* 05 A0 00 00 07: add eax, 070000A0h; C3: ret.  25h is AND. */
    *cpu_rig_pte(r, AT_DATA) = AT_DATA | P | U;
    *cpu_rig_pte(r, DATA2) = 0xc000 | 0x300 | P | W | U;
    cpu_rig_code(r, AT_CODE, code, sizeof code - 1);
    ck_assert(cpu_rig_run(r, 100));
    ck_assert_uint_eq(r->cpu->gpr[ECX], 0x070000a0);
    ck_assert_uint_eq(r->cpu->gpr[EAX], 0);
    cpu_rig_free(r);
}
END_TEST

/*
 * One PUSHA writes into two page tables, first into one that only an earlier
 * access went through, then into the one that maps the code.  Whether the first
 * is tracked depends on caches; what becomes of the code must not.
 */
START_TEST(code_page_kept_whatever_is_cached)
{
    enum { OF_CODE = AT_PAGES + 0x1000, OTHER = AT_PAGES + 0x2000, OF_STACK = AT_PAGES + 0x3000 };
    uint64_t hash[2];

    for (unsigned flush = 0; flush < 2; flush++) {
        struct cpu_rig *r = cpu_rig_new(CPU_PENTIUM, 1 << 20);

        cpu_rig_protected(r, 0);
        cpu_rig_paging(r);
        cpu_rig_poke(r, AT_PAGES + 4, 4, OTHER | 7);
        cpu_rig_poke(r, AT_PAGES + 8, 4, OF_STACK | 7);
        cpu_rig_poke(r, OTHER, 4, AT_DATA | 7);
        cpu_rig_poke(r, OF_STACK, 4, OF_CODE | 7);
        cpu_rig_poke(r, OF_STACK + 4, 4, OTHER | 7);
        cpu_rig_poke(r, OF_CODE + 0xffc, 4, AT_CODE | 7);
        cpu_rig_code(r, AT_CODE, "\xa1\x00\x00\x40\x00\x60\x43\x43\xf4", 9); /* mov eax, [400000h]; pusha; inc ebx, twice */
        r->cpu->eip = 0x3ff000;
        r->cpu->gpr[ESP] = 0x801004;
        r->cpu->gpr[ECX] = 0; /* lands in the code's entry */
        cpu_rig_step(r, 1);
        if (flush)
            cpu_rig_flush(r);
        cpu_rig_run(r, 20);
        hash[flush] = cpu_rig_hash(r);
        cpu_rig_free(r);
    }
    ck_assert_uint_eq(hash[0], hash[1]);
}
END_TEST

/* The table that maps the code is put right while it is tracked by chance only. */
START_TEST(kept_page_ends_whatever_is_cached)
{
    enum { OF_CODE = AT_PAGES + 0x1000, OF_REST = AT_PAGES + 0x2000 };
    static const char code[] =
        "\x83\x25\x20\x10\x41\x00\x00"             /* and dword [entry of the code], 0 */
        "\xa1\x00\xa0\x00\x00"                     /* mov eax, [data]: through the same table */
        "\x90"
        "\x81\x0d\x20\x10\x41\x00\x07\x80\x00\x00" /* or dword [entry of the code], 8007h */
        "\x90\xf4";
    uint64_t hash[2];

    for (unsigned flush = 0; flush < 2; flush++) {
        struct cpu_rig *r = cpu_rig_new(CPU_PENTIUM, 1 << 20);

        cpu_rig_protected(r, 0);
        cpu_rig_paging(r);
        cpu_rig_poke(r, AT_PAGES + 4, 4, OF_REST | 7);
        cpu_rig_poke(r, OF_REST + (OF_CODE >> 12) * 4, 4, OF_CODE | 7);
        cpu_rig_code(r, AT_CODE, code, sizeof code - 1);
        cpu_rig_step(r, 2);
        if (flush)
            cpu_rig_flush(r);
        cpu_rig_step(r, 2);
        hash[flush] = cpu_rig_hash(r);
        cpu_rig_free(r);
    }
    ck_assert_uint_eq(hash[0], hash[1]);
}
END_TEST

/* 4 MiB of linear space over a page directory that is its own page table. */
START_TEST(recursive_directory)
{
    static const char code[] =
        "\xa1\x00\xa0\x00\x00"             /* mov eax, [data]: the old page */
        "\xa1\x00\xf0\xff\xff"             /* mov eax, [the directory itself] */
        "\xc7\x05\x28\x00\xc0\xff\x07\xb0\x00\x00" /* entry of the data page */
        "\x8b\x1d\x00\xa0\x00\x00"
        "\xf4";
    struct cpu_rig *r = cpu_rig_new(CPU_486, 1 << 20);

    cpu_rig_protected(r, 0);
    cpu_rig_paging(r);
    cpu_rig_poke(r, AT_PAGES + 0xffc, 4, AT_PAGES | 7);
    cpu_rig_poke(r, DATA2, 4, 0xcafe);
    cpu_rig_code(r, AT_CODE, code, sizeof code - 1);
    ck_assert(cpu_rig_run(r, 100));
    ck_assert_uint_eq(r->cpu->gpr[EAX] & ~(uint32_t) (A | D), (AT_PAGES + 0x1000) | 7);
    ck_assert_uint_eq(r->cpu->gpr[EBX], 0xcafe);
    cpu_rig_free(r);
}
END_TEST

/* A call gate's first parameter goes into the entry of the page from which the second one comes. */
START_TEST(parameter_into_a_table)
{
    static const char code[] = "\x9a\x00\x00\x00\x00\x60\x00"; /* call 60:0 */

    for (unsigned forgotten = 0; forgotten < 2; forgotten++) {
        struct cpu_rig *r = cpu_rig_new(CPU_486, 1 << 20);

        cpu_rig_protected(r, 3);
        cpu_rig_paging(r);
        cpu_rig_poke(r, AT_PAGES + 4, 4, AT_FREE | 7);
        cpu_rig_poke(r, AT_FREE + 0x400, 4, (AT_FREE + 0x10000) | 7);
        cpu_rig_poke(r, AT_FREE + 0x10010, 4, 0xaaaa);
        cpu_rig_poke(r, AT_FREE + 0x10014, 4, (AT_FREE + 0x11000) | 7);
        cpu_rig_poke(r, AT_FREE + 0x11010, 4, 0xbbbb);
        cpu_rig_poke(r, AT_TSS + 4, 4, AT_FREE + 0x40c);
        cpu_rig_gdt(r, SEL_FREE, gate_make(SEL_CODE0, AT_HANDLERS, D_CALL32, 3, 2));
        r->cpu->gpr[ESP] = 0x500010;
        cpu_rig_code(r, AT_CODE, code, sizeof code - 1);
        if (forgotten)
            cpu_rig_flush(r);
        cpu_rig_step(r, 1);
        ck_assert_uint_eq(r->cpu->eip, AT_HANDLERS);
        ck_assert_uint_eq(cpu_rig_peek(r, AT_FREE + 0x3fc, 4), 0xbbbb);
        cpu_rig_free(r);
    }
}
END_TEST

/* A table that maps itself: what its own entry becomes holds for the next store to it. */
START_TEST(table_whose_page_changes)
{
    static const struct {
        unsigned ring;
        uint32_t entry, where;
        int vector;
    } cases[] = {
        { 0, 0x11000 | P | U | A | D, 0x11080, EXC_PF },         /* read-only, with WP */
        { 3, 0x11000 | P | W | A | D, 0x11080, EXC_PF },         /* ring 0's */
        { 0, AT_FREE | P | W | U | A | D, AT_FREE + 0x80, -1 },  /* elsewhere */
        { 3, AT_FREE | P | W | U | A | D, AT_FREE + 0x80, -1 },
        { 0, 0, 0x11080, EXC_PF },                               /* absent */
    };
    static const uint8_t last[][11] = {
        { 0xb8, 0x67, 0x45, 0x23, 0x01, 0xa3, 0x80, 0x10, 1, 0, 0xf4 },    /* mov to entry 20h */
        { 0x81, 0x0d, 0x80, 0x10, 1, 0, 0x67, 0x45, 0x23, 0x01, 0xf4 },    /* or */
    };
    /* Its entry 20h, twice; entry 11h; and the last. */
    uint8_t code[] = { 0xa1, 0x80, 0x10, 1, 0, 0xa3, 0x80, 0x10, 1, 0, 0xa3, 0x80, 0x10, 1, 0,
                       0xc7, 0x05, 0x44, 0x10, 1, 0, 0, 0, 0, 0 };

    for (unsigned k = 0; k < 2 * ARRAY_LEN(cases); k++) {
        unsigned i = k / 2;
        struct cpu_rig *r = cpu_rig_new(CPU_486, 1 << 20);

        cpu_rig_protected(r, cases[i].ring);
        cpu_rig_paging(r);
        r->cpu->cr0 |= CR0_WP;
        store_le32(code + 21, cases[i].entry);
        cpu_rig_code(r, AT_CODE, code, sizeof code);
        cpu_rig_code(r, AT_CODE + sizeof code, last[k % 2], sizeof last[0]);
        ck_assert(cpu_rig_run(r, 100));
        if (cases[i].vector == EXC_PF)
            ck_assert_int_eq(cpu_rig_vector(r), EXC_PF);
        ck_assert_int_eq(cpu_rig_peek(r, cases[i].where, 4) == 0x01234567, cases[i].vector != EXC_PF);
        cpu_rig_free(r);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("cpu/paging");
    TCase *tc = tcase_create("paging");

    tcase_add_test(tc, rights_and_errors);
    tcase_add_test(tc, tables_beside_code);
    tcase_add_test(tc, entry_as_code);
    tcase_add_test(tc, code_page_kept_whatever_is_cached);
    tcase_add_test(tc, kept_page_ends_whatever_is_cached);
    tcase_add_test(tc, recursive_directory);
    tcase_add_test(tc, parameter_into_a_table);
    tcase_add_test(tc, table_whose_page_changes);
    suite_add_tcase(s, tc);
    return s;
}

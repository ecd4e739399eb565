/*
 * Operands near each other: frames and structures, over pages that move, are code, or lose what is
 * known of them in between; registers that point into them are copied and moved.
 */
#include "config.h"

#include "support/suite.h"

#include "support/code_writer.h"
#include "support/jit_pair.h"

enum {
    PROGRAMS = 100,
    BODIES = 8,
    STEPS = 10000,
    TIMES = 3,
    BODY = 60,             /* instructions of one, at most */
    FRAMES = AT_FREE,      /* where they lie: four pages, ... */
    OTHER = 0x4000,        /* ... and how far away others are, that can be there instead */
    AT_FUNCTION = AT_CODE + 0x1c00,
    PTES = AT_PAGES + PAGE_SIZE,
};

static unsigned draw_pointer(struct writer *w)
{
    static const uint8_t pointers[] = { EBP, EBP, EBP, ESP, ESP, EBX, ESI };

    return pointers[draw(w, ARRAY_LEN(pointers))];
}

/* [pointer + disp], mostly near. */
static void put_operand(struct writer *w, unsigned reg, unsigned base)
{
    bool far = draw(w, 12) == 0;

    put(w, (far ? 0x80 : 0x40) | reg << 3 | base);
    if (base == ESP)
        put(w, 0x24);
    if (far)
        put32(w, draw(w, 0x900) - 0x480);
    else
        put(w, draw(w, 96) - 40);
}

static void put_access(struct writer *w)
{
    static const uint8_t with_register[] = { 0x8b, 0x8b, 0x8b, 0x89, 0x89, 0x89, 0x03, 0x01, 0x13, 0x1b, 0x3b, 0x39, 0x85,
                                             0x31, 0x23, 0x8a, 0x88, 0x38, 0x11 };

    if (draw(w, 5) == 0)
        put(w, 0x66);
    switch (draw(w, 8)) {
    case 0: put(w, 0x0f); put(w, 0xb6 + draw(w, 2) + 8 * draw(w, 2)); put_operand(w, draw_value(w), draw_pointer(w)); break;
    case 1: put(w, 0x0f); put(w, 0x40 + draw(w, 16)); put_operand(w, draw_value(w), draw_pointer(w)); break;
    case 2: put(w, 0x83); put_operand(w, draw(w, 8), draw_pointer(w)); put(w, draw(w, 256)); break;
    case 3: put(w, 0xff); put_operand(w, draw(w, 2), draw_pointer(w)); break;
    default: put(w, with_register[draw(w, ARRAY_LEN(with_register))]); put_operand(w, draw_value(w), draw_pointer(w)); break;
    }
}

static void put_move(struct writer *w)
{
    unsigned kind = draw(w, 10);

    if (kind < 2 && draw(w, 6) == 0)
        put(w, 0x66);
    switch (kind) {
    case 0: put(w, 0x50 + draw_value(w)); break;
    case 1: put(w, 0x58 + draw_value(w)); break;
    case 2:
    case 9: put(w, 0xff); put_operand(w, 6, draw_pointer(w)); break; /* push */
    case 3: put(w, 0x55); put(w, 0x89); put(w, 0xe5); put(w, 0x83); put(w, 0xec); put(w, 4 * draw(w, 8)); break;
    case 4: put(w, 0x8d); put_operand(w, draw(w, 2) ? EBX : ESI, draw_pointer(w)); break;
    case 5: put(w, 0x83); put(w, 0xc3 + 3 * draw(w, 2)); put(w, draw(w, 64) - 32); break; /* add */
    case 6: put(w, 0x83); put(w, 0xeb + 3 * draw(w, 2)); put(w, draw(w, 64) - 32); break; /* sub */
    case 7: put(w, 0x89); put(w, 0xc3 | ESP << 3 | draw(w, 2) << 1); break; /* mov ebx, esp; mov ebp, esp */
    default: put(w, 0x8f); put_operand(w, 0, draw_pointer(w)); break; /* pop */
    }
}

/* Who asks for flags, or spoils them. */
static void put_asker(struct writer *w)
{
    switch (draw(w, 6)) {
    case 0: put(w, 0x70 + draw(w, 16)); put(w, 0); break; /* jcc */
    case 1: put(w, 0x0f); put(w, 0x90 + draw(w, 16)); put(w, 0xc0 + draw(w, 3)); break;
    case 2: put(w, 0x9c); put(w, 0x5a); break; /* pushf; pop edx */
    case 3: put(w, 0x01); put(w, 0xc0 | draw_value(w) << 3 | draw_value(w)); break;
    case 4: put(w, 0x39); put(w, 0xc0 | draw_value(w) << 3 | draw_value(w)); break;
    default: put(w, 0x40 + draw_value(w) + 8 * draw(w, 2)); break;
    }
}

static void put_call(struct writer *w, uint32_t to)
{
    put(w, 0xe8);
    put32(w, to - (AT_CODE + (uint32_t) w->n + 4));
}

/* Pages move, and forget that they were used. */
static void put_disturbance(struct writer *w)
{
    uint32_t pte = PTES + (FRAMES >> PAGE_SHIFT) * 4 + 4 * draw(w, 4);

    switch (draw(w, 4)) {
    case 0: put(w, 0x81); put(w, 0x35); put32(w, pte); put32(w, OTHER); break;        /* xor */
    case 1: put(w, 0x81); put(w, 0x25); put32(w, pte); put32(w, ~0x60u); break;       /* and */
    case 2: put(w, 0x0f); put(w, 0x01); put_operand(w, 7, draw_pointer(w)); break;    /* invlpg */
    default: put(w, 0x0f); put(w, 0x20); put(w, 0xda); put(w, 0x0f); put(w, 0x22); put(w, 0xda); break; /* CR3 */
    }
}

/* A loop.  The counter at AT_DATA moves the pointers; the page of the second frame is code at times. */
static void write_body(struct writer *w)
{
    bool disturbed = draw(w, 3) != 0, code = draw(w, 4) == 0, edge = draw(w, 2);
    uint32_t mask = edge ? 0x207f : 0x37ff, frame = edge ? 0xfc0 + draw(w, 32) : 0x400;
    uint32_t called = FRAMES + 0x1ff0;
    unsigned length = 10 + draw(w, BODY - 10);
    size_t start = w->n;

    put(w, 0x81); put(w, 0x05); put32(w, AT_DATA); put32(w, 4 * draw(w, 40) + draw(w, 2) * draw(w, 4)); /* add */
    put(w, 0x8b); put(w, 0x2d); put32(w, AT_DATA);                      /* mov ebp, [AT_DATA] */
    put(w, 0x81); put(w, 0xe5); put32(w, mask);                        /* and ebp */
    put(w, 0x8d); put(w, 0xa5); put32(w, FRAMES + frame);              /* lea esp, [ebp+] */
    put(w, 0x8d); put(w, 0x9d); put32(w, FRAMES + draw(w, 0x800));      /* lea ebx */
    put(w, 0x8d); put(w, 0xb5); put32(w, FRAMES + draw(w, 0x800));      /* lea esi */
    put(w, 0x8d); put(w, 0xad); put32(w, FRAMES + frame + draw(w, 64)); /* lea ebp */
    if (code)
        put_call(w, called);
    for (unsigned i = 0; i < length; i++) {
        unsigned kind = draw(w, 20);

        if (kind == 0 && disturbed) {
            put_disturbance(w);
            if (draw(w, 2))
                put_move(w);
        } else if (kind < 4) {
            put_asker(w);
        } else if (kind < 8) {
            put_move(w);
        } else if (kind == 8) {
            put_call(w, AT_FUNCTION);
        } else {
            put_access(w);
        }
    }
    put(w, 0xff); put(w, 0x05); put32(w, AT_DATA + 4);               /* inc */
    put(w, 0xf6); put(w, 0x05); put32(w, AT_DATA + 4); put(w, 0x1f); /* test, 31 */
    put(w, 0x0f); put(w, 0x85); put32(w, (uint32_t) start - ((uint32_t) w->n + 4));
}

static void write_program(struct writer *w)
{
    for (unsigned i = 0; i < BODIES; i++)
        write_body(w);
    put(w, 0xe9);
    put32(w, 0u - ((uint32_t) w->n + 4));
}

/* It keeps its return address. */
static void write_function(struct writer *w)
{
    static const uint8_t loads[] = { 0x8b, 0x03, 0x13, 0x1b, 0x3b, 0x23, 0x85, 0x8a };

    put(w, 0x55); put(w, 0x89); put(w, 0xe5); /* push ebp; mov ebp, esp */
    put(w, 0x53); put(w, 0x57);               /* push ebx, edi */
    for (unsigned i = draw(w, 12); i-- != 0;) {
        put(w, loads[draw(w, ARRAY_LEN(loads))]);
        put_operand(w, draw_value(w), draw_pointer(w));
        put(w, 0x01); put(w, 0x45 | draw_value(w) << 3); put(w, 0xe0 + draw(w, 8)); /* add [ebp-20h], ... */
    }
    put(w, 0xc9); put(w, 0xc3); /* leave; ret */
}

/* Neighbours are none in the host's memory. */
static void move_pages(struct cpu_rig *r, uint32_t seed)
{
    for (unsigned i = 0; i < 4; i++)
        if (seed >> i & 1)
            cpu_rig_poke(r, PTES + (FRAMES >> PAGE_SHIFT) * 4 + 4 * i, 4, (FRAMES + i * PAGE_SIZE + OTHER) | 7);
}

static void set_up(struct cpu_rig *r, const struct writer *w, const struct writer *function)
{
    static const uint8_t ret = 0xc3;

    cpu_rig_devices(r);
    cpu_rig_protected(r, 0);
    cpu_rig_paging(r);
    for (uint32_t at = 0; at < 2 * OTHER + PAGE_SIZE; at += 4)
        cpu_rig_poke(r, FRAMES + at, 4, at * 0x9e3779b9u);
    cpu_rig_code(r, FRAMES + 0x1ff0, &ret, 1);
    cpu_rig_code(r, FRAMES + OTHER + 0x1ff0, &ret, 1);
    cpu_rig_code(r, AT_CODE, w->code, w->n);
    cpu_rig_code(r, AT_FUNCTION, function->code, function->n);
    move_pages(r, w->seed >> 20);
}

static void run_program(uint32_t seed)
{
    struct writer w = { .seed = seed }, function = { .seed = ~seed };
    struct jit_knobs knobs = jit_pair_knobs();
    struct cpu_rig *r[2];

    write_program(&w);
    write_function(&function);
    knobs.threshold = seed % 3;
    knobs.no_links = seed % 16 == 15;
    for (unsigned i = 0; i < 2; i++) {
        r[i] = cpu_rig_new(CPU_P2, 2 << 20);
        set_up(r[i], &w, &function);
    }
    jit_pair_run(r[0], r[1], &knobs, STEPS, TIMES);
}

START_TEST(frames_and_structures)
{
    if (!jit_available())
        return;
    for (uint32_t n = 0; n < PROGRAMS; n++)
        run_program((uint32_t) _i * PROGRAMS + n);
}
END_TEST

/* Two operands in a page, and one that a sum of 32 bits would have just before it. */
static void set_up_far_away(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x8b, 0x45, 0x00, 0x89, 0x5d, 0x08,                         /* mov eax, [ebp]; mov [ebp+8], ebx */
        0xc7, 0x85, 0xfd, 0xff, 0xff, 0x7f, 0xef, 0xbe, 0xad, 0xde, /* mov dword [ebp+7FFFFFFDh], 0DEADBEEFh */
        0x8d, 0xb5, 0xfd, 0xff, 0xff, 0x7f, 0x8b, 0x0e,             /* lea esi, [ebp+7FFFFFFDh]; mov ecx, [esi] */
        0x83, 0xc3, 0x07, 0xeb, 0xe3 };                             /* add ebx, 7; jmp */
    static const uint8_t skip[] = {
        0x83, 0xc4, 0x04, 0x8b, 0x14, 0x24, 0x80, 0x3a, 0xc7, 0x74, 0x05, /* of which the one has 10 bytes, ... */
        0x83, 0x04, 0x24, 0x02, 0xcf, 0x83, 0x04, 0x24, 0x0a, 0xcf };     /* ... the other 2 */

    r->cpu->gpr[EBP] = FRAMES + PAGE_SIZE;
    cpu_rig_code(r, AT_CODE, code, sizeof code);
    cpu_rig_code(r, AT_FUNCTION, skip, sizeof skip);
    cpu_rig_idt(r, EXC_PF, gate_make(SEL_CODE0, AT_FUNCTION, D_INT32, 0, 0));
}

static void run_both(void (*set_up_one)(struct cpu_rig *))
{
    jit_pair_run_paged(set_up_one, STEPS, TIMES);
}

START_TEST(what_is_two_gib_away_is_not_near)
{
    run_both(set_up_far_away);
}
END_TEST

/* What PUSH reads is in a group; its stack of 64 KiB is not, and its page is used anew each time. */
static void set_up_small_stack(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x66, 0xb8, SEL_DATA16, 0x00, 0x8e, 0xd0, 0xbc, 0x00, 0x70, 0x00, 0x00, /* mov ss, 38h; mov esp, 7000h */
        0x8b, 0x43, 0x00, 0x3b, 0x43, 0x04, 0xff, 0x73, 0x08,             /* mov eax, [ebx]; cmp eax, [ebx+4]; push [ebx+8] */
        0x83, 0xd1, 0x00, 0x5a,                                           /* adc ecx, 0; pop edx */
        0x81, 0x25, 0x18, 0x10, 0x01, 0x00, 0x9f, 0xff, 0xff, 0xff,       /* and [PTE of 6000h], ~60h */
        0x83, 0x43, 0x00, 0x1b, 0xd1, 0x43, 0x04, 0xeb, 0xde };           /* add [ebx], 1Bh; rol [ebx+4], 1; jmp */

    r->cpu->gpr[EBX] = FRAMES;
    cpu_rig_poke(r, FRAMES + 4, 4, 0x12345);
    cpu_rig_code(r, AT_CODE, code, sizeof code);
}

START_TEST(flags_stay_past_a_push_by_another_stack)
{
    run_both(set_up_small_stack);
}
END_TEST

/* The store of a group is never reached, and its page's D bit says so. */
static void set_up_no_store(struct cpu_rig *r)
{
    static const uint8_t code[] = {
        0x81, 0x25, 0x80, 0x10, 0x01, 0x00, 0x9f, 0xff, 0xff, 0xff, /* and [PTE of 20000h], ~60h */
        0x8b, 0x43, 0x00, 0xf7, 0xf1, 0x89, 0x43, 0x04,             /* mov eax, [ebx]; div ecx: by 0; mov [ebx+4], eax */
        0x03, 0x35, 0x80, 0x10, 0x01, 0x00, 0xeb, 0xe6 };           /* add esi, [PTE]; jmp */
    static const uint8_t skip[] = { 0x83, 0x04, 0x24, 0x05, 0xcf }; /* both */

    r->cpu->gpr[EBX] = FRAMES;
    r->cpu->gpr[ECX] = 0;
    cpu_rig_code(r, AT_CODE, code, sizeof code);
    cpu_rig_code(r, AT_FUNCTION, skip, sizeof skip);
    cpu_rig_idt(r, EXC_DE, gate_make(SEL_CODE0, AT_FUNCTION, D_INT32, 0, 0));
}

START_TEST(a_store_that_is_not_reached_leaves_no_mark)
{
    run_both(set_up_no_store);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("jit/near");
    TCase *tc = tcase_create("near");

    tcase_set_timeout(tc, 240);
    tcase_add_loop_test(tc, frames_and_structures, 0, 4);
    tcase_add_test(tc, what_is_two_gib_away_is_not_near);
    tcase_add_test(tc, flags_stay_past_a_push_by_another_stack);
    tcase_add_test(tc, a_store_that_is_not_reached_leaves_no_mark);
    suite_add_tcase(s, tc);
    return s;
}

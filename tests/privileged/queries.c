/*
 * LAR, LSL, VERR, VERW over all descriptors, ARPL; LLDT, LTR; where they are
 * not allowed.
 *
 * Source: SDM vol. 2, "LAR", "LSL", "VERR/VERW", "ARPL", "LLDT", "LTR"; vol. 3, 4.10.
 */
#include "priv.h"

enum { LAR, LSL, VERR, VERW };

/* vol. 2, table of descriptor types valid for LAR and LSL. */
static bool model_query(unsigned what, unsigned type, unsigned dpl, unsigned rpl, unsigned cpl)
{
    bool user = type & 0x10, is_code = user && (type & 8), conforming = is_code && (type & 4);

    if (!user) {
        unsigned valid = what == LAR ? 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12
                                     : 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;

        if (what >= VERR || !(valid >> type & 1))
            return false;
    }
    if (what == VERR && is_code && !(type & 2))
        return false;
    if (what == VERW && (is_code || !(type & 2)))
        return false;
    return conforming || (cpl <= dpl && rpl <= dpl);
}

static const struct snip *query_code(unsigned what, bool mem, bool wide)
{
    if (mem)
        return what == LAR ? S32("larl (%esi), %ebx") : what == LSL ? S32("lsll (%esi), %ebx")
             : what == VERR ? S32("verr (%esi)") : S32("verw (%esi)");
    if (!wide)
        return what == LAR ? S32("larw %ax, %bx") : S32("lslw %ax, %bx");
    return what == LAR ? S32("larl %eax, %ebx") : what == LSL ? S32("lsll %eax, %ebx")
         : what == VERR ? S32("verr %ax") : S32("verw %ax");
}

static void query_one(unsigned what, unsigned type, unsigned i, unsigned form)
{
    unsigned dpl = i & 3, rpl = i >> 2 & 3, cpl = i >> 4 & 3;
    bool present = i >> 6 & 1, gran = type & 1, ok = model_query(what, type, dpl, rpl, cpl);
    struct desc d = segment(0x12345678, 0x9abcd, type | dpl << 5 | (present ? A_P : 0), F_BIG | (gran ? F_GRAN : 0) | 1);
    uint32_t result;

    set_desc(SEL_X, d);
    result = what == LAR ? d.hi & 0x00f0ff00 : gran ? 0x9abcdfff : 0x9abcd;
    setup(cpl);
    T.eax = SEL_X | rpl;
    T.ebx = 0xdeadbeef;
    T.esi = SCRATCH;
    *(uint16_t *) SCRATCH = (uint16_t) T.eax;
    T.eflags |= ok ? 0 : FL_ZF;
    go(query_code(what, form == 1, form != 2));
    expect(DONE, 0, "query %u", what);
    check(!(T.eflags & FL_ZF) == !ok, "type %02x DPL %u RPL %u CPL %u: ZF %u", type, dpl, rpl, cpl, !ok);
    if (what <= LSL) {
        uint32_t want = !ok ? 0xdeadbeef : form == 2 ? 0xdead0000 | (result & 0xffff) : result;

        /* Bits 16 to 19 of LAR are undefined: vol. 2. */
        check((what == LAR && ok && form != 2 ? T.ebx & 0x00f0ff00 : T.ebx) == want, "type %02x: %x, not %x", type, T.ebx, want);
    }
    check((gdt[SEL_X >> 3].hi & 0x100) == (d.hi & 0x100), "type %02x: accessed bit changed", type);
}

static void arpl(void)
{
    case_begin("vol. 2 ARPL", "ARPL");
    for (unsigned i = 0; i < 256; i++) {
        unsigned a = i & 3, b = i >> 2 & 3, cpl = i >> 4 & 3;
        bool mem = i >> 6 & 1, less = a < b;

        setup(cpl);
        T.eax = T.ecx = 0x12340550 | a;
        T.edx = 0xffa0 | b;
        T.esi = SCRATCH;
        T.eflags |= i >> 7 ? FL_ZF : 0;
        *(uint32_t *) SCRATCH = T.eax;
        go(mem ? S32("arpl %dx, (%esi)") : S32("arpl %dx, %cx"));
        expect(DONE, 0, "ARPL");
        check(!(T.eflags & FL_ZF) == !less, "ARPL %u, %u: ZF", a, b);
        check((mem ? *(uint32_t *) SCRATCH : T.ecx) == (0x12340550 | (less ? b : a)), "ARPL %u, %u", a, b);
    }
}

/* LLDT and LTR, ring 0 only: which descriptors they take. */
static void system_loads(void)
{
    case_begin("vol. 2 LLDT, LTR", "LLDT and LTR: types, presence, table, privilege");
    for (unsigned ltr = 0; ltr < 2; ltr++)
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 0; i < 32; i++) {
                unsigned rpl = i & 3, dpl = i >> 2 & 3;
                bool present = i >> 4, good = ltr ? type == 1 || type == 9 : type == 2;

                set_desc(SEL_X, segment((uint32_t) &main_tss, 103, type | dpl << 5 | (present ? A_P : 0), 0));
                setup(R0);
                T.eax = SEL_X | rpl;
                go(ltr ? S32("ltr %ax") : S32("lldt %ax; sldt %bx"));
                if (!good)
                    expect(GP, SEL_X, "%u, type %02x", ltr, type);
                else if (!present)
                    expect(NP, SEL_X, "%u, type %02x, not present", ltr, type);
                else
                    expect(DONE, 0, "%u, type %02x", ltr, type);
                if (T.vector == DONE && ltr)
                    check(T.tr == (SEL_X | rpl) && (gdt[SEL_X >> 3].hi & 0x200), "TR %x, busy bit", T.tr);
                if (T.vector == DONE && !ltr)
                    check((T.ebx & 0xffff) == (SEL_X | rpl), "LDTR %x", T.ebx);
            }
    for (unsigned ltr = 0; ltr < 2; ltr++) {
        static const uint16_t sels[] = { 0, 3, 0x0c, 0x1000, SEL_CODE };

        for (unsigned i = 0; i < ARRAY_LEN(sels); i++) {
            setup(R0);
            T.eax = sels[i];
            go(ltr ? S32("ltr %ax") : S32("lldt %ax; sldt %bx"));
            if (!ltr && sels[i] < 4)
                expect(DONE, 0, "LLDT of null");
            else
                expect(GP, sels[i] & 0xfffc, "%u of %x", ltr, sels[i]);
        }
        for (unsigned cpl = 1; cpl < 4; cpl++) {
            setup(cpl);
            T.eax = SEL_LDT;
            go(ltr ? S32("ltr %ax") : S32("lldt %ax"));
            expect(GP, 0, "%u in ring %u", ltr, cpl);
        }
    }
}

void test_queries(void)
{
    static const char *const names[] = { "LAR", "LSL", "VERR", "VERW" };

    for (unsigned what = LAR; what <= VERW; what++) {
        case_begin("4.10 [5.10]; vol. 2 LAR, LSL, VERR", names[what]);
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 0; i < 128; i++)
                query_one(what, type, i, 0);
        for (unsigned type = 0; type < 32; type++)
            for (unsigned i = 64; i < 128; i += 3) {
                query_one(what, type, i, 1);
                if (what <= LSL)
                    query_one(what, type, i, 2);
            }
        for (unsigned cpl = 0; cpl < 4; cpl++) {
            static const uint16_t sels[] = { 0, 1, 3, 0x100, 0xfff8, 0x84, 0x1004 };

            for (unsigned i = 0; i < ARRAY_LEN(sels); i++) {
                setup(cpl);
                T.eax = sels[i];
                T.ebx = 0x1111;
                T.eflags |= FL_ZF;
                go(query_code(what, false, true));
                expect(DONE, 0, "%x", sels[i]);
                check(!(T.eflags & FL_ZF) && T.ebx == 0x1111, "selector %x: ZF, or the register changed", sels[i]);
            }
        }
    }
    arpl();
    system_loads();
}

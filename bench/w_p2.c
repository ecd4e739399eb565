/* w_p2.c - what the Pentium Pro and II added: CMOV, FCMOV and FCOMI, FXSAVE. */
#include "kit.h"

/* ---- cmov: sorting networks and clamps without branches ---- */
static NOINLINE void sort8(s32 *v)
{
    static const u8 net[19][2] = {
        { 0, 2 }, { 1, 3 }, { 4, 6 }, { 5, 7 }, { 0, 4 }, { 1, 5 }, { 2, 6 }, { 3, 7 }, { 0, 1 }, { 2, 3 },
        { 4, 5 }, { 6, 7 }, { 2, 4 }, { 3, 5 }, { 1, 4 }, { 3, 6 }, { 1, 2 }, { 3, 4 }, { 5, 6 },
    };
    for (int i = 0; i < 19; i++) {
        s32 a = v[net[i][0]], b = v[net[i][1]], t = a;
        __asm__("cmpl %1,%0; cmovgl %1,%0; cmovgl %2,%1" : "+&r"(a), "+&r"(b) : "r"(t) : "cc");
        v[net[i][0]] = a; v[net[i][1]] = b;
    }
}
static inline u32 clamp(s32 x)
{
    s32 zero = 0, top = 255;
    __asm__("testl %0,%0; cmovsl %1,%0; cmpl %2,%0; cmovael %3,%0" : "+&r"(x) : "r"(zero), "r"(top), "m"(top) : "cc");
    return (u32)x;
}
static inline u32 carries(u32 a, u32 b)
{
    u32 r = a;
    __asm__("addl %1,%0; cmovcl %1,%0; cmovol %2,%0; cmovpl %1,%0; xorw %w1,%w0; cmovzw %w2,%w0; cmovnsl %2,%0"
            : "+&r"(r) : "r"(b), "r"(a) : "cc");
    return r;
}
static inline double larger(double a, double b)
{
    __asm__("fcomi %1,%0; fcmovb %1,%0" : "+t"(a) : "u"(b) : "cc");
    return a;
}
u32 w_cmov(void)
{
    u32 s = 99, h = 0;
    s32 v[8];
    double top = 0;
    fpu_double();
    for (int r = 0; r < 2000; r++) {
        for (int i = 0; i < 8; i++) v[i] = (s32)xs(&s);
        sort8(v);
        for (int i = 0; i < 8; i++) {
            h = rol(h + clamp(v[i] >> 22), 3) ^ carries(h, (u32)v[i]);
            top = larger(top * 0.75, v[i]);
        }
        h = mix(h, (u32)(s32)top);
    }
    return h;
}

/* ---- fxsave: the x87 and MMX states of eight tasks in turn ---- */
static u8 image[8][512] __attribute__((aligned(16)));
u32 w_fxsave(void)
{
    u32 h = 0;
    fpu_double();
    for (int t = 0; t < 8; t++) {
        __asm__ volatile("fninit; fldz; fldz; fldz; fldz; fldz; fldz; fldz; fldz; fninit");
        for (int i = 0; i <= t % 5; i++) __asm__ volatile("fildl %0" : : "m"(t));
        __asm__ volatile("fxsave %0" : "=m"(image[t]));
    }
    for (int r = 0; r < 2000; r++)
        for (int t = 0; t < 8; t++) {
            __asm__ volatile("fxrstor %0" : : "m"(image[t]));
            if (t & 1) {
                __asm__ volatile("fld1; fadd %%st(1),%%st; fstp %%st(1)" : : : "memory");
            } else {
                __asm__ volatile("movd %0,%%mm0; paddd %%mm0,%%mm3; pxor %%mm3,%%mm5"
                                 : : "r"(r * 0x01010101) : "memory");
            }
            __asm__ volatile("fxsave %0" : "=m"(image[t]));
        }
    __asm__ volatile("fninit");
    for (int t = 0; t < 8; t++) {       /* control, status, tags; of MMX registers the 64 bits that are theirs */
        h = mix(h, image[t][0] | (u32)image[t][1] << 8 | (u32)image[t][2] << 16 | (u32)image[t][3] << 24);
        h = mix(h, image[t][4]);
        for (int i = 0; i < 8; i++) for (int k = 0; k < (t & 1 ? 10 : 8); k++) h = mix(h, image[t][32 + 16 * i + k]);
    }
    return h;
}

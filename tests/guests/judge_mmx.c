/* The judge: MMX, and what it leaves in the x87's registers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"

#define MMX_REG(op) \
    static uint64_t reg_##op(uint64_t a, uint64_t b) \
    { \
        asm volatile("movq %1, %%mm3\n\tmovq %0, %%mm6\n\t" #op " %%mm3, %%mm6\n\tmovq %%mm6, %0\n\temms" : "+m"(a) : "m"(b)); \
        return a; \
    } \
    static uint64_t mem_##op(uint64_t a, uint64_t b) \
    { \
        asm volatile("movq %0, %%mm0\n\t" #op " %1, %%mm0\n\tmovq %%mm0, %0\n\temms" : "+m"(a) : "m"(b)); \
        return a; \
    }
#define MMX_IMM(op) \
    static uint64_t imm_##op(uint64_t a, uint64_t b) \
    { \
        (void) b; \
        asm volatile("movq %0, %%mm5\n\t" #op " $5, %%mm5\n\tmovq %%mm5, %0\n\temms" : "+m"(a)); \
        return a; \
    }

#define MMX_OPS(X) \
    X(paddb) X(paddw) X(paddd) X(paddsb) X(paddsw) X(paddusb) X(paddusw) X(psubb) X(psubw) X(psubd) X(psubsb) \
    X(psubsw) X(psubusb) X(psubusw) X(pmullw) X(pmulhw) X(pmaddwd) X(pcmpeqb) X(pcmpeqw) X(pcmpeqd) X(pcmpgtb) \
    X(pcmpgtw) X(pcmpgtd) X(pand) X(pandn) X(por) X(pxor) X(packsswb) X(packssdw) X(packuswb) X(punpckhbw) \
    X(punpckhwd) X(punpckhdq) X(punpcklbw) X(punpcklwd) X(punpckldq)
#define MMX_SHIFTS(X) X(psllw) X(pslld) X(psllq) X(psrlw) X(psrld) X(psrlq) X(psraw) X(psrad)

/* clang-format off */
MMX_OPS(MMX_REG)
MMX_SHIFTS(MMX_REG)
MMX_SHIFTS(MMX_IMM)
#define ROW(op) { #op, reg_##op, mem_##op, false },
#define SHIFT_ROW(op) { #op, reg_##op, mem_##op, true },
#define IMM_ROW(op) { #op " 5", imm_##op, imm_##op, false },
static const struct {
    const char *name;
    uint64_t (*reg)(uint64_t a, uint64_t b);
    uint64_t (*mem)(uint64_t a, uint64_t b);
    bool count;
} mmx_ops[] = { MMX_OPS(ROW) MMX_SHIFTS(SHIFT_ROW) MMX_SHIFTS(IMM_ROW) };
/* clang-format on */

static uint32_t low_through_mm(uint32_t val)
{
    uint64_t wide;

    asm volatile("movd %2, %%mm2\n\tmovq %%mm2, %0\n\tmovd %%mm2, %1\n\temms" : "=m"(wide), "=r"(val) : "r"(val));
    return wide >> 32 ? ~val : val;
}

/* SDM vol. 1, 9.6.2: a write fills sign and exponent with ones, the tags become valid, TOP 0. */
static void mmx_and_x87(void)
{
    uint8_t image[108];
    uint16_t half[54];
    uint64_t val = 0x123456789abcdef0;

    asm volatile("fninit\n\tfld1\n\tfldpi\n\tmovq %1, %%mm4\n\tfnsave %0\n\tfninit" : "=m"(image) : "m"(val));
    memcpy(half, image, sizeof half);
    printf("fnsave after movq: control %04x status %04x tags %04x\n", half[0], half[2], half[4]);
    for (int i = 0; i < 8; i++) {
        uint16_t reg[5];

        memcpy(reg, image + 28 + 10 * i, 10);
        printf("  %d: %04x %04x%04x%04x%04x\n", i, reg[4], reg[3], reg[2], reg[1], reg[0]);
    }
    asm volatile("movq %1, %%mm4\n\temms\n\tfnsave %0\n\tfninit" : "=m"(image) : "m"(val));
    memcpy(half, image, sizeof half);
    printf("after emms: status %04x tags %04x\n", half[2], half[4]);
}

void judge_mmx(void)
{
    for (size_t i = 0; i < sizeof mmx_ops / sizeof *mmx_ops; i++) {
        uint64_t sum = 0;

        for (int k = 0; k < 2000; k++) {
            uint64_t a = random_edge(), b = random_edge();
            uint64_t reg, mem;

            if (k % 3 == 0)
                a = b ^ (random_edge() & random_u64() & random_u64());
            if (mmx_ops[i].count && k % 4)
                b %= 70;
            reg = mmx_ops[i].reg(a, b);
            mem = mmx_ops[i].mem(a, b);
            if (k < 24 || verbose)
                printf("%s %016" PRIx64 " %016" PRIx64 " -> %016" PRIx64 "\n", mmx_ops[i].name, a, b, reg);
            sum = mix(mix(sum, reg), mem);
        }
        printf("%s: sum %016" PRIx64 "\n", mmx_ops[i].name, sum);
    }
    for (uint32_t i = 0; i < 4; i++)
        printf("movd %08x\n", low_through_mm(0xdeadbeef * i));
    mmx_and_x87();
}

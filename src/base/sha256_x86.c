/*
 * SHA-256 by the processor's own instructions, where it has them.  sha256.c is
 * the definition; tests/base/test_sha256.c compares the two.
 *
 * Source: Intel SDM vol. 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2; the state is
 *         kept in two registers as {A,B,E,F} and {C,D,G,H}, high words first.
 */
#include "config.h"

#include "base/sha256_priv.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

bool sha256_x86_available(void)
{
    enum { SSSE3 = 1 << 9, SSE41 = 1 << 19, SHA = 1 << 29 };
    unsigned a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & SSSE3) == 0 || (c & SSE41) == 0)
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & SHA) != 0;
}

/* Words i+16 to i+19 of the schedule out of the four groups before them. */
__attribute__((target("sha,sse4.1,ssse3"), always_inline)) static inline __m128i
sha256_x86_schedule(__m128i w0, __m128i w4, __m128i w8, __m128i w12)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));

    return _mm_sha256msg2_epu32(sum, w12);
}

__attribute__((target("sha,sse4.1,ssse3"))) void sha256_x86_blocks(uint32_t h[8], const uint8_t *p,
                                                                   size_t n)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    /* DCBA and HGFE to ABEF and CDGH. */
    __m128i t = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *) (const void *) h), 0xb1);
    __m128i u = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *) (const void *) (h + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(t, u, 8), cdgh = _mm_blend_epi16(u, t, 0xf0);

    for (; n != 0; n--, p += 64) {
        __m128i w[4], abef0 = abef, cdgh0 = cdgh;

#pragma GCC unroll 16 /* a fifth faster: w stays in registers */
        for (unsigned i = 0; i < 16; i++) {
            __m128i k = _mm_loadu_si128((const __m128i *) (const void *) (sha256_k + 4 * i));

            if (i < 4)
                w[i] = _mm_shuffle_epi8(
                    _mm_loadu_si128((const __m128i *) (const void *) (p + 16 * i)), swap);
            else
                w[i % 4] = sha256_x86_schedule(w[i % 4], w[(i + 1) % 4], w[(i + 2) % 4],
                                               w[(i + 3) % 4]);
            k = _mm_add_epi32(k, w[i % 4]);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0e));
        }
        abef = _mm_add_epi32(abef, abef0);
        cdgh = _mm_add_epi32(cdgh, cdgh0);
    }
    t = _mm_shuffle_epi32(abef, 0x1b);
    u = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *) (void *) h, _mm_blend_epi16(t, u, 0xf0));
    _mm_storeu_si128((__m128i *) (void *) (h + 4), _mm_alignr_epi8(u, t, 8));
}

#else

bool sha256_x86_available(void)
{
    return false;
}

void sha256_x86_blocks(uint32_t h[8], const uint8_t *p, size_t n)
{
    sha256_blocks(h, p, n);
}

#endif

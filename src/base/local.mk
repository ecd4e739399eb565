noinst_LIBRARIES += libbase.a
libbase_a_CFLAGS = $(AM_CFLAGS) $(STRICT_CFLAGS)
libbase_a_SOURCES = \
    src/base/bits.h \
    src/base/buf.c src/base/buf.h \
    src/base/crc32c.c src/base/crc32c.h src/base/crc32c_priv.h src/base/crc32c_x86.c \
    src/base/err.c src/base/err.h \
    src/base/log.c src/base/log.h \
    src/base/mem.c src/base/mem.h \
    src/base/sha256.c src/base/sha256.h src/base/sha256_priv.h src/base/sha256_x86.c \
    src/base/xxh64.c src/base/xxh64.h

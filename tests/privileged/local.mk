# The privileged tests: a floppy of our own that runs on any PC.
PRIV_OBJECTS = tests/privileged/boot.fo tests/privileged/entry.fo \
    tests/privileged/main.fo tests/privileged/env.fo tests/privileged/tap.fo \
    tests/privileged/exceptions.fo tests/privileged/segments.fo \
    tests/privileged/queries.fo tests/privileged/limits.fo \
    tests/privileged/transfers.fo tests/privileged/interrupts.fo \
    tests/privileged/tasks.fo tests/privileged/v86.fo \
    tests/privileged/paging.fo tests/privileged/debug.fo \
    tests/privileged/system.fo tests/privileged/io.fo \
    tests/privileged/fpu.fo tests/privileged/real.fo

PRIV_CFLAGS = -m32 -march=i386 -O2 -std=gnu17 -ffreestanding -fno-pic -fno-pie \
    -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
    -fno-strict-aliasing -fno-builtin $(IMAGE_CFLAGS) \
    -mno-80387 -mno-mmx -mno-sse -Wall -Wextra -Wshadow -Wstrict-prototypes \
    -Wno-array-bounds -Wno-stringop-overflow -Wno-format -Wno-unknown-warning-option

SUFFIXES += .fo
.c.fo:
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) $(PRIV_CFLAGS) -c -o $@ $<
.S.fo:
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) -m32 $(IMAGE_CFLAGS) -c -o $@ $<

$(PRIV_OBJECTS): $(srcdir)/tests/privileged/priv.h

tests/privileged/privtest.elf: $(PRIV_OBJECTS) tests/privileged/privtest.lds
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib --no-warn-rwx-segments \
	    -T $(srcdir)/tests/privileged/privtest.lds -o $@ $(PRIV_OBJECTS)
tests/privileged/privtest.img: tests/privileged/privtest.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .image tests/privileged/privtest.elf $@.tmp && \
	    truncate -s 1474560 $@.tmp && mv $@.tmp $@

check_DATA += tests/privileged/privtest.img
MOSTLYCLEANFILES += $(PRIV_OBJECTS) tests/privileged/privtest.elf
CLEANFILES += tests/privileged/privtest.img

TESTS += tests/privileged/run.sh
tests/privileged/run.log: reprise$(EXEEXT) tests/privileged/privtest.img

# The same guest in slices and with empty caches.
if HAVE_CHECK
check_PROGRAMS += tests/privileged/test_slices
TESTS += tests/privileged/test_slices
tests_privileged_test_slices_SOURCES = tests/privileged/test_slices.c \
    tests/support/pc.c tests/support/pc.h
tests_privileged_test_slices_CPPFLAGS = $(TEST_CPPFLAGS)
tests_privileged_test_slices_CFLAGS = $(TEST_CFLAGS)
tests_privileged_test_slices_LDADD = libtestsupport.a $(MACHINE_LIBS) $(CHECK_LIBS)
endif

MOSTLYCLEANFILES += tests/privileged/privtest.out
EXTRA_DIST += tests/privileged/boot.S tests/privileged/entry.S tests/privileged/priv.h \
    tests/privileged/main.c tests/privileged/env.c tests/privileged/tap.c \
    tests/privileged/exceptions.c tests/privileged/segments.c tests/privileged/queries.c \
    tests/privileged/limits.c tests/privileged/transfers.c tests/privileged/interrupts.c \
    tests/privileged/tasks.c tests/privileged/v86.c tests/privileged/paging.c \
    tests/privileged/debug.c tests/privileged/system.c \
    tests/privileged/io.c tests/privileged/fpu.c tests/privileged/real.c \
    tests/privileged/privtest.lds \
    tests/privileged/run.sh

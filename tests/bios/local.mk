include tests/bios/vga/local.mk

if HAVE_CHECK
check_PROGRAMS += tests/bios/test_geometry tests/bios/test_kbd_map
TESTS += tests/bios/test_geometry tests/bios/test_kbd_map
tests_bios_test_geometry_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bios_test_geometry_CFLAGS = $(TEST_CFLAGS)
tests_bios_test_geometry_LDADD = $(TEST_LIBS)
tests_bios_test_geometry_SOURCES = tests/bios/test_geometry.c \
    src/bios/geometry.c
tests_bios_test_kbd_map_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bios_test_kbd_map_CFLAGS = $(TEST_CFLAGS)
tests_bios_test_kbd_map_LDADD = $(TEST_LIBS)
tests_bios_test_kbd_map_SOURCES = tests/bios/test_kbd_map.c \
    src/bios/kbd_map.c
endif

# What compilers may not do to ROM code.
TESTS += tests/bios/check_rom.sh
tests/bios/check_rom.log: src/bios/bios.bin

# A floppy that tests the services from inside (biostest.c), and its run.
BIOSTEST_OBJECTS = tests/bios/system/boot.bo tests/bios/system/biostest.bo

tests/bios/system/biostest.elf: $(BIOSTEST_OBJECTS) tests/bios/system/biostest.lds
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib --no-warn-rwx-segments \
	    -T $(srcdir)/tests/bios/system/biostest.lds -o $@ $(BIOSTEST_OBJECTS)
tests/bios/system/biostest.img: tests/bios/system/biostest.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .image tests/bios/system/biostest.elf $@.tmp && \
	    truncate -s 1474560 $@.tmp && mv $@.tmp $@

# The same for starts from CD-ROM (cdtest.c): discs of it are made by the test.
CDTEST_OBJECTS = tests/bios/system/boot.bo tests/bios/system/cdtest.bo

tests/bios/system/cdtest.elf: $(CDTEST_OBJECTS) tests/bios/system/biostest.lds
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib --no-warn-rwx-segments \
	    -T $(srcdir)/tests/bios/system/biostest.lds -o $@ $(CDTEST_OBJECTS)
tests/bios/system/cdtest.bin: tests/bios/system/cdtest.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .image tests/bios/system/cdtest.elf $@

tests/bios/system/biostest.bo tests/bios/system/cdtest.bo: tests/bios/system/guest.h

check_DATA += tests/bios/system/biostest.img tests/bios/system/cdtest.bin
TESTS += tests/bios/system/test_bios.sh tests/bios/system/test_cd.sh
tests/bios/system/test_cd.log: reprise$(EXEEXT)
MOSTLYCLEANFILES += $(BIOSTEST_OBJECTS) tests/bios/system/biostest.elf \
    tests/bios/system/cdtest.bo tests/bios/system/cdtest.elf \
    tests/bios/system/scratch.img
CLEANFILES += tests/bios/system/cdtest.bin tests/bios/system/biostest.img tests/bios/system/biostest.out
EXTRA_DIST += tests/bios/check_rom.sh tests/bios/system/boot.S \
    tests/bios/system/biostest.c tests/bios/system/biostest.lds \
    tests/bios/system/test_bios.sh tests/bios/system/test_cd.sh \
    tests/bios/system/cdtest.c tests/bios/system/guest.h tests/bios/system/mkcd.py

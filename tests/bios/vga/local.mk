# A floppy that tests the VGA BIOS from inside (see vgatest.c), and its run.
VGATEST_OBJECTS = tests/bios/vga/boot.vo tests/bios/vga/vgatest.vo

tests/bios/vga/vgatest.elf: $(VGATEST_OBJECTS) tests/bios/vga/vgatest.lds
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib --no-warn-rwx-segments \
	    -T $(srcdir)/tests/bios/vga/vgatest.lds -o $@ $(VGATEST_OBJECTS)
tests/bios/vga/vgatest.img: tests/bios/vga/vgatest.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .image tests/bios/vga/vgatest.elf $@.tmp && \
	    truncate -s 1474560 $@.tmp && mv $@.tmp $@

check_DATA += tests/bios/vga/vgatest.img
TESTS += tests/bios/vga/test_fonts.sh tests/bios/vga/test_vgabios.sh
MOSTLYCLEANFILES += $(VGATEST_OBJECTS) tests/bios/vga/vgatest.elf
CLEANFILES += tests/bios/vga/vgatest.img tests/bios/vga/vgatest.out
EXTRA_DIST += tests/bios/vga/boot.S tests/bios/vga/test_fonts.sh \
    tests/bios/vga/test_vgabios.sh \
    tests/bios/vga/vgatest.c tests/bios/vga/vgatest.lds

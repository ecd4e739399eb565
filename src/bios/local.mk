include src/bios/vga/local.mk

# System BIOS: 16-bit guest code, so its own compiler flags and suffix (.bo).
#
# Results: bios.bin, 64 KiB for F0000h; libbios.a, both ROMs as arrays (rom.h).
BIOS_SIZE = 65536
BIOS_CFLAGS = -std=gnu17 $(WARN_CFLAGS) $(GUEST_CFLAGS) -m16 -march=i386 \
    -Os -ffreestanding -fno-pic -fno-stack-protector -mregparm=3 \
    -fno-asynchronous-unwind-tables -fno-jump-tables -fomit-frame-pointer \
    -fcf-protection=none -fno-strict-aliasing -ffunction-sections \
    -fno-delete-null-pointer-checks
BIOS_CPPFLAGS = -DBIOS_VERSION='"$(VERSION)"' -I$(srcdir)/src
BIOS_HFILES = \
    src/bios/bios.h src/bios/clock.h src/bios/disk.h src/bios/entry.h \
    src/bios/geometry.h src/bios/kbd_map.h src/bios/pm.h src/bios/port.h \
    src/bios/services.h \
    src/bios/hw/a20.h src/bios/hw/ata.h src/bios/hw/atapi.h src/bios/hw/cmos.h \
    src/bios/hw/dma.h src/bios/hw/fdc.h src/bios/hw/kbc.h \
    src/bios/hw/pic.h src/bios/hw/timer.h \
    src/bios/std/bda.h src/bios/std/ebda.h src/bios/std/edd.h \
    src/bios/std/eltorito.h \
    src/bios/std/fdpt.h
BIOS_FILES = \
    src/bios/boot.c src/bios/cd_start.c src/bios/disk.c src/bios/entry.S \
    src/bios/entry_check.c src/bios/geometry.c src/bios/int09.c \
    src/bios/int13_cd.c src/bios/int13_disk.c src/bios/int13_edd.c src/bios/int13_floppy.c \
    src/bios/int14.c src/bios/int15.c src/bios/int15_apm.c \
    src/bios/int15_memory.c src/bios/int15_mouse.c src/bios/int16.c \
    src/bios/int17.c src/bios/int1a.c src/bios/kbd_map.c src/bios/lib.S \
    src/bios/pm.S src/bios/post.c src/bios/reset.S src/bios/util.c \
    src/bios/hw/a20.c src/bios/hw/ata.c src/bios/hw/atapi.c src/bios/hw/cmos.c \
    src/bios/hw/dma.c src/bios/hw/fdc.c src/bios/hw/kbc.c \
    src/bios/hw/pic.c src/bios/hw/timer.c
BIOS_OBJECTS_C = $(BIOS_FILES:.c=.bo)
BIOS_OBJECTS = $(BIOS_OBJECTS_C:.S=.bo)

SUFFIXES += .bo
.c.bo:
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	    $(GUEST_CC) $(BIOS_CPPFLAGS) $(BIOS_CFLAGS) -c -o $@ $<
.S.bo:
	$(AM_V_CC)$(MKDIR_P) $(@D) && \
	    $(GUEST_CC) $(BIOS_CPPFLAGS) -m16 -c -o $@ $<

$(BIOS_OBJECTS): $(BIOS_HFILES)
src/bios/reset.bo: src/bios/vga/font8x8lo.inc

src/bios/bios.elf: $(BIOS_OBJECTS) src/bios/bios.lds
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib -z noexecstack \
	    --no-warn-rwx-segments -Map src/bios/bios.map \
	    -T $(srcdir)/src/bios/bios.lds -o $@ $(BIOS_OBJECTS)
src/bios/bios.bin: src/bios/bios.elf src/bios/romsum.sh
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .rom src/bios/bios.elf $@.raw && \
	    $(SHELL) $(srcdir)/src/bios/romsum.sh $@.raw $@ $(BIOS_SIZE)

noinst_LIBRARIES += libbios.a
libbios_a_SOURCES = src/bios/roms.S src/bios/rom.h
src/bios/roms.$(OBJEXT): src/bios/bios.bin src/bios/vga/vgabios.bin

noinst_DATA += src/bios/bios.bin
MOSTLYCLEANFILES += $(BIOS_OBJECTS) src/bios/bios.elf src/bios/bios.map \
    src/bios/bios.bin.raw
CLEANFILES += src/bios/bios.bin
EXTRA_DIST += $(BIOS_FILES) $(BIOS_HFILES) src/bios/bios.lds \
    src/bios/romsum.sh

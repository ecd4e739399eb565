# VGA BIOS: 16-bit guest code, so its own compiler flags and suffix (.vo).
#
# Results: vgabios.bin, 32 KiB for C0000h; font8x8lo.inc, .byte lines of the
# 8x8 glyphs 00-7F for the system BIOS (F000:FA6E).
VGABIOS_SIZE = 32768
VGABIOS_CFLAGS = -std=gnu17 $(WARN_CFLAGS) $(GUEST_CFLAGS) -m16 -march=i386 \
    -Os -ffreestanding -fno-pic -fno-stack-protector -mregparm=3 \
    -fno-asynchronous-unwind-tables -fno-jump-tables -fomit-frame-pointer \
    -fcf-protection=none -fno-strict-aliasing
VGABIOS_OBJECTS = \
    src/bios/vga/cursor.vo \
    src/bios/vga/dac.vo \
    src/bios/vga/dispatch.vo \
    src/bios/vga/entry.vo \
    src/bios/vga/font.vo \
    src/bios/vga/gfx.vo \
    src/bios/vga/info.vo \
    src/bios/vga/modes.vo \
    src/bios/vga/modeset.vo \
    src/bios/vga/palette.vo \
    src/bios/vga/prtsc.vo \
    src/bios/vga/scroll.vo \
    src/bios/vga/state.vo \
    src/bios/vga/tables.vo \
    src/bios/vga/text.vo
VGABIOS_FONTS = \
    src/bios/vga/font8x8.inc \
    src/bios/vga/font8x14.inc \
    src/bios/vga/font8x16.inc
MKFONT = $(AWK) -f $(srcdir)/src/bios/vga/mkfont.awk

SUFFIXES += .vo
.c.vo:
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) $(VGABIOS_CFLAGS) -c -o $@ $<
.S.vo:
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) -m16 -DROM_SIZE=$(VGABIOS_SIZE) \
	    -Isrc/bios/vga -c -o $@ $<

$(VGABIOS_OBJECTS): src/bios/vga/vga.h
src/bios/vga/tables.vo: $(VGABIOS_FONTS)

src/bios/vga/font8x16.inc: src/bios/vga/font8x16.txt src/bios/vga/mkfont.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MKFONT) -v height=16 -v skip=0 \
	    $(srcdir)/src/bios/vga/font8x16.txt > $@.tmp && mv $@.tmp $@
src/bios/vga/font8x14.inc: src/bios/vga/font8x16.txt src/bios/vga/mkfont.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MKFONT) -v height=16 -v skip=1 \
	    $(srcdir)/src/bios/vga/font8x16.txt > $@.tmp && mv $@.tmp $@
src/bios/vga/font8x8.inc: src/bios/vga/font8x8.txt src/bios/vga/mkfont.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MKFONT) -v height=8 -v skip=0 \
	    $(srcdir)/src/bios/vga/font8x8.txt > $@.tmp && mv $@.tmp $@
src/bios/vga/font8x8lo.inc: src/bios/vga/font8x8.txt src/bios/vga/mkfont.awk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MKFONT) -v height=8 -v skip=0 -v count=128 \
	    $(srcdir)/src/bios/vga/font8x8.txt > $@.tmp && mv $@.tmp $@

src/bios/vga/vgabios.elf: $(VGABIOS_OBJECTS) src/bios/vga/vgabios.lds
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib --no-warn-rwx-segments \
	    -T $(srcdir)/src/bios/vga/vgabios.lds -o $@ $(VGABIOS_OBJECTS)
src/bios/vga/vgabios.bin: src/bios/vga/vgabios.elf src/bios/vga/mkrom.sh
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .rom src/bios/vga/vgabios.elf $@.raw && \
	    $(SHELL) $(srcdir)/src/bios/vga/mkrom.sh $@.raw $@ $(VGABIOS_SIZE)

noinst_DATA += src/bios/vga/vgabios.bin src/bios/vga/font8x8lo.inc
MOSTLYCLEANFILES += $(VGABIOS_OBJECTS) src/bios/vga/vgabios.elf \
    src/bios/vga/vgabios.bin.raw
CLEANFILES += src/bios/vga/vgabios.bin $(VGABIOS_FONTS) \
    src/bios/vga/font8x8lo.inc
EXTRA_DIST += \
    docs/vgabios.md \
    src/bios/vga/cursor.c src/bios/vga/dac.c src/bios/vga/dispatch.c \
    src/bios/vga/entry.S src/bios/vga/font.c src/bios/vga/font8x16.txt \
    src/bios/vga/font8x8.txt src/bios/vga/gfx.c src/bios/vga/info.c \
    src/bios/vga/mkfont.awk src/bios/vga/mkrom.sh src/bios/vga/modes.c \
    src/bios/vga/modeset.c src/bios/vga/palette.c src/bios/vga/prtsc.c \
    src/bios/vga/scroll.c src/bios/vga/state.c src/bios/vga/tables.S \
    src/bios/vga/text.c src/bios/vga/vga.h src/bios/vga/vgabios.lds

# Small guest disks that ship with the program: guest code, so made with its own
# flags and suffix (.go), and linked as a disk, not as a program.  Constants are not
# merged, by gcc by an option, by clang because the linker is not told that it may:
# those of the menu must not lie among those that are loaded later.
DEMO_SOURCES_C = images/demo/main.c images/demo/screen.c images/demo/input.c \
    images/demo/timer.c images/demo/processor.c images/demo/gfx.c \
    images/demo/page_report.c images/demo/page_keyboard.c images/demo/page_mouse.c \
    images/demo/page_effects.c images/demo/page_text.c images/demo/page_scroller.c \
    images/demo/page_planar.c images/demo/page_tune.c images/demo/page_bench.c \
    images/demo/page_game.c
DEMO_SOURCES_S = images/demo/boot.S images/demo/start.S images/demo/disk.S
DEMO_HFILES = images/demo/demo.h images/demo/demo.inc images/demo/gfx.h
EXTRA_DIST += images/demo.h images/demo_data.S images/demo/disk.ld \
    $(DEMO_SOURCES_C) $(DEMO_SOURCES_S) $(DEMO_HFILES)

DEMO_OBJECTS_C = $(DEMO_SOURCES_C:.c=.go)
DEMO_OBJECTS_S = $(DEMO_SOURCES_S:.S=.go)
DEMO_OBJECTS = $(DEMO_OBJECTS_S) $(DEMO_OBJECTS_C)
CLEANFILES += $(DEMO_OBJECTS) images/demo/disk.elf images/demo.img

DEMO_CFLAGS = -m32 -march=i386 -O2 -std=gnu17 -ffreestanding -fno-pic -fno-pie \
    -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
    $(IMAGE_CFLAGS) -mno-80387 -mno-mmx -mno-sse -Wall -Wextra \
    -Wshadow -Wstrict-prototypes -Wno-array-bounds

SUFFIXES += .go
.c.go:
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) $(DEMO_CFLAGS) -c -o $@ $< && \
	    $(OBJCOPY) --set-section-flags '.rodata.*=alloc,readonly,data,contents' $@
.S.go:
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(GUEST_CC) -m32 $(IMAGE_CFLAGS) -c -o $@ $<
$(DEMO_OBJECTS): $(DEMO_HFILES)

images/demo/disk.elf: $(DEMO_OBJECTS) images/demo/disk.ld
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib --no-warn-rwx-segments \
	    -T $(srcdir)/images/demo/disk.ld -o $@ $(DEMO_OBJECTS)

# objcopy leaves the file as long as its last section: a disk has all sectors.
images/demo.img: images/demo/disk.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary $< $@.tmp && truncate -s 1474560 $@.tmp && mv $@.tmp $@

noinst_LIBRARIES += libimages.a
libimages_a_SOURCES = images/demo_data.S
libimages_a_CCASFLAGS = $(AM_CCASFLAGS)
images/libimages_a-demo_data.$(OBJEXT): images/demo.img

# What README shows of it.
EXTRA_DIST += docs/screenshots/game.png docs/screenshots/keyboard.png \
    docs/screenshots/menu.png docs/screenshots/planar.png docs/screenshots/plasma.png \
    docs/screenshots/report.png docs/screenshots/scroller.png

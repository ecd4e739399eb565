# Small guest disks that ship with the program: guest code, so made with the
# compiler's 16-bit mode and linked as a disk, not as a program.
EXTRA_DIST += images/demo.h images/demo_data.S \
    images/demo/boot.S images/demo/demo.h images/demo/demo.inc images/demo/disk.S \
    images/demo/disk.ld images/demo/main.c images/demo/processor.c \
    images/demo/screen.c images/demo/start.S

DEMO_OBJECTS = images/demo/boot.o images/demo/start.o images/demo/main.o \
    images/demo/processor.o images/demo/screen.o images/demo/disk.o
CLEANFILES += $(DEMO_OBJECTS) images/demo/disk.elf images/demo.img

GUEST16_CFLAGS = -m16 -march=i386 -Os -std=gnu17 -ffreestanding -fno-pic -fno-pie \
    -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
    -mno-80387 -mno-mmx -mno-sse -Wall -Wextra -Wshadow -Wstrict-prototypes \
    -Wno-array-bounds

$(DEMO_OBJECTS): $(srcdir)/images/demo/demo.h $(srcdir)/images/demo/demo.inc
images/demo/boot.o: $(srcdir)/images/demo/boot.S
images/demo/start.o: $(srcdir)/images/demo/start.S
images/demo/disk.o: $(srcdir)/images/demo/disk.S
images/demo/main.o: $(srcdir)/images/demo/main.c
images/demo/processor.o: $(srcdir)/images/demo/processor.c
images/demo/screen.o: $(srcdir)/images/demo/screen.c

images/demo/boot.o images/demo/start.o images/demo/disk.o:
	$(AM_V_CC)$(MKDIR_P) images/demo && $(CC) -m32 -c -I$(srcdir)/images/demo -o $@ $(srcdir)/$(@:.o=.S)
images/demo/main.o images/demo/processor.o images/demo/screen.o:
	$(AM_V_CC)$(MKDIR_P) images/demo && $(CC) $(GUEST16_CFLAGS) -c -o $@ $(srcdir)/$(@:.o=.c)

images/demo/disk.elf: $(DEMO_OBJECTS) $(srcdir)/images/demo/disk.ld
	$(AM_V_CCLD)$(LD) -m elf_i386 -nostdlib --no-warn-rwx-segments \
	    -T $(srcdir)/images/demo/disk.ld -o $@ $(DEMO_OBJECTS)

# objcopy leaves the file as long as its last section: a disk has all sectors.
images/demo.img: images/demo/disk.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary $< $@.tmp && truncate -s 1474560 $@.tmp && mv $@.tmp $@

noinst_LIBRARIES += libimages.a
libimages_a_SOURCES = images/demo_data.S
libimages_a_CCASFLAGS = $(AM_CCASFLAGS)
images/libimages_a-demo_data.$(OBJEXT): images/demo.img

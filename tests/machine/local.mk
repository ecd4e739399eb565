# Whole-machine runs, headless.
MACHINE_LIBS = libboard.a libhw.a libjit.a libcpu.a libcore.a libbios.a libimages.a libbase.a

if HAVE_CHECK
check_PROGRAMS += tests/machine/test_machine
TESTS += tests/machine/test_machine
tests_machine_test_machine_SOURCES = tests/machine/test_machine.c \
    tests/support/pc.c tests/support/pc.h
tests_machine_test_machine_CPPFLAGS = $(TEST_CPPFLAGS)
tests_machine_test_machine_CFLAGS = $(TEST_CFLAGS)
tests_machine_test_machine_LDADD = libtestsupport.a $(MACHINE_LIBS) $(CHECK_LIBS)
endif

# The program with software that is not part of the project.
TESTS += tests/machine/guests.sh
EXTRA_DIST += tests/machine/guests.sh
tests/machine/guests.log: reprise$(EXEEXT)
TESTS += tests/machine/guests_tests.sh
EXTRA_DIST += tests/machine/guests_tests.sh tests/machine/guests/apps.test tests/machine/guests/cds.test tests/machine/guests/freedos.test \
    tests/machine/guests/others.test
tests/machine/guests_tests.log: reprise$(EXEEXT)
TESTS += tests/machine/guests_cd.sh
EXTRA_DIST += tests/machine/guests_cd.sh tests/machine/linux_cd.test.in tests/guests/cd-init.sh
tests/machine/guests_cd.log: reprise$(EXEEXT)

# Makes the disks of Linux and boot tools that tests look for in MADE.
EXTRA_DIST += tests/guests/make-linux.sh tests/guests/linux-disk.sh \
    tests/guests/probe-init.sh tests/guests/probe-cpu.sh

TESTS += tests/machine/replay.sh
EXTRA_DIST += tests/machine/replay.sh tests/machine/reseal.py
tests/machine/replay.log: reprise$(EXEEXT) tests/ctl/rewind_record$(EXEEXT)

# What the judge (tests/soak/linux.sh) is made of.
EXTRA_DIST += tests/guests/judge.h tests/guests/judge.c tests/guests/judge_int.c \
    tests/guests/judge_lib.c tests/guests/judge_mmx.c tests/guests/judge_os.c \
    tests/guests/judge_x87.c tests/guests/judge-disk.sh tests/guests/judge-init.sh

# The demo disk, page by page.
TESTS += tests/machine/demo/demo.test
EXTRA_DIST += tests/machine/demo/demo.test tests/machine/demo/fire.png tests/machine/demo/game.png \
    tests/machine/demo/mouse-after.txt tests/machine/demo/mouse-before.txt tests/machine/demo/planar.png \
    tests/machine/demo/plasma.png tests/machine/demo/rotozoom.png tests/machine/demo/scroller.png
tests/machine/demo/demo.log: reprise$(EXEEXT)

TESTS += tests/machine/snapshot.sh
EXTRA_DIST += tests/machine/snapshot.sh
tests/machine/snapshot.log: reprise$(EXEEXT)

# Overlay files, with a disk that counts on itself.
tests/machine/flusher.img: tests/machine/flusher.S
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(GUEST_CC) -m32 -c -x assembler-with-cpp -o $@.o $(srcdir)/tests/machine/flusher.S && \
	    $(LD) -m elf_i386 -Ttext 0x7c00 -e _start --oformat binary -o $@.tmp $@.o && \
	    truncate -s 4128768 $@.tmp && rm -f $@.o && mv $@.tmp $@
check_DATA += tests/machine/flusher.img
CLEANFILES += tests/machine/flusher.img
TESTS += tests/machine/overlay.sh
EXTRA_DIST += tests/machine/overlay.sh tests/machine/flusher.S
tests/machine/overlay.log: reprise$(EXEEXT) tests/machine/flusher.img

#!/bin/sh
# Everything that is wrong with a command line or its files gives one clear
# line and the right exit code, and nothing is written.
. "$top_srcdir/tests/ctl/lib.sh"

floppy a.img
floppy b.img 720
mkdir folder
: >empty.img
printf abc >three.img
head -c 1000000 /dev/zero >cut.img
truncate -s 20M disk.img
bootable disk.img

# Media.
refuses 2 "missing.img': No such file" missing.img
refuses 2 "missing.img': No such file" -hda missing.img
refuses 2 "empty.img' is empty" empty.img
refuses 2 "empty.img' is empty" -fda empty.img
refuses 2 "empty.img' is empty" -hda empty.img
refuses 1 "not in this build" folder
refuses 2 "is a directory" -hda folder
refuses 2 "floppy image (exactly.*hard disk image.*CD-ROM.*folder.*DOS program" three.img
refuses 2 "not a floppy image: exactly 160" -fda three.img
refuses 2 "not whole sectors" -hda three.img
refuses 2 "floppy image (exactly" cut.img
refuses 2 "neither a file nor a block device" /dev/null
mkfifo fifo
refuses 2 "neither a file nor a block device" fifo

# A hard disk that is shorter than its partition table says.
cp disk.img short.img
printf '\200\1\1\0\6\17\277\200\77\0\0\0\301\377\1\0' |
    dd of=short.img bs=1 seek=446 conv=notrunc status=none
refuses 2 "is cut off: its partition table ends at sector 131072, the file at 40960" short.img

# What later builds have.
{ printf 'MZ'; head -c 600 /dev/zero; } >game.exe
refuses 1 "DOS program.*not in this build" game.exe
printf '\315\040' >tiny.com
refuses 1 "DOS program.*not in this build" tiny.com
refuses 1 "add -snapshot" --record t.trace a.img
if grep -q '^#define CONFIG_SDL 1' "$top_builddir/config.h"; then
    # No such display: said in one line, before anything was written.
    SDL_VIDEODRIVER=x11 DISPLAY=:987 refuses 5 'no window: .*--headless' -display sdl a.img
    refuses 1 "'gtk' is neither none nor sdl" -display gtk a.img
else
    refuses 1 "'sdl' is not in this build" -display sdl a.img
fi
refuses 1 '--latency: there is no window' --headless --latency a.img
refuses 1 '--swap needs a value' --swap
refuses 1 "unknown command 'pauze'; the nearest is 'pause'" --bind pauze=F1 a.img
refuses 1 "'Ctrl' is not a key" --bind pause=Ctrl a.img
refuses 1 "those of 'quit'" --bind pause=Ctrl+F9 a.img
refuses 2 "--swap: 'folder' is a directory" --swap folder a.img
refuses 1 "'jti' is neither interp nor jit" --engine jti a.img
refuses 1 "'pc' is not in this build" -machine pc a.img
refuses 1 "not in this build" -cpu pentium-max a.img
refuses 1 "'reprise replay' stands before the options" -m 8 replay t.trace
refuses 1 "no trace was named" replay --verify
refuses 1 "only for 'reprise replay'" --verify a.img
refuses 1 "the trace says it" replay t.trace -m 8
refuses 1 "the trace says it" replay t.trace --type x
refuses 2 "no.trace.*No such file" replay no.trace
refuses 2 "not a trace of Reprise" replay a.img
refuses 1 "no test was named" test
refuses 1 "only for 'reprise test'" --update a.img
refuses 1 "-fda: not for 'reprise test': each test says it" test -fda a.img t
refuses 1 "'3/2' is not of the form I/N" test --shard 3/2 t
refuses 1 "'0' is not a number from 1" test -j 0 t
refuses 2 "'t'.*No such file" test t
refuses 1 "reprise snapshot info FILE... | list" snapshot
refuses 1 "reprise snapshot clone FILE NEWFOLDER" snapshot clone x
refuses 1 "reprise disk create OVERLAY BASE | info" disk
refuses 2 "no.img.*No such file" disk create x.ov no.img
refuses 2 "is no overlay" disk check disk.img
refuses 2 "is no overlay" disk commit disk.img
refuses 2 "is no snapshot: it stays" snapshot delete disk.img
refuses 1 "add -snapshot" --save s.snap a.img
refuses 2 "not a snapshot" --load a.img
refuses 2 "not a snapshot" snapshot info a.img
cp disk.img disk2.img
cp disk.img disk3.img
cp disk.img disk4.img
cp disk.img disk5.img
refuses 1 "no more than 4 hard disks" disk.img disk2.img disk3.img disk4.img disk5.img

# CD-ROMs.
truncate -s 64K cd.iso
printf 'CD001' | dd of=cd.iso bs=1 seek=32769 conv=notrunc status=none
cp cd.iso cd2.iso
cp cd.iso cd3.iso
cp cd.iso cd4.iso
cp cd.iso cd5.iso
refuses 1 "four hard disks leave no place for a CD-ROM drive" disk.img disk2.img disk3.img disk4.img cd.iso
refuses 1 "no more than 4 CD-ROMs" cd.iso cd2.iso cd3.iso cd4.iso cd5.iso
refuses 2 "cd.iso' is given twice" -cdrom cd.iso cd.iso
refuses 2 "is a directory, not a disk image" -cdrom .
refuses 2 "not whole sectors of 2048 bytes" -cdrom three.img
: >empty.iso
refuses 2 "'empty.iso' is empty" -cdrom empty.iso

# Geometry.
refuses 1 "no drive has 0 cylinders" -chs 0,16,63 disk.img
refuses 1 "no drive has 20000 cylinders, 16 heads and 63 sectors" -chs 20000,16,63 disk.img
refuses 1 "no drive has 1 cylinders, 17 heads" -chs 1,17,63 disk.img
refuses 1 "is not a geometry" -chs 1,2 disk.img
refuses 1 "is not a geometry" -chs x disk.img
refuses 2 "has 40960 sectors, not 100800" -chs 100,16,63 disk.img
refuses 1 "there is no disk hdb" -chs hdb:1,1,1 disk.img

# One file for two drives.
ln -s disk.img link.img
ln disk.img hard.img
refuses 2 "is given twice" disk.img disk.img
refuses 2 "is given twice" disk.img -hdb ./disk.img
refuses 2 "is given twice" disk.img link.img
refuses 2 "is given twice" -snapshot disk.img hard.img
refuses 1 "given twice" -fda a.img -fda b.img
rm link.img hard.img

# A file that another one has.
"$fake" disk.img -serial file:up >/dev/null 2>&1 &
other=$!
while [ ! -e up ]; do sleep 0.05; done # ports are opened after disks are locked
refuses 2 "is in use by another Reprise" disk.img
refuses 2 "is in use by another Reprise" -snapshot disk.img
kill $other
wait $other
expect "a signal ends it with 143" [ $? -eq 143 ]

# Options.
refuses 1 "unknown option '--spede'; the nearest is '--speed'" --spede max a.img
refuses 1 "unknown option '-hde'; the nearest is '-hd" -hde a.img
refuses 1 "unknown option '--screen'; the nearest is '--screen" --screen x a.img
refuses 1 "unknown option '-zzzzzz'; the nearest is" -zzzzzz
refuses 1 "unknown option '---hash'" ---hash a.img
refuses 1 "needs a value: MIB" a.img -m
refuses 1 "'0' is not a memory size: 1 to 1024" -m 0 a.img
refuses 1 "'100000' is not a memory size: 1 to 1024" -m 100000 a.img
refuses 1 "'1025' is not a memory size" -m=1025 a.img
refuses 1 "'-5' is not a memory size" -m -5 a.img
refuses 1 "unknown processor '487'; the nearest is '48" -cpu 487 a.img
refuses 1 "no processor here runs at 99 MHz" -cpu pentium-99 a.img
refuses 1 "is neither at nor pc" -machine xt a.img
refuses 1 "is neither none nor sdl" -display gtk a.img
refuses 1 "is not a boot order" -boot x a.img
refuses 1 "is not a boot order" -boot aa a.img
refuses 1 "is not a date" -rtc base=1996-02-30 a.img
refuses 1 "is not a date" -rtc now a.img
refuses 1 "is not a speed" --speed fast a.img
refuses 1 "is not a speed" --speed 0 a.img
refuses 1 "is not a number of seconds" --timeout -1 a.img
refuses 1 "is neither yes nor no" --hash=maybe a.img

# Steps.
refuses 1 "unknown escape '.x'" --type 'dir\x' a.img
refuses 1 "single backslash" --type 'dir\' a.img
refuses 1 "unknown key '{Ctlr}'; the nearest is '{Ctrl}'" --type '{Ctlr+C}' a.img
refuses 1 "without a key" --type '{F1' a.img
refuses 1 "without a key" --type '{}' a.img
refuses 1 "on no key of a US keyboard" --type 'ä' a.img
refuses 1 "unknown condition 'txt'; the nearest is 'text'" --until txt:x a.img
refuses 1 "'time' needs a value" --until time a.img
refuses 1 "poweroff has no value" --until poweroff:now a.img
refuses 1 "is not a time in seconds" --until time:soon a.img
refuses 1 "is not a number of instructions" --until insns:1.5 a.img
refuses 1 "there is no text to wait for" --wait '' a.img
refuses 1 "there is no text to wait for" --until text: a.img

# Ports and outputs.
refuses 1 "is none of stdio, file:F" -serial com1 a.img
refuses 1 "only 2 serial ports" -serial null -serial null -serial null a.img
refuses 1 "is on COM1 already" -serial stdio -serial stdio a.img
refuses 1 "neither file:F nor null" -parallel stdio a.img
refuses 2 "nowhere/x': No such file" -serial file:nowhere/x a.img
refuses 1 "is a disk image in use" --screenshot a.img a.img
refuses 1 "is a disk image in use" -serial file:./a.img a.img

# ROMs.
refuses 2 "rom': No such file" -bios rom a.img
refuses 2 "is not a system BIOS" -bios three.img a.img
refuses 2 "is not a video BIOS" -vgabios three.img a.img
refuses 2 "is larger than 256 KiB" -bios disk.img a.img

# What a newcomer types.
mkdir games
floppy games/Tetris.img
truncate -s 20M blank.img
touch picture.png
chmod 444 picture.png
refuses 2 "'A.IMG': No such file or directory; the nearest is 'a.img'" A.IMG
refuses 2 "'disk.imq': No such.*; the nearest is 'disk.img'" -hda disk.imq
refuses 2 "'games/tetris.img': No such.*; the nearest is 'games/Tetris.img'" games/tetris.img
refuses 2 "'qqqqqqqq': No such file or directory$" qqqqqqqq
refuses 2 "'nowhere/a.img': No such file or directory$" nowhere/a.img
refuses 2 "'C:.games.tetris.img': No such" 'C:\games\tetris.img'
refuses 2 "fetch it first" https://example.org/a.img
refuses 2 "long dash" '—headless' a.img
refuses 2 "'--hash': No such file or directory; is the value of the option before" -fda --hash
refuses 1 "-fda: the file name is empty" -fda= a.img
refuses 1 "-hda: the file name is empty" -hda ''
refuses 2 "-hda takes it as a hard disk that is still blank" blank.img
refuses 2 "see 'reprise --help'" help
refuses 1 "unknown option '-?'; the nearest is '--help'" '-?'
refuses 1 "unknown option '--HELP'; the nearest is '--help'" --HELP
refuses 1 "unknown option '--Until'; the nearest is '--until'" a.img --Until time:3
refuses 1 "unknown option '-V'; the nearest is '--version'" -V
refuses 1 "unknown option '-memory'; the nearest is '-m'" -memory 16 a.img
refuses 1 "unknown option '-m16'; the nearest is '-m'" -m16 a.img
refuses 1 "unknown option '-M'; the nearest is '-machine'" -M pc a.img
refuses 1 "unknown option '-nographic'; the nearest is '--headless'" -nographic a.img
refuses 1 "unknown option '-c'; the nearest is '--type'" -c dir a.img
refuses 1 "unknown option '-drive'; the nearest is '-hda'" -drive file=a.img
refuses 1 "unknown option '-floppy'; the nearest is '-fda'" -floppy a.img
refuses 1 "unknown option '--printconf'; the nearest is '--print-config'" --printconf
refuses 1 "'640K' is not a memory size: 1 to 1024 MiB" -m 640K a.img
refuses 1 "'2000M' is not a memory size: 1 to 1024 MiB" -m 2000M a.img
refuses 1 "'M' is not a memory size" -m M a.img
refuses 1 "unknown processor '8086'.*models: 386, 486, pentium" -cpu 8086 a.img
refuses 1 "unknown processor '486@66'; the nearest is '486'" -cpu 486@66 a.img
refuses 1 "'200%' is not a speed: real, max, or a factor" --speed 200% a.img
refuses 1 "'10s' is not a number of seconds" --timeout 10s a.img
refuses 1 "unknown condition 'A'.*poweroff, text:S" --until 'A:\>' a.img
refuses 1 "unknown escape '.g'" --type 'cd \games' a.img
refuses 1 "letters a (floppy), c (hard disk)" -boot floppy a.img
refuses 1 "'/dev/ttyS0' is none of stdio, file:F" -serial /dev/ttyS0 a.img
refuses 1 "base=host or base=1996-01-01T00:00:00" -rtc 1996-01-01 a.img
refuses 2 "--screenshot: 'nowhere/a.png': No such file" --screenshot nowhere/a.png a.img
refuses 2 "--screenshot: 'games': Is a directory" --screenshot games a.img
refuses 2 "--screen-text: 'nowhere/a': No such file" --screen-text nowhere/a a.img
if [ "$(id -u)" -ne 0 ]; then
    refuses 2 "--screenshot: 'picture.png': Permission denied" --screenshot picture.png a.img
fi
run "$fake" --speed max -m 16M --until time:0 a.img
expect "-m 16M is 16 MiB" [ "$code" -eq 0 ]

# Configuration files: more in conf.sh.
refuses 2 "nope.conf': No such file" --conf nope.conf a.img
printf '[machine]\n; a comment\nm = lots\n' >bad.conf
refuses 1 "'bad.conf', line 3: -m: 'lots' is not a memory size" --conf bad.conf a.img
refuses 1 "unknown key 'memroy'" --set memroy=8 a.img
refuses 1 "not of the form key = value" --set m a.img
refuses 1 "for the command line only" --set conf=x a.img

finish

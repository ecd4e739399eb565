#!/bin/sh
# Old software on the real program: boots, obeys typed commands, keeps what it
# wrote.  The images are not part of the project: GUESTS names their folder
# (default: ../shared/guests beside the sources); without it all is skipped.
# MADE names a folder with what its tools/make-linux.sh makes (default: GUESTS/made).
# A TAP test; a failure shows the command and the last screen.
set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
made=${MADE:-$guests/made}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
n=0

if ! [ -d "$guests" ]; then
    echo "1..0 # SKIP no images of guests (set GUESTS)"
    exit 0
fi

ok() {
    n=$((n + 1))
    echo "ok $n - $1"
}

not_ok() {
    n=$((n + 1))
    sed 's/^/# /' "$work/command" "$work/screen" 2> /dev/null | grep -v '^# *$'
    echo "not ok $n - $1"
}

skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

# Copies made/NAME or unpacks floppy/NAME or hd/NAME, once; false when there is none.
image() {
    [ -e "$work/$1.img" ] && return 0
    [ -f "$made/$1.img" ] && cp "$made/$1.img" "$work/$1.img" && return 0
    for folder in floppy hd; do
        [ -f "$guests/$folder/$1.img.xz" ] && xz -dc "$guests/$folder/$1.img.xz" > "$work/$1.img" && return 0
    done
    return 1
}

# The program with what all runs share; its screen goes to $work/screen.
run() {
    echo "$reprise --headless --speed max $*" > "$work/command"
    "$reprise" --headless --speed max -rtc base=1996-01-01T00:00:00 --timeout 120 \
        --screen-text "$work/screen" "$@" 2>> "$work/command"
}

# TITLE IMAGE OPTIONS...: the run ends as asked (exit 0), the image as it was.
guest() {
    title=$1
    name=$2
    shift 2
    if ! image "$name"; then
        skip "$title" "no $name"
    elif run -snapshot "$@" "$work/$name.img"; then
        ok "$title"
    else
        not_ok "$title"
    fi
}

# TITLE IMAGE VSECONDS KEYS OPTIONS...: at VSECONDS + 1 the picture is another one
# when KEYS were typed at VSECONDS.
obeys() {
    title=$1
    name=$2
    at=$3
    keys=$4
    shift 4
    if ! image "$name"; then
        skip "$title" "no $name"
    elif run -snapshot "$@" --until "time:$((at + 1))" --screenshot "$work/1.png" "$work/$name.img" &&
        run -snapshot "$@" --until "time:$at" --type "$keys" --until "time:$((at + 1))" \
            --screenshot "$work/2.png" "$work/$name.img" &&
        ! cmp -s "$work/1.png" "$work/2.png"; then
        ok "$title"
    else
        not_ok "$title"
    fi
}

for size in 160 180 320 360 720 1200 1440; do
    guest "FreeDOS, $size KB: boots and obeys" freedos-$size \
        --wait 'A:\>' --type 'ver\n' --until 'text:FreeCom version 0.82 pl 3'
done
guest "FreeDOS on a 386, 1 MiB" freedos-1440 -cpu 386 -m 1 --wait 'A:\>' --type 'ver\n' --until 'text:FreeCom version'
guest "FreeDOS on a Pentium II" freedos-1440 -cpu p2 -m 256 --wait 'A:\>' --type 'ver\n' --until 'text:FreeCom version'
guest "tools: digits of pi" freedos-tools-720 --wait 'A:\>' --type 'pi\n' --until 'text:2823608963208068222468012248'
guest "apps: mouse driver, NASM, a program of its own" freedos-apps --wait APPS-READY \
    --type 'cd \\tools\n' --wait 'TOOLS>' --type 'nasm -f bin hello.asm -o h.com\n' \
    --wait 'TOOLS>' --type 'h\n' --until 'text:Hello, World!'
# Most of these wait by polling: a slow processor makes the test fast.
apps() {
    title=$1
    shift
    guest "apps: $title" freedos-apps -cpu 486-33 --wait APPS-READY "$@"
}
apps "EDIT writes a file, by its menu" --type 'cd tools\nedit e.txt\n' --wait 'F1=Help' --type 'typed words{Enter}{Alt+F}s{Alt+X}' \
    --wait 'TOOLS>' --type 'type e.txt\n' --until 'text:typed words'
apps "vim writes a file" --type 'cd tools\nvim t.txt\n' --wait 'New File' --type 'ivim was here\eyyp:wq\n' \
    --wait '2 lines' --type 'type t.txt\n' --until 'text:vim was here'
apps "DEBUG assembles and traces" --type 'tools\\debug\n' --wait - --type 'a 100\nmov ax,1234\nmov bx,5678\nmul bx\n\nt\nt\nt\n' \
    --until 'text:AX=0060  BX=5678  CX=0000  DX=0626'
apps "PRIMES" --type 'tools\\primes /n:2000 /p\n' --wait 'C:\>' --type 'type primes.txt\n' --until 'text:1987, 1993, 1997, 1999'
apps "CPULEVEL knows a 486" --type 'tools\\cpulevel\n' --until 'text:GenuineIntel / CPU is family 4'
apps "CAL by the clock" --type 'tools\\cal\n' --wait 'Jan 1996' --until 'text:    *  2  3  4  5  6'
apps "Tetris, lost and left" --type 'games\\tetris\n' --wait Preview \
    --type '{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}{Down}' \
    --until time:15 --type 'n' --until 'text:C:\>'
apps "Jumper" --type 'games\\jumper\n' --until 'text:Level : 01'
apps "DOS/32A: its set-up program" --type 'cd dos32a\nss dos32a.exe\n' --until 'text:System Type:           XMS'
apps "DOS/32A runs a 32-bit program" --type 'cd utk\ngame\n' --until 'text:Starting TK'
apps "FDSETUP takes keys" --type 'cd fdoom\nfdsetup\n' --wait 'Controller Type' --type '{Down}\n' \
    --until 'text:Creative Music System'
for game in minesw~1:1 snake:{Left} invaders:{Space}; do
    obeys "apps: ${game%:*}" freedos-apps 7 "${game#*:}" -cpu 486-33 --wait APPS-READY --type "games\\\\${game%:*}\\n"
done
obeys "apps: Floppy Bird" freedos-apps 7 ' ' -cpu 486-33 --wait APPS-READY --type 'fun\\flpybird\n'
for demo in cluster dawn knead lebhaft ll mandel~1 misplace when; do
    apps "$demo: mode 13h" --type "demos\\\\$demo\\n" --until time:6
    grep -q 'graphics 320x200x8' "$work/screen" && ok "$demo shows a picture" || not_ok "$demo shows a picture"
done

guest "MikeOS: its first dialog takes a key" mikeos-1440 --wait 'Thanks for trying out MikeOS!' \
    --type '\n' --until 'text:EDIT.BIN'
guest "MikeOS: command line, FORTH" mikeos-1440 --wait 'Thanks for trying out MikeOS!' \
    --type '{Right}\n' --wait 'Commands:' --type 'forth\n' --wait ok --type '2 3 + .\n' --until 'text:2 3 + . 5'
guest "MikeOS: a program in BASIC" mikeos-1440 -cpu 486-33 --wait 'Thanks for trying out MikeOS!' \
    --type '{Right}\n' --wait 'Commands:' --type 'calc\n' --until 'text:Advanced Maths'
obeys "Floppy Bird" floppybird-1440 4 ' ' -cpu 486-33
grep -q 'graphics 320x200x8' "$work/screen" && ok "Floppy Bird shows a picture" || not_ok "Floppy Bird shows a picture"
obeys "TetrOS" tetros-1440 4 '{Left}{Left}' -cpu 486-33
guest "PC-MOS 5.01: installer, up to its menu" pcmos501-install-1440 -cpu 486-33 -m 8 --wait 'Is this the first time' \
    --type 'y\n' --wait 'Proceed with' --type 'y\n' --until 'text:Install PC-MOS on a NEW system'
# With $386.SYS tasks are virtual-8086 machines under page tables.
guest "PC-MOS 5.01, 9 users: a second task" pcmos386-9user-1440 -cpu 486-33 -m 8 \
    --wait 'New date is  (mm-dd-yy):' --type '\n' --wait 'New time' --type '\n' \
    --wait '[A:\]' --type 'echo MEMDEV=$386.SYS>config.sys\necho SMPSIZE=128K>>config.sys\ntype config.sys\n' \
    --wait 'SMPSIZE=128K' --until time:32 --type '{Ctrl+Alt+Del}' \
    --wait 'New date is  (mm-dd-yy):' --type '\n' --wait 'New time' --type '\n' \
    --wait '[A:\]' --type 'addtask 256\n' --wait 'System Memory Pool' --type 'mos map\n' --until 'text:7808K Memory Available'
guest "Multitasking MS-DOS 4.00 beta: asks for the date" msdos400m-beta-1-360 -cpu 386 -m 1 \
    --until "text:Enter new date:"
guest "Multitasking MS-DOS 4.00 beta: a program in a session of its own" msdos400m-beta-1-360 -cpu 386 -m 1 \
    --wait 'Enter new date:' --type '1-2-1985\n' --wait 'Enter new time:' --type '10:00\n' \
    --wait 'A:\>' --type 'sm\n' --wait 'New     a:\command.com' --type '{F7}' \
    --wait 'A:\>' --type 'dir\n' --wait 'bytes free' --type '{Alt+F10}' --until 'text:F7      Active'

guest "OpenBSD 2.8: paging, drivers, a shell" openbsd28-1440 -cpu pentium -m 16 \
    --wait '(S)hell?' --type 's\n' --wait '#' --type 'echo $((6*7)); mount\n' --until 'text:/dev/rd0a on / type ffs (local)'

# SHA-256 of FILE in the build disk's C:\SRC.
built() {
    MTOOLS_SKIP_CHECK=1 mcopy -i "$work/build.img@@32256" "::SRC/$1" - 2>> "$work/command" | sha256sum | cut -d ' ' -f 1
}

for cpu in 486-33 486dx2-66 pentium-133; do
    title="MS-DOS 4.00 builds its boot sector with its own tools: $cpu"
    if ! image msdos4-source; then
        skip "$title" "no msdos4-source"
    elif ! command -v mcopy > /dev/null; then
        skip "$title" "no mtools"
    else
        cp "$work/msdos4-source.img" "$work/build.img"
        if run -cpu $cpu -m 8 -serial "file:$work/serial" --wait 'C:\>' --type 'b lib\n' \
            --until serial:MSDOS4-BUILD-OK --until serial:MSDOS4-BUILD-FAILED "$work/build.img" &&
            grep -q MSDOS4-BUILD-OK "$work/serial" &&
            [ "$(built BOOT/MSBOOT.BIN)" = a6d6bd5708f74c074deb239d2b8d3c42266b282dc5612103272c3f8c00aa4332 ] &&
            [ "$(built MAPPER/MAPPER.LIB)" = 52aba345a7dde2a7e7f1b25607fe18e387e754abffd165e18b41d7803674ba06 ]; then
            ok "$title"
        else
            not_ok "$title"
        fi
    fi
done

# Tools of Debian that need no DOS.  GRUB's floppy is a CD-ROM image too, and
# shorter than a floppy: written to one, the rest of it stays.
guest "memtest86+: its menu takes a key" memtest -cpu p2 -m 64 \
    --wait 'Press <F1> to configure' --type '{F1}' --until 'text:Settings:'
guest "iPXE: its command line" ipxe-floppy -cpu p2 -m 64 \
    --wait 'Press Ctrl-B' --type '{Ctrl+B}' --wait 'iPXE>' --type 'help\n' --until 'text:sanboot'
title="GRUB: its command line"
if image grub-floppy; then
    truncate -s 1474560 "$work/grub-floppy.img"
    run -snapshot -cpu p2 -m 64 --wait 'GNU GRUB' --type c --wait 'grub>' --type 'ls\n' --until 'text:(fd0)' \
        -fda "$work/grub-floppy.img" && ok "$title" || not_ok "$title"
else
    skip "$title" "no grub-floppy"
fi

# What was written is there after a second boot; with -snapshot nothing is.
write='copy con t.txt\nline one\nline two\n{F6}\n'
for size in 160 180 320 360 720 1200 1440; do
    title="$size KB: a file written survives, but with -snapshot"
    if ! image freedos-$size; then
        skip "$title" "no freedos-$size"
        continue
    fi
    cp "$work/freedos-$size.img" "$work/kept.img"
    run -snapshot -cpu 486-33 --wait 'A:\>' --type "$write" --wait 'A:\>' --type 'type t.txt\n' \
        --until 'text:line two' "$work/kept.img" && cmp "$work/freedos-$size.img" "$work/kept.img" > "$work/screen" &&
        run -cpu 486-33 --wait 'A:\>' --type "$write" --wait 'A:\>' --type 'dir\n' --until 'text:bytes free' "$work/kept.img" &&
        run -cpu 486-33 --wait 'A:\>' --type 'type t.txt\n' --until 'text:line two' "$work/kept.img" &&
        ok "$title" || not_ok "$title"
done

# The firmware of others.
bios=/usr/share/bochs/BIOS-bochs-legacy
vgabios=/usr/share/vgabios/vgabios.bin
if [ -f $bios ] && [ -f $vgabios ]; then
    # It waits by polling: a slow processor makes the test fast.
    for size in 160 180 320 360 720 1200 1440; do
        guest "bochsbios boots FreeDOS, $size KB" freedos-$size -cpu 386 -bios $bios -vgabios $vgabios \
            --wait 'A:\>' --type 'ver\n' --until 'text:FreeCom version'
    done
else
    skip "bochsbios boots FreeDOS" "packages bochsbios and vgabios are not installed"
fi

title="a busy guest has one hash"
if image freedos-tools-720; then
    hashes=$(for i in 1 2; do
        run -snapshot --hash --wait 'A:\>' --type 'pi\n' --until insns:100000000 "$work/freedos-tools-720.img"
    done | sort -u | wc -l)
    [ "$hashes" -eq 1 ] && ok "$title" || not_ok "$title"
else
    skip "$title" "no freedos-tools-720"
fi
echo "1..$n"

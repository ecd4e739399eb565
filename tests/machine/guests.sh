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
guest "MikeOS: its first dialog takes a key" mikeos-1440 --wait 'Thanks for trying out MikeOS!' \
    --type '\n' --until 'text:FILELIST' --until 'text:EDIT.BIN' --until 'text:.BAS'
guest "Floppy Bird: mode 13h" floppybird-1440 --until time:3
grep -q 'graphics 320x200x8' "$work/screen" && ok "Floppy Bird shows a picture" || not_ok "Floppy Bird shows a picture"
guest "PC-MOS 5.01: installer" pcmos501-install-1440 -cpu 486 -m 8 --until "text:Is this the first time"
guest "PC-MOS 5.01, 9 users: asks for the date" pcmos386-9user-1440 -cpu 486 -m 8 --until "text:New date is  (mm-dd-yy):"
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
title="a file written survives"
if image freedos-1440; then
    cp "$work/freedos-1440.img" "$work/kept.img"
    run -snapshot --wait 'A:\>' --type 'echo kept words > t.txt\n' --wait 'A:\>' --until time:15 "$work/kept.img"
    cmp -s "$work/freedos-1440.img" "$work/kept.img" && ok "-snapshot leaves the image as it was" ||
        not_ok "-snapshot leaves the image as it was"
    run --wait 'A:\>' --type 'echo kept words > t.txt\n' --wait 'A:\>' --until time:15 "$work/kept.img" &&
        run --wait 'A:\>' --type 'type t.txt\n' --until 'text:kept words' "$work/kept.img" &&
        ok "$title" || not_ok "$title"
else
    skip "-snapshot leaves the image as it was" "no freedos-1440"
    skip "$title" "no freedos-1440"
fi

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

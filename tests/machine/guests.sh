#!/bin/sh
# Old software on the real program: boots, obeys typed commands, keeps what it
# wrote.  The images are not part of the project: GUESTS names their folder
# (default: ../shared/guests beside the sources); without it all is skipped.
# A TAP test; a failure shows the command and the last screen.
set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
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

# Unpacks floppy/NAME or hd/NAME once; false when there is none.
image() {
    [ -e "$work/$1.img" ] && return 0
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
guest "MS-DOS 4.00 builds its boot sector with its own tools" msdos4-source -cpu 486 -m 8 -serial null \
    --wait 'C:\>' --type 'b lib\n' --until 'text:MSDOS4-BUILD-OK'

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
    guest "bochsbios boots FreeDOS" freedos-1440 -bios $bios -vgabios $vgabios \
        --wait 'A:\>' --type 'ver\n' --until 'text:FreeCom version'
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

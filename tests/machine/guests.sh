#!/bin/sh
# Old software on the real program: boots, obeys typed commands, keeps what it
# wrote.  The images are not part of the project: GUESTS names their folder
# (default: ../shared/guests beside the sources); without it all is skipped.
# MADE names a folder with what its tools/make-linux.sh makes (default: GUESTS/made).
# What is only typed and waited for is in guests/*.test (guests_tests.sh).
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

# Most of these wait by polling: a slow processor makes the test fast.
apps() {
    title=$1
    shift
    guest "apps: $title" freedos-apps -cpu 486-33 --wait APPS-READY "$@"
}
for game in minesw~1:1 snake:{Left} invaders:{Space}; do
    obeys "apps: ${game%:*}" freedos-apps 7 "${game#*:}" -cpu 486-33 --wait APPS-READY --type "games\\\\${game%:*}\\n"
done
obeys "apps: Floppy Bird" freedos-apps 7 ' ' -cpu 486-33 --wait APPS-READY --type 'fun\\flpybird\n'
for demo in cluster dawn knead lebhaft ll mandel~1 misplace when; do
    apps "$demo: mode 13h" --type "demos\\\\$demo\\n" --until time:6
    grep -q 'graphics 320x200x8' "$work/screen" && ok "$demo shows a picture" || not_ok "$demo shows a picture"
done

obeys "Floppy Bird" floppybird-1440 4 ' ' -cpu 486-33
grep -q 'graphics 320x200x8' "$work/screen" && ok "Floppy Bird shows a picture" || not_ok "Floppy Bird shows a picture"
obeys "TetrOS" tetros-1440 4 '{Left}{Left}' -cpu 486-33
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

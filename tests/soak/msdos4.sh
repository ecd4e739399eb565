#!/bin/sh
# MS-DOS 4.00 built inside by its own tools: `b lib`, `b bios`, `b dos` and
# `b cmd`, each on three models with five dates; the results are known by sum.
# A floppy made of them boots.  Then the whole disk is built.  Needs GUESTS and
# mtools.
# The clock stands later than the sources' dates, else NMAKE makes what is
# there already, with NOSRVBLD, which never ends on COMMAND.SKL; QEMU shows the
# same when it is started there by hand.
set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
image=$guests/hd/msdos4-source.img.xz
export MTOOLS_SKIP_CHECK=1

if [ ! -f "$image" ] || ! command -v mcopy > /dev/null; then
    echo "msdos4: skipped, needs $image (set GUESTS) and mtools"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
xz -dc "$image" > "$work/build.img" || exit 1
cp "$work/build.img" "$work/source.img"
run="$reprise --no-conf --headless --speed max --screen-text $work/screen"

fail() {
    echo "msdos4: $1"
    grep -v '^$' "$work/screen"
    exit 1
}

# $1 path below C:\SRC, $2 its SHA-256
check() {
    mcopy -n -i "$work/build.img@@32256" "::SRC/$1" "$work/" || fail "no $1"
    [ "$(sha256sum < "$work/${1##*/}" | cut -d ' ' -f 1)" = "$2" ] || fail "$1 came out otherwise"
}

# $1 what, $2 model, $3 date: b WHAT on a fresh disk; prints the machine's hash.
build() {
    cp "$work/source.img" "$work/build.img"
    rm -f "$work/serial"
    $run -rtc base="$3" -cpu "$2" -m 8 -serial "file:$work/serial" --timeout "${SOAK_TIMEOUT:-3600}" --hash \
        --wait 'C:\>' --type "b $1\n" --until serial:MSDOS4-BUILD-OK --until serial:MSDOS4-BUILD-FAILED "$work/build.img" &&
        grep -q MSDOS4-BUILD-OK "$work/serial"
}

# What each step makes; it makes what the one before makes, too.
sums() {
    case $1 in
    lib)
        check BOOT/MSBOOT.BIN a6d6bd5708f74c074deb239d2b8d3c42266b282dc5612103272c3f8c00aa4332
        check MAPPER/MAPPER.LIB 52aba345a7dde2a7e7f1b25607fe18e387e754abffd165e18b41d7803674ba06
        ;;
    bios) sums lib && check BIOS/IO.SYS 755c79c16d3db5280b5286f1032a4f77bb8556b79f0c22f9c9f85556c7b69e39 ;;
    dos) sums bios && check DOS/MSDOS.SYS 573626782a3c45f0d9e5f00af1bd0f52a7de44bea96d2a2d3d660e9ae06158d5 ;;
    cmd) sums dos && check CMD/COMMAND/COMMAND.COM 19ebe2e5a8e18ca5d447a3d1fc42c42e4942ff5f3ef50e39ab01374bb01d8ea9 ;;
    esac
}

for date in 2027-01-01T00:00:00 2028-02-29T06:30:00 2030-12-31T23:58:00 2044-07-04T12:34:56 2079-11-11T11:11:11; do
    for cpu in 486-33 486dx2-66 pentium-133; do
        for what in lib bios dos cmd; do
            build $what $cpu $date > "$work/hash" || fail "b $what failed on $cpu, $date"
            sums $what
            echo "msdos4: b $what, $cpu, $date: built, all sums right, $(cat "$work/hash")"
        done
    done
done

# The last one again, beside other work.
(while :; do :; done) &
load=$!
build cmd pentium-133 2079-11-11T11:11:11 > "$work/loaded"
rc=$?
kill $load
[ $rc -eq 0 ] && cmp "$work/hash" "$work/loaded" || fail "another hash beside other work"
echo "msdos4: the same hash beside other work"

# SYS by hand: the boot sector lies at 7C00h of MSBOOT.BIN and takes the BPB
# (0Bh to 3Dh) of the floppy; IO.SYS and MSDOS.SYS come first.
floppy=$work/floppy.img
mformat -C -f 1440 -i "$floppy" :: && dd if="$work/MSBOOT.BIN" of="$work/boot" bs=512 skip=62 count=1 2> /dev/null &&
    dd if="$floppy" of="$work/boot" bs=1 skip=11 seek=11 count=51 conv=notrunc 2> /dev/null &&
    dd if="$work/boot" of="$floppy" conv=notrunc 2> /dev/null || fail "no floppy"
for file in IO.SYS MSDOS.SYS COMMAND.COM; do
    mcopy -i "$floppy" "$work/$file" :: || fail "no $file on the floppy"
done
mattrib +s +h +r -i "$floppy" ::IO.SYS ::MSDOS.SYS
$run -rtc base=2027-01-01T00:00:00 -cpu 386 -m 4 --timeout 300 --wait 'Enter new date' --type '\n' --wait 'Enter new time' --type '\n' \
    --wait 'A>' --type 'ver\n' --until 'text:MS-DOS Version 4.00' "$floppy" || fail "the floppy does not boot"
echo "msdos4: boots"

build all pentium-133 2027-01-01T00:00:00 > "$work/hash" || fail "b all failed"
echo "msdos4: b all: to its end, $(cat "$work/hash")"

#!/bin/sh
# The demo disk on the real program: boots in time, each page opens, shows what it
# should and is left by Esc; the game is played to both of its ends by keys.
# Pictures are compared by the hash of their pixels; they are held at a whole
# number of frames first, so they do not depend on the processor's speed.
# A TAP test; a failure shows the command and the last screen.
set -u
reprise=$top_builddir/reprise
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
n=0

ok() {
    n=$((n + 1))
    echo "ok $n - $1"
}

not_ok() {
    n=$((n + 1))
    sed 's/^/# /' "$work/command" "$work/screen" 2> /dev/null | grep -v '^# *$'
    echo "not ok $n - $1"
}

check() {
    if [ "$1" -eq 0 ]; then ok "$2"; else not_ok "$2"; fi
}

# OPTIONS...: the screen as text goes to $work/screen, the picture to $work/png.
run() {
    echo "$reprise --headless --speed max $*" > "$work/command"
    rm -f "$work/screen" "$work/png"
    "$reprise" --headless --speed max -rtc base=1996-01-01T00:00:00 --timeout 900 \
        --wait "Demo disk ready" "$@" --screen-text "$work/screen" --screenshot "$work/png" \
        > "$work/out" 2>> "$work/command"
}

# TITLE PATTERN OPTIONS...: the run ends as asked and the screen has the pattern.
text_page() {
    title=$1
    pattern=$2
    shift 2
    run "$@" && grep -q "$pattern" "$work/screen"
    check $? "$title"
}

# TITLE FIRST-ROW HASH OPTIONS...: the picture from a row on is the known one.
picture_page() {
    title=$1
    row=$2
    hash=$3
    shift 3
    run "$@" && python3 "$top_srcdir/tests/machine/png_hash.py" "$work/png" "$row" > "$work/hash" 2>> "$work/command"
    [ "$(cat "$work/hash")" = "$hash" ]
    check $? "$title (is $(cat "$work/hash"))"
}

# Launches a ball now and then and never moves: three are lost soon.
lose() {
    balls=0
    while [ $balls -lt 6 ]; do
        printf ' %060d' 0
        balls=$((balls + 1))
    done
}

run --until time:2 --stats
grep -q "Demo disk ready" "$work/screen"
check $? "the menu is there within two seconds"
for cpu in 386 486 pentium pentium-mmx p2; do
    run -cpu $cpu -m 1 --type s --until "text:Report complete" && grep -q "Memory  *639 KB base" "$work/screen"
    check $? "-cpu $cpu -m 1: report"
done
text_page "report: the processor's clock" "133 MHz by its time stamp counter" --type s --until "text:Report complete"
text_page "keys, plain, extended and Pause" "9 of 105" --type k --wait "Keyboard ready" --type 'hello{F5}{Up}{Pause}{Ctrl+Home}' \
    --until "text:9 of 105"
text_page "Esc leaves the keyboard test when it comes up" "Demo disk ready" --type k --wait "Keyboard ready" --type '\e' \
    --until "text:Demo disk ready"
text_page "the mouse is found, with its wheel" "PS/2 mouse with wheel" --type m --until "text:Mouse page ready"
text_page "text page" "256 more, drawn now" --type t --until "text:Text page ready"
text_page "tune" "Port 42h" --type a --until "text:The tune plays"
text_page "benchmark" "x87 sines  *[1-9][0-9]*\.[0-9] thousand/s" --type b --until "text:Benchmark complete"
picture_page "plasma" 0 "320x200 a027c7aec90bd044" --type eh --until time:6
picture_page "fire" 0 "320x200 e175a8f7af1729a0" --type e --until time:3 --type ' h' --until time:8
picture_page "rotozoom" 0 "320x200 8c251aa2c35bf4ed" --type e --until time:3 --type '  h' --until time:8
picture_page "scroller, below its counters" 11 "320x200 a29cf882f2a19fba" --type x --until time:3.5 --type ' ' --until time:9
picture_page "planar graphics" 0 "640x480 7ed55172576a76d4" --type p --until time:6
picture_page "title of the game" 0 "320x200 20ec3caee6d142c5" --type g --until time:4
text_page "three balls lost end the game" "Game over" -cpu 386 --type g --until time:4 --type "$(lose)" \
    --until time:60
text_page "the demonstration takes all walls down" "You win" -cpu 386 --type g --until time:4 --type d \
    --until "text:You win"
run --type g --until time:4 --type '\e' --wait "Game: Ricochet" --type '{End}\n' --until poweroff
check $? "the menu's last line switches the power off"
echo "1..$n"

#!/bin/sh
# The demo disk walked through and played in the window, by keys and mouse.  Held
# pictures are those of tests/machine, dot by dot.  See lib.sh.  A TAP test.
. "$top_srcdir/tests/window/lib.sh"
needs Xvfb xdotool python3
start_server
start_manager

# picture_is NAME ROW: what the key saves is that picture of tests/machine, from that
# row on.
picture_is() {
    shot picture && for file in picture.png "$top_srcdir/tests/machine/demo/$1.png"; do
        python3 "$top_srcdir/tests/window/png_hash.py" "$file" "$2" || return 1
    done | uniq > hashes && [ "$(wc -l < hashes)" -eq 1 ]
}
# page TEXT KEY PATTERN: opens, shows, and is left by Esc.
page() {
    xdotool key "$2"
    check "$1" until_ok 90 screen_has "$3"
    shot "demo-$2"
}
leave() {
    xdotool key Escape
    until_ok 60 screen_has 'Demo disk ready'
}

check "the menu" start
check "... is ready" until_ok 60 screen_has 'Demo disk ready'
page "system report" s 'Report complete'
leave
page "keyboard page" k 'Keyboard ready'
key h e l o F5 Up Shift_R KP_Add
check "... counts the keys pressed, and those of the key for the text" until_ok 20 screen_has '10 of 105'
leave

page "mouse page" m 'PS/2 mouse with wheel'
xdotool mousemove 640 512 mousemove_relative 40 30
check "before the click the mouse is the desktop's" screen_has 'Packets  *0$'
xdotool click 1
until_ok 20 titled 'releases the mouse'
for _ in 1 2 3 4 5 6; do
    xdotool mousemove_relative 10 8
    sleep 0.1
done
check "captured, its motion is the guest's" until_ok 20 screen_has 'Packets  *[1-9]'
xdotool click 5
check "... and its wheel" until_ok 20 screen_has 'Wheel  *-*1$'
key ctrl+F10
until_ok 20 titled 'click captures'
take_text
packets=$(sed -n 's/.*Packets  *\([0-9]*\).*/\1/p' text)
xdotool mousemove_relative 40 30
sleep 0.5
check "released, it is the desktop's again" screen_has "Packets  *$packets$"
leave

page "text page" t '256 more, drawn now'
leave
xdotool key e
until_ok 60 screen_has '^\[graphics 320x200x8\]'
xdotool key h
check "plasma, held: the picture of a headless run" until_ok 60 picture_is plasma 0
leave
xdotool key x
until_ok 60 screen_has '^\[graphics'
sleep 1
xdotool key space
check "scroller, held" until_ok 60 picture_is scroller 11
leave
xdotool key p
check "planar graphics" until_ok 60 picture_is planar 0
leave
page "tune" a 'Port 42h'
leave
page "benchmark" b 'Benchmark complete'
leave

xdotool key g
check "title of the game" until_ok 60 picture_is game 0
xdotool key space
sleep 2
shot demo-game
lost() {
    xdotool key --delay 60 space Left
    screen_has 'Game over'
}
check "the game, played by keys, ends when three balls are lost" until_ok 240 lost
shot demo-over
xdotool key Escape
until_ok 60 screen_has 'Demo disk ready'
key ctrl+F9
check "Ctrl+F9 ends with 0" ended 0
echo "1..$n"

#!/bin/sh
# The window's own part: keys, mouse, sizes, disks, and its end.  See lib.sh.
# A TAP test; what a missing tool leaves out is skipped by name.
. "$top_srcdir/tests/window/lib.sh"
drop=$top_builddir/tests/window/drop
needs Xvfb xdotool
start_server
start_manager

# DOS looks for another disk two seconds after it used the last one, no sooner.
dir_shows() {
    for _ in 1 2 3; do
        sleep 2.5
        key Escape
        type_text 'cls'
        key Return
        command_line 'dir a:'
        until_ok 60 screen_has 'bytes free' && grep -q -e "$1" text && return 0
    done
    return 1
}
# The program has drawn a panel: it is not in the guest's picture, nor in its text.
lacks() {
    ! grep -q -e "$1" "$2"
}
# Of the graphics libraries neither.
no_writable_code() {
    grep -q '^[^ ]* r-x' "/proc/$pid/maps" && ! grep -q '^[^ ]* .wx' "/proc/$pid/maps"
}
fewer_keys() {
    take_text && ! grep -q '6 of 105' text
}
dos=floppy/freedos-1440.img
guest_disk() {
    [ -f "$guests/$dos.xz" ] && command -v mcopy > /dev/null
}

# --- the demo disk -----------------------------------------------------------

check "a display is enough: the window opens" start --stats --latency --screen-text last
check "the demo disk is up, and a key saves the screen's text" until_ok 60 screen_has 'Demo disk ready'
if grep -q 'CONFIG_SECCOMP 1' "$top_builddir/config.h"; then
    check "no memory is writable and executable" no_writable_code
else
    skip "no memory is writable and executable" "built without libseccomp"
fi
check "the title tells the disk and how to capture the mouse" until_ok 20 titled '^demo disk - .*click captures'
check "... and the speed" until_ok 20 titled ' [0-9]* % '
check "a key saves the picture" shot demo
check "... and says its name" [ -s demo.png ]

key alt+Pause
check "pause" until_ok 20 titled paused
key alt+Pause
check "... and on" until_ok 20 titled ' [0-9]* % '

xdotool mousemove 640 512 click 1
check "a click captures the mouse" until_ok 20 titled 'releases the mouse'
xdotool mousemove_relative 30 20 click 1 click 3
key ctrl+F10
check "Ctrl+F10 releases it" until_ok 20 titled 'click captures'
xdotool mousemove 640 512 click 1
until_ok 20 titled 'releases the mouse'
xdotool click 2
check "so does the middle button" until_ok 20 titled 'click captures'

if [ -n "$manager" ]; then
    key alt+Return
    check "fullscreen" until_ok 20 geometry 'WIDTH=1280'
    key alt+Return
    check "... and back" until_ok 20 geometry 'WIDTH=960'
    xdotool windowsize "$window" 400 700
    check "another size" until_ok 20 geometry 'WIDTH=400'
    xdotool windowsize "$window" 960 720
else
    skip "fullscreen" "no window manager (openbox)"
fi
key alt+F12
check "fast forward" until_ok 20 titled ' [0-9][0-9][0-9][0-9]* % '
key alt+F12
until_ok 20 titled ' [0-9][0-9]* % '
key ctrl+F1
take_text
check "the help is a panel, not the guest's" lacks 'Keys of this window' text
shot_window help
key ctrl+F1
key t
check "a key is the guest's" until_ok 60 screen_has 'Text page ready'
key ctrl+alt+Home
check "reset boots again" until_ok 60 screen_has 'Demo disk ready'
key x
check "in graphics the text names the mode" until_ok 60 screen_has '^\[graphics 320x[0-9]*x8\]$'
key Escape
until_ok 60 screen_has 'Demo disk ready'
key s
until_ok 60 screen_has 'Report complete'
sleep 2 # the rest of the page, on a host that is busy
take_text

key ctrl+F9
check "Ctrl+F9 ends with 0" ended 0
check "--screen-text at the end is what the key saved" same_text
check "--latency prints what was measured" grep -q 'host key to guest IRQ 1: [1-9]' err
check "--stats counts the pictures" grep -q '"pictures":{"frames":[1-9]' out
echo "# $(cat err)"

# --- the same run as without a window ----------------------------------------

"$reprise" --no-conf --headless --speed max --until time:2 --hash > headless.hash
"$reprise" --no-conf --until time:2 -rtc base=1996-01-01T00:00:00 --hash > window.hash 2> err
check "a window changes nothing: the hash is that of a headless run" cmp -s headless.hash window.hash

# --- the guest stops, the user closes ----------------------------------------

start --record off.trace
until_ok 60 screen_has 'Demo disk ready'
key o
check "the guest switches itself off: the window stays and says so" until_ok 20 titled stopped
shot_window off
key a b # nobody hears them
key ctrl+alt+Home
check "the reset key switches it on again" until_ok 20 titled ' [0-9]* % '
check "... it boots" until_ok 60 screen_has 'Demo disk ready'
key k
check "... and takes keys" until_ok 60 screen_has 'Keyboard ready'
key Escape
until_ok 60 screen_has 'Demo disk ready'
key o
check "... and goes off again" until_ok 20 titled stopped
if [ -n "$manager" ]; then
    key alt+F4 # the manager's key
    check "closing the window ends with 0" ended 0
else
    key ctrl+F9
    ended 0
    skip "closing the window" "no window manager (openbox)"
fi
"$reprise" replay --no-conf --verify off.trace 2> err
check "all that is in the recording, off and on" grep -q 'replay verified' err
"$reprise" test --from-trace off.trace > off.test 2> err && "$reprise" test off.test > off.tap 2>> err
check "... which makes a test" grep -q '^ok 1' off.tap

# --- back in time, and the whole machine in a file -----------------------------

# picture_is FILE: the guest's picture is that one.
picture_is() {
    shot now && cmp -s now.png "$1"
}
start
until_ok 60 screen_has 'Demo disk ready'
key k
until_ok 60 screen_has 'Keyboard ready'
sleep 4
key h e l l o
check "keys typed" until_ok 20 screen_has '6 of 105' # and that of the key for the text
key alt+F11
check "the rewind key: three seconds before, fewer were" until_ok 10 fewer_keys
key h e l l o
check "... and it goes on from there" until_ok 20 screen_has '6 of 105'
key Escape
until_ok 60 screen_has 'Demo disk ready'
key p
until_ok 60 screen_has '^\[graphics'
sleep 3 # it is drawn
shot kept
key ctrl+F6
check "the snapshot key saves a file" until_ok 20 saved reprise-0001.snap
key ctrl+F9
check "the run ends" ended 0
start --load reprise-0001.snap
check "--load shows the same picture" until_ok 20 picture_is kept.png
key Escape
check "... and takes keys" until_ok 20 screen_has 'Demo disk ready'
key ctrl+F9
check "the run ends" ended 0

# --- a floppy of our own: swapped, dropped, written to ------------------------

if ! guest_disk; then
    skip "another floppy in DOS" "no guests, or no mtools"
else
    unpack $dos dos.img
    for d in one two; do
        truncate -s 1440K $d.img
        mformat -i $d.img -f 1440 :: && echo $d > $d.txt && mcopy -i $d.img $d.txt ::
    done
    start dos.img --swap one.img
    until_ok 60 screen_has 'A:.>'
    key ctrl+F4
    sleep 0.5
    shot_window swap
    check "after the swap, DIR shows the new disk" dir_shows '^ONE .*TXT'
    shot dir
    if [ -x "$drop" ]; then
        check "an image is dropped" "$drop" "$window" "$work/two.img"
        check "... and DIR shows it" dir_shows '^TWO .*TXT'
        command_line 'copy two.txt new.txt'
        command_line 'if exist new.txt echo there'
        until_ok 60 screen_has '^there'
        head -c 3000 /dev/zero > three.bin
        "$drop" "$window" "$work/three.bin"
        check "what is no floppy is refused in a line" until_ok 20 grep -q "not a floppy image" err
        check "a second drop of a disk is a swap" "$drop" "$window" "$work/one.img"
        check "... to that disk" dir_shows '^ONE .*TXT'
    else
        skip "an image is dropped" "tests/window/drop was not built (libX11)"
    fi
    key ctrl+F9
    check "the run ends" ended 0
    if [ -x "$drop" ]; then
        check "what the guest wrote is in the dropped image" sh -c "mdir -i two.img :: | grep -q 'NEW *TXT'"
    fi
fi

# --- the display goes away ---------------------------------------------------

# loses_display SIGNAL: to the server, while keys and the pointer are on their way.
loses_display() {
    if ! start $([ ! -f dos.img ] || echo dos.img); then
        not_ok "a window, for SIG$1"
        return
    fi
    if [ -f dos.img ]; then
        until_ok 60 screen_has 'A:.>'
        command_line "echo kept > kept$1.txt"
        until_ok 60 screen_has '^A:.>$' # the next prompt
        sleep 1
    else
        until_ok 60 screen_has 'Demo disk ready'
    fi
    for _ in 1 2 3 4 5 6 7 8; do
        echo "mousemove 500 500 key a mousemove 600 600"
    done | xdotool - > /dev/null 2>&1 &
    stop_server "$1"
    check "SIG$1 to the display's server ends the run with 5" ended 5
    check "... after one line" sh -c "[ \$(wc -l < err) -eq 1 ] && grep -q 'display is lost' err"
    if [ -f dos.img ]; then
        check "... and what the guest wrote is in the image" sh -c "mtype -i dos.img ::kept$1.txt | grep -q kept"
    fi
}
loses_display TERM
manager=
start_server
loses_display KILL

# --- no display at all --------------------------------------------------------

# refused TEXT VARIABLE=VALUE...: exit code 5, one line that says what does without;
# Xlib may have said something of its own before.
refused() {
    want=$1
    shift
    env "$@" "$reprise" --no-conf -display sdl > out 2> err
    [ $? -eq 5 ] && [ ! -s out ] && [ "$(grep -c '^reprise: ' err)" -eq 1 ] &&
        tail -1 err | grep -q -e "$want.*--headless"
}
check "a display that nobody serves is a line" refused 'no window: ' DISPLAY=:987
check "no display is a line" refused 'no window: ' DISPLAY= SDL_VIDEODRIVER=

# lost_at BYTES: the display goes away when the program has said so many to it.
lost_at() {
    python3 "$top_srcdir/tests/window/cut.py" "$display" "$1" > cut &
    cut=$!
    until_ok 20 [ -s cut ] && refused 'lost while it opened' DISPLAY="$(cat cut)"
    lost=$?
    kill $cut 2> /dev/null
    wait $cut
    return $lost
}
if command -v python3 > /dev/null; then
    start_server
    for bytes in 13 400 1500 5000; do
        check "a display that is lost after $bytes bytes is a line" lost_at $bytes
    done
    stop_server TERM
else
    skip "a display that is lost while the window opens" "no python3"
fi
if command -v xauth > /dev/null; then
    start_locked_server
    check "a display without permission is a line" refused 'no window: ' XAUTHORITY=/dev/null
    check "... with permission it opens" start
    key ctrl+F9
    ended 0
else
    skip "a display without permission" "no xauth"
fi

echo "1..$n"

#!/bin/sh
# The window in a Wayland session: weston, itself in a window of Xvfb's, so that
# keys and the mouse come in as from a seat.  See lib.sh.  A TAP test.
# Not tested: a compositor on real graphics; weston's headless back end has no
# seat, with which SDL 2.26 crashes in SDL_Init.
. "$top_srcdir/tests/window/lib.sh"
needs Xvfb xdotool weston
start_server

mkdir -m 700 run
XDG_RUNTIME_DIR=$work/run
export XDG_RUNTIME_DIR
start_weston() {
    weston --backend=x11-backend.so --use-pixman --width=1200 --height=900 --socket=reprise-test \
        --idle-time=0 --no-config > weston.log 2>&1 &
    weston=$!
    until_ok 60 [ -S run/reprise-test ]
}
start_wayland() {
    rm -f text
    SDL_VIDEODRIVER=wayland WAYLAND_DISPLAY=reprise-test "$reprise" -cpu "$cpu" \
        -rtc base=1996-01-01T00:00:00 --no-conf "$@" > out 2> err &
    pid=$!
}
# Nothing but the guest's answer says whether the window has the keys.  A mouse that was
# captured leaves weston's pointer elsewhere than the server's, until that comes in from outside.
click_at() {
    xdotool mousemove 1270 1010
    sleep 0.2
    xdotool mousemove "$1" "$2"
    sleep 0.3
    xdotool click 1
    sleep 0.3
    xdotool key ctrl+F10
}
answers() {
    click_at 600 400
    screen_has "$1"
}

answers_or_gone() {
    gone || answers "$1"
}
answered() {
    until_ok 90 answers_or_gone "$1" && ! gone
}

if ! start_weston; then
    sed 's/^/# /' weston.log
    echo "1..0 # SKIP weston does not start on Xvfb"
    exit 0
fi
start_wayland --latency --stats --screen-text last
check "keys of a Wayland seat are commands" answered 'Demo disk ready'
if gone; then # nothing to wait for
    sed 's/^/# /' err
    echo "1..$n"
    exit 1
fi
xdotool key m
check "... and the guest's" until_ok 60 screen_has 'PS/2 mouse with wheel'
xdotool mousemove 600 400 click 1
sleep 0.5
for _ in 1 2 3 4 5 6; do
    xdotool mousemove_relative 10 8
    sleep 0.1
done
check "captured, the mouse is the guest's" until_ok 20 screen_has 'Packets  *[1-9]'
xdotool key ctrl+F10
xdotool key Escape
until_ok 60 screen_has 'Demo disk ready'
xdotool key s
until_ok 60 screen_has 'Report complete'
check "a picture is saved" shot wayland
[ -z "${SHOTS-}" ] || import -window root "$SHOTS/weston.png" 2> /dev/null
xdotool key alt+Return
sleep 1
check "in fullscreen it goes on" screen_has 'Report complete'
xdotool key alt+Return
xdotool key ctrl+F9
check "Ctrl+F9 ends with 0" ended 0
check "its text is what the key saved" same_text
sed 's/^/# /' err

start_wayland
answered 'Demo disk ready'
kill "$weston"
wait "$weston"
weston=
check "a compositor that goes away ends the run with 5" ended 5
check "... after one line" sh -c "[ \$(wc -l < err) -eq 1 ] && grep -q 'display is lost' err"
echo "1..$n"

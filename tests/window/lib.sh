# Helpers of the window's tests: TAP, a display of their own, and the program used
# as a person does: keys and mouse by xdotool, with a window manager where there
# is one.  Sourced; $top_builddir and $top_srcdir come from make.
#   SHOTS=FOLDER    keeps the pictures there
#   GUESTS=FOLDER   see tests/machine/guests.sh
# Times are limits, not waits: a busy host only takes longer.

set -u
reprise=$top_builddir/reprise
guests=${GUESTS:-$top_srcdir/../shared/guests}
work=$(mktemp -d "${TMPDIR:-/tmp}/reprise-window.XXXXXX") || exit 99
server= manager= pid= weston=
stop() {
    for p in $pid $weston $manager; do
        kill "$p" 2> /dev/null
    done
    [ -z "$server" ] || stop_server TERM
    wait 2> /dev/null
    rm -rf "$work"
}
trap stop EXIT
cd "$work" || exit 99
n=0

ok() {
    n=$((n + 1))
    echo "ok $n - $1"
}
not_ok() {
    n=$((n + 1))
    sed 's/^/# /' err 2> /dev/null | head -5
    [ -f text ] && sed 's/^/# |/' text | grep -v '|$'
    [ -z "$server" ] || server_answers && echo "# title: $(title)"
    echo "not ok $n - $1"
}
skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}
# TEXT COMMAND...
check() {
    what=$1
    shift
    if "$@"; then ok "$what"; else not_ok "$what"; fi
}
# The whole file: no window, no display, no hands.
needs() {
    if ! grep -q '^#define CONFIG_SDL 1' "$top_builddir/config.h"; then
        echo "1..0 # SKIP no window in this build"
        exit 0
    fi
    for tool in "$@"; do
        if ! command -v "$tool" > /dev/null; then
            echo "1..0 # SKIP no $tool"
            exit 0
        fi
    done
}

# until_ok SECONDS COMMAND...: tries for that long.  Its limit is a parameter: a
# command may call it again.
until_ok() {
    set -- "$(($(date +%s) + $1 + 1))" "$@"
    while ! from_third "$@"; do
        [ "$(date +%s)" -lt "$1" ] || return 1
        sleep 0.1
    done
}
from_third() {
    shift 2
    "$@"
}

# --- the display -------------------------------------------------------------

# start_server [OPTION...]: the server chooses a free number and says it.  Up is one
# that answers: of two in some hundred a program met nobody, right after the number.
start_server() {
    for _ in 1 2 3; do
        mkfifo number
        Xvfb -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp "$@" 3> number > /dev/null 2> server.err &
        server=$!
        read -r display < number || exit 99
        rm number
        DISPLAY=:$display
        SDL_VIDEODRIVER=x11
        SDL_RENDER_DRIVER=software
        export DISPLAY SDL_VIDEODRIVER SDL_RENDER_DRIVER
        unset WAYLAND_DISPLAY
        [ -z "${cookie-}" ] || xauth add "$DISPLAY" . "$cookie" 2> /dev/null
        until_ok 20 server_answers && return
        echo "# no answer from the server on $DISPLAY"
        sed 's/^/# /' server.err
        stop_server TERM
    done
    exit 99
}
# stop_server SIGNAL: one that does not heed it is killed; one in some hundred runs went on for ever.
stop_server() {
    kill "-$1" "$server" 2> /dev/null
    (sleep 5; kill -KILL "$server") > /dev/null 2>&1 &
    late=$!
    wait "$server" 2> /dev/null
    kill "$late" 2> /dev/null
    server=
}
server_answers() {
    xdotool getmouselocation > /dev/null 2> server.none && return
    sed 's/^/# /' server.none
    return 1
}
# One that asks for a cookie.
start_locked_server() {
    XAUTHORITY=$work/cookies
    export XAUTHORITY
    cookie=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    xauth -f server-cookies add :0 . "$cookie" 2> /dev/null
    start_server -auth server-cookies
}
manager_is_up() {
    xdotool get_num_desktops > /dev/null 2>&1
}
start_manager() {
    command -v openbox > /dev/null || return
    openbox > /dev/null 2>&1 &
    manager=$!
    until_ok 60 manager_is_up
}

# --- the program -------------------------------------------------------------

# A slow processor, so that the host keeps up while other tests run.
cpu=386-33
# start OPTION...: the window's number is in $window.
start() {
    rm -f text
    "$reprise" -cpu "$cpu" -rtc base=1996-01-01T00:00:00 --no-conf "$@" > out 2> err &
    pid=$!
    window=
    until_ok 60 find_window && until_ok 20 focus
}
find_window() {
    window=$(xdotool search --onlyvisible --pid "$pid" 2> /dev/null | tail -1)
    [ -n "$window" ] || window=$(xdotool search --name ' - Reprise - ' 2> /dev/null | tail -1)
    [ -n "$window" ]
}
focus() {
    xdotool windowfocus "$window" 2> /dev/null
    sleep 0.2
    [ "$(xdotool getwindowfocus 2> /dev/null)" = "$window" ]
}
gone() {
    ! kill -0 "$pid" 2> /dev/null
}
# ended CODE: the program has ended with this code.
ended() {
    until_ok 60 gone || kill "$pid"
    wait "$pid"
    code=$?
    pid=
    [ "$code" -eq "$1" ] || echo "# exit code $code"
    [ "$code" -eq "$1" ]
}
title() {
    xdotool getwindowname "$window" 2> /dev/null
}
titled() {
    title | grep -q -e "$1"
}
key() {
    xdotool key --delay 60 "$@"
}
type_text() {
    xdotool type --delay 80 "$1"
}
saved() {
    [ -s "$1" ]
}
# The screen's text, by the key for it.
take_text() {
    rm -f reprise-0001.txt
    key ctrl+shift+F5
    until_ok 10 saved reprise-0001.txt && mv reprise-0001.txt text
}
screen_has() {
    take_text && grep -q -e "$1" text
}
shot() {
    rm -f reprise-0001.png
    key ctrl+F5
    until_ok 10 saved reprise-0001.png || return 1
    mv reprise-0001.png "$1.png"
    [ -z "${SHOTS-}" ] || cp "$1.png" "$SHOTS/"
}
# The window itself, with its frame of texts; only to be looked at.
shot_window() {
    [ -n "${SHOTS-}" ] && import -window "$window" "$SHOTS/$1.png" 2> /dev/null
    true
}
# command_line TEXT: typed, seen whole, then entered: no key is lost unnoticed.
command_line() {
    type_text "$1"
    until_ok 20 screen_has "$(printf '%s' "$1" | sed 's/[][\.*^$]/\\&/g')" || return 1
    key Return
}
# `last`, which --screen-text wrote at the end, is what the key had saved before; a
# clock may have gone on.
same_text() {
    grep -v '^ *Date, time' text > text.still
    grep -v '^ *Date, time' last | cmp - text.still
}
geometry() {
    xdotool getwindowgeometry --shell "$window" | grep -q "^$1\$"
}
unpack() {
    xz -dc "$guests/$1.xz" > "$2"
}

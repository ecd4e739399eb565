#!/bin/sh
# The window's figures, for a quiet host: how soon the guest hears of a key, how
# true the pace is, whether pictures are dropped, what a window costs at --speed
# max.  Prints each beside what is asked; about four minutes.
. "$top_srcdir/tests/window/lib.sh"
missed=0
cpu=pentium

for tool in Xvfb xdotool python3; do
    if ! command -v $tool > /dev/null; then
        echo "window: no $tool"
        exit 77
    fi
done

# figure TEXT VALUE GOAL: VALUE is at most GOAL.
figure() {
    if awk -v value="$2" -v goal="$3" 'BEGIN { exit !(value != "" && value + 0 <= goal + 0) }'; then
        verdict=met
    else
        verdict=missed
        missed=1
    fi
    echo "window: $1: $2 (asked: at most $3): $verdict"
}
# stat EXPRESSION: of the --stats in `out`, s.
stat() {
    python3 -c "import json; s = json.loads(open('out').read().splitlines()[-1]); print($1)"
}
median() {
    sort -n | sed -n 2p
}

start_server
start_manager
echo "window: load $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) processors"

# --- a key to the guest's interrupt --------------------------------------------

for cpu in 386-33 pentium; do
    start --latency
    until_ok 60 screen_has 'Demo disk ready'
    xdotool key k
    until_ok 60 screen_has 'Keyboard ready'
    i=0
    while [ $i -lt 40 ]; do
        xdotool key --delay 73 h e l l o
        i=$((i + 1))
    done
    key ctrl+F9
    ended 0
    sed 's/^reprise: /window: /' err
    figure "$cpu: the slowest of $(sed 's/.* 1: \([0-9]*\) keys.*/\1/' err) keys, us" \
        "$(sed 's/.*most \([0-9]*\);.*/\1/' err)" 1000
done

# --- a minute of real time, with the scroller ------------------------------------

"$reprise" --no-conf -rtc base=1996-01-01T00:00:00 --wait ready --type x --until time:63 --stats > out 2> err
tail -1 out
figure "pace: parts in a thousand off, $(stat "s['vtime']") s in $(stat "s['wall_seconds']") s" \
    "$(stat "'%.4f' % (abs(s['wall_seconds'] - s['vtime']) / s['vtime'] * 1000)")" 1
figure "wall time that was given up, s" "$(stat "s['late_seconds']")" 0
figure "pictures dropped of $(stat "s['pictures']['frames']")" "$(stat "s['pictures']['dropped']")" 0
figure "99 % of pictures follow the one before after, us" "$(stat "s['pictures']['interval_us']['p99']")" 16000

"$reprise" --no-conf -rtc base=1996-01-01T00:00:00 --wait ready --type x --until time:8 --stats > out 2> err
figure "pictures dropped of $(stat "s['pictures']['frames']"), short run" "$(stat "s['pictures']['dropped']")" 0

# --- as fast as it goes ----------------------------------------------------------

for _ in 1 2 3; do
    for display in none sdl; do
        "$reprise" --no-conf -display $display -rtc base=1996-01-01T00:00:00 --speed max \
            --wait ready --type x --until time:20 --stats > out 2> err
        stat "s['wall_seconds']" >> $display.wall
        stat "s['cpu_seconds']" >> $display.cpu
    done
done
for what in wall cpu; do
    none=$(median < none.$what) sdl=$(median < sdl.$what)
    figure "--speed max, $what seconds in a window against $none without: ratio of $sdl" \
        "$(awk -v a="$sdl" -v b="$none" 'BEGIN { printf "%.3f", a / b }')" 1.0526
done
exit $missed

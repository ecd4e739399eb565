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
# The program alone: a display's server of the same priority would be in its way.
if command -v chrt > /dev/null && chrt -r 20 true 2> /dev/null; then
    printf '#!/bin/sh\nexec chrt -r 20 "%s" "$@"\n' "$reprise" > urgent
    chmod +x urgent
    reprise=$work/urgent
    echo "window: the program has real-time priority"
fi
echo "window: load $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) processors"

# --- a key to the guest's interrupt --------------------------------------------

# One key at a time: a second one would wait for the keyboard's wire, as it should.
for cpu in 386-33 pentium; do
    start --latency
    sleep 4
    xdotool key k
    sleep 2
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
# 300 frames are 4.3 s; before them the machine boots and changes its mode twice.
figure "virtual time of the last picture dropped in 8 s, s" "$(stat "s['pictures']['last_drop']")" 3.7

# --- as fast as it goes ----------------------------------------------------------

for _ in 1 2 3; do
    for run in none sdl "sdl --rewind 0"; do
        # shellcheck disable=SC2086 # an option and its value
        "$reprise" --no-conf -display $run -rtc base=1996-01-01T00:00:00 --speed max \
            --wait ready --type x --until time:20 --stats > out 2> err
        stat "s['wall_seconds']" >> "$run.wall"
        stat "s['cpu_seconds']" >> "$run.cpu"
    done
done
for run in sdl "sdl --rewind 0"; do
    for what in wall cpu; do
        none=$(median < none.$what) with=$(median < "$run.$what")
        figure "--speed max, -display $run: $with s ($what) against $none without a window, ratio" \
            "$(awk -v a="$with" -v b="$none" 'BEGIN { printf "%.3f", a / b }')" 1.0526
    done
done
exit $missed

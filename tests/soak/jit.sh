#!/bin/sh
# Interpreter and translator side by side: whole boots and runs of disks, the
# same after every 2^20 ticks, with the usual knobs and with JIT_KNOBS settings
# drawn from a seed, all beside one interpreted machine; and random programs,
# until JIT_INSNS instructions have been executed in all, which counts a disk's
# once for each setting.  A difference is printed with the command that shows it.
#
# What was done is kept in SOAK_DIR/jit.state, with its instructions: a run that
# was cut off goes on from there, with the disk it was at or with the settings
# that are new.  JIT_SEED: another seed than today's date.
# Needs, for most of the disks, GUESTS: the folder with the guests' collection.
set -u
guests=${GUESTS:-$top_srcdir/../shared/guests}
wanted=${JIT_INSNS:-100000000000}
knobs=${JIT_KNOBS:-20}
state=$SOAK_DIR/jit.state
lockstep=$top_builddir/tests/jit/lockstep
streams=$top_builddir/tests/jit/lockstep_streams
kit=$SOAK_DIR/bench
ticks=1048576
piece=20000000 # instructions of random programs between two notes
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
rc=0
disks=0

mkdir -p "$SOAK_DIR" && touch "$state" || exit 1
seed=$(sed -n 's/^seed //p' "$state")
if [ -z "$seed" ]; then
    seed=${JIT_SEED:-$(date +%Y%m%d)}
    echo "seed $seed" >> "$state"
fi
echo "jit: seed $seed, $knobs settings of the knobs, to $wanted instructions"

# Of the lines that begin so.
sum() {
    awk -v what="$1" 'index($1, what) == 1 { n += $NF } END { printf "%.0f\n", n }' "$state"
}

# The number that the knobs of setting $1 are drawn from; 0: the usual ones.
knobs_seed() {
    [ "$1" -eq 0 ] && echo 0 || echo $(((seed * 7919 + $1 * 104729) % 2147483647 + 1))
}

# Unpacks $1 to disk.img.
unpack() {
    case $1 in
    *.xz) xz -dc "$1" > "$work/disk.img" ;;
    *) cp "$1" "$work/disk.img" ;;
    esac
}

# disk NAME IMAGE VSECONDS [OPTION]...: with all settings that it was not done with.
disk() {
    name=$1 image=$2 seconds=$3
    shift 3
    [ -f "$image" ] || return 0
    disks=$((disks + 1))
    settings='' drawn=''
    k=0
    while [ "$k" -le "$knobs" ]; do
        if ! grep -q "^disk:$name:$k " "$state"; then
            settings="$settings $k"
            drawn="$drawn $(knobs_seed "$k")"
        fi
        k=$((k + 1))
    done
    [ -n "$settings" ] || return 0
    unpack "$image" || exit 1
    # Each workload of the kit as short as can be.
    [ "$name" != bench ] || printf '\001\0\0\0' | dd of="$work/disk.img" bs=1 seek=520 conv=notrunc 2> /dev/null
    # shellcheck disable=SC2086 # several numbers
    if "$lockstep" "$@" "$work/disk.img" "$seconds" $ticks $drawn > "$work/out" 2>&1; then
        insns=$(sed -n 's/^ok 1 - .*: \([0-9]*\) instructions.*/\1/p' "$work/out")
        for k in $settings; do
            echo "disk:$name:$k $insns"
        done >> "$state"
    else
        # The first that parted; all of them, if it did not come to say.
        bad=$(sed -n 's/^not ok .*, seed \([0-9]*\): .*/\1/p' "$work/out" | head -n 1)
        printf 'jit: %s: lockstep' "$name"
        [ $# -eq 0 ] || printf " '%s'" "$@"
        echo " $image $seconds $ticks ${bad:-$drawn}"
        cat "$work/out"
        cp "$work/out" "$SOAK_DIR/jit.$name"
        rc=1
    fi
    random_piece
    say "after $name, settings$settings"
}

all_disks() {
    f=$guests/floppy h=$guests/hd
    disk bench "$kit/bench-hd.img" 600 --ram 32
    disk demo "$top_builddir/images/demo.img" 60 --type 1 s --type 5 '\et' --type 9 '\ee' --type 16 '\ex' \
        --type 22 '\ep' --type 30 '\eb' --type 45 '\eg' --type 46 ' {Left}{Left}{Right}' --type 58 '\eo'
    for size in 160 180 320 360 720 1200 1440; do
        disk "freedos-$size" "$f/freedos-$size.img.xz" 12 --type 5 'ver\ndir\n'
    done
    disk tools "$f/freedos-tools-720.img.xz" 20 --type 3 'pi\n' --type 10 'dir\n'
    disk mikeos "$f/mikeos-1440.img.xz" 12 --type 3 '\n' --type 5 '\n'
    disk pcmos9 "$f/pcmos386-9user-1440.img.xz" 20
    disk pcmos-install "$f/pcmos501-install-1440.img.xz" 10
    disk msdos4-beta1 "$f/msdos400m-beta-1-360.img.xz" 10
    disk msdos4-beta2 "$f/msdos400m-beta-2-360.img.xz" 10
    disk openbsd "$f/openbsd28-1440.img.xz" 20 --ram 16
    disk kolibrios "$f/kolibrios-1440.img.xz" 60 --ram 16
    disk floppybird "$f/floppybird-1440.img.xz" 10 --type 2 '     '
    disk tetros "$f/tetros-1440.img.xz" 10 --type 2 '{Left}{Right}'
    disk apps "$h/freedos-apps.img.xz" 20 --ram 16 \
        --type 6 'cd tools\nnasm -f bin hello.asm -o h.com\nh\ncpulevel\n'
    disk msdos4 "$h/msdos4-source.img.xz" 30 --type 6 'b lib\n'
}

# A piece of random programs; false when they differ.
random_piece() {
    next=$(awk '$1 == "streams" { n = $2 } END { print n + 0 }' "$state")
    (cd "$work" && "$streams" "$seed" "$next" $piece) > "$work/out" 2>&1
    line=$(grep '^ok 1' "$work/out")
    if [ -z "$line" ]; then
        cat "$work/out"
        [ ! -e "$work/fuzz-input" ] || cp "$work/fuzz-input" "$SOAK_DIR/jit.fuzz-input"
        # The next run goes on behind it.
        bad=$(sed -n 's/^not ok 1 - lockstep_streams [0-9]* \([0-9]*\).*/\1/p' "$work/out")
        [ -z "$bad" ] || echo "streams $((bad + 1)) 0" >> "$state"
        rc=1
        return 1
    fi
    echo "$line" | sed 's/.* to \([0-9]*\), \([0-9]*\) instructions/\1 \2/' | {
        read -r last insns
        echo "streams $((last + 1)) $insns" >> "$state"
    }
}

say() {
    echo "jit: $1: disks $(sum disk:), random programs $(sum streams) instructions without a difference"
}

if [ ! -x "$lockstep" ]; then
    echo "jit: no translator in this build"
    exit 77
fi
make -C "$top_srcdir/bench" B="$kit" > "$SOAK_DIR/jit.log" 2>&1 || echo "jit: bench/ cannot be built here, see jit.log"
all_disks
[ "$disks" -ne 0 ] || echo "jit: no disks (set GUESTS)"
while [ "$rc" -eq 0 ] && [ "$(($(sum disk:) + $(sum streams)))" -lt "$wanted" ]; do
    random_piece
done
say "in all"
exit $rc

#!/bin/sh
# Code that is bad for a translator (bench/: hostsmc, hostcache, hostrnd): with it
# at most twice the processor time of the interpreter, and memory within bounds.
# Needs what bench/ needs to build: gcc -m32, nasm, python3.
set -u
times=${HOSTILE_TIMES:-2}   # the interpreter's time, at most
mib=${HOSTILE_MIB:-192}     # resident, at most; 64 of it are the guest's
reprise="$top_builddir/reprise --no-conf --headless --speed max -cpu p2 -m 64 -no-reboot"
reprise="$reprise -serial file:{serial} -hda {image}"
image=$SOAK_DIR/bench
rc=0

if ! make -C "$top_srcdir/bench" B="$image" > "$SOAK_DIR/hostile.log" 2>&1; then
    echo "hostile: bench/ cannot be built here: $(tail -1 "$SOAK_DIR/hostile.log")"
    exit 77
fi

# compare WORKLOAD SCALE
compare() {
    PYTHONDONTWRITEBYTECODE=1 python3 "$top_srcdir/bench/run.py" --build "$image" --workload "$1" --scale "$2" \
        --reps 3 --per-workload --metric cpu --json "$image/$1.json" \
        --emu "jit=$reprise --engine jit" --emu "interp=$reprise --engine interp" > "$SOAK_DIR/hostile.log" 2>&1 || {
        cat "$SOAK_DIR/hostile.log"
        return 1
    }
    python3 - "$image/$1.json" "$1" "$times" "$mib" << 'EOF'
import json
import sys

path, name, times, mib = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
e = json.load(open(path))["emulators"]
cpu = {k: v["median_cpu"].get(name) for k, v in e.items()}
if None in cpu.values() or any(v["note"] for v in e.values()):
    sys.exit("hostile: %s: did not run: %s" % (name, {k: v["note"] for k, v in e.items()}))
if any(e["jit"]["info"].get(name, [])[:3] != v["info"].get(name, [])[:3] for v in e.values()):
    sys.exit("hostile: %s: the engines saw different things" % name)
rss = max(e["jit"]["rss"]) // 1024
ratio = cpu["jit"] / cpu["interp"]
print("hostile: %s: %.2f times the interpreter's processor time, %d MiB" % (name, ratio, rss))
sys.exit(0 if ratio <= times and rss <= mib else 1)
EOF
}

compare hostsmc 30 || rc=1
compare hostcache 80 || rc=1
compare hostrnd 300 || rc=1
exit $rc

#!/usr/bin/env python3
"""Runs the bare-metal benchmark image under several PC emulators and compares them.

  run.py --emu native,qemu,bochs --reps 3 --json out.json
  run.py --emu 'ours=./emu --hda {image} --serial {serial}' --emu qemu --workload int32,fib
  run.py --emu qemu,bochs --idle 10

See README.md for the built-in emulators, the placeholders and how to read the table.
"""
import argparse
import json
import math
import os
import select
import shlex
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import mkimage

HERE = os.path.dirname(os.path.abspath(__file__))
WORKLOADS = """null int32 dhry sieve qsort interp fib flags muldiv lz mem-l1 mem-l2 mem-ram mmx nbody mandel fft
x87ext cmov fxsave span fill13 modex planar vesa rm16int rm16str pm16 v86mon smcimm smcgen mixpage seglim pagewalk invlpg
cr3 pfstorm ring tasksw timer portio atapoll atairq int13 hostsmc hostcache hostrnd""".split()
NATIVE = set("""null int32 dhry sieve qsort interp fib flags muldiv lz mem-l1 mem-l2 mem-ram mmx nbody mandel fft
x87ext cmov fxsave span fill13 vesa smcimm smcgen mixpage seglim pagewalk timer hostsmc hostcache""".split())
QEMU = ("qemu-system-i386 -accel {accel} -cpu pentium2 -m 64 -display none -vga std -net none -no-reboot -serial stdio "
        "-drive file={image},format=raw,if=ide -device isa-debug-exit,iobase=0x501,iosize=1")
REPRISE = "{program} --no-conf --headless --speed max -cpu {cpu} -m 64 -no-reboot -serial file:{serial} -hda {image}"
BOCHSRC = """\
display_library: {display}
megs: 64
cpu: model={model}, ips=400000000
romimage: file={share}/BIOS-bochs-latest
vgaromimage: file={share}/VGABIOS-lgpl-latest
ata0-master: type=disk, path={image}, mode=flat, cylinders=20, heads=16, spt=63
boot: disk
com1: enabled=1, mode=file, dev={serial}
clock: sync=none, time0=946684800
vga: update_freq=1
sound: driver=dummy
log: {dir}/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
"""
DOSBOXRC = """\
[sdl]
output=surface
fullscreen=false
priority=normal,normal
[dosbox]
memsize=63
machine=svga_s3
[render]
frameskip=10
aspect=false
scaler=none
[cpu]
core={core}
cputype={cputype}
cycles={cycles}
[mixer]
nosound=true
[sblaster]
sbtype=none
[gus]
gus=false
[speaker]
pcspeaker=false
tandy=off
disney=false
[serial]
serial1=nullmodem server:127.0.0.1 port:{tcp} transparent:1 txdelay:0
serial2=disabled
[autoexec]
imgmount 2 {hd} -size 512,63,16,20 -fs none
boot {fd}
exit
"""


def halt(msg):
    sys.exit("run.py: " + msg)


def built_in(name, d, env):
    """command line (with placeholders) of a built-in emulator; may write files into d"""
    base, _, opt = name.partition("/")
    if base == "native":
        return "{build}/bench-native {scale} {names}"
    if base in ("qemu", "kvm"):
        accel = {"qemu": "tcg", "kvm": "kvm"}[base]
        return QEMU.replace("{accel}", accel)
    if base == "bochs":
        share = os.environ.get("BENCH_BOCHS_SHARE", "/usr/share/bochs")
        path = os.path.join(d, "bochsrc")
        with open(path, "w") as f:
            f.write(BOCHSRC.replace("{share}", share).replace("{model}", opt or "p2_klamath")
                    .replace("{display}", os.environ.get("BENCH_BOCHS_DISPLAY", "x")))
        return os.environ.get("BENCH_BOCHS", "bochs") + " -q -f {file:bochsrc}"
    if base == "dosbox":
        path = os.path.join(d, "dosbox.conf")
        with open(path, "w") as f:
            core, _, cyc = opt.partition("/")
            f.write(DOSBOXRC.replace("{core}", core or "dynamic").replace("{cputype}", "pentium_slow").replace("{cycles}", cyc or "max"))
        env["SDL_VIDEODRIVER"] = "dummy"
        env["SDL_AUDIODRIVER"] = "dummy"
        return "dosbox -conf {file:dosbox.conf}"
    if base == "v86":
        v, b = os.environ.get("BENCH_V86_DIR", "node_modules/v86"), os.environ.get("BENCH_V86_BIOS", "v86-bios")
        return "node %s {image} %s %s" % (os.path.join(HERE, "v86run.mjs"), v, b)
    if base == "reprise":
        return REPRISE.replace("{program}", os.environ.get("BENCH_REPRISE", "reprise")).replace("{cpu}", opt or "p2")
    halt("unknown emulator %r (use NAME=COMMAND to add one)" % name)


class Emu:
    def __init__(self, spec):
        self.name, eq, self.cmd = spec.partition("=")
        if not eq:
            self.cmd = None
        self.scale = None


def tree(sid):
    """pids of the session started for one emulator"""
    out = []
    for p in os.listdir("/proc"):
        if p.isdigit():
            try:
                with open("/proc/%s/stat" % p) as f:
                    s = f.read().rsplit(")", 1)[1].split()
                if int(s[3]) == sid:
                    out.append((int(p), int(s[11]) + int(s[12])))
            except (OSError, IndexError):
                pass
    return out


def cpu_seconds(sid):
    """CPU time of every thread of the session so far, in seconds"""
    total = 0
    for p, _ in tree(sid):
        try:
            for t in os.listdir("/proc/%d/task" % p):
                with open("/proc/%d/task/%s/schedstat" % (p, t)) as f:
                    total += int(f.read().split()[0])
        except (OSError, ValueError):
            pass
    return total / 1e9


def rss_kb(sid):
    total = 0
    for p, _ in tree(sid):
        try:
            with open("/proc/%d/status" % p) as f:
                for line in f:
                    if line.startswith("VmHWM:"):
                        total += int(line.split()[1])
        except OSError:
            pass
    return total


class Session:
    """one start of one emulator: feeds (time, line) pairs"""

    def __init__(self, emu, args, names, scale):
        self.dir = tempfile.mkdtemp(prefix="bench-")
        d, env = self.dir, dict(os.environ)
        cmd = emu.cmd or built_in(emu.name, d, env)
        img = {}
        for kind in ("hd", "fd"):
            img[kind] = os.path.join(d, "bench-%s.img" % kind)
            shutil.copy(os.path.join(args.build, "bench-%s.img" % kind), img[kind])
            mkimage.set_config(img[kind], " ".join(names), scale)
        sub = {"{image}": img["hd"], "{hd}": img["hd"], "{fd}": img["fd"], "{dir}": d, "{build}": args.build,
               "{scale}": str(scale), "{names}": " ".join(names)}
        files = [os.path.join(d, f) for f in os.listdir(d) if not f.endswith(".img")]
        for f in files:
            sub["{file:%s}" % os.path.basename(f)] = f
        everything = cmd + "".join(open(f).read() for f in files)
        self.fds, self.listener = [], None
        stdout = subprocess.DEVNULL
        if "{serial}" in everything:                    # a FIFO the emulator writes to
            p = os.path.join(d, "serial")
            os.mkfifo(p)
            self.fds.append(os.open(p, os.O_RDWR | os.O_NONBLOCK))
            sub["{serial}"] = p
        elif "{tcp}" in everything:                     # the emulator connects to us
            self.listener = socket.socket()
            self.listener.bind(("127.0.0.1", 0))
            self.listener.listen(1)
            sub["{tcp}"] = str(self.listener.getsockname()[1])
        elif "{pty}" in everything:
            import pty
            import tty
            m, s = pty.openpty()
            tty.setraw(s)
            sub["{pty}"] = os.ttyname(s)
            self.fds += [m]
            self.slave = s
        else:
            stdout = subprocess.PIPE

        def fill(t):
            for k, v in sub.items():
                t = t.replace(k, v)
            return t
        for f in files:
            text = fill(open(f).read())
            with open(f, "w") as g:
                g.write(text)
        argv = shlex.split(fill(cmd))
        if args.verbose:
            print("  $", " ".join(argv), file=sys.stderr)
        self.log = open(os.path.join(d, "log"), "wb")
        self.t0 = time.monotonic()
        self.proc = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=stdout, stderr=self.log, env=env,
                                     start_new_session=True, cwd=d if not emu.cmd else None)
        if emu.name.startswith("bochs"):                # builds with the debugger wait for this
            self.proc.stdin.write(b"c\n")
            self.proc.stdin.flush()
        if stdout is subprocess.PIPE:
            self.fds.append(self.proc.stdout.fileno())
        self.buf, self.first, self.peak = b"", None, 0
        self.stop = False
        self.sampler = threading.Thread(target=self.sample, daemon=True)
        self.sampler.start()

    def sample(self):
        n = 0
        while not self.stop:
            self.peak = max(self.peak, rss_kb(self.proc.pid))
            time.sleep(0.1 if n < 30 else 1)
            n += 1

    def line(self, deadline):
        """next line with its time, or None at the deadline or the end"""
        while b"\n" not in self.buf:
            now = time.monotonic()
            if now >= deadline:
                return None
            rl = self.fds + ([self.listener] if self.listener else [])
            r, _, _ = select.select(rl, [], [], min(0.25, deadline - now))
            now = time.monotonic()
            got = b""
            for f in r:
                if f is self.listener:
                    c, _ = self.listener.accept()
                    self.conn = c
                    self.fds.append(c.fileno())
                    self.listener.close()
                    self.listener = None
                    continue
                try:
                    got = os.read(f, 65536)
                except OSError:
                    got = b""
                if not got and f in self.fds:
                    self.fds.remove(f)
            if got:
                if self.first is None:
                    self.first = now - self.t0
                self.buf += got
                self.when = now
            elif self.proc.poll() is not None and not r:
                return None
        l, self.buf = self.buf.split(b"\n", 1)
        return self.when, l.decode("latin-1").strip()

    def close(self):
        self.stop = True
        self.peak = max(self.peak, rss_kb(self.proc.pid))
        for _ in range(20):
            if self.proc.poll() is not None:
                break
            time.sleep(0.1)
        self.clean_exit = self.proc.poll() is not None
        for sig in (signal.SIGTERM, signal.SIGKILL):
            for p, _ in tree(self.proc.pid):
                try:
                    os.kill(p, sig)
                except OSError:
                    pass
            try:
                self.proc.wait(2)
                break
            except subprocess.TimeoutExpired:
                pass
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def run_once(emu, args, names, res):
    """runs names under emu, restarting after a crash or a timeout"""
    todo = list(names)
    scale = emu.scale or args.scale
    while todo:
        try:
            s = Session(emu, args, todo, scale)
        except OSError as e:                            # not here, or not for this host (32-bit programs)
            res["note"]["*"] = "cannot be started: %s" % e.strerror
            return
        cur, began, cpu0, done, iters, base = None, 0, 0, False, 1, 1
        deadline = time.monotonic() + args.boot_timeout
        while True:
            x = s.line(deadline)
            if x is None:
                break
            t, l = x
            if args.verbose:
                print("   ", l, file=sys.stderr)
            w = l.split()
            if not w or w[0] != "BENCH" or len(w) < 3:
                if l == "BENCH aborted":
                    break
                continue
            if w[1] == "kit":
                res["boot"].append(t - s.t0)
                res["banner"] = l
                deadline = t + args.timeout
            elif w[1] == "all":
                done = True
                todo = []
                break
            elif w[2] == "start":
                cur, began, cpu0 = w[1], t, cpu_seconds(s.proc.pid)
                kv = dict(a.split("=") for a in w[3:] if "=" in a)
                iters, base = int(kv.get("iters", 1)), int(kv.get("base", 1))
                deadline = t + args.timeout
            elif w[2] == "skip":
                res["note"].setdefault(w[1], "skip")
                if w[1] in todo:
                    todo.remove(w[1])
            elif w[2] == "end" and cur == w[1]:
                kv = dict(a.split("=") for a in w[3:] if "=" in a)
                res["sum"].setdefault(cur, set()).add(kv.get("checksum"))
                if "UNSTABLE" in kv:
                    res["note"][cur] = "unstable"
                cpu1 = cpu_seconds(s.proc.pid)
                if "cpuus" in kv:                       # measured by the hosted build itself
                    cpu0, cpu1 = 0, int(kv["cpuus"]) / 1e6
                res["wall"].setdefault(cur, []).append((t - began) * base / iters)
                res["cpu"].setdefault(cur, []).append((cpu1 - cpu0 if cpu1 > cpu0 else t - began) * base / iters)
                if cur in todo:
                    todo.remove(cur)
                cur = None
                deadline = t + args.timeout
            elif w[2] == "check" and l.endswith("FAIL"):
                res["note"][w[1]] = "check-failed"
            elif w[2] == "info":
                res["info"].setdefault(w[1], []).append(" ".join(w[3:]))
            elif w[2] == "EXCEPTION":
                res["note"][w[1]] = "exception"
        s.close()
        res["rss"].append(s.peak)
        if done:
            res["off"].append(s.clean_exit)
            return
        if cur is None:
            cur = todo[0] if todo else None
            if s.first is None and cur:
                res["note"]["*"] = "no serial output"
                return
        if cur:
            res["note"].setdefault(cur, "hung" if s.clean_exit is False else "died")
            if cur in todo:
                todo.remove(cur)
        if not res["boot"]:
            res["note"]["*"] = "did not boot"
            return


def run_idle(emu, args):
    s = Session(emu, args, ["idle"], 100)
    out = None
    deadline = time.monotonic() + args.boot_timeout
    while True:
        x = s.line(deadline)
        if x is None:
            break
        if x[1].startswith("BENCH idle start"):
            time.sleep(1)
            hz = os.sysconf("SC_CLK_TCK")
            a = sum(c for _, c in tree(s.proc.pid))
            time.sleep(args.idle)
            out = (sum(c for _, c in tree(s.proc.pid)) - a) / hz
            break
    s.close()
    return out, s.peak


def med(v):
    return statistics.median(v) if v else None


def geo(v):
    v = [x for x in v if x and x > 0]
    return math.exp(sum(map(math.log, v)) / len(v)) if v else None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--emu", action="append", required=True, help="built-in names, comma separated, or NAME=COMMAND; repeatable")
    ap.add_argument("--workload", default="all")
    ap.add_argument("--skip", default="", help="workloads to leave out")
    ap.add_argument("--reps", type=int, default=3)
    ap.add_argument("--scale", type=int, default=100, help="percent of the normal size; times are reported normalised to 100")
    ap.add_argument("--scale-for", action="append", default=[], metavar="NAME=PERCENT")
    ap.add_argument("--per-workload", action="store_true", help="interleave per workload (one boot each) instead of per pass")
    ap.add_argument("--timeout", type=float, default=120, help="seconds for one workload")
    ap.add_argument("--boot-timeout", type=float, default=60)
    ap.add_argument("--idle", type=float, default=0, help="instead: host CPU seconds used in this many seconds of guest HLT")
    ap.add_argument("--build", default=os.path.join(HERE, "build"))
    ap.add_argument("--metric", choices=("wall", "cpu"), default="wall",
                    help="what the table shows: time by the clock, or CPU time of the emulator (better on a busy machine)")
    ap.add_argument("--json")
    ap.add_argument("--expected", default=os.path.join(HERE, "expected.json"))
    ap.add_argument("--write-expected", action="store_true", help="write the checksums all emulators agreed on")
    ap.add_argument("--verbose", action="store_true")
    args = ap.parse_args()
    args.build = os.path.abspath(args.build)

    emus = []
    for e in args.emu:
        emus += [Emu(e)] if "=" in e else [Emu(x) for x in e.split(",") if x]
    for sf in args.scale_for:
        n, v = sf.rsplit("=", 1)
        for e in emus:
            if e.name == n:
                e.scale = int(v)
    names = WORKLOADS if args.workload == "all" else args.workload.replace(",", " ").split()
    names = [n for n in names if n not in args.skip.replace(",", " ").split()]
    for n in names:
        if n not in WORKLOADS:
            halt("unknown workload %s; known: %s" % (n, " ".join(WORKLOADS)))

    if args.idle:
        rows = {e.name: [run_idle(e, args) for _ in range(args.reps)] for e in emus}
        print("%-16s %s" % ("emulator", "host CPU seconds in %g s of guest HLT (one column per rep)" % args.idle))
        for n, v in rows.items():
            print("%-16s %s" % (n, "  ".join("-" if x[0] is None else "%.2f" % x[0] for x in v)))
        if args.json:
            json.dump({n: [x[0] for x in v] for n, v in rows.items()}, open(args.json, "w"), indent=1)
        return

    res = {e.name: dict(wall={}, cpu={}, sum={}, note={}, info={}, boot=[], rss=[], off=[], banner="", scale=e.scale or args.scale) for e in emus}
    for rep in range(args.reps):
        batches = [[n] for n in names] if args.per_workload else [names]
        for batch in batches:
            for e in emus:
                b = [n for n in batch if e.name != "native" or n in NATIVE]
                b = [n for n in b if res[e.name]["note"].get(n) not in ("hung", "died", "exception")]
                if b and "*" not in res[e.name]["note"]:
                    run_once(e, args, b, res[e.name])
                    if args.json:
                        save(args, res, names)
        print("rep %d done" % (rep + 1), file=sys.stderr, flush=True)

    # checksums
    expected = {}
    if os.path.exists(args.expected):
        expected = json.load(open(args.expected))
    if args.write_expected:                             # the rest stays as it was
        expected = {n: c for n, c in expected.items() if n not in names}
    bad = []
    for n in names:
        seen = {}
        for e in emus:
            for c in res[e.name]["sum"].get(n, ()):
                seen.setdefault(c, []).append(e.name)
        if expected.get(n):
            for c, who in seen.items():
                if n == "x87ext":                       # its FPU computes in doubles
                    for x in who:
                        if c != expected[n] and x.startswith("dosbox"):
                            res[x]["note"].setdefault(n, "doubles")
                    who = [x for x in who if not x.startswith("dosbox")]
                if c != expected[n] and who:
                    bad.append("%s: %s gave %s, expected %s" % (n, ",".join(who), c, expected[n]))
                    for x in who:
                        res[x]["note"].setdefault(n, "wrong")
        elif len(seen) > 1:
            bad.append("%s: emulators differ: %s" % (n, "; ".join("%s=%s" % (",".join(w), c) for c, w in seen.items())))
        if args.write_expected and len(seen) == 1:
            expected[n] = next(iter(seen))
    if args.write_expected:
        json.dump(expected, open(args.expected, "w"), indent=1, sort_keys=True)

    m = {e.name: {n: med(res[e.name][args.metric].get(n)) for n in names} for e in emus}
    cols = [e.name for e in emus]
    ran = [c for c in cols if any(v for v in m[c].values())]
    refs = [r for r in ("native", "kvm", "qemu") if r in ran]
    print("\nmedian " + {"wall": "seconds", "cpu": "host CPU seconds"}[args.metric] + " (normalised to scale 100)" + "".join("; then the ratio to " + r for r in refs) + "\n")
    print("%-10s" % "workload" + "".join("%11s" % c[-10:] for c in cols) + "".join("%14s" % ("%s/%s" % (c[-7:], r[:6])) for r in refs for c in cols if c != r))
    for n in names:
        row = "%-10s" % n
        for c in cols:
            v, note = m[c][n], res[c]["note"].get(n, "")
            mark = {"": "", "wrong": "!", "unstable": "~", "check-failed": "!"}.get(note, "?")
            row += "%11s" % ("%.3f%s" % (v, mark) if v is not None else (note or "-"))
        for r in refs:
            for c in cols:
                if c != r:
                    row += "%14s" % ("%.2f" % (m[c][n] / m[r][n]) if n != "null" and m[c][n] and m[r][n] else "-")
        print(row)
    summary = {}
    for r in refs:
        for c in ran:
            if c == r:
                continue
            both = [n for n in names if n != "null" and m[c][n] and m[r][n]]
            allc = [n for n in both if all(m[k][n] for k in ran)]
            summary["%s/%s" % (c, r)] = (geo([m[c][n] / m[r][n] for n in both]), len(both), geo([m[c][n] / m[r][n] for n in allc]), len(allc))
    print("\ngeometric mean of the ratios (over all that both ran; over those that every column ran)")
    for k, v in summary.items():
        print("  %-20s %8s (n=%d) %8s (n=%d)" % (k, "%.2f" % v[0] if v[0] else "-", v[1], "%.2f" % v[2] if v[2] else "-", v[3]))
    print("\n%-16s %14s %14s %10s %s" % ("emulator", "boot to serial", "peak RSS MB", "power-off", "banner"))
    for c in cols:
        r = res[c]
        print("%-16s %14s %14s %10s %s" % (c, "%.2f s" % med(r["boot"]) if r["boot"] else "-", "%.0f" % (max(r["rss"]) / 1024) if r["rss"] else "-",
                                          "yes" if r["off"] and all(r["off"]) else "no", r["banner"][6:]))
    for c in cols:
        for n, note in res[c]["note"].items():
            print("note: %s %s: %s" % (c, n, note))
    for b in bad:
        print("CHECKSUM", b)
    spread = [max(v) / min(v) for c in cols for n, v in res[c][args.metric].items() if n != "null" and len(v) > 1 and min(v) > 0.02]
    if spread:
        print("noise: max/min over reps: median %.2f, worst %.2f" % (med(spread), max(spread)))
    if args.json:
        save(args, res, names, summary)
    sys.exit(1 if bad else 0)


def save(args, res, names, summary=None):
    out = {"workloads": names, "summary": summary, "emulators": {}}
    for c, r in res.items():
        out["emulators"][c] = dict(r, sum={k: sorted(v) for k, v in r["sum"].items()},
                                   median_wall={k: med(v) for k, v in r["wall"].items()},
                                   median_cpu={k: med(v) for k, v in r["cpu"].items()})
    with open(args.json, "w") as f:
        json.dump(out, f, indent=1)


if __name__ == "__main__":
    main()

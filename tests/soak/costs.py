#!/usr/bin/env python3
"""What the time machine costs: recordings, checkpoints, snapshots, rewind.

    costs.py BUILD GUESTS

Times are of runs that take turns: of processor time (user and system) the least,
of wall time the median.  What a checkpoint costs is measured with five a second,
or it would drown in the noise of a shared host; that noise can still be one per
cent of a run, so what a recording costs is to be taken with care.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

build, guests = sys.argv[1:3]
reprise = build + "/reprise"
runs = int(os.environ.get("COST_RUNS", "9"))
common = ["--no-conf", "--headless", "--speed", "max"]
begin = ["-rtc", "base=1996-01-01T00:00:00"]
bad = 0


def unpack(name):
    out = os.path.basename(name)
    with open(out, "wb") as f:
        subprocess.run(["xz", "-dc", f"{guests}/{name}.xz"], stdout=f, check=True)
    return out


def run(args):
    """Processor seconds, wall seconds, what was printed."""
    t, r = time.monotonic(), os.times()
    p = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    wall, s = time.monotonic() - t, os.times()
    if p.returncode != 0:
        sys.exit(f"costs: {' '.join(args)}: exit code {p.returncode}\n{p.stderr}")
    return s.children_user - r.children_user + s.children_system - r.children_system, wall, p.stdout


def by_turns(kinds):
    """For each command its runs, as run() gives them."""
    took = {k: [] for k in kinds}
    for _ in range(runs):
        for k, args in kinds.items():
            took[k].append(run(args))
    return took


def median(values):
    return sorted(values)[len(values) // 2]


def own(took):
    """The least processor time that Reprise itself says."""
    return min(json.loads(r[2].splitlines()[-1])["cpu_seconds"] for r in took)


def say(text, value, unit, most):
    global bad
    over = value > most
    bad += over
    print(f"costs: {text}: {value:.2f} {unit} (asked: under {most}){': TOO MUCH' if over else ''}", flush=True)


def recording(name, options):
    """Without, with a recording, with checkpoints each virtual second."""
    base = [reprise] + common + begin + ["--stats"] + options
    record = base + ["--record", "cost.trace", "--checkpoint"]
    took = by_turns({"none": base, "inputs": record + ["0"], "checks": record + ["0.2"]})
    cpu = {k: own(rs) for k, rs in took.items()}
    seconds = json.loads(took["none"][0][2].splitlines()[-1])["vtime"]
    check = (cpu["checks"] - cpu["inputs"]) / seconds / 5
    print(f"costs: {name}: {seconds:.1f} s take {cpu['none']:.3f} s, a checkpoint {check * 1000:.2f} ms")
    say(f"{name}: recording", (cpu["inputs"] / cpu["none"] - 1) * 100, "%", 1)
    say(f"{name}: checkpoints each second", check * seconds / cpu["none"] * 100, "%", 3)


def snapshots(name, disk, create):
    """Beyond what the same start and end cost without."""
    options = ["-m", "64", "-cpu", "486-33"]
    if create:
        if os.path.exists("cost.ov"):
            os.unlink("cost.ov")
        run([reprise, "disk", "create", "cost.ov", disk])
        disk = "cost.ov"
    else:
        options += ["-snapshot"]
    machine = [reprise] + common + begin + options + [disk]
    run(machine + ["--until", "time:8", "--save", "cost.snap"])
    load = [reprise] + common + ["--load", "cost.snap", "--until", "time:8"]
    took = by_turns({"start": machine + ["--until", "time:0"], "load": load, "save": load + ["--save", "cost2.snap"],
                     "new": machine + ["--until", "time:0", "--save", "cost3.snap"]})
    ms = {k: median([r[1] for r in rs]) * 1000 for k, rs in took.items()}
    print(f"costs: {name}: a start alone takes {ms['start']:.0f} ms")
    say(f"{name}: start and load", ms["load"], "ms", 100)
    say(f"{name}: save", ms["save"] - ms["load"], "ms", 100)
    say(f"{name}: save, the disk not hashed before", ms["new"] - ms["start"], "ms", 100)
    say(f"{name}: size", os.path.getsize("cost.snap") / 2**20, "MiB", 4)


def rewind(name, options):
    out = run([build + "/tests/ctl/rewind_cost"] + common + begin + ["--rewind", "2000"] + options)[2]
    words = out.replace(",", "").split()
    print(f"costs: {name}: {out.strip()}")
    say(f"{name}: memory", float(words[words.index("MiB") - 1]) * 1.048576, "MB", 200)
    say(f"{name}: a step back, the slowest", float(words[-1]), "ms", 200)


def main():
    os.chdir(tempfile.mkdtemp(prefix="costs."))
    tools = unpack("floppy/freedos-tools-720.img")
    apps = unpack("hd/freedos-apps.img")
    source = unpack("hd/msdos4-source.img")
    work = ["--wait", "A:\\>"]
    for i in range(1, 13):
        work += ["--type", f"copy config.sys a{i}\\n", "--until", f"time:{i * 10 - 6}", "--type", f"type a{i}\\n",
                 "--until", f"time:{i * 10}"]
    for mib in "16", "64":
        recording(f"typed DOS work, 386-33, {mib} MiB", ["-snapshot", "-cpu", "386-33", "-m", mib, tools] + work)
    recording("the MS-DOS 4.0 build, pentium, 64 MiB",
              ["-snapshot", "-m", "64", source, "--wait", "C:\\>", "--type", "b lib\\n", "--until", "time:12"])
    for disk, size in (apps, 15), (source, 63):
        snapshots(f"DOS with 64 MiB, disk of {size} MiB", disk, False)
        snapshots("the same over an overlay", disk, True)
    for engine in "jit", "interp":
        b = ["--engine", engine]
        rewind(f"idle DOS, 486-33, 64 MiB, {engine}",
               b + ["-m", "64", "-cpu", "486-33", "-snapshot", source, "--until", "time:60.24"])
        rewind(f"idle DOS, pentium-133, 64 MiB, {engine}", b + ["-m", "64", "-snapshot", source, "--until", "time:60.24"])
        rewind(f"the scroller, {engine}", b + ["--wait", "Demo disk ready", "--type", "l", "--until", "time:62.24"])
    probe = os.environ.get("MADE", guests + "/made") + "/probe.img"
    if os.path.exists(probe):
        rewind("a boot of Linux, p2, 64 MiB, jit", ["-cpu", "p2", "-m", "64", "-snapshot", probe,
                                                     "-serial", "null", "--until", "serial:PROBE-DONE"])
    else:
        print(f"costs: no {probe}: the boot of Linux is skipped")
    print("costs:", "some are too high" if bad else "all as asked")
    return 1 if bad else 0


sys.exit(main())

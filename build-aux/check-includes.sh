#!/bin/sh
# Who may include whom (the folders' README is docs/source-walk.md).  A TAP
# test: an include against the table, by another path than from src/, of a
# library outside host/ and ctl/, or of host time below host/, is a failure.
set -u
srcdir=${top_srcdir:-.}

# Reads files "SRC/folder/..." and prints each offence.
check_tree() {
    (cd "$1" && find src -name '*.[ch]' -o -name '*.def' | LC_ALL=C sort | xargs awk '
    BEGIN {
        may["base"] = "base"
        may["core"] = "base core"
        may["cpu"] = "base core cpu"
        may["jit"] = "base core cpu jit"
        may["hw"] = "base core hw"
        may["host"] = "base core host"
        may["board"] = "base core cpu jit hw board bios"
        may["ctl"] = "base core board host ctl"
        may["main"] = "base ctl images"
        # Libraries beside libc and pthreads; headers that tell host time.
        library = "^<(png|SDL|soundio|capstone|zstd|zlib|slirp|jansson|seccomp)"
        clock = "^<(time|sys/time|sys/times|sys/timerfd)\\.h>"
        low = " base core cpu jit hw board "
    }
    FNR == 1 {
        n = split(FILENAME, part, "/")
        module = n == 2 ? "main" : part[2]
    }
    !/^[ \t]*#[ \t]*include/ { next }
    {
        what = $0
        sub(/^[ \t]*#[ \t]*include[ \t]*/, "", what)
        sub(/[ \t]*(\/\*.*)?$/, "", what)
    }
    # Guest code: knows its own folder only; rom.h is for the board.
    module == "bios" && what ~ /^"/ {
        path = substr(what, 2, length(what) - 2)
        if (path ~ /^\.\.\/\.\./ || path ~ /^(base|core|cpu|jit|hw\/.*\/|host|board|ctl)\//)
            offence("firmware includes host code")
        next
    }
    module == "bios" { next }
    what ~ /^"/ {
        path = substr(what, 2, length(what) - 2)
        if (path == "config.h")
            next
        if (path !~ /\//)
            offence("not by its path from src/")
        else if (path ~ /(^|\/)\.\.?\//)
            offence("relative path")
        else {
            split(path, to, "/")
            if (index(" " may[module] " ", " " to[1] " ") == 0)
                offence(module " may not include " to[1])
        }
        next
    }
    index(low, " " module " ") && what ~ library { offence("library below host/") }
    index(low, " " module " ") && what ~ clock { offence("host time below host/") }
    function offence(why) {
        print FILENAME ":" FNR ": " what ": " why
    }')
}

# The check itself must be able to fail: a tree with one offence of each kind.
bad=$(mktemp -d) || exit 99
trap 'rm -rf "$bad"' EXIT
mkdir -p "$bad/src/hw" "$bad/src/core" "$bad/src/board"
echo '#include "cpu/cpu.h"' > "$bad/src/hw/a.c"
echo '#include "pic.h"' > "$bad/src/hw/b.c"
echo '#include "hw/rtc.h"' > "$bad/src/core/c.h"
echo '#include <png.h>' > "$bad/src/core/d.c"
echo '#include <time.h>' > "$bad/src/board/e.c"
echo '#include "hw/../host/png.h"' > "$bad/src/board/f.c"

echo 1..2
found=$(check_tree "$bad" | wc -l)
if [ "$found" -eq 6 ]; then
    echo "ok 1 - six planted offences are found"
else
    echo "not ok 1 - six planted offences, $found found"
fi

offences=$(check_tree "$srcdir")
if [ -z "$offences" ]; then
    echo "ok 2 - includes follow the table"
else
    printf '%s\n' "$offences" | sed 's/^/# /'
    echo "not ok 2 - includes follow the table"
fi

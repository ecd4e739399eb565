#!/bin/sh
# core, cpu, hw and board leave the x87 and MMX registers to the guest: their
# machine code is disassembled to prove it.  A TAP test, one line a library.
set -u
builddir=${top_builddir:-.}
libraries="libcore.a libcpu.a libjit.a libhw.a libboard.a"

case ${host_cpu-} in
x86_64) ;;
*)
    echo "1..0 # SKIP the host is not an x86-64"
    exit 0
    ;;
esac

# Every x87 mnemonic starts with f, and no other one does.
fpu_insns() {
    "${OBJDUMP:-objdump}" -d --no-show-raw-insn "$@" |
        awk -F '\t' '/^[0-9a-f]+ <.*>:$/ { name = $0 } NF >= 2 && ($2 ~ /^(f[a-z]|emms)/ || $0 ~ /%mm[0-7]/) {
            print name " " $2
        }'
}

echo 1..6
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
echo 'long double half(long double x) { return x / 2; }' > "$dir/x87.c"
if ${CC:-cc} -O2 -c -o "$dir/x87.o" "$dir/x87.c" && [ -n "$(fpu_insns "$dir/x87.o")" ]; then
    echo "ok 1 - a planted x87 function is found"
else
    echo "not ok 1 - a planted x87 function is found"
fi

n=1
for library in $libraries; do
    n=$((n + 1))
    found=$(fpu_insns "$builddir/$library")
    if [ -z "$found" ]; then
        echo "ok $n - $library"
    else
        printf '%s\n' "$found" | head -20 | sed 's/^/# /'
        echo "not ok $n - $library"
    fi
done

#!/bin/sh
# What a compiler could do to the system BIOS behind our back: read ROM tables
# through DS (which does not reach them), or use an instruction that a 386 does
# not have.  TAP.
set -u
objects=$(cd "$top_builddir" && ls src/bios/*.bo src/bios/hw/*.bo | grep -v reset.bo) # it is data
objdump=${OBJDUMP:-objdump}

if ! command -v "$objdump" > /dev/null; then
    echo "1..0 # SKIP no objdump"
    exit 0
fi

# An operand in memory whose address is in .rodata and whose segment is not CS.
reads_through_ds() {
    awk '
    /^ *[0-9a-f]+:\t[0-9a-f ]+\t/ { insn = $0 }
    /R_386_(32|16)[ \t]+(\.rodata|\.LC|\.L\.str|rom_|kbd_|baud_|config_|video_|floppy_table|drive_rows|params_)/ {
        text = insn
        sub(/^[^\t]*\t[^\t]*\t/, "", text)
        gsub(/\$0x[0-9a-f]+|\$-0x[0-9a-f]+/, "IMM", text)
        if (text ~ /(^|[ ,])(0x[0-9a-f]+|[(]|-0x)/ && text !~ /%cs:/ && text !~ /IMM/ && text !~ /^lea/)
            print insn " <- " $0
    }'
}

# BSWAP, CMPXCHG, XADD, INVLPG, CMOVcc, RDTSC; CPUID is asked for.
newer_than_386() {
    grep -E '	(bswap|cmpxchg|xadd|invlpg|wbinvd|cmov[a-z]+|rdtsc|sysenter|ud2|endbr32|endbr64|pause)[ \t]*' || :
}

echo "1..4"
bad=$(printf '  10:\t8a 80 00 00 00 00\tmov    0x0(%%eax),%%al\n\t\t12: R_386_32\t.rodata\n' |
    reads_through_ds)
if [ -n "$bad" ]; then echo "ok 1 - a planted read is found"; else echo "not ok 1 - a planted read is found"; fi
bad=$(printf '  10:\t0f c8\tbswap  %%eax\n' | newer_than_386)
if [ -n "$bad" ]; then echo "ok 2 - a planted BSWAP is found"; else echo "not ok 2 - a planted BSWAP is found"; fi

cd "$top_builddir" || exit 99
# shellcheck disable=SC2086 # a list of files without blanks
list=$("$objdump" -dr -M i8086 $objects)
bad=$(printf '%s\n' "$list" | reads_through_ds)
if [ -z "$bad" ]; then
    echo "ok 3 - ROM is read through CS only"
else
    echo "not ok 3 - ROM is read through CS only"
    printf '%s\n' "$bad" | sed 's/^/# /'
fi
bad=$(printf '%s\n' "$list" | newer_than_386)
if [ -z "$bad" ]; then
    echo "ok 4 - a 386 knows each instruction"
else
    echo "not ok 4 - a 386 knows each instruction"
    printf '%s\n' "$bad" | sed 's/^/# /'
fi

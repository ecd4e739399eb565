#!/bin/sh
# /init of the judge's disk: each section must print what it printed on the host
# (expected/); then busybox's tools on input whose results are in books.
# The report goes to COM1 and ends with JUDGE-DONE and the number of failures.
B=/bin/busybox
$B mkdir -p /proc /dev /tmp
$B mount -t proc proc /proc
$B mount -t devtmpfs dev /dev
$B --install -s /bin
export PATH=/bin
exec > /dev/ttyS0 2>&1
cd /tmp
bad=0

is() { # TITLE GOT WANTED
    if [ "$2" = "$3" ]; then
        echo "ok - $1"
    else
        bad=$((bad + 1))
        echo "not ok - $1: $2 instead of $3"
    fi
}

echo "JUDGE-START $(uname -rm)"
grep -E '^(model name|flags)' /proc/cpuinfo
for section in $(judge list); do
    judge "$section" > got 2> err
    rc=$?
    if [ $rc = 0 ] && cmp -s got "/expected/$section"; then
        echo "ok - $section: $(wc -l < got) lines"
    else
        bad=$((bad + 1))
        echo "not ok - $section: exit code $rc"
        head -5 err
        diff "/expected/$section" got | head -"${LINES_SHOWN:-40}"
    fi
done
judge near > got
judge compare /expected/near got > near && r=ok || { r="not ok" && bad=$((bad + 1)); }
sed 's/^/# /' near
echo "$r - transcendental instructions are within 1 ulp of the host's"

# FIPS 180-4 and RFC 1321, test vectors.
yes a | head -1000000 | tr -d '\n' > million
is "sha256sum, abc" "$(printf abc | sha256sum)" "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -"
is "sha256sum, a million times a" "$(sha256sum < million)" \
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0  -"
is "sha512sum, abc" "$(printf abc | sha512sum)" \
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f  -"
is "sha1sum, a million times a" "$(sha1sum < million)" "34aa973cd4c4daa4f61eeb2bdbad27316534016f  -"
is "md5sum, alphabet" "$(printf abcdefghijklmnopqrstuvwxyz | md5sum)" "c3fcd3d76192e4007dfb496cca67e13b  -"
# judge.gz was packed on the host.
is "gzip -t takes a whole file" "$(gzip -t /expected/alu.gz 2>&1; echo $?)" 0
is "gzip -d gives what was packed" "$(gzip -dc /expected/alu.gz | sha256sum)" "$(sha256sum < /expected/alu)"
{ head -c 5000 /expected/alu.gz; printf X; tail -c +5002 /expected/alu.gz; } > broken.gz
gzip -t broken.gz 2> /dev/null && is "gzip -t refuses a broken file" taken refused || echo "ok - gzip -t refuses a broken file"
is "gzip and back" "$(gzip -9c /expected/mmx | gzip -dc | md5sum)" "$(md5sum < /expected/mmx)"
is "bc -l, pi" "$(echo 'scale=60; 4*a(1)' | bc -l)" 3.141592653589793238462643383279502884197169399375105820974944
is "bc -l, e" "$(echo 'scale=60; e(1)' | bc -l)" 2.718281828459045235360287471352662497757247093699959574966967
is "bc -l, root of 2" "$(echo 'scale=60; sqrt(2)' | bc -l)" 1.414213562373095048801688724209698078569671875376948073176679
is "bc, 2^127-1" "$(echo '2^127-1' | bc)" 170141183460469231731687303715884105727
is "bc, 25!" "$(echo 'f=1; for (i=1; i<=25; ++i) f*=i; f' | bc)" 15511210043330985984000000
is "awk, 1 + ... + 100000" "$(awk 'BEGIN { for (i = 1; i <= 100000; i++) s += i; printf "%.0f", s }')" 5000050000
is "awk, Euler's sum" "$(awk 'BEGIN { for (i = 100000; i >= 1; i--) s += 1 / (i * i); printf "%.9f", s }')" 1.644924067
is "awk, digits" "$(awk 'BEGIN { printf "%.17g %.15g %.0f %e", 0.1, 1 / 3, 94906266 * 94906266, 1e22 * 10 }')" \
    "0.10000000000000001 0.333333333333333 9007199326062756 1.000000e+23"
is "awk, primes" "$(seq 2 3000 | awk '{ p = 1; for (d = 2; d * d <= $1; d++) if ($1 % d == 0) { p = 0; break }; n += p } END { print n }')" 430
is "factor" "$(factor 4294967297)" "4294967297: 641 6700417"
is "the probe's check" "$(sh /cpu.sh $B | md5sum)" "$(md5sum < /expected/probe-cpu)"
echo "JUDGE-DONE failures=$bad"
sleep 1
poweroff -f

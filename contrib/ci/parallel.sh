#!/bin/sh
# Tests in N parts by GNU parallel: parallel.sh N FILE|DIR...
# A part's output, JUnit file and report are report/I.*; the exit code is the
# number of parts that failed.  Other machines: PARALLEL='--sshlogin a,b --wd .'
set -eu
reprise=${REPRISE:-reprise}
parts=$1
shift
mkdir -p report
seq "$parts" | parallel --halt never \
    "$reprise" test -j 1 --shard "{}/$parts" --junit report/{}.xml --html report/{}.html \
    --output report "$@" ">" report/{}.tap

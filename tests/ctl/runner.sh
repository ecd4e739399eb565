#!/bin/sh
# reprise test: scripts, results, reports and goldens, with the demo disk.  A TAP test.
. "$top_srcdir/tests/ctl/lib.sh"
if ! [ -x "$top_builddir/reprise" ]; then
    echo "1..0 # SKIP the program is not built"
    exit 0
fi

# tests CODE ARG...: a run of the runner.
tests() {
    want=$1
    shift
    run "$reprise" test "$@"
    [ "$code" -eq "$want" ]
    result $? "reprise test $*: exit $want"
    [ "$code" -eq "$want" ] || echo "# exit code $code"
}

# says PATTERN LINE...: a script of these lines is refused with such an error.
says() {
    pattern=$1
    shift
    printf '%s\n' "$@" >bad.test
    run "$reprise" test bad.test
    [ "$code" -eq 2 ] && [ ! -s .out ] && grep -q -e "^reprise: bad.test:$pattern" .err
    result $? "a mistake is named: $pattern"
}

# --- the examples of docs/test-format.md ------------------------------------
mkdir docs
(cd docs && awk '/^    # [a-z]+\.test: /{ f = $2; sub(":", "", f) }
    /^    / || /^$/ { if (f) print substr($0, 5) > f; next } { f = "" }' "$top_srcdir/docs/test-format.md")
expect "docs/test-format.md has four examples" [ "$(ls docs | wc -l)" -eq 4 ]
tests 0 --update docs/goldens.test
guests=${GUESTS:-$top_srcdir/../shared/guests}
[ -f "$guests/hd/freedos-apps.img.xz" ] && xz -dc "$guests/hd/freedos-apps.img.xz" >freedos-apps.img
tests 0 --skip-missing --images "$work" docs
expect "the examples are six tests" grep -q '^1\.\.6$' .out
if [ -f freedos-apps.img ]; then
    lacks .out SKIP
else
    has .out "ok 1 - docs/dos.test # SKIP there is no 'docs/freedos-apps.img'"
    tests 2 docs/dos.test
fi

# --- mistakes in scripts ---------------------------------------------------------
says "1: unknown word 'wiat'; the nearest is 'wait'" 'wiat text "x"'
says "2: unknown thing to wait for 'txt'; the nearest is 'text'" '# first' 'wait txt "x"'
says "1: unknown expectation 'regexp'; the nearest is 'regex'" 'expect regexp "x"'
says "1: the text to wait for stands in quotes, and here is Demo" 'wait text Demo'
says "1: a text that begins with \" does not end" 'wait text "Demo'
says "1: no blank after the closing" 'wait text "a"b'
says "1: -cpu: unknown processor 'z80'" 'machine -cpu z80' 'wait text "x"'
says "1: unknown option '-cpx'; the nearest is '-cpu'" 'machine -cpx 386'
says "1: --type: a test says disks and machine only" 'machine --type x'
says "1: unknown key '{Entr}'; the nearest is '{Enter}'" 'press Entr'
says "1: regex '(': " 'expect regex "("'
says "1: regex: there are no back references" "expect regex '(a)\\1'"
says "1: row: '400' is not a number from 0 to 127" 'expect cell row 400 column 1 "x"'
says "1: pixel: '1' is not of the form X,Y" 'expect pixel 1 FF0000'
says "1: within: 'soon' is not a number of seconds" 'wait text "x" within soon'
says "1: 'y' is one word too many" 'wait text "x" y'
says "1: 'x.gif': a screen is a picture" 'expect screen x.gif'
says "1: '../x.png': a plain name" 'screenshot ../x.png'
says "1: the test 'b' has no steps" 'test "b"'
says "3: unknown word 'foo'" 'wait text "x"' 'test "a"' 'foo' 'test "b"' 'type "x"'
printf 'wait text "x"\ntest "a"\nbar\ntest "b"\nfoo\n' >bad.test
run "$reprise" test bad.test
expect "all mistakes are named" [ "$(wc -l <.err)" -eq 2 ]
head -c 3000 "$reprise" >bad.test
run "$reprise" test bad.test
expect "what is no text is refused" [ "$code" -eq 2 ]

# --- results ------------------------------------------------------------------------
mkdir t
cat >t/a.test <<'END'
wait text "Demo disk ready"
test "passes"
type "k"
wait text "Keyboard ready"
test "fails <b>&"
type "k"
wait text "never shown" within 1
test "switches off"
press End Enter
wait text "never shown"
END
cat >t/b.test <<'END'
machine -cpu 386
wait text "Demo disk ready"
type "s"
wait text "Report complete"
expect regex "^ +Memory +639 KB base"
expect no text "Pentium"
screenshot report.png
snapshot report.snap
END
tests 4 -j 2 --html r.html --junit r.xml t
has .out '^1\.\.4$'
has .out '^ok 1 - t/a.test: passes$'
has .out '^not ok 2 - t/a.test: fails <b>&$'
has .out '^# t/a.test:7: wait text "never shown" within 1: not so within 1 s$'
has .out "^# again: reprise test --only 'fails <b>&' 't/a.test'\$"
has .out '^# t/a.test:10: wait text "never shown": the guest switched the power off before'
has .out '^ok 4 - t/b.test$'
expect "screenshot and snapshot" [ -s report.png -a -s report.snap ]
run "$reprise" --headless --load report.snap --until time:9 --screen-text -
has .out 'Report complete'
sed 's/ *$//' .out >/dev/null
cp r.xml first.xml
has r.xml 'tests="3" failures="2" errors="0" skipped="0"'
lacks r.html '<b>&$'
has r.html 'fails &lt;b&gt;&amp;'
if command -v python3 >/dev/null; then
    run python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' r.xml
    expect "the JUnit file is XML" [ "$code" -eq 0 ]
fi

# Alike with one process and with many, and with every test from power-on.
plain() {
    sed 's/ *$//' .out
}
tests 4 -j 1 t
plain >one
tests 4 -j 4 t
plain >four
expect "-j 4 says what -j 1 says" cmp -s one four
tests 4 --boot-each t
plain >each
expect "so does --boot-each" cmp -s one each

# Shards: each test is in one of them, whatever -j says.
for i in 1 2 3; do
    run "$reprise" test -j $i --shard $i/3 t
    sed -n 's/^\(not \)*ok [0-9]* - //p' .out
done | sort >shards
sed -n 's/^\(not \)*ok [0-9]* - //p' one | sort >all
expect "three shards are all" cmp -s shards all
tests 0 --only passes t
has .out '^1\.\.1$'
tests 1 --only 'no such test' t
has .err "no test has 'no such test' in its name"

# The examples of contrib/: an array of tasks, and GNU parallel where it is.
mkdir report
for i in 1 2; do
    run env REPRISE="$reprise" SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_COUNT=2 "$top_srcdir/contrib/ci/slurm.sh" t
    expect "slurm.sh, task $i" [ "$code" -eq 4 -a -s "report/$i.xml" ]
done
rm -r report
title="parallel.sh: both parts have a failure"
if command -v parallel >/dev/null && parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
    run env HOME="$work" REPRISE="$reprise" "$top_srcdir/contrib/ci/parallel.sh" 2 t
    expect "$title" [ "$code" -eq 2 -a -s report/1.tap -a -s report/2.html ]
else
    count=$((count + 1))
    echo "ok $count - $title # SKIP GNU parallel is not installed"
fi

# A test that begins at a boot ends in the same state as one from power-on.
cat >share.test <<'END'
wait text "Demo disk ready"
test "one"
type "k"
wait text "Keyboard ready"
type "abc"
pause 1
snapshot one.snap
test "two"
type "k"
wait text "Keyboard ready"
type "abc"
pause 1
snapshot two.snap
test "other"
type "s"
wait text "Report"
END
tests 0 share.test
expect "equal tests end in equal states" cmp -s one.snap two.snap
mv one.snap shared.snap
tests 0 --boot-each share.test
expect "... and in those of --boot-each" cmp -s one.snap shared.snap

# The command line has the last word on the machine.
cat >cpu.test <<'END'
machine -cpu 486
wait text "Demo disk ready"
expect no text "Pentium"
END
tests 0 cpu.test
tests 4 -cpu pentium cpu.test

# --- traces ------------------------------------------------------------------------
run "$reprise" --headless --speed max --record k.trace --wait ready --type k --until time:3
echo 'replay k.trace verify' >replay.test
tests 0 replay.test
sed '0,/kbd key 14 1/s//kbd key 15 1/' k.trace >changed.trace
echo 'replay changed.trace verify' >changed.test
tests 2 changed.test
has .out "the text before this checkpoint was changed"

# --- goldens: each changed byte is found ----------------------------------------------
cat >golden.test <<'END'
machine -cpu 386
wait text "Demo disk ready"
type "k"
wait text "Keyboard ready"
pause 2
expect screen g.png within 1
END
sed 's/g\.png/g.txt/' golden.test >gtext.test
tests 4 golden.test
has .out "there is no golden './g.png': --update makes it"
sed -i 's/ within 1//' golden.test gtext.test
tests 0 --update golden.test gtext.test
has .out '1 golden updated'
sed -i '$s/$/ within 1/' golden.test gtext.test
tests 0 golden.test gtext.test
for golden in g.png g.txt; do
    cp $golden whole
    size=$(wc -c <whole)
    script=golden.test
    [ $golden = g.txt ] && script=gtext.test
    bad=0
    tried=0
    at=0
    while [ $at -lt "$size" ]; do
        byte=$(dd if=whole bs=1 skip=$at count=1 status=none | od -An -tu1)
        # A blank more at a row's end, or LF for CR LF, is the same screen.
        if [ $golden = g.png ] || [ "$byte" -gt 32 ]; then
            cp whole $golden
            printf "\\$(printf %o $((byte ^ 4)))" | dd of=$golden bs=1 seek=$at conv=notrunc status=none
            run "$reprise" test $script
            tried=$((tried + 1))
            [ "$code" -eq 4 ] && grep -q "$golden.* is damaged\|$golden.*differ" .out || bad=$((bad + 1))
        fi
        at=$((at + 1 + size / 24))
    done
    [ $bad -eq 0 ] && [ $tried -gt 10 ]
    result $? "$golden: $tried changed bytes are found and named"
    cp whole $golden
done
head -c 500 whole >g.txt
tests 4 gtext.test
printf 'x' >>g.png
tests 4 golden.test
has .out "'./g.png' is damaged or no picture: PNG: something follows its end"

# Masks hide what is in them only.
sed -i 's/^type "k"$/type "t"/; s/"Keyboard ready"/"Text page ready"/' golden.test
cp whole g.txt
sed -i 's/g.png.*/g.png mask 0,0,2000,2000 within 0/' golden.test
rm g.png
sed 's/ within 0//' golden.test >make.test
tests 0 --update make.test
tests 0 golden.test
cat >mask.test <<'END'
machine -cpu 386
wait text "Demo disk ready"
type "k"
wait text "Keyboard ready"
expect screen g.txt mask 17,17,2,1
type "a"
wait text "1E"
expect screen g.txt mask 0,4,80,20 within 0
expect screen g.txt within 0
END
tests 4 mask.test
has .out '# mask.test:9: .*row [0-9]*, column [0-9]* differs'

# --- a recording becomes a test, which outlives another processor --------------------------
run "$reprise" --headless --speed max --record rec.trace --wait ready --type k --wait 'Keyboard ready' \
    --type 'hello{F5}' --until time:5 --type '{Ctrl+Home}' --until time:6 --type '\e' --wait ready \
    --type p --until time:12 --type '\e' --wait ready --type '{End}\n' --until poweroff
run "$reprise" test --from-trace rec.trace
expect "--from-trace" [ "$code" -eq 0 ]
cp .out rec.test
has rec.test '^type "hello{F5}"$'
has rec.test '^press Ctrl+Home$'
has rec.test '^wait screen "rec-1.png"$'
expect "the picture to wait for is there" [ -s rec-1.png ]
tests 0 rec.test
tests 0 -cpu 386 rec.test
tests 0 -cpu p2 -m 8 rec.test
# The page is drawn while Ctrl is held; Shift comes after it: k waits for the page.
run "$reprise" --headless --speed max --record typed.trace --type x --until time:2
sed -e '/kbd key 27 1/c\@10000000 kbd key 224 1\n@900000000 kbd key 225 1\n@930000000 kbd key 225 0' \
    -e '/kbd key 27 0/c\@940000000 kbd key 224 0\n@1300000000 kbd key 14 1\n@1320000000 kbd key 14 0' \
    -e '/^+/d' -e '/ end /d' typed.trace >held.trace
run "$reprise" test --from-trace held.trace
expect "what is seen between two modifiers is news for the key after them" \
    awk '/^wait text/ { seen = NR } /^type "k"/ && seen == NR - 1 { ok = 1 } END { exit !ok }' .out
tests 2 --from-trace changed.trace
tests 2 --from-trace none.trace

# --- the report in a browser -------------------------------------------------------------
browser=$(command -v chromium || command -v chromium-browser)
title="the report is a page for chromium"
if [ -z "$browser" ]; then
    count=$((count + 1))
    echo "ok $count - $title # SKIP chromium is not installed"
else
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" --dump-dom \
        "file://$work/r.html" >dom 2>/dev/null
    [ "$(grep -c '<section' dom)" -eq 4 ] && grep -q '4 failed\|2 failed, 2 passed' dom
    result $? "$title"
fi

finish

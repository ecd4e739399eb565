#!/bin/sh
# Configuration files: where they are looked for, which one wins, what each
# mistake in them is answered with, and that --print-config can be fed back.
. "$top_srcdir/tests/ctl/lib.sh"

mkdir -p home/.config/reprise xdg/reprise place elsewhere
floppy place/a.img
unset XDG_CONFIG_HOME
HOME=$work/home
export HOME
user=$work/home/.config/reprise/reprise.conf
cd place || exit 99

# shown KEY VALUE ARG...: --print-config has just this line for KEY; "" VALUE: none.
shown() {
    key=$1 value=$2
    shift 2
    timeout 20 "$reprise" "$@" --print-config >../.out 2>../.err </dev/null
    [ $? -eq 0 ] && [ "$(sed -n "s/^$key = //p" ../.out)" = "$value" ] && [ ! -s ../.err ]
    result $? "$* gives $key = $value"
}

# says CODE PATTERN ARG...: the exit code and, for each line of PATTERN, such a line of errors.
says() {
    want=$1 patterns=$2
    shift 2
    timeout 20 "$reprise" "$@" >../.out 2>../.err </dev/null
    code=$?
    [ "$code" -eq "$want" ] && [ "$(wc -l <../.err)" -eq "$(echo "$patterns" | grep -c .)" ] &&
        printf '%s' "${patterns:+$patterns
}" | { while read -r p; do grep -q "^reprise: .*$p" ../.err || exit 1; done; }
    result $? "reprise $*: exit $want, '$patterns'"
    [ "$code" -eq "$want" ] || echo "# exit code $code"
}

# Layers.
shown m ""
echo "m = 8" >"$user"
shown m 8
echo "m = 7" >../xdg/reprise/reprise.conf
XDG_CONFIG_HOME=$work/xdg
export XDG_CONFIG_HOME
shown m 7
XDG_CONFIG_HOME=relative shown m 8
XDG_CONFIG_HOME=$work/none shown m ""
unset XDG_CONFIG_HOME
HOME='' shown m ""
echo "m = 9" >reprise.conf
shown m 9
shown m "" --no-conf
echo "m = 10" >x.conf
echo "m = 11" >y.conf
shown m 10 --conf x.conf
shown m 11 --conf x.conf --conf y.conf
shown m 10 --no-conf --conf x.conf
shown m 12 --conf x.conf --set m=12
shown m 13 -m 13 --conf x.conf
shown m 14 --set m=13 -m 14
rm reprise.conf

# A list of one file takes the place of an earlier file's.
printf 'serial = null\nserial = file:u\nchs = hda:1,2,3\n' >"$user"
printf '[ports]\nserial = stdio\n[disks]\nchs = hdb:4,5,6\n' >reprise.conf
shown serial stdio
shown chs "hda:1,2,3
hdb:4,5,6"
shown serial "null
unix:s" -serial null -serial unix:s
rm reprise.conf "$user"

# Syntax.
printf '\357\273\277[machine]\r\n  m=8  \r\n\n# no\n ; no\nvgabios = "  a b "\nsnapshot=yes\n-cpu = 486\n' >x.conf
shown m 8 --conf x.conf
shown vgabios '"  a b "' --conf x.conf
shown snapshot yes --conf x.conf
shown snapshot no --conf x.conf --snapshot=no
shown cpu 486 --conf x.conf
: >x.conf
shown m "" --conf x.conf
printf '# a comment without an end of line' >x.conf
shown m "" --conf x.conf
printf 'bios = grün.rom\n' >x.conf
shown bios "grün.rom" --conf x.conf

# What is printed, read again, prints the same; so does all of it made real.
cat >x.conf <<'END'
m = 16
cpu = 486dx2-66
rtc = base=1999-12-31T23:59:58
type = " dir\n"
wait = A:\>
type = "x"
until = text:a
serial = null
serial = file:com2
chs = hda:10,4,17
snapshot = no
hash = yes
boot = ca
bios = "\"quoted\""
[keys]
pause = none
fullscreen = Alt+Pause
END
"$reprise" --conf x.conf --print-config >one.conf 2>../.err
expect "--print-config ends with 0" [ $? -eq 0 ]
"$reprise" --no-conf --conf one.conf --print-config >two.conf 2>../.err
expect "and again" [ $? -eq 0 ]
grep -v '^# from ' one.conf >one
grep -v '^# from ' two.conf >two
expect "both are the same" cmp one two
expect "all of it is there" [ "$(grep -c '^[a-z]' one)" -eq 16 ]
expect "steps are in order" [ "$(grep -E '^(type|wait|until) ' one | cut -c1 | tr -d '\n')" = twtu ]
expect "no line is too long" awk 'length > 79 { exit 1 }' one.conf
says 1 "line break" --print-config --set "bios=a
b"
sed -n 's/^;\([a-z]\)/\1/p' one | grep -v -e ' = [A-Z[]' -e '|' -e '^headless' >defaults.conf
says 0 "" --conf defaults.conf --print-config
expect "defaults can be made real" [ "$(grep -c '^[a-z]' ../.out)" -ge 5 ]
for option in $("$reprise" --help | sed -n '/^Other:/,$d; s/^  -*\([a-z-]*\).*/\1/p'); do
    case $option in reprise | bind) continue ;; esac
    grep -q "^;*$option = " one
    result $? "--print-config has $option"
done

# Keys of the window; and two words for one thing: the later one counts.
sed -n '/^\[keys\]/,$s/^\([a-z-]* = .*\)/\1/p' one >keys
expect "keys in their order" [ "$(cat keys)" = "pause = none
fullscreen = Alt+Pause" ]
shown quit Ctrl+Q --bind quit=Ctrl+Q
printf '[keys]\nquit = Ctrl+Q\n' >x.conf
shown quit "Ctrl+Q
none
Ctrl+X" --conf x.conf --bind quit=none --bind quit=Ctrl+X
printf '[keys]\nquti = Ctrl+Q\nm = 8\n' >x.conf
says 1 "'x.conf', line 2: unknown key 'quti'; the nearest is 'quit'
'x.conf', line 3: unknown key 'm'" --conf x.conf --print-config
printf '[keys]\nquit = Ctrl+Quux\nhelp = Ctrl+F9\n' >x.conf
says 1 "'x.conf', line 2: --bind: 'Ctrl+Quux' is not a key
'x.conf', line 3: --bind: these keys are those of 'quit'" --conf x.conf
shown headless yes -display none --headless
shown display "" -display none --headless
shown display none --headless -display none
shown headless "" --headless -display none
printf 'swap = a\nswap = b\n' >x.conf
shown swap c --conf x.conf --swap c

# Mistakes.
printf '\nmemory = 8\n[machne]\nm = 8\n' >x.conf
says 1 "'x.conf', line 2: unknown key 'memory'; the nearest is 'm'
'x.conf', line 3: unknown section '\[machne\]'; the nearest is '\[machine\]'" --conf x.conf --print-config
printf 'm = lots\ncpu = 486\nspeed = fast\nboot\n' >x.conf
says 1 "'x.conf', line 1: -m: 'lots' is not a memory size
'x.conf', line 3: --speed: 'fast' is not a speed
'x.conf', line 4: 'boot' is not of the form key = value" --conf x.conf
printf '[machine\n' >x.conf
says 1 "'x.conf', line 1: '\[machine' is not of the form \[section\]" --conf x.conf
printf '[a] b\n' >x.conf
says 1 "not of the form \[section\]" --conf x.conf
printf '= 8\n' >x.conf
says 1 "line 1: there is no key before '= 8'" --conf x.conf
printf 'hda = "c.img\n' >x.conf
says 1 'line 1: hda: a value that begins with " ends with one' --conf x.conf
printf 'conf = y\n' >x.conf
says 1 "'conf' is for the command line only" --conf x.conf
printf 'm = 8\0\n' >x.conf
says 2 "'x.conf' is not a text file" --conf x.conf
says 2 "'nope.conf': No such file" --conf nope.conf
says 2 "'.' is not a file" --conf .
says 1 "conf needs a value: FILE" a.img --conf
head -c 2000000 /dev/zero | tr '\0' '#' >big.conf
says 2 "'big.conf' is larger than 1024 KiB" --conf big.conf
yes 'zzzz = 1' | head -1000 >x.conf
timeout 20 "$reprise" --conf x.conf --print-config >/dev/null 2>../.err
expect "a thousand mistakes are not all told" [ "$(wc -l <../.err)" -eq 21 ]

# A broken file of the user's does not stand in the way of help.
echo "m = lots" >"$user"
says 1 "reprise.conf', line 1: -m: 'lots'" --print-config
says 0 "" --help
says 0 "" --version
says 0 "" --no-conf --print-config
if [ "$(id -u)" -ne 0 ]; then
    chmod 0 "$user"
    says 2 "(--no-conf does without).*Permission denied" --print-config
fi
rm -f "$user"
mkdir "$user"
says 2 "(--no-conf does without).*is not a file" --print-config
rmdir "$user"

# The folder's own file reaches no further than the folder, and types nothing.
echo secret >../elsewhere/secret
ln -s ../elsewhere/secret link
for value in "hda = ../elsewhere/secret" "hda = $work/elsewhere/secret" "hda = x/../../y" \
    "serial = file:/tmp/x" "serial = unix:../x" "bios = link" "screen-text = ../elsewhere/secret"; do
    echo "$value" >reprise.conf
    says 1 "'reprise.conf', line 1: .* is outside this folder; 'reprise --conf reprise.conf' allows" --print-config
    says 0 "" --conf reprise.conf --print-config
done
echo 'type = \n' >reprise.conf
says 1 "'reprise.conf', line 1: --type: steps are for the command line" --print-config
says 0 "" --conf ./reprise.conf --print-config
cp reprise.conf "$user"
says 1 "line 1: --type: steps are for" --conf reprise.conf --print-config
rm "$user"
printf 'fda = a.img\nsnapshot = yes\nscreen-text = ./screen\n' >reprise.conf
says 0 "" --print-config

# And for real: the machine that the files describe is the one that runs.
printf 'm = 4\ncpu = 386\nheadless = yes\nspeed = max\nfda = a.img\n' >reprise.conf
timeout 20 "$fake" --until time:0.1 --hash >file.out 2>../.err
expect "a run by reprise.conf" [ $? -eq 0 ]
timeout 20 "$fake" --no-conf -m 4 -cpu 386 --headless --speed max -fda a.img --until time:0.1 --hash >args.out 2>../.err
expect "the same by options" [ $? -eq 0 ]
expect "they give one machine" cmp file.out args.out

finish

#!/bin/sh
# The completion scripts, run by the shells that are there: as functions, and
# typed at an interactive shell.
. "$top_srcdir/tests/ctl/lib.sh"

skip() {
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

mkdir scripts files
for shell in bash zsh fish; do
    case $shell in bash) file=reprise ;; zsh) file=_reprise ;; *) file=reprise.fish ;; esac
    run "$reprise" --no-conf --completion "$shell"
    expect "a script for $shell" [ "$code" -eq 0 -a -s .out -a ! -s .err ]
    cp .out "scripts/$file"
done
refuses 1 "'tcsh' is none of bash, zsh and fish" --completion tcsh
run "$reprise" --help
sed -n 's|^  --*\([a-z][a-z-]*\).*|\1|p' .out >options
for script in scripts/*; do
    missing=$(while read -r o; do grep -q -e "[-\$ \"')}]$o[ =)'[\$]" "$script" || echo "$o"; done <options)
    expect "$script has all options" [ -z "$missing" ]
    [ -z "$missing" ] || echo "# missing: $missing"
done

mkdir files/folder
: >files/dos.img
: >"files/dos 6.img"
: >files/win.img

# What bash would do with a line whose cursor is at its end; its words come from COMP_WORDBREAKS.
cat >ask.bash <<'END'
. "$1"
cd files
COMP_WORDS=()
for word in "${@:2}"; do COMP_WORDS+=("$word"); done
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_reprise
printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
END

# answers WANT WORD...: the candidates for the last word.
answers() {
    want=$1
    shift
    got=$(bash --norc ask.bash scripts/reprise reprise "$@" 2>.err)
    [ "$got" = "$want " ] && [ ! -s .err ]
    result $? "bash: reprise $* -> $want"
    [ "$got" = "$want " ] || echo "# got: $got"
}
if command -v bash >/dev/null; then
    answers "--speed" --spe
    answers "--screen-text --screenshot" --sc
    answers "-snapshot" -sn
    answers "max real" --speed ""
    answers "max" -speed m
    answers "max" --speed = m
    answers "max real" --speed =
    answers "pentium-2 pentium-ii pentium-mmx" -cpu pentium-
    answers "pentium2" -cpu pentium2
    answers "dos 6.img dos.img" do
    answers "dos 6.img dos.img folder win.img" -hda ""
    answers "win.img" -hda w
    answers "win.img" -hda = w
    answers "file: null stdio unix:" -serial ""
    answers "win.img" -serial file : w
    answers "win.img" -serial = file : w
    answers "screen-text= screenshot=" --set screen
    answers "win.img" -snapshot w
    answers "hash: insns: mem: poweroff serial: text: time:" --until ""
    answers "folder" -snapshot -m 8 fo
    answers "" -m ""
else
    skip "bash" "there is no bash"
fi

PATH=$(dirname "$reprise"):$PATH
# typed SHELL SCRIPT LINE WANT
typed() {
    if ! command -v "$1" >/dev/null || ! command -v python3 >/dev/null; then
        skip "typed at $1: $3" "there is no $1 or no python3"
        return
    fi
    (cd files && timeout 60 python3 "$top_srcdir/tests/ctl/complete_tty.py" "$1" "$work/scripts/$2" "$3" "$4") >.out 2>&1
    rc=$?
    if [ $rc -eq 77 ]; then
        skip "typed at $1: $3" "no pseudo-terminal: $(cat .out)"
        return
    fi
    result $rc "typed at $1: '$3' and Tab has '$4'"
}
typed bash reprise "reprise --spee" "--speed"
typed bash reprise "reprise --speed=ma" "--speed=max"
typed bash reprise "reprise -serial file:wi" "file:win.img"
typed bash reprise "reprise -hda dos\\ " "dos\\ 6.img"
typed zsh _reprise "reprise --spee" "--speed"
typed zsh _reprise "reprise --speed ma" "max"
typed zsh _reprise "reprise -hda wi" "win.img"
typed zsh _reprise "reprise -serial file:wi" "file:win.img"

if command -v fish >/dev/null; then
    # It makes the folders of its settings wherever these point.
    HOME=$work XDG_CONFIG_HOME=$work XDG_DATA_HOME=$work XDG_CACHE_HOME=$work
    export HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
    for pair in "reprise --spee:--speed" "reprise -snap:-snapshot" "reprise --speed m:max" "reprise -hda wi:win.img"; do
        (cd files && fish --no-config -c "source '$work/scripts/reprise.fish'; complete -C'${pair%:*}'") >.out 2>.err
        grep -q -e "^${pair##*:}" .out
        result $? "fish: '${pair%:*}' has '${pair##*:}'"
    done
else
    skip "fish" "there is no fish"
fi

finish

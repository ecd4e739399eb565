#!/bin/sh
# Old software used in the window, by keys.  See lib.sh.  A TAP test, skipped where
# the collection is absent.
. "$top_srcdir/tests/window/lib.sh"
needs Xvfb xdotool
if ! [ -d "$guests/floppy" ]; then
    echo "1..0 # SKIP no guests in $guests (set GUESTS)"
    exit 0
fi
start_server
start_manager
cpu=486-33

# moves FILE KEY...: the picture after the keys is another one than before.
shots_differ() {
    shot after && ! cmp -s before.png after.png
}
obeys() {
    shot before
    key "$@"
    until_ok 20 shots_differ
}
speed() {
    echo "# $1: $(title)"
}
ends() {
    key ctrl+F9
    check "$1 ends" ended 0
}

unpack hd/freedos-apps.img apps.img
start apps.img
check "FreeDOS boots from hard disk" until_ok 120 screen_has APPS-READY
command_line 'cd tools'
command_line 'edit e.txt'
until_ok 60 screen_has 'F1=Help'
type_text 'typed words'
check "EDIT shows what is typed" until_ok 20 screen_has 'typed words'
shot guest-edit
key Return alt+f
sleep 1
key s
sleep 1
key alt+x
until_ok 60 screen_has 'TOOLS>$'
command_line 'type e.txt'
check "... and saves it by its menu" until_ok 20 screen_has '^typed words'
command_line 'vim t.txt'
until_ok 60 screen_has 'New File'
type_text 'ivim was here'
key Escape
type_text 'yyp'
check "vim shows what is typed" until_ok 20 screen_has 'vim was here'
shot guest-vim
type_text ':wq'
key Return
until_ok 60 screen_has '2 lines'
command_line 'type t.txt'
check "... and saves it" until_ok 20 screen_has '^vim was here'
speed "vim"
command_line '\games\tetris'
until_ok 60 screen_has Preview
check "Tetris obeys" obeys Left Left Down
shot guest-tetris
speed "Tetris"
key ctrl+alt+Home
until_ok 120 screen_has APPS-READY
command_line '\fun\flpybird'
until_ok 60 screen_has '^\[graphics 320x200x8\]'
check "Floppy Bird obeys" obeys space space
shot guest-bird
speed "Floppy Bird"
ends "the run"

unpack floppy/pcmos386-9user-1440.img mos.img
start mos.img -m 8
until_ok 240 screen_has 'New date is'
key Return
until_ok 60 screen_has 'New time'
key Return
check "PC-MOS has its prompt" until_ok 120 screen_has '\[A:\\\]'
key Return
command_line 'dir'
check "... and lists its disk" until_ok 60 screen_has 'BYTES REMAINING'
shot guest-mos
speed "PC-MOS"
ends "PC-MOS"
echo "1..$n"

#!/bin/sh
# The manual page and --help have the same options with the same arguments.
. "$top_srcdir/tests/ctl/lib.sh"

man=$top_srcdir/docs/reprise.1
run "$reprise" --help
expect "--help ends with 0" [ "$code" -eq 0 ]
cp .out help
expect "--help fits 80 columns" awk 'length > 80 { exit 1 }' help
lacks .err .

# Options of --help: "  -name ARG  text"; of the page: .BI \-name " ARG" or .B \-name.
sed -n 's/^  \(--*[a-z][^ ]*\)\( \([^ ]*\)\)\{0,1\}\(  .*\)\{0,1\}$/\1 \3/p' help |
    sed 's/ *$//' | sort >help.options
# Those of 'reprise test' have a page of their own.
test_man=$top_srcdir/docs/reprise-test.1
sed -n '/^\.SH OPTIONS/,/^\.SH OUTPUT/p' "$man" "$test_man" | awk '
    /^\.TP/ { getline; sub(/^\.BI? /, ""); gsub(/\\-/, "-"); gsub(/"/, ""); gsub(/  */, " "); print }' |
    sort >man.options
expect "--help has options at all" [ "$(wc -l <help.options)" -ge 30 ]
diff help.options man.options >.out
result $? "the manual page has just these options"

# reprise.conf(5) has the headings that --print-config prints.
run "$reprise" --print-config
sed -n 's/^\[\(.*\)\]$/\1/p' .out >sections
while read -r section; do
    has "$top_srcdir/docs/reprise.conf.5" "^\.BR \[$section\]"
done <sections

# Every section and every exit code.
for code in 0 1 2 3 4 5 124; do
    has "$man" "^.B $code"
done
if command -v man >/dev/null && man --warnings -l "$man" >/dev/null 2>.err; then
    expect "man has no complaint" [ ! -s .err ]
    man --warnings -l "$top_srcdir/docs/reprise.conf.5" >/dev/null 2>.err
    expect "nor about reprise.conf(5)" [ ! -s .err ]
    man --warnings -l "$test_man" >/dev/null 2>.err
    expect "nor about reprise-test(1)" [ ! -s .err ]
fi
run "$reprise" --version
has .out '^reprise [0-9.]*$'
run "$reprise" -h
expect "-h is --help" cmp -s .out help

finish

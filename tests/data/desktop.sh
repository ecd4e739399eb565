#!/bin/sh
# The files for desktops are what their validators want, and fit together.
. "$top_srcdir/tests/ctl/lib.sh"

data=$top_srcdir/data
id=org.reprise.Reprise

# valid TOOL ARG...: skipped where there is no such tool.
valid() {
    if command -v "$1" >/dev/null; then
        run "$@"
        result "$code" "$1 $(basename "$data/$id")"
        lacks .out "warning"
    else
        count=$((count + 1))
        echo "ok $count - $1 # SKIP not installed"
    fi
}
valid desktop-file-validate --warn-kde "$data/$id.desktop"
valid appstreamcli validate --no-net "$data/$id.metainfo.xml"
valid xmllint --noout "$data/$id.metainfo.xml" "$data/$id.xml" "$data/$id.svg"

has "$data/$id.metainfo.xml" "<id>$id</id>"
has "$data/$id.metainfo.xml" "$id.desktop"
has "$data/$id.desktop" "^Icon=$id\$"
version=$("$reprise" --version | sed 's/^reprise //')
has "$data/$id.metainfo.xml" "<release version=\"$version\""

# Every type that a file manager would open us with is one that we say we open.
sed -n 's/^MimeType=//p' "$data/$id.desktop" | tr ';' '\n' | grep . >types
expect "there are types" [ -s types ]
while read -r type; do
    has "$data/$id.metainfo.xml" "<mediatype>$type</mediatype>"
done <types

# .img, .ima and .vfd lead there, in the host's MIME database and ours.
base=/usr/share/mime/packages/freedesktop.org.xml
if command -v update-mime-database >/dev/null && command -v xdg-mime >/dev/null && [ -r "$base" ]; then
    mkdir -p share/mime/packages
    cp "$base" "$data/$id.xml" share/mime/packages
    update-mime-database share/mime >.out 2>.err
    result $? "update-mime-database takes it"
    for ending in img ima vfd flp; do
        type=$(sed -n "s/:\*\.$ending\$//p" share/mime/globs | head -1)
        grep -q -x "$type" types
        result $? ".$ending is $type, which Reprise opens"
    done
else
    count=$((count + 1))
    echo "ok $count - MIME types # SKIP no shared-mime-info"
fi

for size in 16 32 48 64 128 256; do
    # IHDR: width and height at byte 16, big-endian.
    got=$(od -An -tu1 -j16 -N8 "$data/$id-$size.png" | awk '{ print $3 * 256 + $4 "x" $7 * 256 + $8 }')
    expect "$id-$size.png is ${size}x$size" [ "$got" = "${size}x$size" ]
done

finish

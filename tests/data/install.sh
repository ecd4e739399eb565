#!/bin/sh
# make install puts everything under DESTDIR and nowhere else; make uninstall
# leaves nothing behind.
. "$top_srcdir/tests/ctl/lib.sh"

# The make that runs this test must not hand us its jobs and flags.
unset MAKEFLAGS MFLAGS MAKELEVEL
dest=$work/dest
(cd "$top_builddir" && make install DESTDIR="$dest" prefix=/usr) >.out 2>.err
result $? "make install DESTDIR=... prefix=/usr"
for file in bin/reprise share/man/man1/reprise.1 share/man/man1/reprise-test.1 share/doc/reprise/test-format.md share/man/man5/reprise.conf.5 \
    share/applications/org.reprise.Reprise.desktop share/metainfo/org.reprise.Reprise.metainfo.xml \
    share/mime/packages/org.reprise.Reprise.xml share/icons/hicolor/scalable/apps/org.reprise.Reprise.svg \
    share/icons/hicolor/48x48/apps/org.reprise.Reprise.png \
    share/icons/hicolor/256x256/apps/org.reprise.Reprise.png; do
    expect "$file" [ -s "$dest/usr/$file" ]
done
if [ -d "$dest/usr/share/bash-completion" ]; then
    for file in share/bash-completion/completions/reprise share/zsh/site-functions/_reprise \
        share/fish/vendor_completions.d/reprise.fish; do
        expect "$file" [ -s "$dest/usr/$file" ]
    done
fi
run "$dest/usr/bin/reprise" --version
expect "the installed program runs" [ "$code" -eq 0 ]
run "$dest/usr/bin/reprise" --headless --speed max --timeout 15 --until "text:Reprise" --screen-text -
expect "and boots the demo disk" [ "$code" -eq 0 ]
find "$dest" -type f | sed "s|^$dest||" | grep -v '^/usr/' >stray
expect "nothing lies outside of the prefix" [ ! -s stray ]
find "$dest" -perm /022 ! -type l >writable
expect "nothing can be written to by others" [ ! -s writable ]
grep -r -l -e "$top_builddir" -e "$dest" "$dest/usr/share" >paths
expect "no path of the build is in the files" [ ! -s paths ]

(cd "$top_builddir" && make uninstall DESTDIR="$dest" prefix=/usr) >.out 2>.err
result $? "make uninstall"
find "$dest" ! -type d >left
expect "leaves nothing" [ ! -s left ]
[ ! -s left ] || sed 's/^/# /' left

finish

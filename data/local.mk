# What a desktop and a shell know about the program.
APP_ID = org.reprise.Reprise

desktopdir = $(datadir)/applications
dist_desktop_DATA = data/org.reprise.Reprise.desktop
metainfodir = $(datadir)/metainfo
dist_metainfo_DATA = data/org.reprise.Reprise.metainfo.xml
mimedir = $(datadir)/mime/packages
dist_mime_DATA = data/org.reprise.Reprise.xml
scalableicondir = $(datadir)/icons/hicolor/scalable/apps
dist_scalableicon_DATA = data/org.reprise.Reprise.svg

# Drawn from the SVG by `make icons` (rsvg-convert), for desktops that cannot.
ICON_SIZES = 16 32 48 64 128 256
icon_pngs = data/$(APP_ID)-16.png data/$(APP_ID)-32.png data/$(APP_ID)-48.png data/$(APP_ID)-64.png \
    data/$(APP_ID)-128.png data/$(APP_ID)-256.png
EXTRA_DIST += $(icon_pngs)

.PHONY: icons
icons:
	for s in $(ICON_SIZES); do \
	    rsvg-convert -w $$s -h $$s -o $(srcdir)/data/$(APP_ID)-$$s.png $(srcdir)/data/$(APP_ID).svg || exit 1; \
	done

install-data-local: install-icons
uninstall-local: uninstall-icons
.PHONY: install-icons uninstall-icons
install-icons:
	for s in $(ICON_SIZES); do \
	    d='$(DESTDIR)$(datadir)/icons/hicolor/'$${s}x$$s/apps; \
	    $(MKDIR_P) "$$d" && \
	    $(INSTALL_DATA) $(srcdir)/data/$(APP_ID)-$$s.png "$$d/$(APP_ID).png" || exit 1; \
	done
uninstall-icons:
	for s in $(ICON_SIZES); do \
	    rm -f '$(DESTDIR)$(datadir)/icons/hicolor/'$${s}x$$s/apps/$(APP_ID).png; \
	done

# Completion scripts come from the option table: the program that was built
# prints them.  A cross build cannot run it and leaves them out.
if !CROSS_COMPILING
bashcompletiondir = $(datadir)/bash-completion/completions
nodist_bashcompletion_DATA = data/bash/reprise
zshcompletiondir = $(datadir)/zsh/site-functions
nodist_zshcompletion_DATA = data/zsh/_reprise
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_fishcompletion_DATA = data/fish/reprise.fish
COMPLETIONS = $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA)
CLEANFILES += $(COMPLETIONS)

$(COMPLETIONS): reprise$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	    ./reprise$(EXEEXT) --no-conf --completion $$(basename $(@D)) > $@.tmp && mv $@.tmp $@
endif

TESTS += tests/data/desktop.sh tests/data/install.sh
EXTRA_DIST += tests/data/desktop.sh tests/data/install.sh

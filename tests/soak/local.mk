# Long runs: `make soak` does each once and notes it in soak/, so that a run
# that was cut off goes on where it stopped; `make soak-again` forgets.
SOAKS = determinism msdos4 linux oracle x87 fuzz overlay window snapshots traces costs coverage jit hostile
EXTRA_DIST += tests/soak/coverage.sh tests/soak/determinism.sh tests/soak/fuzz.sh tests/soak/hostile.sh tests/soak/jit.sh tests/soak/msdos4.sh tests/soak/oracle.sh tests/soak/x87.sh
EXTRA_DIST += tests/soak/linux.sh tests/soak/overlay.sh tests/soak/window.sh tests/soak/snapshots.sh tests/soak/traces.sh tests/soak/costs.sh tests/soak/costs.py

.PHONY: soak soak-again
soak: reprise$(EXEEXT) $(check_PROGRAMS) tests/machine/flusher.img
	@$(MKDIR_P) soak
	@for s in $(SOAKS); do \
	    if [ -e soak/$$s.done ]; then echo "soak: $$s was done"; continue; fi; \
	    echo "soak: $$s"; \
	    top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' SOAK_DIR='$(abs_top_builddir)/soak' \
	        XDG_CONFIG_HOME='$(abs_top_builddir)/soak/no-config' \
	        $(SHELL) $(srcdir)/tests/soak/$$s.sh; rc=$$?; \
	    case $$rc in 0) touch soak/$$s.done ;; 77) ;; *) exit 1 ;; esac; \
	done
soak-again:
	rm -rf soak
clean-local: clean-soak clean-config
.PHONY: clean-soak
clean-soak:
	rm -rf soak

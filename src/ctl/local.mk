noinst_LIBRARIES += libctl.a
libctl_a_CFLAGS = $(AM_CFLAGS)
libctl_a_SOURCES = \
    src/ctl/anchor.c src/ctl/anchor.h src/ctl/anchor_priv.h src/ctl/anchor_write.c \
    src/ctl/bisect.c src/ctl/bisect.h src/ctl/bisect_two.c \
    src/ctl/bindings.c src/ctl/bindings.h \
    src/ctl/complete.c src/ctl/complete.h \
    src/ctl/conf.c src/ctl/conf.h \
    src/ctl/ctl.c src/ctl/ctl.h \
    src/ctl/difference.c src/ctl/difference.h \
    src/ctl/disk_command.c src/ctl/disk_command.h \
    src/ctl/exit.h \
    src/ctl/help.c \
    src/ctl/guide.h \
    src/ctl/hint.c src/ctl/hint.h \
    src/ctl/judge.c src/ctl/judge.h \
    src/ctl/keys.c src/ctl/keys.h \
    src/ctl/latency.c src/ctl/latency.h \
    src/ctl/media.c src/ctl/media.h \
    src/ctl/model.c src/ctl/model.h \
    src/ctl/nearest.c src/ctl/nearest.h \
    src/ctl/number.c src/ctl/number.h \
    src/ctl/options.c src/ctl/options.h \
    src/ctl/options_conf.c \
    src/ctl/options_table.c src/ctl/options_table.h \
    src/ctl/pace.c src/ctl/pace.h \
    src/ctl/play.c src/ctl/play.h src/ctl/play_priv.h src/ctl/play_engine.c \
    src/ctl/play_input.c src/ctl/play_save.c src/ctl/play_say.c \
    src/ctl/ports.c src/ctl/ports.h \
    src/ctl/record.c src/ctl/record.h \
    src/ctl/replay.c src/ctl/replay.h \
    src/ctl/replay_header.c src/ctl/replay_header.h \
    src/ctl/listing.c src/ctl/listing.h \
    src/ctl/report.c src/ctl/report.h \
    src/ctl/run.c src/ctl/run.h \
    src/ctl/save.c src/ctl/save.h \
    src/ctl/script.c src/ctl/script.h src/ctl/script_priv.h src/ctl/script_lines.c \
    src/ctl/snapshot_command.c src/ctl/snapshot_command.h \
    src/ctl/steps.c src/ctl/steps.h src/ctl/steps_list.c src/ctl/steps_priv.h src/ctl/steps_run.c \
    src/ctl/test.c src/ctl/test.h src/ctl/test_priv.h src/ctl/test_html.c src/ctl/test_job.c \
    src/ctl/test_plan.c src/ctl/test_report.c \
    src/ctl/trace_rom.c src/ctl/trace_rom.h

dist_man_MANS = docs/reprise.1 docs/reprise-test.1 docs/reprise.conf.5

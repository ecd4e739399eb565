/* The text of --help, made from the table of options. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "ctl/model.h"
#include "ctl/options.h"
#include "ctl/options_table.h"

enum { HELP_COLUMN = 28, HELP_WIDTH = 79 };

static const char help_head[] =
    "Usage: reprise [OPTION]... [PATH]...\n"
    "\n"
    "Reprise is an old PC made of software.  PATH is a disk of the DOS and Windows\n"
    "years as a file: a floppy, a hard disk or a CD-ROM, told apart by its content.\n"
    "\n"
    "First steps:\n"
    "  reprise                    boot the demo disk that is built in\n"
    "  reprise dos.img            boot a disk of your own; what the guest writes goes\n"
    "                             into the file\n"
    "  reprise -snapshot dos.img  the same, but the file stays as it is\n"
    "  reprise -m 8 -cpu 486dx2-66 -hda c.img -fda a.img -boot c\n"
    "                             a 486 with 8 MiB and two disks boots drive C:\n"
    "\n"
    "Doing it by script; a run can be repeated bit for bit:\n"
    "  reprise --headless -snapshot dos.img --wait 'A:\\>' --type 'dir\\n' \\\n"
    "          --until text:'bytes free' --screenshot dir.png\n"
    "                             type when the prompt is there, take a picture\n"
    "  reprise --headless --speed max --until time:5 --screen-text -\n"
    "                             five seconds of the demo disk, as text\n"
    "  reprise test tests/        run what is written as tests: 'man reprise-test'\n"
    "  reprise disk create my.ov dos.img; reprise my.ov\n"
    "                             what the guest writes goes into my.ov; --record and\n"
    "                             --save need it so, or -snapshot\n"
    "\n"
    "One dash or two, '--option VALUE' or '--option=VALUE', as you like.  What you\n"
    "always want goes into ~/.config/reprise/reprise.conf; 'man reprise' says more.\n";

static const char help_keys[] = "\nKeys of the window, with the names of --bind:\n";

static const char help_models[] = "\nProcessors (-cpu MODEL or MODEL-MHZ; 33, 66, 133, 200 or 300 MHz):\n";

static const char help_tail[] =
    "\n"
    "Exit code: 0 ended as asked (the guest switched itself off, or the last\n"
    "--until was met); 1 wrong command line, or not in this build; 2 bad image or\n"
    "file; 3 the guest ended otherwise; 4 a replay or test differs; 5 the host\n"
    "failed; 64 and up the guest's own code (--test-ports); 124 --timeout; 130 and\n"
    "143 ended by a signal.\n";

static void help_add(struct buf *out, const char *text)
{
    buf_add(out, text, strlen(text));
}

/* How much of `text` goes on one line of `width` columns. */
static size_t help_line(const char *text, size_t width)
{
    size_t len = strlen(text);

    if (len <= width)
        return len;
    for (len = width; len != 0 && text[len] != ' ';)
        len--;
    return len != 0 ? len : width;
}

static void help_option(struct buf *out, const struct option *row)
{
    char name[80];
    int used = snprintf(name, sizeof name, "  %s%s%s", row->name, row->arg != NULL ? " " : "",
                        row->arg != NULL ? row->arg : "");
    const char *text = row->help;

    help_add(out, name);
    if (used > HELP_COLUMN - 2) {
        help_add(out, "\n");
        used = 0;
    }
    while (*text != '\0') {
        size_t len = help_line(text, HELP_WIDTH - HELP_COLUMN);
        char pad[HELP_COLUMN + 1];

        snprintf(pad, sizeof pad, "%*s", HELP_COLUMN - used, "");
        help_add(out, pad);
        buf_add(out, text, len);
        help_add(out, "\n");
        text += len + (text[len] == ' ');
        used = 0;
    }
}

void options_help(struct buf *out)
{
    struct bindings keys;

    help_add(out, help_head);
    for (unsigned s = 0; s < SECTIONS; s++) {
        help_add(out, "\n");
        help_add(out, option_headings[s]);
        help_add(out, ":\n");
        for (unsigned i = 0; i < option_count; i++)
            if ((unsigned) option_rows[i].section == s)
                help_option(out, &option_rows[i]);
    }
    bindings_init(&keys);
    help_add(out, help_keys);
    bindings_print(&keys, out);
    help_add(out, help_models);
    model_list(out);
    help_add(out, help_tail);
}

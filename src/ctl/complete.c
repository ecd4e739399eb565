/*
 * Completion scripts.  What a value may be follows from how the table shows
 * it: words in lower case stand for themselves, FILE for a file's name.
 *
 * Source: bash(1), "Programmable Completion"; zshcompsys(1), _arguments;
 *         fish's complete(1).
 */
#include "config.h"

#include "ctl/complete.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "ctl/bindings.h"
#include "ctl/model.h"
#include "ctl/options_table.h"

__attribute__((format(printf, 2, 3)))
static void add(struct buf *out, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_add(out, text, (size_t) n < sizeof text ? (size_t) n : sizeof text - 1);
}

/* --- values -------------------------------------------------------------- */

/* What may stand behind an option. */
struct values {
    char words[1024]; /* each after a blank; one that ends with : or = goes on */
    bool files;       /* also names of files */
    bool sinks;       /* names of files after "file:" and "unix:" */
};

/* What the table shows in capitals: words that it has no room for. */
static const struct {
    const char *arg, *words;
} value_names[] = {
    { "CONDITION", " poweroff text: serial: time: insns: mem: hash:" },
    { "base=DATE", " base=host base=" },
    { "ORDER", " a c d" },
};

static void values_add(struct values *v, const char *word, size_t len, const char *end)
{
    size_t used = strlen(v->words);

    snprintf(v->words + used, sizeof v->words - used, " %.*s%s", (int) len, word, end);
}

static void values_add_keys(struct values *v)
{
    for (unsigned i = 0; i < option_count; i++)
        if (option_sections[option_rows[i].section] != NULL)
            values_add(v, option_word(&option_rows[i]), strlen(option_word(&option_rows[i])), "=");
}

static void values_add_commands(struct values *v)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        const char *name = command_name((enum command) i);

        values_add(v, name, strlen(name), "=");
    }
}

static void values_add_models(struct values *v)
{
    const char *name;

    for (unsigned i = 0; (name = model_name(i)) != NULL; i++)
        values_add(v, name, strlen(name), "");
}

/* "stdio|file:F|null": the words, and a prefix for each that has a colon. */
static void values_split(struct values *v, const char *arg)
{
    while (*arg != '\0') {
        size_t len = strcspn(arg, "|"), colon = strcspn(arg, ":");

        if (strncmp(arg, "FILE", 4) == 0 || strncmp(arg, "TRACE", 5) == 0) {
            v->files = true;
        } else if (islower((unsigned char) *arg) && colon < len) {
            v->sinks = true;
            values_add(v, arg, colon, ":");
        } else if (islower((unsigned char) *arg)) {
            values_add(v, arg, len, "");
        }
        arg += len + (arg[len] == '|');
    }
}

static void values_of(const struct option *row, struct values *v)
{
    *v = (struct values){ "", false, false };
    if (row->arg == NULL)
        return;
    for (unsigned i = 0; i < ARRAY_LEN(value_names); i++) {
        if (strcmp(row->arg, value_names[i].arg) == 0) {
            values_add(v, value_names[i].words + 1, strlen(value_names[i].words) - 1, "");
            return;
        }
    }
    if (strncmp(row->arg, "MODEL", 5) == 0)
        values_add_models(v);
    else if (strncmp(row->arg, "KEY=", 4) == 0)
        values_add_keys(v);
    else if (strncmp(row->arg, "COMMAND=", 8) == 0)
        values_add_commands(v);
    else
        values_split(v, row->arg);
}

/* --- bash ---------------------------------------------------------------- */

/* Self-contained: the package bash-completion loads it, but is not needed. */
static const char bash_head[] =
    "# bash completion for reprise, made by 'reprise --completion bash'\n"
    "\n"
    "# Offers $words and, with $files, names of files: those that begin with $2.\n"
    "# $1 stands before them on the command line; $3 is what the shell does not replace.\n"
    "_reprise_offer()\n"
    "{\n"
    "    local found candidate typed\n"
    "\n"
    "    typed=${2#[\\\"\\']}\n"
    "    mapfile -t found < <(compgen -W \"$words\" -- \"$2\"\n"
    "        [[ -z $files ]] || compgen -f -- \"${typed//\\\\/}\")\n"
    "    [[ -z $files ]] || compopt -o filenames 2>/dev/null\n"
    "    for candidate in \"${found[@]}\"; do\n"
    "        [[ $candidate != *[:=] ]] || compopt -o nospace 2>/dev/null\n"
    "        candidate=$1$candidate\n"
    "        COMPREPLY+=(\"${candidate#\"$3\"}\")\n"
    "    done\n"
    "}\n"
    "\n"
    "_reprise()\n"
    "{\n"
    "    local i=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD]}\n"
    "    local option= before= value= kept words= files= sinks=\n"
    "\n"
    "    COMPREPLY=()\n"
    "    # readline parts words at = and : and replaces only the last piece.\n"
    "    while ((i > 1)) && [[ ${COMP_WORDS[i]} == [:=]* || ${COMP_WORDS[i-1]} == [:=] ]]; do\n"
    "        cur=${COMP_WORDS[--i]}$cur\n"
    "    done\n"
    "    [[ $last != [:=] ]] || last=\n"
    "    kept=${cur%\"$last\"}\n"
    "    if [[ $cur == -*=* ]]; then\n"
    "        option=${cur%%=*} value=${cur#*=}\n"
    "        before=$option=\n"
    "    elif ((i > 1)) && [[ ${COMP_WORDS[i-1]} == -* ]]; then\n"
    "        option=${COMP_WORDS[i-1]} value=$cur\n"
    "    fi\n"
    "    option=${option#-}\n"
    "    case ${option#-} in\n";

static const char bash_tail[] =
    "    *)\n"
    "        if [[ $cur != -* ]]; then\n"
    "            files=1\n"
    "        elif [[ $cur == --* ]]; then\n"
    "            words='%s'\n"
    "        else\n"
    "            words='%s'\n"
    "        fi\n"
    "        _reprise_offer '' \"$cur\" \"$kept\"\n"
    "        return\n"
    "        ;;\n"
    "    esac\n"
    "    if [[ -n $sinks && $value == @(file|unix):* ]]; then\n"
    "        before+=${value%%%%:*}: value=${value#*:} words= files=1\n"
    "    fi\n"
    "    _reprise_offer \"$before\" \"$value\" \"$kept\"\n"
    "}\n"
    "complete -F _reprise reprise\n";

static void bash_option(struct buf *out, const struct option *row)
{
    struct values v;

    if (row->arg == NULL)
        return;
    values_of(row, &v);
    add(out, "    %s) words='%s'%s%s ;;\n", option_word(row),
        v.words[0] != '\0' ? v.words + 1 : "", v.files ? " files=1" : "",
        v.sinks ? " sinks=1" : "");
}

static void complete_bash(struct buf *out)
{
    char words[2][1024] = { "", "" };

    add(out, "%s", bash_head);
    for (unsigned i = 0; i < option_count; i++) {
        for (unsigned dashes = 0; dashes < 2; dashes++) {
            size_t used = strlen(words[dashes]);

            snprintf(words[dashes] + used, sizeof words[dashes] - used, "%s%s%s",
                     i > 0 ? " " : "", dashes == 0 ? "--" : "-", option_word(&option_rows[i]));
        }
        bash_option(out, &option_rows[i]);
    }
    add(out, bash_tail, words[0], words[1]);
}

/* --- zsh and fish -------------------------------------------------------- */

/* The help of an option up to its first pause, for a list of them, with a
 * backslash before each of `special`. */
static void add_text(struct buf *out, const char *text, const char *special)
{
    size_t len = strcspn(text, ";");

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'')
            add(out, "'\\''");
        else if (strchr(special, text[i]) != NULL)
            add(out, "\\%c", text[i]);
        else
            buf_add(out, &text[i], 1);
    }
}

static const char zsh_head[] =
    "#compdef reprise\n"
    "# zsh completion for reprise, made by 'reprise --completion zsh'\n"
    "\n"
    "# Words that a value may be; one that ends with : or = goes on, with the\n"
    "# name of a file where the first argument is 1.\n"
    "_reprise_value()\n"
    "{\n"
    "    local files=$1 word\n"
    "    shift\n"
    "    if [[ $files == 1 ]] && compset -P '(file|unix):'; then\n"
    "        _files\n"
    "        return\n"
    "    fi\n"
    "    for word in $@; do\n"
    "        case $word in\n"
    "        *[:=]) compadd -S '' -- $word ;;\n"
    "        *) compadd -- $word ;;\n"
    "        esac\n"
    "    done\n"
    "}\n"
    "\n"
    "_arguments \\\n";

static void zsh_option(struct buf *out, const struct option *row)
{
    const char *word = option_word(row);
    struct values v;

    /* Options that may be given again have a star. */
    if (row->repeat == REPEAT_LAST && row->section != SECTION_OTHER)
        add(out, "    '(-%s --%s)'{-,--}'%s%s[", word, word, word, row->arg != NULL ? "=" : "");
    else
        add(out, "    '*'{-,--}'%s%s[", word, row->arg != NULL ? "=" : "");
    add_text(out, row->help, "[]:\\");
    add(out, "]");
    if (row->arg != NULL) {
        values_of(row, &v);
        add(out, ":");
        add_text(out, row->arg, "[]:\\");
        add(out, ":");
        if (v.files)
            add(out, "_files");
        else if (v.words[0] != '\0') {
            add(out, " _reprise_value %d", v.sinks);
            add_text(out, v.words, ":");
        }
    }
    add(out, "' \\\n");
}

static void complete_zsh(struct buf *out)
{
    add(out, "%s", zsh_head);
    for (unsigned i = 0; i < option_count; i++)
        zsh_option(out, &option_rows[i]);
    add(out, "    '*:disk image:_files'\n");
}

static void complete_fish(struct buf *out)
{
    struct values v;

    add(out, "# fish completion for reprise, made by 'reprise --completion fish'\n");
    for (unsigned i = 0; i < option_count; i++) {
        const struct option *row = &option_rows[i];

        values_of(row, &v);
        add(out, "complete -c reprise -o %s -l %s", option_word(row), option_word(row));
        if (row->arg != NULL)
            add(out, v.files || v.sinks ? " -r" : " -x");
        if (v.words[0] != '\0')
            add(out, " -a '%s'", v.words + 1);
        add(out, " -d '");
        add_text(out, row->help, "\\");
        add(out, "'\n");
    }
}

/* --- all of them --------------------------------------------------------- */

static const struct {
    const char *name;
    void (*script)(struct buf *out);
} shells[] = {
    { "bash", complete_bash }, { "zsh", complete_zsh }, { "fish", complete_fish },
};

int complete_check(const char *shell, struct err *err)
{
    for (unsigned i = 0; i < ARRAY_LEN(shells); i++)
        if (strcmp(shell, shells[i].name) == 0)
            return 0;
    err_set(err, "'%.40s' is none of bash, zsh and fish", shell);
    return -1;
}

void complete_script(const char *shell, struct buf *out)
{
    for (unsigned i = 0; i < ARRAY_LEN(shells); i++)
        if (strcmp(shell, shells[i].name) == 0)
            shells[i].script(out);
}

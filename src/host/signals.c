/* Requests to end, through signalfd(2). */
#include "config.h"

#include "host/signals.h"

#include <stdbool.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* nohup(1) asks that a hang-up be ignored. */
static bool signals_hup_ignored(void)
{
    struct sigaction sa;

    return sigaction(SIGHUP, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

void signals_open(struct signals *s)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (!signals_hup_ignored())
        sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, &s->before);
    s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->fd < 0)
        sigprocmask(SIG_SETMASK, &s->before, NULL); /* they end us at once */
}

void signals_close(struct signals *s)
{
    if (s->fd < 0)
        return;
    close(s->fd);
    s->fd = -1;
    sigprocmask(SIG_SETMASK, &s->before, NULL);
}

int signals_take(struct signals *s)
{
    struct signalfd_siginfo info;

    if (s->fd < 0 || read(s->fd, &info, sizeof info) != sizeof info)
        return 0;
    return (int) info.ssi_signo;
}

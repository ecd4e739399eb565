/* Exit codes of the program; scripts rely on them. */
#ifndef CTL_EXIT_H
#define CTL_EXIT_H

enum ctl_exit {
    CTL_OK = 0,       /* ended as asked */
    CTL_USAGE = 1,    /* the command line, or not in this build */
    CTL_MEDIA = 2,    /* bad media or file */
    CTL_GUEST = 3,    /* the guest ended otherwise */
    CTL_MISMATCH = 4, /* replay or test */
    CTL_HOST = 5,     /* the host failed us: full disk, no memory */
    CTL_TEST = 64,    /* and up: the guest's exit port */
    CTL_TIMEOUT = 124,
    CTL_SIGNAL = 128, /* plus its number */
};

#endif

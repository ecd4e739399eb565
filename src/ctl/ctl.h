/* The program: from the command line to the exit code. */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include "ctl/media.h"

int ctl_main(int argc, char **argv, const struct media_demo *demo);

#endif

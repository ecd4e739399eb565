/* Wiring: the program and the disk that is built into it. */
#include "config.h"

#if __has_include("images/demo.h")
#include "images/demo.h"
#define HAVE_DEMO 1
#else
#define HAVE_DEMO 0
#endif

#include "ctl/ctl.h"

int main(int argc, char **argv)
{
#if HAVE_DEMO
    struct media_demo demo = { reprise_demo_disk, reprise_demo_disk_size };
#else
    struct media_demo demo = { NULL, 0 };
#endif

    return ctl_main(argc, argv, &demo);
}

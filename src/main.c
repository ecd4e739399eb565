/* Wiring: the program and the disk that is built into it. */
#include "config.h"

#include "ctl/ctl.h"
#include "images/demo.h"

int main(int argc, char **argv)
{
    struct media_demo demo = { reprise_demo_disk, reprise_demo_disk_size };

    return ctl_main(argc, argv, &demo);
}

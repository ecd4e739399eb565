/* The program with the machine made for tests, and a blank disk built in. */
#include "config.h"

#include "ctl/ctl.h"

int main(int argc, char **argv)
{
    static const uint8_t disk[1474560];
    struct media_demo demo = { disk, sizeof disk };

    return ctl_main(argc, argv, &demo);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "server/command.h"
#include "server/options.h"

static const struct options options = {
    .command = "version",
    .about = "Prints the version on standard output.",
    .example = "  sparkward version\n",
};

int cmd_version(int argc, char **argv)
{
    size_t operands;
    switch (options_parse(&options, argc, argv, NULL, &operands)) {
    case OPTIONS_HELPED:
        return 0;
    case OPTIONS_WRONG:
        return EXIT_USAGE;
    case OPTIONS_READY:
        break;
    }
    printf("sparkward %s\n", SPARKWARD_VERSION);
    return 0;
}

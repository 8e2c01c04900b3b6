/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "server/command.h"
#include "server/options.h"

static const struct options options = {
    .command = "version",
    .about = "Prints the version on standard output.",
    .example = "  sparkward version\n",
};

static int print(void *out, char **operands, size_t count)
{
    (void)out;
    (void)operands;
    (void)count;
    printf("sparkward %s\n", SPARKWARD_VERSION);
    return 0;
}

int cmd_version(int argc, char **argv)
{
    return options_run(&options, argc, argv, NULL, print);
}

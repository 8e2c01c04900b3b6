/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/json.h"
#include "server/command.h"
#include "server/options.h"
#include "webhook/mutate.h"

int main(int argc, char **argv)
{
    json_init();
    if (!mutate_init()) {
        (void)fprintf(stderr, "sparkward: out of memory\n");
        return EXIT_USAGE;
    }
    int code = command_run(argc, argv);
    /* Output that was lost, on a full disk perhaps, must not look like success. */
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        perror("sparkward: standard output");
        return EXIT_USAGE;
    }
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/json.h"
#include "server/command.h"
#include "server/options.h"
#include "webhook/mutate.h"

/* A standard stream that is closed would be the number of the next file or socket. */
static void open_standard_streams(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) {
        (void)close(fd);
    }
}

int main(int argc, char **argv)
{
    open_standard_streams();
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

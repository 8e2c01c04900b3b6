/* SPDX-License-Identifier: Apache-2.0 */
/* The first process of a pod: holds its namespaces, and reaps. */
#include <signal.h>
#include <unistd.h>

static void end(int signal)
{
    (void)signal;
    _exit(0);
}

int main(void)
{
    struct sigaction ending = {.sa_handler = end};
    struct sigaction reaping = {.sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT};
    (void)sigaction(SIGTERM, &ending, NULL);
    (void)sigaction(SIGINT, &ending, NULL);
    (void)sigaction(SIGCHLD, &reaping, NULL);
    for (;;) {
        (void)pause();
    }
}

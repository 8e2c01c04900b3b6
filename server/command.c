/* SPDX-License-Identifier: Apache-2.0 */
#include "server/command.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "server/options.h"

static const struct command commands[] = {
    {"serve", "answer the API server's admission reviews", cmd_serve},
    {"check", "find the mistakes in policy files", cmd_check},
    {"apply", "show what the policies would do to pods", cmd_apply},
    {"certs", "make a CA and a serving certificate", cmd_certs},
    {"version", "print the version", cmd_version},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *to)
{
    (void)fprintf(to, "Usage: sparkward COMMAND [FLAGS]\n\n"
                      "Keeps Apache Spark on Kubernetes alive.\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        (void)fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    }
    (void)fprintf(to, "\n'sparkward COMMAND --help' explains a command.\n\n"
                      "Example:\n  sparkward check policies/\n");
}

static int unknown_command(const char *name)
{
    struct nearest nearest = {.typed = name};
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        nearest_try(&nearest, commands[i].name);
    }
    (void)fprintf(stderr, "sparkward: unknown command \"%s\"", name);
    if (nearest.name != NULL) {
        (void)fprintf(stderr, "; did you mean \"%s\"?", nearest.name);
    } else {
        for (size_t i = 0; i < COMMAND_COUNT; i++) {
            (void)fprintf(stderr, "%s%s", i == 0 ? "; there are " : ", ", commands[i].name);
        }
    }
    (void)fprintf(stderr, "\nTry 'sparkward --help'.\n");
    return EXIT_USAGE;
}

int command_run(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    return unknown_command(name);
}

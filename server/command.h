/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - the commands of the program: one file cmd_<name>.c and one table row each.
 *
 * Thread-safety: single-threaded; a command may start threads and must end them.
 */
#ifndef SERVER_COMMAND_H
#define SERVER_COMMAND_H

struct command {
    const char *name;
    const char *summary; /* one line of `sparkward --help` */
    /* @argv[0] is the command's name. Returns the exit code of the program. */
    int (*run)(int argc, char **argv);
};

int cmd_serve(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_certs(int argc, char **argv);
int cmd_version(int argc, char **argv);

/* What main() does: finds the command and runs it. Returns the exit code. */
int command_run(int argc, char **argv);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - what stands behind a command's name: flags from a table, then operands.
 *
 * A command describes its flags once; parsing, defaults, the environment, help
 * and error messages all come from that table. A flag is written --name VALUE or
 * --name=VALUE, -n VALUE or -nVALUE where it has a letter, or set in the environment as
 * SPARKWARD_NAME; the flag beats the environment, the environment beats the default.
 * "--" ends the flags.
 * Thread-safety: single-threaded; called before threads.
 */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTION_LIST_MAX = 64 };
enum { EXIT_FINDINGS = 1, EXIT_USAGE = 2 };

/* What the value is, and the type of the member it is stored in. */
enum option_kind {
    OPTION_SWITCH,   /* bool; takes no value */
    OPTION_TEXT,     /* const char * */
    OPTION_LIST,     /* struct option_list; the flag may be repeated */
    OPTION_COUNT,    /* size_t; a whole number between min and max */
    OPTION_SIZE,     /* size_t; bytes as a Kubernetes quantity, between min and max */
    OPTION_DURATION, /* int64_t; milliseconds, written like 10s, between min and max */
};

struct option_list {
    const char *items[OPTION_LIST_MAX];
    size_t count;
    char *owned; /* items of the environment point in here */
};

struct option {
    const char *name;  /* without the dashes */
    const char *value; /* how help names the value; NULL for a switch */
    const char *help;
    size_t offset;        /* of the member in the command's struct */
    const char *fallback; /* the default as a user would write it, or NULL */
    uint64_t min, max;    /* of COUNT, SIZE and DURATION; max 0: no bound */
    enum option_kind kind;
    char separator; /* between items of a LIST in the environment */
    char letter;    /* of its short form -p, or 0 */
};

/* A command line to be read. */
struct options {
    const char *command;  /* "serve" */
    const char *operands; /* how help names them, "FILE|DIR..."; NULL: none are allowed */
    const char *about;    /* one paragraph */
    const char *example;  /* one or more whole lines */
    const struct option *table;
    size_t count;
};

enum options_result {
    OPTIONS_READY,
    OPTIONS_HELPED, /* --help was answered on standard output: exit 0 */
    OPTIONS_WRONG,  /* the mistake was named on standard error: exit EXIT_USAGE */
};

/*
 * Fills the struct at @out, which the table's offsets describe. @argv[0] is the command's name;
 * operands are moved to the front of @argv and counted in @out_operands. Texts are borrowed
 * from @argv and the environment. Release with options_finish(), whatever the result.
 */
enum options_result options_parse(const struct options *options, int argc, char **argv, void *out,
                                  size_t *out_operands);
void options_finish(const struct options *options, void *out);

/*
 * The body of a command: reads the command line into the struct at @out (NULL when the table is
 * empty) and calls @run with it and the operands. Returns the exit code.
 */
int options_run(const struct options *options, int argc, char **argv, void *out,
                int (*run)(void *out, char **operands, size_t count));

/* A mistake the table cannot see: prints it like the others, returns EXIT_USAGE. */
int options_error(const struct options *options, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif

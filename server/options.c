/* SPDX-License-Identifier: Apache-2.0 */
#include "server/options.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "core/nearest.h"
#include "core/quantity.h"

enum { NAME_MAX_LEN = 63 };

static void *member(void *out, const struct option *o)
{
    return (char *)out + o->offset;
}

__attribute__((format(printf, 2, 0))) static int complain(const struct options *options,
                                                          const char *fmt, va_list args)
{
    (void)fprintf(stderr, "sparkward %s: ", options->command);
    (void)vfprintf(stderr, fmt, args);
    (void)fprintf(stderr, "\nTry 'sparkward %s --help'.\n", options->command);
    return EXIT_USAGE;
}

int options_error(const struct options *options, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int code = complain(options, fmt, args);
    va_end(args);
    return code;
}

/* SPARKWARD_TLS_CERT for "tls-cert". */
static void environment_name(const struct option *o, char out[static NAME_MAX_LEN + 1])
{
    (void)snprintf(out, NAME_MAX_LEN + 1, "SPARKWARD_%s", o->name);
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '-') {
            *c = '_';
        } else if (*c >= 'a' && *c <= 'z') {
            *c = (char)(*c - 'a' + 'A');
        }
    }
}

static const char *placeholder(const struct option *o)
{
    return o->value == NULL ? "" : o->value;
}

static void print_help(const struct options *options)
{
    printf("Usage: sparkward %s [FLAGS]%s%s\n\n%s\n", options->command,
           options->operands == NULL ? "" : " ", options->operands == NULL ? "" : options->operands,
           options->about);
    if (options->count > 0) {
        printf("\nFlags:\n");
    }
    for (size_t i = 0; i < options->count; i++) {
        const struct option *o = &options->table[i];
        char left[NAME_MAX_LEN + 1];
        char letter[] = {'-', o->letter, ',', ' ', '\0'};
        (void)snprintf(left, sizeof(left), "%s--%s %s", o->letter == '\0' ? "" : letter, o->name,
                       placeholder(o));
        printf("  %-26s %s", left, o->help);
        if (o->fallback != NULL) {
            printf(" (default %s)", o->fallback);
        }
        printf("%s\n", o->kind == OPTION_LIST ? " (repeatable)" : "");
    }
    printf("  %-26s %s\n", "--help", "this text");
    if (options->count > 0) {
        char name[NAME_MAX_LEN + 1];
        environment_name(&options->table[0], name);
        printf("\nEvery flag can also be set in the environment: --%s as %s.\n",
               options->table[0].name, name);
    }
    printf("\nExample:\n%s", options->example);
}

static bool in_bounds(const struct option *o, uint64_t n)
{
    return n >= o->min && (o->max == 0 || n <= o->max);
}

static bool parse_count(const char *text, uint64_t *out)
{
    uint64_t n = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (!isdigit((unsigned char)*text) || n > (UINT64_MAX - 9) / 10) {
            return false;
        }
        n = n * 10 + (uint64_t)(*text - '0');
    }
    *out = n;
    return true;
}

static bool parse_size(const char *text, uint64_t *out)
{
    enum { NANO = 1000000000 };
    struct quantity q;
    if (!quantity_parse(text, &q) || q.nano < 0 || q.nano % NANO != 0) {
        return false;
    }
    *out = (uint64_t)(q.nano / NANO);
    return true;
}

static bool parse_duration(const char *text, uint64_t *out)
{
    int64_t ms;
    if (!duration_parse(text, &ms) || ms < 0) {
        return false;
    }
    *out = (uint64_t)ms;
    return true;
}

static bool store_number(const struct option *o, const char *text, void *out)
{
    uint64_t n = 0;
    bool ok = o->kind == OPTION_COUNT  ? parse_count(text, &n)
              : o->kind == OPTION_SIZE ? parse_size(text, &n)
                                       : parse_duration(text, &n);
    if (!ok || !in_bounds(o, n)) {
        return false;
    }
    if (o->kind == OPTION_DURATION) {
        *(int64_t *)member(out, o) = (int64_t)n;
    } else {
        *(size_t *)member(out, o) = (size_t)n;
    }
    return true;
}

static bool store_switch(const struct option *o, const char *text, void *out)
{
    bool on = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    bool off = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    if (!on && !off) {
        return false;
    }
    *(bool *)member(out, o) = on;
    return true;
}

static bool store_item(const struct option *o, const char *text, void *out)
{
    struct option_list *list = member(out, o);
    if (list->count == OPTION_LIST_MAX || *text == '\0') {
        return false;
    }
    list->items[list->count++] = text;
    return true;
}

/* @text must live as long as the struct. */
static bool store(const struct option *o, const char *text, void *out)
{
    switch (o->kind) {
    case OPTION_SWITCH:
        return store_switch(o, text, out);
    case OPTION_TEXT:
        *(const char **)member(out, o) = text;
        return true;
    case OPTION_LIST:
        return store_item(o, text, out);
    case OPTION_COUNT:
    case OPTION_SIZE:
    case OPTION_DURATION:
        return store_number(o, text, out);
    }
    return false;
}

/* What a value of this kind looks like, for messages. */
static const char *expectation(const struct option *o)
{
    switch (o->kind) {
    case OPTION_SWITCH:
        return "true or false";
    case OPTION_TEXT:
        return "a text";
    case OPTION_LIST:
        return "a name, at most 64 of them";
    case OPTION_COUNT:
        return "a whole number";
    case OPTION_SIZE:
        return "a size such as 7Mi";
    case OPTION_DURATION:
        return "a duration such as 10s or 1m30s";
    }
    return "";
}

static void bounds_text(const struct option *o, char *out, size_t size)
{
    const char *unit = o->kind == OPTION_DURATION ? " ms" : o->kind == OPTION_SIZE ? " bytes" : "";
    out[0] = '\0';
    if (o->max == 0 && o->min > 0) {
        (void)snprintf(out, size, ", at least %" PRIu64 "%s", o->min,
                       o->kind == OPTION_SIZE && o->min == 1 ? " byte" : unit);
    } else if (o->max != 0) {
        (void)snprintf(out, size, " between %" PRIu64 " and %" PRIu64 "%s", o->min, o->max, unit);
    }
}

/* @where: the flag or variable, as the user wrote it. */
static bool store_or_say(const struct options *options, const struct option *o, const char *where,
                         const char *text, void *out)
{
    if (store(o, text, out)) {
        return true;
    }
    char bounds[96];
    bounds_text(o, bounds, sizeof(bounds));
    (void)options_error(options, "%s: \"%s\" is not %s%s", where, text, expectation(o), bounds);
    return false;
}

static bool store_environment_list(const struct options *options, const struct option *o,
                                   const char *where, const char *text, void *out)
{
    struct option_list *list = member(out, o);
    list->owned = strdup(text);
    if (list->owned == NULL) {
        (void)options_error(options, "out of memory");
        return false;
    }
    for (char *item = list->owned; item != NULL;) {
        char *end = strchr(item, o->separator);
        if (end != NULL) {
            *end = '\0';
        }
        if (*item == '\0') {
            (void)options_error(options, "%s: \"%s\" has an empty item: a '%c' too many", where,
                                text, o->separator);
            return false;
        }
        if (!store_or_say(options, o, where, item, out)) {
            return false;
        }
        item = end == NULL ? NULL : end + 1;
    }
    return true;
}

/* For a flag that was not given: the environment, then the default. */
static bool fill_in(const struct options *options, const struct option *o, void *out)
{
    char name[NAME_MAX_LEN + 1];
    environment_name(o, name);
    const char *text = getenv(name);
    if (text == NULL || *text == '\0') {
        return o->fallback == NULL || store_or_say(options, o, o->name, o->fallback, out);
    }
    if (o->kind == OPTION_LIST) {
        return store_environment_list(options, o, name, text, out);
    }
    return store_or_say(options, o, name, text, out);
}

static size_t find(const struct options *options, const char *name, size_t len)
{
    for (size_t i = 0; i < options->count; i++) {
        const char *candidate = options->table[i].name;
        if (strlen(candidate) == len && memcmp(candidate, name, len) == 0) {
            return i;
        }
    }
    return options->count;
}

static bool unknown_flag(const struct options *options, const char *arg)
{
    char text[NAME_MAX_LEN + 1];
    (void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(arg, "="), arg);
    struct nearest nearest = {.typed = text + 2};
    for (size_t i = 0; arg[1] == '-' && i < options->count; i++) {
        nearest_try(&nearest, options->table[i].name);
    }
    if (nearest.name == NULL) {
        (void)options_error(options, "unknown flag %s", text);
    } else {
        (void)options_error(options, "unknown flag %s; did you mean --%s?", text, nearest.name);
    }
    return false;
}

/* Which flag @arg is; *@out_value is what it brings along, NULL when that is another argument. */
static size_t recognise(const struct options *options, const char *arg, const char **out_value)
{
    if (arg[1] != '-') {
        size_t i = 0;
        while (i < options->count && options->table[i].letter != arg[1]) {
            i++;
        }
        *out_value = arg[2] == '\0' ? NULL : arg + 2;
        return i;
    }
    size_t len = strcspn(arg + 2, "=");
    *out_value = arg[2 + len] == '=' ? arg + 2 + len + 1 : NULL;
    return find(options, arg + 2, len);
}

/* Reads the flag at @argv[*i] and, when it needs one, its value. */
static bool take_flag(const struct options *options, int argc, char **argv, int *i, void *out,
                      uint64_t *given)
{
    const char *value;
    size_t at = recognise(options, argv[*i], &value);
    if (at == options->count) {
        return unknown_flag(options, argv[*i]);
    }
    const struct option *o = &options->table[at];
    if (value == NULL && o->kind == OPTION_SWITCH) {
        value = "true";
    } else if (value == NULL && *i + 1 < argc) {
        value = argv[++*i];
    }
    if (value == NULL) {
        (void)options_error(options, "--%s needs a value: %s", o->name, placeholder(o));
        return false;
    }
    *given |= UINT64_C(1) << at;
    char where[NAME_MAX_LEN + 3];
    (void)snprintf(where, sizeof(where), "--%s", o->name);
    return store_or_say(options, o, where, value, out);
}

/* A dash alone is an operand: standard input. */
static bool is_flag(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

enum options_result options_parse(const struct options *options, int argc, char **argv, void *out,
                                  size_t *out_operands)
{
    uint64_t given = 0; /* bit i: table[i] stands on the command line */
    size_t operands = 0;
    bool flags = true;
    for (int i = 1; i < argc; i++) {
        if (flags && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            print_help(options);
            return OPTIONS_HELPED;
        }
        if (flags && strcmp(argv[i], "--") == 0) {
            flags = false;
        } else if (flags && is_flag(argv[i])) {
            if (!take_flag(options, argc, argv, &i, out, &given)) {
                return OPTIONS_WRONG;
            }
        } else if (options->operands == NULL) {
            (void)options_error(options, "unexpected argument \"%s\"", argv[i]);
            return OPTIONS_WRONG;
        } else {
            argv[operands++] = argv[i];
        }
    }
    for (size_t i = 0; i < options->count; i++) {
        bool is_given = (given & UINT64_C(1) << i) != 0;
        if (!is_given && !fill_in(options, &options->table[i], out)) {
            return OPTIONS_WRONG;
        }
    }
    *out_operands = operands;
    return OPTIONS_READY;
}

void options_finish(const struct options *options, void *out)
{
    for (size_t i = 0; i < options->count; i++) {
        if (options->table[i].kind == OPTION_LIST) {
            struct option_list *list = member(out, &options->table[i]);
            free(list->owned);
            *list = (struct option_list){.count = 0};
        }
    }
}

int options_run(const struct options *options, int argc, char **argv, void *out,
                int (*run)(void *out, char **operands, size_t count))
{
    size_t operands = 0;
    int code = EXIT_USAGE;
    switch (options_parse(options, argc, argv, out, &operands)) {
    case OPTIONS_HELPED:
        code = 0;
        break;
    case OPTIONS_WRONG:
        break;
    case OPTIONS_READY:
        code = run(out, argv, operands);
        break;
    }
    options_finish(options, out);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include "server/options.h"
#include "table.h"

struct values {
    bool verbose;
    const char *text;
    struct option_list list;
    size_t count;
    size_t size;
    int64_t wait_ms;
};

static const struct option table[] = {
    {.name = "verbose",
     .kind = OPTION_SWITCH,
     .help = "says more",
     .offset = offsetof(struct values, verbose)},
    {.name = "tls-text",
     .kind = OPTION_TEXT,
     .value = "TEXT",
     .help = "a text",
     .offset = offsetof(struct values, text),
     .fallback = "some",
     .letter = 't'},
    {.name = "path",
     .kind = OPTION_LIST,
     .value = "PATH",
     .help = "a path",
     .offset = offsetof(struct values, list),
     .separator = ':',
     .letter = 'p'},
    {.name = "count",
     .kind = OPTION_COUNT,
     .value = "N",
     .help = "a number",
     .offset = offsetof(struct values, count),
     .fallback = "3",
     .min = 1,
     .max = 10},
    {.name = "size",
     .kind = OPTION_SIZE,
     .value = "SIZE",
     .help = "bytes",
     .offset = offsetof(struct values, size),
     .fallback = "7Mi",
     .min = 1,
     .max = 1 << 25},
    {.name = "wait",
     .kind = OPTION_DURATION,
     .value = "TIME",
     .help = "time",
     .offset = offsetof(struct values, wait_ms),
     .fallback = "10s",
     .max = 60000},
};

static const struct options options = {
    .command = "try",
    .operands = "FILE...",
    .about = "Tries things.",
    .example = "  sparkward try x\n",
    .table = table,
    .count = COUNT(table),
};

static struct values v;
static size_t operands;
static char *words[16];

/* Splits @line at spaces, as a shell would; "" stands for an empty argument. */
static enum options_result parse(const struct options *o, const char *line)
{
    static char copy[256];
    int argc = 0;
    v = (struct values){.text = NULL};
    (void)snprintf(copy, sizeof(copy), "%s", line);
    for (char *at = copy; at != NULL;) {
        char *space = strchr(at, ' ');
        if (space != NULL) {
            *space = '\0';
        }
        words[argc++] = strcmp(at, "\"\"") == 0 ? at + 2 : at;
        at = space == NULL ? NULL : space + 1;
    }
    return options_parse(o, argc, words, &v, &operands);
}

static void redirect(void)
{
    cr_redirect_stderr();
    cr_redirect_stdout();
}

TestSuite(options, .timeout = 20, .init = redirect);

Test(options, defaults)
{
    cr_assert_eq(parse(&options, "try"), OPTIONS_READY);
    cr_assert_not(v.verbose);
    cr_assert_str_eq(v.text, "some");
    cr_assert_eq(v.list.count, 0);
    cr_assert_eq(v.count, 3);
    cr_assert_eq(v.size, (size_t)7 * 1024 * 1024);
    cr_assert_eq(v.wait_ms, 10000);
    cr_assert_eq(operands, 0);
}

Test(options, both_ways_to_write_a_value)
{
    cr_assert_eq(parse(&options, "try --count 7 --size=1Ki --tls-text= --verbose --wait 1m"),
                 OPTIONS_READY);
    cr_assert_eq(v.count, 7);
    cr_assert_eq(v.size, 1024);
    cr_assert_str_eq(v.text, "");
    cr_assert(v.verbose);
    cr_assert_eq(v.wait_ms, 60000);
}

Test(options, lists_keep_their_order_and_operands_come_first)
{
    cr_assert_eq(parse(&options, "try one --path a two --path=b:c -- --path"), OPTIONS_READY);
    cr_assert_eq(v.list.count, 2);
    cr_assert_str_eq(v.list.items[0], "a");
    cr_assert_str_eq(v.list.items[1], "b:c");
    cr_assert_eq(operands, 3);
    cr_assert_str_eq(words[0], "one");
    cr_assert_str_eq(words[1], "two");
    cr_assert_str_eq(words[2], "--path");
}

Test(options, letters)
{
    cr_assert_eq(parse(&options, "try -t x -pa -p b -"), OPTIONS_READY);
    cr_assert_str_eq(v.text, "x");
    cr_assert_eq(v.list.count, 2);
    cr_assert_str_eq(v.list.items[0], "a");
    cr_assert_eq(operands, 1);
    cr_assert_str_eq(words[0], "-");
    cr_assert_eq(parse(&options, "try -z"), OPTIONS_WRONG);
}

Test(options, the_environment_beats_the_default_and_is_beaten_by_the_flag)
{
    (void)setenv("SPARKWARD_TLS_TEXT", "from environment", 1);
    (void)setenv("SPARKWARD_COUNT", "9", 1);
    (void)setenv("SPARKWARD_PATH", "x:y:z", 1);
    (void)setenv("SPARKWARD_VERBOSE", "true", 1);
    cr_assert_eq(parse(&options, "try --count 2"), OPTIONS_READY);
    cr_assert_str_eq(v.text, "from environment");
    cr_assert_eq(v.count, 2);
    cr_assert(v.verbose);
    cr_assert_eq(v.list.count, 3);
    cr_assert_str_eq(v.list.items[2], "z");
    options_finish(&options, &v);
    cr_assert_eq(parse(&options, "try --path only"), OPTIONS_READY);
    cr_assert_eq(v.list.count, 1);
    options_finish(&options, &v);
}

Test(options, an_empty_variable_is_none)
{
    (void)setenv("SPARKWARD_COUNT", "", 1);
    cr_assert_eq(parse(&options, "try"), OPTIONS_READY);
    cr_assert_eq(v.count, 3);
}

static const char *const mistakes[] = {
    "try --nothing",   "try --count",     "try --count 0",    "try --count 11",
    "try --count -1",  "try --count 1x",  "try --count \"\"", "try --count 99999999999999999999999",
    "try --size 1.5n", "try --size -1",   "try --size 64Mi",  "try --size x",
    "try --wait 10",   "try --wait 2m",   "try --wait -1s",   "try --verbose=maybe",
    "try --path \"\"", "try --count=1=2",
};

static void mistake_row(size_t i)
{
    cr_expect_eq(parse(&options, mistakes[i]), OPTIONS_WRONG, "%s", mistakes[i]);
}

Test(options, mistake)
{
    table_run(COUNT(mistakes), mistake_row);
}

Test(options, a_bad_variable_is_named)
{
    (void)setenv("SPARKWARD_COUNT", "many", 1);
    cr_assert_eq(parse(&options, "try"), OPTIONS_WRONG);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str(
        "sparkward try: SPARKWARD_COUNT: \"many\" is not a whole number between 1 and 10\n"
        "Try 'sparkward try --help'.\n");
}

Test(options, a_lower_bound_alone_is_named)
{
    struct option least[COUNT(table)];
    struct options o = options;
    memcpy(least, table, sizeof(table));
    least[4].max = 0;
    o.table = least;
    cr_assert_eq(parse(&o, "try --size 0"), OPTIONS_WRONG);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str(
        "sparkward try: --size: \"0\" is not a size such as 7Mi, at least 1 byte\n"
        "Try 'sparkward try --help'.\n");
}

Test(options, an_empty_item_of_a_variable_is_named)
{
    (void)setenv("SPARKWARD_PATH", "x:", 1);
    cr_assert_eq(parse(&options, "try"), OPTIONS_WRONG);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("sparkward try: SPARKWARD_PATH: \"x:\" has an empty item: a ':' too "
                            "many\n"
                            "Try 'sparkward try --help'.\n");
    options_finish(&options, &v);
}

Test(options, the_nearest_flag_is_named)
{
    cr_assert_eq(parse(&options, "try --tsl-text=x"), OPTIONS_WRONG);
    (void)fflush(stderr);
    cr_assert_stderr_eq_str("sparkward try: unknown flag --tsl-text; did you mean --tls-text?\n"
                            "Try 'sparkward try --help'.\n");
}

Test(options, a_command_without_operands_takes_none)
{
    struct options none = options;
    none.operands = NULL;
    cr_assert_eq(parse(&none, "try x"), OPTIONS_WRONG);
}

Test(options, too_many_items)
{
    static char name[] = "try";
    static char flag[] = "--path=x";
    char *argv[1 + OPTION_LIST_MAX + 1];
    int argc = 0;
    argv[argc++] = name;
    for (size_t i = 0; i <= OPTION_LIST_MAX; i++) {
        argv[argc++] = flag;
    }
    v = (struct values){.text = NULL};
    cr_assert_eq(options_parse(&options, argc, argv, &v, &operands), OPTIONS_WRONG);
}

Test(options, help_wins_over_mistakes_behind_it)
{
    cr_assert_eq(parse(&options, "try --help --nothing"), OPTIONS_HELPED);
}

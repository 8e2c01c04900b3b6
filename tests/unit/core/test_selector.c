/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/selector.h"
#include "table.h"

TestSuite(selector, .timeout = 20);

/* A requirement as the tables write it; the list of values ends with NULL. */
struct row {
    const char *key;
    enum selector_operator op;
    const char *values[3];
};

enum { ROWS_MAX = 3 };

struct rows {
    struct row row[ROWS_MAX]; /* the list ends with a key of NULL */
};

struct built {
    struct selector_requirement requirements[ROWS_MAX];
    struct selector selector;
};

static void build(const struct rows *rows, struct built *out)
{
    size_t n = 0;
    for (; n < ROWS_MAX && rows->row[n].key != NULL; n++) {
        const struct row *from = &rows->row[n];
        struct selector_requirement *to = &out->requirements[n];
        *to = (struct selector_requirement){.key = from->key, .values = from->values};
        to->operator= from->op;
        while (to->value_count < COUNT(from->values) && from->values[to->value_count] != NULL) {
            to->value_count++;
        }
    }
    out->selector = (struct selector){.requirements = out->requirements, .requirement_count = n};
}

/* clang-format off */
#define IN(k, ...) {(k), SELECTOR_IN, {__VA_ARGS__}}
#define NOT_IN(k, ...) {(k), SELECTOR_NOT_IN, {__VA_ARGS__}}
#define EXISTS(k) {(k), SELECTOR_EXISTS, {NULL}}
#define NOT_EXISTS(k) {(k), SELECTOR_NOT_EXISTS, {NULL}}
/* clang-format on */

static const struct {
    struct rows rows;
    const char *labels; /* NULL: no labels at all */
    bool want;
} match_cases[] = {
    {{{{NULL}}}, NULL, true},
    {{{{NULL}}}, "{\"a\": \"1\"}", true},
    {{{IN("a", "1")}}, "{\"a\": \"1\"}", true},
    {{{IN("a", "1")}}, "{\"b\": \"2\", \"a\": \"1\"}", true},
    {{{IN("a", "1")}}, "{\"a\": \"2\"}", false},
    {{{IN("a", "1")}}, "{\"A\": \"1\"}", false},
    {{{IN("a", "1")}}, "{}", false},
    {{{IN("a", "1")}}, NULL, false},
    {{{IN("a", "")}}, "{\"a\": \"\"}", true},
    {{{IN("a", "")}}, "{}", false},
    {{{IN("a", "1", "2")}}, "{\"a\": \"2\"}", true},
    {{{IN("a", "1", "2")}}, "{\"a\": \"12\"}", false},
    {{{NOT_IN("a", "1", "2")}}, "{\"a\": \"2\"}", false},
    {{{NOT_IN("a", "1", "2")}}, "{\"a\": \"3\"}", true},
    {{{NOT_IN("a", "1")}}, "{}", true},
    {{{NOT_IN("a", "1")}}, NULL, true},
    {{{EXISTS("a")}}, "{\"a\": \"\"}", true},
    {{{EXISTS("a")}}, "{\"b\": \"1\"}", false},
    {{{EXISTS("a")}}, NULL, false},
    {{{NOT_EXISTS("a")}}, "{\"a\": \"\"}", false},
    {{{NOT_EXISTS("a")}}, "{\"b\": \"1\"}", true},
    {{{NOT_EXISTS("a")}}, NULL, true},
    {{{IN("a", "1"), EXISTS("b")}}, "{\"a\": \"1\", \"b\": \"x\"}", true},
    {{{IN("a", "1"), EXISTS("b")}}, "{\"a\": \"1\"}", false},
    {{{EXISTS("b"), IN("a", "1")}}, "{\"b\": \"x\"}", false},
    {{{IN("a", "1"), NOT_IN("b", "x"), NOT_EXISTS("c")}}, "{\"a\": \"1\"}", true},
    {{{IN("a", "1"), NOT_IN("b", "x"), NOT_EXISTS("c")}}, "{\"a\": \"1\", \"c\": \"\"}", false},
    /* What is no object of strings has no labels. */
    {{{EXISTS("a")}}, "[\"a\"]", false},
    {{{EXISTS("a")}}, "null", false},
    {{{EXISTS("a")}}, "{\"a\": 1}", false},
};

static void match_row(size_t i)
{
    json_init();
    struct arena *a = arena_create(4096, 65536);
    struct json *labels = NULL;
    const char *text = match_cases[i].labels;
    struct err e = {.code = ERR_OK};
    if (text != NULL) {
        cr_expect_eq(json_parse(a, text, strlen(text), NULL, &labels, &e), ERR_OK, "row %zu: %s", i,
                     e.text);
    }
    struct built built;
    build(&match_cases[i].rows, &built);
    cr_expect_eq(selector_matches(&built.selector, labels), match_cases[i].want, "row %zu: %s", i,
                 text == NULL ? "no labels" : text);
    arena_destroy(a);
}

Test(selector, match)
{
    table_run(COUNT(match_cases), match_row);
}

static const struct {
    struct rows x, y;
    bool want;
} exclude_cases[] = {
    {{{{NULL}}}, {{{NULL}}}, false},
    {{{IN("a", "1")}}, {{{NULL}}}, false},
    {{{IN("a", "1")}}, {{IN("a", "1")}}, false},
    {{{IN("a", "1")}}, {{IN("a", "2")}}, true},
    {{{IN("a", "1")}}, {{IN("b", "2")}}, false},
    {{{IN("a", "1", "2")}}, {{IN("a", "2", "3")}}, false},
    {{{IN("a", "1", "2")}}, {{IN("a", "3", "4")}}, true},
    {{{IN("b", "x"), IN("a", "1")}}, {{IN("c", "x"), IN("a", "2")}}, true},
    {{{EXISTS("a")}}, {{NOT_EXISTS("a")}}, true},
    {{{EXISTS("a")}}, {{NOT_EXISTS("b")}}, false},
    {{{EXISTS("a")}}, {{EXISTS("a")}}, false},
    {{{NOT_EXISTS("a")}}, {{NOT_EXISTS("a")}}, false},
    {{{IN("a", "1")}}, {{NOT_EXISTS("a")}}, true},
    {{{NOT_IN("a", "1")}}, {{NOT_EXISTS("a")}}, false},
    {{{NOT_IN("a", "1")}}, {{EXISTS("a")}}, false},
    {{{NOT_IN("a", "1")}}, {{NOT_IN("a", "2")}}, false},
    {{{IN("a", "1")}}, {{NOT_IN("a", "1")}}, true},
    {{{IN("a", "1", "2")}}, {{NOT_IN("a", "1")}}, false},
    {{{IN("a", "1", "2")}}, {{NOT_IN("a", "1", "2")}}, true},
    {{{IN("a", "1", "2")}}, {{NOT_IN("a", "1"), NOT_IN("a", "2")}}, true},
    {{{IN("a", "1", "2"), NOT_IN("a", "2")}}, {{IN("a", "2", "3")}}, true},
    /* What contradicts itself matches nothing, so nothing beside it either. */
    {{{IN("a", "1"), IN("a", "2")}}, {{{NULL}}}, true},
};

static void exclude_row(size_t i)
{
    struct built x;
    struct built y;
    build(&exclude_cases[i].x, &x);
    build(&exclude_cases[i].y, &y);
    cr_expect_eq(selector_excludes(&x.selector, &y.selector), exclude_cases[i].want, "row %zu", i);
    cr_expect_eq(selector_excludes(&y.selector, &x.selector), exclude_cases[i].want,
                 "row %zu, the other way round", i);
}

Test(selector, exclude)
{
    table_run(COUNT(exclude_cases), exclude_row);
}

#define TEN "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define LONGEST_PREFIX                                                                             \
    SIXTY "." SIXTY "." SIXTY "." SIXTY "."                                                        \
          "abcdefghi"

static const struct {
    const char *text;
    const char *problem; /* a part of the text that tells what is wrong, NULL when valid */
} key_cases[] = {
    {"a", NULL},
    {"9", NULL},
    {"spark-role", NULL},
    {"A.b_c-9", NULL},
    {"a..b", NULL},
    {SIXTY "abc", NULL},
    {SIXTY "abcd", "63"},
    {"", "empty"},
    {"-a", "name must"},
    {"a-", "name must"},
    {"a b", "name must"},
    {"a\xc3\xa9z", "name must"},
    {"karpenter.sh/capacity-type", NULL},
    {"a/b", NULL},
    {"9/b", NULL},
    {"a-b.c/d", NULL},
    {"/b", "prefix before"},
    {"a/", "name is empty"},
    {"a/b/c", "more than one"},
    {"A/b", "DNS"},
    {"a_b/c", "DNS"},
    {"a..b/c", "DNS"},
    {".a/c", "DNS"},
    {"a./c", "DNS"},
    {"-a/c", "DNS"},
    {"a-/c", "DNS"},
    {"a-.b/c", "DNS"},
    {"a.-b/c", "DNS"},
    {LONGEST_PREFIX "/x", NULL},
    {LONGEST_PREFIX "j/x", "253"},
};

static void label_key_row(size_t i)
{
    const char *text = key_cases[i].text;
    const char *problem = label_key_problem(text);
    row_require((problem == NULL) == (key_cases[i].problem == NULL), "\"%s\": %s", text,
                problem == NULL ? "valid" : problem);
    if (problem != NULL) {
        cr_expect_not_null(strstr(problem, key_cases[i].problem), "\"%s\": %s", text, problem);
    }
}

Test(selector, label_key)
{
    table_run(COUNT(key_cases), label_key_row);
}

static const struct {
    const char *text;
    bool valid;
} value_cases[] = {
    {"", true},          {"a", true},           {"9", true},    {"A.b_c-9", true},
    {SIXTY "abc", true}, {SIXTY "abcd", false}, {"-", false},   {"a-", false},
    {".a", false},       {"a/b", false},        {"a b", false}, {"a\n", false},
};

static void label_value_row(size_t i)
{
    cr_expect_eq(label_value_problem(value_cases[i].text) == NULL, value_cases[i].valid, "\"%s\"",
                 value_cases[i].text);
}

Test(selector, label_value)
{
    table_run(COUNT(value_cases), label_value_row);
}

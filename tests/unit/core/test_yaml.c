/* SPDX-License-Identifier: Apache-2.0 */
#include "core/yaml.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "table.h"

static struct arena *arena;

static void setup(void)
{
    json_init();
    arena = arena_create(1 << 16, 64 << 20);
}

static void teardown(void)
{
    arena_destroy(arena);
}

TestSuite(yaml, .init = setup, .fini = teardown, .timeout = 60);

/* Nothing of a row is left to the next. */
static void forget(void)
{
    arena_reset(arena);
}

static struct yaml_node *parse(const char *text)
{
    struct yaml_node *documents = NULL;
    struct err e = {0};
    enum err_code code = yaml_parse(arena, text, strlen(text), &documents, &e);
    cr_assert_eq(code, ERR_OK, "%s: %s", text, e.text);
    return documents;
}

static const char *print_json(const struct json *value)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    json_print(&b, value);
    cr_expect(!b.failed);
    const char *text = arena_strdup(arena, b.failed ? "" : b.text);
    buf_finish(&b);
    return text;
}

/* What text means, as JSON. */
static const struct {
    const char *yaml;
    const char *json;
} meanings[] = {
    {"a: 1", "{\"a\":1}"},
    {"a: b\nc: [d, 'e', \"f\\n\"]", "{\"a\":\"b\",\"c\":[\"d\",\"e\",\"f\\n\"]}"},
    {"- |\n  two\n  lines\n- >-\n  one\n  line\n", "[\"two\\nlines\\n\",\"one line\"]"},
    {"{}", "{}"},
    {"[]", "[]"},
    {"[y, Y, yes, Yes, YES, true, True, TRUE, on, On, ON]",
     "[true,true,true,true,true,true,true,true,true,true,true]"},
    {"[n, N, no, No, NO, false, False, FALSE, off, Off, OFF]",
     "[false,false,false,false,false,false,false,false,false,false,false]"},
    {"[yES, tRUE, oN, nO, nULL]", "[\"yES\",\"tRUE\",\"oN\",\"nO\",\"nULL\"]"},
    {"['y', \"no\", 'null', '1']", "[\"y\",\"no\",\"null\",\"1\"]"},
    {"[~, null, Null, NULL]", "[null,null,null,null]"},
    {"a:\nb: ''", "{\"a\":null,\"b\":\"\"}"},
    {"[0, -0, +5, 12345678901234567890, -7]", "[0,-0,5,12345678901234567890,-7]"},
    {"[9007199254740993, 1.50, 1e3, 1E+3, 1e-3]", "[9007199254740993,1.50,1e3,1e3,1e-3]"},
    {"[0x10, 0XfF, -0x1, 0o17, 0b101, -0b11, 0777, 00]", "[16,255,-1,15,5,-3,511,0]"},
    {"[08, 1_000, 1., .5, -.5e1, 007.5]", "[8,1000,1,0.5,-0.5e1,7.5]"},
    {"[0xffffffffffffffff, -0x8000000000000000]", "[18446744073709551615,-9223372036854775808]"},
    {"[0x1ffffffffffffffff, -0x8000000000000001, 0x, 0b2, 0o8, 0xg]",
     "[\"0x1ffffffffffffffff\",\"-0x8000000000000001\",\"0x\",\"0b2\",\"0o8\",\"0xg\"]"},
    {"[1e999, 1:30, 2027-01-31, 10.0.0.1, 1e, e5, ., -, +, _1, 1_, 0x_1]",
     "[\"1e999\",\"1:30\",\"2027-01-31\",\"10.0.0.1\",\"1e\",\"e5\",\".\",\"-\",\"+\",\"_1\",1,1]"},
    {"{on: 1, 8080: a, 'off': b}", "{\"true\":1,\"8080\":\"a\",\"off\":\"b\"}"},
    {"a: \"\\u00e9\\U0001F600\"", "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\"}"},
    {"\xEF\xBB\xBF"
     "a: 1",
     "{\"a\":1}"},
    {"\"<<\": x", "{\"<<\":\"x\"}"},
    {"%YAML 1.1\n---\na: 1\n...\n", "{\"a\":1}"},
};

static void means_row(size_t i)
{
    const char *text = meanings[i].yaml;
    struct yaml_node *node = NULL;
    struct json *value = NULL;
    struct err e = {0};
    enum err_code code = yaml_parse(arena, text, strlen(text), &node, &e);
    row_require(code == ERR_OK && node != NULL, "%s: %s", text, e.text);
    row_require(yaml_to_json(arena, node, &value, &e) == ERR_OK, "%s: %s", text, e.text);
    const char *printed = print_json(value);
    cr_expect_str_eq(printed, meanings[i].json, "%s: %s", text, printed);
}

Test(yaml, means)
{
    table_run_fresh(COUNT(meanings), means_row, forget);
}

/* What yaml_parse() refuses, where and why. */
static const struct {
    const char *yaml;
    enum err_code code;
    size_t line, column;
    const char *word;
} refusals[] = {
    {"a: &x 1", ERR_INVALID, 1, 4, "anchors"},
    {"&x a: 1", ERR_INVALID, 1, 1, "anchors"},
    {"a: &x [1]", ERR_INVALID, 1, 4, "anchors"},
    {"b: &y {c: 1}", ERR_INVALID, 1, 4, "anchors"},
    {"a: *x", ERR_INVALID, 1, 4, "aliases"},
    {"*x : 1", ERR_INVALID, 1, 1, "aliases"},
    {"a: !!str 1", ERR_INVALID, 1, 4, "tags"},
    {"a: ! 1", ERR_INVALID, 1, 4, "tags"},
    {"a: !x [1]", ERR_INVALID, 1, 4, "tags"},
    {"!!map {}", ERR_INVALID, 1, 1, "tags"},
    {"a: 1\n<<: {b: 1}", ERR_INVALID, 2, 1, "merge"},
    {"a: 1\nb: 2\na: 3", ERR_INVALID, 3, 1, "line 1"},
    {"{a: 1, b: 2, \"a\": 3}", ERR_INVALID, 1, 14, "already"},
    {"? [a]\n: b", ERR_INVALID, 1, 3, "key must be a string"},
    {"? {a: b}\n: c", ERR_INVALID, 1, 3, "key must be a string"},
    {"a: b: c", ERR_INVALID, 1, 5, "mapping values"},
    {"a:\n\t- b", ERR_INVALID, 2, 1, "a tab; YAML is indented with spaces"},
    {"a: *\n", ERR_INVALID, 1, 5, "a text that begins with one in quotes"},
    {"a: [*-etl]\n", ERR_INVALID, 1, 5, "begins with * in quotes"},
    {"a: [b", ERR_INVALID, 2, 1, "did not find"},
    {"a: 'b", ERR_INVALID, 1, 6, "unexpected end"},
    {"a: \"\\0\"", ERR_INVALID, 1, 4, "NUL"},
    {"a: \"\\q\"", ERR_INVALID, 1, 5, "escape"},
    {"ab: 1\nc: \xff", ERR_INVALID, 2, 4, "UTF-8"},
    {"\xC3\xA9: \xC0\x80", ERR_INVALID, 1, 4, "UTF-8"},
    {"a: \x01", ERR_INVALID, 1, 4, "control characters"},
    {"}", ERR_INVALID, 1, 1, "did not find"},
    {"@", ERR_INVALID, 1, 1, "cannot start any token"},
    {"%YAML 3.0\n---\na: 1", ERR_INVALID, 1, 1, "incompatible"},
};

static void refuses_row(size_t i)
{
    const char *text = refusals[i].yaml;
    struct yaml_node *documents = (struct yaml_node *)arena;
    struct err e = {0};
    cr_expect_eq(yaml_parse(arena, text, strlen(text), &documents, &e), refusals[i].code, "%s: %s",
                 text, e.text);
    cr_expect_eq((void *)documents, (void *)arena, "%s: output touched", text);
    size_t line = 0;
    size_t column = 0;
    const char *what = yaml_error_split(&e, &line, &column);
    cr_expect(line == refusals[i].line && column == refusals[i].column, "%s: %s", text, e.text);
    cr_expect(strstr(what, refusals[i].word) != NULL, "%s: %s", text, what);
}

Test(yaml, refuses)
{
    table_run_fresh(COUNT(refusals), refuses_row, forget);
}

/* What cannot become JSON. */
static const struct {
    const char *yaml;
    const char *text;
} no_json[] = {
    {"a: .inf", "1:4: JSON has no .inf"},
    {"[1, -.Inf]", "1:5: JSON has no -.Inf"},
    {"- .NaN", "1:3: JSON has no .NaN"},
    {"a: {~: 1}", "1:5: a key cannot be null; quote it"},
    {"{yes: 1, true: 2}", "1:10: \"true\" means the key \"true\", which is there already"},
    {"{no: 1, 'false': 2}", "1:9: \"false\" means the key \"false\", which is there already"},
};

static void is_not_json_row(size_t i)
{
    const char *text = no_json[i].yaml;
    struct yaml_node *node = NULL;
    struct json *value = NULL;
    struct err e = {0};
    enum err_code code = yaml_parse(arena, text, strlen(text), &node, &e);
    row_require(code == ERR_OK && node != NULL, "%s: %s", text, e.text);
    cr_expect_eq(yaml_to_json(arena, node, &value, &e), ERR_INVALID, "%s", text);
    cr_expect_str_eq(e.text, no_json[i].text, "%s: %s", text, e.text);
    cr_expect_null(value, "%s", text);
}

Test(yaml, is_not_json)
{
    table_run_fresh(COUNT(no_json), is_not_json_row, forget);
}

Test(yaml, nodes_know_where_they_stood)
{
    struct yaml_node *doc =
        parse("# comment\n\xC3\xA9: x\nlist:\n  - a\n  - {b: c}\n  - |\n    d\n");
    cr_assert_eq(doc->kind, YAML_MAP);
    cr_assert_eq(doc->count, 2);
    cr_assert(doc->line == 2 && doc->column == 1);
    const struct yaml_node *list = yaml_get(doc, "list");
    cr_assert(list->key_line == 3 && list->key_column == 1 && list->key_plain);
    cr_assert(list->line == 4 && list->column == 3 && list->count == 3);
    const struct yaml_node *a = list->first;
    cr_assert(a->line == 4 && a->column == 5 && a->plain && a->key == NULL);
    const struct yaml_node *c = yaml_get(a->next, "b");
    cr_assert(c->line == 5 && c->column == 9 && c->key_column == 6);
    const struct yaml_node *block = a->next->next;
    cr_assert(block->line == 6 && block->column == 5 && !block->plain);
    cr_assert_str_eq(block->scalar, "d\n");
    cr_assert_null(yaml_get(doc, "none"));
    cr_assert_null(yaml_get(list, "a"));
    cr_assert(doc->first->column == 4, "columns count characters, not bytes");
}

Test(yaml, empty_documents_are_left_out)
{
    cr_assert_null(parse(""));
    cr_assert_null(parse("# only a comment\n"));
    cr_assert_null(parse("---\n---\n# nothing\n...\n"));
    struct yaml_node *docs = parse("---\n---\na: 1\n---\n# none\n---\n''\n---\n~\n");
    cr_assert_eq(docs->kind, YAML_MAP);
    cr_assert_str_eq(docs->next->scalar, "");
    cr_assert_eq(yaml_type_of(docs->next->next), YAML_TYPE_NULL);
    cr_assert_null(docs->next->next->next);
}

Test(yaml, booleans)
{
    struct yaml_node *list = parse("[yes, off, 'yes', 1, []]");
    bool value = false;
    cr_assert(yaml_bool(list->first, &value) && value);
    cr_assert(yaml_bool(list->first->next, &value) && !value);
    const struct yaml_node *quoted = list->first->next->next;
    cr_assert(!yaml_bool(quoted, &value) && !yaml_bool(quoted->next, &value));
    cr_assert(!yaml_bool(quoted->next->next, &value));
}

static enum err_code parse_repeated(const char *head, const char *piece, size_t times,
                                    struct err *e)
{
    struct buf b;
    buf_init(&b, 8 << 20);
    buf_adds(&b, head);
    for (size_t i = 0; i < times; i++) {
        buf_adds(&b, piece);
    }
    struct yaml_node *documents = NULL;
    enum err_code code = yaml_parse(arena, b.text, b.len, &documents, e);
    buf_finish(&b);
    return code;
}

Test(yaml, deep_nesting_is_refused)
{
    struct err e = {0};
    cr_assert_eq(parse_repeated("", "[", 100000, &e), ERR_LIMIT, "%s", e.text);
    cr_assert_str_eq(e.text, "1:65: nested too deep");
    cr_assert_eq(parse_repeated("", "{a: ", 100000, &e), ERR_LIMIT, "%s", e.text);
    cr_assert_eq(parse_repeated("", "- ", 100000, &e), ERR_LIMIT, "%s", e.text);
    cr_assert_eq(parse_repeated("", "? ", 1000, &e), ERR_INVALID, "%s", e.text);
    char text[2 * JSON_DEPTH_MAX + 1] = "";
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    struct json *value = NULL;
    cr_assert_eq(yaml_to_json(arena, parse(text), &value, &e), ERR_OK);
    cr_assert_str_eq(print_json(value), text);
}

Test(yaml, large_inputs_are_bounded)
{
    struct err e = {0};
    cr_assert_eq(parse_repeated("", "- a\n", JSON_VALUES_MAX - 1, &e), ERR_OK, "%s", e.text);
    cr_assert_eq(parse_repeated("", "- a\n", JSON_VALUES_MAX, &e), ERR_LIMIT, "%s", e.text);
    cr_assert(strstr(e.text, "too many values") != NULL);
    cr_assert_eq(parse_repeated("a: ", "x", 1 << 20, &e), ERR_OK);
    cr_assert_eq(parse_repeated("\"", "x", 1 << 20, &e), ERR_INVALID);
    cr_assert_eq(parse_repeated("", "x", 1 << 20, &e), ERR_OK);
    cr_assert_eq(parse_repeated("", "---\n", 1 << 18, &e), ERR_OK);
    cr_assert_eq(parse_repeated("", "#", 1 << 20, &e), ERR_OK);
    cr_assert_eq(parse_repeated("", " ", 1 << 20, &e), ERR_OK);
}

Test(yaml, duplicates_in_a_large_map_are_found)
{
    struct buf b;
    buf_init(&b, 4 << 20);
    for (size_t i = 0; i < 60000; i++) {
        buf_addf(&b, "key%zu: 1\n", i == 59999 ? 17 : i);
    }
    struct err e = {0};
    struct yaml_node *documents = NULL;
    cr_assert_eq(yaml_parse(arena, b.text, b.len, &documents, &e), ERR_INVALID, "%s", e.text);
    cr_assert_str_eq(e.text, "60000:1: key \"key17\" is already in line 18");
    buf_finish(&b);
}

Test(yaml, memory_is_capped)
{
    struct arena *small = arena_create(1024, 2048);
    static const char text[] = "[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v]";
    struct err e = {0};
    struct yaml_node *documents = NULL;
    cr_assert_eq(yaml_parse(small, text, strlen(text), &documents, &e), ERR_MEMORY);
    arena_destroy(small);
    for (size_t cap = 64; cap < 8192; cap += 64) {
        small = arena_create(64, cap);
        struct json *value = NULL;
        enum err_code code =
            yaml_to_json(small, parse("{a: [1, yes, null, 0x1, b], c: {}}"), &value, &e);
        cr_assert(code == ERR_MEMORY || (code == ERR_OK && value != NULL));
        arena_destroy(small);
    }
}

Test(yaml, error_without_a_place)
{
    struct err e = {.text = "12:what"};
    size_t line = 1;
    size_t column = 1;
    cr_assert_str_eq(yaml_error_split(&e, &line, &column), "12:what");
    cr_assert(line == 0 && column == 0);
}

/* JSON, and how it is printed. */
static const struct {
    const char *json;
    const char *yaml;
    int indent;
} prints[] = {
    {"{\"a\":1,\"b\":[{\"c\":true,\"d\":null},\"e\"],\"f\":{},\"g\":[]}",
     "a: 1\nb:\n- c: true\n  d: null\n- e\nf: {}\ng: []\n", 0},
    {"{\"a\":{\"b\":\"x\\ny\\n\"}}", "    a:\n      b: |\n        x\n        y\n", 4},
    {"{\"a\":\"x\\n\\ny\"}", "  a: |-\n    x\n\n    y\n", 2},
    {"[\"yes\",\"1\",\"\",\"~\",\"0x1\",\"1_0\",\".5\"]",
     "- \"yes\"\n- \"1\"\n- \"\"\n- \"~\"\n- \"0x1\"\n- \"1_0\"\n- \".5\"\n", 0},
    {"[\"1:30\",\"2027-01-31\",\"=\",\"<<\",\"2027-01-31T10:00:00Z\",\"10.0.0.1\",\"4505Mi\"]",
     "- \"1:30\"\n- \"2027-01-31\"\n- \"=\"\n- \"<<\"\n- \"2027-01-31T10:00:00Z\"\n- 10.0.0.1\n"
     "- 4505Mi\n",
     0},
    {"[\"a: b\",\"a #b\",\" a\",\"a \",\"*a\",\"'a\",\"-\",\"- a\",\"@a\",\"a\\\"b\"]",
     "- 'a: b'\n- 'a #b'\n- ' a'\n- 'a '\n- '*a'\n- '''a'\n- '-'\n- '- a'\n- '@a'\n- a\"b\n", 0},
    {"{\"on\":1,\"8080\":2,\"\":3}", "\"on\": 1\n\"8080\": 2\n\"\": 3\n", 0},
    {"[9007199254740993,1.50]", "- 9007199254740993\n- 1.50\n", 0},
    {"[\"a\\rb\",\"\\u0085\",\"\xC3\xA9\",\"\\u0007\",\"\\ta\"]",
     "- \"a\\rb\"\n- \"\\N\"\n- \xC3\xA9\n- \"\\a\"\n- \"\\ta\"\n", 0},
    {"[[\"a\"],[[]]]", "- - a\n- - []\n", 0},
    {"\"plain\"", "plain\n", 0},
    {"{}", "  {}\n", 2},
};

/* NULL, after a failed check, for what is not JSON. */
static struct json *parse_json(const char *text, size_t len)
{
    struct json *value = NULL;
    struct err e = {0};
    cr_expect_eq(json_parse(arena, text, len, NULL, &value, &e), ERR_OK, "%s: %s", text, e.text);
    return value;
}

/* Prints, reads back and compares. False, after a failed check, when it is not the same. */
static bool survives(const struct json *value, int indent, const char *name)
{
    struct buf b;
    buf_init(&b, 4 << 20);
    struct yaml_node *node = NULL;
    struct json *back = NULL;
    struct err e = {0};
    bool same = value != NULL && yaml_print(&b, value, indent) == ERR_OK &&
                yaml_parse(arena, b.text, b.len, &node, &e) == ERR_OK &&
                yaml_to_json(arena, node, &back, &e) == ERR_OK && json_equal(value, back);
    cr_expect(same, "%s: %s\n%s", name, e.text, b.text == NULL ? "" : b.text);
    buf_finish(&b);
    return same;
}

static void prints_as_row(size_t i)
{
    const char *text = prints[i].json;
    struct json *value = parse_json(text, strlen(text));
    row_require(value != NULL, "%s", text);
    struct buf b;
    buf_init(&b, 4096);
    buf_adds(&b, "");
    cr_expect_eq(yaml_print(&b, value, prints[i].indent), ERR_OK, "%s", text);
    cr_expect_str_eq(b.text, prints[i].yaml, "%s:\n%s", text, b.text);
    buf_finish(&b);
    (void)survives(value, prints[i].indent, text);
}

Test(yaml, prints_as)
{
    table_run_fresh(COUNT(prints), prints_as_row, forget);
}

Test(yaml, long_lines_are_not_folded)
{
    char text[2000] = "\"";
    for (size_t i = 0; i < 180; i++) {
        (void)snprintf(text + 1 + i * 10, sizeof(text) - 1 - i * 10, "%s", "some words");
    }
    text[1801] = '"';
    struct buf b;
    buf_init(&b, 4096);
    cr_assert_eq(yaml_print(&b, parse_json(text, 1802), 0), ERR_OK);
    cr_assert_eq(strchr(b.text, '\n'), b.text + b.len - 1);
    buf_finish(&b);
}

Test(yaml, a_member_prints_without_its_key)
{
    static const char text[] = "{\"a\":{\"b\":1}}";
    struct buf b;
    buf_init(&b, 100);
    cr_assert_eq(yaml_print(&b, json_get(parse_json(text, strlen(text)), "a"), 0), ERR_OK);
    cr_assert_str_eq(b.text, "b: 1\n");
    buf_finish(&b);
}

Test(yaml, print_stops_at_limits)
{
    struct buf b;
    buf_init(&b, 8);
    static const char text[] = "[\"more than eight\"]";
    cr_assert_eq(yaml_print(&b, parse_json(text, strlen(text)), 0), ERR_LIMIT);
    buf_finish(&b);
    struct json *deep = json_new_array(arena);
    for (size_t i = 0; i < JSON_DEPTH_MAX; i++) {
        struct json *outer = json_new_array(arena);
        cr_assert(json_append(outer, deep));
        deep = outer;
    }
    buf_init(&b, 4096);
    cr_assert_eq(yaml_print(&b, deep, 0), ERR_LIMIT);
    buf_finish(&b);
}

/* Strings of the characters that matter to YAML, in every order a small generator finds. */
Test(yaml, odd_strings_survive)
{
    static const char *const pieces[] = {"a",
                                         " ",
                                         "\n",
                                         "\t",
                                         ":",
                                         "#",
                                         "-",
                                         "'",
                                         "\"",
                                         "\\",
                                         "1",
                                         "|",
                                         ">",
                                         "?",
                                         ",",
                                         "[",
                                         "{",
                                         "&",
                                         "*",
                                         "!",
                                         "%",
                                         "@",
                                         "\r",
                                         "...",
                                         "---",
                                         "\xC2\x85",
                                         "\xE2\x80\xA8",
                                         "\xEF\xBB\xBF",
                                         "\xC3\xA9",
                                         "~",
                                         "<<",
                                         "0x",
                                         "e5",
                                         "_",
                                         "\x7f",
                                         "\x01",
                                         "\xF0\x9F\x98\x80",
                                         "yes",
                                         "\xC2\xA0",
                                         "`"};
    unsigned state = 12345;
    struct json *list = json_new_array(arena);
    struct json *map = json_new_object(arena);
    for (size_t i = 0; i < 6000; i++) {
        struct buf b;
        buf_init(&b, 256);
        size_t length = i % 6;
        for (size_t k = 0; k < length; k++) {
            state = state * 1103515245U + 12345U;
            buf_adds(&b, pieces[(state >> 16) % COUNT(pieces)]);
        }
        const char *text = arena_strdup(arena, b.len == 0 ? "" : b.text);
        cr_assert(json_append(list, json_new_string_ref(arena, text)));
        if (json_get(map, text) == NULL) {
            cr_assert(json_add(map, text, json_new_string_ref(arena, text)));
        }
        struct json *root = json_new_string_ref(arena, text);
        cr_assert(survives(root, 0, text));
        buf_finish(&b);
    }
    cr_assert(survives(list, 3, "list"));
    cr_assert(survives(map, 0, "map"));
}

static size_t round_trip_folder(const char *folder)
{
    size_t count = 0;
    DIR *d = opendir(folder);
    cr_assert_not_null(d, "%s", folder);
    for (struct dirent *entry = readdir(d); entry != NULL; entry = readdir(d)) {
        size_t len = strlen(entry->d_name);
        if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0) {
            continue;
        }
        char path[1024];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        FILE *f = fopen(path, "re");
        cr_assert_not_null(f, "%s", path);
        static char text[1 << 20];
        size_t n = fread(text, 1, sizeof(text), f);
        (void)fclose(f);
        cr_assert(survives(parse_json(text, n), 0, path));
        arena_reset(arena);
        count++;
    }
    (void)closedir(d);
    return count;
}

Test(yaml, real_objects_survive)
{
    cr_assert_gt(round_trip_folder(FIXTURES "/samples"), 10);
    cr_assert_gt(round_trip_folder(FIXTURES "/reviews/spark-3.5.8"), 5);
    cr_assert_gt(round_trip_folder(FIXTURES "/reviews/spark-4.1.4"), 5);
}

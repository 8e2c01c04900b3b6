/* SPDX-License-Identifier: Apache-2.0 */
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
    arena = arena_create(64 * 1024, 64 * 1024 * 1024);
}

static void teardown(void)
{
    arena_destroy(arena);
}

TestSuite(json, .init = setup, .fini = teardown, .timeout = 20);

/* Nothing of a row is left to the next. */
static void forget(void)
{
    arena_reset(arena);
}

/* NULL, after a failed check, for what is not JSON. */
static struct json *parse(const char *text)
{
    struct json *root = NULL;
    struct err e = {.code = ERR_OK};
    enum err_code code = json_parse(arena, text, strlen(text), NULL, &root, &e);
    cr_expect_eq(code, ERR_OK, "%s: %s", text, e.text);
    return root;
}

static const char *print(const struct json *v)
{
    struct buf b;
    buf_init_arena(&b, arena, 1024 * 1024);
    json_print(&b, v);
    cr_expect(!b.failed);
    return b.failed ? "" : b.text;
}

/* What goes in comes out, character for character but for white space. */
static const struct {
    const char *in;
    const char *out; /* NULL: the same */
} accepted[] = {
    {"null", NULL},
    {" true\n", "true"},
    {"\"\"", NULL},
    {"{}", NULL},
    {"[]", NULL},
    {"{\"\":0}", NULL},
    {"[0,-1,12,123456789012345]", NULL},
    {"[1234567890123456,9007199254740993,-9223372036854775808,18446744073709551616]", NULL},
    {"[-0,0.5,1.50,1e3,1E+2,1e-7,-0.0,1e400,0e0]", NULL},
    {"-1.5", NULL},
    {"{\"a\":{\"b\":[{\"c\":null}]}}", NULL},
    {"\"\\u0041\\/\\\"\\\\\"", "\"A/\\\"\\\\\""},
    {"\"\\b\\f\\n\\r\\t\\u001f\"", NULL},
    {"\"\\u0000\"", NULL},
    {"{\"a\\u0000b\":\"x\\u0000\"}", NULL},
    {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
    {"\"\xc3\xbc \xe2\x82\xac \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf\x7f\"", NULL},
    {"\"0123456789abcde\\n0123456789abcdef\xc3\xbc\"", NULL},
    {"[1 , 2\t,\r\n3 ]", "[1,2,3]"},
    {"{\"a\":1,\"A\":2,\"b\":{\"a\":3}}", NULL},
    {"[{\"a\":1},{\"a\":1}]", NULL},
};

static void accepts_row(size_t i)
{
    const char *out = accepted[i].out != NULL ? accepted[i].out : accepted[i].in;
    const struct json *root = parse(accepted[i].in);
    row_require(root != NULL, "%s", accepted[i].in);
    const char *printed = print(root);
    cr_expect_str_eq(printed, out, "%s: %s", accepted[i].in, printed);
}

Test(json, accepts)
{
    table_run_fresh(COUNT(accepted), accepts_row, forget);
}

static const struct {
    const char *in;
    const char *says;
} refused[] = {
    {"", "line 1, column 1: the document ends too early"},
    {" ", "column 2: the document ends too early"},
    {"{", "column 2: expected a key"},
    {"[1", "column 3: the document ends too early"},
    {"[1,]", "column 4: expected a value"},
    {"[,1]", "column 2: expected a value"},
    {"[1 2]", "column 4: expected a comma"},
    {"{\"a\":1,}", "column 8: expected a key"},
    {"{\"a\" 1}", "column 6: expected a colon"},
    {"{\"a\":}", "column 6: expected a value"},
    {"{a:1}", "column 2: expected a key"},
    {"{'a':1}", "column 2: expected a key"},
    {"{\"a\":1 \"b\":2}", "expected a comma"},
    {"[1}", "expected a comma"},
    {"{\"a\":1]", "expected a comma"},
    {"nul", "expected a value"},
    {"True", "expected a value"},
    {"NaN", "expected a value"},
    {"Infinity", "expected a value"},
    {"+1", "expected a value"},
    {".5", "expected a value"},
    {"01", "column 2: something follows"},
    {"-", "column 2: a number needs a digit"},
    {"1.", "column 3: a number needs a digit"},
    {"1.e3", "column 3: a number needs a digit"},
    {"1e", "column 3: a number needs a digit"},
    {"1e+", "column 4: a number needs a digit"},
    {"0x10", "column 2: something follows"},
    {"1 2", "column 3: something follows"},
    {"{} x", "column 4: something follows"},
    {"[]]", "column 3: something follows"},
    {"\"abc", "column 5: the string does not end"},
    {"\"a\\", "the string does not end"},
    {"\"\\x\"", "column 2: no such escape"},
    {"\"\\u12g4\"", "\\u needs four"},
    {"\"\\u12", "\\u needs four"},
    {"\"\\ud800\"", "half of a surrogate pair"},
    {"\"\\udc00\"", "half of a surrogate pair"},
    {"\"\\ud800\\u0041\"", "half of a surrogate pair"},
    {"\"\n\"", "a control character"},
    {"\"a\tb\"", "a control character"},
    {"\"\xff\"", "not valid UTF-8"},
    {"\"\x80\"", "not valid UTF-8"},
    {"\"\xc0\x80\"", "not valid UTF-8"},
    {"\"\xed\xa0\x80\"", "not valid UTF-8"},
    {"\"\xe2\x82\"", "not valid UTF-8"},
    {"\"\xf4\x90\x80\x80\"", "not valid UTF-8"},
    {"\"\xf0\x80\x80\x80\"", "not valid UTF-8"},
    {"\xef\xbb\xbf{}", "line 1, column 1: expected a value"},
    {"{\"a\":1,\"a\":2}", "column 8: the key stands twice"},
    {"{\"a\":1,\"\\u0061\":2}", "the key stands twice"},
    {"{\"\\/\":1,\"/\":2}", "the key stands twice"},
    {"{\"\\n\":1,\"\\u000a\":2}", "the key stands twice"},
    {"{\"\\u0022\":1,\"\\\"\":2}", "the key stands twice"},
    {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", "the key stands twice"},
    {"{\"b\":{\"a\":1,\"c\":[],\"a\":2}}", "the key stands twice"},
    {"{\n \"a\": 1,\n \"b\" 2}", "line 3, column 6: expected a colon"},
};

static void refuses_row(size_t i)
{
    struct json *root = NULL;
    struct err e = {.code = ERR_OK};
    enum err_code code = json_parse(arena, refused[i].in, strlen(refused[i].in), NULL, &root, &e);
    cr_expect_eq(code, ERR_INVALID, "%s", refused[i].in);
    cr_expect_not_null(strstr(e.text, refused[i].says), "%s: %s", refused[i].in, e.text);
    cr_expect_null(root, "%s", refused[i].in);
}

Test(json, refuses)
{
    table_run_fresh(COUNT(refused), refuses_row, forget);
}

Test(json, refuses_bytes_after_a_nul)
{
    struct json *root = NULL;
    struct err e;
    cr_assert_eq(json_parse(arena, "{}\0{}", 5, NULL, &root, &e), ERR_INVALID);
    cr_assert_eq(json_parse(arena, "\"a\0b\"", 5, NULL, &root, &e), ERR_INVALID);
}

static char *repeat(const char *head, const char *unit, size_t count, const char *tail)
{
    struct buf b;
    buf_init_arena(&b, arena, 16 * 1024 * 1024);
    buf_adds(&b, head);
    for (size_t i = 0; i < count; i++) {
        buf_adds(&b, unit);
    }
    buf_adds(&b, tail);
    return b.text;
}

Test(json, limits_depth)
{
    char *deepest = repeat("", "[", JSON_DEPTH_MAX, repeat("", "]", JSON_DEPTH_MAX, ""));
    cr_assert_not_null(parse(deepest));

    struct json *root;
    struct err e;
    char *deeper = repeat("", "[", JSON_DEPTH_MAX + 1, repeat("", "]", JSON_DEPTH_MAX + 1, ""));
    cr_assert_eq(json_parse(arena, deeper, strlen(deeper), NULL, &root, &e), ERR_LIMIT);
    cr_assert_not_null(strstr(e.text, "column 65: nested too deeply"), "%s", e.text);
}

Test(json, limits_values_before_they_cost_memory)
{
    struct json *root;
    struct err e;
    cr_assert_not_null(parse(repeat("[0", ",0", JSON_VALUES_MAX - 2, "]")));
    char *many = repeat("[0", ",0", 3 * 1024 * 1024 / 2, "]");
    size_t before = arena_used(arena);
    cr_assert_eq(json_parse(arena, many, strlen(many), NULL, &root, &e), ERR_LIMIT);
    /* A copy of the text, and no value. */
    cr_assert_lt(arena_used(arena) - before, strlen(many) + 4096);
}

Test(json, finds_a_duplicate_among_many_keys)
{
    struct buf b;
    buf_init_arena(&b, arena, 16 * 1024 * 1024);
    buf_adds(&b, "{");
    for (int i = 0; i < 20000; i++) {
        buf_addf(&b, "\"key-%d\":%d,", i, i);
    }
    size_t unique = b.len;
    buf_adds(&b, "\"last\":0}");
    cr_assert_eq(json_count(parse(b.text)), 20001);
    b.len = unique;
    buf_adds(&b, "\"key-7\":0}");
    struct json *root;
    cr_assert_eq(json_parse(arena, b.text, b.len, NULL, &root, NULL), ERR_INVALID);
}

Test(json, leaves_out_what_is_not_needed)
{
    static const char *const paths[] = {"a.b", "x", NULL};
    const char *text = "{\"a\":{\"b\":{\"c\":[1.5,\"\\u0000\"]},\"d\":{\"b\":1}},"
                       "\"x\": \"y\" ,\"b\":2,\"l\":[{\"x\":1}]}";
    struct json *root;
    cr_assert_eq(json_parse(arena, text, strlen(text), paths, &root, NULL), ERR_OK);
    cr_assert_str_eq(print(root),
                     "{\"a\":{\"b\":null,\"d\":{\"b\":1}},\"x\":null,\"b\":2,\"l\":[{\"x\":1}]}");
    const char *bad = "{\"a\":{\"b\":[1,]}}";
    cr_assert_eq(json_parse(arena, bad, strlen(bad), paths, &root, NULL), ERR_INVALID);
    const char *twice = "{\"a\":{\"b\":{\"c\":1,\"c\":2}}}";
    cr_assert_eq(json_parse(arena, twice, strlen(twice), paths, &root, NULL), ERR_INVALID);
}

Test(json, reads_values)
{
    struct json *o =
        parse("{\"s\":\"x\",\"n\":42,\"big\":-9223372036854775808,\"f\":1.5,"
              "\"e\":1e3,\"t\":true,\"z\":null,\"l\":[1,2],\"over\":9223372036854775808}");
    int64_t n = 0;
    cr_assert_str_eq(json_string(json_get(o, "s")), "x");
    cr_assert_null(json_string(json_get(o, "n")));
    cr_assert(json_int(json_get(o, "n"), &n) && n == 42);
    cr_assert(json_int(json_get(o, "big"), &n) && n == INT64_MIN);
    cr_assert(!json_int(json_get(o, "over"), &n));
    cr_assert(!json_int(json_get(o, "f"), &n) && !json_int(json_get(o, "e"), &n));
    cr_assert(!json_int(json_get(o, "s"), &n) && n == INT64_MIN);
    cr_assert(json_is_number(json_get(o, "f")) && json_is_true(json_get(o, "t")));
    cr_assert(json_is_null(json_get(o, "z")) && !json_is_null(json_get(o, "none")));
    cr_assert_null(json_get(o, "S"));
    cr_assert_null(json_get(json_get(o, "none"), "x"));
    cr_assert_null(json_get(json_get(o, "l"), "x"));
    cr_assert_eq(json_count(json_get(o, "l")), 2);
    cr_assert_str_eq(json_kind(json_get(o, "f")), "a number");
    cr_assert_str_eq(json_kind(NULL), "nothing");
}

static const struct {
    const char *x;
    const char *y;
    bool equal;  /* x and y */
    bool covers; /* x covers y */
} pairs[] = {
    {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1}", true, true},
    {"{\"a\":1,\"b\":2}", "{\"a\":1}", false, true},
    {"{\"a\":1}", "{\"a\":1,\"b\":2}", false, false},
    {"{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":1}}", false, true},
    {"[1,2]", "[2,1]", false, false},
    {"[1,2]", "[1]", false, false},
    {"[{\"a\":1,\"b\":2}]", "[{\"a\":1}]", false, true},
    {"\"1\"", "1", false, false},
    {"1.0", "1.0", true, true},
    {"1.0", "1", false, false},
    {"9007199254740993", "9007199254740992", false, false},
    {"null", "null", true, true},
    {"true", "false", false, false},
};

static void compares_row(size_t i)
{
    const char *x_text = pairs[i].x;
    const char *y_text = pairs[i].y;
    struct json *x = parse(x_text);
    struct json *y = parse(y_text);
    cr_expect_eq(json_equal(x, y), pairs[i].equal, "%s and %s", x_text, y_text);
    cr_expect_eq(json_equal(y, x), pairs[i].equal, "%s and %s", y_text, x_text);
    cr_expect_eq(json_covers(x, y), pairs[i].covers, "%s covers %s", x_text, y_text);
}

Test(json, compares)
{
    table_run_fresh(COUNT(pairs), compares_row, forget);
}

Test(json, makes_and_changes)
{
    struct json *o = json_new_object(arena);
    cr_assert(json_add(o, "n", json_new_int(arena, 9007199254740993)));
    cr_assert(json_add(o, "m", json_new_int(arena, -120)));
    cr_assert(json_add(o, "s", json_new_string(arena, "q\"\n")));
    cr_assert(json_add(o, "b", json_new_bool(arena, false)));
    struct json *l = json_new_array(arena);
    cr_assert(json_append(l, json_new_string_ref(arena, "x")));
    cr_assert(json_add(o, "l", l));
    cr_assert(!json_add(o, "none", NULL));
    cr_assert_str_eq(print(o), "{\"n\":9007199254740993,\"m\":-120,\"s\":\"q\\\"\\n\",\"b\":false,"
                               "\"l\":[\"x\"]}");
    cr_assert(json_replace(o, "n", json_new_number(arena, "1.50")));
    cr_assert_null(json_new_number(arena, "1.5x"));
    json_remove(o, "m");
    json_remove(o, "m");
    json_replace_at(l, json_first(l), json_new_int(arena, 7));
    cr_assert_str_eq(print(o), "{\"n\":1.50,\"s\":\"q\\\"\\n\",\"b\":false,\"l\":[7]}");

    struct json *copy = json_copy(arena, o);
    cr_assert(json_equal(o, copy));
    json_mark(o);
    cr_assert(json_marked(o) && !json_marked(copy) && !json_marked(json_copy(arena, o)));
    json_remove(copy, "b");
    cr_assert(!json_equal(o, copy));
}

/* A parse that runs into the arena's cap at any point fails cleanly. */
Test(json, fails_cleanly_at_every_cap)
{
    const char *text = "{\"a\":[1,2.50,\"x\",{\"b\":null}],\"c\":\"\\u0000\"}";
    bool done = false;
    for (size_t cap = 16; !done; cap += 16) {
        struct arena *small = arena_create(16, cap);
        cr_assert_not_null(small);
        struct json *root = NULL;
        enum err_code code = json_parse(small, text, strlen(text), NULL, &root, NULL);
        done = code == ERR_OK;
        cr_assert(done || (code == ERR_MEMORY && root == NULL));
        arena_destroy(small);
        cr_assert_lt(cap, 256 * 1024);
    }
}

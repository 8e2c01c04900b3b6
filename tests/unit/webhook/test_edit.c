/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "policies/policy.h"
#include "webhook/edit.h"

static struct arena *arena;
static struct edits edits;
static struct json *object;

static void setup(void)
{
    json_init();
    arena = arena_create(64 * 1024, 1024 * 1024);
}

static void teardown(void)
{
    arena_destroy(arena);
}

TestSuite(edit, .init = setup, .fini = teardown, .timeout = 10);

static struct json *value(const char *text)
{
    struct json *v = NULL;
    cr_assert_eq(json_parse(arena, text, strlen(text), NULL, &v, NULL), ERR_OK, "%s", text);
    return v;
}

static struct place start(const char *text)
{
    object = value(text);
    edits_init(&edits, arena);
    return place_root(&edits, object);
}

static void expect(const char *patch, const char *result)
{
    struct buf b;
    buf_init_arena(&b, arena, 64 * 1024);
    edits_print(&edits, &b);
    cr_assert_str_eq(b.text, patch);
    buf_reset(&b);
    json_print(&b, object);
    cr_assert_str_eq(b.text, result);
}

Test(edit, sets_a_missing_and_a_present_member)
{
    struct place root = start("{\"a\":1}");
    struct place a = place_member(&root, "a");
    struct place b = place_member(&root, "b");
    edit_set(&a, value("2"), NULL);
    edit_set(&b, value("\"x\""), NULL);
    expect("[{\"op\":\"replace\",\"path\":\"/a\",\"value\":2},"
           "{\"op\":\"add\",\"path\":\"/b\",\"value\":\"x\"}]",
           "{\"a\":2,\"b\":\"x\"}");
}

Test(edit, records_nothing_for_what_is_there)
{
    struct place root = start("{\"a\":{\"x\":[1,{\"y\":null}]}}");
    struct place a = place_member(&root, "a");
    edit_set(&a, value("{\"x\":[1,{\"y\":null}]}"), NULL);
    expect("[]", "{\"a\":{\"x\":[1,{\"y\":null}]}}");
    cr_assert_eq(edits.operations, 0);
}

Test(edit, makes_what_is_missing_above_in_one_operation)
{
    struct place root = start("{}");
    struct place a = place_member(&root, "a");
    struct place b = place_member(&a, "b");
    struct place c = place_member(&b, "c");
    struct place d = place_member(&b, "d");
    edit_set(&c, value("1"), NULL);
    edit_set(&d, value("2"), NULL);
    expect("[{\"op\":\"add\",\"path\":\"/a\",\"value\":{\"b\":{\"c\":1,\"d\":2}}}]",
           "{\"a\":{\"b\":{\"c\":1,\"d\":2}}}");
    cr_assert_eq(edits.operations, 1);
    cr_assert_not_null(a.node);
    cr_assert_not_null(b.node);
}

Test(edit, treats_null_as_nothing)
{
    struct place root = start("{\"a\":null}");
    struct place a = place_member(&root, "a");
    struct place b = place_member(&a, "b");
    edit_set(&b, value("1"), NULL);
    expect("[{\"op\":\"replace\",\"path\":\"/a\",\"value\":{\"b\":1}}]", "{\"a\":{\"b\":1}}");
}

Test(edit, appends_and_merges_into_what_it_added)
{
    struct place root = start("{\"l\":[1]}");
    struct place l = place_member(&root, "l");
    struct place m = place_member(&root, "m");
    edit_append(&l, value("{\"a\":1}"), NULL);
    edit_append(&l, value("3"), NULL);
    edit_append(&m, value("4"), NULL);
    edit_append(&m, value("5"), NULL);
    struct place second = place_element(&l, json_next(json_first(l.node)), 1);
    struct place b = place_member(&second, "b");
    edit_set(&b, value("2"), NULL);
    expect("[{\"op\":\"add\",\"path\":\"/l/-\",\"value\":{\"a\":1,\"b\":2}},"
           "{\"op\":\"add\",\"path\":\"/l/-\",\"value\":3},"
           "{\"op\":\"add\",\"path\":\"/m\",\"value\":[4,5]}]",
           "{\"l\":[1,{\"a\":1,\"b\":2},3],\"m\":[4,5]}");
}

Test(edit, replaces_an_element_and_removes_a_member)
{
    struct place root = start("{\"l\":[{\"a\":1},{\"b\":2}]}");
    struct place l = place_member(&root, "l");
    struct place first = place_element(&l, json_first(l.node), 0);
    struct place second = place_element(&l, json_next(first.node), 1);
    struct place b = place_member(&second, "b");
    edit_remove(&b, NULL);
    edit_remove(&b, NULL);
    edit_set(&first, value("{\"c\":3}"), NULL);
    expect("[{\"op\":\"remove\",\"path\":\"/l/1/b\"},"
           "{\"op\":\"replace\",\"path\":\"/l/0\",\"value\":{\"c\":3}}]",
           "{\"l\":[{\"c\":3},{}]}");
}

Test(edit, names_further_rules_without_an_operation)
{
    const struct rule first = {.name = "first"};
    const struct rule second = {.name = "second"};
    struct place root = start("{\"a\":1,\"b\":2}");
    struct place a = place_member(&root, "a");
    struct place b = place_member(&root, "b");
    edit_set(&a, value("3"), &first);
    edit_shared(&a, "part", &second);
    edit_shared(&b, "part", &second); /* nobody has put anything there */
    expect("[{\"op\":\"replace\",\"path\":\"/a\",\"value\":3}]", "{\"a\":3,\"b\":2}");
    cr_assert_eq(edits.operations, 1);
    cr_assert_eq(edits.first->rule, &first);
    cr_assert_eq(edits.first->next->rule, &second);
    cr_assert_null(edits.first->next->next);
}

Test(edit, keeps_what_was_left_out_in_order)
{
    const struct policy policy = {.name = "p"};
    const struct rule rules[] = {{.policy = &policy, .name = "a"},
                                 {.policy = &policy, .name = "b"}};
    (void)start("{}");
    edit_left_out(&edits, &rules[0], "it rains");
    edit_left_out(&edits, &rules[1], "it snows");
    cr_assert_eq(edits.notice_count, 2);
    cr_assert_str_eq(edits.notices->text, "a left out: it rains (policy p)");
    cr_assert_str_eq(edits.notices->next->text, "b left out: it snows (policy p)");
    cr_assert_eq(edits.notices->next->rule, &rules[1]);
    cr_assert_null(edits.notices->next->next);
    cr_assert_eq(edits.operations, 0);
}

Test(edit, escapes_pointers)
{
    struct place root = start("{\"metadata\":{\"annotations\":{}}}");
    struct place metadata = place_member(&root, "metadata");
    struct place annotations = place_member(&metadata, "annotations");
    struct place key = place_member(&annotations, "a.b/c~d\"e");
    edit_set(&key, value("true"), NULL);
    expect("[{\"op\":\"add\",\"path\":\"/metadata/annotations/a.b~1c~0d\\\"e\",\"value\":true}]",
           "{\"metadata\":{\"annotations\":{\"a.b/c~d\\\"e\":true}}}");
}

Test(edit, replacing_what_it_added_is_an_operation_of_its_own)
{
    struct place root = start("{}");
    struct place a = place_member(&root, "a");
    edit_set(&a, value("1"), NULL);
    edit_set(&a, value("2"), NULL);
    expect("[{\"op\":\"add\",\"path\":\"/a\",\"value\":1},"
           "{\"op\":\"replace\",\"path\":\"/a\",\"value\":2}]",
           "{\"a\":2}");
}

Test(edit, refuses_an_object_of_another_shape)
{
    struct place root = start("{\"spec\":{\"affinity\":\"none\",\"tolerations\":{}}}");
    struct place spec = place_member(&root, "spec");
    struct place affinity = place_member(&spec, "affinity");
    struct place node = place_member(&affinity, "nodeAffinity");
    edit_set(&node, value("{}"), NULL);
    cr_assert_eq(edits_problem(&edits), ERR_INVALID);
    cr_assert_str_eq(edits.problem.text, "/spec/affinity: expected an object, found a string");

    edits_init(&edits, arena);
    struct place tolerations = place_member(&spec, "tolerations");
    edit_append(&tolerations, value("{}"), NULL);
    cr_assert_str_eq(edits.problem.text, "/spec/tolerations: expected a list, found an object");
    edit_set(&spec, value("{}"), NULL);
    expect("[]", "{\"spec\":{\"affinity\":\"none\",\"tolerations\":{}}}");
}

/* At every cap of the arena the edits either all happened or are known not to have. */
Test(edit, fails_cleanly_at_every_cap)
{
    bool done = false;
    for (size_t cap = 64; !done; cap += 16) {
        struct arena *small = arena_create(64, cap);
        struct edits e;
        edits_init(&e, small);
        struct place root = place_root(&e, value("{\"l\":[]}"));
        struct place a = place_member(&root, "a");
        struct place b = place_member(&a, "b");
        struct place l = place_member(&root, "l");
        edit_set(&b, json_new_string(small, "some text"), NULL);
        edit_append(&l, json_new_int(small, 1), NULL);
        done = edits_problem(&e) == ERR_OK;
        cr_assert(done || edits_problem(&e) == ERR_MEMORY);
        cr_assert(!done || e.operations == 2);
        arena_destroy(small);
        cr_assert_lt(cap, 64 * 1024);
    }
}

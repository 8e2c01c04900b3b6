/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pods.h - what tests of mutations and checks share: a policy in a line, a pod in a line.
 */
#ifndef TESTS_UNIT_WEBHOOK_PODS_H
#define TESTS_UNIT_WEBHOOK_PODS_H

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "policies/load.h"
#include "table.h"
#include "webhook/evaluate.h"
#include "webhook/mutate.h"

/* One case: the policy's spec in YAML's flow style, a pod, and what must come of it. */
struct pod_case {
    const char *name;
    const char *spec;
    const char *pod;
    const char *expected;
};

#define POD(role, id, spec)                                                                        \
    "{\"metadata\":{\"name\":\"p\",\"labels\":{\"spark-role\":\"" role                             \
    "\",\"spark-app-selector\":\"spark-1\",\"spark-exec-id\":\"" id "\"}},\"spec\":{" spec "}}"
#define EXECUTOR(spec) POD("executor", "2", spec)
#define DRIVER(spec) POD("driver", "", spec)

static struct arena *arena;

static void pods_setup(void)
{
    json_init();
    cr_assert(mutate_init());
    arena = arena_create(256 * 1024, 16 * 1024 * 1024);
}

static void pods_teardown(void)
{
    arena_destroy(arena);
}

/* Nothing of a row is left to the next. */
__attribute__((unused)) static void pods_reset(void)
{
    arena_reset(arena);
}

/* NULL, after a failed check, for a policy with findings. */
static struct policy_set *pods_try_policy(const char *spec)
{
    char text[4096];
    int len = snprintf(text, sizeof(text),
                       "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\n"
                       "metadata: {name: p}\nspec: {%s}\n",
                       spec);
    struct policy_set *set = NULL;
    struct findings findings;
    enum err_code code = policies_load_text("p.yaml", text, (size_t)len, &set, &findings);
    cr_expect_eq(code, ERR_OK, "%s: %s", spec,
                 findings.count > 0 ? findings.list[0].text : err_text(code));
    findings_finish(&findings);
    return set;
}

__attribute__((unused)) static struct policy_set *pods_policy(const char *spec)
{
    struct policy_set *set = pods_try_policy(spec);
    cr_assert_not_null(set);
    return set;
}

/* NULL, after a failed check, for what is not JSON. */
static struct json *pods_parse(const char *text)
{
    struct json *object = NULL;
    struct err e = {.code = ERR_OK};
    cr_expect_eq(json_parse(arena, text, strlen(text), NULL, &object, &e), ERR_OK, "%s: %s", text,
                 e.text);
    return object;
}

static const char *pods_print(const struct json *v)
{
    struct buf b;
    buf_init_arena(&b, arena, 1024 * 1024);
    json_print(&b, v);
    return b.text;
}

/* The patch; why there is none, after a failed check, when @object cannot be judged. */
static const char *pods_patch(const struct policy_set *set, struct json *object)
{
    struct evaluation ev;
    struct err e = {.code = ERR_OK};
    enum err_code code = evaluate(
        &(struct evaluator){
            .set = set, .arena = arena, .steps = EVALUATE_MUTATE, .kind = kind_of_object(object)},
        "spark-jobs", object, &ev, &e);
    cr_expect_eq(code, ERR_OK, "%s", e.text);
    if (code != ERR_OK) {
        return arena_strdup(arena, e.text);
    }
    cr_expect(ev.is_spark);
    if (!ev.is_spark) {
        return "nothing of Spark's";
    }
    struct buf b;
    buf_init_arena(&b, arena, 1024 * 1024);
    edits_print(&ev.edits, &b);
    return b.text;
}

/* The patch is as expected, and there is none for its own result. */
__attribute__((unused)) static void pods_expect_patch(const struct pod_case *c)
{
    struct policy_set *set = pods_try_policy(c->spec);
    struct json *object = pods_parse(c->pod);
    row_require(set != NULL && object != NULL, "%s", c->name);
    const char *patch = pods_patch(set, object);
    cr_expect_str_eq(patch, c->expected, "%s:\n  %s\nexpected:\n  %s", c->name, patch, c->expected);
    const char *again = pods_patch(set, pods_parse(pods_print(object)));
    cr_expect_str_eq(again, "[]", "%s, second pass: %s", c->name, again);
    policy_set_destroy(set);
}

/* All violations, a line each. */
__attribute__((unused)) static void pods_expect_violations(const struct pod_case *c)
{
    struct policy_set *set = pods_try_policy(c->spec);
    struct json *object = pods_parse(c->pod);
    row_require(set != NULL && object != NULL, "%s", c->name);
    struct evaluation ev;
    struct err e = {.code = ERR_OK};
    enum err_code code = evaluate(
        &(struct evaluator){
            .set = set, .arena = arena, .steps = EVALUATE_CHECK, .kind = kind_of_object(object)},
        "spark-jobs", object, &ev, &e);
    row_require(code == ERR_OK, "%s: %s", c->name, e.text);
    struct buf b;
    buf_init_arena(&b, arena, 64 * 1024);
    buf_adds(&b, "");
    for (const struct violation *v = ev.violations.first; v != NULL; v = v->next) {
        buf_addf(&b, "%s%s", b.len > 0 ? "\n" : "", v->message);
    }
    cr_expect_str_eq(b.text, c->expected, "%s:\n%s", c->name, b.text);
    policy_set_destroy(set);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

#include "webhook/driver_conf.h"

TestSuite(driver_conf, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define NAMED(name, data)                                                                          \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" name                 \
    "\"},\"immutable\":true,\"data\":" data "}"
#define CONF(text) NAMED("spark-drv-0a1b2c-conf-map", "{\"spark.properties\":\"" text "\"}")
#define PATCH(text)                                                                                \
    "[{\"op\":\"replace\",\"path\":\"/data/spark.properties\",\"value\":\"" text "\"}]"

static const struct pod_case cases[] = {
    {"a default stands before the user's lines", "sparkConf: {spark.b: '2'}", CONF("spark.a=1\\n"),
     PATCH("spark.b=2\\nspark.a=1\\n")},
    {"several, in the order of the policy", "sparkConf: {spark.c: '3', spark.b: '2'}",
     CONF("spark.a=1\\n"), PATCH("spark.c=3\\nspark.b=2\\nspark.a=1\\n")},
    {"the user's value wins", "sparkConf: {spark.a: '2'}", CONF("spark.a=1\\n"), "[]"},
    {"however it is written", "sparkConf: {spark.a: '2'}", CONF(" spark\\\\u002ea \\\\\\n : 1"),
     "[]"},
    {"an empty value is a value", "sparkConf: {spark.a: '2'}", CONF("spark.a"), "[]"},
    {"a comment is none", "sparkConf: {spark.a: '2'}", CONF("#spark.a=1\\n"),
     PATCH("spark.a=2\\n#spark.a=1\\n")},
    {"an empty text", "sparkConf: {spark.a: '2'}", CONF(""), PATCH("spark.a=2\\n")},
    {"escaped as Java does", "sparkConf: {'spark.a:b=c#d!e\\f': ' k8s://x y = #'}",
     CONF("spark.x=1\\n"),
     PATCH(
         "spark.a\\\\:b\\\\=c\\\\#d\\\\!e\\\\\\\\f=\\\\ k8s\\\\://x y \\\\= \\\\#\\nspark.x=1\\n")},
    {"line breaks and beyond ASCII", "sparkConf: {spark.a: \"x\\n\\ty\u00fc\"}", CONF(""),
     PATCH("spark.a=x\\\\n\\\\ty\u00fc\\n")},
    {"enforced after the user's lines", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.a=1\\n"), PATCH("spark.a=1\\nspark.a=2\\n")},
    {"enforced where there is none", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.b=1\\n"), PATCH("spark.b=1\\nspark.a=2\\n")},
    {"enforced is there already", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.a=1\\nspark.a\\\\\\n=2"), "[]"},
    {"the last value counts", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.a=2\\nspark.a=1\\n"), PATCH("spark.a=2\\nspark.a=1\\nspark.a=2\\n")},
    {"after a line without an end", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.b=1"), PATCH("spark.b=1\\nspark.a=2\\n")},
    {"after a line that goes on", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.b=1\\\\"), PATCH("spark.b=1\\\\\\n\\nspark.a=2\\n")},
    {"after one that goes on in nothing", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.b=1\\\\\\n"), PATCH("spark.b=1\\\\\\n\\nspark.a=2\\n")},
    {"\\r\\n would be one end of a line that goes on",
     "sparkConf: [{when: always, set: {spark.a: '2'}}]", CONF("spark.b=1\\\\\\r"),
     PATCH("spark.b=1\\\\\\r\\n\\nspark.a=2\\n")},
    {"after a comment without an end", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("#b"), PATCH("#b\\nspark.a=2\\n")},
    {"after lines of other systems", "sparkConf: [{when: always, set: {spark.a: '2'}}]",
     CONF("spark.b=1\\r\\n"), PATCH("spark.b=1\\r\\nspark.a=2\\n")},
    {"both", "sparkConf: [{set: {spark.c: '3'}}, {when: always, set: {spark.a: '2'}}]",
     CONF("spark.b=1\\n"), PATCH("spark.c=3\\nspark.b=1\\nspark.a=2\\n")},
    {"the Apache operator's", "sparkConf: {spark.a: '2'}",
     NAMED("app-1-spark-drv-conf-map", "{\"spark.properties\":\"\"}"), PATCH("spark.a=2\\n")},
    {"other keys stay", "sparkConf: {spark.a: '2'}",
     NAMED("spark-drv-0-conf-map", "{\"log4j2.properties\":\"a=b\",\"spark.properties\":\"\"}"),
     PATCH("spark.a=2\\n")},
    {"U+0000 in the text", "sparkConf: {spark.a: '2'}", CONF("spark.b=\\u0000\\n"),
     PATCH("spark.a=2\\nspark.b=\\u0000\\n")},
    {"what Java cannot load stays", "sparkConf: {spark.a: '2'}", CONF("spark.b=\\\\u12\\n"), "[]"},
    {"the image of executors", "sparkConf: {spark.kubernetes.executor.container.image: a}",
     CONF(""), PATCH("spark.kubernetes.executor.container.image=a\\n")},
    {"no policy about it", "admission: {labels: {a: b}}", CONF("spark.a=1\\n"), "[]"},
    {"a policy for some labels only",
     "match: {selector: {matchExpressions: [{key: a, operator: "
     "DoesNotExist}]}}, sparkConf: {spark.b: '2'}",
     CONF("spark.a=1\\n"), "[]"},
    {"a policy for other namespaces", "match: {namespaces: [x]}, sparkConf: {spark.b: '2'}",
     CONF("spark.a=1\\n"), "[]"},
    {"a policy that would refuse pods",
     "sparkConf: {spark.a: '2'}, require: [{rule: memory-limit}]", CONF("spark.a=1\\n"), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(driver_conf, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

static const char *const foreign[] = {
    NAMED("spark-exec-0a1b-conf-map", "{\"spark.properties\":\"\"}"),
    NAMED("spark-drv-conf-map", "{\"spark.properties\":\"\"}"),
    NAMED("spark-drv--conf-map", "{\"spark.properties\":\"\"}"),
    NAMED("spark-drv-xyz-conf-map", "{\"spark.properties\":\"\"}"),
    NAMED("my-spark-drv-0a-conf-map", "{\"spark.properties\":\"\"}"),
    NAMED("spark-drv-0a-conf-map-2", "{\"spark.properties\":\"\"}"),
    NAMED("spark-drv-0a-conf-map", "{\"spark-defaults.conf\":\"\"}"),
    NAMED("spark-drv-0a-conf-map", "{\"spark.properties\":null}"),
    NAMED("spark-drv-0a-conf-map", "null"),
    NAMED("spark-drv-0a-conf-map", "[]"),
    "{\"kind\":\"ConfigMap\",\"metadata\":{\"generateName\":\"spark-drv-0a-conf-map\"}}",
    "{\"kind\":\"ConfigMap\"}",
};

static void foreign_row(size_t i)
{
    struct edits edits;
    struct driver_conf conf;
    edits_init(&edits, arena);
    cr_expect_not(driver_conf_read(&edits, pods_parse(foreign[i]), &conf), "%s", foreign[i]);
}

Test(driver_conf, other_maps_are_not_ours)
{
    table_run_fresh(COUNT(foreign), foreign_row, pods_reset);
}

/* A map whose values have @bytes in all, some of them in base64. */
static const char *map_of(size_t bytes)
{
    char *text = arena_alloc(arena, bytes);
    memset(text, 'x', bytes);
    text[bytes - 300] = '\0';
    return arena_printf(arena,
                        "{\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"spark-drv-0-conf-map\"},"
                        "\"binaryData\":{\"b\":\"%0400d\"},\"data\":{\"a\":\"%s\","
                        "\"spark.properties\":\"\"}}",
                        0, text);
}

static size_t notices_of(const struct policy_set *set, const char *map, size_t *out_operations,
                         const char **out_text)
{
    struct evaluation ev;
    struct err e = {.code = ERR_OK};
    cr_assert_eq(evaluate(&(struct evaluator){.set = set,
                                              .arena = arena,
                                              .steps = EVALUATE_MUTATE | EVALUATE_CHECK,
                                              .kind = KIND_CONFIG_MAP},
                          "n", pods_parse(map), &ev, &e),
                 ERR_OK, "%s", e.text);
    *out_operations = ev.edits.operations;
    *out_text = ev.edits.notices == NULL ? "" : ev.edits.notices->text;
    return ev.edits.notice_count;
}

Test(driver_conf, is_left_out_where_the_map_would_be_too_large)
{
    struct policy_set *set = pods_policy("sparkConf: {spark.a: '2', spark.b: '3'}");
    size_t added = 2 * strlen("spark.a=2\n");
    size_t operations;
    const char *text;
    cr_assert_eq(notices_of(set, map_of(CONFIG_MAP_MAX - added), &operations, &text), 0, "%s",
                 text);
    cr_assert_eq(operations, 1);
    cr_assert_eq(notices_of(set, map_of(CONFIG_MAP_MAX - added + 1), &operations, &text), 1);
    cr_assert_eq(operations, 0);
    cr_assert_str_eq(text, "sparkConf.spark.a left out: the ConfigMap would be larger than 1 MiB "
                           "(policy p)");
    policy_set_destroy(set);
}

Test(driver_conf, says_why_text_that_java_cannot_load_is_left_alone)
{
    struct policy_set *set = pods_policy("sparkConf: {spark.a: '2'}");
    size_t operations;
    const char *text;
    cr_assert_eq(notices_of(set, CONF("a=\\\\uxyz0"), &operations, &text), 1);
    cr_assert_eq(operations, 0);
    cr_assert_not_null(strstr(text, "nothing that Java can load"), "%s", text);
    policy_set_destroy(set);
}

Test(driver_conf, one_edit_names_every_rule)
{
    struct policy_set *set = pods_policy(
        "sparkConf: [{set: {spark.a: '1', spark.b: '2'}}, {when: always, set: {spark.c: '3'}}]");
    struct json *map = pods_parse(CONF("spark.b=x\\n"));
    struct evaluation ev;
    struct err e;
    cr_assert_eq(evaluate(&(struct evaluator){.set = set,
                                              .arena = arena,
                                              .steps = EVALUATE_MUTATE,
                                              .kind = KIND_CONFIG_MAP},
                          "n", map, &ev, &e),
                 ERR_OK);
    cr_assert_eq(ev.edits.operations, 1);
    cr_assert_str_eq(ev.edits.first->rule->name, "sparkConf.spark.a");
    cr_assert_str_eq(ev.edits.first->next->rule->name, "sparkConf.spark.c");
    cr_assert_null(ev.edits.first->next->next);
    policy_set_destroy(set);
}

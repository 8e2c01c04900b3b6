/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/toleration.h"

#include "pods.h"

TestSuite(toleration, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

/* Two tolerations in a list, and what they are to each other. */
static const struct {
    const char *list;
    bool covers, same, lasts;
} pairs[] = {
    {"[{\"key\":\"a\"},{\"key\":\"a\"}]", true, true, true},
    {"[{\"key\":\"a\",\"operator\":\"Equal\",\"value\":\"\",\"effect\":\"\"},{\"key\":\"a\"}]",
     true, true, true},
    {"[{\"effect\":\"NoSchedule\",\"key\":\"a\"},{\"key\":\"a\",\"effect\":\"NoSchedule\"}]", true,
     true, true},
    {"[{\"key\":\"a\",\"value\":\"x\"},{\"key\":\"a\",\"value\":\"y\"}]", false, false, true},
    {"[{\"key\":\"a\",\"operator\":\"Exists\"},{\"key\":\"a\",\"value\":\"y\"}]", true, false,
     true},
    {"[{\"key\":\"a\",\"value\":\"y\"},{\"key\":\"a\",\"operator\":\"Exists\"}]", false, false,
     true},
    {"[{\"key\":\"a\",\"operator\":\"Exists\"},{\"key\":\"b\",\"operator\":\"Exists\"}]", false,
     false, true},
    {"[{\"operator\":\"Exists\"},{\"key\":\"a\",\"value\":\"y\",\"effect\":\"NoExecute\"}]", true,
     false, true},
    {"[{\"key\":\"a\",\"operator\":\"Exists\"},{\"operator\":\"Exists\"}]", false, false, true},
    {"[{\"operator\":\"Exists\",\"effect\":\"NoSchedule\"},{\"key\":\"a\",\"operator\":\"Exists\"}"
     "]",
     false, false, true},
    {"[{\"operator\":\"Exists\",\"effect\":\"NoSchedule\"},{\"key\":\"a\",\"effect\":\"NoExecute\"}"
     "]",
     false, false, true},
    {"[{\"value\":\"x\"},{\"key\":\"a\",\"value\":\"x\"}]", false, false, true},
    {"[{\"key\":\"a\",\"operator\":\"Gt\",\"value\":\"5\"},{\"key\":\"a\",\"operator\":\"Equal\","
     "\"value\":\"5\"}]",
     false, false, true},
    {"[{\"key\":\"a\",\"tolerationSeconds\":5},{\"key\":\"a\"}]", true, true, false},
    {"[{\"key\":\"a\",\"tolerationSeconds\":5},{\"key\":\"a\",\"tolerationSeconds\":5}]", true,
     true, true},
    {"[{\"key\":\"a\",\"tolerationSeconds\":null},{\"key\":\"a\"}]", true, true, true},
};

static void pairs_row(size_t i)
{
    const struct json *list = pods_parse(pairs[i].list);
    row_require(list != NULL, "%s", pairs[i].list);
    const struct json *x = json_first(list);
    const struct json *y = json_next(x);
    cr_expect_eq(toleration_covers(x, y), pairs[i].covers, "%s", pairs[i].list);
    cr_expect_eq(toleration_is_same(x, y), pairs[i].same, "%s", pairs[i].list);
    cr_expect_eq(toleration_lasts_as(x, y), pairs[i].lasts, "%s", pairs[i].list);
    cr_expect_eq(toleration_cover(list, y), pairs[i].covers ? x : y, "%s", pairs[i].list);
}

Test(toleration, pairs)
{
    table_run_fresh(COUNT(pairs), pairs_row, pods_reset);
}

static const struct {
    const char *toleration;
    bool is_default;
} defaults[] = {
    {"{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
     "\"tolerationSeconds\":300}",
     true},
    {"{\"tolerationSeconds\":300,\"effect\":\"NoExecute\",\"key\":\"node.kubernetes.io/"
     "unreachable\","
     "\"operator\":\"Exists\"}",
     true},
    {"{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
     "\"tolerationSeconds\":60}",
     false},
    {"{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\"}",
     false},
    {"{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\","
     "\"tolerationSeconds\":300}",
     false},
    {"{\"key\":\"node.kubernetes.io/"
     "not-ready\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}",
     false},
    {"{\"key\":\"example.com/a\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
     "\"tolerationSeconds\":300}",
     false},
};

static void defaults_row(size_t i)
{
    const struct json *t = pods_parse(defaults[i].toleration);
    cr_expect_eq(toleration_is_default(t), defaults[i].is_default, "%s", defaults[i].toleration);
}

Test(toleration, defaults)
{
    table_run_fresh(COUNT(defaults), defaults_row, pods_reset);
}

/* Of the taint a=x:NoSchedule. */
static const struct {
    const char *toleration;
    bool tolerates;
} taints[] = {
    {"{\"key\":\"a\",\"value\":\"x\"}", true},
    {"{\"key\":\"a\",\"operator\":\"Equal\",\"value\":\"x\",\"effect\":\"NoSchedule\"}", true},
    {"{\"key\":\"a\",\"value\":\"x\",\"effect\":\"NoExecute\"}", false},
    {"{\"key\":\"a\",\"value\":\"y\"}", false},
    {"{\"key\":\"b\",\"value\":\"x\"}", false},
    {"{\"key\":\"a\"}", false},
    {"{\"key\":\"a\",\"operator\":\"Exists\"}", true},
    {"{\"key\":\"b\",\"operator\":\"Exists\"}", false},
    {"{\"operator\":\"Exists\"}", true},
    {"{\"operator\":\"Exists\",\"effect\":\"NoExecute\"}", false},
    {"{\"value\":\"x\"}", false},
    {"{\"key\":\"a\",\"operator\":\"Gt\",\"value\":\"x\"}", false},
    {"{}", false},
};

static void taints_row(size_t i)
{
    const struct json *toleration = pods_parse(taints[i].toleration);
    cr_expect_eq(toleration_tolerates(toleration, "a", "x", "NoSchedule"), taints[i].tolerates,
                 "%s", taints[i].toleration);
}

Test(toleration, taints)
{
    table_run_fresh(COUNT(taints), taints_row, pods_reset);
}

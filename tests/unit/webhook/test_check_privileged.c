/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_privileged, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"none", "require: [{rule: no-privileged}]",
     EXECUTOR("\"containers\":[{\"securityContext\":{\"privileged\":false}},{}]"), ""},
    {"one of each kind", "require: [{rule: no-privileged}]",
     EXECUTOR("\"containers\":[{\"securityContext\":{\"privileged\":true}}],\"initContainers\":[{},"
              "{\"securityContext\":{\"privileged\":true}}]"),
     "spec.containers[0].securityContext.privileged: found \"true\", allowed: false (policy p, "
     "rule no-privileged)\nspec.initContainers[1].securityContext.privileged: found \"true\", "
     "allowed: false (policy p, rule no-privileged)"},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_privileged, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

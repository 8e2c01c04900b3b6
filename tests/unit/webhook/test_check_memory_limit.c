/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_memory_limit, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"there", "require: [{rule: memory-limit}]",
     EXECUTOR("\"containers\":[{\"resources\":{\"limits\":{\"memory\":\"1408Mi\"}}}]"), ""},
    {"missing, empty, zero, no quantity", "require: [{rule: memory-limit}]",
     EXECUTOR("\"containers\":[{},{\"resources\":{\"limits\":{\"memory\":\"\"}}},{\"resources\":{"
              "\"limits\":{\"memory\":\"0\"}}},{\"resources\":{\"limits\":{\"memory\":\"lots\"}}},{"
              "\"resources\":{\"limits\":null}}]"),
     "spec.containers[0].resources.limits.memory: found nothing, allowed: a quantity over 0 "
     "(policy p, rule memory-limit)\nspec.containers[1].resources.limits.memory: found \"\", "
     "allowed: a quantity over 0 (policy p, rule "
     "memory-limit)\nspec.containers[2].resources.limits.memory: found \"0\", allowed: a quantity "
     "over 0 (policy p, rule memory-limit)\nspec.containers[3].resources.limits.memory: found "
     "\"lots\", allowed: a quantity over 0 (policy p, rule "
     "memory-limit)\nspec.containers[4].resources.limits.memory: found nothing, allowed: a "
     "quantity over 0 (policy p, rule memory-limit)"},
    {"a number is a quantity", "require: [{rule: memory-limit}]",
     EXECUTOR("\"containers\":[{\"resources\":{\"limits\":{\"memory\":1476395008}}},{\"resources\":"
              "{\"limits\":{\"memory\":0}}}]"),
     "spec.containers[1].resources.limits.memory: found \"0\", allowed: a quantity over 0 (policy "
     "p, rule memory-limit)"},
    {"init containers too, ephemeral ones cannot", "require: [{rule: memory-limit}]",
     EXECUTOR("\"initContainers\":[{}],\"ephemeralContainers\":[{}]"),
     "spec.initContainers[0].resources.limits.memory: found nothing, allowed: a quantity over 0 "
     "(policy p, rule memory-limit)"},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_memory_limit, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

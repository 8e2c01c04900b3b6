/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_scheduler, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define BY(more) "admission: {schedulerName: {executor: volcano" more "}}"
#define SET(op) "[{\"op\":\"" op "\",\"path\":\"/spec/schedulerName\",\"value\":\"volcano\"}]"

static const struct pod_case cases[] = {
    {"none", BY(""), EXECUTOR(""), SET("add")},
    {"null", BY(""), EXECUTOR("\"schedulerName\":null"), SET("replace")},
    {"the default", BY(""), EXECUTOR("\"schedulerName\":\"default-scheduler\""), SET("replace")},
    {"the user's own", BY(""), EXECUTOR("\"schedulerName\":\"yunikorn\""), "[]"},
    {"always", BY(", when: always"), EXECUTOR("\"schedulerName\":\"yunikorn\""), SET("replace")},
    {"another role", BY(""), DRIVER(""), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_scheduler, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

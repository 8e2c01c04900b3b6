/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_labels, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"there",
     "require: [{rule: required-labels, labels: [{key: spark-role}, {key: sp"
     "ark-app-selector, pattern: 'spark-?'}, {key: spark-exec-id, values: ['"
     "1', '2']}]}]",
     EXECUTOR(""), ""},
    {"missing, and of another value",
     "require: [{rule: required-labels, labels: [{key: example.com/team}, {k"
     "ey: spark-role, values: [driver, other]}, {key: spark-app-selector, pa"
     "ttern: 'x-*'}]}]",
     EXECUTOR(""),
     "metadata.labels[example.com/team]: found nothing, allowed: any value ("
     "policy p, rule required-labels)\nmetadata.labels[spark-role]: found \"ex"
     "ecutor\", allowed: driver, other (policy p, rule required-labels)\nmetad"
     "ata.labels[spark-app-selector]: found \"spark-1\", allowed: x-* (policy "
     "p, rule required-labels)"},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_labels, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

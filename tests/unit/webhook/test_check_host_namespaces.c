/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_host_namespaces, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"none", "require: [{rule: no-host-namespaces}]",
     EXECUTOR("\"hostNetwork\":false,\"hostPID\":null"), ""},
    {"all", "require: [{rule: no-host-namespaces}]",
     EXECUTOR("\"hostNetwork\":true,\"hostPID\":true,\"hostIPC\":true"),
     "spec.hostNetwork: found \"true\", allowed: false (policy p, rule no-host"
     "-namespaces)\nspec.hostPID: found \"true\", allowed: false (policy p, rul"
     "e no-host-namespaces)\nspec.hostIPC: found \"true\", allowed: false (poli"
     "cy p, rule no-host-namespaces)"},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_host_namespaces, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_service_accounts, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"allowed", "require: [{rule: service-accounts, allow: ['spark-*', etl]}]",
     DRIVER("\"serviceAccountName\":\"etl\""), ""},
    {"another", "require: [{rule: service-accounts, allow: ['spark-*', etl]}]",
     DRIVER("\"serviceAccountName\":\"etl2\""),
     "spec.serviceAccountName: found \"etl2\", allowed: spark-*, etl (policy p"
     ", rule service-accounts)"},
    {"none is the default one", "require: [{rule: service-accounts, allow: ['spark-*', etl]}]",
     DRIVER(""),
     "spec.serviceAccountName: found nothing, allowed: spark-*, etl (policy "
     "p, rule service-accounts)"},
    {"which may be allowed", "require: [{rule: service-accounts, allow: [default]}]",
     DRIVER("\"serviceAccountName\":\"\""), ""},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_service_accounts, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

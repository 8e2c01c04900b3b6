/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_pull_secret, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define SECRETS "admission: {imagePullSecrets: [a, {name: b, role: driver}]}"

static const struct pod_case cases[] = {
    {"where there are none", SECRETS, EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/imagePullSecrets\",\"value\":[{\"name\":\"a\"}]}]"},
    {"both, in one operation", SECRETS, DRIVER(""),
     "[{\"op\":\"add\",\"path\":\"/spec/imagePullSecrets\",\"value\":[{\"name\":\"a\"},{\"name\":"
     "\"b\"}]}]"},
    {"beside others", SECRETS, EXECUTOR("\"imagePullSecrets\":[{\"name\":\"mine\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/imagePullSecrets/-\",\"value\":{\"name\":\"a\"}}]"},
    {"there already", SECRETS, DRIVER("\"imagePullSecrets\":[{\"name\":\"b\"},{\"name\":\"a\"}]"),
     "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_pull_secret, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

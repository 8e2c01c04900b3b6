/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_grace, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"none yet", "admission: {terminationGracePeriod: {executor: 2m}}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/terminationGracePeriodSeconds\",\"value\":120}]"},
    {"the API server's default is not the user's choice",
     "admission: {terminationGracePeriod: {executor: 120s}}",
     EXECUTOR("\"terminationGracePeriodSeconds\":30"),
     "[{\"op\":\"replace\",\"path\":\"/spec/terminationGracePeriodSeconds\",\"value\":120}]"},
    {"the user's choice stays", "admission: {terminationGracePeriod: {executor: 120s}}",
     EXECUTOR("\"terminationGracePeriodSeconds\":45"), "[]"},
    {"always", "admission: {terminationGracePeriod: {when: always, executor: 120s}}",
     EXECUTOR("\"terminationGracePeriodSeconds\":45"),
     "[{\"op\":\"replace\",\"path\":\"/spec/terminationGracePeriodSeconds\",\"value\":120}]"},
    {"not for the other role", "admission: {terminationGracePeriod: {executor: 120s}}", DRIVER(""),
     "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_grace, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_placement, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define SPARK(more)                                                                                \
    "\"containers\":[{\"name\":\"log\"},{\"name\":\"spark-kubernetes-executor\"" more "}]"
#define ONE "{\"sparkward.dev/placement\":\"1\"}"
#define RESOURCES "/spec/containers/1/resources"

static const struct pod_case cases[] = {
    {"in Spark's container", "admission: {placement: true}", EXECUTOR(SPARK("")),
     "[{\"op\":\"add\",\"path\":\"" RESOURCES "\",\"value\":{\"requests\":" ONE ",\"limits\":" ONE
     "}}]"},
    {"beside others", "admission: {placement: true}",
     EXECUTOR(SPARK(",\"resources\":{\"requests\":{\"cpu\":\"1\"}}")),
     "[{\"op\":\"add\",\"path\":\"" RESOURCES
     "/requests/sparkward.dev~1placement\",\"value\":\"1\"},"
     "{\"op\":\"add\",\"path\":\"" RESOURCES "/limits\",\"value\":" ONE "}]"},
    {"there already", "admission: {placement: true}",
     EXECUTOR(SPARK(",\"resources\":{\"requests\":" ONE ",\"limits\":" ONE "}")), "[]"},
    {"another number is the user's", "admission: {placement: true}",
     EXECUTOR(SPARK(",\"resources\":{\"limits\":{\"sparkward.dev/placement\":\"2\"}}")), "[]"},
    {"off", "admission: {placement: {driver: true, executor: false}}", EXECUTOR(SPARK("")), "[]"},
    {"of the other role", "admission: {placement: {driver: true}}", EXECUTOR(SPARK("")), "[]"},
    {"no container that is Spark's", "admission: {placement: true}",
     EXECUTOR("\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_placement, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_resource_bounds, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"within",
     "require: [{rule: resource-bounds, cpu: {min: 500m, max: 4}, memory: {m"
     "ax: 16Gi}, ephemeralStorage: {min: 1Gi}}]",
     EXECUTOR(
         "\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
         "ts\":{\"cpu\":\"4\",\"memory\":\"16384Mi\",\"ephemeral-storage\":\"1Gi\"},\"limits\":"
         "{\"memory\":\"16Gi\"}}}]"),
     ""},
    {"too much",
     "require: [{rule: resource-bounds, cpu: {min: 500m, max: 4}, memory: {m"
     "ax: 16Gi}, ephemeralStorage: {min: 1Gi}}]",
     EXECUTOR(
         "\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
         "ts\":{\"cpu\":\"4001m\",\"memory\":\"1\",\"ephemeral-storage\":\"1Gi\"},\"limits\":{\""
         "memory\":\"17Gi\"}}}]"),
     "spec.containers[0].resources.requests.cpu: found \"4001m\", allowed: 500"
     "m to 4 (policy p, rule resource-bounds)\nspec.containers[0].resources.l"
     "imits.memory: found \"17Gi\", allowed: at most 16Gi (policy p, rule reso"
     "urce-bounds)"},
    {"too little, and nothing",
     "require: [{rule: resource-bounds, cpu: {min: 500m, max: 4}, memory: {m"
     "ax: 16Gi}, ephemeralStorage: {min: 1Gi}}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"cpu\":\"499m\"}}}]"),
     "spec.containers[0].resources.requests.cpu: found \"499m\", allowed: 500m"
     " to 4 (policy p, rule resource-bounds)\nspec.containers[0].resources.re"
     "quests.ephemeral-storage: found nothing, allowed: at least 1Gi (policy"
     " p, rule resource-bounds)"},
    {"a limit is a request too",
     "require: [{rule: resource-bounds, cpu: {min: 500m, max: 4}, memory: {m"
     "ax: 16Gi}, ephemeralStorage: {min: 1Gi}}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"limits"
              "\":{\"cpu\":1,\"ephemeral-storage\":\"2Gi\"}}}]"),
     ""},
    {"sidecars may be small, but not large",
     "require: [{rule: resource-bounds, cpu: {min: 500m, max: 4}, memory: {m"
     "ax: 16Gi}, ephemeralStorage: {min: 1Gi}}]",
     EXECUTOR(
         "\"containers\":[{\"name\":\"side\",\"resources\":{\"requests\":{\"cpu\":\"1m\",\"memo"
         "ry\":\"20Gi\"}}},{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
         "ts\":{\"cpu\":\"1\",\"ephemeral-storage\":\"1Gi\"}}}],\"initContainers\":[{\"name\""
         ":\"i\",\"resources\":{\"limits\":{\"cpu\":\"lots\"}}}]"),
     "spec.initContainers[0].resources.limits.cpu: found \"lots\", allowed: 50"
     "0m to 4 (policy p, rule resource-bounds)\nspec.containers[0].resources."
     "requests.memory: found \"20Gi\", allowed: at most 16Gi (policy p, rule r"
     "esource-bounds)"},
    {"of another role", "require: [{rule: resource-bounds, role: driver, cpu: {max: 1}}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"cpu\":\"2\"}}}]"),
     ""},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_resource_bounds, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

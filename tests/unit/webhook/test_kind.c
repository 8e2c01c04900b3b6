/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

#include "webhook/kind.h"

TestSuite(kind, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct {
    const char *group, *version, *kind, *resource, *subresource;
    enum kind expected;
    bool when_new, when_changed;
} requests[] = {
    {"", "v1", "Pod", "pods", "", KIND_POD, true, true},
    {"", "v1", "Pod", "pods", "ephemeralcontainers", KIND_POD_DEBUGGING, false, true},
    {"", "v1", "Pod", "pods", "status", KIND_OTHER},
    {"", "v2", "Pod", "pods", "", KIND_OTHER},
    {"apps", "v1", "Pod", "pods", "", KIND_OTHER},
    {"", "v1", "Pod", "configmaps", "", KIND_OTHER},
    {"", "v1", "ConfigMap", "configmaps", "", KIND_CONFIG_MAP, true, false},
    {"", "v1", "Service", "services", "", KIND_SERVICE, true, false},
    {"", "v1", "Service", "services", "status", KIND_OTHER},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "", KIND_CLAIM, true, true},
    {"sparkoperator.k8s.io", "v1beta2", "SparkApplication", "sparkapplications", "",
     KIND_SPARK_APPLICATION, true, true},
    {"sparkoperator.k8s.io", "v1beta2", "SparkApplication", "sparkapplications", "status",
     KIND_OTHER},
    {"sparkoperator.k8s.io", "v1beta2", "ScheduledSparkApplication", "scheduledsparkapplications",
     "", KIND_SCHEDULED_SPARK_APPLICATION, true, true},
    {"sparkoperator.k8s.io", "v1beta1", "SparkApplication", "sparkapplications", "", KIND_OTHER},
    {"spark.apache.org", "v1", "SparkApplication", "sparkapplications", "",
     KIND_APACHE_SPARK_APPLICATION, true, true},
    {"spark.apache.org", "v1beta2", "SparkApplication", "sparkapplications", "", KIND_OTHER},
};

static void requests_row(size_t i)
{
    const char *text = arena_printf(
        arena,
        "{\"kind\":{\"group\":\"%s\",\"version\":\"%s\",\"kind\":\"%s\"},\"r\":{\"resource\":"
        "\"%s\"}}",
        requests[i].group, requests[i].version, requests[i].kind, requests[i].resource);
    const struct json *request = pods_parse(text);
    enum kind kind =
        kind_of_request(json_get(request, "kind"), json_get(request, "r"), requests[i].subresource);
    cr_expect_eq(kind, requests[i].expected, "%s: %d", text, (int)kind);
    cr_expect_eq(kind_is_judged(kind, true), requests[i].when_new, "%s", text);
    cr_expect_eq(kind_is_judged(kind, false), requests[i].when_changed, "%s", text);
}

Test(kind, requests)
{
    table_run_fresh(COUNT(requests), requests_row, pods_reset);
}

static const struct {
    const char *object;
    enum kind expected;
} objects[] = {
    {"{}", KIND_POD},
    {"{\"kind\":\"Pod\"}", KIND_POD},
    {"{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}", KIND_POD},
    {"{\"kind\":\"Pod\",\"apiVersion\":\"v2\"}", KIND_OTHER},
    {"{\"kind\":\"Deployment\",\"apiVersion\":\"apps/v1\"}", KIND_OTHER},
    {"{\"kind\":\"Service\",\"apiVersion\":\"v1\"}", KIND_SERVICE},
    {"{\"kind\":\"Service\",\"apiVersion\":\"serving.knative.dev/v1\"}", KIND_OTHER},
    {"{\"kind\":\"SparkApplication\",\"apiVersion\":\"sparkoperator.k8s.io/v1beta2\"}",
     KIND_SPARK_APPLICATION},
    {"{\"kind\":\"SparkApplication\",\"apiVersion\":\"spark.apache.org/v1\"}",
     KIND_APACHE_SPARK_APPLICATION},
    {"{\"kind\":\"SparkApplication\",\"apiVersion\":\"spark.apache.org/v1beta1\"}", KIND_OTHER},
    {"{\"kind\":\"SparkApplication\",\"apiVersion\":\"spark.apache.orgv1\"}", KIND_OTHER},
    {"{\"kind\":\"SparkApplication\",\"apiVersion\":5}", KIND_OTHER},
};

static void objects_row(size_t i)
{
    enum kind kind = kind_of_object(pods_parse(objects[i].object));
    cr_expect_eq(kind, objects[i].expected, "%s: %d", objects[i].object, (int)kind);
}

Test(kind, objects)
{
    table_run_fresh(COUNT(objects), objects_row, pods_reset);
}

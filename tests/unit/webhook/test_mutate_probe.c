/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_probe, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"liveness, in Spark's container",
     "admission: {probes: {driver: {liveness: {preset: spark-ui}}}}",
     DRIVER("\"containers\":[{\"name\":\"log\"},{\"name\":\"spark-kubernetes-driver\",\"ports\":[{"
            "\"name\":\"spark-ui\",\"containerPort\":4141},{\"name\":\"driver-rpc-port\","
            "\"containerPort\":7078}]}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/1/"
     "livenessProbe\",\"value\":{\"httpGet\":{\"path\":\"/api/v1/"
     "version\",\"port\":\"spark-ui\"},\"initialDelaySeconds\":900,\"periodSeconds\":10,"
     "\"timeoutSeconds\":5,"
     "\"failureThreshold\":6}}]"},
    {"no port, no probe", "admission: {probes: {driver: {liveness: {preset: spark-ui}}}}",
     DRIVER("\"containers\":[{\"name\":\"spark-kubernetes-driver\",\"ports\":[{\"name\":\"driver-"
            "rpc-port\",\"containerPort\":7078}]}]"),
     "[]"},
    {"no container that is Spark's",
     "admission: {probes: {driver: {liveness: {preset: spark-ui}}}}",
     DRIVER("\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"), "[]"},
    {"the user's probe stays", "admission: {probes: {driver: {liveness: {preset: spark-ui}}}}",
     DRIVER("\"containers\":[{\"name\":\"log\"},{\"name\":\"spark-kubernetes-driver\","
            "\"livenessProbe\":{\"tcpSocket\":{\"port\":7078}},\"ports\":[{\"name\":\"spark-ui\","
            "\"containerPort\":4141},{\"name\":\"driver-rpc-port\",\"containerPort\":7078}]}]"),
     "[]"},
    {"what the API server added to ours is no difference",
     "admission: {probes: {when: always, driver: {liveness: {preset: spark-ui}}}}",
     DRIVER("\"containers\":[{\"name\":\"log\"},{\"name\":\"spark-kubernetes-driver\","
            "\"livenessProbe\":{\"httpGet\":{\"path\":\"/api/v1/"
            "version\",\"port\":\"spark-ui\"},\"initialDelaySeconds\":900,\"periodSeconds\":10,"
            "\"timeoutSeconds\":5,"
            "\"failureThreshold\":6,\"successThreshold\":1},\"ports\":[{\"name\":\"spark-ui\","
            "\"containerPort\":4141},{\"name\":\"driver-rpc-port\",\"containerPort\":7078}]}]"),
     "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_probe, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

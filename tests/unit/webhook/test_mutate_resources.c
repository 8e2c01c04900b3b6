/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_resources, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"cover: what Spark asks for itself is enough", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1408Mi\"},\"limits\":{\"memory\":\"1408Mi\"}}}]"),
     "[]"},
    {"cover: raised, the limit first", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1Gi\"},\"limits\":{\"memory\":\"1Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/memory\",\""
     "value\":\"1408Mi\"},{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/"
     "requests/memory\",\"value\":\"1408Mi\"}]"},
    {"cover: only what is too low", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1Gi\"},\"limits\":{\"memory\":\"8Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/requests/memory\""
     ",\"value\":\"1408Mi\"}]"},
    {"cover: no limit stays no limit", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/requests/memory\""
     ",\"value\":\"1408Mi\"}]"},
    {"cover: a limit is a request too", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"limits\":{\"memory\":\""
              "1Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/memory\",\""
     "value\":\"1408Mi\"}]"},
    {"cover: nothing at all", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}]}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/0/resources\",\"value\":{\"requests\""
     ":{\"memory\":\"1408Mi\"}}}]"},
    {"cover: not a quantity is none of our business", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"lots\"},\"limits\":{\"memory\":null}}}]"),
     "[]"},
    {"cover: the heap is unknown", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1Mi\"}}}]"),
     "[]"},
    {"cover: Spark's container, not a sidecar", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"side\",\"resources\":{\"requests\":{\"memory\":\"1Mi\"}}"
              "},{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPARK_EXECUTOR_M"
              "EMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\":\"1408Mi\"}}}"
              "]"),
     "[]"},
    {"cover: no container that is Spark's", "admission: {resources: {memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"), "[]"},
    {"keep", "admission: {resources: {memory: keep}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1Gi\"}}}]"),
     "[]"},
    {"a driver whose heap stands in its arguments", "admission: {resources: {memory: cover}}",
     DRIVER("\"containers\":[{\"name\":\"spark-kubernetes-driver\",\"args\":[\"driver\",\"--dr"
            "iver-memory\",\"1g\",\"x.jar\"],\"resources\":{\"requests\":{\"memory\":\"1Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/requests/memory\""
     ",\"value\":\"1408Mi\"}]"},
    {"limit as request: there is none", "admission: {resources: {memoryLimit: request}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1.50Gi\"}}}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/0/resources/limits\",\"value\":{\"me"
     "mory\":\"1.50Gi\"}}]"},
    {"limit as request: the user's stays", "admission: {resources: {memoryLimit: request}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1Gi\"},\"limits\":{\"memory\":\"2Gi\"}}}]"),
     "[]"},
    {"limit as request: always", "admission: {resources: {memoryLimit: request, when: always}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1Gi\"},\"limits\":{\"memory\":\"2Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/memory\",\""
     "value\":\"1Gi\"}]"},
    {"limit as request: as much in other words",
     "admission: {resources: {memoryLimit: request, when: always}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1Gi\"},\"limits\":{\"memory\":\"1024Mi\"}}}]"),
     "[]"},
    {"limit as request: no request", "admission: {resources: {memoryLimit: request, when: always}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"limits"
              "\":{\"memory\":\"2Gi\"}}}]"),
     "[]"},
    {"limit: in place of Spark's own", "admission: {resources: {memoryLimit: 2Gi}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1408Mi\"},\"limits\":{\"memory\":\"1408Mi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/memory\",\""
     "value\":\"2Gi\"}]"},
    {"limit: the user's stays", "admission: {resources: {memoryLimit: 2Gi}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1408Mi\"},\"limits\":{\"memory\":\"3Gi\"}}}]"),
     "[]"},
    {"limit: always", "admission: {resources: {memoryLimit: 2Gi, when: always}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1408Mi\"},\"limits\":{\"memory\":\"3Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/memory\",\""
     "value\":\"2Gi\"}]"},
    {"limit: never below the request", "admission: {resources: {memoryLimit: 1Gi, when: always}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1408Mi\"},\"limits\":{\"memory\":\"1408Mi\"}}}]"),
     "[]"},
    {"limit: as much in other words", "admission: {resources: {memoryLimit: 2Gi, when: always}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1Gi\"},\"limits\":{\"memory\":\"2048Mi\"}}}]"),
     "[]"},
    {"cover comes before the limit, wherever it stands",
     "admission: {resources: {memoryLimit: 1200Mi, memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/requests/memory\""
     ",\"value\":\"1408Mi\"}]"},
    {"cover and limit as request", "admission: {resources: {memoryLimit: request, memory: cover}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/requests/memory\""
     ",\"value\":\"1408Mi\"},{\"op\":\"add\",\"path\":\"/spec/containers/0/resources/li"
     "mits\",\"value\":{\"memory\":\"1408Mi\"}}]"},
    {"no processor limit", "admission: {resources: {cpuLimit: remove}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"cpu\":\"1\"},\"limits\":{\"cpu\":\"2\",\"memory\":\"1Gi\"}}}]"),
     "[{\"op\":\"remove\",\"path\":\"/spec/containers/0/resources/limits/cpu\"}]"},
    {"a processor limit where there is none", "admission: {resources: {cpuLimit: 1500m}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"cpu\":\"1\"}}}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/0/resources/limits\",\"value\":{\"cp"
     "u\":\"1500m\"}}]"},
    {"a processor limit of the user's", "admission: {resources: {cpuLimit: 1500m}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"cpu\":\"1\"},\"limits\":{\"cpu\":1}}}]"),
     "[]"},
    {"a processor limit, always", "admission: {resources: {cpuLimit: 1500m, when: always}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"cpu\":\"1\"},\"limits\":{\"cpu\":1}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/cpu\",\"val"
     "ue\":\"1500m\"}]"},
    {"a processor limit below the request", "admission: {resources: {cpuLimit: 500m}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"cpu\":\"1\"}}}]"),
     "[]"},
    {"disk", "admission: {resources: {ephemeralStorage: {request: 10Gi, limit: 20Gi}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/0/"
     "resources\",\"value\":{\"limits\":{\"ephemeral-storage\":\"20Gi\"},\"requests\":{\"ephemeral-"
     "storage\":\"10Gi\"}}}]"},
    {"disk: what the user said stays",
     "admission: {resources: {ephemeralStorage: {request: 10Gi, limit: 20Gi}"
     "}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"ephemeral-storage\":\"5Gi\"}}}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/0/resources/limits\",\"value\":{\"ep"
     "hemeral-storage\":\"20Gi\"}}]"},
    {"disk: neither on the wrong side of the user's",
     "admission: {resources: {ephemeralStorage: {request: 10Gi, limit: 20Gi}"
     "}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"ephemeral-storage\":\"30Gi\"}}}]"),
     "[]"},
    {"disk: always",
     "admission: {resources: {when: always, ephemeralStorage: {request: 10Gi"
     ", limit: 20Gi}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"ephemeral-storage\":\"30Gi\"},\"limits\":{\"ephemeral-storage\":\"30Gi\"}"
              "}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/ephemeral"
     "-storage\",\"value\":\"20Gi\"},{\"op\":\"replace\",\"path\":\"/spec/containers/0/r"
     "esources/requests/ephemeral-storage\",\"value\":\"10Gi\"}]"},
    {"disk: always, but only one of them",
     "admission: {resources: {when: always, ephemeralStorage: {request: 10Gi"
     "}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"ephemeral-storage\":\"1Gi\"},\"limits\":{\"ephemeral-storage\":\"5Gi\"}}}"
              "]"),
     "[]"},
    {"for the other role", "admission: {resources: {driver: {memoryLimit: request}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1Gi\"}}}]"),
     "[]"},
    {"for this role, with a when of its own",
     "admission: {resources: {executor: {memoryLimit: request, when: always}"
     "}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"resources\":{\"reques"
              "ts\":{\"memory\":\"1Gi\"},\"limits\":{\"memory\":\"2Gi\"}}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources/limits/memory\",\""
     "value\":\"1Gi\"}]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_resources, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

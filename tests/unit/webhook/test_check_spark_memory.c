/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_spark_memory, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"enough", "require: [{rule: memory-covers-spark-conf}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1408Mi\"},\"limits\":{\"memory\":\"1408Mi\"}}}]"),
     ""},
    {"too little of both", "require: [{rule: memory-covers-spark-conf}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"1Gi\"},\"limits\":{\"memory\":\"1407Mi\"}}}]"),
     "spec.containers[0].resources.requests.memory: found \"1Gi\", allowed: at"
     " least 1408Mi = heap 1Gi + overhead 384Mi (policy p, rule memory-cover"
     "s-spark-conf)\nspec.containers[0].resources.limits.memory: found \"1407M"
     "i\", allowed: at least 1408Mi = heap 1Gi + overhead 384Mi (policy p, ru"
     "le memory-covers-spark-conf)"},
    {"a limit without a request, a request without a limit, neither",
     "require: [{rule: memory-covers-spark-conf}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"limits\":{\"memory\":\""
              "1408Mi\"}}}]"),
     ""},
    {"a request without a limit", "require: [{rule: memory-covers-spark-conf}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1024m\"}],\"resources\":{\"requests\":{\"memory\""
              ":\"2Gi\"}}}]"),
     ""},
    {"neither", "require: [{rule: memory-covers-spark-conf}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"1000m\"}]}]"),
     "spec.containers[0].resources.requests.memory: found nothing, allowed: "
     "at least 1384Mi = heap 1000Mi + overhead 384Mi (policy p, rule memory-"
     "covers-spark-conf)"},
    {"nothing is known", "require: [{rule: memory-covers-spark-conf}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"), ""},
    {"all parts", "require: [{rule: memory-covers-spark-conf}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"SPAR"
              "K_EXECUTOR_MEMORY\",\"value\":\"8192m\"},{\"name\":\"SPARK_JAVA_OPT_0\",\"value\""
              ":\"-Dspark.memory.offHeap.enabled=true\"},{\"name\":\"SPARK_JAVA_OPT_1\",\"va"
              "lue\":\"-Dspark.memory.offHeap.size=2147483648\"},{\"name\":\"SPARK_JAVA_OPT"
              "_2\",\"value\":\"-Dspark.executor.pyspark.memory=512m\"}],\"resources\":{\"req"
              "uests\":{\"memory\":\"1\"}}}]"),
     "spec.containers[0].resources.requests.memory: found \"1\", allowed: at l"
     "east 11571Mi = heap 8Gi + overhead 819Mi + off-heap 2Gi + Python 512Mi"
     " (policy p, rule memory-covers-spark-conf)"},
    {"a Python driver", "require: [{rule: memory-covers-spark-conf}]",
     DRIVER("\"containers\":[{\"name\":\"x\"},{\"name\":\"spark-kubernetes-driver\",\"args\":[\""
            "driver\",\"--conf\",\"spark.driver.memory=4g\",\"--class\",\"org.apache.spark."
            "deploy.PythonRunner\",\"a.py\"],\"resources\":{\"requests\":{\"memory\":\"4505Mi"
            "\"},\"limits\":{\"memory\":\"6Gi\"}}}]"),
     "spec.containers[1].resources.requests.memory: found \"4505Mi\", allowed:"
     " at least 5734Mi = heap 4Gi + overhead 1638Mi (policy p, rule memory-c"
     "overs-spark-conf)"},
    {"a driver whose conf is out of sight", "require: [{rule: memory-covers-spark-conf}]",
     DRIVER("\"containers\":[{\"name\":\"spark-kubernetes-driver\",\"args\":[\"driver\",\"--pr"
            "operties-file\",\"/opt/spark/conf/spark.properties\",\"--class\",\"C\",\"a.jar"
            "\"],\"resources\":{\"limits\":{\"memory\":\"1Mi\"}}}]"),
     ""},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_spark_memory, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

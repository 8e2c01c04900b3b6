/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/spark_memory.h"

#include "pods.h"

TestSuite(spark_memory, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

/* Conf as "key=value;key=value", and what it adds up to; NULL: nothing can be said. */
static const struct {
    enum role role;
    const char *conf;
    const char *sum;
} confs[] = {
    {ROLE_EXECUTOR, "", NULL},
    {ROLE_EXECUTOR, "spark.driver.memory=4g", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=1g", "1408Mi = heap 1Gi + overhead 384Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=4096", "4505Mi = heap 4Gi + overhead 409Mi"},
    {ROLE_DRIVER, "spark.driver.memory=2048m", "2432Mi = heap 2Gi + overhead 384Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1500M", "1884Mi = heap 1500Mi + overhead 384Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1GB;spark.executor.memory=2gb",
     "2432Mi = heap 2Gi + overhead 384Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1g;spark.executor.memory=much", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=1g;spark.executor.memoryOverhead=100m",
     "1124Mi = heap 1Gi + overhead 100Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1g;spark.executor.memoryOverhead=0",
     "1024Mi = heap 1Gi + overhead 0Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=10g;spark.executor.memoryOverheadFactor=0.4",
     "14336Mi = heap 10Gi + overhead 4Gi"},
    {ROLE_EXECUTOR, "spark.executor.memory=10g;spark.kubernetes.memoryOverheadFactor=0.3",
     "13312Mi = heap 10Gi + overhead 3Gi"},
    {ROLE_EXECUTOR,
     "spark.executor.memory=10g;spark.executor.memoryOverheadFactor=0.2;"
     "spark.kubernetes.memoryOverheadFactor=0.3",
     "12288Mi = heap 10Gi + overhead 2Gi"},
    {ROLE_EXECUTOR, "spark.executor.memory=10g;spark.executor.memoryOverheadFactor=-1",
     "11264Mi = heap 10Gi + overhead 1Gi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1g;spark.executor.minMemoryOverhead=1g",
     "2048Mi = heap 1Gi + overhead 1Gi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1g;spark.memory.offHeap.size=1g",
     "1408Mi = heap 1Gi + overhead 384Mi"},
    {ROLE_EXECUTOR,
     "spark.executor.memory=1g;spark.memory.offHeap.enabled=True;spark.memory.offHeap.size="
     "1073741824",
     "2432Mi = heap 1Gi + overhead 384Mi + off-heap 1Gi"},
    {ROLE_DRIVER,
     "spark.driver.memory=1g;spark.memory.offHeap.enabled=true;spark.memory.offHeap.size=1g;"
     "spark.executor.pyspark.memory=1g",
     "1408Mi = heap 1Gi + overhead 384Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1g;spark.executor.pyspark.memory=100",
     "1508Mi = heap 1Gi + overhead 384Mi + Python 100Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=99999999999999999999g", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=999999999999999p", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=4194305g", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=1.5g", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=1bb", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=1gigabyte", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=-1g", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory=", NULL},
    {ROLE_EXECUTOR, "spark.executor.memory= 1048576k ", "1408Mi = heap 1Gi + overhead 384Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1073741824b", "1408Mi = heap 1Gi + overhead 384Mi"},
    {ROLE_EXECUTOR, "spark.executor.memory=1t", "1153433Mi = heap 1024Gi + overhead 104857Mi"},
};

static void expect_sum(const char *name, const struct spark_memory *m, const char *expected)
{
    struct spark_memory_sum sum;
    bool is_known = spark_memory_sum(m, &sum);
    row_require(is_known == (expected != NULL), "%s", name);
    if (is_known) {
        const char *text = spark_memory_text(arena, &sum);
        cr_expect_str_eq(text, expected, "%s: %s", name, text);
    }
}

static void conf_row(size_t i)
{
    struct spark_memory m;
    spark_memory_init(&m, confs[i].role);
    char *text = arena_strdup(arena, confs[i].conf);
    char *rest = NULL;
    for (char *line = strtok_r(text, ";", &rest); line != NULL; line = strtok_r(NULL, ";", &rest)) {
        char *value = strchr(line, '=');
        *value = '\0';
        spark_memory_conf(&m, line, value + 1);
    }
    expect_sum(confs[i].conf, &m, confs[i].sum);
}

Test(spark_memory, conf)
{
    table_run_fresh(COUNT(confs), conf_row, pods_reset);
}

#define ARGS(args)                                                                                 \
    DRIVER("\"containers\":[{\"name\":\"spark-kubernetes-driver\",\"args\":[\"driver\"," args "]}" \
           "]")
#define ENV(env)                                                                                   \
    EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[" env "]}]")

/* What pods show. */
static const struct {
    const char *pod;
    const char *sum;
} shown[] = {
    {EXECUTOR(""), NULL},
    {DRIVER("\"containers\":[{\"name\":\"spark-kubernetes-driver\"}]"), NULL},
    {DRIVER("\"containers\":[{\"name\":\"spark-kubernetes-driver\",\"args\":[]}]"), NULL},
    {ENV("{\"name\":\"SPARK_EXECUTOR_MEMORY\",\"value\":\"1024m\"}"),
     "1408Mi = heap 1Gi + overhead 384Mi"},
    {ENV("{\"name\":\"SPARK_EXECUTOR_MEMORY\",\"value\":\"1g\"},{},{\"name\":\"SPARK_EXECUTOR_"
         "MEMORY\",\"value\":\"2g\"}"),
     "2432Mi = heap 2Gi + overhead 384Mi"},
    {ENV("{\"name\":\"SPARK_EXECUTOR_MEMORY\",\"value\":\"1g\"},{\"name\":\"SPARK_EXECUTOR_"
         "MEMORY\",\"valueFrom\":{}}"),
     NULL},
    {ENV("{\"name\":\"SPARK_JAVA_OPT_0\",\"value\":\"-Dspark.executor.memoryOverhead=1g\"},"
         "{\"name\":\"SPARK_EXECUTOR_MEMORY\",\"value\":\"1g\"},{\"name\":\"SPARK_JAVA_OPT_1\","
         "\"value\":\"-Dspark.driver.port=1\"},{\"name\":\"SPARK_JAVA_OPT_2\",\"value\":\"-D\"},"
         "{\"name\":\"SPARK_JAVA_OPT_3\"}"),
     "2048Mi = heap 1Gi + overhead 1Gi"},
    {ARGS("\"--properties-file\",\"/f\",\"--class\",\"C\",\"a.jar\""), NULL},
    {ARGS("\"--driver-memory\",\"1g\",\"a.jar\""), "1408Mi = heap 1Gi + overhead 384Mi"},
    {ARGS("\"--driver-memory=1g\""), "1408Mi = heap 1Gi + overhead 384Mi"},
    {ARGS("\"--verbose\",\"--conf\",\"spark.driver.memory=1g\""),
     "1408Mi = heap 1Gi + overhead 384Mi"},
    {ARGS("\"--driver-memory\",\"1g\",\"--conf=spark.driver.memory=9g\",\"-c\","
          "\"spark.driver.memoryOverhead=1\""),
     "1025Mi = heap 1Gi + overhead 1Mi"},
    {ARGS("\"a.jar\",\"--driver-memory\",\"1g\""), NULL},
    {ARGS("\"--name\",\"--driver-memory\",\"1g\",\"a.jar\""), NULL},
    {ARGS("\"--driver-memory\""), NULL},
    {ARGS("\"--class\",\"org.apache.spark.deploy.PythonRunner\",\"--driver-memory\",\"10g\""),
     "14336Mi = heap 10Gi + overhead 4Gi"},
    {ARGS("\"--class=org.apache.spark.deploy.RRunner\",\"--driver-memory\",\"10g\""),
     "14336Mi = heap 10Gi + overhead 4Gi"},
    {ARGS("7,\"--driver-memory\",\"10g\""), NULL},
};

static void shown_row(size_t i)
{
    struct edits edits;
    struct spark_pod pod;
    struct err e = {.code = ERR_OK};
    bool is_spark = false;
    edits_init(&edits, arena);
    struct json *object = pods_parse(shown[i].pod);
    row_require(object != NULL && spark_pod_read(&edits, object, &pod, &is_spark, &e) == ERR_OK &&
                    is_spark,
                "%s: %s", shown[i].pod, e.text);
    struct spark_memory m;
    spark_memory_read(&pod, &m);
    expect_sum(shown[i].pod, &m, shown[i].sum);
}

Test(spark_memory, shown)
{
    table_run_fresh(COUNT(shown), shown_row, pods_reset);
}

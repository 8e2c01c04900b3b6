/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(application, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define OF(version, kind, metadata, spec)                                                          \
    "{\"apiVersion\":\"" version "\",\"kind\":\"" kind "\",\"metadata\":{\"name\":\"a\"" metadata  \
    "},\"spec\":{" spec "}}"
#define APP(spec) OF("sparkoperator.k8s.io/v1beta2", "SparkApplication", "", spec)
#define SCHEDULED(spec)                                                                            \
    OF("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", "",                            \
       "\"schedule\":\"@daily\",\"template\":{" spec "}")
#define APACHE(spec) OF("spark.apache.org/v1", "SparkApplication", "", spec)
#define ADD(path, value) "{\"op\":\"add\",\"path\":\"" path "\",\"value\":" value "}"
#define REPLACE(path, value) "{\"op\":\"replace\",\"path\":\"" path "\",\"value\":" value "}"

static const struct pod_case confs[] = {
    {"a default", "sparkConf: {spark.a: '1'}", APP(""),
     "[" ADD("/spec/sparkConf", "{\"spark.a\":\"1\"}") "]"},
    {"several beside the user's", "sparkConf: {spark.a: '1', spark.b: '2', spark.c: '3'}",
     APP("\"sparkConf\":{\"spark.b\":\"x\"}"),
     "[" ADD("/spec/sparkConf/spark.a", "\"1\"") "," ADD("/spec/sparkConf/spark.c", "\"3\"") "]"},
    {"enforced", "sparkConf: [{when: always, set: {spark.a: '1', spark.b: '2'}}]",
     APP("\"sparkConf\":{\"spark.a\":\"1\",\"spark.b\":\"x\"}"),
     "[" REPLACE("/spec/sparkConf/spark.b", "\"2\"") "]"},
    {"of a schedule", "sparkConf: {spark.a: '1'}", SCHEDULED(""),
     "[" ADD("/spec/template/sparkConf", "{\"spark.a\":\"1\"}") "]"},
    {"of the Apache operator", "sparkConf: {spark.a: '1'}", APACHE("\"sparkConf\":{}"),
     "[" ADD("/spec/sparkConf/spark.a", "\"1\"") "]"},
    {"null is nothing", "sparkConf: {spark.a: '1'}", APP("\"sparkConf\":null"),
     "[" REPLACE("/spec/sparkConf", "{\"spark.a\":\"1\"}") "]"},
    {"what the schema refuses stays", "sparkConf: {spark.a: '1'}", APP("\"sparkConf\":[]"), "[]"},
    {"by the labels of the application",
     "match: {selector: {matchLabels: {team: etl}}}, sparkConf: {spark.a: '1'}",
     OF("sparkoperator.k8s.io/v1beta2", "SparkApplication", ",\"labels\":{\"team\":\"etl\"}", ""),
     "[" ADD("/spec/sparkConf", "{\"spark.a\":\"1\"}") "]"},
    {"by the labels of its driver",
     "match: {selector: {matchLabels: {team: etl}}}, sparkConf: {spark.a: '1'}",
     OF("sparkoperator.k8s.io/v1beta2", "SparkApplication", ",\"labels\":{\"team\":\"ml\"}",
        "\"driver\":{\"labels\":{\"team\":\"etl\"}}"),
     "[" ADD("/spec/sparkConf", "{\"spark.a\":\"1\"}") "]"},
    {"by labels in the conf",
     "match: {selector: {matchLabels: {team: etl}}}, sparkConf: {spark.a: '1'}",
     APACHE("\"sparkConf\":{\"spark.kubernetes.driver.label.team\":\"etl\"}"),
     "[" ADD("/spec/sparkConf/spark.a", "\"1\"") "]"},
    {"other labels", "match: {selector: {matchLabels: {team: etl}}}, sparkConf: {spark.a: '1'}",
     OF("sparkoperator.k8s.io/v1beta2", "SparkApplication", ",\"labels\":{\"team\":\"ml\"}", ""),
     "[]"},
    {"what the Kubeflow operator would refuse",
     "sparkConf: {spark.kubernetes.executor.container.image: a, "
     "spark.kubernetes.authenticate.executor.serviceAccountName: b}",
     APP(""), "[]"},
    {"what is for pods", "admission: {labels: {a: b}}, claims: {labels: {a: b}}", APP(""), "[]"},
};

static void confs_row(size_t i)
{
    pods_expect_patch(&confs[i]);
}

Test(application, conf)
{
    table_run_fresh(COUNT(confs), confs_row, pods_reset);
}

#define RESTART                                                                                    \
    "restartPolicy: {type: OnFailure, onFailureRetries: 3, onFailureRetryInterval: 1m, "           \
    "onSubmissionFailureRetries: 2, onSubmissionFailureRetryInterval: 30s}"
#define WANTED                                                                                     \
    "{\"type\":\"OnFailure\",\"onFailureRetries\":3,\"onFailureRetryInterval\":60,"                \
    "\"onSubmissionFailureRetries\":2,\"onSubmissionFailureRetryInterval\":30}"
#define AT "/spec/restartPolicy"

static const struct pod_case restarts[] = {
    {"nothing said", "application: {" RESTART "}", APP(""), "[" ADD(AT, WANTED) "]"},
    {"what the operator writes then", "application: {" RESTART "}",
     APP("\"restartPolicy\":{\"type\":\"Never\"}"),
     "[" REPLACE(AT "/type", "\"OnFailure\"") "," ADD(AT "/onFailureRetries", "3") "," ADD(
         AT "/onFailureRetryInterval",
         "60") "," ADD(AT "/onSubmissionFailureRetries",
                       "2") "," ADD(AT "/onSubmissionFailureRetryInterval", "30") "]"},
    {"never, and meant so", "application: {" RESTART "}",
     APP("\"restartPolicy\":{\"type\":\"Never\",\"onFailureRetries\":0}"), "[]"},
    {"always", "application: {" RESTART "}", APP("\"restartPolicy\":{\"type\":\"Always\"}"), "[]"},
    {"retries that are missing", "application: {" RESTART "}",
     APP("\"restartPolicy\":{\"type\":\"OnFailure\",\"onFailureRetryInterval\":5,"
         "\"onSubmissionFailureRetries\":9,\"onSubmissionFailureRetryInterval\":5}"),
     "[" ADD(AT "/onFailureRetries", "3") "]"},
    {"complete", "application: {" RESTART "}", APP("\"restartPolicy\":" WANTED), "[]"},
    {"enforced", "application: {when: always, restartPolicy: {type: Never}}",
     APP("\"restartPolicy\":" WANTED), "[" REPLACE(AT "/type", "\"Never\"") "]"},
    {"enforced numbers", "application: {when: always, " RESTART "}",
     APP("\"restartPolicy\":{\"type\":\"Never\",\"onFailureRetries\":0,"
         "\"onFailureRetryInterval\":60,\"onSubmissionFailureRetries\":2,"
         "\"onSubmissionFailureRetryInterval\":30}"),
     "[" REPLACE(AT "/type", "\"OnFailure\"") "," REPLACE(AT "/onFailureRetries", "3") "]"},
    {"of a schedule", "application: {restartPolicy: {type: Always}}", SCHEDULED(""),
     "[" ADD("/spec/template/restartPolicy", "{\"type\":\"Always\"}") "]"},
    {"of the Apache operator", "application: {" RESTART "}", APACHE(""),
     "[" ADD("/spec/applicationTolerations",
             "{\"restartConfig\":{\"restartPolicy\":\"OnFailure\",\"maxRestartAttempts\":3,"
             "\"restartBackoffMillis\":60000}}") "]"},
    {"of the Apache operator, said", "application: {" RESTART "}",
     APACHE("\"applicationTolerations\":{\"restartConfig\":{\"restartPolicy\":"
            "\"OnInfrastructureFailure\"}}"),
     "[]"},
    {"what the schema refuses stays", "application: {" RESTART "}", APP("\"restartPolicy\":5"),
     "[]"},
};

static void restarts_row(size_t i)
{
    pods_expect_patch(&restarts[i]);
}

Test(application, restart_policy)
{
    table_run_fresh(COUNT(restarts), restarts_row, pods_reset);
}

#define BOUNDS "dynamicAllocation: {minExecutors: 2, maxExecutors: 50}"
#define DYNAMIC(more) "\"dynamicAllocation\":{\"enabled\":true" more "}"
#define DYNAMIC_CONF(more) "\"sparkConf\":{\"spark.dynamicAllocation.enabled\":\"true\"" more "}"
#define MIN "/spec/dynamicAllocation/minExecutors"
#define MAX "/spec/dynamicAllocation/maxExecutors"

static const struct pod_case bounds[] = {
    {"off", "application: {" BOUNDS "}", APP(""), "[]"},
    {"off and said so", "application: {" BOUNDS "}",
     APP("\"dynamicAllocation\":{\"enabled\":false}"), "[]"},
    {"on", "application: {" BOUNDS "}", APP(DYNAMIC("")), "[" ADD(MIN, "2") "," ADD(MAX, "50") "]"},
    {"said", "application: {" BOUNDS "}", APP(DYNAMIC(",\"minExecutors\":1,\"maxExecutors\":100")),
     "[]"},
    {"more than the default", "application: {" BOUNDS "}", APP(DYNAMIC(",\"minExecutors\":60")),
     "[]"},
    {"less than the default", "application: {" BOUNDS "}", APP(DYNAMIC(",\"maxExecutors\":1")),
     "[" ADD(MIN, "1") "]"},
    {"enforced", "application: {when: always, " BOUNDS "}",
     APP(DYNAMIC(",\"minExecutors\":60,\"maxExecutors\":100")),
     "[" REPLACE(MIN, "2") "," REPLACE(MAX, "50") "]"},
    {"an enforced end takes the beginning along",
     "application: {when: always, dynamicAllocation: {maxExecutors: 50}}",
     APP(DYNAMIC(",\"minExecutors\":60")), "[" REPLACE(MIN, "50") "," ADD(MAX, "50") "]"},
    {"an enforced beginning takes the end along",
     "application: {when: always, dynamicAllocation: {minExecutors: 10}}",
     APP(DYNAMIC(",\"maxExecutors\":5")), "[" ADD(MIN, "10") "," REPLACE(MAX, "10") "]"},
    {"in the conf", "application: {" BOUNDS "}", APP(DYNAMIC_CONF("")),
     "[" ADD("/spec/sparkConf/spark.dynamicAllocation.minExecutors", "\"2\"") "," ADD(
         "/spec/sparkConf/spark.dynamicAllocation.maxExecutors", "\"50\"") "]"},
    {"in the conf of the Apache operator", "application: {dynamicAllocation: {maxExecutors: 50}}",
     APACHE(DYNAMIC_CONF(",\"spark.dynamicAllocation.minExecutors\":\"3\"")),
     "[" ADD("/spec/sparkConf/spark.dynamicAllocation.maxExecutors", "\"50\"") "]"},
    {"switched on by the same policy",
     "sparkConf: {spark.dynamicAllocation.enabled: 'true'}, application: "
     "{dynamicAllocation: {maxExecutors: 50}}",
     APP("\"sparkConf\":{}"),
     "[" ADD("/spec/sparkConf/spark.dynamicAllocation.enabled", "\"true\"") "," ADD(
         "/spec/sparkConf/spark.dynamicAllocation.maxExecutors", "\"50\"") "]"},
};

static void bounds_row(size_t i)
{
    pods_expect_patch(&bounds[i]);
}

Test(application, dynamic_allocation)
{
    table_run_fresh(COUNT(bounds), bounds_row, pods_reset);
}

#define RESTARTS "require: [{rule: restart-policy}]"
#define SIZES "require: [{rule: dynamic-allocation, min: 1, max: 100}]"
#define FOUND(field, found, allowed, rule)                                                         \
    field ": found " found ", allowed: " allowed " (policy p, rule " rule ")"

static const struct pod_case violations[] = {
    {"no policy", RESTARTS, APP(""),
     FOUND("spec.restartPolicy.type", "nothing", "OnFailure or Always", "restart-policy")},
    {"never", RESTARTS, SCHEDULED("\"restartPolicy\":{\"type\":\"Never\"}"),
     FOUND("spec.template.restartPolicy.type", "\"Never\"", "OnFailure or Always",
           "restart-policy")},
    {"never after all", RESTARTS, APP("\"restartPolicy\":{\"type\":\"OnFailure\"}"),
     FOUND("spec.restartPolicy.onFailureRetries", "nothing", "at least 1, or nothing is run again",
           "restart-policy")},
    {"not once", RESTARTS, APP("\"restartPolicy\":{\"type\":\"OnFailure\",\"onFailureRetries\":0}"),
     FOUND("spec.restartPolicy.onFailureRetries", "\"0\"", "at least 1, or nothing is run again",
           "restart-policy")},
    {"once", RESTARTS, APP("\"restartPolicy\":{\"type\":\"OnFailure\",\"onFailureRetries\":1}"),
     ""},
    {"always", RESTARTS, APP("\"restartPolicy\":{\"type\":\"Always\"}"), ""},
    {"the Apache operator's default", RESTARTS, APACHE(""),
     FOUND("spec.applicationTolerations.restartConfig.restartPolicy", "nothing",
           "OnFailure or Always", "restart-policy")},
    {"the Apache operator counts to three", RESTARTS,
     APACHE("\"applicationTolerations\":{\"restartConfig\":{\"restartPolicy\":\"OnFailure\"}}"),
     ""},
    {"off", SIZES, APP("\"dynamicAllocation\":{\"enabled\":false,\"maxExecutors\":1000}"), ""},
    {"in between", SIZES, APP(DYNAMIC(",\"minExecutors\":1,\"maxExecutors\":100")), ""},
    {"no end", SIZES, APP(DYNAMIC(",\"minExecutors\":1")),
     FOUND("spec.dynamicAllocation.maxExecutors", "nothing", "at least 1, at most 100",
           "dynamic-allocation")},
    {"both", SIZES, SCHEDULED(DYNAMIC(",\"minExecutors\":0,\"maxExecutors\":101")),
     FOUND("spec.template.dynamicAllocation.minExecutors", "\"0\"", "at least 1, at most 100",
           "dynamic-allocation") "\n" FOUND("spec.template.dynamicAllocation.maxExecutors",
                                            "\"101\"", "at least 1, at most 100",
                                            "dynamic-allocation")},
    {"in the conf", "require: [{rule: dynamic-allocation, max: 9}]",
     APACHE(DYNAMIC_CONF(",\"spark.dynamicAllocation.maxExecutors\":\"many\"")),
     FOUND("spec.sparkConf[spark.dynamicAllocation.maxExecutors]", "\"many\"", "at most 9",
           "dynamic-allocation")},
    {"without tracking", "require: [{rule: dynamic-allocation, max: 9}]",
     APP(DYNAMIC(",\"maxExecutors\":9,\"shuffleTrackingEnabled\":false")),
     FOUND("spec.dynamicAllocation.shuffleTrackingEnabled", "\"false\"",
           "true, or storage that is decommissioned", "dynamic-allocation")},
    {"without tracking, decommissioned", "require: [{rule: dynamic-allocation, max: 9}]",
     APP(DYNAMIC(",\"maxExecutors\":9,\"shuffleTrackingEnabled\":false") ",\"sparkConf\":{\"spark."
                                                                         "storage.decommission."
                                                                         "enabled\":\"true\"}"),
     ""},
    {"what pods must fulfil", "require: [{rule: memory-limit}]", APP(""), ""},
};

static void violations_row(size_t i)
{
    pods_expect_violations(&violations[i]);
}

Test(application, violations)
{
    table_run_fresh(COUNT(violations), violations_row, pods_reset);
}

Test(application, without_a_spec_is_not_ours)
{
    static const char *const foreign[] = {"{}", "{\"spec\":null}", "{\"spec\":[]}"};
    for (size_t i = 0; i < COUNT(foreign); i++) {
        struct edits edits;
        struct spark_application app;
        struct err e;
        bool is_spark = true;
        edits_init(&edits, arena);
        cr_expect_eq(spark_application_read(&edits, KIND_SPARK_APPLICATION, pods_parse(foreign[i]),
                                            &app, &is_spark, &e),
                     ERR_OK);
        cr_expect_not(is_spark, "%s", foreign[i]);
    }
}

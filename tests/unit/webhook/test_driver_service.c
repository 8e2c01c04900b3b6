/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(driver_service, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define SERVICE(name, selector, more)                                                              \
    "{\"kind\":\"Service\",\"metadata\":{\"name\":\"" name                                         \
    "\"},\"spec\":{\"clusterIP\":\"None\",\"selector\":{" selector "}" more "}}"
#define DRIVERS "\"spark-role\":\"driver\",\"spark-app-selector\":\"spark-1\",\"team\":\"etl\""
#define STARTUP "admission: {probes: {driver: {startup: {preset: spark-ui}}}}"
#define PUBLISHED "[{\"op\":\"add\",\"path\":\"/spec/publishNotReadyAddresses\",\"value\":true}]"

static const struct pod_case cases[] = {
    {"a startup probe needs it", STARTUP, SERVICE("a-driver-svc", DRIVERS, ""), PUBLISHED},
    {"said to be false", STARTUP,
     SERVICE("a-driver-svc", DRIVERS, ",\"publishNotReadyAddresses\":false"),
     "[{\"op\":\"replace\",\"path\":\"/spec/publishNotReadyAddresses\",\"value\":true}]"},
    {"said already", STARTUP,
     SERVICE("a-driver-svc", DRIVERS, ",\"publishNotReadyAddresses\":true"), "[]"},
    {"liveness does not hide a driver",
     "admission: {probes: {driver: {liveness: {preset: spark-ui}}}}",
     SERVICE("a-driver-svc", DRIVERS, ""), "[]"},
    {"nor do other policies", "admission: {labels: {a: b}}, sparkConf: {spark.a: b}",
     SERVICE("a-driver-svc", DRIVERS, ""), "[]"},
    {"the labels of the driver decide", "match: {selector: {matchLabels: {team: etl}}}, " STARTUP,
     SERVICE("a-driver-svc", DRIVERS, ""), PUBLISHED},
    {"other labels", "match: {selector: {matchLabels: {team: ml}}}, " STARTUP,
     SERVICE("a-driver-svc", DRIVERS, ""), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(driver_service, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

static const char *const foreign[] = {
    SERVICE("a-ui-svc", DRIVERS, ""),
    SERVICE("-driver-svc", DRIVERS, ""),
    SERVICE("a-driver-svc", "\"spark-role\":\"executor\",\"spark-app-selector\":\"x\"", ""),
    SERVICE("a-driver-svc", "\"spark-role\":\"driver\"", ""),
    SERVICE("a-driver-svc", "\"spark-role\":\"driver\",\"spark-app-selector\":5", ""),
    "{\"metadata\":{\"name\":\"a-driver-svc\"},\"spec\":{\"selector\":{" DRIVERS "}}}",
    "{\"metadata\":{\"name\":\"a-driver-svc\"},\"spec\":{\"clusterIP\":\"10.0.0.1\",\"selector\":"
    "{" DRIVERS "}}}",
    "{\"metadata\":{\"name\":\"a-driver-svc\"},\"spec\":{\"clusterIP\":\"None\"}}",
    "{\"metadata\":{\"generateName\":\"a-driver-svc\"}}",
    "{}",
};

static void foreign_row(size_t i)
{
    struct edits edits;
    struct driver_service service;
    edits_init(&edits, arena);
    cr_expect_not(driver_service_read(&edits, pods_parse(foreign[i]), &service), "%s", foreign[i]);
}

Test(driver_service, others_are_not_ours)
{
    table_run_fresh(COUNT(foreign), foreign_row, pods_reset);
}

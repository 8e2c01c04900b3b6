/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_topology, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define RACK(more)                                                                                 \
    "admission: {topologySpreadConstraints: [{topologyKey: rack, whenUnsatisfiable: "              \
    "ScheduleAnyway" more "}]}"
#define LIST(items) "\"topologySpreadConstraints\":[" items "]"
#define ON_RACKS(skew, when, more)                                                                 \
    "{\"maxSkew\":" skew ",\"topologyKey\":\"rack\",\"whenUnsatisfiable\":\"" when "\"" more "}"
#define MATES                                                                                      \
    ",\"labelSelector\":{\"matchLabels\":{\"spark-app-selector\":\"spark-1\",\"spark-role\":"      \
    "\"executor\"}}"
#define OURS ON_RACKS("1", "ScheduleAnyway", MATES)

static const struct pod_case cases[] = {
    {"where there are none", RACK(""), EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/topologySpreadConstraints\",\"value\":[" OURS "]}]"},
    {"beside one that is stricter", RACK(""), EXECUTOR(LIST(ON_RACKS("1", "DoNotSchedule", ""))),
     "[{\"op\":\"add\",\"path\":\"/spec/topologySpreadConstraints/-\",\"value\":" OURS "}]"},
    {"the user's own", RACK(""), EXECUTOR(LIST(ON_RACKS("7", "ScheduleAnyway", ""))), "[]"},
    {"always", RACK(", when: always"), EXECUTOR(LIST(ON_RACKS("7", "ScheduleAnyway", ""))),
     "[{\"op\":\"replace\",\"path\":\"/spec/topologySpreadConstraints/0\",\"value\":" OURS "}]"},
    {"always, and with what another webhook added", RACK(", when: always"),
     EXECUTOR(LIST(ON_RACKS("1", "ScheduleAnyway", ",\"nodeTaintsPolicy\":\"Honor\"" MATES))),
     "[]"},
    {"a selector of its own", RACK(", labelSelector: {matchLabels: {a: b}}"), EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/topologySpreadConstraints\",\"value\":[" ON_RACKS(
         "1", "ScheduleAnyway",
         ",\"labelSelector\":{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":["
         "\"b\"]}]}") "]}]"},
    {"executors by default", RACK(""), DRIVER(""), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_topology, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_spread, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

/* The application spark-1 belongs to c of these. */
#define ONE_ZONE(more)                                                                             \
    "admission: {spread: [{over: zone, strategy: one-zone, zones: [a, b, c]" more "}]}"
#define NODES "/spec/affinity/nodeAffinity/"
#define IN_C "{\"key\":\"topology.kubernetes.io/zone\",\"operator\":\"In\",\"values\":[\"c\"]}"
#define IN_A "{\"key\":\"topology.kubernetes.io/zone\",\"operator\":\"In\",\"values\":[\"a\"]}"
#define ARM "{\"key\":\"kubernetes.io/arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}"
#define REQUIRED "requiredDuringSchedulingIgnoredDuringExecution"
#define PREFERRED "preferredDuringSchedulingIgnoredDuringExecution"
#define TERM(expressions) "{\"matchExpressions\":[" expressions "]}"
#define NODE_AFFINITY(terms)                                                                       \
    "\"affinity\":{\"nodeAffinity\":{\"" REQUIRED "\":{\"nodeSelectorTerms\":[" terms "]}}}"
#define NODE_PREFERENCE(weight, term) "{\"weight\":" weight ",\"preference\":" term "}"

static const struct pod_case cases[] = {
    {"one zone, preferred", ONE_ZONE(""), EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/affinity\",\"value\":{\"nodeAffinity\":{\"" PREFERRED
     "\":[" NODE_PREFERENCE("50", TERM(IN_C)) "]}}}]"},
    {"one zone, preferred by weight", ONE_ZONE(", role: driver, weight: 100"), DRIVER(""),
     "[{\"op\":\"add\",\"path\":\"/spec/affinity\",\"value\":{\"nodeAffinity\":{\"" PREFERRED
     "\":[" NODE_PREFERENCE("100", TERM(IN_C)) "]}}}]"},
    {"one zone, required", ONE_ZONE(", strength: required"), EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/affinity\",\"value\":{\"nodeAffinity\":{\"" REQUIRED
     "\":{\"nodeSelectorTerms\":[" TERM(IN_C) "]}}}}]"},
    {"one zone, required in each of the user's alternatives", ONE_ZONE(", strength: required"),
     EXECUTOR(NODE_AFFINITY(TERM(ARM) ",{}," TERM(ARM))),
     "[{\"op\":\"add\",\"path\":\"" NODES REQUIRED
     "/nodeSelectorTerms/0/matchExpressions/-\",\"value\":" IN_C
     "},{\"op\":\"add\",\"path\":\"" NODES REQUIRED
     "/nodeSelectorTerms/2/matchExpressions/-\",\"value\":" IN_C "}]"},
    {"the user chose a zone", ONE_ZONE(", strength: required"),
     EXECUTOR(NODE_AFFINITY(TERM(ARM "," IN_A))), "[]"},
    {"the user chose a zone by node selector", ONE_ZONE(""),
     EXECUTOR("\"nodeSelector\":{\"topology.kubernetes.io/zone\":\"a\"}"), "[]"},
    {"the user chose a zone by its old label", ONE_ZONE(""),
     EXECUTOR("\"nodeSelector\":{\"failure-domain.beta.kubernetes.io/zone\":\"a\"}"), "[]"},
    {"the user spreads over zones", ONE_ZONE(""),
     EXECUTOR("\"topologySpreadConstraints\":[{\"topologyKey\":\"topology.kubernetes.io/zone\"}]"),
     "[]"},
    {"always, and the rest of what the user chose stays",
     ONE_ZONE(", strength: required, when: always"),
     EXECUTOR("\"nodeSelector\":{\"topology.kubernetes.io/zone\":\"a\",\"x\":\"y\"}," NODE_AFFINITY(
         TERM(ARM "," IN_A))),
     "[{\"op\":\"remove\",\"path\":\"/spec/nodeSelector/topology.kubernetes.io~1zone\"},"
     "{\"op\":\"replace\",\"path\":\"" NODES REQUIRED
     "/nodeSelectorTerms\",\"value\":[" TERM(ARM "," IN_C) "]}]"},
    {"always, but it is there", ONE_ZONE(", strength: required, when: always"),
     EXECUTOR(NODE_AFFINITY(TERM(IN_C "," ARM))), "[]"},
    {"always, preferred, in place of another", ONE_ZONE(", when: always"),
     EXECUTOR("\"affinity\":{\"nodeAffinity\":{\"" PREFERRED
              "\":[" NODE_PREFERENCE("1", TERM(IN_A)) "," NODE_PREFERENCE("2", TERM(ARM)) "]}}"),
     "[{\"op\":\"replace\",\"path\":\"" NODES PREFERRED
     "\",\"value\":[" NODE_PREFERENCE("2", TERM(ARM)) "," NODE_PREFERENCE("50", TERM(IN_C)) "]}]"},
    {"together with capacity",
     "admission: {when: always, capacity: {executor: spot}, spread: [{over: zone, strategy: "
     "one-zone, zones: [c], strength: required}]}",
     EXECUTOR(NODE_AFFINITY(
         TERM("{\"key\":\"cloud.google.com/"
              "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}," IN_C)) ",\"tolerations\":[{"
                                                                              "\"operator\":"
                                                                              "\"Exists\"}]"),
     "[]"},
    {"over hosts, preferred", "admission: {spread: [{over: host, weight: 30}]}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"podAntiAffinity\":{"
     "\"preferredDuringSchedulingIgnoredDuringExecution\":[{\"weight\":30,\"podAffinityTerm\":{"
     "\"labelSelector\":{\"matchLabels\":{\"spark-app-selector\":\"spark-1\",\"spark-role\":"
     "\"executor\"}},\"topologyKey\":\"kubernetes.io/hostname\"}}]}}}]"},
    {"over hosts, required", "admission: {spread: [{over: host, strength: required}]}",
     EXECUTOR("\"affinity\":{}"),
     "[{\"op\":\"add\",\"path\":\"/spec/affinity/"
     "podAntiAffinity\",\"value\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[{"
     "\"labelSelector\":{\"matchLabels\":{\"spark-app-selector\":\"spark-1\",\"spark-role\":"
     "\"executor\"}},\"topologyKey\":\"kubernetes.io/hostname\"}]}}]"},
    {"merged with terms of the user's", "admission: {spread: [{over: host}]}",
     EXECUTOR(
         "\"affinity\":{\"podAntiAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":[{"
         "\"weight\":7,\"podAffinityTerm\":{\"labelSelector\":{\"matchLabels\":{\"x\":\"y\"}},"
         "\"topologyKey\":\"rack\"}}]}}"),
     "[{\"op\":\"add\",\"path\":\"/spec/affinity/podAntiAffinity/"
     "preferredDuringSchedulingIgnoredDuringExecution/"
     "-\",\"value\":{\"weight\":50,\"podAffinityTerm\":{\"labelSelector\":{\"matchLabels\":{"
     "\"spark-app-selector\":\"spark-1\",\"spark-role\":\"executor\"}},\"topologyKey\":"
     "\"kubernetes.io/hostname\"}}}]"},
    {"the user spreads over hosts already", "admission: {spread: [{over: host}]}",
     EXECUTOR(
         "\"affinity\":{\"podAntiAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[{"
         "\"topologyKey\":\"kubernetes.io/hostname\",\"labelSelector\":{}}]}}"),
     "[]"},
    {"always, beside the user's", "admission: {spread: [{over: host, when: always}]}",
     EXECUTOR(
         "\"affinity\":{\"podAntiAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[{"
         "\"topologyKey\":\"kubernetes.io/hostname\",\"labelSelector\":{}}]}}"),
     "[{\"op\":\"add\",\"path\":\"/spec/affinity/podAntiAffinity/"
     "preferredDuringSchedulingIgnoredDuringExecution\",\"value\":[{\"weight\":50,"
     "\"podAffinityTerm\":{\"labelSelector\":{\"matchLabels\":{\"spark-app-selector\":\"spark-1\","
     "\"spark-role\":\"executor\"}},\"topologyKey\":\"kubernetes.io/hostname\"}}]}]"},
    {"over zones", "admission: {spread: [{over: zone}]}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "topologySpreadConstraints\",\"value\":[{\"maxSkew\":1,\"topologyKey\":\"topology.kubernetes."
     "io/"
     "zone\",\"whenUnsatisfiable\":\"ScheduleAnyway\",\"labelSelector\":{\"matchLabels\":{\"spark-"
     "app-selector\":\"spark-1\",\"spark-role\":\"executor\"}}}]}]"},
    {"over zones, required, beside another constraint",
     "admission: {spread: [{over: zone, strength: required}]}",
     EXECUTOR("\"topologySpreadConstraints\":[{\"topologyKey\":\"rack\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/topologySpreadConstraints/"
     "-\",\"value\":{\"maxSkew\":1,\"topologyKey\":\"topology.kubernetes.io/"
     "zone\",\"whenUnsatisfiable\":\"DoNotSchedule\",\"labelSelector\":{\"matchLabels\":{\"spark-"
     "app-selector\":\"spark-1\",\"spark-role\":\"executor\"}}}}]"},
    {"the user's zones stay", "admission: {spread: [{over: zone}]}",
     EXECUTOR("\"topologySpreadConstraints\":[{\"topologyKey\":\"topology.kubernetes.io/zone\"}]"),
     "[]"},
    {"always, in place of the user's zones", "admission: {spread: [{over: zone, when: always}]}",
     EXECUTOR("\"topologySpreadConstraints\":[{\"topologyKey\":\"topology.kubernetes.io/"
              "zone\",\"maxSkew\":3}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/topologySpreadConstraints/"
     "0\",\"value\":{\"maxSkew\":1,\"topologyKey\":\"topology.kubernetes.io/"
     "zone\",\"whenUnsatisfiable\":\"ScheduleAnyway\",\"labelSelector\":{\"matchLabels\":{\"spark-"
     "app-selector\":\"spark-1\",\"spark-role\":\"executor\"}}}}]"},
    {"always, in place of the one that may not stand twice",
     "admission: {spread: [{over: zone, when: always}]}",
     EXECUTOR("\"topologySpreadConstraints\":[{\"topologyKey\":\"topology.kubernetes.io/zone\","
              "\"whenUnsatisfiable\":\"DoNotSchedule\"},{\"topologyKey\":\"topology.kubernetes.io/"
              "zone\",\"whenUnsatisfiable\":\"ScheduleAnyway\",\"maxSkew\":9}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/topologySpreadConstraints/1\",\"value\":{\"maxSkew\":1,"
     "\"topologyKey\":\"topology.kubernetes.io/zone\",\"whenUnsatisfiable\":\"ScheduleAnyway\","
     "\"labelSelector\":{\"matchLabels\":{\"spark-app-selector\":\"spark-1\",\"spark-role\":"
     "\"executor\"}}}}]"},
    {"not for the other role", "admission: {spread: [{over: host}, {over: zone}]}", DRIVER(""),
     "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_spread, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

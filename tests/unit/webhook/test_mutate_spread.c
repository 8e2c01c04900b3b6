/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_spread, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_metadata, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define TEAM_DRIVER                                                                                \
    "{\"metadata\":{\"labels\":{\"spark-role\":\"driver\",\"spark-app-selector\":\"s\",\"team\":"  \
    "\"mine\"}},"                                                                                  \
    "\"spec\":{}}"

static const struct pod_case cases[] = {
    {"a missing label", "admission: {labels: {cost-centre: '4711'}}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/cost-centre\",\"value\":\"4711\"}]"},
    {"a missing map of annotations, in one operation",
     "admission: {annotations: {a.b/c: x, d: 'y'}}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"a.b/"
     "c\":\"x\",\"d\":\"y\"}}]"},
    {"by role",
     "admission: {annotations: [{role: driver, set: {a: x}}, {role: executor, set: {a: z}}]}",
     DRIVER(""), "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"a\":\"x\"}}]"},
    {"by where the shuffle data lies: it goes with the pod",
     "admission: {annotations: [{role: executor, localDirs: emptyDir, set: {evict: 'false'}}, "
     "{role: executor, localDirs: persistent, set: {evict: 'true'}}]}",
     EXECUTOR("\"volumes\":[{\"name\":\"spark-local-dir-1\",\"emptyDir\":{}}]"),
     "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"evict\":\"false\"}}]"},
    {"by where the shuffle data lies: it stays",
     "admission: {annotations: [{role: executor, localDirs: emptyDir, set: {evict: 'false'}}, "
     "{role: executor, localDirs: persistent, set: {evict: 'true'}}]}",
     EXECUTOR("\"volumes\":[{\"name\":\"spark-local-dir-1\",\"persistentVolumeClaim\":{"
              "\"claimName\":\"c\"}}]"),
     "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"evict\":\"true\"}}]"},
    {"always, though the user says otherwise",
     "admission: {when: always, labels: {spark-name: new}}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/spark-name\",\"value\":\"new\"}]"},
    {"a label of a driver stays: its Service selects by it",
     "admission: {when: always, labels: {spark-name: new, team: data}}", TEAM_DRIVER,
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/spark-name\",\"value\":\"new\"}]"},
    {"a label of an executor does not", "admission: {when: always, labels: {tier: new}}",
     "{\"metadata\":{\"labels\":{\"spark-role\":\"executor\",\"spark-app-selector\":\"s\",\"tier\":"
     "\"old\"}},\"spec\":{}}",
     "[{\"op\":\"replace\",\"path\":\"/metadata/labels/tier\",\"value\":\"new\"}]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_metadata, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

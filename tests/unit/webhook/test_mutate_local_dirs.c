/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_local_dirs, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"an emptyDir becomes a claim that goes with the pod",
     "admission: {localDirs: {executor: {storageClass: gp3, size: 100Gi}}}",
     EXECUTOR("\"volumes\":[{\"name\":\"c\",\"configMap\":{\"name\":\"x\"}},{\"name\":\"spark-"
              "local-dir-1\",\"emptyDir\":{}}],\"securityContext\":{}"),
     "[{\"op\":\"remove\",\"path\":\"/spec/volumes/1/emptyDir\"},{\"op\":\"add\",\"path\":\"/spec/"
     "volumes/1/"
     "ephemeral\",\"value\":{\"volumeClaimTemplate\":{\"spec\":{\"accessModes\":[\"ReadWriteOnce\"]"
     ",\"storageClassName\":\"gp3\",\"resources\":{\"requests\":{\"storage\":\"100Gi\"}}}}}},{"
     "\"op\":\"add\",\"path\":\"/spec/securityContext/"
     "fsGroup\",\"value\":185},{\"op\":\"add\",\"path\":\"/spec/securityContext/"
     "fsGroupChangePolicy\",\"value\":\"OnRootMismatch\"}]"},
    {"a group of the user's stays",
     "admission: {localDirs: {executor: {storageClass: gp3, size: 100Gi}}}",
     EXECUTOR("\"volumes\":[{\"name\":\"spark-local-dir-1\",\"emptyDir\":{}}],\"securityContext\":{"
              "\"fsGroup\":1000}"),
     "[{\"op\":\"remove\",\"path\":\"/spec/volumes/0/emptyDir\"},{\"op\":\"add\",\"path\":\"/spec/"
     "volumes/0/"
     "ephemeral\",\"value\":{\"volumeClaimTemplate\":{\"spec\":{\"accessModes\":[\"ReadWriteOnce\"]"
     ",\"storageClassName\":\"gp3\",\"resources\":{\"requests\":{\"storage\":\"100Gi\"}}}}}}]"},
    {"the user's own emptyDir stays",
     "admission: {localDirs: {executor: {storageClass: gp3, size: 100Gi}}}",
     EXECUTOR(
         "\"volumes\":[{\"name\":\"spark-local-dir-1\",\"emptyDir\":{\"medium\":\"Memory\"}}]"),
     "[]"},
    {"always, though the user gave it a size",
     "admission: {localDirs: {when: always, executor: {storageClass: gp3, size: 100Gi, fsGroup: "
     "none}}}",
     EXECUTOR(
         "\"volumes\":[{\"name\":\"spark-local-dir-1\",\"emptyDir\":{\"sizeLimit\":\"1Gi\"}}]"),
     "[{\"op\":\"remove\",\"path\":\"/spec/volumes/0/emptyDir\"},{\"op\":\"add\",\"path\":\"/spec/"
     "volumes/0/"
     "ephemeral\",\"value\":{\"volumeClaimTemplate\":{\"spec\":{\"accessModes\":[\"ReadWriteOnce\"]"
     ",\"storageClassName\":\"gp3\",\"resources\":{\"requests\":{\"storage\":\"100Gi\"}}}}}}]"},
    {"claims, on demand or reused, are left alone",
     "admission: {localDirs: {when: always, executor: {storageClass: gp3, size: 100Gi}}}",
     EXECUTOR("\"volumes\":[{\"name\":\"spark-local-dir-1\",\"persistentVolumeClaim\":{"
              "\"claimName\":\"app-exec-1-pvc-0\"}},{\"name\":\"spark-local-dir-2\",\"hostPath\":{"
              "\"path\":\"/mnt\"}}]"),
     "[]"},
    {"an emptyDir that is no local dir stays",
     "admission: {localDirs: {executor: {storageClass: gp3, size: 100Gi}}}",
     EXECUTOR("\"volumes\":[{\"name\":\"tmp\",\"emptyDir\":{}}]"), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_local_dirs, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

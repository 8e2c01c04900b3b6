/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_volume, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"volume and mount",
     "admission: {volumes: [{name: checkpoints, claim: ck, mountPath: /checkpoints}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "volumes\",\"value\":[{\"name\":\"checkpoints\",\"persistentVolumeClaim\":{\"claimName\":"
     "\"ck\"}}]},{\"op\":\"add\",\"path\":\"/spec/containers/0/"
     "volumeMounts\",\"value\":[{\"name\":\"checkpoints\",\"mountPath\":\"/checkpoints\"}]}]"},
    {"beside others",
     "admission: {volumes: [{name: checkpoints, claim: ck, mountPath: /checkpoints}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"volumeMounts\":[{\"name\":"
              "\"x\",\"mountPath\":\"/x\"}]}],\"volumes\":[{\"name\":\"x\",\"emptyDir\":{}}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/volumes/"
     "-\",\"value\":{\"name\":\"checkpoints\",\"persistentVolumeClaim\":{\"claimName\":\"ck\"}}},{"
     "\"op\":\"add\",\"path\":\"/spec/containers/0/volumeMounts/"
     "-\",\"value\":{\"name\":\"checkpoints\",\"mountPath\":\"/checkpoints\"}}]"},
    {"a volume of that name is the user's",
     "admission: {volumes: [{name: checkpoints, claim: ck, mountPath: /checkpoints}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}],\"volumes\":[{\"name\":"
              "\"checkpoints\",\"emptyDir\":{}}]"),
     "[]"},
    {"a path in use is the user's",
     "admission: {volumes: [{name: checkpoints, claim: ck, mountPath: /checkpoints}]}",
     EXECUTOR(
         "\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"volumeMounts\":[{\"name\":"
         "\"x\",\"mountPath\":\"/checkpoints\"}]}],\"volumes\":[{\"name\":\"x\",\"emptyDir\":{}}]"),
     "[]"},
    {"always, in place of both",
     "admission: {volumes: [{name: checkpoints, claim: ck, when: always, mountPath: "
     "/checkpoints}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"volumeMounts\":[{\"name\":"
              "\"x\",\"mountPath\":\"/"
              "checkpoints\"}]}],\"volumes\":[{\"name\":\"checkpoints\",\"emptyDir\":{}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/volumes/"
     "0\",\"value\":{\"name\":\"checkpoints\",\"persistentVolumeClaim\":{\"claimName\":\"ck\"}}},{"
     "\"op\":\"replace\",\"path\":\"/spec/containers/0/volumeMounts/"
     "0\",\"value\":{\"name\":\"checkpoints\",\"mountPath\":\"/checkpoints\"}}]"},
    {"the same volume, not mounted yet",
     "admission: {volumes: [{name: checkpoints, claim: ck, mountPath: /checkpoints}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}],\"volumes\":[{\"name\":"
              "\"checkpoints\",\"persistentVolumeClaim\":{\"claimName\":\"ck\"}}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/0/"
     "volumeMounts\",\"value\":[{\"name\":\"checkpoints\",\"mountPath\":\"/checkpoints\"}]}]"},
    {"always, but not a claim that Spark makes",
     "admission: {volumes: [{name: data, claim: shared, mountPath: /data, when: always}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}],\"volumes\":[{\"name\":"
              "\"data\",\"persistentVolumeClaim\":{\"claimName\":\"app-1-exec-2-pvc-0\"}}]"),
     "[]"},
    {"always, but not where Spark mounts its own",
     "admission: {volumes: [{name: data, claim: shared, mountPath: /data, when: always}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"volumeMounts\":[{\"name\":"
              "\"spark-conf-volume-exec\",\"mountPath\":\"/"
              "data\"}]}],\"volumes\":[{\"name\":\"spark-conf-volume-exec\",\"configMap\":{"
              "\"name\":\"c\"}}]"),
     "[]"},
    {"always, in place of another claim",
     "admission: {volumes: [{name: data, claim: shared, mountPath: /data, when: always}]}",
     EXECUTOR(
         "\"containers\":[{\"name\":\"x\",\"volumeMounts\":[{\"name\":\"data\",\"mountPath\":\"/"
         "data\"}]}],\"volumes\":[{\"name\":\"data\",\"persistentVolumeClaim\":{\"claimName\":\"my-"
         "pvc-x\"}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/volumes/"
     "0\",\"value\":{\"name\":\"data\",\"persistentVolumeClaim\":{\"claimName\":\"shared\"}}}]"},
    {"no container that is Spark's",
     "admission: {volumes: [{name: checkpoints, claim: ck, mountPath: /checkpoints}]}",
     EXECUTOR("\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_volume, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

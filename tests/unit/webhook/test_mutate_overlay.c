/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_overlay, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"a member of an object that is not there",
     "admission: {overlay: {spec: {dnsConfig: {options: [{name: ndots, value"
     ": '2'}]}}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/dnsConfig\",\"value\":{\"options\":[{\"name\":\"ndo"
     "ts\",\"value\":\"2\"}]}}]"},
    {"the user's own stays, beside it there is room",
     "admission: {overlay: {spec: {dnsConfig: {options: [{name: ndots}], sea"
     "rches: [a]}}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}],\"dnsConfig\":{\"opti"
              "ons\":[]}"),
     "[{\"op\":\"add\",\"path\":\"/spec/dnsConfig/searches\",\"value\":[\"a\"]}]"},
    {"always, a list without a key is replaced",
     "admission: {overlay: {when: always, spec: {dnsConfig: {options: [{name"
     ": ndots}]}}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}],\"dnsConfig\":{\"opti"
              "ons\":[{\"name\":\"ndots\"},{\"name\":\"x\"}]}"),
     "[{\"op\":\"replace\",\"path\":\"/spec/dnsConfig/options\",\"value\":[{\"name\":\"nd"
     "ots\"}]}]"},
    {"what Kubernetes writes is nobody's",
     "admission: {overlay: {spec: {dnsPolicy: Default, enableServiceLinks: f"
     "alse, schedulerName: other}}}",
     EXECUTOR("\"dnsPolicy\":\"ClusterFirst\",\"enableServiceLinks\":true,\"schedulerName\":\""
              "default-scheduler\""),
     "[{\"op\":\"replace\",\"path\":\"/spec/dnsPolicy\",\"value\":\"Default\"},{\"op\":\"re"
     "place\",\"path\":\"/spec/enableServiceLinks\",\"value\":false},{\"op\":\"replace"
     "\",\"path\":\"/spec/schedulerName\",\"value\":\"other\"}]"},
    {"what a user writes is not",
     "admission: {overlay: {spec: {dnsPolicy: Default, enableServiceLinks: f"
     "alse}}}",
     EXECUTOR("\"dnsPolicy\":\"None\",\"enableServiceLinks\":false"), "[]"},
    {"numbers as they are written", "admission: {overlay: {spec: {activeDeadlineSeconds: 3600}}}",
     EXECUTOR("\"activeDeadlineSeconds\":null"),
     "[{\"op\":\"replace\",\"path\":\"/spec/activeDeadlineSeconds\",\"value\":3600}]"},
    {"a variable, beside others",
     "admission: {overlay: {spec: {containers: [{name: $spark, env: [{name: "
     "A, value: '1'}]}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"logs\",\"image\":\"x\"},{\"name\":\"spark-kubernetes-ex"
              "ecutor\",\"env\":[{\"name\":\"B\",\"value\":\"2\"}]}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/1/env/-\",\"value\":{\"name\":\"A\",\"va"
     "lue\":\"1\"}}]"},
    {"a variable of the user's",
     "admission: {overlay: {spec: {containers: [{name: $spark, env: [{name: "
     "A, value: '1'}]}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"A\",\""
              "valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.podIP\"}}}]}]"),
     "[]"},
    {"always, as a whole: never a value and a source",
     "admission: {overlay: {when: always, spec: {containers: [{name: $spark,"
     " env: [{name: A, value: '1'}]}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"A\",\""
              "valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.podIP\"}}}]}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/env/0\",\"value\":{\"name\":\"A\""
     ",\"value\":\"1\"}}]"},
    {"Spark's image and security context",
     "admission: {overlay: {when: always, spec: {containers: [{name: $spark,"
     " image: i, securityContext: {readOnlyRootFilesystem: true}}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"image\":\"j\",\"securit"
              "yContext\":{\"runAsUser\":1}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":\"i\"},{\"op\":"
     "\"add\",\"path\":\"/spec/containers/0/securityContext/readOnlyRootFilesyste"
     "m\",\"value\":true}]"},
    {"Spark's container cannot be told apart",
     "admission: {overlay: {when: always, spec: {containers: [{name: $spark,"
     " image: i}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"), "[]"},
    {"a sidecar and its volume",
     "admission: {overlay: {spec: {containers: [{name: logs, image: x}], vol"
     "umes: [{name: v, emptyDir: {}}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/-\",\"value\":{\"name\":\"logs\",\"image"
     "\":\"x\"}},{\"op\":\"add\",\"path\":\"/spec/volumes\",\"value\":[{\"name\":\"v\",\"empty"
     "Dir\":{}}]}]"},
    {"a sidecar that has been given defaults",
     "admission: {overlay: {when: always, spec: {containers: [{name: logs, i"
     "mage: x, ports: [{containerPort: 1}]}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"},{\"name\":\"logs\",\"ima"
              "ge\":\"x\",\"ports\":[{\"containerPort\":1,\"protocol\":\"TCP\"}],\"imagePullPolic"
              "y\":\"Always\"}]"),
     "[]"},
    {"amounts as the API server writes them again",
     "admission: {overlay: {when: always, spec: {containers: [{name: logs, image: x, resources: "
     "{limits: {memory: 1024Mi, cpu: 1}}}], volumes: [{name: v, emptyDir: {sizeLimit: 1024Mi}}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"},{\"name\":\"logs\","
              "\"image\":\"x\",\"resources\":{\"limits\":{\"memory\":\"1Gi\",\"cpu\":\"1\"}}}],"
              "\"volumes\":[{\"name\":\"v\",\"emptyDir\":{\"sizeLimit\":\"1Gi\"}}]"),
     "[]"},
    {"but a variable of the same worth is another one",
     "admission: {overlay: {when: always, spec: {containers: [{name: $spark, env: [{name: A, "
     "value: "
     "1024Mi}]}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"env\":[{\"name\":\"A\","
              "\"value\":\"1Gi\"}]}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/env/0\",\"value\":{\"name\":\"A\","
     "\"value\":\"1024Mi\"}}]"},
    {"always, but never Spark's own container",
     "admission: {overlay: {when: always, spec: {containers: [{name: spark-k"
     "ubernetes-executor, image: x}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"image\":\"y\"}]"), "[]"},
    {"always, but no claim of Spark's",
     "admission: {overlay: {when: always, spec: {volumes: [{name: v, emptyDi"
     "r: {}}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}],\"volumes\":[{\"name\""
              ":\"v\",\"persistentVolumeClaim\":{\"claimName\":\"a-exec-1-pvc-0\"}}]"),
     "[]"},
    {"nor where it is mounted",
     "admission: {overlay: {when: always, spec: {containers: [{name: $spark,"
     " volumeMounts: [{name: v, mountPath: /data}]}]}}}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"volumeMounts\":[{\"na"
              "me\":\"spark-local-dir-1\",\"mountPath\":\"/data\"}]}],\"volumes\":[{\"name\":\"sp"
              "ark-local-dir-1\",\"emptyDir\":{}}]"),
     "[]"},
    {"a volume, then a mount of another section",
     "admission: {overlay: {spec: {volumes: [{name: v, emptyDir: {}}]}}, vol"
     "umes: [{name: w, claim: c, mountPath: /w}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/volumes\",\"value\":[{\"name\":\"v\",\"emptyDir\":{}"
     "},{\"name\":\"w\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]},{\"op\":\"add\""
     ",\"path\":\"/spec/containers/0/volumeMounts\",\"value\":[{\"name\":\"w\",\"mountP"
     "ath\":\"/w\"}]}]"},
    {"tolerations are a set",
     "admission: {overlay: {spec: {tolerations: [{key: a, operator: Exists},"
     " {key: b, operator: Exists}]}}}",
     EXECUTOR("\"tolerations\":[{\"key\":\"a\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\"},{"
              "\"key\":\"x\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/tolerations/-\",\"value\":{\"key\":\"b\",\"operator"
     "\":\"Exists\"}}]"},
    {"other sections take it for the user's",
     "admission: {overlay: {spec: {securityContext: {runAsUser: 1000, fsGroup: 7, seccompProfile: "
     "{type: Localhost}}}}, securityContext: restricted}",
     EXECUTOR("\"containers\":[]"),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "securityContext\",\"value\":{\"runAsUser\":1000,\"fsGroup\":7,"
     "\"seccompProfile\":{\"type\":\"Localhost\"},\"runAsNonRoot\":true}}]"},
    {"labels and annotations",
     "admission: {overlay: [{metadata: {labels: {a: x}}}, {role: driver, met"
     "adata: {labels: {b: x}}}, {metadata: {annotations: {c: z}}}]}",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"),
     "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"x\"},{\"op\":\"add\",\"pat"
     "h\":\"/metadata/annotations\",\"value\":{\"c\":\"z\"}}]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_overlay, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

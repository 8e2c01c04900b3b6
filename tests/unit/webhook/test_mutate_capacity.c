/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_capacity, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"a driver on on-demand nodes", "admission: {capacity: {driver: on-demand}}", DRIVER(""),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
     "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]}}}}]"},
    {"what the user requires stays and goes together with it",
     "admission: {capacity: {driver: on-demand}}",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
            "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
            "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}]},{\"matchFields\":[{\"key\":"
            "\"metadata.name\",\"operator\":\"In\",\"values\":[\"n\"]}]}]}}}"),
     "[{\"op\":\"add\",\"path\":\"/spec/affinity/nodeAffinity/"
     "requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/"
     "-\",\"value\":{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}},{\"op\":\"add\",\"path\":\"/"
     "spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/"
     "0/matchExpressions/-\",\"value\":{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]}},{\"op\":\"add\",\"path\":\"/"
     "spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/"
     "0/matchExpressions/-\",\"value\":{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]}},{\"op\":\"add\",\"path\":\"/spec/"
     "affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/"
     "matchExpressions/-\",\"value\":{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]}},{\"op\":\"add\",\"path\":\"/"
     "spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/"
     "0/matchExpressions/-\",\"value\":{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}},{\"op\":\"add\",\"path\":"
     "\"/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/"
     "nodeSelectorTerms/1/matchExpressions\",\"value\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]"},
    {"a term that matches no node goes on matching none",
     "admission: {capacity: {driver: on-demand}}",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
            "\"nodeSelectorTerms\":[{}]}}}"),
     "[]"},
    {"other affinity is kept", "admission: {capacity: {driver: on-demand}}",
     DRIVER("\"affinity\":{\"podAffinity\":{},\"nodeAffinity\":null}"),
     "[{\"op\":\"replace\",\"path\":\"/spec/affinity/"
     "nodeAffinity\",\"value\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
     "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]}}}]"},
    {"the user chose by node selector", "admission: {capacity: {driver: on-demand}}",
     DRIVER("\"nodeSelector\":{\"karpenter.sh/capacity-type\":\"spot\"}"), "[]"},
    {"the user chose by a preference", "admission: {capacity: {driver: on-demand}}",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":[{"
            "\"weight\":1,\"preference\":{\"matchExpressions\":[{\"key\":\"eks.amazonaws.com/"
            "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]}}]}}"),
     "[]"},
    {"always: a selector of the user's goes",
     "admission: {capacity: {driver: on-demand, when: always}}",
     DRIVER("\"nodeSelector\":{\"eks.amazonaws.com/capacityType\":\"SPOT\",\"disk\":\"ssd\"}"),
     "[{\"op\":\"remove\",\"path\":\"/spec/nodeSelector/"
     "eks.amazonaws.com~1capacityType\"},{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
     "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]}}}}]"},
    {"always: what the user required of capacity goes, all else stays",
     "admission: {capacity: {driver: on-demand, when: always}}",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
            "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
            "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"karpenter.sh/"
            "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]},{\"matchExpressions\":[{"
            "\"key\":\"kubernetes.io/"
            "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"eks.amazonaws.com/"
            "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]}]}}}"),
     "[{\"op\":\"replace\",\"path\":\"/spec/affinity/nodeAffinity/"
     "requiredDuringSchedulingIgnoredDuringExecution/"
     "nodeSelectorTerms\",\"value\":[{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
     "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]}]"},
    {"always: an alternative of nothing but capacity leaves nothing required",
     "admission: {capacity: {driver: on-demand, when: always}}",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
            "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
            "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}]},{\"matchExpressions\":[{\"key\":"
            "\"karpenter.sh/capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]}]}}}"),
     "[{\"op\":\"remove\",\"path\":\"/spec/affinity/nodeAffinity/"
     "requiredDuringSchedulingIgnoredDuringExecution\"},{\"op\":\"add\",\"path\":\"/spec/affinity/"
     "nodeAffinity/"
     "requiredDuringSchedulingIgnoredDuringExecution\",\"value\":{\"nodeSelectorTerms\":[{"
     "\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]}}]"},
    {"always: the opposite preference goes",
     "admission: {capacity: {when: always, executor: {prefer: spot}}}",
     EXECUTOR("\"tolerations\":[{\"operator\":\"Exists\"}],\"affinity\":{\"nodeAffinity\":{"
              "\"preferredDuringSchedulingIgnoredDuringExecution\":[{\"weight\":9,\"preference\":{"
              "\"matchExpressions\":[{\"key\":\"karpenter.sh/"
              "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}},{\"weight\":3,"
              "\"preference\":{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
              "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}]}}]}}"),
     "[{\"op\":\"replace\",\"path\":\"/spec/affinity/nodeAffinity/"
     "preferredDuringSchedulingIgnoredDuringExecution\",\"value\":[{\"weight\":3,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"kubernetes.io/"
     "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,"
     "\"preference\":{\"matchExpressions\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"In\",\"values\":[\"spot\"]}]}}]}]"},
    {"always: a preference goes that a requirement makes idle",
     "admission: {capacity: {driver: on-demand, when: always}}",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":[{"
            "\"weight\":9,\"preference\":{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
            "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]}}]}}"),
     "[{\"op\":\"remove\",\"path\":\"/spec/affinity/nodeAffinity/"
     "preferredDuringSchedulingIgnoredDuringExecution\"},{\"op\":\"add\",\"path\":\"/spec/affinity/"
     "nodeAffinity/"
     "requiredDuringSchedulingIgnoredDuringExecution\",\"value\":{\"nodeSelectorTerms\":[{"
     "\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]}}]"},
    {"an executor prefers spot and tolerates it",
     "admission: {capacity: {executor: {prefer: spot}}}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":["
     "{\"weight\":50,\"preference\":{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,"
     "\"preference\":{\"matchExpressions\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"In\",\"values\":[\"spot\"]}]}}]}}},{\"op\":\"add\","
     "\"path\":\"/spec/tolerations\",\"value\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"Equal\",\"value\":\"spot\",\"effect\":\"NoSchedule\"},{"
     "\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"Equal\",\"value\":\"true\",\"effect\":\"NoSchedule\"}]}]"},
    {"tolerations are not added twice", "admission: {capacity: {executor: {prefer: spot}}}",
     EXECUTOR("\"tolerations\":[{\"key\":\"cloud.google.com/"
              "gke-spot\",\"operator\":\"Exists\"},{\"key\":\"other\",\"operator\":\"Exists\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":["
     "{\"weight\":50,\"preference\":{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,"
     "\"preference\":{\"matchExpressions\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"In\",\"values\":[\"spot\"]}]}}]}}},{\"op\":\"add\","
     "\"path\":\"/spec/tolerations/-\",\"value\":{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"Equal\",\"value\":\"spot\",\"effect\":\"NoSchedule\"}}]"},
    {"a toleration of everything is enough", "admission: {capacity: {executor: {prefer: spot}}}",
     EXECUTOR("\"tolerations\":[{\"operator\":\"Exists\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":["
     "{\"weight\":50,\"preference\":{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,"
     "\"preference\":{\"matchExpressions\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"In\",\"values\":[\"spot\"]}]}}]}}}]"},
    {"a toleration of another effect is not", "admission: {capacity: {executor: {prefer: spot}}}",
     EXECUTOR("\"tolerations\":[{\"operator\":\"Exists\",\"effect\":\"NoExecute\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":["
     "{\"weight\":50,\"preference\":{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,\"preference\":{"
     "\"matchExpressions\":[{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"In\",\"values\":[\"true\"]}]}},{\"weight\":50,"
     "\"preference\":{\"matchExpressions\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"In\",\"values\":[\"spot\"]}]}}]}}},{\"op\":\"add\","
     "\"path\":\"/spec/tolerations/-\",\"value\":{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"Equal\",\"value\":\"spot\",\"effect\":\"NoSchedule\"}},{"
     "\"op\":\"add\",\"path\":\"/spec/tolerations/-\",\"value\":{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"Equal\",\"value\":\"true\",\"effect\":\"NoSchedule\"}}]"},
    {"the on-demand share", "admission: {capacity: {executor: {prefer: spot, onDemandShare: 20%}}}",
     POD("executor", "6", ""),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
     "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}]}}}}]"},
    {"prefers on-demand", "admission: {capacity: {executor: {prefer: on-demand}}}", EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":["
     "{\"weight\":50,\"preference\":{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"kubernetes.azure."
     "com/"
     "scalesetpriority\",\"operator\":\"NotIn\",\"values\":[\"spot\"]}]}}]}}},{\"op\":\"add\","
     "\"path\":\"/spec/tolerations\",\"value\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"Equal\",\"value\":\"spot\",\"effect\":\"NoSchedule\"},{"
     "\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"Equal\",\"value\":\"true\",\"effect\":\"NoSchedule\"}]}]"},
    {"spot only: an alternative for each cloud", "admission: {capacity: {executor: spot}}",
     EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/"
     "affinity\",\"value\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
     "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]},{\"matchExpressions\":[{\"key\":"
     "\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]},{\"matchExpressions\":[{\"key\":"
     "\"cloud.google.com/"
     "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}]},{\"matchExpressions\":[{\"key\":"
     "\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"In\",\"values\":[\"true\"]}]},{\"matchExpressions\":[{"
     "\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"In\",\"values\":[\"spot\"]}]}]}}}},{\"op\":\"add\","
     "\"path\":\"/spec/tolerations\",\"value\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"Equal\",\"value\":\"spot\",\"effect\":\"NoSchedule\"},{"
     "\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"Equal\",\"value\":\"true\",\"effect\":\"NoSchedule\"}]}]"},
    {"spot only, with what the user requires", "admission: {capacity: {executor: spot}}",
     EXECUTOR("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{"
              "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
              "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]}]}]}}}"),
     "[{\"op\":\"replace\",\"path\":\"/spec/affinity/nodeAffinity/"
     "requiredDuringSchedulingIgnoredDuringExecution/"
     "nodeSelectorTerms\",\"value\":[{\"matchExpressions\":[{\"key\":\"kubernetes.io/"
     "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"karpenter.sh/"
     "capacity-type\",\"operator\":\"In\",\"values\":[\"spot\"]}]},{\"matchExpressions\":[{\"key\":"
     "\"kubernetes.io/"
     "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"eks.amazonaws.com/"
     "capacityType\",\"operator\":\"In\",\"values\":[\"SPOT\"]}]},{\"matchExpressions\":[{\"key\":"
     "\"kubernetes.io/"
     "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"In\",\"values\":[\"true\"]}]},{\"matchExpressions\":[{\"key\":"
     "\"kubernetes.io/"
     "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"cloud.google.com/"
     "gke-preemptible\",\"operator\":\"In\",\"values\":[\"true\"]}]},{\"matchExpressions\":[{"
     "\"key\":\"kubernetes.io/"
     "arch\",\"operator\":\"In\",\"values\":[\"arm64\"]},{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"In\",\"values\":[\"spot\"]}]}]},{\"op\":\"add\",\"path\":"
     "\"/spec/tolerations\",\"value\":[{\"key\":\"kubernetes.azure.com/"
     "scalesetpriority\",\"operator\":\"Equal\",\"value\":\"spot\",\"effect\":\"NoSchedule\"},{"
     "\"key\":\"cloud.google.com/"
     "gke-spot\",\"operator\":\"Equal\",\"value\":\"true\",\"effect\":\"NoSchedule\"}]}]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_capacity, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

/* Of each hundred executors in a row exactly the share is on demand, the first always. */
Test(mutate_capacity, on_demand_share_is_exact)
{
    for (unsigned share = 0; share <= 100; share++) {
        char spec[128];
        (void)snprintf(spec, sizeof(spec),
                       "admission: {capacity: {executor: {prefer: spot, onDemandShare: %u%%}}}",
                       share);
        struct policy_set *set = pods_policy(spec);
        unsigned chosen = 0;
        for (unsigned id = 1; id <= 100; id++) {
            char pod[256];
            (void)snprintf(pod, sizeof(pod),
                           "{\"metadata\":{\"labels\":{\"spark-role\":\"executor\","
                           "\"spark-app-selector\":\"s\",\"spark-exec-id\":\"%u\"}},\"spec\":{}}",
                           id);
            bool on_demand = strstr(pods_patch(set, pods_parse(pod)), "required") != NULL;
            chosen += on_demand ? 1 : 0;
            cr_assert(id != 1 || on_demand == (share > 0));
            arena_reset(arena);
        }
        cr_assert_eq(chosen, share, "share %u: %u", share, chosen);
        policy_set_destroy(set);
    }
}

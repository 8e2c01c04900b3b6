/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_driver_not_on_spot, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"anywhere, but for a taint that AKS always sets", "require: [{rule: driver-not-on-spot}]",
     DRIVER(""),
     "spec.affinity.nodeAffinity: found nothing, allowed: what leaves out no"
     "des with karpenter.sh/capacity-type=spot, eks.amazonaws.com/capacityTy"
     "pe=SPOT, cloud.google.com/gke-spot=true, cloud.google.com/gke-preempti"
     "ble=true (policy p, rule driver-not-on-spot)"},
    {"a toleration opens that door, too", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"tolerations\":[{\"key\":\"x\",\"operator\":\"Exists\"},{\"key\":\"kubernetes.azur"
            "e.com/scalesetpriority\",\"operator\":\"Equal\",\"value\":\"spot\",\"effect\":\"No"
            "Schedule\"}]"),
     "spec.affinity.nodeAffinity: found nothing, allowed: what leaves out no"
     "des with karpenter.sh/capacity-type=spot, eks.amazonaws.com/capacityTy"
     "pe=SPOT, cloud.google.com/gke-spot=true, cloud.google.com/gke-preempti"
     "ble=true, kubernetes.azure.com/scalesetpriority=spot (policy p, rule d"
     "river-not-on-spot)"},
    {"a toleration of everything", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"tolerations\":[{\"operator\":\"Exists\"}]"),
     "spec.affinity.nodeAffinity: found nothing, allowed: what leaves out no"
     "des with karpenter.sh/capacity-type=spot, eks.amazonaws.com/capacityTy"
     "pe=SPOT, cloud.google.com/gke-spot=true, cloud.google.com/gke-preempti"
     "ble=true, kubernetes.azure.com/scalesetpriority=spot (policy p, rule d"
     "river-not-on-spot)"},
    {"tolerations that do not", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"tolerations\":[{\"operator\":\"Exists\",\"effect\":\"NoExecute\"},{\"key\":\"kube"
            "rnetes.azure.com/scalesetpriority\",\"operator\":\"Equal\",\"value\":\"x\",\"eff"
            "ect\":\"NoSchedule\"},{\"key\":\"kubernetes.azure.com/scalesetpriority\"},{\"k"
            "ey\":\"\"}]"),
     "spec.affinity.nodeAffinity: found nothing, allowed: what leaves out no"
     "des with karpenter.sh/capacity-type=spot, eks.amazonaws.com/capacityTy"
     "pe=SPOT, cloud.google.com/gke-spot=true, cloud.google.com/gke-preempti"
     "ble=true (policy p, rule driver-not-on-spot)"},
    {"what capacity: on-demand makes", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh"
            "/capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amaz"
            "onaws.com/capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\""
            "cloud.google.com/gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key"
            "\":\"cloud.google.com/gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"tru"
            "e\"]},{\"key\":\"kubernetes.azure.com/scalesetpriority\",\"operator\":\"NotIn\""
            ",\"values\":[\"spot\"]}]}]}}},\"tolerations\":[{\"operator\":\"Exists\"}]"),
     ""},
    {"one label is forgotten", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"eks.amazonaw"
            "s.com/capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"clou"
            "d.google.com/gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"c"
            "loud.google.com/gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]}"
            ",{\"key\":\"kubernetes.azure.com/scalesetpriority\",\"operator\":\"NotIn\",\"va"
            "lues\":[\"spot\"]}]}]}}}"),
     "spec.affinity.nodeAffinity: found \"room for spot nodes\", allowed: what"
     " leaves out nodes with karpenter.sh/capacity-type=spot (policy p, rule"
     " driver-not-on-spot)"},
    {"alternatives: each must leave them out", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh"
            "/capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amaz"
            "onaws.com/capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\""
            "cloud.google.com/gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key"
            "\":\"cloud.google.com/gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"tru"
            "e\"]},{\"key\":\"kubernetes.azure.com/scalesetpriority\",\"operator\":\"NotIn\""
            ",\"values\":[\"spot\"]}]},{\"matchExpressions\":[{\"key\":\"karpenter.sh/capaci"
            "ty-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.c"
            "om/capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\"cloud.g"
            "oogle.com/gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key\":\"clou"
            "d.google.com/gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\""
            "key\":\"zone\",\"operator\":\"In\",\"values\":[\"a\"]}]}]}}}"),
     ""},
    {"one of them does not", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh"
            "/capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amaz"
            "onaws.com/capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"key\":\""
            "cloud.google.com/gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},{\"key"
            "\":\"cloud.google.com/gke-preemptible\",\"operator\":\"NotIn\",\"values\":[\"tru"
            "e\"]},{\"key\":\"kubernetes.azure.com/scalesetpriority\",\"operator\":\"NotIn\""
            ",\"values\":[\"spot\"]}]},{\"matchExpressions\":[{\"key\":\"karpenter.sh/capaci"
            "ty-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks.amazonaws.c"
            "om/capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]}]}]}}},\"tolerati"
            "ons\":[{\"operator\":\"Exists\"}]"),
     "spec.affinity.nodeAffinity: found \"room for spot nodes\", allowed: what"
     " leaves out nodes with cloud.google.com/gke-spot=true, cloud.google.co"
     "m/gke-preemptible=true, kubernetes.azure.com/scalesetpriority=spot (po"
     "licy p, rule driver-not-on-spot)"},
    {"on demand by the selector of one cloud", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"nodeSelector\":{\"karpenter.sh/capacity-type\":\"on-demand\"}"), ""},
    {"spot by selector", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"nodeSelector\":{\"karpenter.sh/capacity-type\":\"spot\"}"),
     "spec.affinity.nodeAffinity: found nothing, allowed: what leaves out no"
     "des with karpenter.sh/capacity-type=spot (policy p, rule driver-not-on"
     "-spot)"},
    {"other selectors say nothing", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"nodeSelector\":{\"pool\":\"drivers\"}"),
     "spec.affinity.nodeAffinity: found nothing, allowed: what leaves out no"
     "des with karpenter.sh/capacity-type=spot, eks.amazonaws.com/capacityTy"
     "pe=SPOT, cloud.google.com/gke-spot=true, cloud.google.com/gke-preempti"
     "ble=true (policy p, rule driver-not-on-spot)"},
    {"every operator", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh"
            "/capacity-type\",\"operator\":\"Exists\"},{\"key\":\"karpenter.sh/capacity-typ"
            "e\",\"operator\":\"NotIn\",\"values\":[\"x\"]}]}]}}},\"tolerations\":[{\"operator\""
            ":\"Exists\"}]"),
     "spec.affinity.nodeAffinity: found \"room for spot nodes\", allowed: what"
     " leaves out nodes with karpenter.sh/capacity-type=spot (policy p, rule"
     " driver-not-on-spot)"},
    {"In other values, and numbers", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh"
            "/capacity-type\",\"operator\":\"In\",\"values\":[\"on-demand\"]}]},{\"matchExpre"
            "ssions\":[{\"key\":\"eks.amazonaws.com/capacityType\",\"operator\":\"Gt\",\"valu"
            "es\":[\"3\"]}]}]}}}"),
     ""},
    {"DoesNotExist leaves out one cloud", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":\"karpenter.sh"
            "/capacity-type\",\"operator\":\"DoesNotExist\"}]}]}}}"),
     "spec.affinity.nodeAffinity: found \"room for spot nodes\", allowed: what"
     " leaves out nodes with eks.amazonaws.com/capacityType=SPOT, cloud.goog"
     "le.com/gke-spot=true, cloud.google.com/gke-preemptible=true (policy p,"
     " rule driver-not-on-spot)"},
    {"preferences are no promise", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExe"
            "cution\":[{\"weight\":1,\"preference\":{\"matchExpressions\":[{\"key\":\"karpent"
            "er.sh/capacity-type\",\"operator\":\"NotIn\",\"values\":[\"spot\"]},{\"key\":\"eks"
            ".amazonaws.com/capacityType\",\"operator\":\"NotIn\",\"values\":[\"SPOT\"]},{\"k"
            "ey\":\"cloud.google.com/gke-spot\",\"operator\":\"NotIn\",\"values\":[\"true\"]},"
            "{\"key\":\"cloud.google.com/gke-preemptible\",\"operator\":\"NotIn\",\"values\":"
            "[\"true\"]},{\"key\":\"kubernetes.azure.com/scalesetpriority\",\"operator\":\"N"
            "otIn\",\"values\":[\"spot\"]}]}}]}}"),
     "spec.affinity.nodeAffinity: found \"room for spot nodes\", allowed: what"
     " leaves out nodes with karpenter.sh/capacity-type=spot, eks.amazonaws."
     "com/capacityType=SPOT, cloud.google.com/gke-spot=true, cloud.google.co"
     "m/gke-preemptible=true (policy p, rule driver-not-on-spot)"},
    {"a term without requirements matches nothing", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{},{\"matchExpressions\":[]}]}}}"),
     ""},
    {"one node by name", "require: [{rule: driver-not-on-spot}]",
     DRIVER("\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExec"
            "ution\":{\"nodeSelectorTerms\":[{\"matchFields\":[{\"key\":\"metadata.name\",\"o"
            "perator\":\"In\",\"values\":[\"n\"]}]}]}}}"),
     "spec.affinity.nodeAffinity: found \"room for spot nodes\", allowed: what"
     " leaves out nodes with karpenter.sh/capacity-type=spot, eks.amazonaws."
     "com/capacityType=SPOT, cloud.google.com/gke-spot=true, cloud.google.co"
     "m/gke-preemptible=true (policy p, rule driver-not-on-spot)"},
    {"executors may", "require: [{rule: driver-not-on-spot}]", EXECUTOR(""), ""},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_driver_not_on_spot, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

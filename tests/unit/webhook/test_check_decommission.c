/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_decommission, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"all there", "require: [{rule: decommission, notice: 120s}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"lifecycle\":{\"preSto"
              "p\":{\"exec\":{\"command\":[\"/opt/decom.sh\"]}}}}],\"terminationGracePeriodSe"
              "conds\":120"),
     ""},
    {"longer than the notice does no harm", "require: [{rule: decommission, notice: 120s}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"lifecycle\":{\"preSto"
              "p\":{\"exec\":{\"command\":[\"/opt/decom.sh\"]}}}}],\"terminationGracePeriodSe"
              "conds\":3600"),
     ""},
    {"within a shell", "require: [{rule: decommission, notice: 120s}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"lifecycle\":{\"preSto"
              "p\":{\"exec\":{\"command\":[\"sh\",\"-c\",\"sync; exec /opt/decom.sh\"]}}}}],\"ter"
              "minationGracePeriodSeconds\":120"),
     ""},
    {"a script of one's own", "require: [{rule: decommission, script: /opt/x/leave.sh}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"lifecycle\":{\"preSto"
              "p\":{\"exec\":{\"command\":[\"/opt/x/leave.sh\"]}}}}]"),
     ""},
    {"30 seconds by default, which is what Kubernetes takes", "require: [{rule: decommission}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"lifecycle\":{\"preSto"
              "p\":{\"exec\":{\"command\":[\"/opt/decom.sh\"]}}}}]"),
     ""},
    {"less than that", "require: [{rule: decommission}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"lifecycle\":{\"preSto"
              "p\":{\"exec\":{\"command\":[\"/opt/decom.sh\"]}}}}],\"terminationGracePeriodSe"
              "conds\":29"),
     "spec.terminationGracePeriodSeconds: found \"29\", allowed: at least 30, "
     "the cloud's notice in seconds (policy p, rule decommission)"},
    {"neither hook nor time", "require: [{rule: decommission, notice: 120s}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\"}]"),
     "spec.containers[0].lifecycle.preStop: found nothing, allowed: a hook t"
     "hat runs /opt/decom.sh, which Spark adds with spark.decommission.enabl"
     "ed=true (policy p, rule decommission)\nspec.terminationGracePeriodSecon"
     "ds: found nothing, allowed: at least 120, the cloud's notice in second"
     "s (policy p, rule decommission)"},
    {"somebody else's hook in its place", "require: [{rule: decommission, notice: 120s}]",
     EXECUTOR("\"containers\":[{\"name\":\"x\"},{\"name\":\"spark-kubernetes-executor\",\"lifecy"
              "cle\":{\"preStop\":{\"exec\":{\"command\":[\"sleep\",\"5\"]}}}}],\"terminationGrac"
              "ePeriodSeconds\":120"),
     "spec.containers[1].lifecycle.preStop: found \"sleep\", allowed: a hook t"
     "hat runs /opt/decom.sh, which Spark adds with spark.decommission.enabl"
     "ed=true (policy p, rule decommission)"},
    {"a hook of another kind", "require: [{rule: decommission, notice: 120s}]",
     EXECUTOR("\"containers\":[{\"name\":\"spark-kubernetes-executor\",\"lifecycle\":{\"preSto"
              "p\":{\"httpGet\":{\"port\":1}}}}],\"terminationGracePeriodSeconds\":120"),
     "spec.containers[0].lifecycle.preStop: found \"httpGet\", allowed: a hook"
     " that runs /opt/decom.sh, which Spark adds with spark.decommission.ena"
     "bled=true (policy p, rule decommission)"},
    {"drivers have nothing to hand over", "require: [{rule: decommission, notice: 120s}]",
     DRIVER("\"containers\":[{\"name\":\"spark-kubernetes-driver\"}]"), ""},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_decommission, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

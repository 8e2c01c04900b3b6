/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_privilege_escalation, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"closed", "require: [{rule: no-privilege-escalation}]",
     EXECUTOR("\"containers\":[{\"securityContext\":{\"allowPrivilegeEscalation\":false}}]"), ""},
    {"open, and open by default", "require: [{rule: no-privilege-escalation}]",
     EXECUTOR("\"containers\":[{\"securityContext\":{\"allowPrivilegeEscalation\":true}},{}"
              "],\"initContainers\":[{\"securityContext\":{\"allowPrivilegeEscalation\":nul"
              "l}}]"),
     "spec.containers[0].securityContext.allowPrivilegeEscalation: found \"tr"
     "ue\", allowed: false (policy p, rule no-privilege-escalation)\nspec.cont"
     "ainers[1].securityContext.allowPrivilegeEscalation: found nothing, all"
     "owed: false (policy p, rule no-privilege-escalation)\nspec.initContaine"
     "rs[0].securityContext.allowPrivilegeEscalation: found nothing, allowed"
     ": false (policy p, rule no-privilege-escalation)"},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_privilege_escalation, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

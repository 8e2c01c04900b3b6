/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_capabilities, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"none", "require: [{rule: capabilities}]",
     EXECUTOR("\"containers\":[{},{\"securityContext\":{\"capabilities\":{\"add\":[],\"drop\":["
              "\"ALL\"]}}}]"),
     ""},
    {"not one is allowed, in containers of every kind", "require: [{rule: capabilities}]",
     EXECUTOR("\"containers\":[{\"securityContext\":{\"capabilities\":{\"add\":[\"NET_ADMIN\"],"
              "\"drop\":[\"ALL\"]}}}],\"initContainers\":[{\"securityContext\":{\"capabilities"
              "\":{\"add\":[\"ALL\"],\"drop\":[\"ALL\"]}}}],\"ephemeralContainers\":[{\"securityC"
              "ontext\":{\"capabilities\":{\"add\":[\"SYS_PTRACE\"],\"drop\":[\"ALL\"]}}}]"),
     "spec.containers[0].securityContext.capabilities.add[0]: found \"NET_ADM"
     "IN\", allowed: none (policy p, rule capabilities)\nspec.initContainers[0"
     "].securityContext.capabilities.add[0]: found \"ALL\", allowed: none (pol"
     "icy p, rule capabilities)\nspec.ephemeralContainers[0].securityContext."
     "capabilities.add[0]: found \"SYS_PTRACE\", allowed: none (policy p, rule"
     " capabilities)"},
    {"however it is written",
     "require: [{rule: capabilities, allow: [NET_BIND_SERVICE, SYS_PTRACE]}]",
     EXECUTOR("\"containers\":[{\"securityContext\":{\"capabilities\":{\"add\":[\"NET_BIND_SER"
              "VICE\",\"CAP_SYS_PTRACE\",\"net_bind_service\",\"SYS_ADMIN\"],\"drop\":[\"ALL\"]}"
              "}}]"),
     "spec.containers[0].securityContext.capabilities.add[3]: found \"SYS_ADM"
     "IN\", allowed: NET_BIND_SERVICE, SYS_PTRACE (policy p, rule capabilitie"
     "s)"},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_capabilities, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

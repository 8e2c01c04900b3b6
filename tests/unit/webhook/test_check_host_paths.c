/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_host_paths, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"other volumes", "require: [{rule: no-host-paths}]",
     EXECUTOR("\"volumes\":[{\"name\":\"a\",\"emptyDir\":{}},{\"name\":\"b\",\"hostPath\":null}]"),
     ""},
    {"none is allowed", "require: [{rule: no-host-paths}]",
     EXECUTOR("\"volumes\":[{\"name\":\"v0\",\"hostPath\":{\"path\":\"/mnt/nvme\"}}]"),
     "spec.volumes[0].hostPath.path: found \"/mnt/nvme\", allowed: none (polic"
     "y p, rule no-host-paths)"},
    {"the folder and below", "require: [{rule: no-host-paths, allow: [/mnt/nvme, /data]}]",
     EXECUTOR(
         "\"volumes\":[{\"name\":\"v0\",\"hostPath\":{\"path\":\"/mnt/nvme\"}},{\"name\":\"v1\","
         "\"hostPath\":{\"path\":\"/mnt/nvme/\"}},{\"name\":\"v2\",\"hostPath\":{\"path\":\"/mn"
         "t/nvme/0\"}},{\"name\":\"v3\",\"hostPath\":{\"path\":\"//mnt/./nvme//1\"}},{\"name"
         "\":\"v4\",\"hostPath\":{\"path\":\"/data\"}}]"),
     ""},
    {"beside it, above it, and out of it",
     "require: [{rule: no-host-paths, allow: [/mnt/nvme, /data]}]",
     EXECUTOR(
         "\"volumes\":[{\"name\":\"v0\",\"hostPath\":{\"path\":\"/mnt/nvme1\"}},{\"name\":\"v1\""
         ",\"hostPath\":{\"path\":\"/mnt\"}},{\"name\":\"v2\",\"hostPath\":{\"path\":\"/\"}},{\"n"
         "ame\":\"v3\",\"hostPath\":{\"path\":\"/mnt/nvme/../../etc\"}},{\"name\":\"v4\",\"hos"
         "tPath\":{\"path\":\"/mnt/nvme/..\"}},{\"name\":\"v5\",\"hostPath\":{\"path\":\"data\""
         "}},{\"name\":\"v6\",\"hostPath\":{\"path\":\"\"}},{\"name\":\"v7\",\"hostPath\":{\"path"
         "\":\"/mnt/nvme/a..b\"}}]"),
     "spec.volumes[0].hostPath.path: found \"/mnt/nvme1\", allowed: /mnt/nvme,"
     " /data (policy p, rule no-host-paths)\nspec.volumes[1].hostPath.path: f"
     "ound \"/mnt\", allowed: /mnt/nvme, /data (policy p, rule no-host-paths)\n"
     "spec.volumes[2].hostPath.path: found \"/\", allowed: /mnt/nvme, /data (p"
     "olicy p, rule no-host-paths)\nspec.volumes[3].hostPath.path: found \"/mn"
     "t/nvme/../../etc\", allowed: /mnt/nvme, /data (policy p, rule no-host-p"
     "aths)\nspec.volumes[4].hostPath.path: found \"/mnt/nvme/..\", allowed: /m"
     "nt/nvme, /data (policy p, rule no-host-paths)\nspec.volumes[5].hostPath"
     ".path: found \"data\", allowed: /mnt/nvme, /data (policy p, rule no-host"
     "-paths)\nspec.volumes[6].hostPath.path: found \"\", allowed: /mnt/nvme, /"
     "data (policy p, rule no-host-paths)"},
    {"no path at all", "require: [{rule: no-host-paths, allow: [/mnt/nvme, /data]}]",
     EXECUTOR("\"volumes\":[{\"name\":\"v\",\"hostPath\":{}}]"),
     "spec.volumes[0].hostPath.path: found nothing, allowed: /mnt/nvme, /dat"
     "a (policy p, rule no-host-paths)"},
    {"everything", "require: [{rule: no-host-paths, allow: [/]}]",
     EXECUTOR("\"volumes\":[{\"name\":\"v0\",\"hostPath\":{\"path\":\"/etc\"}}]"), ""},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_host_paths, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

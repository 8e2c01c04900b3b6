/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_env, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define TZ(more) "admission: {env: [{set: {TZ: UTC}" more "}]}"
#define ENV(items)                                                                                 \
    "\"containers\":[{\"name\":\"log\"},{\"name\":\"spark-kubernetes-executor\",\"env\":[" items   \
    "]}]"
#define UTC "{\"name\":\"TZ\",\"value\":\"UTC\"}"
#define CET "{\"name\":\"TZ\",\"value\":\"CET\"}"

static const struct pod_case cases[] = {
    {"where there are none", TZ(""), EXECUTOR("\"containers\":[{\"name\":\"spark\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/0/env\",\"value\":[" UTC "]}]"},
    {"in Spark's container, behind the others", TZ(""), EXECUTOR(ENV("{\"name\":\"A\"}")),
     "[{\"op\":\"add\",\"path\":\"/spec/containers/1/env/-\",\"value\":" UTC "}]"},
    {"the user's own", TZ(""), EXECUTOR(ENV(CET)), "[]"},
    {"the user's own, empty", TZ(""), EXECUTOR(ENV("{\"name\":\"TZ\"}")), "[]"},
    {"the user's own, from a secret", TZ(""),
     EXECUTOR(ENV("{\"name\":\"TZ\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\"}}}")), "[]"},
    {"always", TZ(", when: always"), EXECUTOR(ENV("{\"name\":\"A\"}," CET)),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/1/env/1\",\"value\":" UTC "}]"},
    {"always, in place of a secret", TZ(", when: always"),
     EXECUTOR(ENV("{\"name\":\"TZ\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\"}}}")),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/1/env/0\",\"value\":" UTC "}]"},
    {"always: of two, the last counts", TZ(", when: always"),
     EXECUTOR(ENV(UTC ",{\"name\":\"A\"}," CET)),
     "[{\"op\":\"replace\",\"path\":\"/spec/containers/1/env/2\",\"value\":" UTC "}]"},
    {"always: of two, the last is right", TZ(", when: always"), EXECUTOR(ENV(CET "," UTC)), "[]"},
    {"always, empty, as the API server writes it",
     "admission: {env: [{when: always, set: {TZ: ''}}]}",
     EXECUTOR(ENV("{\"name\":\"TZ\",\"valueFrom\":null}")), "[]"},
    {"another role", TZ(", role: driver"), EXECUTOR(ENV("")), "[]"},
    {"no container that is Spark's", TZ(""),
     EXECUTOR("\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]"), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_env, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

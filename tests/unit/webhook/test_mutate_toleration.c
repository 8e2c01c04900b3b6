/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_toleration, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define TEAM(more) "admission: {tolerations: [{key: team, value: etl, effect: NoSchedule" more "}]}"
#define NOT_READY(more)                                                                            \
    "admission: {tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: "     \
    "NoExecute" more "}]}"
#define LIST(items) "\"tolerations\":[" items "]"
#define STAYS(seconds)                                                                             \
    "{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","  \
    "\"tolerationSeconds\":" seconds "}"
#define REPLACED(n, value)                                                                         \
    "[{\"op\":\"replace\",\"path\":\"/spec/tolerations/" n "\",\"value\":" value "}]"
#define TEAM_ADDED                                                                                 \
    "[{\"op\":\"add\",\"path\":\"/spec/tolerations/-\",\"value\":{\"key\":\"team\",\"operator\":"  \
    "\"Equal\",\"value\":\"etl\",\"effect\":\"NoSchedule\"}}]"

static const struct pod_case cases[] = {
    {"where there are none", TEAM(""), EXECUTOR(""),
     "[{\"op\":\"add\",\"path\":\"/spec/tolerations\",\"value\":[{\"key\":\"team\",\"operator\":"
     "\"Equal\",\"value\":\"etl\",\"effect\":\"NoSchedule\"}]}]"},
    {"beside the defaults", TEAM(""), EXECUTOR(LIST(STAYS("300"))), TEAM_ADDED},
    {"by role", TEAM(", role: driver"), EXECUTOR(""), "[]"},
    {"by local dirs", TEAM(", localDirs: persistent"), EXECUTOR(""), "[]"},
    {"every taint", "admission: {tolerations: [{operator: Exists}]}",
     EXECUTOR(LIST("{\"key\":\"a\"}")),
     "[{\"op\":\"add\",\"path\":\"/spec/tolerations/-\",\"value\":{\"operator\":\"Exists\"}}]"},
    {"the same, written otherwise", TEAM(""),
     EXECUTOR(LIST("{\"effect\":\"NoSchedule\",\"value\":\"etl\",\"key\":\"team\"}")), "[]"},
    {"another value", TEAM(""),
     EXECUTOR(LIST("{\"key\":\"team\",\"value\":\"web\",\"effect\":\"NoSchedule\"}")), TEAM_ADDED},
    {"another effect", TEAM(""),
     EXECUTOR(LIST("{\"key\":\"team\",\"value\":\"etl\",\"effect\":\"NoExecute\"}")), TEAM_ADDED},
    {"one that tolerates more", TEAM(""),
     EXECUTOR(LIST("{\"key\":\"team\",\"operator\":\"Exists\"}")), "[]"},
    {"one that tolerates all", TEAM(", when: always"), EXECUTOR(LIST("{\"operator\":\"Exists\"}")),
     "[]"},
    {"in place of the API server's default", NOT_READY(", tolerationSeconds: 30"),
     EXECUTOR(LIST("{\"key\":\"a\"}," STAYS("300"))), REPLACED("1", STAYS("30"))},
    {"for ever in place of the default", NOT_READY(""), EXECUTOR(LIST(STAYS("300"))),
     REPLACED("0", "{\"key\":\"node.kubernetes.io/"
                   "not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\"}")},
    {"the default itself", NOT_READY(", tolerationSeconds: 300"), EXECUTOR(LIST(STAYS("300"))),
     "[]"},
    {"absent: the user's time stays", NOT_READY(", tolerationSeconds: 30"),
     EXECUTOR(LIST(STAYS("60"))), "[]"},
    {"always: it does not", NOT_READY(", tolerationSeconds: 30, when: always"),
     EXECUTOR(LIST(STAYS("60"))), REPLACED("0", STAYS("30"))},
    {"always: nor a second one", NOT_READY(", tolerationSeconds: 30, when: always"),
     EXECUTOR(LIST(STAYS("60") ",{\"key\":\"a\"}," STAYS("90"))),
     "[{\"op\":\"replace\",\"path\":\"/spec/tolerations\",\"value\":[" STAYS("30") ",{\"key\":"
                                                                                   "\"a\"}]}]"},
    {"always: beside one for every taint, because the shorter time counts",
     NOT_READY(", tolerationSeconds: 30, when: always"),
     EXECUTOR(LIST("{\"operator\":\"Exists\"}")),
     "[{\"op\":\"add\",\"path\":\"/spec/tolerations/-\",\"value\":" STAYS("30") "}]"},
    {"absent: not beside one for every taint", NOT_READY(", tolerationSeconds: 30"),
     EXECUTOR(LIST("{\"operator\":\"Exists\"}")), "[]"},
    {"a list that is null", TEAM(""), EXECUTOR("\"tolerations\":null"),
     "[{\"op\":\"replace\",\"path\":\"/spec/tolerations\",\"value\":[{\"key\":\"team\","
     "\"operator\":\"Equal\",\"value\":\"etl\",\"effect\":\"NoSchedule\"}]}]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_toleration, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_security, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"nothing is said", "admission: {securityContext: restricted}",
     EXECUTOR(
         "\"containers\":[{\"name\":\"c0\"},{\"name\":\"c1\"}],\"initContainers\":[{\"name\":\""
         "i\"}]"),
     "[{\"op\":\"add\",\"path\":\"/spec/securityContext\",\"value\":{\"runAsUser\":185,\""
     "runAsNonRoot\":true,\"fsGroup\":185,\"fsGroupChangePolicy\":\"OnRootMismatch"
     "\",\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}},{\"op\":\"add\",\"path\":\"/sp"
     "ec/containers/0/securityContext\",\"value\":{\"allowPrivilegeEscalation\":f"
     "alse,\"capabilities\":{\"drop\":[\"ALL\"]}}},{\"op\":\"add\",\"path\":\"/spec/conta"
     "iners/1/securityContext\",\"value\":{\"allowPrivilegeEscalation\":false,\"ca"
     "pabilities\":{\"drop\":[\"ALL\"]}}},{\"op\":\"add\",\"path\":\"/spec/initContainer"
     "s/0/securityContext\",\"value\":{\"allowPrivilegeEscalation\":false,\"capabi"
     "lities\":{\"drop\":[\"ALL\"]}}}]"},
    {"null is nothing", "admission: {securityContext: restricted}",
     EXECUTOR("\"securityContext\":null,\"containers\":[{\"securityContext\":null}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/securityContext\",\"value\":{\"runAsUser\":1"
     "85,\"runAsNonRoot\":true,\"fsGroup\":185,\"fsGroupChangePolicy\":\"OnRootMism"
     "atch\",\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}},{\"op\":\"replace\",\"pa"
     "th\":\"/spec/containers/0/securityContext\",\"value\":{\"allowPrivilegeEscal"
     "ation\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}]"},
    {"all is said already", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}],\"securityContext\":{\"runAsU"
              "ser\":185,\"runAsNonRoot\":true,\"fsGroup\":185,\"fsGroupChangePolicy\":\"OnRo"
              "otMismatch\",\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}"),
     "[]"},
    {"all is said already, always", "admission: {when: always, securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}],\"securityContext\":{\"runAsU"
              "ser\":185,\"runAsNonRoot\":true,\"fsGroup\":185,\"fsGroupChangePolicy\":\"OnRo"
              "otMismatch\",\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}"),
     "[]"},
    {"the user's own stay", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":true,\"seccompProfile\":{\"type\":\"Unconfined\"},\"capabilities\":{\"drop\":"
              "[\"NET_RAW\"],\"add\":[\"SYS_PTRACE\"]}}}],\"securityContext\":{\"runAsUser\":10"
              "00,\"fsGroup\":7,\"seccompProfile\":{\"type\":\"Unconfined\"}}"),
     "[{\"op\":\"add\",\"path\":\"/spec/securityContext/runAsNonRoot\",\"value\":true}"
     ",{\"op\":\"add\",\"path\":\"/spec/containers/0/securityContext/capabilities/d"
     "rop/-\",\"value\":\"ALL\"}]"},
    {"who is root by his own will stays so", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}],\"securityContext\":{\"runAsU"
              "ser\":0,\"seccompProfile\":{\"type\":\"Localhost\"}}"),
     "[]"},
    {"and who may be root", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}],\"securityContext\":{\"runAsN"
              "onRoot\":false,\"seccompProfile\":{\"type\":\"Localhost\"}}"),
     "[]"},
    {"a container that is root keeps the pod from saying that none is",
     "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}},{\"name\":\"c1\",\"securityConte"
              "xt\":{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]},"
              "\"runAsUser\":0}}],\"securityContext\":{\"fsGroup\":7,\"seccompProfile\":{\"typ"
              "e\":\"Localhost\"}}"),
     "[{\"op\":\"add\",\"path\":\"/spec/securityContext/runAsUser\",\"value\":185}]"},
    {"unless it speaks for itself", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"]},\"runAsUser\":0,\"runAsNonRoot\":"
              "false}}],\"securityContext\":{\"runAsUser\":1,\"fsGroup\":7,\"seccompProfile\""
              ":{\"type\":\"Localhost\"}}"),
     "[{\"op\":\"add\",\"path\":\"/spec/securityContext/runAsNonRoot\",\"value\":true}"
     "]"},
    {"the user's way to a group", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}}],\"securityContext\":{\"runAsU"
              "ser\":1,\"runAsNonRoot\":true,\"fsGroupChangePolicy\":\"Always\",\"seccompProf"
              "ile\":{\"type\":\"Localhost\"}}"),
     "[{\"op\":\"add\",\"path\":\"/spec/securityContext/fsGroup\",\"value\":185}]"},
    {"all rights and no escalation would be refused", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"privileged\":true,\"capab"
              "ilities\":{\"drop\":[\"ALL\"]}}},{\"name\":\"c1\",\"securityContext\":{\"capabilit"
              "ies\":{\"drop\":[\"ALL\"],\"add\":[\"SYS_ADMIN\"]}}}],\"securityContext\":{\"runAs"
              "User\":185,\"runAsNonRoot\":true,\"fsGroup\":185,\"fsGroupChangePolicy\":\"OnR"
              "ootMismatch\",\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}"),
     "[]"},
    {"always: what is not allowed goes", "admission: {when: always, securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"privileged\":true,\"runAs"
              "User\":0,\"runAsNonRoot\":false,\"allowPrivilegeEscalation\":true,\"seccompP"
              "rofile\":{\"type\":\"Unconfined\"},\"capabilities\":{\"drop\":[\"NET_RAW\"],\"add\""
              ":[\"SYS_ADMIN\",\"NET_BIND_SERVICE\"]}}}],\"securityContext\":{\"runAsUser\":0"
              ",\"runAsNonRoot\":false,\"fsGroup\":7,\"seccompProfile\":{\"type\":\"Unconfined"
              "\"}}"),
     "[{\"op\":\"replace\",\"path\":\"/spec/securityContext/runAsUser\",\"value\":185}"
     ",{\"op\":\"replace\",\"path\":\"/spec/securityContext/runAsNonRoot\",\"value\":t"
     "rue},{\"op\":\"replace\",\"path\":\"/spec/securityContext/seccompProfile\",\"va"
     "lue\":{\"type\":\"RuntimeDefault\"}},{\"op\":\"replace\",\"path\":\"/spec/containe"
     "rs/0/securityContext/runAsUser\",\"value\":185},{\"op\":\"replace\",\"path\":\"/"
     "spec/containers/0/securityContext/runAsNonRoot\",\"value\":true},{\"op\":\"r"
     "eplace\",\"path\":\"/spec/containers/0/securityContext/privileged\",\"value\""
     ":false},{\"op\":\"replace\",\"path\":\"/spec/containers/0/securityContext/cap"
     "abilities/add\",\"value\":[\"NET_BIND_SERVICE\"]},{\"op\":\"replace\",\"path\":\"/"
     "spec/containers/0/securityContext/allowPrivilegeEscalation\",\"value\":fa"
     "lse},{\"op\":\"add\",\"path\":\"/spec/containers/0/securityContext/capabiliti"
     "es/drop/-\",\"value\":\"ALL\"},{\"op\":\"replace\",\"path\":\"/spec/containers/0/s"
     "ecurityContext/seccompProfile\",\"value\":{\"type\":\"RuntimeDefault\"}}]"},
    {"always: no capability is left", "admission: {when: always, securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"SYS_ADMIN\"]}}}],\"secur"
              "ityContext\":{\"runAsUser\":185,\"runAsNonRoot\":true,\"fsGroup\":185,\"fsGrou"
              "pChangePolicy\":\"OnRootMismatch\",\"seccompProfile\":{\"type\":\"RuntimeDefau"
              "lt\"}}"),
     "[{\"op\":\"remove\",\"path\":\"/spec/containers/0/securityContext/capabilitie"
     "s/add\"}]"},
    {"always: what is allowed stays", "admission: {when: always, securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\",\"securityContext\":{\"allowPrivilegeEscalatio"
              "n\":false,\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"NET_BIND_SERVICE\"]}}}]"
              ",\"securityContext\":{\"runAsUser\":1000,\"runAsNonRoot\":true,\"fsGroup\":7,\""
              "seccompProfile\":{\"type\":\"Localhost\",\"localhostProfile\":\"p\"}}"),
     "[]"},
    {"for one role", "admission: {securityContext: {driver: restricted, executor: keep}}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\"}]"), "[]"},
    {"not for Windows", "admission: {securityContext: restricted}",
     EXECUTOR("\"containers\":[{\"name\":\"c0\"}],\"os\":{\"name\":\"windows\"}"), "[]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_security, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

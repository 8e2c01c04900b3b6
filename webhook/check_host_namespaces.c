/* SPDX-License-Identifier: Apache-2.0 */
/* No network, processes or memory of the host: from there a pod sees its neighbours. */
#include "core/arena.h"
#include "core/json.h"
#include "webhook/check.h"
#include "webhook/pod.h"

void check_host_namespaces(const struct spark_pod *pod, const struct rule *rule,
                           struct violations *out)
{
    static const char *const fields[] = {"hostNetwork", "hostPID", "hostIPC"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (json_is_true(json_get(pod->spec.node, fields[i]))) {
            violation_add(out, rule, arena_printf(out->arena, "spec.%s", fields[i]), "true",
                          "false");
        }
    }
}

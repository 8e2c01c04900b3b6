/* SPDX-License-Identifier: Apache-2.0 */
/* A label that every pod must have, so that somebody can be asked, or charged. */
#include "core/arena.h"
#include "core/glob.h"
#include "core/json.h"
#include "policies/policy.h"
#include "webhook/check.h"
#include "webhook/pod.h"

void check_labels(const struct spark_pod *pod, const struct rule *rule, struct violations *out)
{
    const char *key = rule->require.label;
    const char *value = json_string(json_get(pod->labels.node, key));
    for (const char *const *p = rule->require.from; value != NULL && *p != NULL; p++) {
        if (glob_matches(*p, value)) {
            return;
        }
    }
    violation_add(out, rule, arena_printf(out->arena, "metadata.labels[%s]", key), value,
                  rule->require.allowed);
}

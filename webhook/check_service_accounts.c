/* SPDX-License-Identifier: Apache-2.0 */
/* The service account: a driver makes pods with what it may do. */
#include "core/glob.h"
#include "core/json.h"
#include "policies/policy.h"
#include "webhook/check.h"
#include "webhook/pod.h"

void check_service_accounts(const struct spark_pod *pod, const struct rule *rule,
                            struct violations *out)
{
    const char *found = json_string(json_get(pod->spec.node, "serviceAccountName"));
    const char *name = found == NULL || *found == '\0' ? "default" : found;
    for (const char *const *p = rule->require.from; *p != NULL; p++) {
        if (glob_matches(*p, name)) {
            return;
        }
    }
    violation_add(out, rule, "spec.serviceAccountName", found, rule->require.allowed);
}

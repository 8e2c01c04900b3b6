/* SPDX-License-Identifier: Apache-2.0 */
/* No way for a process to more rights than it began with; Kubernetes leaves it open by default. */
#include "core/json.h"
#include "webhook/check.h"

static void check_container(const struct container *c, const struct rule *rule,
                            struct violations *out)
{
    const struct json *allowed =
        json_get(json_get(c->value, "securityContext"), "allowPrivilegeEscalation");
    bool is_nothing = allowed == NULL || json_is_null(allowed);
    if (is_nothing || json_is_true(allowed)) {
        violation_add(out, rule,
                      container_field(out->arena, c, "securityContext.allowPrivilegeEscalation"),
                      is_nothing ? NULL : "true", "false");
    }
}

void check_privilege_escalation(const struct spark_pod *pod, const struct rule *rule,
                                struct violations *out)
{
    check_containers(pod, rule, check_container, out);
}

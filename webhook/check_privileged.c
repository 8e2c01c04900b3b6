/* SPDX-License-Identifier: Apache-2.0 */
/* No privileged container of any kind: it would own the node. */
#include "core/arena.h"
#include "core/json.h"
#include "webhook/check.h"

static void check_container(const struct container *c, const struct rule *rule,
                            struct violations *out)
{
    if (json_is_true(json_get(json_get(c->value, "securityContext"), "privileged"))) {
        violation_add(out, rule, container_field(out->arena, c, "securityContext.privileged"),
                      "true", "false");
    }
}

void check_privileged(const struct spark_pod *pod, const struct rule *rule, struct violations *out)
{
    check_containers(pod, rule, check_container, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* No privileged container of any kind: it would own the node. */
#include "core/arena.h"
#include "core/json.h"
#include "webhook/check.h"

static void check_container(const struct json *container, const char *field,
                            const struct rule *rule, struct violations *out)
{
    const struct json *context = json_get(container, "securityContext");
    if (json_is_true(json_get(context, "privileged"))) {
        violation_add(out, rule, arena_printf(out->arena, "%s.securityContext.privileged", field),
                      "true", "false");
    }
}

void check_privileged(const struct spark_pod *pod, const struct rule *rule, struct violations *out)
{
    check_containers(pod, rule, check_container, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory limit on every container that runs with the pod: without one, a leak
 * takes the node down. Ephemeral containers cannot have resources.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/quantity.h"
#include "webhook/check.h"

static bool is_limit(const char *text)
{
    struct quantity limit;
    struct quantity zero = {.nano = 0};
    return text != NULL && quantity_parse(text, &limit) && quantity_compare(limit, zero) > 0;
}

static void check_container(const struct container *c, const struct rule *rule,
                            struct violations *out)
{
    if (strcmp(c->list, "ephemeralContainers") == 0) {
        return;
    }
    const struct json *limits = json_get(json_get(c->value, "resources"), "limits");
    const struct json *limit = json_get(limits, "memory");
    const char *memory = json_is_number(limit) ? json_number(limit) : json_string(limit);
    if (!is_limit(memory)) {
        violation_add(out, rule, container_field(out->arena, c, "resources.limits.memory"), memory,
                      "a quantity over 0");
    }
}

void check_memory_limit(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out)
{
    check_containers(pod, rule, check_container, out);
}

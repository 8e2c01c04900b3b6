/* SPDX-License-Identifier: Apache-2.0 */
/* No capabilities of Linux beyond those of the container runtime, but the allowed ones. */
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/json.h"
#include "policies/policy.h"
#include "webhook/check.h"

/* Container runtimes take any case, with CAP_ or without. */
static bool is_allowed(const char *name, const char *const *allowed)
{
    if (name != NULL && strncasecmp(name, "CAP_", 4) == 0) {
        name += 4;
    }
    for (; name != NULL && *allowed != NULL; allowed++) {
        if (strcasecmp(name, *allowed) == 0) {
            return true;
        }
    }
    return false;
}

static void check_container(const struct container *c, const struct rule *rule,
                            struct violations *out)
{
    const struct json *capabilities =
        json_get(json_get(c->value, "securityContext"), "capabilities");
    size_t i = 0;
    for (const struct json *add = json_first(json_get(capabilities, "add")); add != NULL;
         add = json_next(add), i++) {
        const char *name = json_string(add);
        if (!is_allowed(name, rule->require.from)) {
            const char *of = container_field(out->arena, c, "securityContext.capabilities.add");
            violation_add(out, rule, of == NULL ? NULL : arena_printf(out->arena, "%s[%zu]", of, i),
                          name, rule->require.allowed);
        }
    }
}

void check_capabilities(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out)
{
    check_containers(pod, rule, check_container, out);
}

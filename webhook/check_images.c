/* SPDX-License-Identifier: Apache-2.0 */
/* Images only from where the platform team says, in containers of every kind. */
#include "core/arena.h"
#include "core/glob.h"
#include "core/json.h"
#include "webhook/check.h"

#include "policies/policy.h"

static bool is_allowed(const char *image, const char *const *patterns)
{
    for (; image != NULL && *patterns != NULL; patterns++) {
        if (glob_matches(*patterns, image)) {
            return true;
        }
    }
    return false;
}

static void check_image(const struct container *c, const struct rule *rule, struct violations *out)
{
    const char *image = json_string(json_get(c->value, "image"));
    if (!is_allowed(image, rule->require.from)) {
        violation_add(out, rule, container_field(out->arena, c, "image"), image,
                      rule->require.allowed);
    }
}

void check_images(const struct spark_pod *pod, const struct rule *rule, struct violations *out)
{
    check_containers(pod, rule, check_image, out);
}

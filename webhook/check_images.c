/* SPDX-License-Identifier: Apache-2.0 */
/* Images only from where the platform team says, in containers of every kind and in volumes. */
#include "core/arena.h"
#include "core/glob.h"
#include "core/json.h"
#include "policies/policy.h"
#include "webhook/check.h"
#include "webhook/pod.h"

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

/* Image volumes (Kubernetes 1.33) bring files from an image without a container. */
static void check_volumes(const struct spark_pod *pod, const struct rule *rule,
                          struct violations *out)
{
    size_t i = 0;
    for (const struct json *v = json_first(pod->volumes.node); v != NULL; v = json_next(v), i++) {
        const struct json *image = json_get(v, "image");
        const char *reference = json_string(json_get(image, "reference"));
        if (json_is_object(image) && !is_allowed(reference, rule->require.from)) {
            violation_add(out, rule,
                          arena_printf(out->arena, "spec.volumes[%zu].image.reference", i),
                          reference, rule->require.allowed);
        }
    }
}

void check_images(const struct spark_pod *pod, const struct rule *rule, struct violations *out)
{
    check_containers(pod, rule, check_image, out);
    check_volumes(pod, rule, out);
}

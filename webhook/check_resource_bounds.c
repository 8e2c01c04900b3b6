/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How large a pod may be: Spark's own container asks for at least the least, and none of the
 * pod's containers asks for or may take more than the most. No limit is a matter of the
 * rule memory-limit. What an application has in all takes a view of the cluster.
 */
#include <string.h>

#include "core/arena.h"
#include "webhook/amount.h"
#include "webhook/check.h"
#include "webhook/pod.h"

static void add(const struct container *c, const struct rule *rule, const char *part,
                const char *found, struct violations *out)
{
    const struct bound *b = rule->require.bound;
    bool has_both = b->min != NULL && b->max != NULL;
    const char *field = arena_printf(out->arena, "spec.%s[%zu].resources.%s.%s", c->list, c->index,
                                     part, b->resource);
    const char *allowed =
        has_both ? arena_printf(out->arena, "%s to %s", b->min, b->max)
                 : arena_printf(out->arena, "at %s %s", b->min != NULL ? "least" : "most",
                                b->min != NULL ? b->min : b->max);
    violation_add(out, rule, allowed == NULL ? NULL : field, found, allowed == NULL ? "" : allowed);
}

static void check_most(const struct container *c, const struct rule *rule, struct violations *out)
{
    static const char *const parts[] = {"requests", "limits"};
    const struct bound *b = rule->require.bound;
    for (size_t i = 0; b->max != NULL && i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct amount found = amount_of(c->value, parts[i], b->resource);
        if (found.text != NULL &&
            (!found.is_valid || quantity_compare(found.quantity, b->most) > 0)) {
            add(c, rule, parts[i], found.text, out);
        }
    }
}

/* A limit without a request is a request of as much. */
static void check_least(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out)
{
    const struct bound *b = rule->require.bound;
    struct container c = {
        .value = pod->container.node, .list = "containers", .index = pod->container.index};
    struct amount found = amount_of(c.value, "requests", b->resource);
    struct amount limit = amount_of(c.value, "limits", b->resource);
    found = found.text == NULL ? limit : found;
    if (!found.is_valid || quantity_compare(found.quantity, b->least) < 0) {
        add(&c, rule, "requests", found.text, out);
    }
}

void check_resource_bounds(const struct spark_pod *pod, const struct rule *rule,
                           struct violations *out)
{
    if (rule->require.bound->min != NULL && pod->container.node != NULL) {
        check_least(pod, rule, out);
    }
    check_containers(pod, rule, check_most, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Topology spread constraints as they stand in a policy, for other domains than hosts and zones. */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* They are merged by topologyKey and whenUnsatisfiable: the API server allows one of each pair. */
static struct json *find_same(const struct json *list, const struct json *ours, size_t *out_index)
{
    size_t i = 0;
    for (struct json *c = json_first(list); c != NULL; c = json_next(c), i++) {
        if (json_equal(json_get(c, "topologyKey"), json_get(ours, "topologyKey")) &&
            json_equal(json_get(c, "whenUnsatisfiable"), json_get(ours, "whenUnsatisfiable"))) {
            *out_index = i;
            return c;
        }
    }
    return NULL;
}

void mutate_topology(struct spark_pod *pod, const struct rule *rule)
{
    struct place list = place_member(&pod->spec, "topologySpreadConstraints");
    struct json *ours = json_copy(pod->edits->arena, rule->value);
    if (ours != NULL && json_get(ours, "labelSelector") == NULL &&
        !json_add(ours, "labelSelector", spark_pod_mates(pod))) {
        ours = NULL;
    }
    size_t index = 0;
    struct json *found = find_same(list.node, rule->value, &index);
    if (found == NULL) {
        edit_append(&list, ours, rule);
    } else if (rule->when == WHEN_ALWAYS && (ours == NULL || !json_covers(found, ours))) {
        struct place at = place_element(&list, found, index);
        edit_set(&at, ours, rule);
    }
}

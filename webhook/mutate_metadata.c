/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and annotations: cost attribution, safe-to-evict, do-not-disrupt. */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

static void set_entry(struct place *map, const struct rule *rule)
{
    struct place at = place_member(map, rule->entry.key);
    if (at.node == NULL || rule->when == WHEN_ALWAYS) {
        edit_set(&at, json_new_string_ref(at.edits->arena, rule->entry.value), rule);
    }
}

void mutate_label(struct spark_pod *pod, const struct rule *rule)
{
    set_entry(&pod->labels, rule);
}

void mutate_annotation(struct spark_pod *pod, const struct rule *rule)
{
    set_entry(&pod->annotations, rule);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Extra volumes in Spark's container, such as a claim for checkpoints. */
#include <string.h>

#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* Volumes are merged by name; one that is there already is the user's. */
static bool set_volume(struct spark_pod *pod, const struct rule *rule)
{
    struct arena *a = pod->edits->arena;
    size_t index;
    struct json *found = json_find(pod->volumes.node, "name", rule->volume.name, &index);
    if (found == NULL) {
        edit_append(&pod->volumes, json_copy(a, rule->volume.volume), rule);
        return true;
    }
    if (json_covers(found, rule->volume.volume)) {
        return true;
    }
    if (rule->when == WHEN_ABSENT || spark_owns_volume(found)) {
        return false;
    }
    struct place at = place_element(&pod->volumes, found, index);
    edit_set(&at, json_copy(a, rule->volume.volume), rule);
    return true;
}

/* Mounts are merged by path, as Kubernetes does. */
static void set_mount(struct spark_pod *pod, struct place *mounts, const struct rule *rule)
{
    struct arena *a = pod->edits->arena;
    size_t index;
    struct json *found = json_find(mounts->node, "mountPath", rule->volume.mount_path, &index);
    if (found == NULL) {
        edit_append(mounts, json_copy(a, rule->volume.mount), rule);
        return;
    }
    if (rule->when == WHEN_ALWAYS && !json_covers(found, rule->volume.mount)) {
        struct place at = place_element(mounts, found, index);
        edit_set(&at, json_copy(a, rule->volume.mount), rule);
    }
}

/* Something else of the user's, or of Spark's, is mounted there, and the rule gives way. */
static bool path_is_taken(const struct spark_pod *pod, const struct place *mounts,
                          const struct rule *rule)
{
    const struct json *found = json_find(mounts->node, "mountPath", rule->volume.mount_path, NULL);
    const char *name = json_string(json_get(found, "name"));
    if (found == NULL || (name != NULL && strcmp(name, rule->volume.name) == 0)) {
        return false;
    }
    return rule->when == WHEN_ABSENT || name == NULL ||
           spark_owns_volume(json_find(pod->volumes.node, "name", name, NULL));
}

void mutate_volume(struct spark_pod *pod, const struct rule *rule)
{
    if (pod->container.node == NULL) {
        return;
    }
    struct place mounts = place_member(&pod->container, "volumeMounts");
    if (!path_is_taken(pod, &mounts, rule) && set_volume(pod, rule)) {
        set_mount(pod, &mounts, rule);
    }
}

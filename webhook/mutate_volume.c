/* SPDX-License-Identifier: Apache-2.0 */
/* Extra volumes in Spark's container, such as a claim for checkpoints. */
#include <string.h>

#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* True for "…-pvc-0": a claim that Spark makes after the pod, or wants to use again. */
static bool is_spark_claim(const struct json *volume)
{
    const struct json *source = json_get(volume, "persistentVolumeClaim");
    const char *claim = json_string(json_get(source, "claimName"));
    const char *dash = claim == NULL ? NULL : strrchr(claim, '-');
    return dash != NULL && dash - claim >= 4 && strncmp(dash - 4, "-pvc-", 5) == 0 &&
           dash[1] != '\0' && dash[1 + strspn(dash + 1, "0123456789")] == '\0';
}

/* Spark's own volumes are not a user's choice, and nobody else's either. */
static bool is_sparks(const struct json *volume)
{
    const char *name = json_string(json_get(volume, "name"));
    return is_spark_claim(volume) ||
           (name != NULL && (strncmp(name, "spark-conf-volume", strlen("spark-conf-volume")) == 0 ||
                             strncmp(name, "spark-local-dir-", strlen("spark-local-dir-")) == 0 ||
                             strcmp(name, "pod-template-volume") == 0));
}

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
    if (rule->when == WHEN_ABSENT || is_sparks(found)) {
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
           is_sparks(json_find(pod->volumes.node, "name", name, NULL));
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

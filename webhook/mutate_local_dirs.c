/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scratch space on claims: generic ephemeral volumes in place of emptyDir local dirs.
 *
 * Only emptyDir is moved. A claim, on demand or reused, holds shuffle data that Spark
 * wants to find again, and its name must stay what Spark made it.
 */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* An emptyDir with a size or a medium is a choice of the user's
 * (spark.kubernetes.local.dirs.tmpfs). */
static bool may_move(const struct local_dir *dir, const struct rule *rule)
{
    return dir->storage == STORAGE_EMPTY_DIR &&
           (rule->when == WHEN_ALWAYS || json_first(json_get(dir->volume, "emptyDir")) == NULL);
}

static void move(struct spark_pod *pod, const struct local_dir *dir, const struct rule *rule)
{
    struct place volume = place_element(&pod->volumes, dir->volume, dir->volume_index);
    struct place empty_dir = place_member(&volume, "emptyDir");
    struct place ephemeral = place_member(&volume, "ephemeral");
    edit_remove(&empty_dir, rule);
    edit_set(&ephemeral, json_copy(pod->edits->arena, rule->local_dirs_claim.ephemeral), rule);
}

/* A new volume belongs to root; Spark's images run as another user, who may write by group. */
static void let_spark_write(struct spark_pod *pod, const struct rule *rule)
{
    struct arena *a = pod->edits->arena;
    struct place context = place_member(&pod->spec, "securityContext");
    struct place group = place_member(&context, "fsGroup");
    if (rule->local_dirs_claim.fs_group < 0 || group.node != NULL) {
        return;
    }
    edit_set(&group, json_new_int(a, rule->local_dirs_claim.fs_group), rule);
    struct place policy = place_member(&context, "fsGroupChangePolicy");
    if (policy.node == NULL) {
        edit_set(&policy, json_new_string_ref(a, "OnRootMismatch"), rule);
    }
}

void mutate_local_dirs(struct spark_pod *pod, const struct rule *rule)
{
    bool moved = false;
    for (size_t i = 0; i < pod->local_dir_count; i++) {
        const struct local_dir *dir = &pod->local_dirs[i];
        if (may_move(dir, rule)) {
            move(pod, dir, rule);
            moved = true;
        }
    }
    if (moved) {
        let_spark_write(pod, rule);
    }
}

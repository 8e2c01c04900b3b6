/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets for fetching images, by name: beside those of the user's and of the service account,
 * which the API server has put in already, because kubelet tries them all.
 */
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

void mutate_pull_secret(struct spark_pod *pod, const struct rule *rule)
{
    struct arena *a = pod->edits->arena;
    struct place list = place_member(&pod->spec, "imagePullSecrets");
    if (json_find(list.node, "name", rule->text, NULL) != NULL) {
        return;
    }
    struct json *reference = json_new_object(a);
    bool ok = json_add(reference, "name", json_new_string_ref(a, rule->text));
    edit_append(&list, ok ? reference : NULL, rule);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which scheduler places a pod. */
#include <string.h>

#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* k8s.io/api/core/v1 DefaultSchedulerName: the API server writes it where nobody says anything. */
static const char default_name[] = "default-scheduler";

void mutate_scheduler(struct spark_pod *pod, const struct rule *rule)
{
    struct place name = place_member(&pod->spec, "schedulerName");
    const char *users = json_string(name.node);
    bool is_set = users != NULL && *users != '\0' && strcmp(users, default_name) != 0;
    if (!is_set || rule->when == WHEN_ALWAYS) {
        edit_set(&name, json_new_string_ref(pod->edits->arena, rule->text), rule);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PriorityClasses by role: a driver that is preempted ends its application.
 *
 * The admission plugin Priority runs before webhooks and again after them. The first time it writes
 * priority and preemptionPolicy of the class that it finds, or of the cluster's default; the second
 * time it refuses a pod whose numbers are not those of its class. So they must go with the class.
 * k8s.io/kubernetes/plugin/pkg/admission/priority.
 */
#include <string.h>

#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

void mutate_priority_class(struct spark_pod *pod, const struct rule *rule)
{
    struct place name = place_member(&pod->spec, "priorityClassName");
    const char *users = json_string(name.node);
    bool is_set = name.node != NULL && (users == NULL || *users != '\0');
    if ((is_set && rule->when == WHEN_ABSENT) ||
        (users != NULL && strcmp(users, rule->text) == 0)) {
        return;
    }
    edit_set(&name, json_new_string_ref(pod->edits->arena, rule->text), rule);
    static const char *const of_class[] = {"priority", "preemptionPolicy"};
    for (size_t i = 0; i < sizeof(of_class) / sizeof(of_class[0]); i++) {
        struct place at = place_member(&pod->spec, of_class[i]);
        edit_remove(&at, rule);
    }
}

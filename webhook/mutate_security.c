/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pod Security "restricted" for Spark: k8s.io/pod-security-admission, the checks of that level
 * that are about security contexts.
 *
 * absent: what nobody said. The user's own values stay, and nothing is added beside them that
 * would keep the pod from starting: who runs as root is not told that he must not.
 * always: what the level does not allow is replaced; what it allows stays as it is.
 */
#include <string.h>

#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* The user and the group of Spark's own images. */
enum { SPARK_ID = 185 };

static bool is_false(const struct json *v)
{
    return v != NULL && !json_is_null(v) && !json_is_true(v);
}

static bool is_root(const struct json *context)
{
    int64_t user = SPARK_ID;
    return json_int(json_get(context, "runAsUser"), &user) && user == 0;
}

static bool is(const struct json *v, const char *text)
{
    return json_string(v) != NULL && strcmp(json_string(v), text) == 0;
}

static struct json *bool_of(const struct place *at, bool b)
{
    return json_new_bool(at->edits->arena, b);
}

static struct json *runtime_default(struct arena *a)
{
    struct json *profile = json_new_object(a);
    return json_add(profile, "type", json_new_string_ref(a, "RuntimeDefault")) ? profile : NULL;
}

/* {containers, initContainers}; ephemeral ones do not exist yet when a pod is made. */
static const char *const lists[] = {"containers", "initContainers"};

/* Has any container said itself that it runs as root? */
static bool any_root(const struct spark_pod *pod)
{
    for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
        const struct json *c = json_first(json_get(pod->spec.node, lists[l]));
        for (; c != NULL; c = json_next(c)) {
            const struct json *context = json_get(c, "securityContext");
            if (is_root(context) && !is_false(json_get(context, "runAsNonRoot"))) {
                return true;
            }
        }
    }
    return false;
}

/* Who the pod runs as. */
static void settle_user(struct spark_pod *pod, struct place *context, const struct rule *rule)
{
    bool always = rule->when == WHEN_ALWAYS;
    struct place non_root = place_member(context, "runAsNonRoot");
    struct place user = place_member(context, "runAsUser");
    if (user.node == NULL || is_root(context->node)) {
        edit_set(&user, json_new_int(user.edits->arena, SPARK_ID), rule);
    }
    if (always || (non_root.node == NULL && !any_root(pod))) {
        edit_set(&non_root, bool_of(&non_root, true), rule);
    }
}

/* Large volumes are not walked through at every start only to find that they fit already. */
static void settle_group(struct place *context, const struct rule *rule)
{
    struct arena *a = context->edits->arena;
    struct place group = place_member(context, "fsGroup");
    struct place policy = place_member(context, "fsGroupChangePolicy");
    if (group.node != NULL) {
        return;
    }
    edit_set(&group, json_new_int(a, SPARK_ID), rule);
    if (policy.node == NULL) {
        edit_set(&policy, json_new_string_ref(a, "OnRootMismatch"), rule);
    }
}

static void settle_profile(struct place *context, bool is_pod, const struct rule *rule)
{
    struct place profile = place_member(context, "seccompProfile");
    bool is_foreign = is(json_get(profile.node, "type"), "Unconfined");
    if ((is_pod && profile.node == NULL) || (is_foreign && rule->when == WHEN_ALWAYS)) {
        edit_set(&profile, runtime_default(profile.edits->arena), rule);
    }
}

static void settle_pod(struct spark_pod *pod, const struct rule *rule)
{
    struct place context = place_member(&pod->spec, "securityContext");
    /* Who is said to be root stays so, unless always. */
    bool wants_root = is_root(context.node) || is_false(json_get(context.node, "runAsNonRoot"));
    if (!wants_root || rule->when == WHEN_ALWAYS) {
        settle_user(pod, &context, rule);
        settle_group(&context, rule);
    }
    settle_profile(&context, true, rule);
}

static bool has_text(const struct json *list, const char *text)
{
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item)) {
        if (is(item, text)) {
            return true;
        }
    }
    return false;
}

static void settle_drop(struct place *capabilities, const struct rule *rule)
{
    struct place drop = place_member(capabilities, "drop");
    if (!has_text(drop.node, "ALL")) {
        edit_append(&drop, json_new_string_ref(drop.edits->arena, "ALL"), rule);
    }
}

/* The one capability that the level lets a container have. */
static const char harmless[] = "NET_BIND_SERVICE";

static void settle_add(struct place *capabilities, const struct rule *rule)
{
    struct arena *a = capabilities->edits->arena;
    struct place add = place_member(capabilities, "add");
    struct json *kept = json_new_array(a);
    bool is_foreign_there = false;
    bool ok = true;
    for (const struct json *name = json_first(add.node); name != NULL; name = json_next(name)) {
        if (is(name, harmless)) {
            ok = json_append(kept, json_copy(a, name)) && ok;
        } else {
            is_foreign_there = true;
        }
    }
    if (!is_foreign_there) {
        return;
    }
    if (json_first(kept) == NULL && ok) {
        edit_remove(&add, rule);
    } else {
        edit_set(&add, ok ? kept : NULL, rule);
    }
}

/* Kubernetes refuses a pod that says it must not escalate where it has all rights already. */
static bool has_all_rights(const struct json *context)
{
    const struct json *add = json_get(json_get(context, "capabilities"), "add");
    return json_is_true(json_get(context, "privileged")) || has_text(add, "SYS_ADMIN") ||
           has_text(add, "CAP_SYS_ADMIN");
}

static void replace_root(struct place *context, const struct rule *rule)
{
    struct place user = place_member(context, "runAsUser");
    struct place non_root = place_member(context, "runAsNonRoot");
    struct place privileged = place_member(context, "privileged");
    if (is_root(context->node)) {
        edit_set(&user, json_new_int(user.edits->arena, SPARK_ID), rule);
    }
    if (is_false(non_root.node)) {
        edit_set(&non_root, bool_of(&non_root, true), rule);
    }
    if (json_is_true(privileged.node)) {
        edit_set(&privileged, bool_of(&privileged, false), rule);
    }
}

static void settle_container(struct place *container, const struct rule *rule)
{
    bool always = rule->when == WHEN_ALWAYS;
    struct place context = place_member(container, "securityContext");
    struct place capabilities = place_member(&context, "capabilities");
    if (always) {
        replace_root(&context, rule);
        settle_add(&capabilities, rule);
    }
    struct place escalation = place_member(&context, "allowPrivilegeEscalation");
    if (always || (escalation.node == NULL && !has_all_rights(context.node))) {
        edit_set(&escalation, bool_of(&escalation, false), rule);
    }
    settle_drop(&capabilities, rule);
    settle_profile(&context, false, rule);
}

void mutate_security(struct spark_pod *pod, const struct rule *rule)
{
    const struct json *os = json_get(json_get(pod->spec.node, "os"), "name");
    if (!rule->security.restricted || is(os, "windows")) {
        return;
    }
    settle_pod(pod, rule);
    for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
        struct place list = place_member(&pod->spec, lists[l]);
        size_t i = 0;
        for (struct json *c = json_first(list.node); c != NULL; c = json_next(c), i++) {
            struct place container = place_element(&list, c, i);
            settle_container(&container, rule);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An executor that hands over its shuffle data when its node goes: spark.decommission.enabled
 * shows as a preStop hook, and all of it has to happen within the grace period. A
 * period shorter than the cloud's notice gives time away; a longer one does no harm.
 */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "webhook/check.h"
#include "webhook/pod.h"

/* What Kubernetes takes where a pod says nothing. */
enum { DEFAULT_SECONDS = 30 };

static bool names_script(const struct json *command, const char *script)
{
    for (const struct json *word = json_first(command); word != NULL; word = json_next(word)) {
        if (json_string(word) != NULL && strstr(json_string(word), script) != NULL) {
            return true;
        }
    }
    return false;
}

/* What a hook does, in a word. */
static const char *describe(const struct json *hook, const struct json *command)
{
    const char *first = json_string(json_first(command));
    return first != NULL ? first : json_key(json_first(hook));
}

static void check_hook(const struct spark_pod *pod, const struct rule *rule, struct violations *out)
{
    const struct json *hook = json_get(json_get(pod->container.node, "lifecycle"), "preStop");
    const struct json *command = json_get(json_get(hook, "exec"), "command");
    const char *script = rule->require.decommission.script;
    if (names_script(command, script)) {
        return;
    }
    const char *field =
        arena_printf(out->arena, "spec.containers[%zu].lifecycle.preStop", pod->container.index);
    const char *allowed = arena_printf(
        out->arena, "a hook that runs %s, which Spark adds with spark.decommission.enabled=true",
        script);
    violation_add(out, rule, allowed == NULL ? NULL : field, describe(hook, command),
                  allowed == NULL ? "" : allowed);
}

static void check_grace(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out)
{
    int64_t least = rule->require.decommission.seconds;
    const struct json *grace = json_get(pod->spec.node, "terminationGracePeriodSeconds");
    int64_t seconds = DEFAULT_SECONDS;
    if (json_is_number(grace) && !json_int(grace, &seconds)) {
        return; /* more than fits into a number, or nothing the API server would send */
    }
    if (seconds >= least) {
        return;
    }
    const char *allowed =
        arena_printf(out->arena, "at least %lld, the cloud's notice in seconds", (long long)least);
    violation_add(out, rule, allowed == NULL ? NULL : "spec.terminationGracePeriodSeconds",
                  json_number(grace), allowed == NULL ? "" : allowed);
}

void check_decommission(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out)
{
    if (pod->container.node != NULL) {
        check_hook(pod, rule, out);
    }
    check_grace(pod, rule, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/driver_service.h"

#include <string.h>

#include "core/json.h"
#include "policies/match.h"

static bool says(const struct json *v, const char *text)
{
    const char *s = json_string(v);
    return s != NULL && strcmp(s, text) == 0;
}

static bool is_named(const char *name)
{
    static const char end[] = "-driver-svc";
    size_t len = name == NULL ? 0 : strlen(name);
    return len > sizeof(end) - 1 && strcmp(name + len - (sizeof(end) - 1), end) == 0;
}

static bool are_strings(const struct json *map)
{
    for (const struct json *m = json_first(map); m != NULL; m = json_next(m)) {
        if (!json_is_string(m)) {
            return false;
        }
    }
    return json_is_object(map);
}

bool driver_service_read(struct edits *edits, struct json *object, struct driver_service *out)
{
    out->object = place_root(edits, object);
    out->spec = place_member(&out->object, "spec");
    out->labels = json_get(out->spec.node, "selector");
    out->application = json_string(json_get(out->labels, "spark-app-selector"));
    return is_named(json_string(json_get(json_get(object, "metadata"), "name"))) &&
           are_strings(out->labels) && out->application != NULL &&
           says(json_get(out->labels, "spark-role"), "driver") &&
           says(json_get(out->spec.node, "clusterIP"), "None");
}

void driver_service_mutate(struct driver_service *service, const struct plan *plan)
{
    size_t count;
    const struct rule *const *rules = plan_rules(plan, RULE_PROBE, &count);
    struct place publish = place_member(&service->spec, "publishNotReadyAddresses");
    for (size_t i = 0; i < count; i++) {
        if (rules[i]->probe.probe == PROBE_STARTUP) {
            edit_set(&publish, json_new_bool(publish.edits->arena, true), rules[i]);
            return;
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/claim.h"

#include <string.h>

#include "core/glob.h"
#include "core/json.h"
#include "core/quantity.h"
#include "policies/match.h"
#include "webhook/check.h"

/* org.apache.spark.deploy.k8s.features.MountVolumesFeatureStep */
bool claim_is_named_by_spark(const char *name)
{
    static const char middle[] = "-pvc";
    const char *dash = name == NULL ? NULL : strrchr(name, '-');
    return dash != NULL && (size_t)(dash - name) >= sizeof(middle) - 1 &&
           strncmp(dash - (sizeof(middle) - 1), middle, sizeof(middle) - 1) == 0 &&
           dash[1] != '\0' && dash[1 + strspn(dash + 1, "0123456789")] == '\0';
}

static bool is_of_driver(const char *name)
{
    static const char driver[] = "-driver-pvc";
    size_t len = (size_t)(strrchr(name, '-') - name);
    return len >= sizeof(driver) - 1 &&
           strncmp(name + len - (sizeof(driver) - 1), driver, sizeof(driver) - 1) == 0;
}

bool spark_claim_read(struct edits *edits, struct json *object, struct spark_claim *out)
{
    out->object = place_root(edits, object);
    out->metadata = place_member(&out->object, "metadata");
    out->labels = place_member(&out->metadata, "labels");
    out->spec = json_get(object, "spec");
    out->application = json_string(json_get(out->labels.node, "spark-app-selector"));
    const char *name = json_string(json_get(out->metadata.node, "name"));
    if (!claim_is_named_by_spark(name) || out->application == NULL) {
        return false;
    }
    out->role = is_of_driver(name) ? ROLE_DRIVER : ROLE_EXECUTOR;
    return true;
}

void spark_claim_mutate(struct spark_claim *claim, const struct plan *plan)
{
    size_t count;
    const struct rule *const *rules = plan_rules(plan, RULE_CLAIM_LABEL, &count);
    for (size_t i = 0; i < count; i++) {
        struct place at = place_member(&claim->labels, rules[i]->entry.key);
        if (at.node == NULL || rules[i]->when == WHEN_ALWAYS) {
            edit_set(&at, json_new_string_ref(at.edits->arena, rules[i]->entry.value), rules[i]);
        }
    }
}

static void check_size(const struct spark_claim *claim, const struct rule *rule,
                       struct violations *out)
{
    const struct json *requests = json_get(json_get(claim->spec, "resources"), "requests");
    const struct json *storage = json_get(requests, "storage");
    const char *text = json_is_number(storage) ? json_number(storage) : json_string(storage);
    struct quantity size;
    bool is_size = text != NULL && quantity_parse(text, &size);
    const struct bound *b = rule->require.bound;
    bool is_allowed = is_size && (b->min == NULL || quantity_compare(size, b->least) >= 0) &&
                      (b->max == NULL || quantity_compare(size, b->most) <= 0);
    if (!is_allowed) {
        violation_add(out, rule, "spec.resources.requests.storage", text, rule->require.allowed);
    }
}

static void check_class(const struct spark_claim *claim, const struct rule *rule,
                        struct violations *out)
{
    const char *name = json_string(json_get(claim->spec, "storageClassName"));
    for (const char *const *from = rule->require.from; name != NULL && *from != NULL; from++) {
        if (glob_matches(*from, name)) {
            return;
        }
    }
    violation_add(out, rule, "spec.storageClassName", name, rule->require.allowed);
}

void spark_claim_check(const struct spark_claim *claim, const struct plan *plan,
                       struct violations *out)
{
    static const struct {
        enum rule_kind kind;
        void (*run)(const struct spark_claim *claim, const struct rule *rule,
                    struct violations *out);
    } checks[] = {{RULE_CLAIM_SIZE, check_size}, {RULE_CLAIM_CLASS, check_class}};
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        size_t count;
        const struct rule *const *rules = plan_rules(plan, checks[i].kind, &count);
        for (size_t r = 0; r < count; r++) {
            checks[i].run(claim, rules[r], out);
        }
    }
}

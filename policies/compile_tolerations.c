/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/json.h"
#include "core/selector.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

enum { SECONDS_NONE = -1 };

struct toleration {
    struct scope scope;
    const char *key;
    unsigned exists;
    const char *value;
    unsigned effect;
    int64_t seconds;
};

enum effect { EFFECT_ALL, EFFECT_NO_SCHEDULE, EFFECT_PREFER_NO_SCHEDULE, EFFECT_NO_EXECUTE };

static const struct word operator_words[] = {{"Equal", false}, {"Exists", true}, {NULL, 0}};
static const struct word effect_words[] = {{"NoSchedule", EFFECT_NO_SCHEDULE},
                                           {"PreferNoSchedule", EFFECT_PREFER_NO_SCHEDULE},
                                           {"NoExecute", EFFECT_NO_EXECUTE},
                                           {NULL, 0}};
static const struct limits seconds_limits = {0, INT32_MAX};

static const struct check check_key = {label_key_problem};
static const struct check check_value = {label_value_problem};

const struct field toleration_fields[] = {
    FIELDS_OF_SCOPE(struct toleration),
    {.name = "key",
     .type = "key of a taint",
     .summary = "the taint that is tolerated; every taint without it",
     .read = field_string,
     .offset = offsetof(struct toleration, key),
     .detail = &check_key},
    {.name = "operator",
     .type = "Equal or Exists",
     .summary = "Equal: a taint of this value; Exists: of any value; Equal by default",
     .read = field_word,
     .offset = offsetof(struct toleration, exists),
     .detail = operator_words},
    {.name = "value",
     .type = "string",
     .summary = "of the taint, for Equal; empty by default",
     .read = field_string,
     .offset = offsetof(struct toleration, value),
     .detail = &check_value},
    {.name = "effect",
     .type = "NoSchedule, PreferNoSchedule or NoExecute",
     .summary = "of the taint; all effects by default",
     .read = field_word,
     .offset = offsetof(struct toleration, effect),
     .detail = effect_words},
    {.name = "tolerationSeconds",
     .type = "integer",
     .summary = "of NoExecute: how long the pod may stay; for ever by default",
     .read = field_integer,
     .offset = offsetof(struct toleration, seconds),
     .detail = &seconds_limits},
    {.name = NULL},
};

/* What the table cannot say: k8s.io/kubernetes/pkg/apis/core/validation ValidateTolerations. */
static bool check_toleration(struct reader *r, const struct yaml_node *item,
                             const struct toleration *t)
{
    const struct yaml_node *value = yaml_get(item, "value");
    const struct yaml_node *seconds = yaml_get(item, "tolerationSeconds");
    if (t->exists && value != NULL) {
        reader_find_key(r, value,
                        "\"value\" is not possible with operator: Exists, which is for any value");
        return false;
    }
    if (yaml_get(item, "key") == NULL && !t->exists) {
        reader_find(r, item,
                    "\"key\" is missing: only with operator: Exists is a toleration for every "
                    "taint");
        return false;
    }
    if (seconds != NULL && t->effect != EFFECT_NO_EXECUTE) {
        reader_find_key(r, seconds,
                        "\"tolerationSeconds\" is only possible with effect: NoExecute");
        return false;
    }
    return true;
}

static const char *effect_text(unsigned effect)
{
    return effect == EFFECT_ALL ? NULL : effect_words[effect - 1].text;
}

static bool add_text(struct arena *a, struct json *object, const char *key, const char *text)
{
    return text == NULL || json_add(object, key, json_new_string_ref(a, text));
}

static struct json *toleration_json(struct arena *a, const struct toleration *t)
{
    struct json *object = json_new_object(a);
    bool ok = object != NULL && add_text(a, object, "key", t->key) &&
              add_text(a, object, "operator", operator_words[t->exists].text) &&
              add_text(a, object, "value", t->value) &&
              add_text(a, object, "effect", effect_text(t->effect));
    if (t->seconds != SECONDS_NONE) {
        ok = ok && json_add(object, "tolerationSeconds", json_new_int(a, t->seconds));
    }
    return ok ? object : NULL;
}

/* One rule a toleration; rules that differ in nothing but the seconds decide the same. */
static void read_toleration(struct reader *r, const struct yaml_node *item,
                            const struct field *fields, struct draft *d)
{
    struct toleration t = {.scope = {.when = d->when}, .seconds = SECONDS_NONE};
    size_t before = r->report->count;
    if (!fields_read(r, item, fields, &t) || r->report->count != before ||
        !check_toleration(r, item, &t)) {
        return;
    }
    const struct json *value = toleration_json(r->arena, &t);
    if (value == NULL) {
        r->report->out_of_memory = true;
    }
    const char *key = t.key == NULL ? "*" : t.key;
    const char *effect = effect_text(t.effect);
    draft_add(r, d, item,
              reader_format(r, "tolerations/%s/%s/%s/%s", key, operator_words[t.exists].text,
                            t.value == NULL ? "" : t.value, effect == NULL ? "" : effect),
              (struct rule){.kind = RULE_TOLERATION,
                            .roles = t.scope.roles,
                            .local_dirs = t.scope.local_dirs,
                            .when = (enum when)t.scope.when,
                            .name = reader_format(r, "tolerations.%s", key),
                            .value = value});
}

void compile_tolerations(struct reader *r, const struct yaml_node *node, const struct field *field,
                         void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_toleration(r, item, field->members, out);
    }
}

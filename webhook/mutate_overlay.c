/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thing that an overlay says. Overlays come before all other mutations, which therefore
 * take what they say for the user's.
 */
#include <string.h>

#include "core/json.h"
#include "webhook/amount.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

/* Members that hold amounts, or objects of amounts: the API server writes them its own way. */
static bool holds_amounts(const char *key)
{
    static const char *const keys[] = {"requests", "limits", "sizeLimit"};
    for (size_t i = 0; key != NULL && i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static bool same_amount(const struct json *x, const struct json *y)
{
    struct amount a = amount_read(x);
    struct amount b = amount_read(y);
    return a.is_valid && b.is_valid && quantity_compare(a.quantity, b.quantity) == 0;
}

static bool covers(const struct json *x, const struct json *y, bool is_amount);

static bool covers_list(const struct json *x, const struct json *y)
{
    const struct json *have = json_first(x);
    for (const struct json *item = json_first(y); item != NULL; item = json_next(item)) {
        if (have == NULL || !covers(have, item, false)) {
            return false;
        }
        have = json_next(have);
    }
    return json_is_array(x);
}

/* True when @x says all that @y says: objects may have more members, lists more at their end. */
static bool covers(const struct json *x, const struct json *y, bool is_amount)
{
    if (json_is_array(y)) {
        return covers_list(x, y);
    }
    if (!json_is_object(y)) {
        return x != NULL && (json_equal(x, y) || (is_amount && same_amount(x, y)));
    }
    for (const struct json *m = json_first(y); m != NULL; m = json_next(m)) {
        const char *key = json_key(m);
        if (!covers(json_get(x, key), m, is_amount || holds_amounts(key))) {
            return false;
        }
    }
    return json_is_object(x);
}

/* The same for one value: a list that is one value must not have more items either. */
static bool says(const struct json *x, const struct json *y)
{
    return covers(x, y, false) && (!json_is_array(y) || json_count(x) == json_count(y));
}

static void set_value(struct place *at, const struct rule *rule)
{
    const struct overlay_leaf *leaf = &rule->overlay;
    bool is_standard =
        leaf->standard != NULL && at->node != NULL && json_equal(at->node, leaf->standard);
    bool is_users = at->node != NULL && !is_standard;
    if ((is_users && rule->when == WHEN_ABSENT) || says(at->node, leaf->value)) {
        return;
    }
    edit_set(at, json_copy(at->edits->arena, leaf->value), rule);
}

/* Spark's container, its volumes and what of them is mounted. */
static bool is_sparks(const struct spark_pod *pod, const struct overlay_leaf *leaf,
                      const struct json *item)
{
    if (strcmp(leaf->field, "volumes") == 0) {
        return spark_owns_volume(item);
    }
    if (strcmp(leaf->field, "volumeMounts") == 0) {
        const char *name = json_string(json_get(item, "name"));
        return name != NULL && spark_owns_volume(json_find(pod->volumes.node, "name", name, NULL));
    }
    return item == pod->container.node;
}

static void set_item(const struct spark_pod *pod, struct place *list, const struct rule *rule)
{
    const struct overlay_leaf *leaf = &rule->overlay;
    size_t index;
    struct json *found = json_find(list->node, leaf->key, leaf->id, &index);
    if (found == NULL) {
        edit_append(list, json_copy(list->edits->arena, leaf->value), rule);
        return;
    }
    if (rule->when == WHEN_ALWAYS && !is_sparks(pod, leaf, found) &&
        !covers(found, leaf->value, false)) {
        struct place at = place_element(list, found, index);
        edit_set(&at, json_copy(list->edits->arena, leaf->value), rule);
    }
}

static void add_to_set(struct place *list, const struct rule *rule)
{
    for (const struct json *x = json_first(list->node); x != NULL; x = json_next(x)) {
        if (covers(x, rule->overlay.value, false)) {
            return;
        }
    }
    edit_append(list, json_copy(list->edits->arena, rule->overlay.value), rule);
}

/* @own, or the place that the pod has for the same: it must see what becomes of it. */
static struct place *place_of(struct spark_pod *pod, const struct overlay_leaf *leaf,
                              struct place *own)
{
    if (leaf->is_spark) {
        return own;
    }
    if (strcmp(leaf->field, "volumes") == 0) {
        return &pod->volumes;
    }
    return strcmp(leaf->field, "containers") == 0 ? &pod->containers : own;
}

void mutate_overlay(struct spark_pod *pod, const struct rule *rule)
{
    const struct overlay_leaf *leaf = &rule->overlay;
    if (leaf->is_spark && pod->container.node == NULL) {
        return;
    }
    struct place own = place_member(leaf->is_spark ? &pod->container : &pod->spec, leaf->field);
    struct place *field = place_of(pod, leaf, &own);
    if (leaf->key != NULL) {
        set_item(pod, field, rule);
    } else if (leaf->is_item) {
        add_to_set(field, rule);
    } else if (leaf->member != NULL) {
        struct place member = place_member(field, leaf->member);
        set_value(&member, rule);
    } else {
        set_value(field, rule);
    }
}

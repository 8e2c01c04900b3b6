/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Could the driver land on a spot node, whose end is the end of the job? Judged by what
 * keeps it away for sure: node selector, required node affinity, and taints that such nodes
 * always have. A node is thought of as one of one cloud: it has that cloud's label, none
 * of the others, and of all other labels nothing is known.
 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "policies/node_labels.h"
#include "webhook/check.h"
#include "webhook/pod.h"
#include "webhook/toleration.h"

static bool is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

/* What a node of this kind says to a capacity label; NULL: nothing. */
static const char *value_on(const struct spot_nodes *nodes, const char *key)
{
    return strcmp(nodes->label, key) == 0 ? nodes->value : NULL;
}

static bool list_has(const struct json *values, const char *text)
{
    for (const struct json *v = json_first(values); v != NULL; v = json_next(v)) {
        if (is(json_string(v), text)) {
            return true;
        }
    }
    return false;
}

/* k8s.io/component-helpers/scheduling/corev1/nodeaffinity; Gt and Lt want numbers, which none is.
 */
static bool may_hold(const struct json *requirement, const struct spot_nodes *nodes)
{
    const char *key = json_string(json_get(requirement, "key"));
    if (!is_capacity_label(key)) {
        return true;
    }
    const char *value = value_on(nodes, key);
    const char *op = json_string(json_get(requirement, "operator"));
    bool is_listed = value != NULL && list_has(json_get(requirement, "values"), value);
    if (is(op, "In")) {
        return is_listed;
    }
    if (is(op, "NotIn")) {
        return !is_listed;
    }
    if (is(op, "Exists")) {
        return value != NULL;
    }
    return is(op, "DoesNotExist") && value == NULL;
}

/* A term without any requirement matches no node. */
static bool term_may_match(const struct json *term, const struct spot_nodes *nodes)
{
    const struct json *expressions = json_get(term, "matchExpressions");
    for (const struct json *r = json_first(expressions); r != NULL; r = json_next(r)) {
        if (!may_hold(r, nodes)) {
            return false;
        }
    }
    return json_first(expressions) != NULL || json_first(json_get(term, "matchFields")) != NULL;
}

static bool affinity_allows(const struct json *spec, const struct spot_nodes *nodes)
{
    const struct json *required = json_get(json_get(json_get(spec, "affinity"), "nodeAffinity"),
                                           "requiredDuringSchedulingIgnoredDuringExecution");
    if (!json_is_object(required)) {
        return true;
    }
    const struct json *terms = json_get(required, "nodeSelectorTerms");
    for (const struct json *t = json_first(terms); t != NULL; t = json_next(t)) {
        if (term_may_match(t, nodes)) {
            return true;
        }
    }
    return false;
}

static bool selector_allows(const struct json *spec, const struct spot_nodes *nodes)
{
    const struct json *selector = json_get(spec, "nodeSelector");
    for (const struct json *m = json_first(selector); m != NULL; m = json_next(m)) {
        const char *wanted = json_string(m);
        if (is_capacity_label(json_key(m)) &&
            (wanted == NULL || !is(value_on(nodes, json_key(m)), wanted))) {
            return false;
        }
    }
    return true;
}

static bool tolerations_allow(const struct json *spec, const struct spot_nodes *nodes)
{
    const struct json *tolerations = json_get(spec, "tolerations");
    for (const struct json *t = json_first(tolerations); nodes->tainted && t != NULL;
         t = json_next(t)) {
        if (toleration_tolerates(t, nodes->label, nodes->value, "NoSchedule")) {
            return true;
        }
    }
    return !nodes->tainted;
}

void check_driver_not_on_spot(const struct spark_pod *pod, const struct rule *rule,
                              struct violations *out)
{
    enum { TEXT_MAX = 512 };
    const struct json *spec = pod->spec.node;
    struct buf open;
    buf_init_arena(&open, out->arena, TEXT_MAX);
    for (size_t i = 0; i < SPOT_NODES_COUNT; i++) {
        const struct spot_nodes *n = &spot_nodes[i];
        if (selector_allows(spec, n) && affinity_allows(spec, n) && tolerations_allow(spec, n)) {
            buf_addf(&open, "%s%s=%s", open.len > 0 ? ", " : "", n->label, n->value);
        }
    }
    if (open.len == 0 && !open.failed) {
        return;
    }
    const char *allowed =
        arena_printf(out->arena, "what leaves out nodes with %s", open.failed ? "" : open.text);
    bool has_affinity = json_is_object(json_get(json_get(spec, "affinity"), "nodeAffinity"));
    violation_add(out, rule, open.failed || allowed == NULL ? NULL : "spec.affinity.nodeAffinity",
                  has_affinity ? "room for spot nodes" : NULL, allowed == NULL ? "" : allowed);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_affinity.h - the node affinity of a pod: what the user says there, and adding to it.
 *
 * Node selector terms are alternatives, and what is inside one must hold together. So what is
 * required in addition goes into every term, and the user's terms stay as they are otherwise.
 * Everything is done once: what is there already is not added again.
 * Labels are named by NULL-terminated lists of keys, requirements by JSON lists; a list to add that
 * is NULL (out of memory) is a failure, as in webhook/edit.h.
 * Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_NODE_AFFINITY_H
#define WEBHOOK_NODE_AFFINITY_H

#include <stdbool.h>
#include <stdint.h>

#include "webhook/edit.h"

struct json;
struct rule;
struct spark_pod;

enum { NODE_AFFINITY_TERMS_MAX = 256 }; /* of the user's; a longer list is left alone */

/* The ways to spec.nodeSelector and to the two kinds of terms. Not to be copied. */
struct node_affinity {
    struct place selector;
    struct place affinity, node_affinity, required, terms, preferred;
};

void node_affinity_find(struct spark_pod *pod, struct node_affinity *out);

/* Whether the pod says anything about one of these labels, be it required or preferred. */
bool node_affinity_names(const struct node_affinity *at, const char *const *keys);

/* Adds all of @requirements to every term. */
void node_affinity_require_all(struct node_affinity *at, const struct json *requirements,
                               const struct rule *rule);

/* Each term with each of @requirements. A term that has one of them stays. */
void node_affinity_require_any(struct node_affinity *at, const struct json *requirements,
                               const struct rule *rule);

/* A preference for nodes that fulfil all of @requirements. */
void node_affinity_prefer(struct node_affinity *at, const struct json *requirements, int64_t weight,
                          const struct rule *rule);

/* Removes the labels from the node selector. */
void node_affinity_strip_selector(struct node_affinity *at, const char *const *keys,
                                  const struct rule *rule);

/*
 * Removes what terms say about the labels, but not where it is only what is required or preferred
 * of our own (may be NULL).
 */
void node_affinity_strip(struct node_affinity *at, const char *const *keys,
                         const struct json *own_required, const struct json *own_preferred,
                         const struct rule *rule);

/* {"key": key, "operator": operator, "values": [value]}; NULL when out of memory. */
struct json *node_affinity_requirement(struct arena *a, const char *key, const char *operator,
                                       const char * value);

#endif

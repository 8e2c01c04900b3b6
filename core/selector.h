/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selector.h - Kubernetes label selectors: matchLabels and matchExpressions.
 *
 * Semantics of k8s.io/apimachinery/pkg/apis/meta/v1 LabelSelector: all
 * requirements must hold; NotIn and DoesNotExist also hold where the label is
 * missing; an empty selector matches everything.
 * Thread-safety: a built selector is const.
 */
#ifndef CORE_SELECTOR_H
#define CORE_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct json;

enum selector_operator { SELECTOR_IN, SELECTOR_NOT_IN, SELECTOR_EXISTS, SELECTOR_NOT_EXISTS };

struct selector_requirement {
    const char *key;
    enum selector_operator operator;
    const char *const *values; /* of In and NotIn */
    size_t value_count;
};

struct selector {
    const struct selector_requirement *requirements;
    size_t requirement_count;
};

/* @labels: a JSON object of strings, or NULL for none. */
bool selector_matches(const struct selector *s, const struct json *labels);

/*
 * True exactly when no set of labels can match both: a shared key with In requirements
 * (matchLabels included) that have no value in common, In against a NotIn of the same values,
 * or Exists or In against DoesNotExist.
 */
bool selector_excludes(const struct selector *x, const struct selector *y);

/*
 * The API server's rules for labels (k8s.io/apimachinery/pkg/util/validation):
 * key = [prefix/]name, prefix a DNS subdomain up to 253, name up to 63 of [A-Za-z0-9._-] that
 * starts and ends alphanumeric; value = empty or like a name. NULL when valid, else what is wrong
 * (static).
 */
const char *label_key_problem(const char *key);
const char *label_value_problem(const char *value);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/selector.h"

#include <string.h>

#include "core/json.h"

enum { NAME_MAX_BYTES = 63, PREFIX_MAX_BYTES = 253 };

static const char lower_alphanumeric[] = "abcdefghijklmnopqrstuvwxyz0123456789";
static const char alphanumeric[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static bool lists(const struct selector_requirement *r, const char *value)
{
    for (size_t i = 0; i < r->value_count; i++) {
        if (strcmp(r->values[i], value) == 0) {
            return true;
        }
    }
    return false;
}

/* @value: of the label, NULL when it is missing. */
static bool holds(const struct selector_requirement *r, const char *value)
{
    switch (r->operator) {
    case SELECTOR_IN:
        return value != NULL && lists(r, value);
    case SELECTOR_NOT_IN:
        return value == NULL || !lists(r, value);
    case SELECTOR_EXISTS:
        return value != NULL;
    case SELECTOR_NOT_EXISTS:
        return value == NULL;
    }
    return false;
}

bool selector_matches(const struct selector *s, const struct json *labels)
{
    for (size_t i = 0; i < s->requirement_count; i++) {
        const struct selector_requirement *r = &s->requirements[i];
        if (!holds(r, json_string(json_get(labels, r->key)))) {
            return false;
        }
    }
    return true;
}

/* Do all requirements of @s on @key hold for @value? */
static bool allows(const struct selector *s, const char *key, const char *value)
{
    for (size_t i = 0; i < s->requirement_count; i++) {
        const struct selector_requirement *r = &s->requirements[i];
        if (strcmp(r->key, key) == 0 && !holds(r, value)) {
            return false;
        }
    }
    return true;
}

static bool forbids_key(const struct selector *s, const char *key)
{
    for (size_t i = 0; i < s->requirement_count; i++) {
        const struct selector_requirement *r = &s->requirements[i];
        if (r->operator== SELECTOR_NOT_EXISTS && strcmp(r->key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* Is there a value of its label for which @r and all requirements of both selectors hold? */
static bool can_hold(const struct selector_requirement *r, const struct selector *x,
                     const struct selector *y)
{
    if (r->operator== SELECTOR_EXISTS) {
        return !forbids_key(x, r->key) && !forbids_key(y, r->key);
    }
    if (r->operator!= SELECTOR_IN) {
        return true; /* without the label */
    }
    for (size_t i = 0; i < r->value_count; i++) {
        if (allows(x, r->key, r->values[i]) && allows(y, r->key, r->values[i])) {
            return true;
        }
    }
    return false;
}

bool selector_excludes(const struct selector *x, const struct selector *y)
{
    for (size_t i = 0; i < x->requirement_count; i++) {
        if (!can_hold(&x->requirements[i], x, y)) {
            return true;
        }
    }
    for (size_t i = 0; i < y->requirement_count; i++) {
        if (!can_hold(&y->requirements[i], x, y)) {
            return true;
        }
    }
    return false;
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_name(const char *text, size_t len)
{
    if (!is_one_of(text[0], alphanumeric) || !is_one_of(text[len - 1], alphanumeric)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_one_of(text[i], alphanumeric) && !is_one_of(text[i], "-_.")) {
            return false;
        }
    }
    return true;
}

/* Between dots and ends stand lower-case letters and digits; only they may border on a dash. */
static bool is_dns_subdomain(const char *text, size_t len)
{
    char before = '.';
    for (size_t i = 0; i < len; i++) {
        bool fits = is_one_of(text[i], lower_alphanumeric) || (text[i] == '-' && before != '.') ||
                    (text[i] == '.' && before != '.' && before != '-');
        if (!fits) {
            return false;
        }
        before = text[i];
    }
    return before != '.' && before != '-';
}

static const char *prefix_problem(const char *text, size_t len)
{
    if (len == 0) {
        return "the prefix before the \"/\" is empty";
    }
    if (len > PREFIX_MAX_BYTES) {
        return "the prefix is longer than 253 characters";
    }
    if (!is_dns_subdomain(text, len)) {
        return "the prefix must be a DNS subdomain: lower-case letters, digits, \"-\" and \".\"";
    }
    return NULL;
}

const char *label_key_problem(const char *key)
{
    const char *name = key;
    const char *slash = strchr(key, '/');
    if (slash != NULL) {
        const char *problem = prefix_problem(key, (size_t)(slash - key));
        if (problem != NULL) {
            return problem;
        }
        name = slash + 1;
    }
    size_t len = strlen(name);
    if (len == 0) {
        return "the name is empty";
    }
    if (strchr(name, '/') != NULL) {
        return "there is more than one \"/\"";
    }
    if (len > NAME_MAX_BYTES) {
        return "the name is longer than 63 characters";
    }
    if (!is_name(name, len)) {
        return "the name must be letters, digits, \"-\", \"_\" and \".\", "
               "with a letter or digit at both ends";
    }
    return NULL;
}

const char *label_value_problem(const char *value)
{
    size_t len = strlen(value);
    if (len == 0) {
        return NULL;
    }
    if (len > NAME_MAX_BYTES) {
        return "the value is longer than 63 characters";
    }
    if (!is_name(value, len)) {
        return "the value must be letters, digits, \"-\", \"_\" and \".\", "
               "with a letter or digit at both ends";
    }
    return NULL;
}

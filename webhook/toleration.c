/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/toleration.h"

#include <stdint.h>
#include <string.h>

#include "core/json.h"

static const char *text_of(const struct json *toleration, const char *member)
{
    const char *text = json_string(json_get(toleration, member));
    return text == NULL ? "" : text;
}

static bool is_equal(const struct json *x, const struct json *y, const char *member)
{
    return strcmp(text_of(x, member), text_of(y, member)) == 0;
}

static const char *operator_of(const struct json *toleration)
{
    const char *operator= text_of(toleration, "operator");
    return *operator== '\0' ? "Equal" : operator;
}

static bool exists(const struct json *toleration)
{
    return strcmp(operator_of(toleration), "Exists") == 0;
}

bool toleration_is_same(const struct json *x, const struct json *y)
{
    return is_equal(x, y, "key") && strcmp(operator_of(x), operator_of(y)) == 0 &&
           is_equal(x, y, "value") && is_equal(x, y, "effect");
}

bool toleration_covers(const struct json *x, const struct json *y)
{
    if (toleration_is_same(x, y)) {
        return true;
    }
    if (*text_of(x, "effect") != '\0' && !is_equal(x, y, "effect")) {
        return false;
    }
    if (exists(x)) {
        return *text_of(x, "key") == '\0' || is_equal(x, y, "key");
    }
    /* Operators that compare numbers cover nothing but themselves. */
    return strcmp(operator_of(x), "Equal") == 0 && strcmp(operator_of(y), "Equal") == 0 &&
           *text_of(x, "key") != '\0' && is_equal(x, y, "key") && is_equal(x, y, "value");
}

bool toleration_tolerates(const struct json *toleration, const char *key, const char *value,
                          const char *effect)
{
    const char *own_key = text_of(toleration, "key");
    const char *own_effect = text_of(toleration, "effect");
    if (*own_effect != '\0' && strcmp(own_effect, effect) != 0) {
        return false;
    }
    if (exists(toleration)) {
        return *own_key == '\0' || strcmp(own_key, key) == 0;
    }
    return strcmp(operator_of(toleration), "Equal") == 0 && strcmp(own_key, key) == 0 &&
           strcmp(text_of(toleration, "value"), value) == 0;
}

bool toleration_lasts_as(const struct json *x, const struct json *y)
{
    int64_t x_seconds = -1;
    int64_t y_seconds = -1;
    bool x_ends = json_int(json_get(x, "tolerationSeconds"), &x_seconds);
    bool y_ends = json_int(json_get(y, "tolerationSeconds"), &y_seconds);
    return x_ends == y_ends && x_seconds == y_seconds;
}

const struct json *toleration_cover(const struct json *list, const struct json *y)
{
    for (const struct json *x = json_first(list); x != NULL; x = json_next(x)) {
        if (toleration_covers(x, y)) {
            return x;
        }
    }
    return NULL;
}

/* k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds. */
bool toleration_is_default(const struct json *toleration)
{
    enum { DEFAULT_SECONDS = 300 };
    const char *key = text_of(toleration, "key");
    int64_t seconds = -1;
    return (strcmp(key, "node.kubernetes.io/not-ready") == 0 ||
            strcmp(key, "node.kubernetes.io/unreachable") == 0) &&
           exists(toleration) && strcmp(text_of(toleration, "effect"), "NoExecute") == 0 &&
           json_int(json_get(toleration, "tolerationSeconds"), &seconds) &&
           seconds == DEFAULT_SECONDS;
}

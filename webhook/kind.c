/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/kind.h"

#include <stddef.h>
#include <string.h>

#include "core/json.h"

static const struct {
    const char *group;
    const char *version;
    const char *kind;
    const char *resource;
    const char *subresource;
    bool when_new, when_changed;
} kinds[] = {
    [KIND_POD] = {"", "v1", "Pod", "pods", "", true, true},
    [KIND_POD_DEBUGGING] = {"", "v1", "Pod", "pods", "ephemeralcontainers", false, true},
    [KIND_CONFIG_MAP] = {"", "v1", "ConfigMap", "configmaps", "", true, false},
    [KIND_SERVICE] = {"", "v1", "Service", "services", "", true, false},
    [KIND_CLAIM] = {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "", true, true},
    [KIND_SPARK_APPLICATION] = {"sparkoperator.k8s.io", "v1beta2", "SparkApplication",
                                "sparkapplications", "", true, true},
    [KIND_SCHEDULED_SPARK_APPLICATION] = {"sparkoperator.k8s.io", "v1beta2",
                                          "ScheduledSparkApplication", "scheduledsparkapplications",
                                          "", true, true},
    [KIND_APACHE_SPARK_APPLICATION] = {"spark.apache.org", "v1", "SparkApplication",
                                       "sparkapplications", "", true, true},
};

static bool is(const struct json *v, const char *text)
{
    const char *s = json_string(v);
    return s != NULL && strcmp(s, text) == 0;
}

enum kind kind_of_request(const struct json *kind, const struct json *resource,
                          const char *subresource)
{
    for (int i = 0; i < KIND_OTHER; i++) {
        if (is(json_get(kind, "kind"), kinds[i].kind) &&
            is(json_get(kind, "group"), kinds[i].group) &&
            is(json_get(kind, "version"), kinds[i].version) &&
            is(json_get(resource, "resource"), kinds[i].resource) &&
            strcmp(subresource, kinds[i].subresource) == 0) {
            return (enum kind)i;
        }
    }
    return KIND_OTHER;
}

/* "v1", "sparkoperator.k8s.io/v1beta2" */
static bool is_version(const struct json *v, const char *group, const char *version)
{
    const char *s = json_string(v);
    size_t len = strlen(group);
    if (s == NULL || strncmp(s, group, len) != 0) {
        return false;
    }
    return len == 0 ? strcmp(s, version) == 0 : s[len] == '/' && strcmp(s + len + 1, version) == 0;
}

enum kind kind_of_object(const struct json *object)
{
    const struct json *kind = json_get(object, "kind");
    const struct json *version = json_get(object, "apiVersion");
    if (!json_is_string(kind)) {
        return KIND_POD;
    }
    for (int i = 0; i < KIND_OTHER; i++) {
        if (is(kind, kinds[i].kind) &&
            (version == NULL || is_version(version, kinds[i].group, kinds[i].version))) {
            return (enum kind)i;
        }
    }
    return KIND_OTHER;
}

bool kind_is_judged(enum kind kind, bool is_new)
{
    return kind != KIND_OTHER && (is_new ? kinds[kind].when_new : kinds[kind].when_changed);
}

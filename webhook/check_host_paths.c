/* SPDX-License-Identifier: Apache-2.0 */
/* No folders of the host but those that are allowed, such as local disks. */
#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "policies/policy.h"
#include "webhook/check.h"
#include "webhook/pod.h"

/* The next part of a path, without "." and doubled slashes; its length in @out_len. */
static const char *next_part(const char *path, size_t *out_len)
{
    do {
        path += strspn(path, "/");
        *out_len = strcspn(path, "/");
        if (*out_len != 1 || path[0] != '.') {
            return path;
        }
        path++;
    } while (true);
}

/* True when @path is @folder or below it; never with "..", which could lead out of it again. */
static bool lies_within(const char *path, const char *folder)
{
    size_t len = 0;
    size_t wanted = 0;
    for (folder = next_part(folder, &wanted); wanted > 0;
         folder = next_part(folder + wanted, &wanted)) {
        path = next_part(path, &len);
        if (len != wanted || memcmp(path, folder, len) != 0) {
            return false;
        }
        path += len;
    }
    for (path = next_part(path, &len); len > 0; path = next_part(path + len, &len)) {
        if (len == 2 && path[0] == '.' && path[1] == '.') {
            return false;
        }
    }
    return true;
}

static bool is_allowed(const char *path, const char *const *folders)
{
    for (; path != NULL && path[0] == '/' && *folders != NULL; folders++) {
        if (lies_within(path, *folders)) {
            return true;
        }
    }
    return false;
}

void check_host_paths(const struct spark_pod *pod, const struct rule *rule, struct violations *out)
{
    size_t i = 0;
    for (const struct json *v = json_first(pod->volumes.node); v != NULL; v = json_next(v), i++) {
        const struct json *host = json_get(v, "hostPath");
        const char *path = json_string(json_get(host, "path"));
        if (json_is_object(host) && !is_allowed(path, rule->require.from)) {
            violation_add(out, rule, arena_printf(out->arena, "spec.volumes[%zu].hostPath.path", i),
                          path, rule->require.allowed);
        }
    }
}

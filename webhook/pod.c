/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/pod.h"

#include <string.h>

#include "core/arena.h"
#include "core/json.h"
#include "webhook/claim.h"

/*
 * Labels and names: org.apache.spark.deploy.k8s.Constants; the same from 3.1 to 4.x.
 */
static const char role_label[] = "spark-role";
static const char application_label[] = "spark-app-selector";
static const char executor_id_label[] = "spark-exec-id";
static const char local_dir_prefix[] = "spark-local-dir-";

/*
 * Shapes. The API server has decoded the object into its own types before, so a
 * wrong one means that somebody else is calling.
 */

static enum err_code bad_shape(struct err *e, const char *path, const char *wanted,
                               const struct json *found)
{
    return err_set(e, ERR_INVALID, "object.%s: expected %s, found %s", path, wanted,
                   json_kind(found));
}

/* An object whose members are all strings; a missing one and null are fine. */
static enum err_code check_strings(struct err *e, const char *path, const struct json *map)
{
    if (map == NULL) {
        return ERR_OK;
    }
    if (!json_is_object(map)) {
        return bad_shape(e, path, "an object", map);
    }
    for (const struct json *m = json_first(map); m != NULL; m = json_next(m)) {
        if (!json_is_string(m)) {
            return bad_shape(e, path, "an object of strings", m);
        }
    }
    return ERR_OK;
}

static enum err_code check_objects(struct err *e, const char *path, const struct json *list)
{
    if (list == NULL || json_is_null(list)) {
        return ERR_OK;
    }
    if (!json_is_array(list)) {
        return bad_shape(e, path, "a list", list);
    }
    for (const struct json *item = json_first(list); item != NULL; item = json_next(item)) {
        if (!json_is_object(item)) {
            return bad_shape(e, path, "a list of objects", item);
        }
    }
    return ERR_OK;
}

static enum err_code check_shape(struct err *e, const struct spark_pod *pod)
{
    static const struct {
        const char *key;
        const char *path;
    } lists[] = {
        {"containers", "spec.containers"},
        {"initContainers", "spec.initContainers"},
        {"ephemeralContainers", "spec.ephemeralContainers"},
        {"volumes", "spec.volumes"},
        {"tolerations", "spec.tolerations"},
        {"topologySpreadConstraints", "spec.topologySpreadConstraints"},
    };
    if (!json_is_object(pod->metadata.node)) {
        return bad_shape(e, "metadata", "an object", pod->metadata.node);
    }
    if (!json_is_object(pod->spec.node)) {
        return bad_shape(e, "spec", "an object", pod->spec.node);
    }
    enum err_code code = check_strings(e, "metadata.labels", pod->labels.node);
    if (code == ERR_OK) {
        code = check_strings(e, "metadata.annotations", pod->annotations.node);
    }
    for (size_t i = 0; code == ERR_OK && i < sizeof(lists) / sizeof(lists[0]); i++) {
        code = check_objects(e, lists[i].path, json_get(pod->spec.node, lists[i].key));
    }
    return code;
}

/*
 * Role and executor.
 */

static bool read_role(struct spark_pod *pod)
{
    const char *role = json_string(json_get(pod->labels.node, role_label));
    pod->application = json_string(json_get(pod->labels.node, application_label));
    if (role == NULL || pod->application == NULL || pod->application[0] == '\0') {
        return false;
    }
    if (strcmp(role, "driver") == 0) {
        pod->role = ROLE_DRIVER;
    } else if (strcmp(role, "executor") == 0) {
        pod->role = ROLE_EXECUTOR;
    } else {
        return false; /* connect-server, master, worker: other programs of Spark's */
    }
    pod->role_name = role;
    return true;
}

/* Decimal digits to the end of @text; -1 for anything else. */
static int64_t parse_ordinal(const char *text)
{
    int64_t n = 0;
    if (*text == '\0') {
        return -1;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || n > INT32_MAX) {
            return -1;
        }
        n = n * 10 + (*text - '0');
    }
    return n;
}

/*
 * spark-exec-id counts from 1. Executors of a StatefulSet are admitted with the
 * placeholder EXECID; their name ends with an ordinal that counts from 0.
 */
static int64_t read_executor_id(const struct spark_pod *pod)
{
    const char *id = json_string(json_get(pod->labels.node, executor_id_label));
    if (pod->role != ROLE_EXECUTOR || id == NULL) {
        return -1;
    }
    if (strcmp(id, "EXECID") != 0) {
        return parse_ordinal(id);
    }
    const char *name = json_string(json_get(pod->metadata.node, "name"));
    const char *dash = name == NULL ? NULL : strrchr(name, '-');
    int64_t ordinal = dash == NULL ? -1 : parse_ordinal(dash + 1);
    return ordinal < 0 ? -1 : ordinal + 1;
}

/*
 * Spark's container.
 */

static bool is_named_by_spark(const struct json *container)
{
    const char *name = json_string(json_get(container, "name"));
    return name != NULL && (strcmp(name, "spark-kubernetes-driver") == 0 ||
                            strcmp(name, "spark-kubernetes-executor") == 0);
}

/* A template may rename the container; then Spark's arguments or variables tell. */
static bool runs_spark(const struct json *container)
{
    const char *arg = json_string(json_first(json_get(container, "args")));
    if (arg != NULL && (strcmp(arg, "driver") == 0 || strcmp(arg, "executor") == 0)) {
        return true;
    }
    const struct json *env = json_get(container, "env");
    return json_find(env, "name", "SPARK_DRIVER_BIND_ADDRESS", NULL) != NULL ||
           json_find(env, "name", "SPARK_EXECUTOR_ID", NULL) != NULL;
}

static bool is_only_one(const struct json *container)
{
    return json_next(container) == NULL;
}

static struct place find_container(struct place *containers)
{
    static bool (*const tests[])(const struct json *) = {is_named_by_spark, runs_spark};
    for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++) {
        size_t i = 0;
        for (struct json *c = json_first(containers->node); c != NULL; c = json_next(c), i++) {
            if (tests[t](c)) {
                return place_element(containers, c, i);
            }
        }
    }
    struct json *first = json_first(containers->node);
    bool alone = first != NULL && is_only_one(first);
    return place_element(containers, alone ? first : NULL, 0);
}

struct json *spark_pod_mates(const struct spark_pod *pod)
{
    struct arena *a = pod->edits->arena;
    struct json *labels = json_new_object(a);
    struct json *selector = json_new_object(a);
    bool ok = json_add(labels, application_label, json_new_string_ref(a, pod->application)) &&
              json_add(labels, role_label, json_new_string_ref(a, pod->role_name)) &&
              json_add(selector, "matchLabels", labels);
    return ok ? selector : NULL;
}

bool spark_pod_has_port(const struct spark_pod *pod, const char *name)
{
    return json_find(json_get(pod->container.node, "ports"), "name", name, NULL) != NULL;
}

/*
 * Local dirs: volumes named spark-local-dir-*, and whatever else is mounted at the
 * directories in SPARK_LOCAL_DIRS (org.apache.spark.deploy.k8s.features.LocalDirsFeatureStep).
 */

/* Directories in the variable that are looked at: each is compared with every mount. */
enum { VARIABLE_DIRS_MAX = 64 };

/* True when @dir is @mount_path or below it. */
static bool lies_under(const char *dir, size_t len, const char *mount_path)
{
    size_t n = strlen(mount_path);
    while (n > 1 && mount_path[n - 1] == '/') {
        n--;
    }
    return len >= n && memcmp(dir, mount_path, n) == 0 && (len == n || dir[n] == '/' || n == 1);
}

/* The name of the volume under the directory; NULL when it is the image's own file system. */
static const char *volume_under(const struct json *mounts, const char *dir, size_t len)
{
    const char *name = NULL;
    size_t longest = 0;
    for (const struct json *m = json_first(mounts); m != NULL; m = json_next(m)) {
        const char *path = json_string(json_get(m, "mountPath"));
        if (path != NULL && strlen(path) >= longest && lies_under(dir, len, path)) {
            longest = strlen(path);
            name = json_string(json_get(m, "name"));
        }
    }
    return name;
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_local_dir_name(const char *name)
{
    return name != NULL && starts_with(name, local_dir_prefix);
}

/* The claim a volume names; NULL for a volume of another kind. */
static const char *claim_of(const struct json *volume)
{
    return json_string(json_get(json_get(volume, "persistentVolumeClaim"), "claimName"));
}

bool spark_owns_volume(const struct json *volume)
{
    const char *name = json_string(json_get(volume, "name"));
    return claim_is_named_by_spark(claim_of(volume)) || is_local_dir_name(name) ||
           (name != NULL &&
            (starts_with(name, "spark-conf-volume") || strcmp(name, "pod-template-volume") == 0));
}

static enum storage storage_of(const struct json *volume)
{
    if (json_is_object(json_get(volume, "emptyDir"))) {
        return STORAGE_EMPTY_DIR;
    }
    if (json_is_object(json_get(volume, "ephemeral"))) {
        return STORAGE_EPHEMERAL;
    }
    return json_is_object(json_get(volume, "persistentVolumeClaim")) ? STORAGE_CLAIM
                                                                     : STORAGE_OTHER;
}

struct dirs {
    struct local_dir *list;
    size_t count;
    bool all_outlive; /* every local dir seen so far is on a claim of its own */
};

static bool has_dir(const struct dirs *dirs, const struct json *volume)
{
    for (size_t i = 0; i < dirs->count; i++) {
        if (dirs->list[i].volume == volume) {
            return true;
        }
    }
    return false;
}

static void add_dir(struct dirs *dirs, struct json *volume, size_t index)
{
    struct local_dir dir = {.volume = volume, .volume_index = index, .storage = storage_of(volume)};
    if (dir.storage == STORAGE_CLAIM) {
        dir.claim = claim_of(volume);
    } else {
        dirs->all_outlive = false;
    }
    dirs->list[dirs->count++] = dir;
}

static void add_dirs_of_variable(const struct spark_pod *pod, struct dirs *dirs)
{
    const struct json *env = json_get(pod->container.node, "env");
    const struct json *mounts = json_get(pod->container.node, "volumeMounts");
    const char *at =
        json_string(json_get(json_find(env, "name", "SPARK_LOCAL_DIRS", NULL), "value"));
    for (size_t n = 0; at != NULL && *at != '\0'; n++) {
        if (n == VARIABLE_DIRS_MAX) {
            dirs->all_outlive = false; /* nobody knows about the rest */
            return;
        }
        size_t len = strcspn(at, ",");
        const char *name = len == 0 ? NULL : volume_under(mounts, at, len);
        size_t index;
        struct json *volume =
            name == NULL ? NULL : json_find(pod->volumes.node, "name", name, &index);
        if (volume != NULL && !has_dir(dirs, volume)) {
            add_dir(dirs, volume, index);
        } else if (volume == NULL && len != 0) {
            dirs->all_outlive = false;
        }
        at += len + (at[len] == ',' ? 1 : 0);
    }
}

static enum err_code read_local_dirs(struct spark_pod *pod, struct err *e)
{
    size_t volumes = json_count(pod->volumes.node);
    struct dirs dirs = {.all_outlive = true};
    dirs.list = arena_alloc(pod->edits->arena, (volumes + 1) * sizeof(*dirs.list));
    if (dirs.list == NULL) {
        return err_no_memory(e);
    }
    size_t i = 0;
    for (struct json *v = json_first(pod->volumes.node); v != NULL; v = json_next(v), i++) {
        if (is_local_dir_name(json_string(json_get(v, "name")))) {
            add_dir(&dirs, v, i);
        }
    }
    add_dirs_of_variable(pod, &dirs);
    pod->local_dirs = dirs.list;
    pod->local_dir_count = dirs.count;
    pod->local_dirs_kind =
        dirs.count > 0 && dirs.all_outlive ? LOCAL_DIRS_PERSISTENT : LOCAL_DIRS_EMPTY_DIR;
    return ERR_OK;
}

/* A mirror pod stands for a static pod of a kubelet and must not be changed. */
static bool is_mirror(const struct spark_pod *pod)
{
    return json_get(pod->annotations.node, "kubernetes.io/config.mirror") != NULL;
}

enum err_code spark_pod_read(struct edits *edits, struct json *object, struct spark_pod *out,
                             bool *out_is_spark, struct err *e)
{
    out->edits = edits;
    out->object = place_root(edits, object);
    out->metadata = place_member(&out->object, "metadata");
    out->labels = place_member(&out->metadata, "labels");
    out->annotations = place_member(&out->metadata, "annotations");
    out->spec = place_member(&out->object, "spec");
    enum err_code code = check_shape(e, out);
    if (code != ERR_OK) {
        return code;
    }
    *out_is_spark = read_role(out) && !is_mirror(out);
    if (!*out_is_spark) {
        return ERR_OK;
    }
    out->executor_id = read_executor_id(out);
    out->containers = place_member(&out->spec, "containers");
    out->volumes = place_member(&out->spec, "volumes");
    out->container = find_container(&out->containers);
    return read_local_dirs(out, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "core/arena.h"
#include "core/json.h"
#include "webhook/pod.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena *arena;
static struct edits edits;
static struct spark_pod pod;

static void setup(void)
{
    json_init();
    arena = arena_create(256 * 1024, 4 * 1024 * 1024);
    edits_init(&edits, arena);
}

static void teardown(void)
{
    arena_destroy(arena);
}

TestSuite(pod, .init = setup, .fini = teardown, .timeout = 10);

static struct json *parse(const char *text, size_t len)
{
    struct json *v = NULL;
    struct err e = {.code = ERR_OK};
    cr_assert_eq(json_parse(arena, text, len, NULL, &v, &e), ERR_OK, "%s", e.text);
    return v;
}

static bool read_pod(struct json *object)
{
    bool is_spark = false;
    struct err e = {.code = ERR_OK};
    cr_assert_eq(spark_pod_read(&edits, object, &pod, &is_spark, &e), ERR_OK, "%s", e.text);
    return is_spark;
}

static struct json *fixture(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", FIXTURES, name);
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f, "%s", path);
    static char text[64 * 1024];
    size_t len = fread(text, 1, sizeof(text), f);
    (void)fclose(f);
    struct json *root = parse(text, len);
    struct json *object = json_get(json_get(root, "request"), "object");
    return object != NULL ? object : root;
}

static struct criterion_test_params indexes(size_t count)
{
    size_t *list = cr_malloc(count * sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        list[i] = i;
    }
    return cr_make_param_array(size_t, list, count, NULL);
}

/* Every sample and every recorded pod, as a person reads it. */
static const struct {
    const char *file;
    enum role role; /* 0: not a Spark pod */
    int64_t executor_id;
    unsigned local_dirs;
    size_t local_dir_count;
    enum storage storage;
    const char *claim;
    size_t container; /* index of Spark's own */
} samples[] = {
    {"samples/driver-pod.json", ROLE_DRIVER, -1, LOCAL_DIRS_EMPTY_DIR, 1, STORAGE_EMPTY_DIR, NULL,
     0},
    {"samples/driver-pod-3.1.json", ROLE_DRIVER, -1, LOCAL_DIRS_EMPTY_DIR, 1, STORAGE_EMPTY_DIR,
     NULL, 0},
    {"samples/driver-pod-4.1.json", ROLE_DRIVER, -1, LOCAL_DIRS_EMPTY_DIR, 1, STORAGE_EMPTY_DIR,
     NULL, 0},
    {"samples/driver-pod-operator.json", ROLE_DRIVER, -1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
    {"samples/driver-pod.admission.json", ROLE_DRIVER, -1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
    {"samples/executor-pod.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_EMPTY_DIR, 1, STORAGE_EMPTY_DIR,
     NULL, 0},
    {"samples/executor-pod-3.1.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_EMPTY_DIR, 1, STORAGE_EMPTY_DIR,
     NULL, 0},
    {"samples/executor-pod-4.1.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_EMPTY_DIR, 1, STORAGE_EMPTY_DIR,
     NULL, 0},
    {"samples/executor-pod-operator.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
    {"samples/executor-pod-statefulset.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
    {"samples/executor-pod-pvc-ondemand.admission.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_PERSISTENT, 1,
     STORAGE_CLAIM, "spark-pi-b71d3c9c22ffdec0-exec-1-pvc-0", 0},
    {"samples/executor-pod-pvc-reused.admission.json", ROLE_EXECUTOR, 7, LOCAL_DIRS_PERSISTENT, 1,
     STORAGE_CLAIM, "spark-pi-b71d3c9c22ffdec0-exec-1-pvc-0", 0},
    {"samples/configmap-driver.admission.json", 0, 0, 0, 0, 0, NULL, 0},
    {"reviews/spark-3.5.8/client-executor-pod.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
    {"reviews/spark-3.5.8/cluster-driver-pod.json", ROLE_DRIVER, -1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
    {"reviews/spark-4.1.4/client-executor-pod.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
    {"reviews/spark-4.1.4/client-pvc-executor-pod.json", ROLE_EXECUTOR, 1, LOCAL_DIRS_PERSISTENT, 1,
     STORAGE_CLAIM, "withpvc-7701d6a1fae1f80d-exec-1-pvc-0", 0},
    {"reviews/spark-4.1.4/cluster-driver-pod.json", ROLE_DRIVER, -1, LOCAL_DIRS_EMPTY_DIR, 1,
     STORAGE_EMPTY_DIR, NULL, 0},
};

ParameterizedTestParameters(pod, reads_samples)
{
    return indexes(COUNT(samples));
}

ParameterizedTest(size_t *i, pod, reads_samples)
{
    struct json *object = fixture(samples[*i].file);
    if (samples[*i].role == 0) {
        struct err e;
        bool is_spark = false;
        enum err_code code = spark_pod_read(&edits, object, &pod, &is_spark, &e);
        cr_assert(code == ERR_INVALID || !is_spark);
        return;
    }
    cr_assert(read_pod(object), "%s", samples[*i].file);
    cr_assert_eq(pod.role, samples[*i].role);
    cr_assert_eq(strncmp(pod.application, "spark-", 6), 0);
    cr_assert_eq(pod.executor_id, samples[*i].executor_id, "%s: %lld", samples[*i].file,
                 (long long)pod.executor_id);
    cr_assert_eq(pod.local_dirs_kind, samples[*i].local_dirs);
    cr_assert_eq(pod.local_dir_count, samples[*i].local_dir_count);
    cr_assert_eq(pod.local_dirs[0].storage, samples[*i].storage);
    if (samples[*i].claim == NULL) {
        cr_assert_null(pod.local_dirs[0].claim);
    } else {
        cr_assert_str_eq(pod.local_dirs[0].claim, samples[*i].claim);
    }
    cr_assert_not_null(pod.container.node);
    cr_assert_eq(pod.container.index, samples[*i].container);
}

#define LABELS(role, more)                                                                         \
    "\"metadata\":{\"name\":\"app-exec-3\",\"labels\":{\"spark-role\":\"" role                     \
    "\",\"spark-app-selector\":\"spark-1\"" more "}}"

/* Which container is Spark's own; -1: cannot be told. */
static const struct {
    const char *containers;
    int index;
} containers[] = {
    {"[{\"name\":\"spark-kubernetes-executor\"}]", 0},
    {"[{\"name\":\"log\"},{\"name\":\"spark-kubernetes-executor\"}]", 1},
    {"[{\"name\":\"proxy\",\"args\":[\"proxy\"]},{\"name\":\"main\",\"args\":[\"executor\"]}]", 1},
    {"[{\"name\":\"log\"},{\"name\":\"x\",\"env\":[{\"name\":\"SPARK_EXECUTOR_ID\",\"value\":\"1\"}"
     "]}]",
     1},
    {"[{\"name\":\"log\"},{\"name\":\"x\",\"env\":[{\"name\":\"SPARK_DRIVER_BIND_ADDRESS\"}]}]", 1},
    {"[{\"name\":\"anything\"}]", 0},
    {"[{\"name\":\"a\"},{\"name\":\"b\"}]", -1},
    {"[]", -1},
    {"null", -1},
};

ParameterizedTestParameters(pod, finds_spark_container)
{
    return indexes(COUNT(containers));
}

ParameterizedTest(size_t *i, pod, finds_spark_container)
{
    char text[1024];
    int n =
        snprintf(text, sizeof(text), "{" LABELS("executor", "") ",\"spec\":{\"containers\":%s}}",
                 containers[*i].containers);
    cr_assert(read_pod(parse(text, (size_t)n)));
    cr_assert_eq(pod.container.node != NULL ? (int)pod.container.index : -1, containers[*i].index);
}

static const struct {
    const char *metadata;
    bool is_spark;
    int64_t executor_id;
} identities[] = {
    {LABELS("executor", ",\"spark-exec-id\":\"12\""), true, 12},
    {LABELS("executor", ",\"spark-exec-id\":\"EXECID\""), true, 4}, /* by the name's ordinal 3 */
    {LABELS("executor", ",\"spark-exec-id\":\"x7\""), true, -1},
    {LABELS("executor", ",\"spark-exec-id\":\"\""), true, -1},
    {LABELS("executor", ",\"spark-exec-id\":\"99999999999999999999\""), true, -1},
    {LABELS("executor", ""), true, -1},
    {LABELS("driver", ",\"spark-exec-id\":\"1\""), true, -1},
    {LABELS("connect-server", ""), false, 0},
    {LABELS("worker", ""), false, 0},
    {"\"metadata\":{\"labels\":{\"spark-role\":\"driver\"}}", false, 0},
    {"\"metadata\":{\"labels\":{\"spark-role\":\"driver\",\"spark-app-selector\":\"\"}}", false, 0},
    {"\"metadata\":{\"labels\":null}", false, 0},
    {"\"metadata\":{}", false, 0},
    {"\"metadata\":{\"annotations\":{\"kubernetes.io/config.mirror\":\"x\"},\"labels\":{"
     "\"spark-role\":\"driver\",\"spark-app-selector\":\"a\"}}",
     false, 0},
};

ParameterizedTestParameters(pod, tells_who_it_is)
{
    return indexes(COUNT(identities));
}

ParameterizedTest(size_t *i, pod, tells_who_it_is)
{
    char text[1024];
    int n = snprintf(text, sizeof(text), "{%s,\"spec\":{}}", identities[*i].metadata);
    cr_assert_eq(read_pod(parse(text, (size_t)n)), identities[*i].is_spark);
    if (identities[*i].is_spark) {
        cr_assert_eq(pod.executor_id, identities[*i].executor_id);
    }
}

/* Where the shuffle data lies: volumes, mounts and SPARK_LOCAL_DIRS together. */
static const struct {
    const char *volumes;
    const char *mounts;
    const char *dirs;
    unsigned kind;
    size_t count;
} dirs[] = {
    {"[]", "[]", "/var/data/spark-1", LOCAL_DIRS_EMPTY_DIR, 0},
    {"[{\"name\":\"spark-local-dir-1\",\"emptyDir\":{}}]", "[]", "", LOCAL_DIRS_EMPTY_DIR, 1},
    {"[{\"name\":\"spark-local-dir-1\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]", "[]", "",
     LOCAL_DIRS_PERSISTENT, 1},
    {"[{\"name\":\"spark-local-dir-1\",\"ephemeral\":{}}]", "[]", "", LOCAL_DIRS_EMPTY_DIR, 1},
    {"[{\"name\":\"spark-local-dir-1\",\"hostPath\":{\"path\":\"/mnt\"}}]", "[]", "",
     LOCAL_DIRS_EMPTY_DIR, 1},
    {"[{\"name\":\"spark-local-dir-1\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}},"
     "{\"name\":\"spark-local-dir-2\",\"emptyDir\":{}}]",
     "[]", "", LOCAL_DIRS_EMPTY_DIR, 2},
    {"[{\"name\":\"scratch\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]",
     "[{\"name\":\"scratch\",\"mountPath\":\"/data\"}]", "/data", LOCAL_DIRS_PERSISTENT, 1},
    {"[{\"name\":\"scratch\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]",
     "[{\"name\":\"scratch\",\"mountPath\":\"/data/\"}]", "/data/spark-x/executor-x",
     LOCAL_DIRS_PERSISTENT, 1},
    {"[{\"name\":\"scratch\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]",
     "[{\"name\":\"scratch\",\"mountPath\":\"/data\"}]", "/database", LOCAL_DIRS_EMPTY_DIR, 0},
    {"[{\"name\":\"a\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}},{\"name\":\"b\","
     "\"emptyDir\":{}}]",
     "[{\"name\":\"a\",\"mountPath\":\"/data\"},{\"name\":\"b\",\"mountPath\":\"/data/tmp\"}]",
     "/data/tmp/x", LOCAL_DIRS_EMPTY_DIR, 1},
    {"[{\"name\":\"a\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]",
     "[{\"name\":\"a\",\"mountPath\":\"/data\"}]", "/data/1,/tmp/2", LOCAL_DIRS_EMPTY_DIR, 1},
    {"[{\"name\":\"a\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]",
     "[{\"name\":\"a\",\"mountPath\":\"/data\"}]", ",/data/1,,/data/2,", LOCAL_DIRS_PERSISTENT, 1},
    {"[{\"name\":\"root\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}]",
     "[{\"name\":\"root\",\"mountPath\":\"/\"}]", "/anything", LOCAL_DIRS_PERSISTENT, 1},
};

ParameterizedTestParameters(pod, finds_local_dirs)
{
    return indexes(COUNT(dirs));
}

ParameterizedTest(size_t *i, pod, finds_local_dirs)
{
    char text[2048];
    int n = snprintf(
        text, sizeof(text),
        "{" LABELS(
            "executor",
            "") ",\"spec\":{\"volumes\":%s,\"containers\":[{\"name\":"
                "\"x\",\"volumeMounts\":%s,\"env\":[{\"name\":\"SPARK_LOCAL_DIRS\",\"value\":"
                "\"%s\"}]}]}}",
        dirs[*i].volumes, dirs[*i].mounts, dirs[*i].dirs);
    cr_assert(read_pod(parse(text, (size_t)n)));
    cr_assert_eq(pod.local_dirs_kind, dirs[*i].kind);
    cr_assert_eq(pod.local_dir_count, dirs[*i].count);
}

/* What an API server would not send, and how it is told. */
static const struct {
    const char *object;
    const char *says;
} shapes[] = {
    {"{\"spec\":{}}", "object.metadata: expected an object, found nothing"},
    {"{\"metadata\":{}}", "object.spec: expected an object, found nothing"},
    {"{\"metadata\":[],\"spec\":{}}", "object.metadata: expected an object, found a list"},
    {"{\"metadata\":{\"labels\":[]},\"spec\":{}}", "object.metadata.labels: expected an object"},
    {"{\"metadata\":{\"labels\":{\"a\":1}},\"spec\":{}}", "an object of strings, found a number"},
    {"{\"metadata\":{\"annotations\":\"x\"},\"spec\":{}}", "object.metadata.annotations"},
    {"{\"metadata\":{},\"spec\":{\"containers\":{}}}", "object.spec.containers: expected a list"},
    {"{\"metadata\":{},\"spec\":{\"volumes\":[1]}}",
     "object.spec.volumes: expected a list of objects"},
    {"{\"metadata\":{},\"spec\":{\"tolerations\":\"all\"}}", "object.spec.tolerations"},
};

ParameterizedTestParameters(pod, refuses_other_shapes)
{
    return indexes(COUNT(shapes));
}

ParameterizedTest(size_t *i, pod, refuses_other_shapes)
{
    bool is_spark;
    struct err e;
    struct json *object = parse(shapes[*i].object, strlen(shapes[*i].object));
    cr_assert_eq(spark_pod_read(&edits, object, &pod, &is_spark, &e), ERR_INVALID);
    cr_assert_not_null(strstr(e.text, shapes[*i].says), "%s", e.text);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "table.h"
#include "webhook/pod.h"

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

/* Nothing of a row is left to the next. */
static void forget(void)
{
    arena_reset(arena);
    edits_init(&edits, arena);
    pod = (struct spark_pod){.role_name = NULL};
}

/* NULL, after a failed check, for what is not JSON. */
static struct json *parse(const char *text, size_t len)
{
    struct json *v = NULL;
    struct err e = {.code = ERR_OK};
    cr_expect_eq(json_parse(arena, text, len, NULL, &v, &e), ERR_OK, "%s: %s", text, e.text);
    return v;
}

/* False, after a failed check, when there is nothing to read. */
static bool read_pod(struct json *object)
{
    bool is_spark = false;
    struct err e = {.code = ERR_OK};
    cr_expect_not_null(object);
    if (object == NULL) {
        return false;
    }
    enum err_code code = spark_pod_read(&edits, object, &pod, &is_spark, &e);
    cr_expect_eq(code, ERR_OK, "%s", e.text);
    return code == ERR_OK && is_spark;
}

/* NULL, after a failed check, when it cannot be read. */
static struct json *fixture(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", FIXTURES, name);
    FILE *f = fopen(path, "rb");
    cr_expect_not_null(f, "%s", path);
    if (f == NULL) {
        return NULL;
    }
    static char text[64 * 1024];
    size_t len = fread(text, 1, sizeof(text), f);
    (void)fclose(f);
    struct json *root = parse(text, len);
    struct json *object = json_get(json_get(root, "request"), "object");
    return object != NULL ? object : root;
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

static void expect_not_spark(const char *file, struct json *object)
{
    struct err e;
    bool is_spark = false;
    enum err_code code = spark_pod_read(&edits, object, &pod, &is_spark, &e);
    cr_expect(code == ERR_INVALID || !is_spark, "%s", file);
}

static void reads_samples_row(size_t i)
{
    const char *file = samples[i].file;
    struct json *object = fixture(file);
    row_require(object != NULL, "%s", file);
    if (samples[i].role == 0) {
        expect_not_spark(file, object);
        return;
    }
    row_require(read_pod(object), "%s", file);
    cr_expect_eq(pod.role, samples[i].role, "%s: %d", file, (int)pod.role);
    cr_expect_eq(strncmp(pod.application, "spark-", 6), 0, "%s: %s", file, pod.application);
    cr_expect_eq(pod.executor_id, samples[i].executor_id, "%s: %lld", file,
                 (long long)pod.executor_id);
    cr_expect_eq(pod.local_dirs_kind, samples[i].local_dirs, "%s", file);
    row_require(pod.local_dir_count == samples[i].local_dir_count, "%s: %zu", file,
                pod.local_dir_count);
    const struct local_dir *first = &pod.local_dirs[0];
    cr_expect_eq(first->storage, samples[i].storage, "%s", file);
    row_require((first->claim == NULL) == (samples[i].claim == NULL), "%s", file);
    if (first->claim != NULL) {
        cr_expect_str_eq(first->claim, samples[i].claim, "%s: %s", file, first->claim);
    }
    cr_expect_not_null(pod.container.node, "%s", file);
    cr_expect_eq(pod.container.index, samples[i].container, "%s: %zu", file, pod.container.index);
}

Test(pod, reads_samples)
{
    table_run_fresh(COUNT(samples), reads_samples_row, forget);
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

static void finds_spark_container_row(size_t i)
{
    char text[1024];
    int n =
        snprintf(text, sizeof(text), "{" LABELS("executor", "") ",\"spec\":{\"containers\":%s}}",
                 containers[i].containers);
    row_require(read_pod(parse(text, (size_t)n)), "%s", text);
    cr_expect_eq(pod.container.node != NULL ? (int)pod.container.index : -1, containers[i].index,
                 "%s", text);
}

Test(pod, finds_spark_container)
{
    table_run_fresh(COUNT(containers), finds_spark_container_row, forget);
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

static void tells_who_it_is_row(size_t i)
{
    char text[1024];
    int n = snprintf(text, sizeof(text), "{%s,\"spec\":{}}", identities[i].metadata);
    row_require(read_pod(parse(text, (size_t)n)) == identities[i].is_spark, "%s", text);
    if (identities[i].is_spark) {
        cr_expect_eq(pod.executor_id, identities[i].executor_id, "%s: %lld", text,
                     (long long)pod.executor_id);
    }
}

Test(pod, tells_who_it_is)
{
    table_run_fresh(COUNT(identities), tells_who_it_is_row, forget);
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

static void finds_local_dirs_row(size_t i)
{
    char text[2048];
    int n = snprintf(
        text, sizeof(text),
        "{" LABELS(
            "executor",
            "") ",\"spec\":{\"volumes\":%s,\"containers\":[{\"name\":"
                "\"x\",\"volumeMounts\":%s,\"env\":[{\"name\":\"SPARK_LOCAL_DIRS\",\"value\":"
                "\"%s\"}]}]}}",
        dirs[i].volumes, dirs[i].mounts, dirs[i].dirs);
    row_require(read_pod(parse(text, (size_t)n)), "%s", text);
    cr_expect_eq(pod.local_dirs_kind, dirs[i].kind, "%s", text);
    cr_expect_eq(pod.local_dir_count, dirs[i].count, "%s: %zu", text, pod.local_dir_count);
}

Test(pod, finds_local_dirs)
{
    table_run_fresh(COUNT(dirs), finds_local_dirs_row, forget);
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

static void refuses_other_shapes_row(size_t i)
{
    const char *text = shapes[i].object;
    struct json *object = parse(text, strlen(text));
    row_require(object != NULL, "%s", text);
    bool is_spark;
    struct err e = {.code = ERR_OK};
    cr_expect_eq(spark_pod_read(&edits, object, &pod, &is_spark, &e), ERR_INVALID, "%s", text);
    cr_expect_not_null(strstr(e.text, shapes[i].says), "%s: %s", text, e.text);
}

Test(pod, refuses_other_shapes)
{
    table_run_fresh(COUNT(shapes), refuses_other_shapes_row, forget);
}

/* A pod may name as many directories and mounts as fit into a request: few of them count. */
Test(pod, does_not_look_at_endless_local_dirs)
{
    enum { MANY = 3000 };
    struct buf b;
    buf_init_arena(&b, arena, 2 * 1024 * 1024);
    buf_adds(&b,
             "{" LABELS(
                 "executor",
                 "") ",\"spec\":{\"volumes\":[{\"name\":\"v\","
                     "\"persistentVolumeClaim\":{\"claimName\":\"c\"}}],\"containers\":[{\"env\":[{"
                     "\"name\":\"SPARK_LOCAL_DIRS\",\"value\":\"/v");
    for (int i = 0; i < MANY; i++) {
        buf_adds(&b, ",/v/x");
    }
    buf_adds(&b, "\"}],\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\"}");
    for (int i = 0; i < MANY; i++) {
        buf_addf(&b, ",{\"name\":\"v\",\"mountPath\":\"/%d\"}", i);
    }
    buf_adds(&b, "]}]}}");
    cr_assert(!b.failed);
    cr_assert(read_pod(parse(b.text, b.len)));
    cr_assert_eq(pod.local_dir_count, 1);
    cr_assert_eq(pod.local_dirs_kind, LOCAL_DIRS_EMPTY_DIR, "of what was not looked at, the worst");
}

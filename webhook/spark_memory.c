/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/spark_memory.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/quantity.h"
#include "webhook/pod.h"

/* org.apache.spark.resource.ResourceProfile and org.apache.spark.deploy.k8s.Config */
enum {
    OVERHEAD_LEAST_MIB = 384,
    FACTOR_ONE = 1000000000,
    FACTOR_JVM = FACTOR_ONE / 10,
    FACTOR_OTHER = FACTOR_ONE / 10 * 4, /* Python and R */
};

static const int64_t mib_max = INT64_C(1) << 32; /* 4 PiB: no machine has as much */
static const int64_t factor_max = INT64_C(1000) * FACTOR_ONE;

/*
 * Values.
 */

/* Powers of 1024. */
enum { UNIT_BYTES = 0, UNIT_MIB = 2 };

/* org.apache.spark.network.util.JavaUtils, byteSuffixes. */
static bool read_unit(const char *suffix, size_t len, unsigned *out)
{
    static const struct {
        const char *suffix;
        unsigned unit;
    } units[] = {{"b", 0},  {"k", 1}, {"kb", 1}, {"m", 2}, {"mb", 2}, {"g", 3},
                 {"gb", 3}, {"t", 4}, {"tb", 4}, {"p", 5}, {"pb", 5}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strlen(units[i].suffix) == len && strncasecmp(units[i].suffix, suffix, len) == 0) {
            *out = units[i].unit;
            return true;
        }
    }
    return false;
}

/* "4g", "4096m", "4096" in @unit as powers of 1024; in whole MiB. SPARK_UNKNOWN for all else. */
static int64_t read_mib(const char *text, unsigned unit)
{
    text += strspn(text, " \t\r\n");
    size_t digits = strspn(text, "0123456789");
    const char *suffix = text + digits;
    size_t len = strcspn(suffix, " \t\r\n");
    if (digits == 0 || digits > 15 || (len > 0 && !read_unit(suffix, len, &unit))) {
        return SPARK_UNKNOWN;
    }
    int64_t n = 0;
    for (size_t i = 0; i < digits; i++) {
        n = n * 10 + (text[i] - '0');
    }
    for (; unit < UNIT_MIB; unit++) {
        n /= 1024;
    }
    for (; unit > UNIT_MIB && n <= mib_max; unit--) {
        n *= 1024;
    }
    return n <= mib_max ? n : SPARK_UNKNOWN;
}

static int64_t read_factor(const char *text)
{
    struct quantity q;
    if (!quantity_parse(text, &q) || q.nano < 0 || q.nano > factor_max) {
        return SPARK_UNKNOWN;
    }
    return (int64_t)q.nano;
}

/*
 * Conf.
 */

/* A size, with the unit of a bare number; a share; true or false. */
enum value { SIZE_MIB, SIZE_BYTES, FACTOR, FLAG };

/* Keys of a role have "*" for its name. */
static const struct {
    const char *key;
    enum value value;
    size_t offset;
} keys[] = {
    {"spark.*.memory", SIZE_MIB, offsetof(struct spark_memory, heap)},
    {"spark.*.memoryOverhead", SIZE_MIB, offsetof(struct spark_memory, overhead)},
    {"spark.*.minMemoryOverhead", SIZE_MIB, offsetof(struct spark_memory, overhead_least)},
    {"spark.*.memoryOverheadFactor", FACTOR, offsetof(struct spark_memory, overhead_factor)},
    {"spark.kubernetes.memoryOverheadFactor", FACTOR,
     offsetof(struct spark_memory, overhead_default)},
    {"spark.memory.offHeap.enabled", FLAG, offsetof(struct spark_memory, has_off_heap)},
    {"spark.memory.offHeap.size", SIZE_BYTES, offsetof(struct spark_memory, off_heap)},
    {"spark.executor.pyspark.memory", SIZE_MIB, offsetof(struct spark_memory, python)},
};

static bool key_matches(const char *pattern, enum role role, const char *key)
{
    const char *star = strchr(pattern, '*');
    if (star == NULL) {
        return strcmp(pattern, key) == 0;
    }
    const char *name = role == ROLE_DRIVER ? "driver" : "executor";
    size_t before = (size_t)(star - pattern);
    size_t len = strlen(name);
    return strncmp(key, pattern, before) == 0 && strncmp(key + before, name, len) == 0 &&
           strcmp(key + before + len, star + 1) == 0;
}

void spark_memory_init(struct spark_memory *m, enum role role)
{
    *m = (struct spark_memory){.role = role,
                               .heap = SPARK_UNKNOWN,
                               .overhead = SPARK_UNKNOWN,
                               .overhead_least = SPARK_UNKNOWN,
                               .overhead_factor = SPARK_UNKNOWN,
                               .overhead_default = SPARK_UNKNOWN,
                               .off_heap = SPARK_UNKNOWN,
                               .python = SPARK_UNKNOWN};
}

void spark_memory_conf(struct spark_memory *m, const char *key, const char *value)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!key_matches(keys[i].key, m->role, key)) {
            continue;
        }
        void *out = (char *)m + keys[i].offset;
        switch (keys[i].value) {
        case SIZE_MIB:
            *(int64_t *)out = read_mib(value, UNIT_MIB);
            break;
        case SIZE_BYTES:
            *(int64_t *)out = read_mib(value, UNIT_BYTES);
            break;
        case FACTOR:
            *(int64_t *)out = read_factor(value);
            break;
        case FLAG:
            *(bool *)out = strcasecmp(value, "true") == 0;
            break;
        }
    }
}

/*
 * What a pod shows.
 */

/* "key=value"; longer keys say nothing about memory. */
static void take_pair(struct spark_memory *m, const char *pair)
{
    enum { KEY_MAX = 64 };
    char key[KEY_MAX];
    size_t len = strcspn(pair, "=");
    if (pair[len] == '\0' || len >= sizeof(key)) {
        return;
    }
    memcpy(key, pair, len);
    key[len] = '\0';
    spark_memory_conf(m, key, pair + len + 1);
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Of a name that stands twice, the last one counts, as for the kubelet. */
static void read_executor(const struct json *container, struct spark_memory *m)
{
    const struct json *env = json_get(container, "env");
    for (const struct json *e = json_first(env); e != NULL; e = json_next(e)) {
        const char *name = json_string(json_get(e, "name"));
        const char *value = json_string(json_get(e, "value"));
        if (name == NULL) {
            continue;
        }
        if (strcmp(name, "SPARK_EXECUTOR_MEMORY") == 0) {
            m->heap = value == NULL ? SPARK_UNKNOWN : read_mib(value, UNIT_MIB);
        } else if (value != NULL && starts_with(name, "SPARK_JAVA_OPT_") &&
                   starts_with(value, "-D")) {
            take_pair(m, value + 2);
        }
    }
}

static void take_class(struct spark_memory *m, const char *name)
{
    m->is_python = strcmp(name, "org.apache.spark.deploy.PythonRunner") == 0 ||
                   strcmp(name, "org.apache.spark.deploy.RRunner") == 0;
}

static void take_heap(struct spark_memory *m, const char *heap)
{
    m->heap = read_mib(heap, UNIT_MIB);
}

/* Options of spark-submit. A later row is stronger: --driver-memory than --conf. */
static const struct option {
    const char *name;
    void (*take)(struct spark_memory *m, const char *value);
} options[] = {
    {"--conf", take_pair},
    {"-c", take_pair},
    {"--class", take_class},
    {"--driver-memory", take_heap},
};

static bool is_switch(const char *text)
{
    static const char *const switches[] = {"--verbose", "-v", "--supervise"};
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
        if (strcmp(text, switches[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Options, "--name value" or "--name=value", end with what is to run. */
static void read_option(const struct json *args, const struct option *option,
                        struct spark_memory *m)
{
    size_t len = strlen(option->name);
    const struct json *arg = json_first(args); /* "driver" */
    for (arg = arg == NULL ? NULL : json_next(arg); arg != NULL; arg = json_next(arg)) {
        const char *text = json_string(arg);
        if (text == NULL || text[0] != '-') {
            return;
        }
        bool is_it = strncmp(text, option->name, len) == 0;
        if (is_it && text[len] == '=') {
            option->take(m, text + len + 1);
        }
        if (strchr(text, '=') != NULL || is_switch(text)) {
            continue;
        }
        const char *value = json_string(json_next(arg));
        if (value == NULL) {
            return;
        }
        arg = json_next(arg);
        if (is_it && text[len] == '\0') {
            option->take(m, value);
        }
    }
}

/* The properties file is out of sight, but what stands in the arguments is stronger than it. */
static void read_driver(const struct json *container, struct spark_memory *m)
{
    const struct json *args = json_get(container, "args");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        read_option(args, &options[i], m);
    }
}

void spark_memory_read(const struct spark_pod *pod, struct spark_memory *out)
{
    spark_memory_init(out, pod->role);
    if (pod->role == ROLE_DRIVER) {
        read_driver(pod->container.node, out);
    } else {
        read_executor(pod->container.node, out);
    }
}

/*
 * The sum.
 */

static int64_t known(int64_t value, int64_t otherwise)
{
    return value != SPARK_UNKNOWN ? value : otherwise;
}

static int64_t overhead(const struct spark_memory *m)
{
    if (m->overhead != SPARK_UNKNOWN) {
        return m->overhead;
    }
    int64_t factor = known(m->overhead_default, m->is_python ? FACTOR_OTHER : FACTOR_JVM);
    factor = known(m->overhead_factor, factor);
    __extension__ __int128 share = (__int128)m->heap * factor / FACTOR_ONE;
    int64_t least = known(m->overhead_least, OVERHEAD_LEAST_MIB);
    return share > least ? (int64_t)share : least;
}

bool spark_memory_sum(const struct spark_memory *m, struct spark_memory_sum *out)
{
    if (m->heap == SPARK_UNKNOWN) {
        return false;
    }
    bool is_executor = m->role == ROLE_EXECUTOR;
    *out = (struct spark_memory_sum){
        .heap = m->heap,
        .overhead = overhead(m),
        .off_heap = is_executor && m->has_off_heap ? known(m->off_heap, 0) : 0,
        .python = is_executor ? known(m->python, 0) : 0,
    };
    out->total = out->heap + out->overhead + out->off_heap + out->python;
    return true;
}

const char *spark_memory_total(struct arena *a, const struct spark_memory_sum *sum)
{
    return arena_printf(a, "%lldMi", (long long)sum->total);
}

static void add_part(struct buf *b, const char *name, int64_t mib)
{
    bool is_whole = mib != 0 && mib % 1024 == 0;
    buf_addf(b, "%s %lld%s", name, (long long)(is_whole ? mib / 1024 : mib),
             is_whole ? "Gi" : "Mi");
}

const char *spark_memory_text(struct arena *a, const struct spark_memory_sum *sum)
{
    struct buf b;
    buf_init_arena(&b, a, 256);
    buf_addf(&b, "%lldMi", (long long)sum->total);
    add_part(&b, " = heap", sum->heap);
    add_part(&b, " + overhead", sum->overhead);
    if (sum->off_heap > 0) {
        add_part(&b, " + off-heap", sum->off_heap);
    }
    if (sum->python > 0) {
        add_part(&b, " + Python", sum->python);
    }
    return b.failed ? NULL : b.text;
}

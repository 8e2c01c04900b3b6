/* SPDX-License-Identifier: Apache-2.0 */
#include "core/metrics.h"

#include <assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"

enum { CACHE_LINE = 64, NS_PER_SECOND = 1000000000 };

/* Upper bounds, and how they are printed; the last bucket takes the rest. */
static const struct {
    uint64_t ns;
    const char *seconds;
} buckets[] = {
    {50000, "0.00005"},   {100000, "0.0001"},  {250000, "0.00025"}, {500000, "0.0005"},
    {1000000, "0.001"},   {2500000, "0.0025"}, {5000000, "0.005"},  {10000000, "0.01"},
    {25000000, "0.025"},  {100000000, "0.1"},  {500000000, "0.5"},  {1000000000, "1"},
    {UINT64_MAX, "+Inf"},
};

enum { BUCKET_COUNT = sizeof(buckets) / sizeof(buckets[0]) };

struct series {
    const char *name, *labels, *help;
};

static const struct series counters[] = {
#define X(id, name, labels, help) {name, labels, help},
    METRICS_COUNTERS(X)
#undef X
};
static const struct series gauges[] = {
#define X(id, name, help) {name, "", help},
    METRICS_GAUGES(X)
#undef X
};
static const struct series histograms[] = {
#define X(id, name, labels, help) {name, labels, help},
    METRICS_HISTOGRAMS(X)
#undef X
};

static const struct series vectors[] = {
#define X(id, name, labels, help) {name, labels, help},
    METRICS_VECTORS(X)
#undef X
};
static const char *vector_names[METRIC_VECTOR_COUNT][METRIC_VECTOR_MAX];
static bool has_vector_names;

struct histogram {
    _Atomic uint64_t buckets[BUCKET_COUNT]; /* not cumulative */
    _Atomic uint64_t sum_ns;
};

/* What one thread counts. Its own cache lines, so that threads do not slow each other. */
struct block {
    _Alignas(CACHE_LINE) struct block *next;
    _Atomic uint64_t counters[METRIC_COUNTER_COUNT];
    _Atomic uint64_t vectors[METRIC_VECTOR_COUNT][METRIC_VECTOR_MAX];
    struct histogram histograms[METRIC_HISTOGRAM_COUNT];
};

/* Blocks are pushed with release, which pairs with the acquire of who walks the list. */
static _Atomic(struct block *) blocks;
static _Thread_local struct block *mine;
static _Atomic int64_t gauge_values[METRIC_GAUGE_COUNT];

bool metrics_thread_start(void)
{
    if (mine != NULL) {
        return true;
    }
    struct block *b = aligned_alloc(CACHE_LINE, sizeof(*b));
    if (b == NULL) {
        return false;
    }
    memset(b, 0, sizeof(*b));
    b->next = atomic_load_explicit(&blocks, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&blocks, &b->next, b, memory_order_release,
                                                  memory_order_relaxed)) {
    }
    mine = b;
    return true;
}

/* Only the owner writes, so no other addition can come between the load and the store. */
static void add(_Atomic uint64_t *counter, uint64_t n)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + n, memory_order_relaxed);
}

void metrics_add(enum metric_counter id, uint64_t n)
{
    assert(mine != NULL);
    add(&mine->counters[id], n);
}

void metrics_vector_name(enum metric_vector id, const char *const *names, size_t count)
{
    assert(count <= METRIC_VECTOR_MAX);
    memcpy(vector_names[id], names, count * sizeof(names[0]));
    has_vector_names = true;
}

void metrics_vector_add(enum metric_vector id, size_t i, uint64_t n)
{
    assert(mine != NULL && i < METRIC_VECTOR_MAX);
    add(&mine->vectors[id][i], n);
}

void metrics_observe_ns(enum metric_histogram id, uint64_t nanoseconds)
{
    assert(mine != NULL);
    size_t i = 0;
    while (nanoseconds > buckets[i].ns) {
        i++;
    }
    add(&mine->histograms[id].buckets[i], 1);
    add(&mine->histograms[id].sum_ns, nanoseconds);
}

void metrics_set(enum metric_gauge id, int64_t value)
{
    atomic_store_explicit(&gauge_values[id], value, memory_order_relaxed);
}

/* The counter that stands @offset bytes into every block, summed. */
static uint64_t sum(size_t offset)
{
    uint64_t total = 0;
    const struct block *b = atomic_load_explicit(&blocks, memory_order_acquire);
    for (; b != NULL; b = b->next) {
        const void *counter = (const char *)b + offset;
        total += atomic_load_explicit((const _Atomic uint64_t *)counter, memory_order_relaxed);
    }
    return total;
}

uint64_t metrics_counter(enum metric_counter id)
{
    return sum(offsetof(struct block, counters) + (size_t)id * sizeof(_Atomic uint64_t));
}

static void print_head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The head stands before the first series of a name only. */
static void print_head_of(struct buf *b, const struct series *all, size_t i, const char *type)
{
    if (i == 0 || strcmp(all[i].name, all[i - 1].name) != 0) {
        print_head(b, all[i].name, type, all[i].help);
    }
}

static void print_counters(struct buf *b)
{
    for (size_t i = 0; i < METRIC_COUNTER_COUNT; i++) {
        const struct series *s = &counters[i];
        const char *open = *s->labels == '\0' ? "" : "{";
        const char *close = *s->labels == '\0' ? "" : "}";
        print_head_of(b, counters, i, "counter");
        buf_addf(b, "%s%s%s%s %" PRIu64 "\n", s->name, open, s->labels, close,
                 metrics_counter((enum metric_counter)i));
    }
}

static void print_vector(struct buf *b, size_t id)
{
    size_t base =
        offsetof(struct block, vectors) + id * METRIC_VECTOR_MAX * sizeof(_Atomic uint64_t);
    for (size_t i = 0; i < METRIC_VECTOR_MAX; i++) {
        if (vector_names[id][i] != NULL) {
            buf_addf(b, "%s{%s,rule=\"%s\"} %" PRIu64 "\n", vectors[id].name, vectors[id].labels,
                     vector_names[id][i], sum(base + i * sizeof(_Atomic uint64_t)));
        }
    }
}

/* Before they have names there is nothing to print, not even a head. */
static void print_vectors(struct buf *b)
{
    for (size_t i = 0; has_vector_names && i < METRIC_VECTOR_COUNT; i++) {
        print_head_of(b, vectors, i, "counter");
        print_vector(b, i);
    }
}

static void print_gauges(struct buf *b)
{
    for (size_t i = 0; i < METRIC_GAUGE_COUNT; i++) {
        print_head_of(b, gauges, i, "gauge");
        buf_addf(b, "%s %" PRId64 "\n", gauges[i].name,
                 atomic_load_explicit(&gauge_values[i], memory_order_relaxed));
    }
}

/* The closed ones are read first, so that a connection in between only makes it more. */
static void print_connections_open(struct buf *b)
{
    uint64_t closed = metrics_counter(METRIC_CONNECTIONS_CLOSED);
    uint64_t accepted = metrics_counter(METRIC_CONNECTIONS);
    print_head(b, "sparkward_connections_open", "gauge", "TLS connections open now");
    buf_addf(b, "sparkward_connections_open %" PRIu64 "\n",
             accepted > closed ? accepted - closed : 0);
}

static void print_seconds(struct buf *b, uint64_t ns)
{
    buf_addf(b, "%" PRIu64 ".%09" PRIu64, ns / NS_PER_SECOND, ns % NS_PER_SECOND);
}

/* The count is the sum of the buckets and not one of its own: the two must agree. */
static void print_histogram(struct buf *b, size_t id)
{
    const struct series *s = &histograms[id];
    const char *comma = *s->labels == '\0' ? "" : ",";
    size_t base = offsetof(struct block, histograms) + id * sizeof(struct histogram);
    uint64_t count = 0;
    for (size_t i = 0; i < BUCKET_COUNT; i++) {
        count += sum(base + offsetof(struct histogram, buckets) + i * sizeof(_Atomic uint64_t));
        buf_addf(b, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", s->name, s->labels, comma,
                 buckets[i].seconds, count);
    }
    buf_addf(b, "%s_sum{%s} ", s->name, s->labels);
    print_seconds(b, sum(base + offsetof(struct histogram, sum_ns)));
    buf_addf(b, "\n%s_count{%s} %" PRIu64 "\n", s->name, s->labels, count);
}

static void print_histograms(struct buf *b)
{
    for (size_t i = 0; i < METRIC_HISTOGRAM_COUNT; i++) {
        print_head_of(b, histograms, i, "histogram");
        print_histogram(b, i);
    }
}

/* Fields of /proc/self/stat by the numbers proc(5) gives them. */
enum { STAT_STATE = 3, STAT_UTIME = 14, STAT_STIME = 15, STAT_STARTTIME = 22, STAT_RSS = 24 };

/* False when there is no /proc. */
static bool read_stat(char *out, size_t size)
{
    FILE *f = fopen("/proc/self/stat", "re");
    if (f == NULL) {
        return false;
    }
    bool ok = fgets(out, (int)size, f) != NULL;
    (void)fclose(f);
    return ok;
}

/* The program's name in field 2 may hold anything, spaces and parentheses too. */
static uint64_t stat_field(const char *stat, int number)
{
    const char *at = strrchr(stat, ')');
    for (int i = STAT_STATE; at != NULL && i <= number; i++) {
        at = strchr(at + 1, ' ');
    }
    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

/* When this process started, in nanoseconds since 1970. */
static uint64_t start_time_ns(uint64_t ticks_since_boot, uint64_t ns_per_tick)
{
    struct timespec now;
    struct timespec up;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)clock_gettime(CLOCK_BOOTTIME, &up);
    int64_t boot = (now.tv_sec - up.tv_sec) * NS_PER_SECOND + (now.tv_nsec - up.tv_nsec);
    return (uint64_t)boot + ticks_since_boot * ns_per_tick;
}

/*
 * The first answer stays: the wall clock is adjusted while the process runs,
 * and a start that moves would look like a restart.
 */
static uint64_t start_time_once(uint64_t ticks_since_boot, uint64_t ns_per_tick)
{
    static _Atomic uint64_t known;
    uint64_t none = 0;
    uint64_t ns = start_time_ns(ticks_since_boot, ns_per_tick);
    /* Relaxed: the value stands for itself. */
    return atomic_compare_exchange_strong_explicit(&known, &none, ns, memory_order_relaxed,
                                                   memory_order_relaxed)
               ? ns
               : none;
}

static void print_open_fds(struct buf *b)
{
    DIR *d = opendir("/proc/self/fd");
    if (d == NULL) {
        return;
    }
    uint64_t n = 0;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        n += e->d_name[0] != '.';
    }
    (void)closedir(d);
    print_head(b, "process_open_fds", "gauge", "Open file descriptors");
    buf_addf(b, "process_open_fds %" PRIu64 "\n", n - 1); /* but the directory's own */
}

static void print_process(struct buf *b)
{
    char stat[1024];
    if (!read_stat(stat, sizeof(stat))) {
        return;
    }
    uint64_t ns_per_tick = NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
    uint64_t cpu_ticks = stat_field(stat, STAT_UTIME) + stat_field(stat, STAT_STIME);

    print_head(b, "process_cpu_seconds_total", "counter", "User and system CPU time spent");
    buf_adds(b, "process_cpu_seconds_total ");
    print_seconds(b, cpu_ticks * ns_per_tick);
    buf_addc(b, '\n');

    print_head(b, "process_resident_memory_bytes", "gauge", "Resident memory");
    buf_addf(b, "process_resident_memory_bytes %" PRIu64 "\n",
             stat_field(stat, STAT_RSS) * (uint64_t)sysconf(_SC_PAGESIZE));

    print_head(b, "process_start_time_seconds", "gauge",
               "When the process started, in seconds since 1970");
    buf_adds(b, "process_start_time_seconds ");
    print_seconds(b, start_time_once(stat_field(stat, STAT_STARTTIME), ns_per_tick));
    buf_addc(b, '\n');
}

void metrics_print(struct buf *b)
{
    print_counters(b);
    print_vectors(b);
    print_gauges(b);
    print_connections_open(b);
    print_histograms(b);
    print_head(b, "sparkward_build_info", "gauge", "Always 1; the label says which build this is");
    buf_adds(b, "sparkward_build_info{version=\"" SPARKWARD_VERSION "\"} 1\n");
    print_process(b);
    print_open_fds(b);
}

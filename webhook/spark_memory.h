/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spark_memory.h - how much memory Spark itself wants for a pod.
 *
 * Executors get heap + overhead + off-heap + Python's memory, drivers heap + overhead
 * (org.apache.spark.resource.ResourceProfile, org.apache.spark.deploy.k8s.features.
 * BasicDriverFeatureStep). The values come from Spark's conf, of which a pod shows a part:
 * the heap of every executor, little of a driver. What is not known stays unknown, and
 * of a pod whose heap is unknown nothing is said. Conf from elsewhere, such as a
 * driver's ConfigMap, can be handed in line by line.
 * Thread-safety: pure functions.
 */
#ifndef WEBHOOK_SPARK_MEMORY_H
#define WEBHOOK_SPARK_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "policies/policy.h"

struct arena;
struct spark_pod;

enum { SPARK_UNKNOWN = -1 };

/* What is known of the conf. Sizes are in MiB, as Spark counts. */
struct spark_memory {
    enum role role;
    int64_t heap;
    int64_t overhead;         /* said outright, in place of a share of the heap */
    int64_t overhead_least;   /* of a share; Spark 4.0 and later let it be set */
    int64_t overhead_factor;  /* the share, in 1/10^9 of the heap */
    int64_t overhead_default; /* the share when no role has its own: Spark's older key */
    int64_t off_heap;
    bool has_off_heap; /* only then off_heap counts */
    int64_t python;
    bool is_python; /* Python's or R's driver: more of it runs outside of the heap */
};

/* Nothing is known but the role. */
void spark_memory_init(struct spark_memory *m, enum role role);

/* Takes over one line of Spark's conf; a later one wins. Keys that say nothing about memory pass.
 */
void spark_memory_conf(struct spark_memory *m, const char *key, const char *value);

/* What @pod itself shows. */
void spark_memory_read(const struct spark_pod *pod, struct spark_memory *out);

/* The parts, in MiB. */
struct spark_memory_sum {
    int64_t total, heap, overhead, off_heap, python;
};

/* False when the heap is unknown. Parts that are unknown are what Spark takes by default. */
bool spark_memory_sum(const struct spark_memory *m, struct spark_memory_sum *out);

/* The total as a quantity: "1408Mi"; NULL when out of memory. */
const char *spark_memory_total(struct arena *a, const struct spark_memory_sum *sum);

/* "1408Mi = heap 1Gi + overhead 384Mi"; NULL when out of memory. */
const char *spark_memory_text(struct arena *a, const struct spark_memory_sum *sum);

#endif

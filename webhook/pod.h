/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod.h - a Pod as Spark means it: role, application, Spark's own container, local dirs.
 *
 * Spark of 3.1 to 4.x, submitted plainly or by an operator. A pod is Spark's when it
 * has spark-role driver or executor and spark-app-selector (3.1 and 3.2 set no other
 * label). Spark appends its container last, so sidecars of a template stand first.
 * Ownership: borrows the object, which must outlive it; lists are the arena's.
 * Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_POD_H
#define WEBHOOK_POD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "policies/policy.h"
#include "webhook/edit.h"

/* What a local dir of Spark stands on. */
enum storage {
    STORAGE_EMPTY_DIR,
    STORAGE_EPHEMERAL, /* a generic ephemeral volume: a claim that goes with the pod */
    STORAGE_CLAIM,     /* a PersistentVolumeClaim, on demand or reused */
    STORAGE_OTHER,
};

struct local_dir {
    struct json *volume;
    size_t volume_index; /* in spec.volumes */
    enum storage storage;
    const char *claim; /* of STORAGE_CLAIM, else NULL */
};

struct spark_pod {
    enum role role;
    const char *role_name;    /* "driver" or "executor" */
    const char *application;  /* spark-app-selector */
    int64_t executor_id;      /* -1: none, or not known yet (EXECID without an ordinal) */
    unsigned local_dirs_kind; /* one bit of enum local_dirs */
    const struct local_dir *local_dirs;
    size_t local_dir_count;

    /* Places, for lookups and edits. Not to be copied: they point at each other. */
    struct edits *edits;
    struct place object, metadata, labels, annotations, spec, containers, volumes;
    struct place container; /* Spark's own; node NULL when it could not be told apart */
};

/*
 * Reads @object, a Pod. @out_is_spark: false for any other pod, @out is not to be used then.
 * ERR_INVALID: the object is not what an API server would send as a Pod.
 */
enum err_code spark_pod_read(struct edits *edits, struct json *object, struct spark_pod *out,
                             bool *out_is_spark, struct err *e);

/*
 * Volumes that are Spark's to define: its conf, its pod template, its local dirs, and claims
 * that it makes after the pod or wants to use again ("…-pvc-0"). False for NULL.
 */
bool spark_owns_volume(const struct json *volume);

/*
 * A label selector for the pods of the same application and role; NULL when out of memory:
 * {"matchLabels": {"spark-app-selector": …, "spark-role": …}}
 */
struct json *spark_pod_mates(const struct spark_pod *pod);

/* The declared container port of this name in Spark's container. */
bool spark_pod_has_port(const struct spark_pod *pod, const char *name);

#endif

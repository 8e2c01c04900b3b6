/* SPDX-License-Identifier: Apache-2.0 */
/*
 * application.h - what an operator makes drivers from: SparkApplication, ScheduledSparkApplication.
 *
 * Of the Kubeflow operator (sparkoperator.k8s.io/v1beta2) and of the Apache operator
 * (spark.apache.org/v1). For policies an application is its driver: the driver's role and
 * the labels it will have. It is changed when it is made and never again: to the operator a changed
 * spec is a reason to run the application anew.
 * Kubernetes checks the schema of such objects after mutation: what has another shape stays.
 * Ownership: borrows the object. Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_APPLICATION_H
#define WEBHOOK_APPLICATION_H

#include <stdbool.h>

#include "core/err.h"
#include "webhook/edit.h"
#include "webhook/kind.h"

struct json;
struct plan;
struct violations;

/* Places, for lookups and edits. Not to be copied: they point at each other. */
struct spark_application {
    struct edits *edits;
    struct place object, outer,
        spec;          /* spec: of the application itself, in a schedule its template */
    struct place conf; /* sparkConf */
    const char *path;  /* of spec, for messages */
    bool is_apache;
    struct json *labels; /* of the driver; arena */
};

/* @out_is_spark: false for what has no spec: @out is not to be used then. ERR_MEMORY. */
enum err_code spark_application_read(struct edits *edits, enum kind kind, struct json *object,
                                     struct spark_application *out, bool *out_is_spark,
                                     struct err *e);

void spark_application_mutate(struct spark_application *app, const struct plan *plan);
void spark_application_check(const struct spark_application *app, const struct plan *plan,
                             struct violations *out);

/* Dynamic allocation: in a field of the Kubeflow operator's, or in sparkConf. */
struct allocation {
    const struct json *map; /* where it stands; NULL: dynamic allocation is off */
    bool is_conf;           /* sparkConf, whose values are strings */
};

struct allocation application_allocation(const struct spark_application *app);

/* How the member is called there. */
enum allocation_member { ALLOCATION_MIN, ALLOCATION_MAX, ALLOCATION_TRACKING };
const char *allocation_key(const struct allocation *a, enum allocation_member member);

#endif

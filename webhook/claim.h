/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claim.h - a PersistentVolumeClaim that Spark makes for a pod.
 *
 * It has the label spark-app-selector (since 3.2) and a name that ends with "-pvc-" and a
 * number. Who wants a claim to be used again finds it by that label and by its size.
 * Ownership: borrows the object. Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_CLAIM_H
#define WEBHOOK_CLAIM_H

#include <stdbool.h>

#include "policies/policy.h"
#include "webhook/edit.h"

struct json;
struct plan;
struct violations;

/* Places, for lookups and edits. Not to be copied: they point at each other. */
struct spark_claim {
    struct place object, metadata, labels;
    const struct json *spec;
    enum role role; /* of the pod it is for */
    const char *application;
};

/* "…-pvc-0", with an end to it; false for NULL. */
bool claim_is_named_by_spark(const char *name);

/* False for any other claim: @out is not to be used then. */
bool spark_claim_read(struct edits *edits, struct json *object, struct spark_claim *out);

void spark_claim_mutate(struct spark_claim *claim, const struct plan *plan);
void spark_claim_check(const struct spark_claim *claim, const struct plan *plan,
                       struct violations *out);

#endif

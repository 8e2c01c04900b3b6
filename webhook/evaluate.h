/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evaluate.h - what the policies make of one object: the plan, the edits, the violations.
 *
 * The core of the webhook without its protocol: the server and the command line
 * both go this way.
 * Ownership: everything is the arena's; the object is changed in place.
 * Thread-safety: any thread, one arena each.
 */
#ifndef WEBHOOK_EVALUATE_H
#define WEBHOOK_EVALUATE_H

#include <stdbool.h>

#include "core/err.h"
#include "policies/match.h"
#include "webhook/application.h"
#include "webhook/check.h"
#include "webhook/claim.h"
#include "webhook/driver_conf.h"
#include "webhook/driver_service.h"
#include "webhook/edit.h"
#include "webhook/kind.h"
#include "webhook/pod.h"

enum { EVALUATE_MUTATE = 1, EVALUATE_CHECK = 2 }; /* bits */

/* By what, with what, how far. All borrowed. */
struct evaluator {
    const struct policy_set *set;
    struct arena *arena;
    unsigned steps;
    enum kind kind; /* of the object */
    enum scope scope;
    int64_t now; /* seconds since 1970 */
};

/* Not to be copied: its parts point at each other. */
struct evaluation {
    enum kind kind;
    struct json *object; /* as it is now */
    bool is_spark;    /* false: an object that is none of our business; no view nor plan is set */
    const char *what; /* "driver", "claim of an executor"; static */
    const char *application; /* NULL when the object does not say */
    union {                  /* the view of the object, by its kind */
        struct spark_pod pod;
        struct driver_conf conf;
        struct driver_service service;
        struct spark_claim claim;
        struct spark_application app;
    };
    struct plan plan;
    struct edits edits;
    struct violations violations;
    struct json *before; /* the object as it came; NULL unless plan.is_monitored */
};

/*
 * @namespace: borrowed. ERR_INVALID: not what an API server would send (@e says why);
 * ERR_MEMORY: over the arena's cap.
 */
enum err_code evaluate(const struct evaluator *by, const char *namespace, struct json *object,
                       struct evaluation *out, struct err *e);

/*
 * The same of an update, where @old is what the pod was before (NULL: it is new): only violations
 * that it did not have count, because pods from before a policy must stay usable.
 */
enum err_code evaluate_update(const struct evaluator *by, const char *namespace,
                              struct json *object, struct json *old, struct evaluation *out,
                              struct err *e);

#endif

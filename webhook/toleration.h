/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toleration.h - what tolerates what: Kubernetes' rules for the tolerations of a pod.
 *
 * Model: k8s.io/api/core/v1 Toleration.ToleratesTaint. No operator means Equal, no effect
 * means every effect, no key means every taint. A missing text and an empty one are the same.
 * Thread-safety: pure functions.
 */
#ifndef WEBHOOK_TOLERATION_H
#define WEBHOOK_TOLERATION_H

#include <stdbool.h>

struct json;

/* @x tolerates every taint that @y tolerates, be it for how long. */
bool toleration_covers(const struct json *x, const struct json *y);

/* It tolerates this taint. */
bool toleration_tolerates(const struct json *toleration, const char *key, const char *value,
                          const char *effect);

/* The two are for the same taints. */
bool toleration_is_same(const struct json *x, const struct json *y);

/* They tolerate them for the same time: for ever, or as many seconds. */
bool toleration_lasts_as(const struct json *x, const struct json *y);

/* The first of @list that covers @y; NULL when there is none. */
const struct json *toleration_cover(const struct json *list, const struct json *y);

/*
 * What the API server adds to every pod that does not say otherwise, before webhooks run:
 * 300 seconds on nodes that are not ready or not reachable.
 */
bool toleration_is_default(const struct json *toleration);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind.h - the kinds of objects that reviews can be about, and that policies know.
 *
 * Thread-safety: pure functions.
 */
#ifndef WEBHOOK_KIND_H
#define WEBHOOK_KIND_H

#include <stdbool.h>

struct json;

enum kind {
    KIND_POD,
    KIND_POD_DEBUGGING, /* an ephemeral container added to a pod; the object is the Pod */
    KIND_CONFIG_MAP,
    KIND_SERVICE,
    KIND_CLAIM,
    KIND_SPARK_APPLICATION, /* of the Kubeflow Spark operator */
    KIND_SCHEDULED_SPARK_APPLICATION,
    KIND_APACHE_SPARK_APPLICATION, /* of the Apache Spark operator */
    KIND_OTHER,
    KIND_COUNT
};

/* Of a review: the request's kind, resource and subresource. */
enum kind kind_of_request(const struct json *kind, const struct json *resource,
                          const char *subresource);

/* Of an object, which is taken for a Pod when it does not say what it is. */
enum kind kind_of_object(const struct json *object);

/* Whether policies have anything to say when one is made, or changed. */
bool kind_is_judged(enum kind kind, bool is_new);

#endif

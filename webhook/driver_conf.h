/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver_conf.h - the ConfigMap by which a driver gets Spark's conf.
 *
 * spark-submit makes it after the driver's pod: data["spark.properties"] is text of
 * java.util.Properties, which the driver reads when it starts and makes executors by. The map
 * has no labels. Neither its shape nor its text is a reason to refuse it: spark-submit
 * would delete the driver.
 * Ownership: borrows the object. Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_DRIVER_CONF_H
#define WEBHOOK_DRIVER_CONF_H

#include <stdbool.h>

#include "webhook/edit.h"

struct json;
struct plan;

enum { CONFIG_MAP_MAX = 1024 * 1024 }; /* bytes of all its values, as Kubernetes has it */

/* Places, for lookups and edits. Not to be copied: they point at each other. */
struct driver_conf {
    struct edits *edits;
    struct place object, data;
    struct place text; /* a string */
};

/* False for any other ConfigMap: @out is not to be used then. */
bool driver_conf_read(struct edits *edits, struct json *object, struct driver_conf *out);

/*
 * Puts the defaults of @plan before the user's lines, where their keys do not stand at all, and
 * what is enforced after them, where the last value is another one.
 */
void driver_conf_mutate(struct driver_conf *conf, const struct plan *plan);

#endif

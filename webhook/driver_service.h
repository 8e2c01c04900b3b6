/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver_service.h - the headless Service by which executors find their driver.
 *
 * Its selector is all the labels that the driver was submitted with. Like every Service it
 * lists ready pods only, so that a driver is hidden while a startup probe has not
 * succeeded; unless it publishes addresses that are not ready.
 * Ownership: borrows the object. Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_DRIVER_SERVICE_H
#define WEBHOOK_DRIVER_SERVICE_H

#include <stdbool.h>

#include "webhook/edit.h"

struct json;
struct plan;

/* Places, for lookups and edits. Not to be copied: they point at each other. */
struct driver_service {
    struct place object, spec;
    const struct json *labels; /* of the driver */
    const char *application;   /* spark-app-selector */
};

/* False for any other Service: @out is not to be used then. */
bool driver_service_read(struct edits *edits, struct json *object, struct driver_service *out);

/* Keeps the driver findable where @plan has a startup probe for it. */
void driver_service_mutate(struct driver_service *service, const struct plan *plan);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amount.h - what a container asks for and may take of a resource.
 *
 * Thread-safety: pure functions.
 */
#ifndef WEBHOOK_AMOUNT_H
#define WEBHOOK_AMOUNT_H

#include <stdbool.h>

#include "core/quantity.h"

struct json;

/* A quantity in an object: its text and its worth. */
struct amount {
    const char *text;         /* as it stands there; NULL for nothing */
    bool is_valid;            /* it is a quantity: ... */
    struct quantity quantity; /* ... this one */
};

/* resources.@part.@resource of @container; @part: "requests", "limits". */
struct amount amount_of(const struct json *container, const char *part, const char *resource);

struct amount amount_read(const struct json *value);

/* @mib in quantities of Kubernetes. */
struct quantity amount_of_mib(long long mib);

#endif

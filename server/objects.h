/* SPDX-License-Identifier: Apache-2.0 */
/*
 * objects.h - Kubernetes objects from files, as people have them lying around.
 *
 * YAML of one or several documents, or JSON. Of an AdmissionReview the object that
 * it is about is taken, of a List its items.
 * Ownership: everything lives in the arena given.
 * Thread-safety: pure but for reading files.
 */
#ifndef SERVER_OBJECTS_H
#define SERVER_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct arena;
struct json;

enum { OBJECTS_FILE_MAX = 64 * 1024 * 1024 };

struct object {
    struct object *next;
    struct json *value;
    const char *namespace; /* of the review or of the object's metadata; NULL: neither says */
    bool is_yaml;          /* how it was written */
};

/* @path: a file, or "-" for standard input. @out: in the order of the file. */
enum err_code objects_read(struct arena *a, const char *path, struct object **out, struct err *e);

/* "Pod spark-jobs/pi-exec-1": how messages name @object. Arena; NULL when out of memory. */
const char *object_title(struct arena *a, const struct object *object);

#endif

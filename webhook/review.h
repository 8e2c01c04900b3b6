/* SPDX-License-Identifier: Apache-2.0 */
/*
 * review.h - admission.k8s.io/v1 AdmissionReview on the wire: request in, response out.
 *
 * Reading refuses what the API server would not send. Writing follows the rules of
 * k8s.io/apiserver pkg/admission/plugin/webhook/request/admissionreview.go: same
 * apiVersion, kind and uid; patch and patchType both or neither; the request is not
 * sent back.
 * Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_REVIEW_H
#define WEBHOOK_REVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "webhook/kind.h"

struct arena;
struct buf;
struct json;

enum operation { OPERATION_CREATE, OPERATION_UPDATE, OPERATION_DELETE, OPERATION_CONNECT };

struct review {
    const char *uid;
    const char *namespace; /* "" for cluster-scoped objects */
    enum operation operation;
    enum kind kind;
    struct json *object;     /* NULL on DELETE and CONNECT */
    struct json *old_object; /* NULL on CREATE and CONNECT */
};

/* Parts are borrowed from the arena. ERR_INVALID, ERR_LIMIT or ERR_MEMORY with @e. */
enum err_code review_parse(struct arena *a, const char *body, size_t len, struct review *out,
                           struct err *e);

/* One key and value of auditAnnotations; the API server puts the webhook's name before the key. */
struct audit {
    const char *key;
    const char *value;
};

struct response {
    const char *uid;
    bool allowed;
    const char *denial; /* of a denial */
    const char *patch;  /* JSON text; NULL for none */
    size_t patch_len;
    const char *const *warnings; /* without control characters */
    size_t warning_count;
    const struct audit *audits;
    size_t audit_count;
};

void response_print(const struct response *r, struct buf *b);

#endif

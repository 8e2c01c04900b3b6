/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/review.h"

#include <string.h>

#include "core/base64.h"
#include "core/buf.h"
#include "core/json.h"

#define API_VERSION "admission.k8s.io/v1"

/* Checked like all else, but never needed: in a real review they are half of the text. */
static const char *const left_out[] = {
    "request.object.metadata.managedFields",
    "request.oldObject.metadata.managedFields",
    "request.userInfo",
    "request.options",
    "request.requestKind",
    "request.requestResource",
    NULL,
};

static enum err_code refuse(struct err *e, const char *field, const char *wanted,
                            const struct json *found)
{
    return err_set(e, ERR_INVALID, "%s: expected %s, found %s", field, wanted, json_kind(found));
}

static bool string_is(const struct json *v, const char *text)
{
    const char *s = json_string(v);
    return s != NULL && strcmp(s, text) == 0;
}

static enum err_code read_operation(const struct json *request, struct review *r, struct err *e)
{
    static const char *const names[] = {[OPERATION_CREATE] = "CREATE",
                                        [OPERATION_UPDATE] = "UPDATE",
                                        [OPERATION_DELETE] = "DELETE",
                                        [OPERATION_CONNECT] = "CONNECT"};
    const struct json *operation = json_get(request, "operation");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (string_is(operation, names[i])) {
            r->operation = (enum operation)i;
            return ERR_OK;
        }
    }
    return refuse(e, "request.operation", "CREATE, UPDATE, DELETE or CONNECT", operation);
}

/* An optional string: missing, null and empty are the same in a Go struct with omitempty. */
static enum err_code read_optional(const struct json *request, const char *key, const char *field,
                                   const char **out, struct err *e)
{
    const struct json *v = json_get(request, key);
    if (v != NULL && !json_is_null(v) && !json_is_string(v)) {
        return refuse(e, field, "a string", v);
    }
    const char *text = json_string(v);
    *out = text == NULL ? "" : text;
    return ERR_OK;
}

static enum err_code read_kind(const struct json *request, struct review *r, struct err *e)
{
    const struct json *kind = json_get(request, "kind");
    const struct json *resource = json_get(request, "resource");
    const char *subresource = "";
    if (!json_is_string(json_get(kind, "kind"))) {
        return refuse(e, "request.kind.kind", "a string", json_get(kind, "kind"));
    }
    if (!json_is_string(json_get(resource, "resource"))) {
        return refuse(e, "request.resource.resource", "a string", json_get(resource, "resource"));
    }
    enum err_code code =
        read_optional(request, "subResource", "request.subResource", &subresource, e);
    if (code != ERR_OK) {
        return code;
    }
    r->kind = kind_of_request(kind, resource, subresource);
    return ERR_OK;
}

/* An object where the operation has one, else nothing or null. */
static enum err_code read_object(const struct json *request, const char *key, const char *field,
                                 bool wanted, struct json **out, struct err *e)
{
    struct json *object = json_get(request, key);
    if (json_is_null(object)) {
        object = NULL;
    }
    if ((wanted || object != NULL) && !json_is_object(object)) {
        return refuse(e, field, "an object", object);
    }
    *out = object;
    return ERR_OK;
}

static enum err_code read_request(const struct json *request, struct review *r, struct err *e)
{
    r->uid = json_string(json_get(request, "uid"));
    if (r->uid == NULL || r->uid[0] == '\0') {
        return refuse(e, "request.uid", "a string that is not empty", json_get(request, "uid"));
    }
    enum err_code code = read_operation(request, r, e);
    if (code == ERR_OK) {
        code = read_kind(request, r, e);
    }
    if (code == ERR_OK) {
        code = read_optional(request, "namespace", "request.namespace", &r->namespace, e);
    }
    bool creates = r->operation == OPERATION_CREATE;
    bool updates = r->operation == OPERATION_UPDATE;
    if (code == ERR_OK) {
        code = read_object(request, "object", "request.object", creates || updates, &r->object, e);
    }
    if (code == ERR_OK) {
        code = read_object(request, "oldObject", "request.oldObject", updates, &r->old_object, e);
    }
    return code;
}

enum err_code review_parse(struct arena *a, const char *body, size_t len, struct review *out,
                           struct err *e)
{
    struct json *root;
    enum err_code code = json_parse(a, body, len, left_out, &root, e);
    if (code != ERR_OK) {
        return code;
    }
    if (!string_is(json_get(root, "kind"), "AdmissionReview")) {
        return err_set(e, ERR_INVALID, "kind: expected AdmissionReview");
    }
    if (!string_is(json_get(root, "apiVersion"), API_VERSION)) {
        return err_set(e, ERR_INVALID,
                       "apiVersion: expected " API_VERSION
                       "; list it first in the webhook's admissionReviewVersions");
    }
    const struct json *request = json_get(root, "request");
    if (!json_is_object(request)) {
        return refuse(e, "request", "an object", request);
    }
    return read_request(request, out, e);
}

static void print_warnings(const struct response *r, struct buf *b)
{
    buf_adds(b, ",\"warnings\":[");
    for (size_t i = 0; i < r->warning_count; i++) {
        buf_adds(b, i == 0 ? "" : ",");
        json_print_string(b, r->warnings[i]);
    }
    buf_addc(b, ']');
}

static void print_audits(const struct response *r, struct buf *b)
{
    buf_adds(b, ",\"auditAnnotations\":{");
    for (size_t i = 0; i < r->audit_count; i++) {
        buf_adds(b, i == 0 ? "" : ",");
        json_print_string(b, r->audits[i].key);
        buf_addc(b, ':');
        json_print_string(b, r->audits[i].value);
    }
    buf_addc(b, '}');
}

void response_print(const struct response *r, struct buf *b)
{
    buf_adds(b, "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"" API_VERSION
                "\",\"response\":{\"uid\":");
    json_print_string(b, r->uid);
    buf_adds(b, r->allowed ? ",\"allowed\":true" : ",\"allowed\":false");
    if (!r->allowed) {
        buf_adds(b, ",\"status\":{\"status\":\"Failure\",\"message\":");
        json_print_string(b, r->denial);
        buf_adds(b, ",\"reason\":\"Forbidden\",\"code\":403}");
    }
    if (r->patch != NULL) {
        buf_adds(b, ",\"patchType\":\"JSONPatch\",\"patch\":\"");
        base64_encode(b, r->patch, r->patch_len);
        buf_addc(b, '"');
    }
    if (r->warning_count > 0) {
        print_warnings(r, b);
    }
    if (r->audit_count > 0) {
        print_audits(r, b);
    }
    buf_adds(b, "}}\n");
}

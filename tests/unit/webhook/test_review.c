/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

#include "webhook/review.h"

TestSuite(review, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define REVIEW(request)                                                                            \
    "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"request\":" request "}"
#define POD_KINDS                                                                                  \
    "\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"                               \
    "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"}"
#define CREATE(more) "{\"uid\":\"u\"," POD_KINDS ",\"operation\":\"CREATE\",\"object\":{}" more "}"

static const struct {
    const char *request;
    enum operation operation;
    enum kind kind;
    const char *namespace;
    bool has_object, has_old;
} good[] = {
    {CREATE(""), OPERATION_CREATE, KIND_POD, "", true, false},
    {CREATE(",\"namespace\":\"n\",\"oldObject\":null,\"dryRun\":true,\"unknown\":[1]"),
     OPERATION_CREATE, KIND_POD, "n", true, false},
    {CREATE(",\"namespace\":null,\"subResource\":\"\""), OPERATION_CREATE, KIND_POD, "", true,
     false},
    {CREATE(",\"subResource\":\"ephemeralcontainers\""), OPERATION_CREATE, KIND_POD_DEBUGGING, "",
     true, false},
    {"{\"uid\":\"u\"," POD_KINDS ",\"operation\":\"UPDATE\",\"object\":{},\"oldObject\":{}}",
     OPERATION_UPDATE, KIND_POD, "", true, true},
    {"{\"uid\":\"u\"," POD_KINDS ",\"operation\":\"DELETE\",\"object\":null,\"oldObject\":{}}",
     OPERATION_DELETE, KIND_POD, "", false, true},
    {"{\"uid\":\"u\"," POD_KINDS ",\"operation\":\"CONNECT\"}", OPERATION_CONNECT, KIND_POD, "",
     false, false},
    {"{\"uid\":\"u\",\"kind\":{\"group\":\"apps\",\"version\":\"v1\",\"kind\":\"Pod\"},"
     "\"resource\":{\"group\":\"apps\",\"version\":\"v1\",\"resource\":\"pods\"},"
     "\"operation\":\"CREATE\",\"object\":{}}",
     OPERATION_CREATE, KIND_OTHER, "", true, false},
};

static void reads_row(size_t i)
{
    char body[2048];
    int len = snprintf(body, sizeof(body), REVIEW("%s"), good[i].request);
    struct review r;
    struct err e = {.code = ERR_OK};
    enum err_code code = review_parse(arena, body, (size_t)len, &r, &e);
    row_require(code == ERR_OK, "%s: %s", body, e.text);
    cr_expect_str_eq(r.uid, "u", "%s: %s", body, r.uid);
    cr_expect_str_eq(r.namespace, good[i].namespace, "%s: %s", body, r.namespace);
    cr_expect_eq(r.operation, good[i].operation, "%s: %d", body, (int)r.operation);
    cr_expect_eq(r.kind, good[i].kind, "%s", body);
    cr_expect_eq(r.object != NULL, good[i].has_object, "%s", body);
    cr_expect_eq(r.old_object != NULL, good[i].has_old, "%s", body);
}

Test(review, reads)
{
    table_run_fresh(COUNT(good), reads_row, pods_reset);
}

static const struct {
    const char *body;
    const char *says;
} bad[] = {
    {"", "not valid JSON at line 1, column 1"},
    {"[]", "kind: expected AdmissionReview"},
    {"{}", "kind: expected AdmissionReview"},
    {"{\"kind\":\"Pod\"}", "kind: expected AdmissionReview"},
    {"{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1beta1\"}",
     "apiVersion: expected admission.k8s.io/v1"},
    {REVIEW("null"), "request: expected an object, found null"},
    {REVIEW("{}"), "request.uid: expected a string that is not empty, found nothing"},
    {REVIEW("{\"uid\":\"\"}"), "request.uid"},
    {REVIEW("{\"uid\":1}"), "request.uid: expected a string that is not empty, found a number"},
    {REVIEW("{\"uid\":\"u\"}"), "request.operation: expected CREATE, UPDATE, DELETE or CONNECT"},
    {REVIEW("{\"uid\":\"u\",\"operation\":\"create\"}"), "request.operation"},
    {REVIEW("{\"uid\":\"u\",\"operation\":\"CREATE\"}"), "request.kind.kind"},
    {REVIEW("{\"uid\":\"u\",\"operation\":\"CREATE\",\"kind\":{\"kind\":\"Pod\"}}"),
     "request.resource.resource"},
    {REVIEW(CREATE(",\"namespace\":7")), "request.namespace: expected a string, found a number"},
    {REVIEW(CREATE(",\"subResource\":{}")), "request.subResource"},
    {REVIEW("{\"uid\":\"u\"," POD_KINDS ",\"operation\":\"CREATE\"}"),
     "request.object: expected an object, found nothing"},
    {REVIEW("{\"uid\":\"u\"," POD_KINDS ",\"operation\":\"CREATE\",\"object\":[]}"),
     "request.object: expected an object, found a list"},
    {REVIEW("{\"uid\":\"u\"," POD_KINDS ",\"operation\":\"UPDATE\",\"object\":{}}"),
     "request.oldObject: expected an object, found nothing"},
};

static void refuses_row(size_t i)
{
    const char *body = bad[i].body;
    struct review r;
    struct err e = {.code = ERR_OK};
    cr_expect_eq(review_parse(arena, body, strlen(body), &r, &e), ERR_INVALID, "%s", body);
    cr_expect_not_null(strstr(e.text, bad[i].says), "%s: %s", body, e.text);
}

Test(review, refuses)
{
    table_run_fresh(COUNT(bad), refuses_row, pods_reset);
}

Test(review, prints_responses)
{
    static const char *const warnings[] = {"first", "\"second\""};
    static const struct audit audits[] = {{"labels", "p: labels.a"}, {"violations", "none"}};
    struct response r = {.uid = "u\"1",
                         .allowed = true,
                         .patch = "[]",
                         .patch_len = 2,
                         .warnings = warnings,
                         .warning_count = 2,
                         .audits = audits,
                         .audit_count = 2};
    struct buf b;
    buf_init_arena(&b, arena, 64 * 1024);
    response_print(&r, &b);
    cr_assert_str_eq(
        b.text,
        "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"response\":{"
        "\"uid\":\"u\\\"1\",\"allowed\":true,\"patchType\":\"JSONPatch\",\"patch\":\"W10=\","
        "\"warnings\":[\"first\",\"\\\"second\\\"\"],"
        "\"auditAnnotations\":{\"labels\":\"p: labels.a\",\"violations\":\"none\"}}}\n");

    buf_reset(&b);
    response_print(&(struct response){.uid = "u", .denial = "because"}, &b);
    cr_assert_str_eq(
        b.text,
        "{\"kind\":\"AdmissionReview\",\"apiVersion\":\"admission.k8s.io/v1\",\"response\":{"
        "\"uid\":\"u\",\"allowed\":false,\"status\":{\"status\":\"Failure\","
        "\"message\":\"because\",\"reason\":\"Forbidden\",\"code\":403}}}\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admit.h - the life of a review: the bytes of an AdmissionReview in, the bytes of its answer out.
 *
 * A pure function of policies, request and time: it never blocks, logs or counts, and
 * asks nobody. What it could not judge is a 4xx or 5xx with a Status of Kubernetes, never
 * `allowed: false`, so that the API server's failurePolicy decides.
 * Protocol: k8s.io/apiserver pkg/admission/plugin/webhook/request/admissionreview.go.
 * Thread-safety: any thread, one arena each.
 */
#ifndef WEBHOOK_ADMIT_H
#define WEBHOOK_ADMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct monitor_report;
struct policy_set;

enum admit_endpoint { ADMIT_MUTATE, ADMIT_VALIDATE };
enum admit_verdict { ADMIT_ALLOWED, ADMIT_PATCHED, ADMIT_DENIED, ADMIT_FAILED };

struct admit_request {
    enum admit_endpoint endpoint;
    bool is_monitored; /* every policy is taken for a monitored one */
    int64_t now;       /* seconds since 1970: exceptions end */
    const char *body;
    size_t body_len;
};

struct admit_answer {
    int status;               /* HTTP: 200; 400 what the API server would not send; 500 */
    const char *content_type; /* static */
    const char *body;         /* arena, or static */
    size_t body_len;
    enum admit_verdict verdict; /* FAILED unless status is 200 */
    size_t warnings;
    size_t audited; /* violations that are only noted */
    /* What monitored policies would have made of it, and of which pod; NULL: nothing else. */
    const struct monitor_report *monitor;
    const char *namespace, *name;
};

/* @set and @request are borrowed. Always fills @out; its texts are the arena's. */
void admit(const struct policy_set *set, const struct admit_request *request, struct arena *a,
           struct admit_answer *out);

#endif

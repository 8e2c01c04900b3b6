/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admit.h - the life of a review: the bytes of an AdmissionReview in, the bytes of its answer out.
 *
 * A pure function of policies and request: it never blocks, logs or counts, and
 * asks nobody. What it could not judge is a 4xx or 5xx with a Status of Kubernetes, never
 * `allowed: false`, so that the API server's failurePolicy decides.
 * Protocol: k8s.io/apiserver pkg/admission/plugin/webhook/request/admissionreview.go.
 * Thread-safety: any thread, one arena each.
 */
#ifndef WEBHOOK_ADMIT_H
#define WEBHOOK_ADMIT_H

#include <stddef.h>

struct arena;
struct policy_set;

enum admit_endpoint { ADMIT_MUTATE, ADMIT_VALIDATE };
enum admit_verdict { ADMIT_ALLOWED, ADMIT_PATCHED, ADMIT_DENIED, ADMIT_FAILED };

struct admit_answer {
    int status;               /* HTTP: 200; 400 what the API server would not send; 500 */
    const char *content_type; /* static */
    const char *body;         /* arena, or static */
    size_t body_len;
    enum admit_verdict verdict; /* FAILED unless status is 200 */
    size_t warnings;
};

/* @set and @body are borrowed. Always fills @out. */
void admit(const struct policy_set *set, enum admit_endpoint endpoint, const char *body,
           size_t body_len, struct arena *a, struct admit_answer *out);

#endif

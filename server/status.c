/* SPDX-License-Identifier: Apache-2.0 */
#include "server/status.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/buf.h"
#include "core/date.h"
#include "core/err.h"
#include "core/metrics.h"
#include "server/expiry.h"

enum { EXCEPTION_NAME_MAX = 64 }; /* a DNS label */

struct status {
    pthread_mutex_t lock;
    bool is_draining;
    size_t policies, monitored, files;
    struct status_exceptions exceptions;
    char exception[EXCEPTION_NAME_MAX]; /* what its name points to */
    int64_t not_after;
    /* Empty: what is on disk is what is in force. */
    char policies_error[ERR_TEXT_MAX];
    char certificate_error[ERR_TEXT_MAX];
};

struct status *status_create(void)
{
    struct status *s = calloc(1, sizeof(*s));
    if (s == NULL || pthread_mutex_init(&s->lock, NULL) != 0) {
        free(s);
        return NULL;
    }
    metrics_set(METRIC_READY, 1);
    return s;
}

void status_destroy(struct status *s)
{
    if (s == NULL) {
        return;
    }
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

void status_set_policies(struct status *s, size_t policies, size_t monitored, size_t files)
{
    (void)pthread_mutex_lock(&s->lock);
    s->policies = policies;
    s->monitored = monitored;
    s->files = files;
    s->policies_error[0] = '\0';
    (void)pthread_mutex_unlock(&s->lock);
    metrics_set(METRIC_POLICIES, (int64_t)policies);
    metrics_set(METRIC_POLICIES_MONITORED, (int64_t)monitored);
    metrics_set(METRIC_POLICIES_STALE, 0);
}

void status_set_exceptions(struct status *s, const struct status_exceptions *exceptions)
{
    (void)pthread_mutex_lock(&s->lock);
    s->exceptions = *exceptions;
    (void)snprintf(s->exception, sizeof(s->exception), "%s",
                   exceptions->name == NULL ? "" : exceptions->name);
    (void)pthread_mutex_unlock(&s->lock);
    metrics_set(METRIC_EXCEPTIONS, (int64_t)exceptions->count);
    metrics_set(METRIC_EXCEPTIONS_EXPIRED, (int64_t)exceptions->expired);
}

void status_set_policies_error(struct status *s, const char *text)
{
    (void)pthread_mutex_lock(&s->lock);
    (void)snprintf(s->policies_error, sizeof(s->policies_error), "%s", text);
    (void)pthread_mutex_unlock(&s->lock);
    metrics_set(METRIC_POLICIES_STALE, 1);
}

void status_set_certificate(struct status *s, int64_t not_after)
{
    (void)pthread_mutex_lock(&s->lock);
    s->not_after = not_after;
    s->certificate_error[0] = '\0';
    (void)pthread_mutex_unlock(&s->lock);
    metrics_set(METRIC_CERT_NOT_AFTER, not_after);
    metrics_set(METRIC_CERT_STALE, 0);
}

void status_set_certificate_error(struct status *s, const char *text)
{
    (void)pthread_mutex_lock(&s->lock);
    (void)snprintf(s->certificate_error, sizeof(s->certificate_error), "%s", text);
    (void)pthread_mutex_unlock(&s->lock);
    metrics_set(METRIC_CERT_STALE, 1);
}

void status_set_draining(struct status *s)
{
    (void)pthread_mutex_lock(&s->lock);
    s->is_draining = true;
    (void)pthread_mutex_unlock(&s->lock);
    metrics_set(METRIC_READY, 0);
}

bool status_is_ready(struct status *s)
{
    (void)pthread_mutex_lock(&s->lock);
    bool is_ready = !s->is_draining;
    (void)pthread_mutex_unlock(&s->lock);
    return is_ready;
}

static void print_policies(const struct status *s, struct buf *b)
{
    if (s->policies_error[0] == '\0') {
        buf_addf(b, "[+]policies ok: %zu from %zu file%s", s->policies, s->files,
                 s->files == 1 ? "" : "s");
        if (s->monitored > 0) {
            buf_addf(b, ", %zu monitored", s->monitored);
        }
        buf_addc(b, '\n');
    } else {
        buf_addf(b, "[-]policies: last reload refused: %s (last good still in force)\n",
                 s->policies_error);
    }
}

static void print_exceptions(const struct status *s, struct buf *b)
{
    const struct status_exceptions *x = &s->exceptions;
    char until[DATE_TEXT_MAX];
    date_print(x->expires, until);
    if (x->expired > 0) {
        buf_addf(b, "[-]exceptions: %zu of %zu expired, the first was %s: %s\n", x->expired,
                 x->count, s->exception, until);
    } else if (x->count > 0) {
        const char *soon = expiry_text(expiry_of(x->expires - (int64_t)time(NULL)));
        buf_addf(b, "[+]exceptions ok: %zu, the first to expire is %s: %s%s\n", x->count,
                 s->exception, until, soon);
    }
}

static void print_certificate(const struct status *s, struct buf *b)
{
    char until[DATE_TEXT_MAX];
    date_print(s->not_after, until);
    enum expiry expiry = expiry_of(s->not_after - (int64_t)time(NULL));
    const char *verb = expiry == EXPIRY_PAST ? "expired" : "expires";
    const char *soon = expiry_text(expiry);
    if (s->certificate_error[0] != '\0') {
        buf_addf(b, "[-]certificate: last reload refused: %s (last good still served, %s %s%s)\n",
                 s->certificate_error, verb, until, soon);
    } else if (expiry == EXPIRY_PAST) {
        buf_addf(b, "[-]certificate expired %s\n", until);
    } else {
        buf_addf(b, "[+]certificate ok: expires %s%s\n", until, soon);
    }
}

void status_print(struct status *s, struct buf *b)
{
    (void)pthread_mutex_lock(&s->lock);
    print_policies(s, b);
    print_exceptions(s, b);
    print_certificate(s, b);
    buf_adds(b, s->is_draining ? "[-]draining\n" : "[+]serving\n");
    (void)pthread_mutex_unlock(&s->lock);
}

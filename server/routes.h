/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.h - what the two ports answer: reviews on one, health and metrics on the other.
 *
 * Thread-safety: the tables are const after routes_init(); handlers run on any loop.
 */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include "core/metrics.h"
#include "server/http.h"
#include "webhook/admit.h"

struct snapshot;
struct status;

enum { ROUTES_WEBHOOK = 4, ROUTES_ADMIN = 3 };

/* One of the review endpoints and where its counts go. */
struct review_endpoint {
    enum admit_endpoint endpoint;
    bool is_monitored; /* all policies are: for namespaces that are to be left alone for now */
    struct snapshot *policies; /* of struct policy_set */
    enum metric_histogram seconds;
    enum metric_counter allowed, patched, denied;
};

struct routes {
    struct http_route webhook[ROUTES_WEBHOOK];
    struct http_route admin[ROUTES_ADMIN];
    struct review_endpoint mutate, validate, monitor_mutate, monitor_validate;
};

/* @policies and @status are kept; @r must stay where it is while a server uses it. */
void routes_init(struct routes *r, struct snapshot *policies, struct status *status);

#endif

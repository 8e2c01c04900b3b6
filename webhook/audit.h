/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - what the API server's audit log is told of a review, key by key.
 *
 *     <kind of rule>    why fields of the kind were changed: "policy: rule, rule; policy: rule"
 *     violations        all of them, also those that are only audited
 *     exceptions        which rules were taken away, by which exception, and why
 *     monitor-*         what monitored policies would have made of it (see monitor.h)
 *
 * Ownership: texts are the arena's. Thread-safety: one request, one thread.
 */
#ifndef WEBHOOK_AUDIT_H
#define WEBHOOK_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "policies/policy.h"
#include "webhook/review.h"

struct edits;
struct monitor_report;
struct plan;
struct violations;

enum { AUDITS_MAX = RULE_KIND_COUNT + 7 }; /* one a kind of rule, and the others above */

struct audits {
    struct arena *arena;
    struct audit list[AUDITS_MAX];
    size_t count;
    bool failed; /* out of memory */
};

void audit_edits(struct audits *audits, const struct edits *edits);
void audit_violations(struct audits *audits, const struct violations *violations);

/* @steps: what was evaluated; exceptions from other rules made no difference. */
void audit_waivers(struct audits *audits, const struct plan *plan, unsigned steps);
void audit_monitor(struct audits *audits, const struct monitor_report *report);

/* "policy: rule, rule; other policy: rule" while it is written. */
struct rule_names {
    struct buf text;
    const struct rule *last;
};
void rule_names_init(struct rule_names *names, struct arena *a);

/* Equal rules come one after the other. */
void rule_names_add(struct rule_names *names, const struct rule *rule);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * monitor.h - what monitored policies would do, told without doing it.
 *
 * What is enforced is planned and applied as if monitored policies did not exist. Where
 * one of them matches the pod, the whole set is then evaluated on a copy of the object as it
 * came, and what differs is reported. A failure in there is reported, too: it is none of the pod's.
 * Ownership: everything is the arena's. Thread-safety: any thread, one arena each.
 */
#ifndef WEBHOOK_MONITOR_H
#define WEBHOOK_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "policies/policy.h"

struct evaluation;
struct evaluator;
struct json;

enum {
    MONITOR_PATCH_MAX = 10 * 1024, /* bytes; a longer one is left out: half of it would be none */
    MONITOR_TEXT_MAX = 10 * 1024,  /* bytes; further violations are left out */
};
_Static_assert(RULE_KIND_COUNT <= 64, "kinds of rules are bits of a uint64_t");

/* Texts are NULL when there is nothing to say. */
struct monitor_report {
    bool differs;          /* the answer would be another one */
    const char *rules;     /* that have a part in it: "policy: rule, rule; policy: rule" */
    const char *outranked; /* enforced rules that would lose, and to which policy */
    const char *verdict;   /* "would deny: …; would warn: …; would audit: …", "would allow" */
    const char *patch;     /* of the object as it came; never part of one */
    const char *patch_omitted;                     /* why there is none */
    uint64_t would_change, would_deny, would_warn; /* bits of enum rule_kind */
};

/*
 * @is: what @by made of a pod that a policy without a say matches. @old as for
 * evaluate_update(). Always fills @out.
 */
void monitor(const struct evaluator *by, const char *namespace, struct json *old,
             const struct evaluation *is, struct monitor_report *out);

/* Its first half: the whole set on the object as it came. */
enum err_code monitor_evaluate(const struct evaluator *by, const char *namespace, struct json *old,
                               const struct evaluation *is, struct evaluation *out, struct err *e);

/*
 * Its second half; leaves in @would only the violations that @is does not have. False when out of
 * memory.
 */
bool monitor_compare(const struct evaluator *by, const struct evaluation *is,
                     struct evaluation *would, struct monitor_report *out);

#endif

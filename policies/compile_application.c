/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policies/compile.h"

/* Words of the Kubeflow operator, which the Apache operator has too. */
enum restart { RESTART_NEVER, RESTART_ON_FAILURE, RESTART_ALWAYS };
static const char *const restart_names[] = {"Never", "OnFailure", "Always"};
static const struct word restart_words[] = {{"Never", RESTART_NEVER},
                                            {"OnFailure", RESTART_ON_FAILURE},
                                            {"Always", RESTART_ALWAYS},
                                            {NULL, 0}};

enum { NOT_SAID = -1 };

struct restart_policy {
    unsigned type;
    int64_t retries;
    int64_t interval;
    int64_t submission_retries;
    int64_t submission_interval;
};

struct bounds {
    int64_t least;
    int64_t most;
};

static const struct limits retry_limits = {0, INT32_MAX};
static const struct limits most_limits = {1, INT32_MAX};

static const struct field restart_fields[] = {
    {.name = "type",
     .type = "Never, OnFailure or Always",
     .summary = "when the operator runs an application again",
     .read = field_word,
     .offset = offsetof(struct restart_policy, type),
     .detail = restart_words,
     .flags = FIELD_REQUIRED},
    {.name = "onFailureRetries",
     .type = "integer",
     .summary = "how often after a failure; OnFailure needs it, or nothing is run again",
     .read = field_integer,
     .offset = offsetof(struct restart_policy, retries),
     .detail = &retry_limits},
    {.name = "onFailureRetryInterval",
     .type = "duration",
     .summary = "how long to wait before; OnFailure needs it",
     .read = field_seconds,
     .offset = offsetof(struct restart_policy, interval)},
    {.name = "onSubmissionFailureRetries",
     .type = "integer",
     .summary = "how often after a submission that failed",
     .read = field_integer,
     .offset = offsetof(struct restart_policy, submission_retries),
     .detail = &retry_limits},
    {.name = "onSubmissionFailureRetryInterval",
     .type = "duration",
     .summary = "how long to wait before",
     .read = field_seconds,
     .offset = offsetof(struct restart_policy, submission_interval)},
    {.name = NULL},
};

static const struct field bounds_fields[] = {
    {.name = "minExecutors",
     .type = "integer",
     .summary = "how many executors are kept",
     .read = field_integer,
     .offset = offsetof(struct bounds, least),
     .detail = &retry_limits},
    {.name = "maxExecutors",
     .type = "integer",
     .summary = "how many executors there may be",
     .read = field_integer,
     .offset = offsetof(struct bounds, most),
     .detail = &most_limits},
    {.name = NULL},
};

static struct rule application_rule(const struct section *s, enum rule_kind kind)
{
    return (struct rule){.kind = kind,
                         .roles = ROLE_DRIVER,
                         .targets = TARGET_APPLICATION,
                         .when = (enum when)s->when,
                         .name = kind == RULE_RESTART ? "application.restartPolicy"
                                                      : "application.dynamicAllocation"};
}

static bool check_restart(struct reader *r, const struct yaml_node *node,
                          const struct restart_policy *p)
{
    bool said = p->retries != NOT_SAID || p->interval != NOT_SAID ||
                p->submission_retries != NOT_SAID || p->submission_interval != NOT_SAID;
    if (p->type == RESTART_NEVER && said) {
        reader_find(r, node, "with the type Never nothing is run again; leave out the retries");
        return false;
    }
    if (p->type == RESTART_ON_FAILURE && (p->retries < 1 || p->interval == NOT_SAID)) {
        reader_find(r, node,
                    "the type OnFailure needs onFailureRetries of at least 1 and "
                    "onFailureRetryInterval, or nothing is run again");
        return false;
    }
    return true;
}

static void read_restart(struct reader *r, const struct yaml_node *node, const struct field *field,
                         void *out)
{
    struct section *s = out;
    struct restart_policy p = {.type = RESTART_NEVER,
                               .retries = NOT_SAID,
                               .interval = NOT_SAID,
                               .submission_retries = NOT_SAID,
                               .submission_interval = NOT_SAID};
    if (!fields_read(r, node, field->members, &p) || yaml_get(node, "type") == NULL ||
        !check_restart(r, node, &p)) {
        return;
    }
    struct rule rule = application_rule(s, RULE_RESTART);
    rule.restart.type = restart_names[p.type];
    rule.restart.retries = p.retries;
    rule.restart.interval = p.interval;
    rule.restart.submission_retries = p.submission_retries;
    rule.restart.submission_interval = p.submission_interval;
    draft_add(r, s->draft, node, "application/restartPolicy", rule);
}

static void read_bounds(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out)
{
    struct section *s = out;
    struct bounds b = {.least = NOT_SAID, .most = NOT_SAID};
    if (!fields_read(r, node, field->members, &b)) {
        return;
    }
    if (b.most != NOT_SAID && b.least > b.most) {
        reader_find(r, node, "minExecutors must not be more than maxExecutors");
        return;
    }
    struct rule rule = application_rule(s, RULE_DYNAMIC_ALLOCATION);
    rule.executors.least = b.least;
    rule.executors.most = b.most;
    draft_add(r, s->draft, node, "application/dynamicAllocation", rule);
}

const struct field application_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "restartPolicy",
     .type = "map",
     .summary = "when the operator runs an application again",
     .read = read_restart,
     .members = restart_fields},
    {.name = "dynamicAllocation",
     .type = "map",
     .summary = "bounds of applications whose dynamic allocation is on",
     .read = read_bounds,
     .members = bounds_fields},
    {.name = NULL},
};

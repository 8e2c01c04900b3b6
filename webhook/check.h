/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - what rules require of a pod: a table of validations, one file each.
 *
 * A validation looks at the object as it will be stored and reports every
 * violation: which field, what was found, what is allowed, by which rule.
 * Ownership: texts are the arena's. Thread-safety: pure.
 */
#ifndef WEBHOOK_CHECK_H
#define WEBHOOK_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "policies/policy.h"

struct arena;
struct json;
struct plan;
struct spark_pod;

enum {
    FOUND_TEXT_MAX = 100, /* of what was found, messages quote this many bytes */
    VIOLATIONS_MAX = 50,  /* of a rule are named, further ones only counted */
};

struct violation {
    struct violation *next;
    const struct rule *rule;
    const char *message; /* field, found, allowed, rule and policy in one sentence */
};

struct violations {
    struct arena *arena;
    struct violation *first;
    struct violation **end;
    size_t kept;                        /* in the list */
    const struct rule *rule;            /* of the newest one, ... */
    size_t rule_kept;                   /* ... and how many of it are in the list */
    size_t count[REQUIRE_ACTION_COUNT]; /* all, also those that are not in the list */
    bool failed;                        /* out of memory */
};

void violations_init(struct violations *v, struct arena *a);

/*
 * @found: what stands in the field, NULL for nothing; quoted, cut, made printable.
 * @allowed: what would be allowed, as a phrase.
 */
void violation_add(struct violations *v, const struct rule *rule, const char *field,
                   const char *found, const char *allowed);

/* Runs every deciding requirement of @plan. */
void check(const struct spark_pod *pod, const struct plan *plan, struct violations *out);

/*
 * Leaves what @old, of another judgement of the pod, does not have: by message or, where there
 * are too many to name them all, by number.
 */
void violations_forget(struct violations *v, const struct violations *old);

/* A container of any kind and where it stands in the pod. */
struct container {
    const struct json *value;
    const char *list; /* of spec: "containers", "initContainers", "ephemeralContainers" */
    size_t index;
};

/* "spec.containers[0].image" for "image"; NULL when out of memory. */
const char *container_field(struct arena *a, const struct container *c, const char *field);

/* Calls @visit for each container of every kind. */
typedef void container_visitor(const struct container *c, const struct rule *rule,
                               struct violations *out);
void check_containers(const struct spark_pod *pod, const struct rule *rule,
                      container_visitor *visit, struct violations *out);

/* The validations, each in a file of its name. */
void check_memory_limit(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out);
void check_images(const struct spark_pod *pod, const struct rule *rule, struct violations *out);
void check_privileged(const struct spark_pod *pod, const struct rule *rule, struct violations *out);
void check_spark_memory(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out);
void check_decommission(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out);
void check_host_namespaces(const struct spark_pod *pod, const struct rule *rule,
                           struct violations *out);
void check_host_paths(const struct spark_pod *pod, const struct rule *rule, struct violations *out);
void check_capabilities(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out);
void check_privilege_escalation(const struct spark_pod *pod, const struct rule *rule,
                                struct violations *out);
void check_driver_not_on_spot(const struct spark_pod *pod, const struct rule *rule,
                              struct violations *out);
void check_labels(const struct spark_pod *pod, const struct rule *rule, struct violations *out);
void check_service_accounts(const struct spark_pod *pod, const struct rule *rule,
                            struct violations *out);
void check_resource_bounds(const struct spark_pod *pod, const struct rule *rule,
                           struct violations *out);

#endif

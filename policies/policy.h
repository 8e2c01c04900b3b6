/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - SparkPolicies as the server uses them: compiled once, then only read.
 *
 * A policy is a match and a list of rules. A rule is the smallest thing that
 * can win or lose: one label, one annotation, the capacity of one role, one
 * requirement. Its slot says which field of a pod it decides; of the rules
 * that match a pod and share a slot, the one of the highest priority decides.
 * Every JSON value a rule may insert is ready and must be copied, never linked.
 * Ownership: all of it lives in the set's arena until policy_set_destroy().
 * Thread-safety: const after loading; shared by all threads.
 */
#ifndef POLICIES_POLICY_H
#define POLICIES_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/quantity.h"
#include "core/selector.h"

struct arena;
struct json;

/* Bits, so that a rule can name several. */
enum role { ROLE_DRIVER = 1, ROLE_EXECUTOR = 2 };
enum { ROLES_ALL = ROLE_DRIVER | ROLE_EXECUTOR };

/* Where the shuffle data of a pod lies: does it outlive the pod and its node? Bits. */
enum local_dirs {
    LOCAL_DIRS_EMPTY_DIR =
        1, /* no: emptyDir, generic ephemeral claims, hostPath, the image's file system */
    LOCAL_DIRS_PERSISTENT = 2, /* yes: every local dir is on a PersistentVolumeClaim */
};
enum { LOCAL_DIRS_ALL = LOCAL_DIRS_EMPTY_DIR | LOCAL_DIRS_PERSISTENT };

/* absent: only where the user said nothing. always: the policy's value replaces the user's. */
enum when { WHEN_ABSENT, WHEN_ALWAYS };

enum capacity { CAPACITY_NONE, CAPACITY_SPOT, CAPACITY_ON_DEMAND };
enum spread_over { SPREAD_HOST, SPREAD_ZONE };
enum probe { PROBE_LIVENESS, PROBE_STARTUP };
enum limit_kind { LIMIT_KEEP, LIMIT_REMOVE, LIMIT_REQUEST, LIMIT_QUANTITY };
enum require_action { REQUIRE_DENY, REQUIRE_WARN };

/* kind, name in a policy file and in audit annotations */
#define RULE_KINDS(X)                                                                              \
    X(RULE_LABEL, "labels")                                                                        \
    X(RULE_ANNOTATION, "annotations")                                                              \
    X(RULE_CAPACITY, "capacity")                                                                   \
    X(RULE_SPREAD, "spread")                                                                       \
    X(RULE_PROBE, "probes")                                                                        \
    X(RULE_LOCAL_DIRS, "localDirs")                                                                \
    X(RULE_VOLUME, "volumes")                                                                      \
    X(RULE_GRACE, "terminationGracePeriod")                                                        \
    X(RULE_RESOURCE_MEMORY, "resources.memory")                                                    \
    X(RULE_RESOURCE_MEMORY_LIMIT, "resources.memoryLimit")                                         \
    X(RULE_RESOURCE_CPU_LIMIT, "resources.cpuLimit")                                               \
    X(RULE_RESOURCE_EPHEMERAL, "resources.ephemeralStorage")                                       \
    X(RULE_SECURITY_CONTEXT, "securityContext")                                                    \
    X(RULE_OVERLAY, "overlay")                                                                     \
    X(RULE_MEMORY_LIMIT, "memory-limit")                                                           \
    X(RULE_IMAGES, "images")                                                                       \
    X(RULE_NO_PRIVILEGED, "no-privileged")                                                         \
    X(RULE_MEMORY_COVERS_CONF, "memory-covers-spark-conf")                                         \
    X(RULE_DECOMMISSION, "decommission")                                                           \
    X(RULE_NO_HOST_NAMESPACES, "no-host-namespaces")                                               \
    X(RULE_NO_HOST_PATHS, "no-host-paths")                                                         \
    X(RULE_CAPABILITIES, "capabilities")                                                           \
    X(RULE_NO_PRIVILEGE_ESCALATION, "no-privilege-escalation")                                     \
    X(RULE_DRIVER_NOT_ON_SPOT, "driver-not-on-spot")                                               \
    X(RULE_REQUIRED_LABELS, "required-labels")                                                     \
    X(RULE_SERVICE_ACCOUNTS, "service-accounts")                                                   \
    X(RULE_RESOURCE_BOUNDS, "resource-bounds")

enum rule_kind {
#define X(kind, name) kind,
    RULE_KINDS(X)
#undef X
        RULE_KIND_COUNT
};

const char *rule_kind_name(enum rule_kind kind); /* static */

/* How much of one resource a container may ask for. */
struct bound {
    const char *resource;  /* as Kubernetes calls it: "cpu" */
    const char *min, *max; /* as they stand in the file; NULL: open */
    struct quantity least, most;
};

/* One thing that an overlay says: a value, a member of an object, or an item of a list. */
struct overlay_leaf {
    bool is_spark;     /* of Spark's container; else of spec */
    bool is_item;      /* of a list without a key */
    const char *field; /* of the container or of spec */
    const char *member;
    const char *key, *id; /* an item of a list: by this member, which is that text */
    const struct json *value;
    const struct json *standard; /* what Kubernetes writes when nobody says anything; or NULL */
};

struct policy;

struct rule {
    const struct policy *policy;
    enum rule_kind kind;
    unsigned roles;      /* bits of enum role */
    unsigned local_dirs; /* bits of enum local_dirs */
    enum when when;
    size_t slot;      /* < policy_set.slot_count; equal for rules that decide the same field */
    const char *name; /* as a person would point at it: "labels.cost-centre", "capacity.executor",
                         "require.images" */
    size_t line, column; /* in policy->file */
    union {
        struct {
            const char *key;
            const char *value;
        } entry; /* label, annotation */
        struct {
            enum capacity require;      /* ON_DEMAND: nothing else will do; SPOT likewise; NONE */
            enum capacity prefer;       /* SPOT or ON_DEMAND when available; NONE */
            unsigned on_demand_percent; /* of executors, chosen by spark-exec-id; 0..100 */
        } capacity;
        struct {
            enum spread_over over;
            bool required;
            unsigned weight; /* 1..100, of a preferred spread over hosts */
        } spread;
        struct {
            enum probe probe;
            const char *port;         /* name of the container port the probe needs */
            const struct json *value; /* the whole probe */
        } probe;
        struct {
            const struct json *ephemeral; /* the volume's source: {"volumeClaimTemplate": ...} */
            int64_t fs_group;             /* for pods without one; -1: leave it */
        } local_dirs_claim;
        struct {
            const char *name;
            const struct json *volume; /* the whole volume, with its name */
            const char *mount_path;
            const struct json *mount; /* the whole mount, with name and mountPath */
        } volume;
        struct {
            int64_t seconds;
        } grace;
        struct {
            enum limit_kind kind;
            const char *text; /* of LIMIT_QUANTITY, as it stands in the file */
            struct quantity quantity;
        } limit; /* of memory or processors */
        struct {
            const char *request, *limit; /* NULL: not this one */
            struct quantity request_quantity, limit_quantity;
        } ephemeral;
        struct {
            bool restricted; /* false: leave it */
        } security;
        struct overlay_leaf overlay;
        struct {
            enum require_action action;
            const char *const *from; /* patterns or paths that are allowed, NULL-terminated */
            const char *allowed;     /* the same as one text for messages */
            union {
                const char *label;         /* required-labels: its key */
                const struct bound *bound; /* resource-bounds */
                struct {
                    int64_t seconds;    /* the least grace period */
                    const char *script; /* what the hook runs */
                } decommission;
            };
        } require;
    };
};

struct policy {
    const char *name;
    const char *file;
    size_t line, column;
    int64_t priority;
    const char *const *namespaces;         /* globs, NULL-terminated; NULL: every namespace */
    const char *const *exclude_namespaces; /* globs, NULL-terminated; NULL: none */
    unsigned roles;
    const struct selector *selector; /* NULL: every pod */
    const struct rule *rules;
    size_t rule_count;
};

struct policy_set {
    struct arena *arena;
    const struct policy *policies; /* enforced ones only, by falling priority, then by name */
    size_t count;
    size_t slot_count;
    size_t file_count;    /* files read */
    size_t off_count;     /* policies with mode: off */
    uint64_t fingerprint; /* of the text of all files: equal when nothing changed */
};

void policy_set_destroy(struct policy_set *set); /* NULL is allowed */

#endif

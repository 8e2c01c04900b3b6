/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - SparkPolicies as the server uses them: compiled once, then only read.
 *
 * A policy is a match and a list of rules. An exception takes rules of one policy away from some
 * pods until a day. A rule is the smallest thing that
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
struct quantity;

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

/* What a rule is about: a pod, or one of the objects around it. Bits. */
enum target {
    TARGET_POD = 1,
    TARGET_CONF = 2,         /* the driver's ConfigMap with spark.properties */
    TARGET_SERVICE = 4,      /* the driver's headless Service */
    TARGET_CLAIM = 8,        /* a PersistentVolumeClaim that Spark makes */
    TARGET_APPLICATION = 16, /* what an operator makes all of these from */
};

/* absent: only where the user said nothing. always: the policy's value replaces the user's. */
enum when { WHEN_ABSENT, WHEN_ALWAYS };

enum capacity { CAPACITY_NONE, CAPACITY_SPOT, CAPACITY_ON_DEMAND };
enum spread_over { SPREAD_HOST, SPREAD_ZONE };
enum probe { PROBE_LIVENESS, PROBE_STARTUP };
enum limit_kind { LIMIT_KEEP, LIMIT_REMOVE, LIMIT_REQUEST, LIMIT_QUANTITY };
enum require_action { REQUIRE_DENY, REQUIRE_WARN, REQUIRE_AUDIT, REQUIRE_ACTION_COUNT };

/* monitor: what the policy would do is told, and nothing else happens. */
enum mode { MODE_ENFORCE, MODE_MONITOR, MODE_OFF };

/* kind, name in a policy file and in audit annotations */
#define RULE_CHANGES(X)                                                                            \
    X(RULE_LABEL, "labels")                                                                        \
    X(RULE_ANNOTATION, "annotations")                                                              \
    X(RULE_CAPACITY, "capacity")                                                                   \
    X(RULE_TOLERATION, "tolerations")                                                              \
    X(RULE_NODE_SELECTOR, "nodeSelector")                                                          \
    X(RULE_SPREAD, "spread")                                                                       \
    X(RULE_TOPOLOGY, "topologySpreadConstraints")                                                  \
    X(RULE_PROBE, "probes")                                                                        \
    X(RULE_LOCAL_DIRS, "localDirs")                                                                \
    X(RULE_VOLUME, "volumes")                                                                      \
    X(RULE_ENV, "env")                                                                             \
    X(RULE_GRACE, "terminationGracePeriod")                                                        \
    X(RULE_PRIORITY_CLASS, "priorityClassName")                                                    \
    X(RULE_SCHEDULER, "schedulerName")                                                             \
    X(RULE_IMAGE_REWRITE, "imageRewrite")                                                          \
    X(RULE_PULL_SECRET, "imagePullSecrets")                                                        \
    X(RULE_PLACEMENT, "placement")                                                                 \
    X(RULE_RESOURCE_MEMORY, "resources.memory")                                                    \
    X(RULE_RESOURCE_MEMORY_LIMIT, "resources.memoryLimit")                                         \
    X(RULE_RESOURCE_CPU_LIMIT, "resources.cpuLimit")                                               \
    X(RULE_RESOURCE_EPHEMERAL, "resources.ephemeralStorage")                                       \
    X(RULE_SECURITY_CONTEXT, "securityContext")                                                    \
    X(RULE_OVERLAY, "overlay")                                                                     \
    X(RULE_CONF, "sparkConf")                                                                      \
    X(RULE_CLAIM_LABEL, "claims")                                                                  \
    X(RULE_RESTART, "restartPolicy")                                                               \
    X(RULE_DYNAMIC_ALLOCATION, "dynamicAllocation")

/* What is judged, and changes nothing. */
#define RULE_REQUIREMENTS(X)                                                                       \
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
    X(RULE_RESOURCE_BOUNDS, "resource-bounds")                                                     \
    X(RULE_CLAIM_SIZE, "claim-size")                                                               \
    X(RULE_CLAIM_CLASS, "claim-class")                                                             \
    X(RULE_RESTARTS, "restart-policy")                                                             \
    X(RULE_EXECUTORS, "dynamic-allocation")

#define RULE_KINDS(X)                                                                              \
    RULE_CHANGES(X)                                                                                \
    RULE_REQUIREMENTS(X)

enum rule_kind {
#define X(kind, name) kind,
    RULE_KINDS(X)
#undef X
        RULE_KIND_COUNT
};

const char *rule_kind_name(enum rule_kind kind); /* static */
bool rule_kind_is_requirement(enum rule_kind kind);

/* Which pods a policy or an exception is for; all of it must hold. */
struct match {
    const char *const *namespaces;         /* globs, NULL-terminated; NULL: every namespace */
    const char *const *exclude_namespaces; /* globs, NULL-terminated; NULL: none */
    unsigned roles;                        /* bits of enum role */
    const struct selector *selector;       /* NULL: every pod */
    size_t selector_line;                  /* 0: there is none */
};

/* How much there may be of something. */
struct bound {
    const char *resource;  /* of a container, as Kubernetes calls it: "cpu" */
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
    unsigned targets;    /* bits of enum target */
    enum when when;
    size_t slot;      /* < policy_set.slot_count; equal for rules that decide the same field */
    const char *name; /* as a person would point at it: "labels.cost-centre", "capacity.executor",
                         "require.images" */
    size_t line, column; /* in policy->file */
    union {
        struct {
            const char *key;
            const char *value;
        } entry; /* label, annotation, nodeSelector, env, property of Spark's conf, label of a claim
                  */
        const struct json *value; /* toleration, topologySpreadConstraints: the whole of it */
        const char *text;         /* priorityClassName, schedulerName, imagePullSecrets */
        struct {
            enum capacity require;      /* ON_DEMAND: nothing else will do; SPOT likewise; NONE */
            enum capacity prefer;       /* SPOT or ON_DEMAND when available; NONE */
            unsigned on_demand_percent; /* of executors, chosen by spark-exec-id; 0..100 */
        } capacity;
        struct {
            enum spread_over over;
            bool required;
            unsigned weight;          /* 1..100, of a preference */
            const char *const *zones; /* NULL-terminated: all pods in one of them; NULL: spread */
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
        bool is_on; /* placement */
        struct {
            const char *from, *to; /* prefixes of full names; both end with '/', or neither */
        } rewrite;
        struct {
            const char *type;          /* Never, OnFailure, Always */
            int64_t retries, interval; /* s; -1: the policy says nothing, as below */
            int64_t submission_retries, submission_interval;
        } restart;
        struct {
            int64_t least, most; /* -1: the policy says nothing */
        } executors;
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
            const char *allowed;     /* the same, or the bounds, as one text for messages */
            union {
                const char *label;         /* required-labels: its key */
                const struct bound *bound; /* resource-bounds, claim-size, dynamic-allocation */
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
    unsigned mode; /* enum mode */
    struct match match;
    const struct rule *rules;
    size_t rule_count;
    const struct exception *const *exceptions; /* from this policy, by name */
    size_t exception_count;
};

/* While it lasts, its pods are judged as if the policy did not have the waived rules. */
struct exception {
    const char *name;
    const char *file;
    size_t line, column;
    const char *policy; /* by name: it may be off */
    struct match match;
    const bool *waives; /* by index of the policy's rules */
    const char *reason; /* on one line */
    const char *until;  /* as it stands in the file */
    int64_t expires;    /* seconds since 1970: from then on it does nothing */
};

struct policy_set {
    struct arena *arena;
    const struct policy *policies; /* but those that are off, by falling priority, then by name */
    size_t count;
    const struct exception *exceptions; /* all of them, by name */
    size_t exception_count;
    size_t slot_count;
    size_t file_count;      /* files read */
    size_t monitored_count; /* of the policies */
    size_t off_count;       /* policies with mode: off */
    uint64_t fingerprint;   /* of the text of all files: equal when nothing changed */
};

void policy_set_destroy(struct policy_set *set); /* NULL is allowed */

#endif

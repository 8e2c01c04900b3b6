/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.h - one document of a policy file to a draft. For load.c, set.c and the compile_*.c.
 *
 * A draft of a policy holds the finished rules in the order of the file; what needs all
 * policies (slots, ties, the order of policies) is done in set.c, and what needs those that
 * exceptions are from in exceptions.c.
 * Tables of fields and the rules they make stand together, one file a part of the language.
 * Thread-safety: as for a reader.
 */
#ifndef POLICIES_COMPILE_H
#define POLICIES_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

#include "policies/fields.h"
#include "policies/policy.h"

struct draft;

struct draft_rule {
    struct draft_rule *next; /* as in the file */
    const struct draft *draft;
    const char *slot; /* which field it decides: "labels/cost-centre" */
    size_t slot_index;
    struct rule rule; /* without policy and slot */
};

struct draft {
    struct draft *next;
    struct policy policy;         /* without rules */
    const struct yaml_node *name; /* NULL when there is no good one */
    unsigned head;                /* of apiVersion and kind, which have been read before */
    unsigned when;                /* what spec.admission says for all its rules */
    struct draft_rule *first;
    struct draft_rule *last;
    size_t rule_count;
};

struct exception_draft {
    struct exception_draft *next;
    struct exception exception;     /* without what it waives */
    const struct yaml_node *name;   /* NULL when there is no good one, as below */
    const struct yaml_node *policy; /* spec.policy */
    const struct yaml_node *rules;  /* spec.rules, a list */
    unsigned head;
    const struct draft *from; /* the policy; found by exceptions.c */
    bool *waives;
};

/* All of a load, in the order of documents. In work memory. */
struct drafts {
    struct draft *first, *last;
    struct exception_draft *first_exception, *last_exception;
};

/* Adds the document to @to. When it is nothing of ours, that is a finding and nothing is added. */
void compile_document(struct reader *r, const struct yaml_node *document, struct drafts *to);

/* The same of a document that is known to be an exception. */
void compile_exception(struct reader *r, const struct yaml_node *document, struct drafts *to);

/*
 * Adds a copy of @rule that stands at the key of @at, or at @at when it is an item.
 * No roles or local_dirs mean all of them, no targets mean pods. @slot and the name may be NULL
 * when memory is out.
 */
void draft_add(struct reader *r, struct draft *d, const struct yaml_node *at, const char *slot,
               struct rule rule);

/* Slots of more than one section: what decides about spot nodes, and about zones. */
#define CAPACITY_SLOT "capacity"
#define ZONE_SLOT "spread/zone"

/* The pods that an item of a list is for, and whether it may replace what they have. */
struct scope {
    unsigned roles;
    unsigned local_dirs;
    unsigned when;
};

/* A part of spec.admission with a default of its own: {when?, driver?, executor?}. */
struct section {
    struct draft *draft;
    unsigned when;
};

extern const struct word when_words[];
extern const struct word role_words[];
extern const struct word local_dirs_words[];

/* The member "when" of @target, in every table that has one. */
#define FIELD_WHEN_AT(target, member)                                                              \
    {                                                                                              \
        .name = "when", .type = "absent or always",                                                \
        .summary = "absent: the user's value wins; always: the policy's does", .read = field_word, \
        .offset = offsetof(target, member), .detail = when_words                                   \
    }
#define FIELD_WHEN(target) FIELD_WHEN_AT(target, when)

/* The member "role" of @target; @who says which pods are meant. */
#define FIELD_ROLE(target, member, who)                                                            \
    {                                                                                              \
        .name = "role", .type = "driver or executor", .summary = (who), .read = field_word,        \
        .offset = offsetof(target, member), .detail = role_words                                   \
    }

/* The members of the struct scope "scope" of @target. */
#define FIELDS_OF_SCOPE(target)                                                                    \
    FIELD_ROLE(target, scope.roles, "the pods that it is for; both by default"),                   \
        {.name = "localDirs",                                                                      \
         .type = "emptyDir or persistent",                                                         \
         .summary =                                                                                \
             "only pods whose shuffle data dies with them, or only pods whose data does not",      \
         .read = field_word,                                                                       \
         .offset = offsetof(target, scope.local_dirs),                                             \
         .detail = local_dirs_words},                                                              \
        FIELD_WHEN_AT(target, scope.when)

/* What "when" says in @map, else @otherwise; a wrong word is left to the map's table. */
unsigned when_in(const struct yaml_node *map, unsigned otherwise);

/* The role that the field "driver" or "executor" is about. */
unsigned role_named(const char *name);

/* A label selector; NULL when it cannot be read at all. Kept. */
const struct selector *compile_selector(struct reader *r, const struct yaml_node *node);

/* The members of every document before metadata and spec; its target is an unsigned. */
extern const struct word version_words[];
extern const struct word kind_words[];
#define FIELD_API_VERSION(target)                                                                  \
    {                                                                                              \
        .name = "apiVersion", .type = "sparkward.dev/v1",                                          \
        .summary = "the version of the language", .read = field_word,                              \
        .offset = offsetof(target, head), .detail = version_words, .flags = FIELD_REQUIRED         \
    }
#define FIELD_KIND(target)                                                                         \
    {                                                                                              \
        .name = "kind", .type = "SparkPolicy or PolicyException",                                  \
        .summary = "what the document is", .read = field_word, .offset = offsetof(target, head),   \
        .detail = kind_words, .flags = FIELD_REQUIRED                                              \
    }

/* The tables of documents, and their parts. */
extern const struct field policy_fields[];
extern const struct field exception_fields[];
extern const struct field match_fields[]; /* its target is the struct match */
extern const struct field admission_fields[];
extern const struct field entry_fields[];
extern const struct field capacity_fields[];
extern const struct field toleration_fields[];
extern const struct field spread_fields[];
extern const struct field topology_fields[];
extern const struct field probe_fields[];
extern const struct field local_dirs_fields[];
extern const struct field volume_fields[];
extern const struct field priority_class_fields[];
extern const struct field scheduler_fields[];
extern const struct field image_rewrite_fields[];
extern const struct field pull_secret_fields[];
extern const struct field placement_fields[];
extern const struct field conf_fields[];
extern const struct field claims_fields[];
extern const struct field application_fields[];
extern const struct field resource_fields[];
extern const struct field security_fields[];
extern const struct field overlay_fields[];
extern const struct field require_fields[];

/* Readers of those parts; their target is the struct draft. */
field_read field_section; /* reads a struct section by field->members */
field_read compile_entries;
field_read compile_tolerations;
field_read compile_spread;
field_read compile_topology;
field_read compile_volumes;
field_read compile_image_rewrite;
field_read compile_pull_secrets;
field_read compile_placement;
field_read compile_conf;
field_read compile_resources;
field_read compile_security; /* a word, or a section */
field_read compile_overlay;
field_read compile_require;

/* The slot of a label of the node selector. */
const char *node_selector_slot(struct reader *r, const char *key);

/* Labels or annotations, by @kind, from a map of strings; NULL: none. */
void compile_entry_map(struct reader *r, struct draft *d, const struct yaml_node *map,
                       enum rule_kind kind, unsigned roles, unsigned when);

#endif

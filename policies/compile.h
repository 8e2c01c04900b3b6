/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.h - one document of a policy file to a draft of a policy. For load.c and the compile_*.c.
 *
 * A draft holds the finished rules in the order of the file; what needs all
 * policies (slots, ties, the order of policies) is done in set.c.
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
    struct policy policy;             /* without rules */
    const struct yaml_node *name;     /* NULL when there is no good one */
    const struct yaml_node *selector; /* of spec.match; NULL when there is none */
    unsigned known;                   /* apiVersion and kind are ours */
    unsigned enforced;
    unsigned when; /* what spec.admission says for all its rules */
    struct draft_rule *first;
    struct draft_rule *last;
    size_t rule_count;
};

/* NULL when the document is not a policy at all; that is a finding too. In work memory. */
struct draft *compile_document(struct reader *r, const struct yaml_node *document);

/*
 * Adds a copy of @rule that stands at the key of @at, or at @at when it is an item.
 * No roles or local_dirs mean all of them. @slot and the name may be NULL when memory is out.
 */
void draft_add(struct reader *r, struct draft *d, const struct yaml_node *at, const char *slot,
               struct rule rule);

/* A part of spec.admission with a default of its own: {when?, driver?, executor?}. */
struct section {
    struct draft *draft;
    unsigned when;
};

extern const struct word when_words[];
extern const struct word role_words[];

/* The member "when" of @target, in every table that has one. */
#define FIELD_WHEN(target)                                                                         \
    {                                                                                              \
        .name = "when", .type = "absent or always",                                                \
        .summary = "absent: the user's value wins; always: the policy's does", .read = field_word, \
        .offset = offsetof(target, when), .detail = when_words                                     \
    }

/* What "when" says in @map, else @otherwise; a wrong word is left to the map's table. */
unsigned when_in(const struct yaml_node *map, unsigned otherwise);

/* The role that the field "driver" or "executor" is about. */
unsigned role_named(const char *name);

/* The table of all documents, and its parts. */
extern const struct field policy_fields[];
extern const struct field match_fields[];
extern const struct field admission_fields[];
extern const struct field entry_fields[];
extern const struct field capacity_fields[];
extern const struct field spread_fields[];
extern const struct field probe_fields[];
extern const struct field local_dirs_fields[];
extern const struct field volume_fields[];
extern const struct field resource_fields[];
extern const struct field security_fields[];
extern const struct field overlay_fields[];
extern const struct field require_fields[];

/* Readers of those parts; their target is the struct draft. */
field_read field_section; /* reads a struct section by field->members */
field_read compile_entries;
field_read compile_spread;
field_read compile_volumes;
field_read compile_resources;
field_read compile_security; /* a word, or a section */
field_read compile_overlay;
field_read compile_require;

/* Labels or annotations, by @kind, from a map of strings; NULL: none. */
void compile_entry_map(struct reader *r, struct draft *d, const struct yaml_node *map,
                       enum rule_kind kind, unsigned roles, unsigned when);

#endif

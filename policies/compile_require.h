/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile_require.h - an item of spec.require between its map and its rules.
 *
 * Thread-safety: as for a reader.
 */
#ifndef POLICIES_COMPILE_REQUIRE_H
#define POLICIES_COMPILE_REQUIRE_H

#include "policies/compile.h"

/* The members of all items; which of them an item may have depends on its rule. */
struct requirement {
    unsigned kind;
    unsigned action;
    unsigned roles;
    const char *const *from;
    struct bound limits; /* min and max of the item itself */
    const struct yaml_node *allow;
    const struct yaml_node *labels;
    const struct yaml_node *cpu, *memory, *ephemeral_storage;
    int64_t notice_seconds;
    const char *script;
};

/* Adds what @item requires; @rule has kind, action, roles and name. */
typedef void require_add(struct reader *r, struct draft *d, const struct yaml_node *item,
                         const struct requirement *q, struct rule rule);

require_add require_labels; /* a rule for each label */
require_add require_bounds; /* a rule for each resource */
require_add require_limits; /* what min and max of the item say */

extern const struct field required_label_fields[];
extern const struct field bound_fields[];
field_read require_min, require_max; /* of a struct bound */

/* Adds @rule; @part tells rules of one item apart and may be NULL. */
void require_rule(struct reader *r, struct draft *d, const struct yaml_node *at, const char *part,
                  struct rule rule);

/* The texts as one for messages; kept. */
const char *require_join(struct reader *r, const char *const *texts);

/* A list of texts that all pass @check, NULL-terminated and kept; NULL after a finding. */
const char *const *require_list(struct reader *r, const struct yaml_node *node,
                                const struct check *check);

#endif

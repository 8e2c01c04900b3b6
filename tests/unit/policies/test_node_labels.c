/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/node_labels.h"

#include <criterion/criterion.h>

#include "table.h"

static const struct {
    const char *key;
    bool is_one;
} keys[] = {
    {"karpenter.sh/capacity-type", true},
    {"kubernetes.azure.com/scalesetpriority", true},
    {"karpenter.sh/capacity", false},
    {"", false},
    {NULL, false},
};

static void keys_row(size_t i)
{
    cr_expect_eq(is_capacity_label(keys[i].key), keys[i].is_one, "row %zu", i);
}

Test(node_labels, capacity)
{
    table_run(COUNT(keys), keys_row);
}

static void kinds_row(size_t i)
{
    const struct spot_nodes *n = &spot_nodes[i];
    row_require(n->label != NULL && n->value != NULL, "row %zu", i);
    cr_expect(is_capacity_label(n->label), "%s", n->label);
    cr_expect(n->tolerated || !n->tainted, "%s: what is always tainted must be tolerated",
              n->label);
}

Test(node_labels, spot_nodes)
{
    table_run(SPOT_NODES_COUNT, kinds_row);
}

/* The list without values names the same labels. */
Test(node_labels, capacity_labels)
{
    size_t n = 0;
    for (; capacity_labels[n] != NULL; n++) {
        cr_assert_lt(n, SPOT_NODES_COUNT);
        cr_expect_str_eq(capacity_labels[n], spot_nodes[n].label);
    }
    cr_expect_eq(n, SPOT_NODES_COUNT);
}

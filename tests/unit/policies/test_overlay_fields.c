/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/overlay_fields.h"

#include <string.h>

#include <criterion/criterion.h>

#include "table.h"

static const struct overlay_field *const tables[] = {overlay_pod_fields, overlay_container_fields};

/* What must be said of a field: why not, or by which key. */
static void check_field(const struct overlay_field *f)
{
    bool needs_detail = f->shape == OVERLAY_SHAPE_REFUSED || f->shape == OVERLAY_SHAPE_KEYED;
    cr_expect(!needs_detail || f->detail != NULL, "%s", f->name);
    for (const struct overlay_field *other = f + 1; other->name != NULL; other++) {
        cr_expect_str_neq(f->name, other->name, "twice: %s", f->name);
    }
}

static void table_row(size_t i)
{
    for (const struct overlay_field *f = tables[i]; f->name != NULL; f++) {
        check_field(f);
    }
}

Test(overlay_fields, tables)
{
    table_run(COUNT(tables), table_row);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nearest.h"

#include <criterion/criterion.h>

#include "table.h"

static const char *const names[] = {"labels",    "annotations", "capacity", "spread",   "probes",
                                    "localDirs", "volumes",     "when",     "readOnly", "mode"};

static const struct {
    const char *typed;
    const char *nearest; /* NULL: none */
} cases[] = {
    {"label", "labels"},
    {"lables", "labels"},
    {"anotation", "annotations"},
    {"localdirs", "localDirs"},
    {"LOCALDIRS", "localDirs"},
    {"capasity", "capacity"},
    {"cpacity", "capacity"},
    {"wehn", "when"},
    {"readonly", "readOnly"},
    {"volume", "volumes"},
    {"mod", "mode"},
    {"xyz", NULL},
    {"", NULL},
    {"a", NULL},
    {"resources", NULL},
    {"labelsandmuchmore", NULL},
    {"a name that is so much longer than any field could ever be", NULL},
};

static void finds_row(size_t i)
{
    struct nearest n = {.typed = cases[i].typed};
    for (size_t k = 0; k < COUNT(names); k++) {
        nearest_try(&n, names[k]);
    }
    row_require((n.name == NULL) == (cases[i].nearest == NULL), "\"%s\": %s", n.typed,
                n.name == NULL ? "none" : n.name);
    if (n.name != NULL) {
        cr_expect_str_eq(n.name, cases[i].nearest, "\"%s\": %s", n.typed, n.name);
    }
}

Test(nearest, finds)
{
    table_run(COUNT(cases), finds_row);
}

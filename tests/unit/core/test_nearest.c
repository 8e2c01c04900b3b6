/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nearest.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

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

ParameterizedTestParameters(nearest, finds)
{
    static size_t index[COUNT(cases)];
    for (size_t i = 0; i < COUNT(cases); i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, COUNT(cases));
}

ParameterizedTest(const size_t *i, nearest, finds)
{
    struct nearest n = {.typed = cases[*i].typed};
    for (size_t k = 0; k < COUNT(names); k++) {
        nearest_try(&n, names[k]);
    }
    cr_assert_eq(n.name == NULL, cases[*i].nearest == NULL, "%s: %s", n.typed, n.name);
    if (n.name != NULL) {
        cr_assert_str_eq(n.name, cases[*i].nearest);
    }
}

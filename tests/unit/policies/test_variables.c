/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/variables.h"

#include <criterion/criterion.h>

#include "table.h"

static const struct {
    const char *name;
    bool is_sparks;
} variables[] = {
    {"SPARK_EXECUTOR_ID", true},
    {"SPARK_EXECUTOR_MEMORY", true},
    {"SPARK_JAVA_OPT_12", true},
    {"SPARK_LOCAL_DIRS", true},
    {"_SPARK_AUTH_SECRET", true},
    {"SPARK_LOG_DIR", false},
    {"TZ", false},
    {"MY_SPARK_USER", false},
};

static void variable_row(size_t i)
{
    cr_expect_eq(variable_is_of_spark(variables[i].name), variables[i].is_sparks, "%s",
                 variables[i].name);
}

Test(variables, of_spark)
{
    table_run(COUNT(variables), variable_row);
}

static const struct {
    const char *name;
    bool is_one;
} names[] = {
    {"TZ", true},  {"_a.b-C9", true},   {".a", true}, {"", false},   {"9A", false},  {"A B", false},
    {"A=", false}, {"\xc3\xa9", false}, {".", false}, {"..", false}, {"..a", false},
};

static void name_row(size_t i)
{
    cr_expect_eq(variable_name_problem(names[i].name) == NULL, names[i].is_one, "\"%s\"",
                 names[i].name);
}

Test(variables, names)
{
    table_run(COUNT(names), name_row);
}

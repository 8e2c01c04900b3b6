/* SPDX-License-Identifier: Apache-2.0 */
/*
 * variables.h - names of environment variables, and those that belong to Spark.
 *
 * Thread-safety: pure functions.
 */
#ifndef POLICIES_VARIABLES_H
#define POLICIES_VARIABLES_H

#include <stdbool.h>

/* Why Kubernetes would refuse the name, static; NULL when it would not. */
const char *variable_name_problem(const char *name);

/* Spark tells its processes by it who they are; nobody else may set it. */
bool variable_is_of_spark(const char *name);

#endif

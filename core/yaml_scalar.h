/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar.h - what unquoted YAML text means. For yaml.c only.
 *
 * The rules are those of go-yaml v2, which kubectl reads with. What is printed
 * must also survive stricter YAML 1.1 readers, which know dates and base 60.
 * Thread-safety: pure functions.
 */
#ifndef CORE_YAML_SCALAR_H
#define CORE_YAML_SCALAR_H

#include <stdbool.h>

#include "core/yaml.h"

/* The type of @text written without quotes. */
enum yaml_type yaml_plain_type(const char *text);

/* True when every reader takes @text without quotes for a string. */
bool yaml_plain_is_string(const char *text);

#endif

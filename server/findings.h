/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings.h - the mistakes in policy files, as every command prints them.
 *
 * Thread-safety: single-threaded.
 */
#ifndef SERVER_FINDINGS_H
#define SERVER_FINDINGS_H

#include <stdio.h>

#include "core/err.h"

struct findings;

/*
 * Prints each as file:line:column: text to @to, and how many there are. @code: what loading
 * returned, not ERR_OK. Returns the exit code of @command.
 */
int findings_report(const char *command, FILE *to, enum err_code code,
                    const struct findings *findings);

#endif

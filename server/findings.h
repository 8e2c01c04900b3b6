/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings.h - the mistakes in policy files, as people read them.
 *
 * Thread-safety: single-threaded.
 */
#ifndef SERVER_FINDINGS_H
#define SERVER_FINDINGS_H

#include <limits.h>
#include <stdio.h>

#include "core/err.h"

struct finding;
struct findings;

enum { FINDING_PLACE_MAX = PATH_MAX + 48 };

/* file:line:column, or the file alone when the finding is about the file itself. */
void finding_place(const struct finding *f, char out[static FINDING_PLACE_MAX]);

/*
 * Prints each as file:line:column: text to @to, and how many there are. @code: what loading
 * returned, not ERR_OK. Returns the exit code of @command.
 */
int findings_report(const char *command, FILE *to, enum err_code code,
                    const struct findings *findings);

#endif

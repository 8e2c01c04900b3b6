/* SPDX-License-Identifier: Apache-2.0 */
/*
 * date.h - days and moments as people write them (2027-01-31, 2027-01-31T18:00:00Z).
 *
 * A day is one of UTC. A moment is one of RFC 3339, with its offset; a fraction of a second is
 * read and left out, a leap second is the one after it. Years from 1970 to 9999.
 * Thread-safety: pure functions.
 */
#ifndef CORE_DATE_H
#define CORE_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY_SECONDS = 86400, DATE_TEXT_MAX = sizeof("2027-01-31T18:00:00Z") };

/*
 * Seconds since 1970: of a day the moment when it is over, else the moment itself.
 * False, @out untouched, when @text is neither.
 */
bool date_parse_end(const char *text, int64_t *out);

/* "2027-01-31T18:00:00Z"; empty for years that have not four digits. */
void date_print(int64_t seconds, char out[static DATE_TEXT_MAX]);

#endif

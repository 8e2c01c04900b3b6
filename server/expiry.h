/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry.h - how near a certificate or an exception is to its end, in steps that are worth a line
 * in the log.
 *
 * Thread-safety: pure functions.
 */
#ifndef SERVER_EXPIRY_H
#define SERVER_EXPIRY_H

#include <stdint.h>

enum expiry {
    EXPIRY_FAR,
    EXPIRY_MONTH, /* at most 30 days */
    EXPIRY_WEEK,  /* at most 7 days */
    EXPIRY_DAY,
    EXPIRY_PAST, /* clients refuse the certificate */
};

enum expiry expiry_of(int64_t seconds_left);

/* What follows a date: ", within 7 days"; empty for EXPIRY_FAR and EXPIRY_PAST. Static. */
const char *expiry_text(enum expiry expiry);

#endif

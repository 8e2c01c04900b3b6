/* SPDX-License-Identifier: Apache-2.0 */
#include "server/expiry.h"

#include "core/date.h"

enum expiry expiry_of(int64_t seconds_left)
{
    if (seconds_left <= 0) {
        return EXPIRY_PAST;
    }
    if (seconds_left <= DAY_SECONDS) {
        return EXPIRY_DAY;
    }
    if (seconds_left <= INT64_C(7) * DAY_SECONDS) {
        return EXPIRY_WEEK;
    }
    return seconds_left <= INT64_C(30) * DAY_SECONDS ? EXPIRY_MONTH : EXPIRY_FAR;
}

const char *expiry_text(enum expiry expiry)
{
    switch (expiry) {
    case EXPIRY_MONTH:
        return ", within 30 days";
    case EXPIRY_WEEK:
        return ", within 7 days";
    case EXPIRY_DAY:
        return ", within a day";
    case EXPIRY_FAR:
    case EXPIRY_PAST:
        return "";
    }
    return "";
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/rate.h"

bool rate_take(struct rate *r, uint64_t most, int64_t now, uint64_t *out_skipped)
{
    if (r->second != now) {
        r->second = now;
        r->taken = 0;
    }
    if (r->taken >= most) {
        r->skipped++;
        return false;
    }
    r->taken++;
    *out_skipped = r->skipped;
    r->skipped = 0;
    return true;
}

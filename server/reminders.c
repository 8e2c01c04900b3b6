/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reminders.h"

#include <stdbool.h>
#include <stddef.h>

#include "core/date.h"
#include "core/log.h"
#include "policies/load.h"
#include "policies/policy.h"
#include "server/expiry.h"
#include "server/findings.h"
#include "server/status.h"

static bool is_soon(const struct exception *x, int64_t now)
{
    return expiry_of(x->expires - now) >= EXPIRY_WEEK;
}

static void log_exception(const struct exception *x, int64_t now)
{
    log_line(LOG_WARN, x->expires <= now ? "an exception has expired" : "an exception expires soon",
             LOG_TEXT("exception", x->name), LOG_TEXT("policy", x->policy),
             LOG_TEXT("reason", x->reason), LOG_TEXT("expires", x->until),
             LOG_TEXT("file", x->file), LOG_NUMBER("seconds_left", x->expires - now));
}

/* An end is told once; what is to come when the last week begins, and on each day of it. */
static bool is_due(const struct reminders *r, const struct exception *x, int64_t now)
{
    if (x->expires <= now) {
        return r->told < x->expires;
    }
    bool is_new_day = r->told / DAY_SECONDS != now / DAY_SECONDS;
    return is_soon(x, now) && (is_new_day || !is_soon(x, r->told));
}

void reminders_run(struct reminders *r, const struct policy_set *set, struct status *status,
                   int64_t now)
{
    struct status_exceptions all = {.count = set->exception_count};
    for (size_t i = 0; i < set->exception_count; i++) {
        const struct exception *x = &set->exceptions[i];
        if (all.name == NULL || x->expires < all.expires) {
            all.name = x->name;
            all.expires = x->expires;
        }
        all.expired += x->expires <= now ? 1 : 0;
        if (is_due(r, x, now)) {
            log_exception(x, now);
        }
    }
    r->told = now;
    status_set_exceptions(status, &all);
}

void reminders_print(FILE *to, const struct policy_set *set, int64_t now)
{
    for (size_t i = 0; i < set->exception_count; i++) {
        const struct exception *x = &set->exceptions[i];
        if (!is_soon(x, now)) {
            continue;
        }
        const struct finding place = {.file = x->file, .line = x->line, .column = x->column};
        char text[FINDING_PLACE_MAX];
        finding_place(&place, text);
        enum expiry expiry = expiry_of(x->expires - now);
        (void)fprintf(to, "%s: hint: exception \"%s\" from policy \"%s\" %s (%s)%s\n", text,
                      x->name, x->policy, expiry == EXPIRY_PAST ? "has expired" : "expires",
                      x->until, expiry_text(expiry));
    }
}

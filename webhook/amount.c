/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/amount.h"

#include <stddef.h>

#include "core/json.h"

struct amount amount_read(const struct json *value)
{
    struct amount a = {.text = json_is_number(value) ? json_number(value) : json_string(value)};
    a.is_valid = a.text != NULL && quantity_parse(a.text, &a.quantity);
    return a;
}

struct amount amount_of(const struct json *container, const char *part, const char *resource)
{
    return amount_read(json_get(json_get(json_get(container, "resources"), part), resource));
}

struct quantity amount_of_mib(long long mib)
{
    struct quantity q = {.nano = mib};
    q.nano *= (1 << 20);
    q.nano *= 1000000000;
    return q;
}

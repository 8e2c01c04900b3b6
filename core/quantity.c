/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quantity.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

static const int64_t nano_per_unit = 1000000000;
/* An exponent this far out leaves of any digits only zero, one nano or too much. */
static const int64_t exponent_max = 1000000000;

/* digits × 2^binary × 10^decimal; the digits are @whole, then @fraction after the point. */
struct literal {
    bool negative;
    const char *whole, *fraction;
    size_t whole_len, fraction_len;
    int binary;
    int64_t decimal;
};

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

/* What follows "e" or "E"; false when it is not a whole number. */
static bool read_exponent(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    if (*text == '-' || *text == '+') {
        text++;
    }
    size_t len = digits_at(text);
    if (len == 0 || text[len] != '\0') {
        return false;
    }
    int64_t n = 0;
    for (; *text != '\0'; text++) {
        n = n < exponent_max ? n * 10 + (*text - '0') : n;
    }
    *out = negative ? -n : n;
    return true;
}

static bool read_suffix(const char *text, struct literal *l)
{
    static const struct {
        const char *text;
        int binary, decimal;
    } suffixes[] = {
        {"", 0, 0},    {"n", 0, -9},  {"u", 0, -6},  {"m", 0, -3},  {"k", 0, 3},   {"M", 0, 6},
        {"G", 0, 9},   {"T", 0, 12},  {"P", 0, 15},  {"E", 0, 18},  {"Ki", 10, 0}, {"Mi", 20, 0},
        {"Gi", 30, 0}, {"Ti", 40, 0}, {"Pi", 50, 0}, {"Ei", 60, 0},
    };
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (strcmp(text, suffixes[i].text) == 0) {
            l->binary = suffixes[i].binary;
            l->decimal = suffixes[i].decimal;
            return true;
        }
    }
    return (*text == 'e' || *text == 'E') && read_exponent(text + 1, &l->decimal);
}

static bool read_literal(const char *text, struct literal *l)
{
    *l = (struct literal){.negative = *text == '-'};
    if (*text == '-' || *text == '+') {
        text++;
    }
    l->whole = text;
    l->whole_len = digits_at(text);
    text += l->whole_len;
    l->fraction = text;
    if (*text == '.') {
        l->fraction = ++text;
        l->fraction_len = digits_at(text);
        text += l->fraction_len;
    }
    return l->whole_len + l->fraction_len > 0 && read_suffix(text, l);
}

static unsigned digit(const struct literal *l, int64_t i)
{
    size_t at = (size_t)i;
    const char *c = at < l->whole_len ? &l->whole[at] : &l->fraction[at - l->whole_len];
    return (unsigned)(*c - '0');
}

/* The digits before @point, which may lie past the last of them; false when over @max. */
static bool whole_part(const struct literal *l, int64_t count, int64_t point, uint128 max,
                       uint128 *out)
{
    uint128 n = 0;
    for (int64_t i = 0; i < point && (i < count || n > 0); i++) {
        n = n * 10 + (i < count ? digit(l, i) : 0);
        if (n > max) {
            return false;
        }
    }
    *out = n;
    return true;
}

/*
 * The digits from @point on, which may lie before the first of them, times
 * @factor, rounded up. From the last digit to the first, so that what a
 * division drops can only decide whether to round.
 */
static uint128 fraction_part(const struct literal *l, int64_t count, int64_t point, uint128 factor)
{
    uint128 n = 0;
    bool dropped = false;
    for (int64_t i = count - 1; i >= point && (i >= 0 || n > 0); i--) {
        n += i >= 0 ? digit(l, i) * factor : 0;
        dropped = dropped || n % 10 != 0;
        n /= 10;
    }
    return dropped ? n + 1 : n;
}

/* The literal without its sign in nano-units; false when over @max. */
static bool magnitude(const struct literal *l, uint128 max, uint128 *out)
{
    uint128 factor = (uint128)nano_per_unit << l->binary;
    int64_t count = (int64_t)(l->whole_len + l->fraction_len);
    int64_t point = (int64_t)l->whole_len + l->decimal;
    uint128 whole = 0;
    if (!whole_part(l, count, point, max / factor, &whole)) {
        return false;
    }
    uint128 sum = whole * factor + fraction_part(l, count, point, factor);
    if (sum > max) {
        return false;
    }
    *out = sum;
    return true;
}

bool quantity_parse(const char *text, struct quantity *out)
{
    const uint128 max = (uint128)INT64_MAX * (uint128)nano_per_unit;
    struct literal l;
    if (!read_literal(text, &l)) {
        return false;
    }
    uint128 nano = 0;
    if (!magnitude(&l, max, &nano)) {
        if (l.binary == 0) {
            return false;
        }
        nano = max;
    }
    out->nano = l.negative ? -(int128)nano : (int128)nano;
    return true;
}

int quantity_compare(struct quantity x, struct quantity y)
{
    return (x.nano > y.nano) - (x.nano < y.nano);
}

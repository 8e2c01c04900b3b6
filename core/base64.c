/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"

#include <stdint.h>

#include "core/buf.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *encode3(char *to, uint32_t bits)
{
    to[0] = digits[bits >> 18 & 63];
    to[1] = digits[bits >> 12 & 63];
    to[2] = digits[bits >> 6 & 63];
    to[3] = digits[bits & 63];
    return to + 4;
}

void base64_encode(struct buf *b, const char *bytes, size_t len)
{
    size_t encoded = (len + 2) / 3 * 4;
    char *to = buf_reserve(b, encoded);
    if (to == NULL) {
        return;
    }
    const unsigned char *u = (const unsigned char *)bytes;
    for (; len >= 3; u += 3, len -= 3) {
        to = encode3(to, (uint32_t)u[0] << 16 | (uint32_t)u[1] << 8 | u[2]);
    }
    if (len > 0) {
        to = encode3(to, (uint32_t)u[0] << 16 | (len == 2 ? (uint32_t)u[1] << 8 : 0));
        to[-1] = '=';
        if (len == 1) {
            to[-2] = '=';
        }
    }
    buf_commit(b, encoded);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64.h - RFC 4648 base64 with padding, as encoding/json writes a []byte.
 *
 * Thread-safety: pure functions.
 */
#ifndef CORE_BASE64_H
#define CORE_BASE64_H

#include <stddef.h>

struct buf;

void base64_encode(struct buf *b, const char *bytes, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * framing.h - what an HTTP/1.1 request's own words say, checked more strictly than by the parser.
 *
 * Two servers that disagree on where a request ends can be made to see different
 * requests. So whatever could be read in two ways is refused.
 * Thread-safety: pure functions.
 */
#ifndef SERVER_FRAMING_H
#define SERVER_FRAMING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * @head: the bytes of a request up to its body. NULL when its length is beyond doubt, else
 * what is wrong with it (static): more than one Content-Length or Transfer-Encoding, or both;
 * a line that does not end in CR LF; a header folded over two lines.
 */
const char *framing_error(const char *head, size_t len);

/* True for application/json, with any parameters, in any case. */
bool framing_is_json(const char *content_type, size_t len);

#endif

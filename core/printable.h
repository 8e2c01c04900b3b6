/* SPDX-License-Identifier: Apache-2.0 */
/*
 * printable.h - text of other people's made harmless for a terminal, a log or a header.
 *
 * Thread-safety: pure functions.
 */
#ifndef CORE_PRINTABLE_H
#define CORE_PRINTABLE_H

/*
 * Puts "?" in the place of every control character: U+0000 to U+001F, U+007F to U+009F, and the
 * c0 80 that core/json.h keeps for U+0000. @text: UTF-8, NULL is allowed. Returns @text.
 */
char *printable(char *text);

#endif

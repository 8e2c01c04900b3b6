/* SPDX-License-Identifier: Apache-2.0 */
#include "core/printable.h"

#include <stdbool.h>
#include <stddef.h>

char *printable(char *text)
{
    for (unsigned char *c = (unsigned char *)text; c != NULL && *c != '\0'; c++) {
        bool is_pair = *c == 0xc0 || (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f);
        if (*c < 0x20 || *c == 0x7f || is_pair) {
            c[is_pair && c[1] != '\0' ? 1 : 0] = '?';
            *c = '?';
        }
    }
    return text;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make.h - a certificate authority and a serving certificate of one's own.
 *
 * For clusters without cert-manager, for tests and for trying things out.
 * ECDSA P-256 throughout. The authority is kept in its folder and used again;
 * the serving certificate is new every time.
 * Thread-safety: any thread, but one at a time per folder.
 */
#ifndef CERTS_MAKE_H
#define CERTS_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum { CERTS_CA_DAYS = 3650 };

struct certs_made {
    bool is_ca_new;
    int64_t ca_not_after; /* seconds since 1970 */
    int64_t not_after;
};

/*
 * Writes ca.crt and ca.key (unless both are in @dir) and tls.crt and tls.key into @dir, which
 * is made when it is missing; keys are readable by the owner only. @names: DNS names or IP
 * addresses, each becomes a subject alternative name, at least one; nothing is added to them. The
 * certificate is valid for @days, but never longer than its authority.
 */
enum err_code certs_make(const char *dir, const char *const *names, size_t name_count, size_t days,
                         struct certs_made *out, struct err *e);

#endif

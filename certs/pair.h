/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair.h - a certificate with its chain and its private key, as read from PEM files.
 *
 * What is loaded fits together: the key is the first certificate's, and every
 * further certificate issued the one before it. Dates are reported, not
 * enforced: an expired certificate is refused by clients, and they say so better.
 * Thread-safety: a pair is const after loading and may be shared.
 */
#ifndef CERTS_PAIR_H
#define CERTS_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct cert_pair;

/*
 * Errors name the file and what is wrong with it: ERR_IO, ERR_INVALID, ERR_LIMIT or ERR_MEMORY.
 * *@out is the caller's: cert_pair_destroy().
 */
enum err_code cert_pair_load(const char *cert_file, const char *key_file, struct cert_pair **out,
                             struct err *e);
void cert_pair_destroy(struct cert_pair *pair); /* NULL is allowed */

/* True when both hold the same certificates. */
bool cert_pair_equal(const struct cert_pair *x, const struct cert_pair *y);

/* When the first certificate begins and ceases to be valid, in seconds since 1970. */
int64_t cert_pair_not_before(const struct cert_pair *pair);
int64_t cert_pair_not_after(const struct cert_pair *pair);

/* For tls.c: OpenSSL's objects; borrowed, as long as the pair lives. */
struct x509_st;
struct evp_pkey_st;
struct stack_st_X509;
struct x509_st *cert_pair_leaf(const struct cert_pair *pair);
struct evp_pkey_st *cert_pair_key(const struct cert_pair *pair);
struct stack_st_X509 *cert_pair_chain(const struct cert_pair *pair);

#endif

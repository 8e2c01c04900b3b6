/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pem.h - PEM files in and out, for the other files of this folder.
 *
 * Thread-safety: any thread; touches only what it is given and the file.
 */
#ifndef CERTS_PEM_H
#define CERTS_PEM_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/err.h"

enum { PEM_FILE_MAX = 1024 * 1024 };

/* All certificates of @file, in their order, at least one. The caller's: sk_X509_pop_free(). */
enum err_code pem_read_certificates(const char *file, STACK_OF(X509) * *out, struct err *e);

/*
 * The private key in @file, which must be that of @cert, read from @cert_file; keys behind a pass
 * phrase are refused. The caller's: EVP_PKEY_free().
 */
enum err_code pem_read_key(const char *file, X509 *cert, const char *cert_file, EVP_PKEY **out,
                           struct err *e);

/* Seconds since 1970; 0 for what is no time. */
int64_t pem_seconds(const ASN1_TIME *t);

/* Writes the whole file under another name and renames it, so that nobody sees half of it. */
enum err_code pem_write_certificates(const char *file, X509 *const *certs, size_t count,
                                     struct err *e);
enum err_code pem_write_key(const char *file, EVP_PKEY *key, struct err *e);

/* The reason of OpenSSL's newest error; empties its queue. Static or per thread. */
const char *pem_reason(void);

#endif

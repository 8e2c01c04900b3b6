/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - the TLS side of the webhook port.
 *
 * One context for the life of the process; what changes is the pair it serves.
 * Every handshake takes the pair that is current and holds its own references
 * to it from then on, so a replaced pair may go as soon as no thread is still
 * inside a handshake callback that read the old pointer.
 * TLS 1.2 and 1.3, AEAD with forward secrecy only, session tickets, HTTP/1.1.
 * Thread-safety: tls_context() may be used by any thread; tls_replace() by one at a time.
 */
#ifndef CERTS_TLS_H
#define CERTS_TLS_H

#include "core/err.h"

struct cert_pair;
struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct tls;

/* Loads what OpenSSL needs and nothing else. Call once, before anything else in this folder. */
void tls_init(void);

/* @pair is taken on success. *@out is the caller's: tls_destroy(). */
enum err_code tls_create(struct cert_pair *pair, struct tls **out, struct err *e);

/* After the last connection; destroys the current pair. NULL is allowed. */
void tls_destroy(struct tls *t);

/* Borrowed, as long as @t lives. Counts failed handshakes on the calling thread's metrics. */
struct ssl_ctx_st *tls_context(const struct tls *t);

/* The pair that new connections get. Borrowed until it is replaced. */
const struct cert_pair *tls_current(const struct tls *t);

/*
 * Serves @pair (taken) from now on. Returns the old one, the caller's: cert_pair_destroy(), but
 * only when every thread that accepts connections has passed a point outside of any callback.
 */
struct cert_pair *tls_replace(struct tls *t, struct cert_pair *pair);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "certs/tls.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "certs/pair.h"
#include "certs/pem.h"
#include "core/log.h"
#include "core/metrics.h"

/* Forward secrecy and AEAD only; TLS 1.3's own suites all are. */
static const char tls12_ciphers[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const unsigned char session_context[] = "sparkward";
enum { FAILURE_LOG_SECONDS = 60 };

struct tls {
    SSL_CTX *context;
    /* Released by tls_replace(), acquired by handshakes on any thread. */
    _Atomic(struct cert_pair *) pair;
};

void tls_init(void)
{
    /* Neither openssl.cnf nor error texts' tables are read: start-up stays short and alike. */
    (void)OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
}

/* Called in every full handshake, before the certificate is chosen. */
static int use_current_pair(SSL *ssl, void *arg)
{
    struct tls *t = arg;
    const struct cert_pair *pair = atomic_load_explicit(&t->pair, memory_order_acquire);
    return SSL_use_cert_and_key(ssl, cert_pair_leaf(pair), cert_pair_key(pair),
                                cert_pair_chain(pair), 1);
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned int offered_len, void *arg)
{
    static const char http1[] = "http/1.1";
    (void)ssl;
    (void)arg;
    for (unsigned int i = 0; i < offered_len; i += 1U + offered[i]) {
        if (offered[i] == strlen(http1) && i + strlen(http1) < offered_len &&
            memcmp(offered + i + 1, http1, strlen(http1)) == 0) {
            *out = offered + i + 1;
            *out_len = offered[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/* A wrong caBundle shows up here first, so it is said; but a scanner must not fill the log. */
static void log_failure(int alert, bool from_peer)
{
    static _Atomic(int64_t) quiet_until;
    int64_t now = (int64_t)time(NULL);
    int64_t until = atomic_load_explicit(&quiet_until, memory_order_relaxed);
    if (now < until ||
        !atomic_compare_exchange_strong(&quiet_until, &until, now + FAILURE_LOG_SECONDS)) {
        return;
    }
    log_line(LOG_WARN, "TLS handshake failed; further ones are not logged for a minute",
             LOG_TEXT("alert", SSL_alert_desc_string_long(alert)),
             LOG_TEXT("from", from_peer ? "client" : "server"));
}

static void on_info(const SSL *ssl, int where, int value)
{
    bool is_fatal_alert = (where & SSL_CB_ALERT) != 0 && value >> 8 == SSL3_AL_FATAL;
    if (!is_fatal_alert) {
        return;
    }
    (void)ssl;
    metrics_add(METRIC_TLS_FAILED, 1);
    log_failure(value, (where & SSL_CB_READ) != 0);
}

static bool configure(SSL_CTX *c, struct tls *t)
{
    char groups[] = "X25519:P-256:P-384"; /* OpenSSL's macro drops a const */
    SSL_CTX_set_security_level(c, 2);
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* Sessions live in tickets only: no cache to fill and no lock between threads. */
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_cert_cb(c, use_current_pair, t);
    SSL_CTX_set_alpn_select_cb(c, choose_protocol, NULL);
    SSL_CTX_set_info_callback(c, on_info);
    return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(c, tls12_ciphers) == 1 &&
           SSL_CTX_set1_groups_list(c, groups) == 1 && SSL_CTX_set_num_tickets(c, 1) == 1 &&
           SSL_CTX_set_session_id_context(c, session_context, sizeof(session_context) - 1) == 1;
}

enum err_code tls_create(struct cert_pair *pair, struct tls **out, struct err *e)
{
    struct tls *t = calloc(1, sizeof(*t));
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (t == NULL || context == NULL || !configure(context, t)) {
        SSL_CTX_free(context);
        free(t);
        return err_set(e, ERR_INTERNAL, "TLS cannot be set up: %s", pem_reason());
    }
    t->context = context;
    atomic_init(&t->pair, pair);
    *out = t;
    return ERR_OK;
}

void tls_destroy(struct tls *t)
{
    if (t == NULL) {
        return;
    }
    SSL_CTX_free(t->context);
    cert_pair_destroy(atomic_load_explicit(&t->pair, memory_order_relaxed));
    free(t);
}

struct ssl_ctx_st *tls_context(const struct tls *t)
{
    return t->context;
}

const struct cert_pair *tls_current(const struct tls *t)
{
    return atomic_load_explicit(&t->pair, memory_order_acquire);
}

struct cert_pair *tls_replace(struct tls *t, struct cert_pair *pair)
{
    return atomic_exchange_explicit(&t->pair, pair, memory_order_acq_rel);
}

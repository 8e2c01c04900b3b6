/* SPDX-License-Identifier: Apache-2.0 */
#include "certs/pair.h"

#include <stdlib.h>

#include <openssl/x509v3.h>

#include "certs/pem.h"

struct cert_pair {
    X509 *leaf;             /* owned by certs */
    STACK_OF(X509) * certs; /* leaf and chain, as in the file */
    STACK_OF(X509) * chain; /* the same without the leaf; owns only itself */
    EVP_PKEY *key;
    int64_t not_before, not_after;
};

/* A server that sends its chain in a wrong order fails with some clients only: say it here. */
static enum err_code check_chain(const char *file, STACK_OF(X509) * certs, struct err *e)
{
    for (int i = 1; i < sk_X509_num(certs); i++) {
        if (X509_check_issued(sk_X509_value(certs, i), sk_X509_value(certs, i - 1)) != X509_V_OK) {
            return err_set(e, ERR_INVALID,
                           "%s: certificate %d did not issue certificate %d; the server's own "
                           "comes first, then its issuer, and so on",
                           file, i + 1, i);
        }
    }
    return ERR_OK;
}

static enum err_code fill_chain(struct cert_pair *pair, const char *file, struct err *e)
{
    pair->chain = sk_X509_dup(pair->certs);
    if (pair->chain == NULL) {
        return err_set(e, ERR_MEMORY, "%s: out of memory", file);
    }
    pair->leaf = sk_X509_shift(pair->chain);
    pair->not_before = pem_seconds(X509_get0_notBefore(pair->leaf));
    pair->not_after = pem_seconds(X509_get0_notAfter(pair->leaf));
    return check_chain(file, pair->certs, e);
}

static enum err_code load(struct cert_pair *pair, const char *cert_file, const char *key_file,
                          struct err *e)
{
    enum err_code code = pem_read_certificates(cert_file, &pair->certs, e);
    if (code != ERR_OK) {
        return code;
    }
    code = fill_chain(pair, cert_file, e);
    return code != ERR_OK ? code : pem_read_key(key_file, pair->leaf, cert_file, &pair->key, e);
}

enum err_code cert_pair_load(const char *cert_file, const char *key_file, struct cert_pair **out,
                             struct err *e)
{
    struct cert_pair *pair = calloc(1, sizeof(*pair));
    if (pair == NULL) {
        return err_set(e, ERR_MEMORY, "%s: out of memory", cert_file);
    }
    enum err_code code = load(pair, cert_file, key_file, e);
    if (code != ERR_OK) {
        cert_pair_destroy(pair);
        return code;
    }
    *out = pair;
    return ERR_OK;
}

void cert_pair_destroy(struct cert_pair *pair)
{
    if (pair == NULL) {
        return;
    }
    EVP_PKEY_free(pair->key);
    sk_X509_free(pair->chain);
    sk_X509_pop_free(pair->certs, X509_free);
    free(pair);
}

bool cert_pair_equal(const struct cert_pair *x, const struct cert_pair *y)
{
    if (sk_X509_num(x->certs) != sk_X509_num(y->certs)) {
        return false;
    }
    for (int i = 0; i < sk_X509_num(x->certs); i++) {
        if (X509_cmp(sk_X509_value(x->certs, i), sk_X509_value(y->certs, i)) != 0) {
            return false;
        }
    }
    return true;
}

int64_t cert_pair_not_before(const struct cert_pair *pair)
{
    return pair->not_before;
}

int64_t cert_pair_not_after(const struct cert_pair *pair)
{
    return pair->not_after;
}

struct x509_st *cert_pair_leaf(const struct cert_pair *pair)
{
    return pair->leaf;
}

struct evp_pkey_st *cert_pair_key(const struct cert_pair *pair)
{
    return pair->key;
}

struct stack_st_X509 *cert_pair_chain(const struct cert_pair *pair)
{
    return pair->chain;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "certs/make.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "certs/pem.h"

enum {
    BACKDATE_SECONDS = 3600, /* clocks of a cluster differ */
    DAY_SECONDS = 86400,
    DNS_NAME_MAX = 253,
    DNS_LABEL_MAX = 63,
    SERIAL_BYTES = 16,
};

/* A certificate and its key. */
struct identity {
    X509 *cert;
    EVP_PKEY *key;
};

struct paths {
    char ca_cert[PATH_MAX], ca_key[PATH_MAX], cert[PATH_MAX], key[PATH_MAX];
};

static void identity_finish(struct identity *id)
{
    X509_free(id->cert);
    EVP_PKEY_free(id->key);
    *id = (struct identity){.cert = NULL};
}

static bool join(char *out, const char *dir, const char *name)
{
    int n = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    return n > 0 && n < PATH_MAX;
}

static bool is_address(const char *name)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool is_dns_label(const char *label, size_t len)
{
    if (len == 0 || len > DNS_LABEL_MAX || label[0] == '-' || label[len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)label[i]) && label[i] != '-' && label[i] != '_') {
            return false;
        }
    }
    return true;
}

/* The first label may be "*". This also keeps a name from bringing OpenSSL syntax with it. */
static bool is_dns_name(const char *name)
{
    if (strlen(name) > DNS_NAME_MAX) {
        return false;
    }
    if (strncmp(name, "*.", 2) == 0) {
        name += 2;
    }
    for (;;) {
        size_t len = strcspn(name, ".");
        if (!is_dns_label(name, len)) {
            return false;
        }
        if (name[len] == '\0') {
            return true;
        }
        name += len + 1;
    }
}

static bool set_serial(X509 *cert)
{
    unsigned char bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return false;
    }
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive, and never zero */
    BIGNUM *n = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)) != NULL;
    BN_free(n);
    return ok;
}

static bool set_subject(X509 *cert, const char *common_name)
{
    X509_NAME *subject = X509_get_subject_name(cert);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool set_validity(X509 *cert, size_t days)
{
    return X509_gmtime_adj(X509_getm_notBefore(cert), -BACKDATE_SECONDS) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, 0, NULL) != NULL;
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

/* What both kinds of certificates have; extensions and signature come after. */
static bool begin(struct identity *id, const char *common_name, size_t days)
{
    id->key = EVP_EC_gen("P-256");
    id->cert = X509_new();
    return id->key != NULL && id->cert != NULL && X509_set_version(id->cert, X509_VERSION_3) == 1 &&
           set_serial(id->cert) && set_subject(id->cert, common_name) &&
           set_validity(id->cert, days) && X509_set_pubkey(id->cert, id->key) == 1;
}

static enum err_code make_ca(struct identity *ca, struct err *e)
{
    bool ok =
        begin(ca, "sparkward CA", CERTS_CA_DAYS) &&
        X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert)) == 1 &&
        add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_extension(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(ca->cert, ca->cert, NID_subject_key_identifier, "hash") &&
        X509_sign(ca->cert, ca->key, EVP_sha256()) > 0;
    return ok ? ERR_OK : err_set(e, ERR_INTERNAL, "the CA cannot be made: %s", pem_reason());
}

static GENERAL_NAME *general_name(const char *name)
{
    /* Colons in a value are fine here: only type and value are given, no configuration text. */
    int type = is_address(name) ? GEN_IPADD : GEN_DNS;
    return a2i_GENERAL_NAME(NULL, NULL, NULL, type, name, 0);
}

static bool add_names(X509 *cert, const char *const *names, size_t count)
{
    GENERAL_NAMES *list = sk_GENERAL_NAME_new_null();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        GENERAL_NAME *name = general_name(names[i]);
        ok = name != NULL && sk_GENERAL_NAME_push(list, name) > 0;
        if (!ok) {
            GENERAL_NAME_free(name);
        }
    }
    ok = ok && X509_add1_ext_i2d(cert, NID_subject_alt_name, list, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(list);
    return ok;
}

/* A certificate that outlives its authority is only a later surprise. */
static bool cap_validity(X509 *cert, X509 *ca)
{
    int days;
    int seconds;
    if (ASN1_TIME_diff(&days, &seconds, X509_get0_notAfter(ca), X509_get0_notAfter(cert)) != 1) {
        return false;
    }
    bool is_longer = days > 0 || seconds > 0;
    return !is_longer || X509_set1_notAfter(cert, X509_get0_notAfter(ca)) == 1;
}

static enum err_code make_leaf(const struct identity *ca, const char *const *names, size_t count,
                               size_t days, struct identity *leaf, struct err *e)
{
    bool ok = begin(leaf, "sparkward", days) && cap_validity(leaf->cert, ca->cert) &&
              X509_set_issuer_name(leaf->cert, X509_get_subject_name(ca->cert)) == 1 &&
              add_extension(leaf->cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
              add_extension(leaf->cert, ca->cert, NID_key_usage, "critical,digitalSignature") &&
              add_extension(leaf->cert, ca->cert, NID_ext_key_usage, "serverAuth") &&
              add_extension(leaf->cert, ca->cert, NID_subject_key_identifier, "hash") &&
              add_extension(leaf->cert, ca->cert, NID_authority_key_identifier, "keyid:always") &&
              add_names(leaf->cert, names, count) &&
              X509_sign(leaf->cert, ca->key, EVP_sha256()) > 0;
    return ok ? ERR_OK
              : err_set(e, ERR_INTERNAL, "the certificate cannot be made: %s", pem_reason());
}

static enum err_code load_ca(const struct paths *p, struct identity *ca, struct err *e)
{
    STACK_OF(X509) * certs;
    enum err_code code = pem_read_certificates(p->ca_cert, &certs, e);
    if (code != ERR_OK) {
        return code;
    }
    ca->cert = sk_X509_shift(certs);
    sk_X509_pop_free(certs, X509_free);
    code = pem_read_key(p->ca_key, ca->cert, p->ca_cert, &ca->key, e);
    if (code != ERR_OK) {
        return code;
    }
    if (X509_check_ca(ca->cert) != 1) {
        return err_set(e, ERR_INVALID, "%s: not a certificate authority", p->ca_cert);
    }
    if (X509_cmp_current_time(X509_get0_notAfter(ca->cert)) < 0) {
        return err_set(e, ERR_INVALID, "%s: has expired; remove it and %s to get a new one",
                       p->ca_cert, p->ca_key);
    }
    return ERR_OK;
}

/* The key goes first: whoever sees the new certificate then also finds its key. */
static enum err_code write_identity(const struct identity *id, const char *cert, const char *key,
                                    struct err *e)
{
    enum err_code code = pem_write_key(key, id->key, e);
    return code != ERR_OK ? code : pem_write_certificates(cert, &id->cert, 1, e);
}

static enum err_code have_ca(const struct paths *p, struct identity *ca, bool *out_is_new,
                             struct err *e)
{
    bool has_cert = access(p->ca_cert, F_OK) == 0;
    bool has_key = access(p->ca_key, F_OK) == 0;
    if (has_cert != has_key) {
        return err_set(e, ERR_INVALID, "%s is there, but not %s", has_cert ? p->ca_cert : p->ca_key,
                       has_cert ? p->ca_key : p->ca_cert);
    }
    *out_is_new = !has_cert;
    if (has_cert) {
        return load_ca(p, ca, e);
    }
    enum err_code code = make_ca(ca, e);
    return code != ERR_OK ? code : write_identity(ca, p->ca_cert, p->ca_key, e);
}

/* Makes @dir and what is missing above it. */
static enum err_code make_folder(const char *dir, struct err *e)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof(path), "%s", dir);
    for (char *slash = path; slash != NULL;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL) {
            *slash = '\0';
        }
        if (mkdir(path, 0755) != 0 && errno != EEXIST) {
            return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
        }
        if (slash != NULL) {
            *slash = '/';
        }
    }
    return ERR_OK;
}

static enum err_code check_names(const char *const *names, size_t count, struct err *e)
{
    if (count == 0) {
        return err_set(e, ERR_INVALID, "a certificate needs at least one name");
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_address(names[i]) && !is_dns_name(names[i])) {
            return err_set(e, ERR_INVALID, "\"%s\" is neither a DNS name nor an IP address",
                           names[i]);
        }
    }
    return ERR_OK;
}

enum err_code certs_make(const char *dir, const char *const *names, size_t name_count, size_t days,
                         struct certs_made *out, struct err *e)
{
    struct paths p;
    struct identity ca = {.cert = NULL};
    struct identity leaf = {.cert = NULL};
    struct certs_made made;
    if (!join(p.ca_cert, dir, "ca.crt") || !join(p.ca_key, dir, "ca.key") ||
        !join(p.cert, dir, "tls.crt") || !join(p.key, dir, "tls.key")) {
        return err_set(e, ERR_INVALID, "%s: the path is too long", dir);
    }
    enum err_code code = check_names(names, name_count, e);
    if (code == ERR_OK) {
        code = make_folder(dir, e);
    }
    if (code == ERR_OK) {
        code = have_ca(&p, &ca, &made.is_ca_new, e);
    }
    if (code == ERR_OK) {
        code = make_leaf(&ca, names, name_count, days, &leaf, e);
    }
    if (code == ERR_OK) {
        code = write_identity(&leaf, p.cert, p.key, e);
    }
    if (code == ERR_OK) {
        made.ca_not_after = pem_seconds(X509_get0_notAfter(ca.cert));
        made.not_after = pem_seconds(X509_get0_notAfter(leaf.cert));
        *out = made;
    }
    identity_finish(&ca);
    identity_finish(&leaf);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <openssl/x509v3.h>

#include "certs/make.h"
#include "certs/pem.h"
#include "certs/tls.h"
#include "table.h"

static char dir[] = "/tmp/sparkward-make-XXXXXX";
static struct certs_made made;
static struct err e;

static void begin(void)
{
    tls_init();
    cr_assert_not_null(mkdtemp(dir));
}

TestSuite(make, .timeout = 20, .init = begin);

static const char *at(const char *name)
{
    static char path[4][PATH_MAX];
    static size_t next;
    char *p = path[next++ % 4];
    (void)snprintf(p, PATH_MAX, "%s/%s", dir, name);
    return p;
}

static X509 *read_one(const char *name)
{
    STACK_OF(X509) * certs;
    cr_assert_eq(pem_read_certificates(at(name), &certs, &e), ERR_OK, "%s", e.text);
    cr_assert_eq(sk_X509_num(certs), 1);
    X509 *cert = sk_X509_shift(certs);
    sk_X509_free(certs);
    return cert;
}

/* What a client does that has only the CA. */
static int verify(X509 *leaf, X509 *ca, int purpose)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    cr_assert_eq(X509_STORE_add_cert(store, ca), 1);
    cr_assert_eq(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
    (void)X509_STORE_CTX_set_purpose(ctx, purpose);
    (void)X509_verify_cert(ctx);
    int result = X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return result;
}

Test(make, a_client_with_the_ca_accepts_the_names_and_no_others)
{
    const char *const names[] = {"sparkward.sparkward-system.svc", "*.example.com", "10.0.0.1",
                                 "::1"};
    cr_assert_eq(certs_make(dir, names, 4, 90, &made, &e), ERR_OK, "%s", e.text);
    X509 *leaf = read_one("tls.crt");
    X509 *ca = read_one("ca.crt");
    cr_expect(made.is_ca_new);
    cr_expect_eq(verify(leaf, ca, X509_PURPOSE_SSL_SERVER), X509_V_OK);
    cr_expect_neq(verify(leaf, ca, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
    cr_expect_eq(X509_check_host(leaf, "sparkward.sparkward-system.svc", 0, 0, NULL), 1);
    cr_expect_eq(X509_check_host(leaf, "x.example.com", 0, 0, NULL), 1);
    cr_expect_eq(X509_check_ip_asc(leaf, "10.0.0.1", 0), 1);
    cr_expect_eq(X509_check_ip_asc(leaf, "::1", 0), 1);
    cr_expect_eq(X509_check_host(leaf, "localhost", 0, 0, NULL), 0);
    cr_expect_eq(X509_check_host(leaf, "sparkward", 0, 0, NULL), 0);
    cr_expect_eq(X509_check_ip_asc(leaf, "127.0.0.1", 0), 0);
    cr_expect_eq(X509_check_ca(leaf), 0);
    X509_free(leaf);
    X509_free(ca);
}

Test(make, keys_are_for_their_owner)
{
    const char *const name = "localhost";
    struct stat st;
    (void)umask(0);
    cr_assert_eq(certs_make(dir, &name, 1, 1, &made, &e), ERR_OK, "%s", e.text);
    cr_assert_eq(stat(at("tls.key"), &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(stat(at("ca.key"), &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(stat(at("tls.crt"), &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0644);
    cr_expect_neq(access(at("tls.key.new"), F_OK), 0, "no remains");
}

Test(make, the_ca_is_used_again_and_the_rest_is_new)
{
    const char *const name = "localhost";
    cr_assert_eq(certs_make(dir, &name, 1, 1, &made, &e), ERR_OK);
    X509 *ca = read_one("ca.crt");
    X509 *leaf = read_one("tls.crt");
    cr_assert_eq(certs_make(dir, &name, 1, 1, &made, &e), ERR_OK);
    X509 *ca_again = read_one("ca.crt");
    X509 *leaf_again = read_one("tls.crt");
    cr_expect_not(made.is_ca_new);
    cr_expect_eq(X509_cmp(ca, ca_again), 0);
    cr_expect_neq(X509_cmp(leaf, leaf_again), 0);
    cr_expect_eq(verify(leaf_again, ca, X509_PURPOSE_SSL_SERVER), X509_V_OK);
    X509_free(ca);
    X509_free(ca_again);
    X509_free(leaf);
    X509_free(leaf_again);
}

Test(make, a_certificate_does_not_outlive_its_authority)
{
    const char *const name = "localhost";
    cr_assert_eq(certs_make(dir, &name, 1, (size_t)CERTS_CA_DAYS * 2, &made, &e), ERR_OK);
    cr_expect_leq(made.not_after, made.ca_not_after);
}

Test(make, half_an_authority_is_refused)
{
    const char *const name = "localhost";
    cr_assert_eq(certs_make(dir, &name, 1, 1, &made, &e), ERR_OK);
    cr_assert_eq(unlink(at("ca.key")), 0);
    cr_assert_eq(certs_make(dir, &name, 1, 1, &made, &e), ERR_INVALID);
    cr_expect_not_null(strstr(e.text, "ca.key"), "%s", e.text);
}

Test(make, a_serving_certificate_is_no_authority)
{
    const char *const name = "localhost";
    cr_assert_eq(certs_make(dir, &name, 1, 1, &made, &e), ERR_OK);
    cr_assert_eq(rename(at("tls.crt"), at("ca.crt")), 0);
    cr_assert_eq(rename(at("tls.key"), at("ca.key")), 0);
    cr_assert_eq(certs_make(dir, &name, 1, 1, &made, &e), ERR_INVALID);
    cr_expect_not_null(strstr(e.text, "authority"), "%s", e.text);
}

Test(make, names_that_are_none)
{
    static const char *const bad[] = {"",      " ",       "a b",       "-a",      "a-",
                                      "a..b",  ".a",      "a.",        "*",       "a.*.b",
                                      "DNS:x", "x,DNS:y", "1.2.3.4/8", "\xc3\xa4"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_expect_eq(certs_make(dir, &bad[i], 1, 1, &made, &e), ERR_INVALID, "\"%s\"", bad[i]);
        cr_expect_neq(access(at("tls.crt"), F_OK), 0);
    }
    cr_expect_eq(certs_make(dir, NULL, 0, 1, &made, &e), ERR_INVALID);
}

Test(make, folders_are_made_and_files_are_not_overwritten_as_folders)
{
    const char *const name = "localhost";
    char deep[PATH_MAX];
    (void)snprintf(deep, sizeof(deep), "%s/a/b/", dir);
    cr_assert_eq(certs_make(deep, &name, 1, 1, &made, &e), ERR_OK, "%s", e.text);
    cr_expect_eq(access(at("a/b/tls.crt"), F_OK), 0);
    (void)snprintf(deep, sizeof(deep), "%s/a/b/tls.crt/c", dir);
    cr_assert_eq(certs_make(deep, &name, 1, 1, &made, &e), ERR_IO);
}

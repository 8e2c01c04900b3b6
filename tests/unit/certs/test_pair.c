/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "certs/make.h"
#include "certs/pair.h"
#include "certs/tls.h"

static const int64_t DAY = 86400;
static char one[] = "/tmp/sparkward-pair-XXXXXX";
static char two[] = "/tmp/sparkward-pair-XXXXXX";
static const char *const names[] = {"localhost", "127.0.0.1"};
static struct err e;

static void begin(void)
{
    struct certs_made made;
    tls_init();
    cr_assert_not_null(mkdtemp(one));
    cr_assert_not_null(mkdtemp(two));
    cr_assert_eq(certs_make(one, names, 2, 30, &made, &e), ERR_OK, "%s", e.text);
    cr_assert_eq(certs_make(two, names, 2, 30, &made, &e), ERR_OK, "%s", e.text);
}

TestSuite(pair, .timeout = 20, .init = begin);

static const char *at(const char *dir, const char *name)
{
    static char path[4][PATH_MAX];
    static size_t next;
    char *p = path[next++ % 4];
    (void)snprintf(p, PATH_MAX, "%s/%s", dir, name);
    return p;
}

static void read_text(const char *path, char *out, size_t size)
{
    FILE *f = fopen(path, "r");
    cr_assert_not_null(f);
    size_t len = fread(out, 1, size - 1, f);
    out[len] = '\0';
    (void)fclose(f);
}

static void write_text(const char *path, const char *text, size_t len)
{
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(text, 1, len, f), len);
    cr_assert_eq(fclose(f), 0);
}

/* The pair of @cert and @key must be refused with @words in the text. */
static void refuse(const char *cert, const char *key, const char *words)
{
    struct cert_pair *pair = NULL;
    cr_assert_neq(cert_pair_load(cert, key, &pair, &e), ERR_OK);
    cr_assert_null(pair);
    cr_expect_not_null(strstr(e.text, words), "\"%s\" is not in \"%s\"", words, e.text);
}

Test(pair, what_was_made_loads)
{
    struct cert_pair *pair;
    int64_t now = (int64_t)time(NULL);
    cr_assert_eq(cert_pair_load(at(one, "tls.crt"), at(one, "tls.key"), &pair, &e), ERR_OK, "%s",
                 e.text);
    cr_expect_leq(cert_pair_not_before(pair), now);
    cr_expect_geq(cert_pair_not_after(pair), now + 29 * DAY);
    cr_expect_leq(cert_pair_not_after(pair), now + 31 * DAY);
    cert_pair_destroy(pair);
}

Test(pair, equal_is_what_has_the_same_certificate)
{
    struct cert_pair *x, *y, *z;
    cr_assert_eq(cert_pair_load(at(one, "tls.crt"), at(one, "tls.key"), &x, &e), ERR_OK);
    cr_assert_eq(cert_pair_load(at(one, "tls.crt"), at(one, "tls.key"), &y, &e), ERR_OK);
    cr_assert_eq(cert_pair_load(at(two, "tls.crt"), at(two, "tls.key"), &z, &e), ERR_OK);
    cr_expect(cert_pair_equal(x, y));
    cr_expect_not(cert_pair_equal(x, z));
    cert_pair_destroy(x);
    cert_pair_destroy(y);
    cert_pair_destroy(z);
}

Test(pair, a_key_of_another_certificate)
{
    refuse(at(one, "tls.crt"), at(two, "tls.key"), "does not match");
    cr_expect_not_null(strstr(e.text, two), "the key's file is named: %s", e.text);
    cr_expect_not_null(strstr(e.text, one), "the certificate's file is named: %s", e.text);
}

Test(pair, files_that_are_missing_or_nothing)
{
    refuse(at(one, "none.crt"), at(one, "tls.key"), "none.crt: No such file");
    refuse(at(one, "tls.crt"), at(one, "none.key"), "none.key: No such file");
    refuse(one, at(one, "tls.key"), "directory");
    write_text(at(one, "empty"), "", 0);
    refuse(at(one, "empty"), at(one, "tls.key"), "no PEM certificate");
    refuse(at(one, "tls.crt"), at(one, "empty"), "no PEM private key");
    refuse(at(one, "tls.key"), at(one, "tls.crt"), "no PEM certificate");
}

/* Whatever part of a file has been written: an error or, of a certificate, the whole. */
Test(pair, every_half_written_file_is_refused)
{
    char text[4096];
    read_text(at(one, "tls.key"), text, sizeof(text));
    const char *footer = strstr(text, "-----END");
    cr_assert_not_null(footer);
    size_t step = 7;
    for (size_t n = 0; n < (size_t)(footer - text); n += step) {
        write_text(at(one, "half"), text, n);
        refuse(at(one, "tls.crt"), at(one, "half"), "half");
    }
    read_text(at(one, "tls.crt"), text, sizeof(text));
    footer = strstr(text, "-----END");
    cr_assert_not_null(footer);
    for (size_t n = 0; n < (size_t)(footer - text); n += step) {
        write_text(at(one, "half"), text, n);
        refuse(at(one, "half"), at(one, "tls.key"), "half");
    }
}

Test(pair, a_chain_must_be_in_order)
{
    char leaf[4096];
    char ca[4096];
    char both[8192];
    struct cert_pair *pair;
    read_text(at(one, "tls.crt"), leaf, sizeof(leaf));
    read_text(at(one, "ca.crt"), ca, sizeof(ca));
    int n = snprintf(both, sizeof(both), "%s%s", leaf, ca);
    write_text(at(one, "chain"), both, (size_t)n);
    cr_assert_eq(cert_pair_load(at(one, "chain"), at(one, "tls.key"), &pair, &e), ERR_OK, "%s",
                 e.text);
    cert_pair_destroy(pair);
    n = snprintf(both, sizeof(both), "%s%s", ca, leaf);
    write_text(at(one, "chain"), both, (size_t)n);
    refuse(at(one, "chain"), at(one, "tls.key"), "certificate 2 did not issue certificate 1");
    read_text(at(two, "ca.crt"), ca, sizeof(ca));
    n = snprintf(both, sizeof(both), "%s%s", leaf, ca);
    write_text(at(one, "chain"), both, (size_t)n);
    refuse(at(one, "chain"), at(one, "tls.key"), "certificate 2 did not issue certificate 1");
    /* A second certificate that is cut off is not the same as none. */
    write_text(at(one, "chain"), both, (size_t)n - 100);
    refuse(at(one, "chain"), at(one, "tls.key"), "certificate 2 is broken");
}

Test(pair, a_file_without_end_is_refused)
{
    refuse("/dev/zero", at(one, "tls.key"), "not a regular file");
    (void)unlink(at(one, "fifo"));
    cr_assert_eq(mkfifo(at(one, "fifo"), 0600), 0);
    refuse(at(one, "fifo"), at(one, "tls.key"), "not a regular file"); /* at once */
    (void)unlink(at(one, "fifo"));
}

Test(pair, a_context_serves_it_and_the_next)
{
    struct cert_pair *pair, *next;
    struct tls *t;
    cr_assert_eq(cert_pair_load(at(one, "tls.crt"), at(one, "tls.key"), &pair, &e), ERR_OK);
    cr_assert_eq(cert_pair_load(at(two, "tls.crt"), at(two, "tls.key"), &next, &e), ERR_OK);
    cr_assert_eq(tls_create(pair, &t, &e), ERR_OK, "%s", e.text);
    cr_assert_eq(tls_current(t), pair);
    cr_assert_eq(tls_replace(t, next), pair);
    cr_assert_eq(tls_current(t), next);
    cert_pair_destroy(pair);
    tls_destroy(t);
}

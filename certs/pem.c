/* SPDX-License-Identifier: Apache-2.0 */
#include "certs/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

int64_t pem_seconds(const ASN1_TIME *t)
{
    struct tm tm = {0};
    return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

const char *pem_reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == NULL ? "unknown reason" : reason;
}

/* The content of @file in memory, so that a file that is replaced meanwhile is never mixed. */
static enum err_code read_file(const char *file, BIO **out, struct err *e)
{
    /* Of a pipe, which nobody may ever write to, open() would wait for the other end. */
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0) {
        return err_set(e, ERR_IO, "%s: %s", file, strerror(errno));
    }
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return err_set(e, ERR_IO, "%s: %s", file,
                       S_ISDIR(st.st_mode) ? strerror(EISDIR) : "not a regular file");
    }
    BIO *bio = BIO_new(BIO_s_mem());
    char block[4096];
    ssize_t n = bio == NULL ? 0 : 1;
    size_t total = 0;
    while (n > 0 && total <= PEM_FILE_MAX) {
        n = read(fd, block, sizeof(block));
        if (n > 0 && BIO_write(bio, block, (int)n) != n) {
            break;
        }
        total += n > 0 ? (size_t)n : 0;
    }
    int saved = errno;
    (void)close(fd);
    enum err_code code = ERR_OK;
    if (bio == NULL || n > 0) {
        code = total > PEM_FILE_MAX ? err_set(e, ERR_LIMIT, "%s: larger than 1 MiB", file)
                                    : err_set(e, ERR_MEMORY, "%s: out of memory", file);
    } else if (n < 0) {
        code = err_set(e, ERR_IO, "%s: %s", file, strerror(saved));
    }
    if (code != ERR_OK) {
        BIO_free(bio);
        return code;
    }
    *out = bio;
    return ERR_OK;
}

/* True when reading stopped because no further PEM block begins, not because one is broken. */
static bool at_end(void)
{
    unsigned long code = ERR_peek_last_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

static enum err_code read_all(const char *file, BIO *bio, STACK_OF(X509) * certs, struct err *e)
{
    for (;;) {
        X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (cert == NULL) {
            break;
        }
        if (sk_X509_push(certs, cert) == 0) {
            X509_free(cert);
            return err_set(e, ERR_MEMORY, "%s: out of memory", file);
        }
    }
    if (!at_end()) {
        return err_set(e, ERR_INVALID, "%s: certificate %d is broken: %s", file,
                       sk_X509_num(certs) + 1, pem_reason());
    }
    ERR_clear_error();
    if (sk_X509_num(certs) == 0) {
        return err_set(e, ERR_INVALID, "%s: no PEM certificate in it", file);
    }
    return ERR_OK;
}

enum err_code pem_read_certificates(const char *file, STACK_OF(X509) * *out, struct err *e)
{
    BIO *bio = NULL;
    enum err_code code = read_file(file, &bio, e);
    if (code != ERR_OK) {
        return code;
    }
    ERR_clear_error();
    STACK_OF(X509) *certs = sk_X509_new_null();
    code = certs == NULL ? err_set(e, ERR_MEMORY, "%s: out of memory", file)
                         : read_all(file, bio, certs, e);
    BIO_free(bio);
    if (code != ERR_OK) {
        sk_X509_pop_free(certs, X509_free);
        return code;
    }
    *out = certs;
    return ERR_OK;
}

/* Without this OpenSSL would ask at the terminal. */
static int no_pass_phrase(char *out, int size, int writing, void *arg)
{
    (void)writing;
    (void)arg;
    if (size > 0) {
        out[0] = '\0';
    }
    return -1;
}

enum err_code pem_read_key(const char *file, X509 *cert, const char *cert_file, EVP_PKEY **out,
                           struct err *e)
{
    BIO *bio = NULL;
    enum err_code code = read_file(file, &bio, e);
    if (code != ERR_OK) {
        return code;
    }
    ERR_clear_error();
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
    BIO_free(bio);
    if (key == NULL) {
        return err_set(e, ERR_INVALID, "%s: no PEM private key that can be read: %s", file,
                       pem_reason());
    }
    if (X509_check_private_key(cert, key) != 1) {
        (void)pem_reason();
        EVP_PKEY_free(key);
        return err_set(e, ERR_INVALID, "%s: does not match the certificate in %s", file, cert_file);
    }
    *out = key;
    return ERR_OK;
}

static bool write_fd(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0;
}

static enum err_code write_file(const char *file, BIO *text, mode_t mode, struct err *e)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof(temporary), "%s.new", file);
    if (n < 0 || (size_t)n >= sizeof(temporary)) {
        return err_set(e, ERR_INVALID, "%s: the path is too long", file);
    }
    (void)unlink(temporary); /* of an earlier run that was stopped */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        return err_set(e, ERR_IO, "%s: %s", temporary, strerror(errno));
    }
    char *bytes;
    long len = BIO_get_mem_data(text, &bytes);
    bool ok = fchmod(fd, mode) == 0 && write_fd(fd, bytes, (size_t)len);
    int saved = errno;
    (void)close(fd);
    if (!ok || rename(temporary, file) != 0) {
        saved = ok ? errno : saved;
        (void)unlink(temporary);
        return err_set(e, ERR_IO, "%s: %s", file, strerror(saved));
    }
    return ERR_OK;
}

enum err_code pem_write_certificates(const char *file, X509 *const *certs, size_t count,
                                     struct err *e)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        ok = PEM_write_bio_X509(bio, certs[i]) == 1;
    }
    enum err_code code =
        ok ? write_file(file, bio, 0644, e) : err_set(e, ERR_MEMORY, "%s: %s", file, pem_reason());
    BIO_free(bio);
    return code;
}

enum err_code pem_write_key(const char *file, EVP_PKEY *key, struct err *e)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool ok =
        bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
    enum err_code code =
        ok ? write_file(file, bio, 0600, e) : err_set(e, ERR_MEMORY, "%s: %s", file, pem_reason());
    BIO_free(bio);
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "certs/make.h"
#include "certs/tls.h"
#include "server/command.h"
#include "server/options.h"

struct certs_options {
    const char *dir;
    struct option_list names;
    size_t days;
};

static const struct option table[] = {
    {.name = "dir",
     .kind = OPTION_TEXT,
     .value = "DIR",
     .help = "folder for ca.crt, ca.key, tls.crt and tls.key",
     .offset = offsetof(struct certs_options, dir)},
    {.name = "name",
     .kind = OPTION_LIST,
     .value = "NAME",
     .help = "DNS name or IP address the certificate is for",
     .offset = offsetof(struct certs_options, names),
     .separator = ','},
    {.name = "days",
     .kind = OPTION_COUNT,
     .value = "N",
     .help = "how long the certificate is valid",
     .offset = offsetof(struct certs_options, days),
     .fallback = "365",
     .min = 1,
     .max = CERTS_CA_DAYS},
};

static const struct options options = {
    .command = "certs",
    .about = "Makes a certificate authority, unless the folder has one, and a serving certificate\n"
             "signed by it. The content of ca.crt in base64 is what caBundle of a webhook\n"
             "configuration wants. Only the names that are given stand in the certificate.",
    .example = "  sparkward certs --dir tls --name sparkward.sparkward-system.svc\n",
    .table = table,
    .count = sizeof(table) / sizeof(table[0]),
};

static void print_until(const char *dir, const char *file, const char *what, int64_t not_after)
{
    struct tm tm;
    time_t t = (time_t)not_after;
    char day[sizeof("2026-01-31")] = "";
    if (gmtime_r(&t, &tm) != NULL) {
        (void)strftime(day, sizeof(day), "%Y-%m-%d", &tm);
    }
    printf("%s/%s: %s, valid until %s\n", dir, file, what, day);
}

static int make(const struct certs_options *o)
{
    struct certs_made made;
    struct err e;
    tls_init();
    enum err_code code = certs_make(o->dir, o->names.items, o->names.count, o->days, &made, &e);
    if (code != ERR_OK) {
        (void)fprintf(stderr, "sparkward certs: %s\n", e.text);
        return EXIT_USAGE;
    }
    print_until(o->dir, "ca.crt", made.is_ca_new ? "new CA" : "CA that was there",
                made.ca_not_after);
    print_until(o->dir, "tls.crt", "new certificate", made.not_after);
    return 0;
}

static int run(void *out, char **operands, size_t count)
{
    const struct certs_options *o = out;
    (void)operands;
    (void)count;
    if (o->dir == NULL) {
        return options_error(&options, "--dir is missing");
    }
    if (o->names.count == 0) {
        return options_error(&options, "--name is missing");
    }
    return make(o);
}

int cmd_certs(int argc, char **argv)
{
    struct certs_options o = {.dir = NULL};
    return options_run(&options, argc, argv, &o, run);
}

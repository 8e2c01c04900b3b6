/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <stddef.h>

#include "core/log.h"
#include "server/command.h"
#include "server/http.h"
#include "server/options.h"
#include "server/serve.h"

enum { THREADS_BY_DEFAULT = 4 };

struct serve_options {
    struct option_list policies;
    const char *listen, *admin_listen;
    const char *cert, *key;
    size_t threads;
    size_t max_body, max_connections, max_buffered;
    int64_t stall_timeout_ms, idle_timeout_ms;
    int64_t drain_delay_ms, drain_timeout_ms;
    const char *log_level;
};
#define AT(member) offsetof(struct serve_options, member)

enum { SECOND = 1000, HOUR = 3600 * SECOND, DAY = 24 * HOUR };

static const struct option table[] = {
    {.name = "policies",
     .kind = OPTION_LIST,
     .value = "PATH",
     .help = "policy file, or folder of them",
     .offset = AT(policies),
     .separator = ':'},
    {.name = "listen",
     .kind = OPTION_TEXT,
     .value = "ADDR:PORT",
     .help = "where reviews are answered, over TLS",
     .offset = AT(listen),
     .fallback = "0.0.0.0:8443"},
    {.name = "admin-listen",
     .kind = OPTION_TEXT,
     .value = "ADDR:PORT",
     .help = "where /livez, /readyz and /metrics are",
     .offset = AT(admin_listen),
     .fallback = "0.0.0.0:8080"},
    {.name = "tls-cert",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .help = "PEM certificate, then its issuers",
     .offset = AT(cert)},
    {.name = "tls-key",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .help = "PEM private key of the certificate",
     .offset = AT(key)},
    {.name = "threads",
     .kind = OPTION_COUNT,
     .value = "N",
     .help = "threads that answer; 0: the CPUs, at most 4",
     .offset = AT(threads),
     .fallback = "0",
     .max = HTTP_THREADS_MAX},
    {.name = "max-body",
     .kind = OPTION_SIZE,
     .value = "SIZE",
     .help = "largest request body",
     .offset = AT(max_body),
     .fallback = "7Mi",
     .min = 1,
     .max = HTTP_BODY_LIMIT},
    {.name = "max-connections",
     .kind = OPTION_COUNT,
     .value = "N",
     .help = "connections served at once",
     .offset = AT(max_connections),
     .fallback = "4096",
     .min = 1,
     .max = 1000000},
    {.name = "max-buffered",
     .kind = OPTION_SIZE,
     .value = "SIZE",
     .help = "memory for requests being received",
     .offset = AT(max_buffered),
     .fallback = "256Mi",
     .min = 1},
    {.name = "stall-timeout",
     .kind = OPTION_DURATION,
     .value = "DURATION",
     .help = "for a request, from first byte to last",
     .offset = AT(stall_timeout_ms),
     .fallback = "10s",
     .min = 100,
     .max = HOUR},
    {.name = "idle-timeout",
     .kind = OPTION_DURATION,
     .value = "DURATION",
     .help = "for a connection without a request",
     .offset = AT(idle_timeout_ms),
     .fallback = "120s",
     .min = 100,
     .max = DAY},
    {.name = "drain-delay",
     .kind = OPTION_DURATION,
     .value = "DURATION",
     .help = "from SIGTERM to asking clients to go",
     .offset = AT(drain_delay_ms),
     .fallback = "5s",
     .max = HOUR},
    {.name = "drain-timeout",
     .kind = OPTION_DURATION,
     .value = "DURATION",
     .help = "for clients to go",
     .offset = AT(drain_timeout_ms),
     .fallback = "25s",
     .max = HOUR},
    {.name = "log-level",
     .kind = OPTION_TEXT,
     .value = "LEVEL",
     .help = "debug, info, warn or error",
     .offset = AT(log_level),
     .fallback = "info"},
};

static const struct options options = {
    .command = "serve",
    .about =
        "Answers AdmissionReviews at /mutate and /validate. Policies and certificate are read\n"
        "again when their files change, and on SIGHUP. SIGTERM ends the server without losing\n"
        "a request, SIGINT quickly.",
    .example =
        "  sparkward serve --policies policies/ --tls-cert tls/tls.crt --tls-key tls/tls.key\n",
    .table = table,
    .count = sizeof(table) / sizeof(table[0]),
};

static size_t usable_cpus(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > THREADS_BY_DEFAULT ? THREADS_BY_DEFAULT : n > 1 ? (size_t)n : 1;
}

static int start(const struct serve_options *o)
{
    struct serve_config c = {
        .policy_paths = o->policies.items,
        .policy_path_count = o->policies.count,
        .cert_file = o->cert,
        .key_file = o->key,
        .threads = o->threads > 0 ? o->threads : usable_cpus(),
        .max_body = o->max_body,
        .max_connections = o->max_connections,
        .max_buffered = o->max_buffered,
        .stall_timeout_ms = o->stall_timeout_ms,
        .idle_timeout_ms = o->idle_timeout_ms,
        .drain_delay_ms = o->drain_delay_ms,
        .drain_timeout_ms = o->drain_timeout_ms,
    };
    if (!address_parse(o->listen, &c.listen)) {
        return options_error(&options, "--listen: \"%s\" is not ADDR:PORT", o->listen);
    }
    if (!address_parse(o->admin_listen, &c.admin_listen)) {
        return options_error(&options, "--admin-listen: \"%s\" is not ADDR:PORT", o->admin_listen);
    }
    struct err e;
    if (serve(&c, &e) != ERR_OK) {
        log_line(LOG_ERROR, "cannot start", LOG_TEXT("error", e.text));
        return EXIT_USAGE;
    }
    return 0;
}

static int run(void *out, char **operands, size_t count)
{
    const struct serve_options *o = out;
    (void)operands;
    (void)count;
    enum log_level level;
    if (!log_level_parse(o->log_level, &level)) {
        return options_error(&options, "--log-level: \"%s\" is not debug, info, warn or error",
                             o->log_level);
    }
    log_set_level(level);
    if (o->policies.count == 0) {
        return options_error(&options, "--policies is missing");
    }
    if (o->cert == NULL || o->key == NULL) {
        return options_error(&options, "--tls-%s is missing", o->cert == NULL ? "cert" : "key");
    }
    return start(o);
}

int cmd_serve(int argc, char **argv)
{
    struct serve_options o = {.listen = NULL};
    return options_run(&options, argc, argv, &o, run);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "certs/tls.h"
#include "core/log.h"
#include "core/metrics.h"
#include "policies/policy.h"
#include "server/clock.h"
#include "server/http.h"
#include "server/reload.h"
#include "server/routes.h"
#include "server/status.h"
#include "server/watch.h"

enum {
    DEBOUNCE_MS = 50, /* an editor or kubelet makes several changes at once */
    DEBOUNCE_MAX_MS = 500,
    POLL_MS = 10000, /* for what cannot be watched */
    ADMIN_CONNECTIONS = 128,
    ADMIN_BODY_MAX = 4096,
    OTHER_DESCRIPTORS = 128, /* admin port, files, pipes of the loops */
};

enum stage { STAGE_SERVING, STAGE_LAME, STAGE_DRAINING };

struct serving {
    const struct serve_config *config;
    struct status *status;
    struct reload reload;
    struct routes routes;
    struct http_server *webhook;
    struct http_server *admin;
    int signals; /* signalfd */
    int watch;   /* inotify, or -1 */
    enum stage stage;
    int64_t drain_at_ms;
    int64_t changed_ms; /* of the first event not yet acted upon; 0: none */
    int64_t reload_at_ms;
};

/* ---- start ---- */

static enum err_code open_signals(int *out, struct err *e)
{
    sigset_t set;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        return err_set(e, ERR_IO, "signals cannot be received: %s", strerror(errno));
    }
    *out = fd;
    return ERR_OK;
}

/*
 * As many descriptors as the system gives, and no more connections than there are descriptors
 * for: the admin port must be able to accept when the webhook port is full.
 */
static size_t limit_connections(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return wanted;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return wanted;
    }
    size_t have = limit.rlim_cur > OTHER_DESCRIPTORS ? limit.rlim_cur - OTHER_DESCRIPTORS : 0;
    size_t most = have * 3 / 4 > 0 ? have * 3 / 4 : 1; /* the rest: those told to come back */
    if (wanted <= most) {
        return wanted;
    }
    log_line(LOG_WARN, "fewer connections than asked for: the limit on open files is low",
             LOG_NUMBER("connections", most), LOG_NUMBER("open_files", limit.rlim_cur));
    return most;
}

static enum err_code start_webhook(struct serving *s, struct err *e)
{
    const struct serve_config *c = s->config;
    const struct http_config http = {
        .name = "http",
        .listen = c->listen,
        .tls = tls_context(s->reload.tls),
        .routes = s->routes.webhook,
        .route_count = ROUTES_WEBHOOK,
        .threads = c->threads,
        .max_body = c->max_body,
        .max_connections = limit_connections(c->max_connections),
        .max_buffered = c->max_buffered,
        .stall_timeout_ms = c->stall_timeout_ms,
        .idle_timeout_ms = c->idle_timeout_ms,
        .is_measured = true,
    };
    return http_start(&http, &s->webhook, e);
}

static enum err_code start_admin(struct serving *s, struct err *e)
{
    const struct serve_config *c = s->config;
    const struct http_config http = {
        .name = "admin",
        .listen = c->admin_listen,
        .routes = s->routes.admin,
        .route_count = ROUTES_ADMIN,
        .threads = 1,
        .max_body = ADMIN_BODY_MAX,
        .max_connections = ADMIN_CONNECTIONS,
        .stall_timeout_ms = c->stall_timeout_ms,
        .idle_timeout_ms = c->idle_timeout_ms,
    };
    return http_start(&http, &s->admin, e);
}

static enum err_code load(struct serving *s, struct err *e)
{
    const struct serve_config *c = s->config;
    s->status = status_create();
    if (s->status == NULL || !metrics_thread_start()) {
        return err_set(e, ERR_MEMORY, "out of memory");
    }
    const struct reload_config reload = {
        .policy_paths = c->policy_paths,
        .policy_path_count = c->policy_path_count,
        .cert_file = c->cert_file,
        .key_file = c->key_file,
        .status = s->status,
    };
    return reload_init(&s->reload, &reload, e);
}

static enum err_code start_servers(struct serving *s, struct err *e)
{
    routes_init(&s->routes, &s->reload.policies, s->status);
    /* The webhook first: when /readyz answers, it is true. */
    enum err_code code = start_webhook(s, e);
    return code != ERR_OK ? code : start_admin(s, e);
}

static void log_serving(const struct serving *s, int64_t start_ms)
{
    char listen[ADDRESS_TEXT_MAX];
    char admin[ADDRESS_TEXT_MAX];
    address_print(http_address(s->webhook), listen);
    address_print(http_address(s->admin), admin);
    const struct policy_set *set = atomic_load(&s->reload.policies.current);
    log_line(LOG_INFO, "serving", LOG_TEXT("version", SPARKWARD_VERSION),
             LOG_TEXT("listen", listen), LOG_TEXT("admin", admin),
             LOG_NUMBER("threads", s->config->threads), LOG_NUMBER("policies", set->count),
             LOG_NUMBER("ready_ms", now_ms() - start_ms));
}

/* ---- while it runs ---- */

static void drain(struct serving *s, int64_t timeout_ms)
{
    s->stage = STAGE_DRAINING;
    http_drain(s->webhook, timeout_ms);
}

static void begin_end(struct serving *s, bool is_hasty)
{
    status_set_draining(s->status);
    if (is_hasty) {
        drain(s, 0);
        return;
    }
    if (s->stage == STAGE_SERVING) {
        s->stage = STAGE_LAME;
        s->drain_at_ms = now_ms() + s->config->drain_delay_ms;
    }
}

static void on_signal(struct serving *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        log_line(LOG_INFO, "signal", LOG_TEXT("name", sigabbrev_np((int)info.ssi_signo)));
        if (info.ssi_signo == SIGHUP) {
            reload_run(&s->reload, true, s->webhook);
        } else {
            begin_end(s, info.ssi_signo == SIGINT);
        }
    }
}

/* Waits until files have come to rest, but not for ever. */
static void on_change(struct serving *s)
{
    if (!watch_drain(s->watch)) {
        return;
    }
    int64_t now = now_ms();
    if (s->changed_ms == 0) {
        s->changed_ms = now;
    }
    int64_t latest = s->changed_ms + DEBOUNCE_MAX_MS;
    s->reload_at_ms = now + DEBOUNCE_MS < latest ? now + DEBOUNCE_MS : latest;
}

static void look_again(struct serving *s)
{
    s->changed_ms = 0;
    s->reload_at_ms = now_ms() + POLL_MS;
    /* First the watch, then the files: a change in between is seen by one of them. */
    if (s->watch >= 0) {
        reload_watch(&s->reload, s->watch);
    }
    reload_run(&s->reload, false, s->webhook);
}

static int time_left(const struct serving *s)
{
    int64_t due = s->reload_at_ms;
    if (s->stage == STAGE_LAME && s->drain_at_ms < due) {
        due = s->drain_at_ms;
    }
    int64_t left = due - now_ms();
    return left > 0 ? (int)left : 0;
}

static void run(struct serving *s)
{
    struct pollfd fds[] = {
        {.fd = s->signals, .events = POLLIN},
        {.fd = s->watch, .events = POLLIN}, /* -1 is left out by poll() */
        {.fd = http_done_fd(s->webhook), .events = POLLIN},
    };
    while ((fds[2].revents & POLLIN) == 0) {
        int n = poll(fds, sizeof(fds) / sizeof(fds[0]), time_left(s));
        if (n > 0 && (fds[0].revents & POLLIN) != 0) {
            on_signal(s);
        }
        if (n > 0 && (fds[1].revents & POLLIN) != 0) {
            on_change(s);
        }
        int64_t now = now_ms();
        if (s->stage == STAGE_LAME && now >= s->drain_at_ms) {
            drain(s, s->config->drain_timeout_ms);
        }
        if (now >= s->reload_at_ms) {
            look_again(s);
        }
    }
}

/* ---- end ---- */

static void close_if_open(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

static enum err_code serve_loaded(struct serving *s, int64_t start_ms, struct err *e)
{
    s->watch = watch_open();
    if (s->watch >= 0) {
        reload_watch(&s->reload, s->watch);
    }
    s->reload_at_ms = now_ms() + POLL_MS;
    enum err_code code = start_servers(s, e);
    if (code == ERR_OK) {
        log_serving(s, start_ms);
        run(s);
        log_write(LOG_INFO, "ended", NULL);
    }
    http_destroy(s->webhook);
    http_destroy(s->admin);
    reload_finish(&s->reload);
    close_if_open(s->watch);
    return code;
}

enum err_code serve(const struct serve_config *config, struct err *e)
{
    struct serving s = {.config = config, .signals = -1, .watch = -1};
    int64_t start_ms = now_ms();
    enum err_code code = open_signals(&s.signals, e);
    if (code != ERR_OK) {
        return code;
    }
    tls_init();
    code = load(&s, e);
    if (code == ERR_OK) {
        code = serve_loaded(&s, start_ms, e);
    }
    status_destroy(s.status);
    close_if_open(s.signals);
    return code;
}

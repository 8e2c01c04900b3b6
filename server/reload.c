/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reload.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "certs/pair.h"
#include "certs/tls.h"
#include "core/log.h"
#include "core/metrics.h"
#include "policies/load.h"
#include "policies/policy.h"
#include "server/findings.h"
#include "server/http.h"
#include "server/status.h"
#include "server/watch.h"

static void destroy_set(void *set)
{
    policy_set_destroy(set);
}

static void destroy_pair(void *pair)
{
    cert_pair_destroy(pair);
}

/* ---- policies ---- */

/* The first finding stands for all of them where there is room for one. */
static void summarize(const struct findings *f, enum err_code code, char out[static ERR_TEXT_MAX])
{
    if (f->count == 0) {
        (void)snprintf(out, ERR_TEXT_MAX, "%s", err_text(code));
        return;
    }
    const struct finding *first = &f->list[0];
    char place[FINDING_PLACE_MAX];
    finding_place(first, place);
    int n = snprintf(out, ERR_TEXT_MAX, "%s: %s", place, first->text);
    if (f->count > 1 && n > 0 && n < ERR_TEXT_MAX) {
        (void)snprintf(out + n, ERR_TEXT_MAX - (size_t)n, " (and %zu more)", f->count - 1);
    }
}

static void log_findings(const struct findings *f)
{
    enum { LINES_MAX = 20 };
    for (size_t i = 0; i < f->count && i < LINES_MAX; i++) {
        char place[FINDING_PLACE_MAX];
        finding_place(&f->list[i], place);
        log_line(LOG_ERROR, "policy refused", LOG_TEXT("at", place),
                 LOG_TEXT("error", f->list[i].text));
    }
    if (f->count > LINES_MAX) {
        log_line(LOG_ERROR, "more mistakes than are logged; sparkward check names all",
                 LOG_NUMBER("mistakes", f->count));
    }
}

static void on_policies(struct reload *r, const struct policy_set *set)
{
    r->policies_error[0] = '\0';
    status_set_policies(r->config.status, set->count, set->monitored_count, set->file_count);
}

static void on_policies_refused(struct reload *r, const struct findings *f, const char *error)
{
    if (strcmp(error, r->policies_error) == 0) {
        return;
    }
    memcpy(r->policies_error, error, sizeof(r->policies_error));
    status_set_policies_error(r->config.status, error);
    metrics_add(METRIC_POLICY_RELOADS_FAILED, 1);
    log_findings(f);
    log_line(LOG_ERROR, "policies not reloaded; the last good ones stay in force",
             LOG_TEXT("error", error));
}

static void take_policies(struct reload *r, struct policy_set *set, bool is_asked,
                          struct http_server *readers)
{
    const struct policy_set *current = snapshot_get(&r->policies);
    bool was_refused = r->policies_error[0] != '\0';
    bool is_same = set->fingerprint == current->fingerprint;
    on_policies(r, set);
    if (is_same && !was_refused && !is_asked) {
        policy_set_destroy(set);
        return;
    }
    metrics_add(METRIC_POLICY_RELOADS, 1);
    log_line(LOG_INFO, is_same ? "policies on disk are the ones in force" : "policies reloaded",
             LOG_NUMBER("policies", set->count), LOG_NUMBER("files", set->file_count));
    if (is_same) {
        policy_set_destroy(set);
    } else {
        snapshot_replace(&r->policies, set, readers);
        r->reminders.told = 0;
    }
}

static void remind(struct reload *r)
{
    reminders_run(&r->reminders, snapshot_get(&r->policies), r->config.status, (int64_t)time(NULL));
}

static void reload_policies(struct reload *r, bool is_asked, struct http_server *readers)
{
    struct policy_set *set = NULL;
    struct findings findings;
    enum err_code code =
        policies_load(r->config.policy_paths, r->config.policy_path_count, &set, &findings);
    if (code == ERR_OK) {
        take_policies(r, set, is_asked, readers);
    } else {
        char error[ERR_TEXT_MAX] = "";
        summarize(&findings, code, error);
        on_policies_refused(r, &findings, error);
    }
    findings_finish(&findings);
}

static enum err_code first_policies(struct reload *r, struct err *e)
{
    struct policy_set *set = NULL;
    struct findings findings;
    enum err_code code =
        policies_load(r->config.policy_paths, r->config.policy_path_count, &set, &findings);
    if (code == ERR_OK) {
        snapshot_init(&r->policies, set, destroy_set);
        on_policies(r, set);
        remind(r);
    } else {
        char error[ERR_TEXT_MAX];
        summarize(&findings, code, error);
        log_findings(&findings);
        (void)err_set(e, code, "%s", error);
    }
    findings_finish(&findings);
    return code;
}

/* ---- certificate ---- */

/* Time passes also when the file stays as it is: each threshold is logged when it is crossed. */
static void check_expiry(struct reload *r, const struct cert_pair *served)
{
    int64_t left = cert_pair_not_after(served) - (int64_t)time(NULL);
    enum expiry expiry = expiry_of(left);
    if (expiry <= r->expiry) {
        return;
    }
    r->expiry = expiry;
    bool is_past = expiry == EXPIRY_PAST;
    log_line(is_past ? LOG_ERROR : LOG_WARN,
             is_past ? "the certificate has expired" : "the certificate expires soon",
             LOG_TEXT("file", r->config.cert_file), LOG_NUMBER("seconds_left", left));
}

static void on_certificate(struct reload *r, const struct cert_pair *pair)
{
    r->certificate_error[0] = '\0';
    r->expiry = EXPIRY_FAR;
    status_set_certificate(r->config.status, cert_pair_not_after(pair));
    if (cert_pair_not_before(pair) > (int64_t)time(NULL)) {
        log_line(LOG_WARN, "the certificate is not valid yet",
                 LOG_TEXT("file", r->config.cert_file));
    }
}

static void on_certificate_refused(struct reload *r, const char *error)
{
    if (strcmp(error, r->certificate_error) == 0) {
        return;
    }
    (void)snprintf(r->certificate_error, sizeof(r->certificate_error), "%s", error);
    status_set_certificate_error(r->config.status, error);
    metrics_add(METRIC_CERT_RELOADS_FAILED, 1);
    log_line(LOG_ERROR, "certificate not reloaded; the last good one is still served",
             LOG_TEXT("error", error));
}

static void take_certificate(struct reload *r, struct cert_pair *pair, bool is_asked,
                             struct http_server *readers)
{
    bool was_refused = r->certificate_error[0] != '\0';
    bool is_same = cert_pair_equal(pair, tls_current(r->tls));
    if (is_same && !was_refused && !is_asked) {
        cert_pair_destroy(pair);
        return;
    }
    metrics_add(METRIC_CERT_RELOADS, 1);
    log_line(LOG_INFO, is_same ? "certificate on disk is the one served" : "certificate reloaded",
             LOG_TEXT("file", r->config.cert_file),
             LOG_NUMBER("not_after", cert_pair_not_after(pair)));
    on_certificate(r, pair);
    if (is_same) {
        cert_pair_destroy(pair);
    } else {
        http_quiesce(readers, destroy_pair, tls_replace(r->tls, pair));
    }
}

static void reload_certificate(struct reload *r, bool is_asked, struct http_server *readers)
{
    struct cert_pair *pair = NULL;
    struct err e;
    if (cert_pair_load(r->config.cert_file, r->config.key_file, &pair, &e) == ERR_OK) {
        take_certificate(r, pair, is_asked, readers);
    } else {
        on_certificate_refused(r, e.text);
    }
    check_expiry(r, tls_current(r->tls));
}

static enum err_code first_certificate(struct reload *r, struct err *e)
{
    struct cert_pair *pair = NULL;
    enum err_code code = cert_pair_load(r->config.cert_file, r->config.key_file, &pair, e);
    if (code != ERR_OK) {
        return code;
    }
    code = tls_create(pair, &r->tls, e);
    if (code != ERR_OK) {
        cert_pair_destroy(pair);
        return code;
    }
    on_certificate(r, pair);
    check_expiry(r, pair);
    return ERR_OK;
}

/* ---- both ---- */

enum err_code reload_init(struct reload *r, const struct reload_config *config, struct err *e)
{
    *r = (struct reload){.config = *config};
    enum err_code code = first_policies(r, e);
    if (code != ERR_OK) {
        return code;
    }
    code = first_certificate(r, e);
    if (code != ERR_OK) {
        snapshot_finish(&r->policies);
    }
    return code;
}

void reload_finish(struct reload *r)
{
    tls_destroy(r->tls);
    snapshot_finish(&r->policies);
}

void reload_run(struct reload *r, bool is_asked, struct http_server *readers)
{
    reload_policies(r, is_asked, readers);
    remind(r);
    reload_certificate(r, is_asked, readers);
}

void reload_watch(const struct reload *r, int watch)
{
    for (size_t i = 0; i < r->config.policy_path_count; i++) {
        watch_add(watch, r->config.policy_paths[i]);
    }
    watch_add(watch, r->config.cert_file);
    watch_add(watch, r->config.key_file);
}

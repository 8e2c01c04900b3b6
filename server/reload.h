/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload.h - policies and certificate from disk, at the start and whenever they change.
 *
 * Everything is loaded anew, compared with what is in force, and put in its place
 * only when it is good and different. What is bad changes nothing: the last good
 * stays, and the reason is logged and counted once, and stays visible in the status
 * until it is mended. A certificate that nobody renews, or an exception, is
 * logged as its end comes near.
 * Thread-safety: belongs to the housekeeping thread.
 */
#ifndef SERVER_RELOAD_H
#define SERVER_RELOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "server/expiry.h"
#include "server/reminders.h"
#include "server/snapshot.h"

struct http_server;
struct status;
struct tls;

struct reload_config {
    const char *const *policy_paths; /* kept, as all texts here */
    size_t policy_path_count;
    const char *cert_file;
    const char *key_file;
    struct status *status; /* kept */
};

struct reload {
    struct reload_config config;
    struct snapshot policies; /* of struct policy_set */
    struct reminders reminders;
    struct tls *tls;
    /* Why the last attempt failed; empty when it did not. */
    char policies_error[ERR_TEXT_MAX];
    char certificate_error[ERR_TEXT_MAX];
    enum expiry expiry; /* what the log knows of the certificate that is served */
};

/* The first load, before anything is served: here an error is the end. It logs every finding. */
enum err_code reload_init(struct reload *r, const struct reload_config *config, struct err *e);
void reload_finish(struct reload *r);

/*
 * Looks at everything again. @is_asked: somebody wants to know, so it is logged and counted even
 * when nothing has changed. @readers: the server whose threads read the snapshots.
 */
void reload_run(struct reload *r, bool is_asked, struct http_server *readers);

/* Tells @watch (see watch.h) what to look at. */
void reload_watch(const struct reload *r, int watch);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/http_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/log.h"

enum {
    ARENA_FIRST = 512 * 1024,
    ARENA_CAP = 64 * 1024 * 1024,
    TICK_MS = 200,
};

/* ---- messages from the owner's thread ---- */

static void quiesce_pass(struct quiesce *q)
{
    if (atomic_fetch_sub_explicit(&q->left, 1, memory_order_acq_rel) == 1) {
        q->done(q->arg);
        free(q);
    }
}

static void handle_message(struct loop *loop, const struct message *m)
{
    switch (m->kind) {
    case MESSAGE_QUIESCE:
        quiesce_pass(m->quiesce);
        break;
    case MESSAGE_DRAIN:
        drain_start(loop, m->deadline_ms);
        break;
    case MESSAGE_EXIT:
        loop->must_exit = true;
        break;
    }
}

static void on_message(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    struct loop *loop = OWNER_OF(struct loop, receiver, receiver);
    for (h2o_linklist_t *l = messages->next; l != messages;) {
        struct message *m = OWNER_OF(struct message, super.link, l);
        l = l->next;
        handle_message(loop, m);
        free(m);
    }
    h2o_linklist_init_anchor(messages); /* H2O insists on an empty list */
}

void loop_send(struct loop *loop, const struct message *content)
{
    struct message *m = h2o_mem_alloc(sizeof(*m)); /* H2O ends the process when memory does */
    *m = *content;
    h2o_multithread_send_message(&loop->receiver, &m->super);
}

/* ---- the thread ---- */

static void on_tick(h2o_timeout_entry_t *entry)
{
    struct loop *loop = OWNER_OF(struct loop, tick, entry);
    int64_t now = now_ms();
    connections_sweep(loop, now);
    linger_sweep(loop, now);
    h2o_timeout_link(loop->context.loop, &loop->tick_timeout, &loop->tick);
}

static bool loop_init(struct loop *loop)
{
    struct http_server *s = loop->server;
    loop->arena = arena_create(ARENA_FIRST, ARENA_CAP);
    if (loop->arena == NULL || !metrics_thread_start()) {
        return false;
    }
    h2o_context_init(&loop->context, h2o_evloop_create(), &s->global);
    loop->accept = (h2o_accept_ctx_t){
        .ctx = &loop->context, .hosts = s->global.hosts, .ssl_ctx = s->config.tls};
    h2o_multithread_register_receiver(loop->context.queue, &loop->receiver, on_message);
    h2o_timeout_init(loop->context.loop, &loop->tick_timeout, TICK_MS);
    loop->tick.cb = on_tick;
    h2o_timeout_link(loop->context.loop, &loop->tick_timeout, &loop->tick);
    h2o_linklist_init_anchor(&loop->connections);
    h2o_linklist_init_anchor(&loop->lingering);
    loop->listener =
        h2o_evloop_socket_create(loop->context.loop, loop->listen_fd, H2O_SOCKET_FLAG_DONT_READ);
    loop->listener->data = loop;
    loop->listen_fd = -1;
    connections_resume(loop);
    return true;
}

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>

/* Up to 16 chunks a thread, kept for reuse in a variable that nobody else can reach. */
const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_mem_alloc_recycle\n";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0"; /* standard error is for log lines */
}
#endif

/* The other ones H2O keeps for the thread that is about to end can be reached. */
static void free_recycled_buffers(void)
{
    h2o_mem_recycle_t *kept = &h2o_socket_buffer_prototype.allocator;
    while (kept->cnt > 0) {
        free(h2o_mem_alloc_recycle(kept, 1));
    }
}

static void loop_finish(struct loop *loop)
{
    h2o_evloop_t *evloop = loop->context.loop;
    h2o_multithread_queue_t *queue = loop->context.queue;
    h2o_timeout_unlink(&loop->tick);
    h2o_timeout_dispose(evloop, &loop->tick_timeout);
    h2o_multithread_unregister_receiver(queue, &loop->receiver);
    h2o_context_dispose(&loop->context);
    h2o_evloop_destroy(evloop);
    free(queue); /* H2O forgets to */
    free_recycled_buffers();
    arena_destroy(loop->arena);
}

static void run_once(struct loop *loop)
{
    if (h2o_evloop_run(loop->context.loop, INT32_MAX) != 0 && errno != EINTR) {
        log_line(LOG_ERROR, "event loop failed", LOG_TEXT("error", strerror(errno)));
        (void)poll(NULL, 0, 1); /* never spin */
    }
    connections_resume(loop);
    if (loop->stage != STAGE_SERVING) {
        drain_advance(loop);
    }
}

void *loop_main(void *arg)
{
    struct loop *loop = arg;
    loop->has_failed = !loop_init(loop);
    (void)sem_post(&loop->server->ready);
    if (loop->has_failed) {
        arena_destroy(loop->arena);
        return NULL;
    }
    while (!loop->must_exit) {
        run_once(loop);
    }
    loop_finish(loop);
    return NULL;
}

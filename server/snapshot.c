/* SPDX-License-Identifier: Apache-2.0 */
#include "server/snapshot.h"

#include <stddef.h>

#include "server/http.h"

void snapshot_init(struct snapshot *s, void *first, void (*destroy)(void *))
{
    atomic_init(&s->current, first);
    s->destroy = destroy;
}

void snapshot_finish(struct snapshot *s)
{
    s->destroy(atomic_exchange_explicit(&s->current, NULL, memory_order_acq_rel));
}

void snapshot_replace(struct snapshot *s, void *next, struct http_server *readers)
{
    void *old = atomic_exchange_explicit(&s->current, next, memory_order_acq_rel);
    http_quiesce(readers, s->destroy, old);
}

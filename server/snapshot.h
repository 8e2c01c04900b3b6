/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot.h - something immutable that is read without locks and replaced as a whole.
 *
 * A reader takes the pointer once, inside one request, and forgets it when the
 * request is answered. Whoever replaces the snapshot frees the old one only
 * after every reading thread has been outside of any request once: http_quiesce().
 * Readers so pay one load; the price is paid by the writer, in time, not in locks.
 * Thread-safety: snapshot_get() on any thread of the readers' server; snapshot_replace()
 * by one thread at a time.
 */
#ifndef SERVER_SNAPSHOT_H
#define SERVER_SNAPSHOT_H

#include <stdatomic.h>

struct http_server;

struct snapshot {
    _Atomic(void *) current; /* ours */
    void (*destroy)(void *);
};

/* @first is taken, and so is every later one; @destroy frees one. */
void snapshot_init(struct snapshot *s, void *first, void (*destroy)(void *));
void snapshot_finish(struct snapshot *s);

/* Borrowed until the callback or request it is called in ends. */
static inline const void *snapshot_get(struct snapshot *s)
{
    /* Pairs with the exchange in snapshot_replace(): what was written before is seen. */
    return atomic_load_explicit(&s->current, memory_order_acquire);
}

/* Puts @next (taken) in the place of the current one, which is freed when no reader has it. */
void snapshot_replace(struct snapshot *s, void *next, struct http_server *readers);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h - notices that files may have changed.
 *
 * Watches the folders that hold the files, not the files, because what changes a
 * file under Kubernetes is a symbolic link that is renamed beside it. An
 * event only says "look again". What cannot be watched is left to whoever polls.
 * Thread-safety: a watch belongs to one thread.
 */
#ifndef SERVER_WATCH_H
#define SERVER_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* A descriptor to poll for reading, the caller's to close; -1 when there is none to be had. */
int watch_open(void);

/* (Re-)watches what holds @path, and @path itself when it is a folder. Harmless when repeated. */
void watch_add(int fd, const char *path);

/* Reads all events; true when there was any. */
bool watch_drain(int fd);

#endif

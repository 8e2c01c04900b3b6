/* SPDX-License-Identifier: Apache-2.0 */
#include "server/watch.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static const unsigned events = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                               IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF;

int watch_open(void)
{
    return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

/* "a/b" → "a", "b" → ".", "/b" → "/"; slashes at the end do not count. */
static bool parent(const char *path, char out[static PATH_MAX])
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    int n =
        len == 0 ? snprintf(out, PATH_MAX, ".") : snprintf(out, PATH_MAX, "%.*s", (int)len, path);
    return n > 0 && n < PATH_MAX;
}

void watch_add(int fd, const char *path)
{
    char folder[PATH_MAX];
    if (parent(path, folder)) {
        (void)inotify_add_watch(fd, folder, events | IN_ONLYDIR);
    }
    (void)inotify_add_watch(fd, path, events | IN_ONLYDIR);
}

bool watch_drain(int fd)
{
    _Alignas(struct inotify_event) char buffer[4096];
    bool any = false;
    while (read(fd, buffer, sizeof(buffer)) > 0) {
        any = true;
    }
    return any;
}

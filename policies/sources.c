/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/sources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"
#include "policies/report.h"

struct search {
    struct arena *work;
    struct report *report;
    struct sources *out;
    size_t path; /* index of the current one */
    bool full;   /* more files than SOURCE_COUNT_MAX; said once */
};

/* Unlike strerror() it is safe in any thread. */
static const char *why(int error)
{
    const char *text = strerrordesc_np(error);
    return text != NULL ? text : "unknown error";
}

static void add_file(struct search *s, const char *name, const struct stat *st)
{
    if (s->out->count == SOURCE_COUNT_MAX) {
        if (!s->full) {
            report_unreadable(s->report, name, "there are more than %d policy files",
                              SOURCE_COUNT_MAX);
        }
        s->full = true;
        return;
    }
    s->out->list[s->out->count++] =
        (struct source){.name = name, .path = s->path, .device = st->st_dev, .inode = st->st_ino};
}

static bool is_policy_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return name[0] != '.' && dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static void add_entry(struct search *s, const char *folder, const char *entry)
{
    size_t len = strlen(folder);
    const char *between = len > 0 && folder[len - 1] == '/' ? "" : "/";
    const char *name = arena_printf(s->work, "%s%s%s", folder, between, entry);
    struct stat st;
    if (name == NULL) {
        s->report->out_of_memory = true;
    } else if (stat(name, &st) != 0) {
        report_unreadable(s->report, name, "cannot be read: %s", why(errno));
    } else if (S_ISREG(st.st_mode)) {
        add_file(s, name, &st);
    } else if (!S_ISDIR(st.st_mode)) {
        report_unreadable(s->report, name, "not a regular file");
    }
}

static void add_folder(struct search *s, const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        report_unreadable(s->report, folder, "cannot be read: %s", why(errno));
        return;
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            break;
        }
        if (is_policy_name(entry->d_name)) {
            add_entry(s, folder, entry->d_name);
        }
    }
    if (errno != 0) {
        report_unreadable(s->report, folder, "cannot be read: %s", why(errno));
    }
    (void)closedir(dir);
}

static void add_path(struct search *s, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        report_unreadable(s->report, path, "cannot be read: %s", why(errno));
    } else if (S_ISDIR(st.st_mode)) {
        add_folder(s, path);
    } else if (S_ISREG(st.st_mode)) {
        add_file(s, path, &st);
    } else {
        report_unreadable(s->report, path, "neither a regular file nor a folder");
    }
}

/* Up to @max bytes; -1 with errno on failure. */
static ssize_t read_all(int fd, char *to, size_t max)
{
    size_t len = 0;
    while (len < max) {
        ssize_t n = read(fd, to + len, max - len);
        if (n == 0) {
            break;
        }
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        len += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)len;
}

static void read_text(struct arena *work, struct report *r, struct source *source, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        report_unreadable(r, source->name, "not a regular file");
        return;
    }
    if (st.st_size > SOURCE_BYTES_MAX) {
        report_unreadable(r, source->name, "larger than 1 MiB");
        return;
    }
    /* One byte more shows a file that has grown since. */
    size_t room = (size_t)st.st_size + 1;
    char *text = arena_alloc(work, room);
    if (text == NULL) {
        r->out_of_memory = true;
        return;
    }
    ssize_t len = read_all(fd, text, room);
    if (len < 0) {
        report_unreadable(r, source->name, "cannot be read: %s", why(errno));
    } else if ((size_t)len == room) {
        report_unreadable(r, source->name, "changed while it was read");
    } else {
        source->text = text;
        source->len = (size_t)len;
    }
}

static void read_source(struct arena *work, struct report *r, struct source *source)
{
    /* Without O_NONBLOCK a pipe that took the place of the file would block for ever. */
    int fd = open(source->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        report_unreadable(r, source->name, "cannot be read: %s", why(errno));
        return;
    }
    read_text(work, r, source, fd);
    (void)close(fd);
}

static int by_name(const void *x, const void *y)
{
    const struct source *a = x;
    const struct source *b = y;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->path > b->path) - (a->path < b->path);
}

static struct source *find_twin(const struct sources *sources, size_t before)
{
    const struct source *self = &sources->list[before];
    for (size_t i = 0; i < before; i++) {
        struct source *other = &sources->list[i];
        if (other->device == self->device && other->inode == self->inode) {
            return other;
        }
    }
    return NULL;
}

void sources_read(struct arena *work, struct report *r, const char *const *paths, size_t path_count,
                  struct sources *out)
{
    *out = (struct sources){.list = arena_alloc(work, SOURCE_COUNT_MAX * sizeof(struct source))};
    if (out->list == NULL) {
        r->out_of_memory = true;
        return;
    }
    struct search s = {.work = work, .report = r, .out = out};
    for (; s.path < path_count; s.path++) {
        add_path(&s, paths[s.path]);
    }
    qsort(out->list, out->count, sizeof(struct source), by_name);
    for (size_t i = 0; i < out->count; i++) {
        out->list[i].twin = find_twin(out, i);
        if (out->list[i].twin == NULL) {
            read_source(work, r, &out->list[i]);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/load.h"

#include <string.h>

#include "core/arena.h"
#include "core/yaml.h"
#include "policies/compile.h"
#include "policies/report.h"
#include "policies/set.h"
#include "policies/sources.h"

enum { FIRST_BYTES = 16 << 10, KEPT_CAP_BYTES = 128 << 20, WORK_CAP_BYTES = 512 << 20 };

/* One load from beginning to end. */
struct load {
    struct report report;
    struct arena *work; /* texts, trees and drafts */
    struct policy_set *set;
    struct drafts drafts;
};

/* FNV-1a, 64 bits; the terminating NUL keeps names and texts apart. */
static uint64_t fingerprint(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i <= len; i++) {
        hash ^= i < len ? (unsigned char)bytes[i] : 0U;
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

/* False when there is no memory to begin with; load_finish() is due all the same. */
static bool load_init(struct load *l)
{
    *l = (struct load){.work = arena_create(FIRST_BYTES, WORK_CAP_BYTES)};
    report_init(&l->report);
    struct arena *kept = arena_create(FIRST_BYTES, KEPT_CAP_BYTES);
    l->set = kept == NULL ? NULL : arena_zalloc(kept, sizeof(*l->set));
    if (l->work == NULL || l->set == NULL) {
        l->report.out_of_memory = true;
        arena_destroy(kept);
        l->set = NULL;
        return false;
    }
    l->set->arena = kept;
    l->set->fingerprint = UINT64_C(0xcbf29ce484222325);
    return true;
}

static void report_yaml(struct load *l, const char *file, enum err_code code, const struct err *e)
{
    size_t line = 0;
    size_t column = 0;
    const char *what = yaml_error_split(e, &line, &column);
    if (code == ERR_MEMORY) {
        l->report.out_of_memory = true;
    }
    report_add(&l->report, file, line, column, "%s", what);
}

static void load_source(struct load *l, struct source *source)
{
    struct reader r = {.report = &l->report, .arena = l->set->arena, .work = l->work};
    r.file = reader_text(&r, source->name);
    if (r.file == NULL) {
        return;
    }
    uint64_t hash = fingerprint(l->set->fingerprint, source->name, strlen(source->name));
    l->set->fingerprint = fingerprint(hash, source->text, source->len);
    l->set->file_count++;
    struct yaml_node *documents = NULL;
    struct err e = {.code = ERR_OK};
    enum err_code code = yaml_parse(l->work, source->text, source->len, &documents, &e);
    source->is_judged = code != ERR_OK || documents != NULL;
    if (code != ERR_OK) {
        report_yaml(l, source->name, code, &e);
        return;
    }
    for (const struct yaml_node *d = documents; d != NULL; d = d->next) {
        compile_document(&r, d, &l->drafts);
    }
}

/* Reports a path that holds no policy: probably it is the wrong one. */
static void check_path(struct load *l, const struct sources *sources, const char *path,
                       size_t index)
{
    size_t files = 0;
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *s = &sources->list[i];
        const struct source *read = s->twin != NULL ? s->twin : s;
        if (s->path == index) {
            files++;
            if (read->is_judged || read->text == NULL) {
                return;
            }
        }
    }
    report_add(&l->report, path, 0, 0, files > 0 ? "no policy in it" : "no policy file in it");
}

/* The result, and the end of everything else. */
static enum err_code load_finish(struct load *l, struct policy_set **out_set,
                                 struct findings *out_findings)
{
    if (!l->report.out_of_memory) {
        set_build(&l->report, l->work, &l->drafts, l->set);
    }
    bool found = l->report.count > 0;
    report_finish(&l->report, out_findings);
    arena_destroy(l->work);
    enum err_code code = ERR_OK;
    if (l->report.out_of_memory) {
        code = ERR_MEMORY;
    } else if (found) {
        code = l->report.unreadable ? ERR_IO : ERR_INVALID;
    }
    if (code == ERR_OK) {
        *out_set = l->set;
    } else {
        policy_set_destroy(l->set);
    }
    return code;
}

enum err_code policies_load(const char *const *paths, size_t path_count,
                            struct policy_set **out_set, struct findings *out_findings)
{
    struct load l;
    struct sources sources = {.list = NULL};
    if (load_init(&l)) {
        sources_read(l.work, &l.report, paths, path_count, &sources);
    }
    for (size_t i = 0; i < sources.count; i++) {
        if (sources.list[i].text != NULL) {
            load_source(&l, &sources.list[i]);
        }
    }
    for (size_t i = 0; i < path_count && !l.report.unreadable && !l.report.out_of_memory; i++) {
        check_path(&l, &sources, paths[i], i);
    }
    return load_finish(&l, out_set, out_findings);
}

enum err_code policies_load_text(const char *file, const char *text, size_t len,
                                 struct policy_set **out_set, struct findings *out_findings)
{
    struct load l;
    struct source source = {.name = file, .text = text, .len = len};
    if (load_init(&l)) {
        load_source(&l, &source);
        if (!source.is_judged) {
            report_add(&l.report, file, 1, 1, "no policy in it");
        }
    }
    return load_finish(&l, out_set, out_findings);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/objects.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/printable.h"
#include "core/yaml.h"

struct reader {
    struct arena *arena;
    struct object **end;
    bool is_yaml;
};

static enum err_code read_all(struct buf *text, const char *path, struct err *e)
{
    enum { PIECE = 64 * 1024 };
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (f == NULL) {
        return err_set(e, ERR_IO, "%s", strerror(errno));
    }
    size_t n = 1;
    while (n > 0 && buf_reserve(text, PIECE) != NULL) {
        n = fread(text->text + text->len, 1, PIECE, f);
        buf_commit(text, n);
    }
    int problem = ferror(f) != 0 ? errno : 0;
    if (f != stdin) {
        (void)fclose(f);
    }
    if (problem != 0) {
        return err_set(e, ERR_IO, "%s", strerror(problem));
    }
    return text->failed ? err_set(e, ERR_LIMIT, "larger than %d MiB", OBJECTS_FILE_MAX >> 20)
                        : ERR_OK;
}

static bool kind_is(const struct json *value, const char *kind)
{
    const char *found = json_string(json_get(value, "kind"));
    return found != NULL && strcmp(found, kind) == 0;
}

static enum err_code add(struct reader *r, struct json *value, const char *namespace, struct err *e)
{
    struct object *object = arena_alloc(r->arena, sizeof(*object));
    if (object == NULL) {
        return err_set(e, ERR_MEMORY, "out of memory");
    }
    *object = (struct object){.value = value, .namespace = namespace, .is_yaml = r->is_yaml};
    if (namespace == NULL || namespace[0] == '\0') {
        object->namespace = json_string(json_get(json_get(value, "metadata"), "namespace"));
    }
    *r->end = object;
    r->end = &object->next;
    return ERR_OK;
}

/* One document: an object, a review about one, or a list of several. */
static enum err_code add_document(struct reader *r, struct json *value, struct err *e)
{
    if (!json_is_object(value)) {
        return err_set(e, ERR_INVALID, "expected a Kubernetes object, found %s", json_kind(value));
    }
    if (kind_is(value, "AdmissionReview")) {
        const struct json *request = json_get(value, "request");
        struct json *object = json_get(request, "object");
        if (!json_is_object(object)) {
            return err_set(e, ERR_INVALID, "the AdmissionReview has no request.object");
        }
        return add(r, object, json_string(json_get(request, "namespace")), e);
    }
    if (!kind_is(value, "List") && !kind_is(value, "PodList")) {
        return add(r, value, NULL, e);
    }
    enum err_code code = ERR_OK;
    for (struct json *item = json_first(json_get(value, "items")); item != NULL && code == ERR_OK;
         item = json_next(item)) {
        code = add_document(r, item, e);
    }
    return code;
}

static enum err_code add_yaml(struct reader *r, const struct buf *text, struct err *e)
{
    struct yaml_node *documents;
    enum err_code code = yaml_parse(r->arena, text->text, text->len, &documents, e);
    if (code != ERR_OK) {
        return code;
    }
    for (const struct yaml_node *d = documents; d != NULL && code == ERR_OK; d = d->next) {
        struct json *value;
        code = yaml_to_json(r->arena, d, &value, e);
        if (code == ERR_OK) {
            code = add_document(r, value, e);
        }
    }
    return code;
}

enum err_code objects_read(struct arena *a, const char *path, struct object **out, struct err *e)
{
    struct object *first = NULL;
    struct buf text;
    buf_init(&text, OBJECTS_FILE_MAX);
    enum err_code code = read_all(&text, path, e);
    if (code != ERR_OK) {
        goto out;
    }
    const char *start = text.text + strspn(text.text, " \t\r\n");
    struct reader r = {.arena = a, .end = &first, .is_yaml = *start != '{'};
    if (r.is_yaml) {
        code = add_yaml(&r, &text, e);
    } else {
        struct json *value;
        code = json_parse(a, text.text, text.len, NULL, &value, e);
        if (code == ERR_OK) {
            code = add_document(&r, value, e);
        }
    }
    if (code == ERR_OK && first == NULL) {
        code = err_set(e, ERR_INVALID, "there is no object in it");
    }
    if (code == ERR_OK) {
        *out = first;
    }
out:
    buf_finish(&text);
    return code == ERR_OK ? code : err_wrap(e, "%s", strcmp(path, "-") == 0 ? "stdin" : path);
}

const char *object_title(struct arena *a, const struct object *object)
{
    const struct json *metadata = json_get(object->value, "metadata");
    const char *kind = json_string(json_get(object->value, "kind"));
    const char *name = json_string(json_get(metadata, "name"));
    const char *prefix = json_string(json_get(metadata, "generateName"));
    char *title = arena_printf(a, "%s %s%s%s", kind == NULL ? "object" : kind,
                               object->namespace == NULL ? "" : object->namespace,
                               object->namespace == NULL ? "" : "/",
                               name != NULL     ? name
                               : prefix != NULL ? prefix
                                                : "without a name");
    return printable(title);
}

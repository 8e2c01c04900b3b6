/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of fields that are lists: words, patterns, names. */
#include <string.h>

#include "policies/fields.h"

void field_words(struct reader *r, const struct yaml_node *node, const struct field *field,
                 void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    if (node->count == 0) {
        reader_find(r, node, "%s is empty; leave it out to mean all", name_of(r, node));
        return;
    }
    unsigned bits = 0;
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        unsigned bit = 0;
        (void)read_word(r, item, field->detail, &bit);
        bits |= bit;
    }
    if (bits != 0) {
        *(unsigned *)out = bits;
    }
}

/* The strings of a list that is not empty; NULL when there are mistakes. */
static const char *const *read_texts(struct reader *r, const struct yaml_node *node,
                                     const struct field *field, const char *hint)
{
    if (!expect_list(r, node)) {
        return NULL;
    }
    if (node->count == 0) {
        reader_find(r, node, "%s is empty%s", name_of(r, node), hint);
        return NULL;
    }
    const char **texts = reader_alloc(r, (node->count + 1) * sizeof(const char *));
    size_t n = 0;
    for (const struct yaml_node *item = node->first; texts != NULL && item != NULL;
         item = item->next) {
        const char *text = read_checked(r, item, field->detail);
        if (text != NULL) {
            texts[n++] = text;
        }
    }
    return texts;
}

void field_globs(struct reader *r, const struct yaml_node *node, const struct field *field,
                 void *out)
{
    *(const char *const **)out =
        read_texts(r, node, field,
                   strcmp(field->name, "from") == 0 || strcmp(field->name, "allow") == 0
                       ? ", so nothing would match; name at least one"
                       : ", so nothing would match; leave it out to mean all");
}

void field_names(struct reader *r, const struct yaml_node *node, const struct field *field,
                 void *out)
{
    *(const char *const **)out = read_texts(r, node, field, "; name at least one");
    const struct yaml_node *list = node->kind == YAML_LIST ? node->first : NULL;
    for (const struct yaml_node *later = list; later != NULL; later = later->next) {
        for (const struct yaml_node *x = list; x != later; x = x->next) {
            if (x->kind == YAML_SCALAR && later->kind == YAML_SCALAR &&
                strcmp(x->scalar, later->scalar) == 0) {
                reader_find(r, later, "%s is there already, in line %zu", describe(r, later),
                            x->line);
                break;
            }
        }
    }
}

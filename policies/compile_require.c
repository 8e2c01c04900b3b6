/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

enum { ALLOWED_TEXT_MAX = 4096 };

static const struct word rule_words[] = {{"memory-limit", RULE_MEMORY_LIMIT},
                                         {"images", RULE_IMAGES},
                                         {"no-privileged", RULE_NO_PRIVILEGED},
                                         {NULL, 0}};
static const struct word action_words[] = {
    {"deny", REQUIRE_DENY}, {"warn", REQUIRE_WARN}, {"audit", REQUIRE_AUDIT}, {NULL, 0}};

struct requirement {
    unsigned kind;
    unsigned action;
    const char *const *from;
};

const struct field require_fields[] = {
    {.name = "rule",
     .type = "memory-limit, images or no-privileged",
     .summary = "what is required",
     .read = field_word,
     .offset = offsetof(struct requirement, kind),
     .detail = rule_words,
     .flags = FIELD_REQUIRED},
    {.name = "action",
     .type = "deny, warn or audit",
     .summary = "audit: it is only noted in the audit log; deny by default",
     .read = field_word,
     .offset = offsetof(struct requirement, action),
     .detail = action_words},
    {.name = "from",
     .type = "list of globs",
     .summary = "of the rule images: the images that are allowed",
     .read = field_globs,
     .offset = offsetof(struct requirement, from),
     .detail = &check_image_glob},
    {.name = NULL},
};

/* The patterns as one text for messages. */
static const char *join(struct reader *r, const char *const *from)
{
    struct buf b;
    buf_init(&b, ALLOWED_TEXT_MAX);
    for (size_t i = 0; from[i] != NULL; i++) {
        if (b.len + strlen(from[i]) + 8 > ALLOWED_TEXT_MAX) {
            buf_adds(&b, ", …");
            break;
        }
        buf_addf(&b, "%s%s", i > 0 ? ", " : "", from[i]);
    }
    if (b.failed) {
        r->report->out_of_memory = true;
    }
    const char *text = reader_text(r, b.text == NULL ? "" : b.text);
    buf_finish(&b);
    return text;
}

/* Only images takes "from", and it needs it. */
/* Patterns must match a whole image; these are likely ones that no image ever matches. */
static void check_image_pattern(struct reader *r, const struct yaml_node *image)
{
    const char *text = image->scalar == NULL ? "" : image->scalar;
    const char *scheme = strstr(text, "://");
    if (scheme != NULL) {
        reader_find(r, image,
                    "\"%s\" matches no image, because images have no %.*s; did you mean \"%s\"?",
                    text, (int)(scheme - text) + 3, text, scheme + 3);
    } else if (strpbrk(text, "*?/:@") == NULL && strchr(text, '.') != NULL) {
        reader_find(r, image, "\"%s\" is a registry, which no image is; did you mean \"%s/*\"?",
                    text, text);
    }
}

static bool check_from(struct reader *r, const struct yaml_node *item, enum rule_kind kind)
{
    const struct yaml_node *from = yaml_get(item, "from");
    if (kind == RULE_IMAGES && from == NULL) {
        reader_find(r, item,
                    "\"from\" is missing: the rule images needs the images that are "
                    "allowed (list of globs)");
        return false;
    }
    if (kind != RULE_IMAGES && from != NULL) {
        reader_find_key(r, from, "\"from\" is only for the rule images");
        return false;
    }
    for (const struct yaml_node *image = from == NULL ? NULL : from->first; image != NULL;
         image = image->next) {
        check_image_pattern(r, image);
    }
    return true;
}

void compile_require(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct requirement q = {.kind = RULE_KIND_COUNT, .action = REQUIRE_DENY};
        if (!fields_read(r, item, field->members, &q) || q.kind == RULE_KIND_COUNT ||
            !check_from(r, item, (enum rule_kind)q.kind)) {
            continue;
        }
        const char *name = rule_kind_name((enum rule_kind)q.kind);
        draft_add(r, out, item, reader_format(r, "require/%s", name),
                  (struct rule){.kind = (enum rule_kind)q.kind,
                                .name = reader_format(r, "require.%s", name),
                                .require = {.action = (enum require_action)q.action,
                                            .from = q.from,
                                            .allowed = q.from == NULL ? NULL : join(r, q.from)}});
    }
}

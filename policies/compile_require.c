/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/quantity.h"
#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

enum { ALLOWED_TEXT_MAX = 4096 };

static const struct word rule_words[] = {
    {"memory-limit", RULE_MEMORY_LIMIT},    {"images", RULE_IMAGES},
    {"no-privileged", RULE_NO_PRIVILEGED},  {"claim-size", RULE_CLAIM_SIZE},
    {"claim-class", RULE_CLAIM_CLASS},      {"restart-policy", RULE_RESTARTS},
    {"dynamic-allocation", RULE_EXECUTORS}, {NULL, 0}};
static const struct word action_words[] = {
    {"deny", REQUIRE_DENY}, {"warn", REQUIRE_WARN}, {"audit", REQUIRE_AUDIT}, {NULL, 0}};

struct requirement {
    unsigned kind;
    unsigned action;
    const char *const *from;
    const struct quantity *min;
    const struct quantity *max;
};

static void field_quantity(struct reader *r, const struct yaml_node *node,
                           const struct field *field, void *out)
{
    (void)field;
    const char *text = read_scalar(r, node);
    struct quantity *kept = reader_alloc(r, sizeof(*kept));
    struct quantity zero = {.nano = 0};
    if (text == NULL || kept == NULL) {
        return;
    }
    if (!quantity_parse(text, kept) || quantity_compare(*kept, zero) <= 0) {
        reader_find(r, node, "%s must be a quantity over 0 such as 100Gi, not %s", name_of(r, node),
                    describe(r, node));
        return;
    }
    *(const struct quantity **)out = kept;
}

const struct field require_fields[] = {
    {.name = "rule",
     .type = "memory-limit, images, no-privileged, claim-size, claim-class, "
             "restart-policy or dynamic-allocation",
     .summary = "what is required",
     .read = field_word,
     .offset = offsetof(struct requirement, kind),
     .detail = rule_words,
     .flags = FIELD_REQUIRED},
    {.name = "action",
     .type = "deny, warn or audit",
     .summary = "what happens to an object that does not fulfil it; audit: it is only noted in the "
                "audit log; deny by default",
     .read = field_word,
     .offset = offsetof(struct requirement, action),
     .detail = action_words},
    {.name = "from",
     .type = "list of globs",
     .summary = "of the rules images and claim-class: what is allowed",
     .read = field_globs,
     .offset = offsetof(struct requirement, from),
     .detail = &check_image_glob},
    {.name = "min",
     .type = "quantity",
     .summary = "of claim-size, what a claim may ask for; of dynamic-allocation, minExecutors",
     .read = field_quantity,
     .offset = offsetof(struct requirement, min)},
    {.name = "max",
     .type = "quantity",
     .summary = "of claim-size, what a claim may ask for; of dynamic-allocation, maxExecutors",
     .read = field_quantity,
     .offset = offsetof(struct requirement, max)},
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

/* Some rules need "from", the others must not have it. */
static bool check_from(struct reader *r, const struct yaml_node *item, enum rule_kind kind)
{
    const struct yaml_node *from = yaml_get(item, "from");
    bool needs_it = kind == RULE_IMAGES || kind == RULE_CLAIM_CLASS;
    if (needs_it && from == NULL) {
        reader_find(r, item,
                    "\"from\" is missing: the rule %s needs the %s that are "
                    "allowed (list of globs)",
                    rule_kind_name(kind), kind == RULE_IMAGES ? "images" : "storage classes");
        return false;
    }
    if (!needs_it && from != NULL) {
        reader_find_key(r, from, "\"from\" is only for the rules images and claim-class");
        return false;
    }
    for (const struct yaml_node *image = kind != RULE_IMAGES ? NULL : from->first; image != NULL;
         image = image->next) {
        check_image_pattern(r, image);
    }
    return true;
}

static bool has_limits(unsigned kind)
{
    return kind == RULE_CLAIM_SIZE || kind == RULE_EXECUTORS;
}

/* Some rules need limits, the others have none; they must leave something between them. */
static bool check_limits(struct reader *r, const struct yaml_node *item,
                         const struct requirement *q)
{
    const struct yaml_node *min = yaml_get(item, "min");
    const struct yaml_node *max = yaml_get(item, "max");
    const struct yaml_node *any = min != NULL ? min : max;
    if (!has_limits(q->kind)) {
        if (any != NULL) {
            reader_find_key(r, any, "%s is only for the rules claim-size and dynamic-allocation",
                            name_of(r, any));
        }
        return any == NULL;
    }
    if (any == NULL) {
        reader_find(r, item, "the rule %s needs \"min\", \"max\" or both",
                    rule_kind_name((enum rule_kind)q->kind));
        return false;
    }
    bool has_both = min != NULL && max != NULL && q->min != NULL && q->max != NULL;
    if (has_both && quantity_compare(*q->min, *q->max) > 0) {
        reader_find(r, max, "\"max\" must not be less than \"min\", which is %s", min->scalar);
        return false;
    }
    return (min == NULL || q->min != NULL) && (max == NULL || q->max != NULL);
}

/* What is allowed, for messages; NULL where the rule has its own words. */
static const char *allowed_text(struct reader *r, const struct yaml_node *item,
                                const struct requirement *q)
{
    if (q->from != NULL) {
        return join(r, q->from);
    }
    const struct yaml_node *min = yaml_get(item, "min");
    const struct yaml_node *max = yaml_get(item, "max");
    if (!has_limits(q->kind)) {
        return NULL;
    }
    return reader_format(r, "%s%s%s%s%s", min == NULL ? "" : "at least ",
                         min == NULL ? "" : min->scalar, min == NULL || max == NULL ? "" : ", ",
                         max == NULL ? "" : "at most ", max == NULL ? "" : max->scalar);
}

static unsigned targets_of(enum rule_kind kind)
{
    if (kind == RULE_CLAIM_SIZE || kind == RULE_CLAIM_CLASS) {
        return TARGET_CLAIM;
    }
    return kind == RULE_RESTARTS || kind == RULE_EXECUTORS ? TARGET_APPLICATION : TARGET_POD;
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
            !check_from(r, item, (enum rule_kind)q.kind) || !check_limits(r, item, &q)) {
            continue;
        }
        const char *name = rule_kind_name((enum rule_kind)q.kind);
        draft_add(r, out, item, reader_format(r, "require/%s", name),
                  (struct rule){.kind = (enum rule_kind)q.kind,
                                .targets = targets_of((enum rule_kind)q.kind),
                                .name = reader_format(r, "require.%s", name),
                                .require = {.action = (enum require_action)q.action,
                                            .from = q.from,
                                            .allowed = allowed_text(r, item, &q),
                                            .least = q.min,
                                            .most = q.max}});
    }
}

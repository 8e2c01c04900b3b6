/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "policies/checks.h"
#include "policies/compile_require.h"
#include "policies/report.h"

enum { ALLOWED_TEXT_MAX = 4096, NOTICE_SECONDS = 30 };

/* By the names of their kinds, so that there is one spelling. */
static field_read read_rule;

static const struct word action_words[] = {
    {"deny", REQUIRE_DENY}, {"warn", REQUIRE_WARN}, {"audit", REQUIRE_AUDIT}, {NULL, 0}};

const struct field require_fields[] = {
    {.name = "rule",
     .type = "name of a rule",
     .summary = "what is required",
     .read = read_rule,
     .offset = offsetof(struct requirement, kind),
     .flags = FIELD_REQUIRED},
    {.name = "action",
     .type = "deny, warn or audit",
     .summary = "what happens to an object that does not fulfil it; audit: it is only noted in the "
                "audit log; deny by default",
     .read = field_word,
     .offset = offsetof(struct requirement, action),
     .detail = action_words},
    {.name = "role",
     .type = "driver or executor",
     .summary = "whose pods or claims are judged; both by default",
     .read = field_word,
     .offset = offsetof(struct requirement, roles),
     .detail = role_words},
    {.name = "from",
     .type = "list of globs",
     .summary = "the images, or storage classes, that are allowed",
     .read = field_globs,
     .offset = offsetof(struct requirement, from),
     .detail = &check_image_glob},
    {.name = "min",
     .type = "quantity",
     .summary = "of claim-size, what a claim may ask for; of dynamic-allocation, minExecutors",
     .read = require_min,
     .offset = offsetof(struct requirement, limits)},
    {.name = "max",
     .type = "quantity",
     .summary = "of claim-size, what a claim may ask for; of dynamic-allocation, maxExecutors",
     .read = require_max,
     .offset = offsetof(struct requirement, limits)},
    {.name = "allow",
     .type = "list",
     .summary = "what is allowed all the same: capabilities, paths of the host, or globs of "
                "service accounts",
     .read = field_node,
     .offset = offsetof(struct requirement, allow)},
    {.name = "labels",
     .type = "list",
     .summary = "labels that pods must have, and what they may say",
     .read = field_node,
     .offset = offsetof(struct requirement, labels),
     .members = required_label_fields},
    {.name = "cpu",
     .type = "map",
     .summary = "least and most processors of a container",
     .read = field_node,
     .offset = offsetof(struct requirement, cpu),
     .members = bound_fields},
    {.name = "memory",
     .type = "map",
     .summary = "least and most memory of a container",
     .read = field_node,
     .offset = offsetof(struct requirement, memory),
     .members = bound_fields},
    {.name = "ephemeralStorage",
     .type = "map",
     .summary = "least and most disk of the node for a container",
     .read = field_node,
     .offset = offsetof(struct requirement, ephemeral_storage),
     .members = bound_fields},
    {.name = "notice",
     .type = "duration",
     .summary = "how long before a node goes the cloud says so; 30s by default",
     .read = field_seconds,
     .offset = offsetof(struct requirement, notice_seconds)},
    {.name = "script",
     .type = "path",
     .summary = "what decommissions an executor; /opt/decom.sh by default",
     .read = field_string,
     .offset = offsetof(struct requirement, script),
     .detail = &check_host_path},
    {.name = NULL},
};

/*
 * What the rules take.
 */

static require_add add_plain, add_images, add_from, add_listed, add_decommission;

static const struct row {
    enum rule_kind kind;
    unsigned targets;         /* bits of enum target; 0: pods */
    unsigned roles;           /* the only ones that it is about; 0: both */
    const char *takes[4];     /* of the members that are not for all rules */
    const char *needs;        /* one of them that must be there */
    const struct check *each; /* of allow */
    require_add *add;
} rows[] = {
    {.kind = RULE_MEMORY_LIMIT, .add = add_plain},
    {.kind = RULE_IMAGES, .takes = {"from"}, .needs = "from", .add = add_images},
    {.kind = RULE_NO_PRIVILEGED, .add = add_plain},
    {.kind = RULE_MEMORY_COVERS_CONF, .add = add_plain},
    {.kind = RULE_DECOMMISSION,
     .roles = ROLE_EXECUTOR,
     .takes = {"notice", "script"},
     .add = add_decommission},
    {.kind = RULE_NO_HOST_NAMESPACES, .add = add_plain},
    {.kind = RULE_NO_HOST_PATHS, .takes = {"allow"}, .each = &check_host_path, .add = add_listed},
    {.kind = RULE_CAPABILITIES, .takes = {"allow"}, .each = &check_capability, .add = add_listed},
    {.kind = RULE_NO_PRIVILEGE_ESCALATION, .add = add_plain},
    {.kind = RULE_DRIVER_NOT_ON_SPOT, .roles = ROLE_DRIVER, .add = add_plain},
    {.kind = RULE_REQUIRED_LABELS, .takes = {"labels"}, .needs = "labels", .add = require_labels},
    {.kind = RULE_SERVICE_ACCOUNTS,
     .takes = {"allow"},
     .needs = "allow",
     .each = &check_name_glob,
     .add = add_listed},
    {.kind = RULE_RESOURCE_BOUNDS,
     .takes = {"cpu", "memory", "ephemeralStorage"},
     .add = require_bounds},
    {.kind = RULE_CLAIM_SIZE,
     .targets = TARGET_CLAIM,
     .takes = {"min", "max"},
     .add = require_limits},
    {.kind = RULE_CLAIM_CLASS,
     .targets = TARGET_CLAIM,
     .takes = {"from"},
     .needs = "from",
     .add = add_from},
    {.kind = RULE_RESTARTS, .targets = TARGET_APPLICATION, .roles = ROLE_DRIVER, .add = add_plain},
    {.kind = RULE_EXECUTORS,
     .targets = TARGET_APPLICATION,
     .roles = ROLE_DRIVER,
     .takes = {"min", "max"},
     .add = require_limits},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static void read_rule(struct reader *r, const struct yaml_node *node, const struct field *field,
                      void *out)
{
    (void)field;
    struct word words[ROW_COUNT + 1];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        words[i] = (struct word){rule_kind_name(rows[i].kind), (unsigned)rows[i].kind};
    }
    words[ROW_COUNT] = (struct word){NULL, 0};
    (void)read_word(r, node, words, out);
}

static const struct row *row_of(unsigned kind)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if ((unsigned)rows[i].kind == kind) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool takes(const struct row *row, const char *member)
{
    for (size_t i = 0; i < sizeof(row->takes) / sizeof(row->takes[0]); i++) {
        if (row->takes[i] != NULL && strcmp(row->takes[i], member) == 0) {
            return true;
        }
    }
    return false;
}

/* "images", "a and b" */
static const char *rules_with(struct reader *r, const char *member)
{
    const char *names[ROW_COUNT + 1] = {NULL};
    size_t n = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (takes(&rows[i], member)) {
            names[n++] = rule_kind_name(rows[i].kind);
        }
    }
    names[n] = NULL;
    return require_join(r, names);
}

/* Members that no row names are for every rule. */
static bool check_members(struct reader *r, const struct yaml_node *item, const struct row *row)
{
    bool ok = true;
    for (const struct field *f = require_fields; f->name != NULL; f++) {
        const struct yaml_node *member = yaml_get(item, f->name);
        const char *rules = rules_with(r, f->name);
        if (member != NULL && rules != NULL && *rules != '\0' && !takes(row, f->name)) {
            reader_find_key(r, member, "\"%s\" is only for the rule%s %s", f->name,
                            strchr(rules, ',') == NULL ? "" : "s", rules);
            ok = false;
        }
        if (member == NULL && row->needs != NULL && strcmp(row->needs, f->name) == 0) {
            reader_find(r, item, "\"%s\" is missing: the rule %s needs %s (%s)", f->name,
                        rule_kind_name(row->kind), f->summary, f->type);
            ok = false;
        }
    }
    return ok;
}

static bool check_roles(struct reader *r, const struct yaml_node *item, const struct row *row,
                        struct requirement *q)
{
    if (row->roles == 0) {
        return true;
    }
    const struct yaml_node *role = yaml_get(item, "role");
    if (role != NULL && q->roles != row->roles) {
        reader_find(r, role, "the rule %s is about %s", rule_kind_name(row->kind),
                    row->roles == ROLE_DRIVER ? "drivers" : "executors");
        return false;
    }
    q->roles = row->roles;
    return true;
}

/*
 * What they become.
 */

const char *require_join(struct reader *r, const char *const *texts)
{
    struct buf b;
    buf_init(&b, ALLOWED_TEXT_MAX);
    for (size_t i = 0; texts[i] != NULL; i++) {
        if (b.len + strlen(texts[i]) + 8 > ALLOWED_TEXT_MAX) {
            buf_adds(&b, ", …");
            break;
        }
        buf_addf(&b, "%s%s", i > 0 ? ", " : "", texts[i]);
    }
    if (b.failed) {
        r->report->out_of_memory = true;
    }
    const char *text = reader_text(r, b.text == NULL ? "" : b.text);
    buf_finish(&b);
    return text;
}

const char *const *require_list(struct reader *r, const struct yaml_node *node,
                                const struct check *check)
{
    const char *const *list = NULL;
    size_t before = r->report->count;
    const struct field field = {.name = "allow", .detail = check};
    field_globs(r, node, &field, &list);
    return r->report->count == before ? list : NULL;
}

void require_rule(struct reader *r, struct draft *d, const struct yaml_node *at, const char *part,
                  struct rule rule)
{
    const char *name = rule_kind_name(rule.kind);
    bool is_part = part != NULL;
    rule.name = reader_format(r, "require.%s%s%s", name, is_part ? "." : "", is_part ? part : "");
    draft_add(r, d, at,
              reader_format(r, "require/%s%s%s", name, is_part ? "/" : "", is_part ? part : ""),
              rule);
}

static void add_plain(struct reader *r, struct draft *d, const struct yaml_node *item,
                      const struct requirement *q, struct rule rule)
{
    (void)q;
    require_rule(r, d, item, NULL, rule);
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

static void add_from(struct reader *r, struct draft *d, const struct yaml_node *item,
                     const struct requirement *q, struct rule rule)
{
    rule.require.from = q->from;
    rule.require.allowed = q->from == NULL ? NULL : require_join(r, q->from);
    require_rule(r, d, item, NULL, rule);
}

static void add_images(struct reader *r, struct draft *d, const struct yaml_node *item,
                       const struct requirement *q, struct rule rule)
{
    const struct yaml_node *from = yaml_get(item, "from");
    for (const struct yaml_node *image = from->first; image != NULL; image = image->next) {
        check_image_pattern(r, image);
    }
    add_from(r, d, item, q, rule);
}

static void add_listed(struct reader *r, struct draft *d, const struct yaml_node *item,
                       const struct requirement *q, struct rule rule)
{
    static const char *const none[] = {NULL};
    rule.require.from = none;
    rule.require.allowed = "none";
    if (q->allow != NULL) {
        rule.require.from = require_list(r, q->allow, row_of(q->kind)->each);
        if (rule.require.from == NULL) {
            return;
        }
        rule.require.allowed = require_join(r, rule.require.from);
    }
    require_rule(r, d, item, NULL, rule);
}

static void add_decommission(struct reader *r, struct draft *d, const struct yaml_node *item,
                             const struct requirement *q, struct rule rule)
{
    rule.require.decommission.seconds = q->notice_seconds;
    rule.require.decommission.script = q->script;
    require_rule(r, d, item, NULL, rule);
}

static void read_item(struct reader *r, struct draft *d, const struct yaml_node *item,
                      const struct field *fields)
{
    struct requirement q = {.kind = RULE_KIND_COUNT,
                            .action = REQUIRE_DENY,
                            .notice_seconds = NOTICE_SECONDS,
                            .script = "/opt/decom.sh"};
    if (!fields_read(r, item, fields, &q)) {
        return;
    }
    const struct row *row = row_of(q.kind);
    if (row == NULL || !check_members(r, item, row) || !check_roles(r, item, row, &q)) {
        return;
    }
    row->add(r, d, item, &q,
             (struct rule){.kind = row->kind,
                           .targets = row->targets,
                           .roles = q.roles,
                           .require = {.action = (enum require_action)q.action}});
}

void compile_require(struct reader *r, const struct yaml_node *node, const struct field *field,
                     void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_item(r, out, item, field->members);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/compile.h"

#include <string.h>

#include "core/arena.h"
#include "policies/checks.h"
#include "policies/report.h"

enum kind { KIND_POLICY = 1, KIND_EXCEPTION };

const struct word version_words[] = {{"sparkward.dev/v1", 1}, {NULL, 0}};
const struct word kind_words[] = {
    {"SparkPolicy", KIND_POLICY}, {"PolicyException", KIND_EXCEPTION}, {NULL, 0}};
const struct word when_words[] = {{"absent", WHEN_ABSENT}, {"always", WHEN_ALWAYS}, {NULL, 0}};
const struct word role_words[] = {{"driver", ROLE_DRIVER}, {"executor", ROLE_EXECUTOR}, {NULL, 0}};
const struct word local_dirs_words[] = {
    {"emptyDir", LOCAL_DIRS_EMPTY_DIR}, {"persistent", LOCAL_DIRS_PERSISTENT}, {NULL, 0}};

static const struct word mode_words[] = {
    {"enforce", MODE_ENFORCE}, {"monitor", MODE_MONITOR}, {"off", MODE_OFF}, {NULL, 0}};
static const struct limits priority_limits = {-1000000000, 1000000000};

static void read_name(struct reader *r, const struct yaml_node *node, const struct field *field,
                      void *out)
{
    struct draft *d = out;
    const char *name = NULL;
    field_string(r, node, field, &name);
    if (name != NULL) {
        d->policy.name = name;
        d->name = node;
    }
}

static const struct field metadata_fields[] = {
    {.name = "name",
     .type = "DNS label",
     .summary = "what messages and audit annotations call the policy; unique",
     .read = read_name,
     .detail = &check_dns_label,
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

static field_read read_admission;
static field_read read_around;

static const struct field spec_fields[] = {
    {.name = "priority",
     .type = "integer",
     .summary = "of policies that decide the same field of a pod, the highest wins; 0 by default",
     .read = field_integer,
     .offset = offsetof(struct draft, policy.priority),
     .detail = &priority_limits},
    {.name = "mode",
     .type = "enforce, monitor or off",
     .summary = "monitor: what it would do is told; off: it is only read; enforce by default",
     .read = field_word,
     .offset = offsetof(struct draft, policy.mode),
     .detail = mode_words},
    {.name = "match",
     .type = "map",
     .summary = "which pods the policy is for; all Spark pods by default",
     .read = field_map,
     .offset = offsetof(struct draft, policy.match),
     .members = match_fields},
    {.name = "admission",
     .type = "map",
     .summary = "what is changed in pods",
     .read = read_admission,
     .members = admission_fields},
    {.name = "sparkConf",
     .type = "map of strings, or list",
     .summary = "properties for the driver's spark.properties and for SparkApplications",
     .read = compile_conf,
     .members = conf_fields},
    {.name = "claims",
     .type = "map",
     .summary = "what is changed in PersistentVolumeClaims that Spark makes",
     .read = read_around,
     .members = claims_fields},
    {.name = "application",
     .type = "map",
     .summary = "what is changed in SparkApplications of operators",
     .read = read_around,
     .members = application_fields},
    {.name = "require",
     .type = "list",
     .summary = "what objects must fulfil after all changes",
     .read = compile_require,
     .members = require_fields},
    {.name = NULL},
};

const struct field policy_fields[] = {
    FIELD_API_VERSION(struct draft),
    FIELD_KIND(struct draft),
    {.name = "metadata",
     .type = "map",
     .summary = "the name of the policy",
     .read = field_map,
     .members = metadata_fields,
     .flags = FIELD_REQUIRED},
    {.name = "spec",
     .type = "map",
     .summary = "what the policy does, and to which pods",
     .read = field_map,
     .members = spec_fields,
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

/*
 * What the document is; one that does not say so is taken for a policy. False when apiVersion
 * or kind say that it is something else: its fields are unknown.
 */
static bool read_kind(struct reader *r, const struct yaml_node *document, unsigned *out_kind)
{
    const struct yaml_node *version = yaml_get(document, "apiVersion");
    const struct yaml_node *kind = yaml_get(document, "kind");
    unsigned known = 0;
    bool ok = version == NULL || read_word(r, version, version_words, &known);
    *out_kind = KIND_POLICY;
    return (kind == NULL || read_word(r, kind, kind_words, out_kind)) && ok;
}

unsigned role_named(const char *name)
{
    return strcmp(name, "driver") == 0 ? ROLE_DRIVER : ROLE_EXECUTOR;
}

unsigned when_in(const struct yaml_node *map, unsigned otherwise)
{
    const struct yaml_node *node = yaml_get(map, "when");
    for (const struct word *w = when_words; node != NULL && w->text != NULL; w++) {
        if (node->kind == YAML_SCALAR && strcmp(node->scalar, w->text) == 0) {
            return w->value;
        }
    }
    return otherwise;
}

static void read_admission(struct reader *r, const struct yaml_node *node,
                           const struct field *field, void *out)
{
    struct draft *d = out;
    d->when = when_in(node, WHEN_ABSENT);
    (void)fields_read(r, node, field->members, d);
}

/* A section that is not of pods: what spec.admission says is not for it. */
static void read_around(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out)
{
    struct section s = {.draft = out, .when = when_in(node, WHEN_ABSENT)};
    (void)fields_read(r, node, field->members, &s);
}

void field_section(struct reader *r, const struct yaml_node *node, const struct field *field,
                   void *out)
{
    struct section s = {.draft = out};
    s.when = when_in(node, s.draft->when);
    (void)fields_read(r, node, field->members, &s);
}

void draft_add(struct reader *r, struct draft *d, const struct yaml_node *at, const char *slot,
               struct rule rule)
{
    struct draft_rule *added = arena_zalloc(r->work, sizeof(*added));
    if (added == NULL || slot == NULL || rule.name == NULL) {
        r->report->out_of_memory = true;
        return;
    }
    added->draft = d;
    added->slot = slot;
    added->rule = rule;
    added->rule.line = at->key != NULL ? at->key_line : at->line;
    added->rule.column = at->key != NULL ? at->key_column : at->column;
    if (rule.roles == 0) {
        added->rule.roles = ROLES_ALL;
    }
    if (rule.targets == 0) {
        added->rule.targets = TARGET_POD;
    }
    if (rule.local_dirs == 0) {
        added->rule.local_dirs = LOCAL_DIRS_ALL;
    }
    struct draft_rule **place = d->last == NULL ? &d->first : &d->last->next;
    *place = added;
    d->last = added;
    d->rule_count++;
}

/* Rules cannot reach pods that their policy does not match. */
static void narrow_roles(struct reader *r, struct draft *d)
{
    for (struct draft_rule *x = d->first; x != NULL; x = x->next) {
        unsigned roles = x->rule.roles & d->policy.match.roles;
        if (roles == 0) {
            bool is_driver = x->rule.roles == ROLE_DRIVER;
            report_add(r->report, r->file, x->rule.line, x->rule.column,
                       "%s is for %s, but spec.match.roles leaves them out", x->rule.name,
                       is_driver ? "drivers" : "executors");
        }
        x->rule.roles = roles;
    }
}

static void compile_policy(struct reader *r, const struct yaml_node *document, struct drafts *to)
{
    struct draft *d = arena_zalloc(r->work, sizeof(*d));
    if (d == NULL) {
        r->report->out_of_memory = true;
        return;
    }
    d->policy.name = "";
    d->policy.match.roles = ROLES_ALL;
    d->policy.file = r->file;
    d->policy.line = document->line;
    d->policy.column = document->column;
    (void)fields_read(r, document, policy_fields, d);
    narrow_roles(r, d);
    struct draft **place = to->last == NULL ? &to->first : &to->last->next;
    *place = d;
    to->last = d;
}

void compile_document(struct reader *r, const struct yaml_node *document, struct drafts *to)
{
    unsigned kind;
    if (document->kind != YAML_MAP) {
        reader_find(r, document, "a policy must be a map, not %s", describe(r, document));
    } else if (read_kind(r, document, &kind)) {
        (kind == KIND_POLICY ? compile_policy : compile_exception)(r, document, to);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/diff.h"

#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/printable.h"
#include "core/yaml.h"
#include "webhook/evaluate.h"

enum { VALUE_TEXT_MAX = 1024 * 1024 };

/* Terminal styles (ECMA-48 SGR): empty without colour. */
struct style {
    const char *place, *gone, *come, *denied, *warned, *plain;
};
static const struct style colours = {"\033[1;36m", "\033[31m", "\033[32m",
                                     "\033[1;31m", "\033[33m", "\033[0m"};
static const struct style no_colours = {"", "", "", "", "", ""};

static bool is_name(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');
        if (!letter) {
            return false;
        }
    }
    return len > 0;
}

static bool is_index(const char *s, size_t len)
{
    return len > 0 && strspn(s, "0123456789") >= len;
}

static void print_key(struct buf *b, const char *s, size_t len)
{
    buf_adds(b, "[\"");
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '~' && i + 1 < len) {
            i++;
            buf_addc(b, s[i] == '1' ? '/' : '~');
        } else {
            buf_addc(b, s[i]);
        }
    }
    buf_adds(b, "\"]");
}

/* A JSON Pointer the way Kubernetes writes field paths: spec.volumes[1].ephemeral. */
static void print_path(struct buf *b, const char *pointer)
{
    const char *at = pointer;
    while (*at == '/') {
        at++;
        size_t len = strcspn(at, "/");
        if (is_name(at, len)) {
            buf_adds(b, at == pointer + 1 ? "" : ".");
            buf_add(b, at, len);
        } else if (is_index(at, len)) {
            buf_addf(b, "[%.*s]", (int)len, at);
        } else if (len == 1 && *at == '-') {
            buf_adds(b, "[+]");
        } else {
            print_key(b, at, len);
        }
        at += len;
    }
}

static void print_value(struct buf *b, const struct json *v, const char *mark, const char *on,
                        const char *off)
{
    struct buf text;
    buf_init(&text, VALUE_TEXT_MAX);
    if (yaml_print(&text, v, 0) != ERR_OK) {
        b->failed = true;
    }
    for (const char *line = text.text; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");
        buf_addf(b, "%s%s %.*s%s\n", on, mark, (int)len, line, off);
        line += len + (line[len] == '\n' ? 1 : 0);
    }
    buf_finish(&text);
}

/* Lines of a text, each with a mark. */
static void print_lines(struct buf *b, const char *text, size_t len, const struct style *s)
{
    for (const char *end = text + len; text < end;) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        struct buf line;
        buf_init(&line, VALUE_TEXT_MAX);
        buf_add(&line, text, (size_t)((line_end == NULL ? end : line_end) - text));
        buf_addf(b, "%s+ %s%s\n", s->come, line.text == NULL ? "" : printable(line.text), s->plain);
        b->failed = b->failed || line.failed;
        buf_finish(&line);
        text = line_end == NULL ? end : line_end + 1;
    }
}

/* Of a text of many lines that stays as it is within a longer one: what is new. False for others.
 */
static bool print_new_lines(struct buf *b, const struct edit *edit, const struct style *s)
{
    const char *old = json_string(edit->old);
    const char *new = json_string(edit->value);
    const char *in = old == NULL || new == NULL ? NULL : strstr(new, old);
    if (in == NULL || strchr(old, '\n') == NULL) {
        return false;
    }
    print_lines(b, new, (size_t)(in - new), s);
    buf_adds(b, "  ...\n");
    print_lines(b, in + strlen(old), strlen(in) - strlen(old), s);
    return true;
}

/* True when @edit changed something inside what @outer put there. */
static bool lies_in(const struct edit *edit, const struct edit *outer)
{
    size_t len = strlen(outer->pointer);
    return edit->merged && strncmp(edit->pointer, outer->pointer, len) == 0 &&
           edit->pointer[len] == '/';
}

/* Whether an edit before @edit that shows up in @outer had the same rule. */
static bool is_told(const struct edit *outer, const struct edit *edit)
{
    for (const struct edit *e = outer; e != edit; e = e->next) {
        if (e->rule == edit->rule && (e == outer || lies_in(e, outer))) {
            return true;
        }
    }
    return false;
}

/* Every rule that had a part in the change. */
static void print_reasons(struct buf *b, const struct edit *outer)
{
    const struct policy *last = NULL;
    for (const struct edit *e = outer; e != NULL; e = e->next) {
        if ((e != outer && !lies_in(e, outer)) || is_told(outer, e)) {
            continue;
        }
        if (e->rule->policy != last) {
            buf_addf(b, "%spolicy %s: ", last == NULL ? "" : "; ", e->rule->policy->name);
            last = e->rule->policy;
        } else {
            buf_adds(b, ", ");
        }
        buf_adds(b, e->rule->name);
    }
}

static void print_edit(struct buf *b, const struct edit *edit, const struct style *s)
{
    buf_addf(b, "%s@@ ", s->place);
    print_path(b, edit->pointer);
    buf_addf(b, " @@%s  ", s->plain);
    print_reasons(b, edit);
    buf_addc(b, '\n');
    if (print_new_lines(b, edit, s)) {
        return;
    }
    if (edit->old != NULL) {
        print_value(b, edit->old, "-", s->gone, s->plain);
    }
    if (edit->value != NULL) {
        print_value(b, edit->value, "+", s->come, s->plain);
    }
}

/* Rules that matched but gave way to another policy's. */
static void print_losers(struct buf *b, const struct plan *plan)
{
    for (size_t i = 0; i < plan->loser_count; i++) {
        const struct loser *l = &plan->losers[i];
        buf_addf(b, "outranked: policy %s: %s, by policy %s\n", l->rule->policy->name,
                 l->rule->name, l->winner->policy->name);
    }
}

/* Rules that an exception took away. */
static void print_waivers(struct buf *b, const struct plan *plan)
{
    for (const struct waiver *w = plan->waivers; w != NULL; w = w->next) {
        buf_addf(b, "excepted: policy %s: %s, by exception %s until %s: %s\n",
                 w->rule->policy->name, w->rule->name, w->exception->name, w->exception->until,
                 w->exception->reason);
    }
}

static void print_violation(struct buf *b, const struct violation *v, const struct style *s)
{
    static const char *const names[] = {
        [REQUIRE_DENY] = "denied", [REQUIRE_WARN] = "warning", [REQUIRE_AUDIT] = "audited"};
    enum require_action action = v->rule->require.action;
    buf_addf(b, "%s%s:%s %s\n", action == REQUIRE_DENY ? s->denied : s->warned, names[action],
             s->plain, v->message);
}

void diff_print(struct buf *b, const struct evaluation *ev, bool colour)
{
    const struct style *s = colour ? &colours : &no_colours;
    for (const struct edit *edit = ev->edits.first; edit != NULL; edit = edit->next) {
        if (!edit->merged) {
            print_edit(b, edit, s);
        }
    }
    if (ev->edits.operations == 0) {
        buf_adds(b, ev->plan.count == 0 ? "  no rule of any policy matches\n"
                                        : "  nothing to change\n");
    }
    print_losers(b, &ev->plan);
    print_waivers(b, &ev->plan);
    for (const struct notice *n = ev->edits.notices; n != NULL; n = n->next) {
        buf_addf(b, "%swarning:%s %s\n", s->warned, s->plain, n->text);
    }
    for (const struct violation *v = ev->violations.first; v != NULL; v = v->next) {
        print_violation(b, v, s);
    }
}

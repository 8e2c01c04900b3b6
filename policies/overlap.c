/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/overlap.h"

#include <string.h>

#include "core/glob.h"
#include "policies/policy.h"

/* True when @exclude matches all that @glob matches. Errs on the side of false. */
static bool covers(const char *exclude, const char *glob)
{
    if (strcmp(exclude, glob) == 0) {
        return true;
    }
    /* A '*' of the pattern takes in any wildcard of the other; a '?' could not take in a '*'. */
    bool comparable = strchr(exclude, '?') == NULL || strpbrk(glob, "*?") == NULL;
    return comparable && glob_matches(exclude, glob);
}

static bool excludes_all(const char *const *exclude, const char *const *globs)
{
    for (; *globs != NULL; globs++) {
        const char *const *x = exclude;
        while (*x != NULL && !covers(*x, *globs)) {
            x++;
        }
        if (*x == NULL) {
            return false;
        }
    }
    return true;
}

static bool any_intersect(const char *const *x, const char *const *y)
{
    for (; *x != NULL; x++) {
        for (const char *const *other = y; *other != NULL; other++) {
            if (glob_intersects(*x, *other)) {
                return true;
            }
        }
    }
    return false;
}

/* True when surely no namespace is one of both. */
static bool namespaces_differ(const struct match *x, const struct match *y)
{
    if (x->namespaces != NULL && y->namespaces != NULL &&
        !any_intersect(x->namespaces, y->namespaces)) {
        return true;
    }
    return (x->namespaces != NULL && y->exclude_namespaces != NULL &&
            excludes_all(y->exclude_namespaces, x->namespaces)) ||
           (y->namespaces != NULL && x->exclude_namespaces != NULL &&
            excludes_all(x->exclude_namespaces, y->namespaces));
}

bool matches_exclude(const struct match *x, const struct match *y)
{
    return namespaces_differ(x, y) || (x->selector != NULL && y->selector != NULL &&
                                       selector_excludes(x->selector, y->selector));
}

static bool looks_at(const struct selector *s, const char *key)
{
    for (size_t i = 0; i < s->requirement_count; i++) {
        if (strcmp(s->requirements[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

bool label_disturbs(const struct rule *label, const struct match *setter, const struct match *m)
{
    return (label->roles & m->roles) != 0 && looks_at(m->selector, label->entry.key) &&
           !matches_exclude(setter, m);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images from another registry: a mirror that is near, or the one that is allowed.
 *
 * Every image has one full name, and the longest prefix of it wins. What comes of it begins with no
 * prefix of any policy that may match the same pod (policies/set.c), so it is not rewritten again.
 */
#include <string.h>

#include "core/arena.h"
#include "core/image.h"
#include "core/json.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"

struct rewrites {
    const struct rule *const *rules;
    size_t count;
};

static const struct rule *find_longest(const struct rewrites *all, const char *image)
{
    const struct rule *longest = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const struct rule *rule = all->rules[i];
        if (image_begins_with(image, rule->rewrite.from) &&
            (longest == NULL || strlen(rule->rewrite.from) > strlen(longest->rewrite.from))) {
            longest = rule;
        }
    }
    return longest;
}

static void rewrite(struct place *image, const struct rewrites *all)
{
    struct arena *a = image->edits->arena;
    const char *text = json_string(image->node);
    if (text == NULL || *text == '\0') {
        return;
    }
    const char *full = image_full_name(a, text);
    const struct rule *rule = full == NULL ? NULL : find_longest(all, full);
    if (rule == NULL) {
        return;
    }
    char *to = arena_printf(a, "%s%s", rule->rewrite.to, full + strlen(rule->rewrite.from));
    edit_set(image, to == NULL ? NULL : json_new_string_ref(a, to), rule);
}

static void rewrite_containers(struct place *list, const struct rewrites *all)
{
    size_t i = 0;
    for (struct json *c = json_first(list->node); c != NULL; c = json_next(c), i++) {
        struct place container = place_element(list, c, i);
        struct place image = place_member(&container, "image");
        rewrite(&image, all);
    }
}

/* Image volumes (Kubernetes 1.33) are fetched like containers. */
static void rewrite_volumes(struct place *list, const struct rewrites *all)
{
    size_t i = 0;
    for (struct json *v = json_first(list->node); v != NULL; v = json_next(v), i++) {
        struct place volume = place_element(list, v, i);
        struct place image = place_member(&volume, "image");
        struct place reference = place_member(&image, "reference");
        rewrite(&reference, all);
    }
}

void mutate_images(struct spark_pod *pod, const struct rule *const *rules, size_t count)
{
    const struct rewrites all = {.rules = rules, .count = count};
    struct place init_containers = place_member(&pod->spec, "initContainers");
    rewrite_containers(&init_containers, &all);
    rewrite_containers(&pod->containers, &all);
    rewrite_volumes(&pod->volumes, &all);
}

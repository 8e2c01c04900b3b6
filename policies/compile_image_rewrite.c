/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policies/checks.h"
#include "policies/compile.h"

struct rewrite {
    const char *from;
    const char *to;
};

const struct field image_rewrite_fields[] = {
    {.name = "from",
     .type = "prefix of images",
     .summary = "images whose full name begins so; the longest prefix wins",
     .read = field_string,
     .offset = offsetof(struct rewrite, from),
     .detail = &check_image_prefix,
     .flags = FIELD_REQUIRED},
    {.name = "to",
     .type = "prefix of images",
     .summary = "what they begin with instead",
     .read = field_string,
     .offset = offsetof(struct rewrite, to),
     .detail = &check_image_prefix,
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

static bool is_folder(const char *prefix)
{
    return prefix[strlen(prefix) - 1] == '/';
}

static void read_rewrite(struct reader *r, const struct yaml_node *item, const struct field *fields,
                         struct draft *d)
{
    struct rewrite x = {.from = NULL};
    if (!fields_read(r, item, fields, &x) || x.from == NULL || x.to == NULL) {
        return;
    }
    if (is_folder(x.from) != is_folder(x.to)) {
        reader_find(r, yaml_get(item, "to"),
                    "\"from\" and \"to\" must both end with '/', for all that is below them, or "
                    "neither, for one repository");
        return;
    }
    draft_add(r, d, item, reader_format(r, "imageRewrite/%s", x.from),
              (struct rule){.kind = RULE_IMAGE_REWRITE,
                            .name = reader_format(r, "imageRewrite.%s", x.from),
                            .rewrite = {.from = x.from, .to = x.to}});
}

void compile_image_rewrite(struct reader *r, const struct yaml_node *node,
                           const struct field *field, void *out)
{
    if (!expect_list(r, node)) {
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        read_rewrite(r, item, field->members, out);
    }
}

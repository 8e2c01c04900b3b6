/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/buf.h"
#include "core/json.h"
#include "policies/load.h"
#include "policies/policy.h"
#include "table.h"

Test(library, default_loads_without_findings, .init = json_init)
{
    static const char *const paths[] = {SOURCE_DIR "/policies/library"};
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load(paths, 1, &set, &f);
    cr_assert_eq(code, ERR_OK, "%zu: %s", f.count > 0 ? f.list[0].line : 0,
                 f.count > 0 ? f.list[0].text : "");
    cr_assert_eq(f.count, 0);
    findings_finish(&f);
    cr_assert_eq(set->count, 1);
    const struct policy *p = &set->policies[0];
    cr_assert_str_eq(p->name, "default");
    cr_assert_lt(p->priority, 0, "must give way to policies that name no priority");
    for (size_t i = 0; i < p->rule_count; i++) {
        cr_assert_eq(p->rules[i].when, WHEN_ABSENT, "%s", p->rules[i].name);
    }
    policy_set_destroy(set);
}

/* True for a comment line that is a part of the policy, switched off. */
static bool is_switched_off(const char *comment)
{
    static const char *const starts[] = {
        "match:",    "exclude:", "namespaces:", "labels:",   "cost-centre:", "probes:", "driver:",
        "liveness:", "startup:", "localDirs:",  "executor:", "- rule:",      "action:", "from:"};
    comment += strspn(comment, " ");
    for (size_t i = 0; i < COUNT(starts); i++) {
        if (strncmp(comment, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* What is commented out must be right too: it is what people will switch on. */
Test(library, switched_off_parts_of_default_load, .init = json_init)
{
    FILE *file = fopen(SOURCE_DIR "/policies/library/default.yaml", "re");
    cr_assert_not_null(file);
    struct buf b;
    buf_init(&b, 1 << 20);
    char line[512];
    size_t switched_on = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        size_t indent = strspn(line, " ");
        if (strncmp(line + indent, "# ", 2) == 0 && is_switched_off(line + indent + 2)) {
            memmove(line + indent, line + indent + 2, strlen(line + indent + 2) + 1);
            switched_on++;
        }
        buf_adds(&b, line);
    }
    (void)fclose(file);
    cr_assert_eq(switched_on, 14, "%zu", switched_on);
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(policies_load_text("t.yaml", b.text, b.len, &set, &f), ERR_OK, "%zu: %s\n%s",
                 f.count > 0 ? f.list[0].line : 0, f.count > 0 ? f.list[0].text : "", b.text);
    findings_finish(&f);
    policy_set_destroy(set);
    buf_finish(&b);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "policies/load.h"
#include "policies/policy.h"
#include "server/command.h"
#include "server/findings.h"
#include "server/options.h"
#include "server/reminders.h"

static const struct options options = {
    .command = "check",
    .operands = "FILE|DIR...",
    .about =
        "Reads policy files, or every *.yaml and *.yml of a folder, as the server would, and\n"
        "prints every mistake as file:line:column: what is wrong, and hints at exceptions that\n"
        "have expired or soon will. Exit code 0: no mistake, 1: mistakes,\n"
        "2: wrong usage or a path that cannot be read.",
    .example = "  sparkward check policies/ more/etl.yaml\n",
};

static void print_set(const struct policy_set *set)
{
    size_t policies = set->count + set->off_count;
    reminders_print(stdout, set, (int64_t)time(NULL));
    printf("ok: %zu polic%s", policies, policies == 1 ? "y" : "ies");
    if (set->exception_count > 0) {
        printf(" and %zu exception%s", set->exception_count, set->exception_count == 1 ? "" : "s");
    }
    printf(" in %zu file%s\n", set->file_count, set->file_count == 1 ? "" : "s");
}

static int check(void *out, char **paths, size_t count)
{
    (void)out;
    if (count == 0) {
        return options_error(&options, "name at least one FILE or DIR");
    }
    struct policy_set *set = NULL;
    struct findings findings;
    enum err_code code = policies_load((const char *const *)paths, count, &set, &findings);
    int exit_code = 0;
    if (code == ERR_OK) {
        print_set(set);
        policy_set_destroy(set);
    } else {
        exit_code = findings_report("check", stdout, code, &findings);
    }
    findings_finish(&findings);
    return exit_code;
}

int cmd_check(int argc, char **argv)
{
    return options_run(&options, argc, argv, NULL, check);
}

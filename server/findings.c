/* SPDX-License-Identifier: Apache-2.0 */
#include "server/findings.h"

#include "policies/load.h"
#include "server/options.h"

static void print_finding(FILE *to, const struct finding *f)
{
    if (f->line == 0) { /* the file itself */
        (void)fprintf(to, "%s: %s\n", f->file, f->text);
    } else {
        (void)fprintf(to, "%s:%zu:%zu: %s\n", f->file, f->line, f->column, f->text);
    }
}

int findings_report(const char *command, FILE *to, enum err_code code,
                    const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        print_finding(to, &findings->list[i]);
    }
    if (findings->count > 0) {
        (void)fprintf(to, "%zu mistake%s\n", findings->count, findings->count == 1 ? "" : "s");
    } else {
        (void)fprintf(stderr, "sparkward %s: %s\n", command, err_text(code));
    }
    return code == ERR_INVALID ? EXIT_FINDINGS : EXIT_USAGE;
}

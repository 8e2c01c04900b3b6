/* SPDX-License-Identifier: Apache-2.0 */
#include "server/findings.h"

#include "policies/load.h"
#include "server/options.h"

void finding_place(const struct finding *f, char out[static FINDING_PLACE_MAX])
{
    if (f->line == 0) {
        (void)snprintf(out, FINDING_PLACE_MAX, "%s", f->file);
    } else {
        (void)snprintf(out, FINDING_PLACE_MAX, "%s:%zu:%zu", f->file, f->line, f->column);
    }
}

int findings_report(const char *command, FILE *to, enum err_code code,
                    const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        char place[FINDING_PLACE_MAX];
        finding_place(&findings->list[i], place);
        (void)fprintf(to, "%s: %s\n", place, findings->list[i].text);
    }
    if (findings->count > 0) {
        (void)fprintf(to, "%zu mistake%s\n", findings->count, findings->count == 1 ? "" : "s");
    } else {
        (void)fprintf(stderr, "sparkward %s: %s\n", command, err_text(code));
    }
    return code == ERR_INVALID ? EXIT_FINDINGS : EXIT_USAGE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/reminders.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/buf.h"
#include "policies/policy.h"
#include "server/status.h"
#include "table.h"

enum { DAY = 86400, NOW = 1000 * DAY + 7 };

static const struct exception exceptions[] = {
    {.name = "far",
     .policy = "p",
     .file = "f",
     .reason = "r",
     .until = "u",
     .expires = NOW + 8 * DAY},
    {.name = "near",
     .policy = "p",
     .file = "f",
     .line = 3,
     .column = 1,
     .reason = "r",
     .until = "1972-10-01",
     .expires = NOW + 5 * DAY},
    {.name = "past",
     .policy = "p",
     .file = "f",
     .line = 9,
     .column = 1,
     .reason = "r",
     .until = "1972-09-26",
     .expires = NOW - DAY},
};
static const struct policy_set set = {.exceptions = exceptions,
                                      .exception_count = COUNT(exceptions)};

TestSuite(reminders, .timeout = 20);

static struct status *status;

/* What is logged is read back: "near past". */
static const char *logged(struct reminders *r, int64_t now)
{
    static char names[256];
    static char line[8192];
    FILE *log = tmpfile();
    cr_assert_not_null(log);
    int saved = dup(STDERR_FILENO);
    cr_assert_geq(dup2(fileno(log), STDERR_FILENO), 0);
    reminders_run(r, &set, status, now);
    cr_assert_geq(dup2(saved, STDERR_FILENO), 0);
    (void)close(saved);
    rewind(log);
    names[0] = '\0';
    while (fgets(line, sizeof(line), log) != NULL) {
        const char *name = strstr(line, "\"exception\":\"") + strlen("\"exception\":\"");
        size_t used = strlen(names);
        (void)snprintf(names + used, sizeof(names) - used, "%s%.*s", used > 0 ? " " : "",
                       (int)strcspn(name, "\""), name);
    }
    (void)fclose(log);
    return names;
}

/* Time goes on: each line of the log. */
static const struct {
    int64_t now;
    const char *logged;
} steps[] = {
    {NOW, "near past"},          {NOW + 10, ""},
    {NOW - 7 + DAY - 1, ""},     {NOW - 7 + DAY, "near"}, /* a new day */
    {NOW + DAY, "far"}, /* the seventh day before its end begins */
    {NOW + 2 * DAY, "far near"}, {NOW + 5 * DAY - 1, "far near"},
    {NOW + 5 * DAY, "near"}, /* expired */
    {NOW + 5 * DAY + 1, ""},     {NOW + 9 * DAY, "far"},
    {NOW + 20 * DAY, ""},
};

Test(reminders, once_a_day_and_at_the_end)
{
    status = status_create();
    struct reminders r = {.told = 0};
    for (size_t i = 0; i < COUNT(steps); i++) {
        const char *got = logged(&r, steps[i].now);
        cr_expect_str_eq(got, steps[i].logged, "step %zu: %s", i, got);
    }
    status_destroy(status);
}

Test(reminders, the_status_knows_the_first_and_how_many_are_over)
{
    status = status_create();
    struct reminders r = {.told = NOW};
    struct buf b;
    buf_init(&b, 4096);
    (void)logged(&r, NOW);
    status_print(status, &b);
    cr_assert_not_null(strstr(b.text, "[-]exceptions: 1 of 3 expired, the first was past: "), "%s",
                       b.text);
    buf_finish(&b);
    status_destroy(status);
}

Test(reminders, hints)
{
    char text[1024];
    FILE *to = tmpfile();
    reminders_print(to, &set, NOW);
    rewind(to);
    text[fread(text, 1, sizeof(text) - 1, to)] = '\0';
    (void)fclose(to);
    cr_assert_str_eq(
        text,
        "f:3:1: hint: exception \"near\" from policy \"p\" expires (1972-10-01), within "
        "7 days\n"
        "f:9:1: hint: exception \"past\" from policy \"p\" has expired (1972-09-26)\n",
        "%s", text);
}

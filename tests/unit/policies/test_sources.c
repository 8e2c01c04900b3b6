/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/json.h"
#include "policies/load.h"
#include "policies/policy.h"
#include "table.h"

#define POLICY(name, spec)                                                                         \
    "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: " name "}\nspec: " spec "\n"

static char folder[64]; /* a new one for every test */

static void setup(void)
{
    json_init();
    (void)snprintf(folder, sizeof(folder), "%s", "/tmp/sparkward-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void teardown(void)
{
    static const char *const names[] = {"a.yaml",  "b.yml",    "c.yaml", "d.txt",
                                        ".e.yaml", "s/a.yaml", "p.yaml", "big.yaml"};
    for (size_t i = 0; i < COUNT(names); i++) {
        (void)unlink(names[i]);
    }
    for (int i = 0; i < 1001; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "s/%d.yaml", i);
        (void)unlink(name);
    }
    (void)rmdir("s");
    (void)rmdir("t.yaml");
    (void)chdir("/");
    (void)rmdir(folder);
}

TestSuite(sources, .init = setup, .fini = teardown, .timeout = 60);

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "we");
    cr_assert_not_null(f, "%s", name);
    cr_assert_geq(fputs(text, f), 0);
    cr_assert_eq(fclose(f), 0);
}

static enum err_code load(const char *const *paths, size_t count, struct policy_set **out_set,
                          struct findings *out_findings)
{
    *out_set = NULL;
    return policies_load(paths, count, out_set, out_findings);
}

#define LOAD(set, findings, ...)                                                                   \
    load((const char *const[]){__VA_ARGS__},                                                       \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), (set), (findings))

static void expect_one(enum err_code code, enum err_code want, struct findings *f, const char *file,
                       const char *word)
{
    cr_assert_eq(code, want, "%d", (int)code);
    cr_assert_eq(f->count, 1);
    cr_assert_str_eq(f->list[0].file, file);
    cr_assert(strstr(f->list[0].text, word) != NULL, "%s", f->list[0].text);
    cr_assert(f->list[0].line == 0 && f->list[0].column == 0);
    findings_finish(f);
}

Test(sources, a_folder_gives_its_yaml_files)
{
    write_file("a.yaml", POLICY("a", "{}"));
    write_file("b.yml", POLICY("b", "{}") "---\n" POLICY("c", "{}"));
    write_file("d.txt", "not: read");
    write_file(".e.yaml", "not: read");
    cr_assert_eq(mkdir("t.yaml", 0700), 0);
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(LOAD(&set, &f, "."), ERR_OK, "%s", f.count > 0 ? f.list[0].text : "");
    cr_assert(set->count == 3 && set->file_count == 2 && f.count == 0);
    cr_assert_str_eq(set->policies[0].file, "./a.yaml");
    policy_set_destroy(set);
    findings_finish(&f);
}

Test(sources, a_file_may_have_any_name)
{
    write_file("d.txt", POLICY("d", "{}"));
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(LOAD(&set, &f, "d.txt"), ERR_OK);
    cr_assert_str_eq(set->policies[0].file, "d.txt");
    policy_set_destroy(set);
    findings_finish(&f);
}

Test(sources, one_real_file_is_read_once)
{
    write_file("a.yaml", POLICY("a", "{}"));
    cr_assert_eq(symlink("a.yaml", "b.yml"), 0);
    cr_assert_eq(link("a.yaml", "c.yaml"), 0);
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(LOAD(&set, &f, "c.yaml", ".", "a.yaml", "./", folder), ERR_OK, "%s",
                 f.count > 0 ? f.list[0].text : "");
    cr_assert(set->count == 1 && set->file_count == 1);
    policy_set_destroy(set);
    findings_finish(&f);
}

Test(sources, order_of_paths_does_not_matter)
{
    write_file("a.yaml", POLICY("x", "{priority: 1, admission: {labels: {l: x, m: x}}}"));
    write_file("b.yml", POLICY("w", "{priority: 2, admission: {labels: {m: yy, n: yy}}}"));
    write_file("c.yaml", POLICY("a", "{priority: 1, admission: {labels: {k: a, n: a}}}"));
    struct policy_set *set = NULL;
    struct policy_set *other = NULL;
    struct findings f;
    cr_assert_eq(LOAD(&set, &f, "a.yaml", "b.yml", "c.yaml"), ERR_OK);
    findings_finish(&f);
    cr_assert_eq(LOAD(&other, &f, "c.yaml", "b.yml", "a.yaml"), ERR_OK);
    findings_finish(&f);
    cr_assert(set->fingerprint == other->fingerprint && set->slot_count == other->slot_count);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_str_eq(set->policies[i].name, other->policies[i].name);
        for (size_t k = 0; k < 2; k++) {
            const struct rule *x = &set->policies[i].rules[k];
            const struct rule *y = &other->policies[i].rules[k];
            cr_assert(x->slot == y->slot && strcmp(x->name, y->name) == 0);
        }
    }
    policy_set_destroy(set);
    policy_set_destroy(other);
}

Test(sources, mistakes_over_files_name_both)
{
    write_file("a.yaml", POLICY("p", "{admission: {labels: {x: a}}}"));
    write_file("b.yml", "\n" POLICY("p", "{admission: {labels: {x: b}}}"));
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(LOAD(&set, &f, "b.yml", "a.yaml"), ERR_INVALID);
    cr_assert_eq(f.count, 2);
    cr_assert(f.list[0].line == 4 && f.list[1].line == 5);
    cr_assert_str_eq(f.list[0].file, "b.yml");
    cr_assert(strstr(f.list[0].text, "already, in a.yaml:1") != NULL, "%s", f.list[0].text);
    cr_assert(strstr(f.list[1].text, "(a.yaml:4)") != NULL, "%s", f.list[1].text);
    findings_finish(&f);
}

Test(sources, missing_path)
{
    write_file("a.yaml", POLICY("p", "{}"));
    struct policy_set *set = NULL;
    struct findings f;
    expect_one(LOAD(&set, &f, "a.yaml", "none.yaml"), ERR_IO, &f, "none.yaml", "No such file");
    cr_assert_null(set);
}

Test(sources, dangling_link_in_a_folder)
{
    cr_assert_eq(symlink("none", "a.yaml"), 0);
    struct policy_set *set = NULL;
    struct findings f;
    expect_one(LOAD(&set, &f, "."), ERR_IO, &f, "./a.yaml", "No such file");
}

Test(sources, pipes_are_not_opened)
{
    cr_assert_eq(mkfifo("p.yaml", 0600), 0);
    struct policy_set *set = NULL;
    struct findings f;
    expect_one(LOAD(&set, &f, "p.yaml"), ERR_IO, &f, "p.yaml", "regular file");
    expect_one(LOAD(&set, &f, "."), ERR_IO, &f, "./p.yaml", "regular file");
    expect_one(LOAD(&set, &f, "/dev/null"), ERR_IO, &f, "/dev/null", "regular file");
}

Test(sources, paths_without_policies)
{
    cr_assert_eq(mkdir("s", 0700), 0);
    struct policy_set *set = NULL;
    struct findings f;
    expect_one(LOAD(&set, &f, "s"), ERR_INVALID, &f, "s", "no policy file");
    write_file("s/a.yaml", "# only a comment\n");
    expect_one(LOAD(&set, &f, "s"), ERR_INVALID, &f, "s", "no policy in it");
    expect_one(LOAD(&set, &f, "s/a.yaml"), ERR_INVALID, &f, "s/a.yaml", "no policy in it");
    write_file("a.yaml", POLICY("p", "{}"));
    expect_one(LOAD(&set, &f, "a.yaml", "s"), ERR_INVALID, &f, "s", "no policy in it");
}

Test(sources, large_files_are_refused)
{
    write_file("big.yaml", POLICY("p", "{}") "# ");
    cr_assert_eq(truncate("big.yaml", (1 << 20) + 1), 0);
    struct policy_set *set = NULL;
    struct findings f;
    expect_one(LOAD(&set, &f, "big.yaml"), ERR_IO, &f, "big.yaml", "larger than 1 MiB");
}

Test(sources, too_many_files_are_refused)
{
    cr_assert_eq(mkdir("s", 0700), 0);
    for (int i = 0; i < 1000; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "s/%d.yaml", i);
        write_file(name, i == 0 ? POLICY("p", "{}") : "# nothing\n");
    }
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(LOAD(&set, &f, "s"), ERR_OK);
    cr_assert_eq(set->file_count, 1000);
    policy_set_destroy(set);
    findings_finish(&f);
    write_file("s/1000.yaml", "# one more\n");
    cr_assert_eq(LOAD(&set, &f, "s"), ERR_IO);
    cr_assert_eq(f.count, 1);
    cr_assert(strstr(f.list[0].text, "more than 1000") != NULL);
    findings_finish(&f);
}

Test(sources, no_paths_are_no_policies)
{
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(policies_load(NULL, 0, &set, &f), ERR_OK);
    cr_assert_eq(set->count, 0);
    policy_set_destroy(set);
    findings_finish(&f);
}

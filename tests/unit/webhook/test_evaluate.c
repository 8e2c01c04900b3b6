/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every sample and every recorded review, with every mutation: the patch that
 * people have read and found right (tests/fixtures/expected), and none the second time.
 */
#include <ftw.h>

#include "pods.h"

TestSuite(evaluate, .init = pods_setup, .fini = pods_teardown, .timeout = 60);

enum { FILES_MAX = 128, PATH_TEXT_MAX = 512 };
static char files[FILES_MAX][PATH_TEXT_MAX];
static size_t file_count;

static const char *read_text(const char *path)
{
    static char text[256 * 1024];
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f, "%s", path);
    size_t len = fread(text, 1, sizeof(text) - 1, f);
    (void)fclose(f);
    text[len] = '\0';
    return text;
}

static int collect(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    const char *dot = strrchr(path, '.');
    if (type == FTW_F && dot != NULL && strcmp(dot, ".json") == 0) {
        cr_assert_lt(file_count, FILES_MAX);
        (void)snprintf(files[file_count++], PATH_TEXT_MAX, "%s", path + strlen(FIXTURES));
    }
    return 0;
}

static void find_files(void)
{
    static const char *const folders[] = {FIXTURES "/samples", FIXTURES "/reviews"};
    for (size_t i = 0; i < COUNT(folders); i++) {
        cr_assert_eq(nftw(folders[i], collect, 8, FTW_PHYS), 0, "%s", folders[i]);
    }
    cr_assert_geq(file_count, 46);
}

static struct policy_set *every_mutation(void)
{
    const char *paths[] = {SOURCE_DIR "/tests/integration/policies/everything.yaml"};
    struct policy_set *set = NULL;
    struct findings findings;
    cr_assert_eq(policies_load(paths, 1, &set, &findings), ERR_OK);
    findings_finish(&findings);
    return set;
}

/* The object of a review, or the sample itself; and the namespace it goes to. */
static struct json *object_of(struct json *root, const char **out_namespace)
{
    struct json *request = json_get(root, "request");
    struct json *object = request == NULL ? root : json_get(request, "object");
    const char *namespace =
        json_string(request == NULL ? json_get(json_get(root, "metadata"), "namespace")
                                    : json_get(request, "namespace"));
    *out_namespace = namespace == NULL ? "spark-jobs" : namespace;
    return object;
}

static const char *patch_of(const struct policy_set *set, const char *namespace,
                            struct json *object)
{
    struct evaluation ev;
    struct err e = {.code = ERR_OK};
    cr_assert_eq(evaluate(&(struct evaluator){.set = set,
                                              .arena = arena,
                                              .steps = EVALUATE_MUTATE,
                                              .kind = kind_of_object(object)},
                          namespace, object, &ev, &e),
                 ERR_OK, "%s", e.text);
    struct buf b;
    buf_init_arena(&b, arena, 1024 * 1024);
    edits_print(&ev.edits, &b);
    return b.text;
}

Test(evaluate, samples_become_what_is_expected)
{
    struct policy_set *set = every_mutation();
    find_files();
    size_t changed = 0;
    for (size_t i = 0; i < file_count; i++) {
        char path[2 * PATH_TEXT_MAX];
        const char *namespace;
        (void)snprintf(path, sizeof(path), "%s%s", FIXTURES, files[i]);
        struct json *object = object_of(pods_parse(read_text(path)), &namespace);
        const char *patch = patch_of(set, namespace, object);
        (void)snprintf(path, sizeof(path), "%s/expected%s", FIXTURES, files[i]);
        struct json *expected = pods_parse(read_text(path));
        cr_expect(json_equal(pods_parse(patch), expected), "%s: %s", files[i], patch);
        changed += json_count(expected) > 0 ? 1 : 0;

        const char *again = patch_of(set, namespace, pods_parse(pods_print(object)));
        cr_expect_str_eq(again, "[]", "%s, second pass: %s", files[i], again);
        arena_reset(arena);
    }
    cr_assert_eq(changed, 40);
    policy_set_destroy(set);
}

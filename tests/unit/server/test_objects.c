/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/json.h"
#include "server/objects.h"
#include "table.h"

static struct arena *arena;
static char path[] = "/tmp/sparkward-objects-XXXXXX";

static void setup(void)
{
    json_init();
    arena = arena_create(64 * 1024, 256 * 1024 * 1024);
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    (void)close(fd);
}

static void teardown(void)
{
    (void)unlink(path);
    arena_destroy(arena);
}

TestSuite(objects, .init = setup, .fini = teardown, .timeout = 20);

static enum err_code read_text(const char *text, struct object **out, struct err *e)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    (void)fwrite(text, 1, strlen(text), f);
    (void)fclose(f);
    return objects_read(arena, path, out, e);
}

/* Titles of all objects in a text, joined by "; ", with their form. */
static const struct {
    const char *text;
    const char *titles;
} good[] = {
    {"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"}}", "Pod n/a json"},
    {" \n{\"kind\":\"Pod\",\"metadata\":{\"generateName\":\"a-\"}}", "Pod a- json"},
    {"kind: Pod\nmetadata: {name: a}\n", "Pod a yaml"},
    {"---\nkind: Pod\nmetadata: {name: a}\n---\n---\nkind: Service\nmetadata: {name: b}\n",
     "Pod a yaml; Service b yaml"},
    {"kind: List\nitems:\n- kind: Pod\n  metadata: {name: a}\n- kind: Pod\n  metadata: {name: b}\n",
     "Pod a yaml; Pod b yaml"},
    {"{\"kind\":\"AdmissionReview\",\"request\":{\"namespace\":\"n\",\"object\":{\"kind\":\"Pod\","
     "\"metadata\":{\"name\":\"a\"}}}}",
     "Pod n/a json"},
    {"{\"metadata\":{}}", "object without a name json"},
    {"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"\\u001b[31mx\\nPod y\"}}",
     "Pod ?[31mx?Pod y json"},
};

Test(objects, reads_what_people_have)
{
    for (size_t i = 0; i < COUNT(good); i++) {
        struct object *object = NULL;
        struct err e = {.code = ERR_OK};
        cr_assert_eq(read_text(good[i].text, &object, &e), ERR_OK, "%s: %s", good[i].text, e.text);
        const char *titles = "";
        for (; object != NULL; object = object->next) {
            titles = arena_printf(arena, "%s%s%s %s", titles, titles[0] == '\0' ? "" : "; ",
                                  object_title(arena, object), object->is_yaml ? "yaml" : "json");
        }
        cr_expect_str_eq(titles, good[i].titles, "%s: %s", good[i].text, titles);
    }
}

static const struct {
    const char *text;
    const char *says;
} bad[] = {
    {"", "there is no object in it"},
    {"---\n", "there is no object in it"},
    {"{\"kind\":", "not valid JSON at line 1, column 9"},
    {"kind: [", "2:1:"},
    {"[1]", "expected a Kubernetes object, found a list"},
    {"text", "expected a Kubernetes object, found a string"},
    {"{\"kind\":\"AdmissionReview\",\"request\":{\"object\":null}}", "has no request.object"},
    {"{\"kind\":\"List\",\"items\":[7]}", "expected a Kubernetes object, found a number"},
};

Test(objects, names_file_and_mistake)
{
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct object *object = NULL;
        struct err e = {.code = ERR_OK};
        cr_expect_eq(read_text(bad[i].text, &object, &e), ERR_INVALID, "%s", bad[i].text);
        cr_expect(strncmp(e.text, path, strlen(path)) == 0, "%s", e.text);
        cr_expect_not_null(strstr(e.text, bad[i].says), "%s: %s", bad[i].text, e.text);
    }
}

Test(objects, tells_why_a_file_cannot_be_read)
{
    struct object *object = NULL;
    struct err e;
    cr_assert_eq(objects_read(arena, "/nowhere/pod.yaml", &object, &e), ERR_IO);
    cr_assert_str_eq(e.text, "/nowhere/pod.yaml: No such file or directory");
    cr_assert_eq(objects_read(arena, "/tmp", &object, &e), ERR_IO);
    cr_assert_str_eq(e.text, "/tmp: Is a directory");
}

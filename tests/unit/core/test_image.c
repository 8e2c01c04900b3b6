/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image.h"

#include <criterion/criterion.h>

#include "core/arena.h"
#include "table.h"

static const struct {
    const char *image, *full;
} names[] = {
    {"spark", "docker.io/library/spark"},
    {"spark:4.1", "docker.io/library/spark:4.1"},
    {"spark@sha256:ab", "docker.io/library/spark@sha256:ab"},
    {"apache/spark:4.1", "docker.io/apache/spark:4.1"},
    {"docker.io/spark", "docker.io/library/spark"},
    {"docker.io/apache/spark", "docker.io/apache/spark"},
    {"index.docker.io/apache/spark", "docker.io/apache/spark"},
    {"localhost/spark", "localhost/spark"},
    {"local/spark", "docker.io/local/spark"},
    {"mirror:5000/spark", "mirror:5000/spark"},
    {"registry.example.com/a/b/c:1", "registry.example.com/a/b/c:1"},
    {"registry.example.com", "docker.io/library/registry.example.com"},
};

static void names_row(size_t i)
{
    struct arena *a = arena_create(1024, 64 * 1024);
    cr_expect_str_eq(image_full_name(a, names[i].image), names[i].full, "%s", names[i].image);
    arena_destroy(a);
}

Test(image, full_names)
{
    table_run(COUNT(names), names_row);
}

static const struct {
    const char *image, *prefix;
    bool begins;
} prefixes[] = {
    {"docker.io/apache/spark:4", "docker.io/", true},
    {"docker.io/apache/spark:4", "docker.io/apache/", true},
    {"docker.io/apache/spark:4", "docker.io/apache/spark", true},
    {"docker.io/apache/spark", "docker.io/apache/spark", true},
    {"docker.io/apache/spark@sha256:ab", "docker.io/apache/spark", true},
    {"docker.io/apache/spark/jobs", "docker.io/apache/spark", true},
    {"docker.io/apache/spark-py", "docker.io/apache/spark", false},
    {"docker.io.evil/apache/spark", "docker.io/", false},
    {"docker.io/apach", "docker.io/apache/", false},
};

static void prefixes_row(size_t i)
{
    cr_expect_eq(image_begins_with(prefixes[i].image, prefixes[i].prefix), prefixes[i].begins,
                 "%s %s", prefixes[i].image, prefixes[i].prefix);
}

Test(image, prefixes)
{
    table_run(COUNT(prefixes), prefixes_row);
}

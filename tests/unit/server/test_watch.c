/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "server/watch.h"

static char dir[] = "/tmp/sparkward-watch-XXXXXX";
static int watch;

static const char *in_dir(const char *name)
{
    static char path[4][PATH_MAX];
    static size_t next;
    char *p = path[next++ % 4];
    (void)snprintf(p, PATH_MAX, "%s/%s", dir, name);
    return p;
}

static void write_file(const char *name)
{
    int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, "x", 1), 1);
    (void)close(fd);
}

static bool has_changed(void)
{
    struct pollfd p = {.fd = watch, .events = POLLIN};
    return poll(&p, 1, 2000) == 1 && watch_drain(watch);
}

static bool is_quiet(void)
{
    return !watch_drain(watch);
}

static void begin(void)
{
    cr_assert_not_null(mkdtemp(dir));
    watch = watch_open();
    cr_assert_geq(watch, 0);
}

static void end(void)
{
    (void)close(watch);
}

TestSuite(watch, .timeout = 20, .init = begin, .fini = end);

Test(watch, a_file_that_is_written_replaced_removed)
{
    write_file("policy.yaml");
    watch_add(watch, in_dir("policy.yaml"));
    cr_assert(is_quiet());
    write_file("policy.yaml");
    cr_assert(has_changed());
    write_file("new");
    (void)watch_drain(watch);
    cr_assert_eq(rename(in_dir("new"), in_dir("policy.yaml")), 0);
    cr_assert(has_changed());
    cr_assert_eq(unlink(in_dir("policy.yaml")), 0);
    cr_assert(has_changed());
}

Test(watch, a_file_that_comes_later)
{
    watch_add(watch, in_dir("policy.yaml"));
    write_file("policy.yaml");
    cr_assert(has_changed());
}

Test(watch, a_folder_and_what_is_in_it)
{
    cr_assert_eq(mkdir(in_dir("policies"), 0700), 0);
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof(folder), "%s/policies///", dir);
    watch_add(watch, folder);
    write_file("policies/a.yaml");
    cr_assert(has_changed());
    cr_assert_eq(rename(in_dir("policies"), in_dir("old")), 0);
    cr_assert(has_changed());
}

Test(watch, the_link_kubelet_swaps)
{
    cr_assert_eq(mkdir(in_dir("..1"), 0700), 0);
    write_file("..1/policy.yaml");
    cr_assert_eq(symlink("..1", in_dir("..data")), 0);
    cr_assert_eq(symlink("..data/policy.yaml", in_dir("policy.yaml")), 0);
    watch_add(watch, in_dir("policy.yaml"));
    cr_assert_eq(symlink("..1", in_dir("..data_tmp")), 0);
    (void)watch_drain(watch);
    cr_assert_eq(rename(in_dir("..data_tmp"), in_dir("..data")), 0);
    cr_assert(has_changed());
}

Test(watch, adding_twice_is_adding_once)
{
    watch_add(watch, in_dir("a"));
    watch_add(watch, in_dir("a"));
    cr_assert(is_quiet());
    write_file("a");
    cr_assert(has_changed());
}

Test(watch, what_is_not_there_is_left_alone)
{
    watch_add(watch, "/nowhere/at/all");
    cr_assert(is_quiet());
}

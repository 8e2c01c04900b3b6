/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(check_images, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

static const struct pod_case cases[] = {
    {"allowed", "require: [{rule: images, from: ['reg/spark/*', 'reg/log:?']}]",
     EXECUTOR("\"containers\":[{\"image\":\"reg/spark/a:1\"},{\"image\":\"reg/log:2\"}]"), ""},
    {"every container of every kind", "require: [{rule: images, from: ['reg/*']}]",
     EXECUTOR("\"containers\":[{\"image\":\"x\"},{\"image\":\"reg/"
              "a\"}],\"initContainers\":[{\"image\":\"y\"}],\"ephemeralContainers\":[{\"image\":"
              "\"z\"},{}]"),
     "spec.containers[0].image: found \"x\", allowed: reg/* (policy p, rule "
     "images)\nspec.initContainers[0].image: found \"y\", allowed: reg/* (policy p, rule "
     "images)\nspec.ephemeralContainers[0].image: found \"z\", allowed: reg/* (policy p, rule "
     "images)\nspec.ephemeralContainers[1].image: found nothing, allowed: reg/* (policy p, rule "
     "images)"},
    {"a volume of an image", "require: [{rule: images, from: ['reg/*']}]",
     EXECUTOR("\"volumes\":[{\"name\":\"a\",\"image\":{\"reference\":\"reg/"
              "x\"}},{\"name\":\"b\",\"image\":{\"reference\":\"evil/x\"}}]"),
     "spec.volumes[1].image.reference: found \"evil/x\", allowed: reg/* (policy p, rule images)"},
    {"what was found is made harmless", "require: [{rule: images, from: ['a', 'b*']}]",
     EXECUTOR("\"containers\":[{\"image\":\"x\\n\\u001b["
              "31myyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
              "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"}]"),
     "spec.containers[0].image: found "
     "\"x??["
     "31myyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
     "yyy…\", allowed: a, b* (policy p, rule images)"},
};

static void case_row(size_t i)
{
    pods_expect_violations(&cases[i]);
}

Test(check_images, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

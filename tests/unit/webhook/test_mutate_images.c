/* SPDX-License-Identifier: Apache-2.0 */
#include "pods.h"

TestSuite(mutate_images, .init = pods_setup, .fini = pods_teardown, .timeout = 10);

#define REWRITES                                                                                   \
    "admission: {imageRewrite: [{from: docker.io/, to: m.example.com/hub/}, {from: "               \
    "docker.io/apache/spark, to: m.example.com/spark}, {from: docker.io/apache/, to: "             \
    "m.example.com/apache/}]}"
#define IMAGE(image) "\"containers\":[{\"name\":\"spark\",\"image\":\"" image "\"}]"
#define SET(image)                                                                                 \
    "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":\"" image "\"}]"

static const struct pod_case cases[] = {
    {"the longest prefix", REWRITES, EXECUTOR(IMAGE("docker.io/apache/spark:4.1")),
     SET("m.example.com/spark:4.1")},
    {"by digest", REWRITES, EXECUTOR(IMAGE("docker.io/apache/spark@sha256:ab")),
     SET("m.example.com/spark@sha256:ab")},
    {"the second longest", REWRITES, EXECUTOR(IMAGE("apache/spark-py:4.1")),
     SET("m.example.com/apache/spark-py:4.1")},
    {"an image of one word", REWRITES, EXECUTOR(IMAGE("spark")),
     SET("m.example.com/hub/library/spark")},
    {"another registry", REWRITES, EXECUTOR(IMAGE("registry.example.com/apache/spark")), "[]"},
    {"no image", REWRITES, EXECUTOR(IMAGE("")), "[]"},
    {"all containers, and image volumes", REWRITES,
     EXECUTOR(
         "\"initContainers\":[{\"image\":\"a/b\"}],\"containers\":[{\"name\":\"x\",\"image\":"
         "\"a/c\"},{\"name\":\"y\"},{\"name\":\"z\",\"image\":\"a/d\"}],\"volumes\":[{"
         "\"name\":\"e\",\"emptyDir\":{}},{\"name\":\"v\",\"image\":{\"reference\":\"a/e\"}}]"),
     "[{\"op\":\"replace\",\"path\":\"/spec/initContainers/0/image\",\"value\":"
     "\"m.example.com/hub/a/b\"},"
     "{\"op\":\"replace\",\"path\":\"/spec/containers/0/image\",\"value\":"
     "\"m.example.com/hub/a/c\"},"
     "{\"op\":\"replace\",\"path\":\"/spec/containers/2/image\",\"value\":"
     "\"m.example.com/hub/a/d\"},"
     "{\"op\":\"replace\",\"path\":\"/spec/volumes/1/image/reference\",\"value\":"
     "\"m.example.com/hub/a/e\"}]"},
};

static void case_row(size_t i)
{
    pods_expect_patch(&cases[i]);
}

Test(mutate_images, cases)
{
    table_run_fresh(COUNT(cases), case_row, pods_reset);
}

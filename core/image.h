/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.h - names of container images: what a short one stands for, and what one begins with.
 *
 * As github.com/distribution/reference ParseNormalizedNamed: the first part is a registry when it
 * has a '.' or a ':' or is "localhost"; else the image is of docker.io, and of library/ there when
 * it has one part only. index.docker.io is docker.io.
 * Thread-safety: pure functions.
 */
#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The length of the registry that @image begins with; 0 when it names none. */
size_t image_registry_length(const char *image);

/* "spark:4.1" is "docker.io/library/spark:4.1". In @a, or @image itself; NULL when out of memory.
 */
const char *image_full_name(struct arena *a, const char *image);

/*
 * Whether the full name @image begins with @prefix: a folder ("docker.io/apache/"), or one
 * repository and what is below it ("docker.io/apache/spark"), but not "…/spark-py".
 */
bool image_begins_with(const char *image, const char *prefix);

#endif

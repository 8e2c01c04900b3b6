/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checks.h - texts with rules of their own: names, patterns and paths.
 *
 * Each check says what is wrong with a text, or NULL; see struct check in fields.h.
 * Thread-safety: pure functions.
 */
#ifndef POLICIES_CHECKS_H
#define POLICIES_CHECKS_H

#include "policies/fields.h"

extern const struct check check_dns_label;      /* names of policies and volumes */
extern const struct check check_volume_name;    /* not one by which Spark tells its own */
extern const struct check check_dns_subdomain;  /* names of objects */
extern const struct check check_namespace_glob; /* a pattern that some namespace can match */
extern const struct check check_image_glob;
extern const struct check check_image_prefix;  /* of full names: with their registry */
extern const struct check check_property_name; /* of Spark's conf */
extern const struct check check_mount_path;
extern const struct check check_sub_path;
extern const struct check check_one_line;   /* of printable text, at most 200 bytes */
extern const struct check check_host_path;  /* absolute, in one spelling */
extern const struct check check_capability; /* of Linux, as Kubernetes writes them: NET_ADMIN */
extern const struct check check_name_glob;  /* a pattern that the name of some object can match */

#endif

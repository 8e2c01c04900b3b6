/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/checks.h"

#include <ctype.h>
#include <string.h>

#include "core/image.h"

enum { DNS_LABEL_MAX = 63, DNS_SUBDOMAIN_MAX = 253, ONE_LINE_MAX = 200 };

static bool is_dns_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A run of lower-case letters, digits and '-' that starts and ends with neither '-' nor nothing. */
static bool is_dns_label(const char *text, size_t len)
{
    if (len == 0 || !is_dns_char(text[0]) || !is_dns_char(text[len - 1])) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_dns_char(text[i]) && text[i] != '-') {
            return false;
        }
    }
    return true;
}

static const char *dns_label_problem(const char *text)
{
    size_t len = strlen(text);
    if (len > DNS_LABEL_MAX) {
        return "at most 63 characters";
    }
    return is_dns_label(text, len) ? NULL
                                   : "only lower-case letters, digits and '-', and '-' neither "
                                     "first nor last";
}

/* Names by which Spark tells its own volumes from others. */
static const char *volume_name_problem(const char *text)
{
    static const struct {
        const char *prefix;
        const char *problem;
    } taken[] = {
        {"spark-local-dir-", "names that start with \"spark-local-dir-\" have a meaning to Spark"},
        {"spark-conf-volume",
         "names that start with \"spark-conf-volume\" have a meaning to Spark"},
    };
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strncmp(text, taken[i].prefix, strlen(taken[i].prefix)) == 0) {
            return taken[i].problem;
        }
    }
    return NULL;
}

static const char *dns_subdomain_problem(const char *text)
{
    if (strlen(text) > DNS_SUBDOMAIN_MAX) {
        return "at most 253 characters";
    }
    for (const char *p = text;; p++) {
        size_t len = strcspn(p, ".");
        if (!is_dns_label(p, len)) {
            return "only lower-case letters, digits, '-' and '.', and each part starts and ends "
                   "with a letter or digit";
        }
        p += len;
        if (*p == '\0') {
            return NULL;
        }
    }
}

static const char *namespace_glob_problem(const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (!is_dns_char(*p) && strchr("-*?", *p) == NULL) {
            return "no namespace has such a name; only lower-case letters, digits, '-', and the "
                   "patterns * and ?";
        }
    }
    return NULL;
}

static const char *image_glob_problem(const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (!isgraph((unsigned char)*p)) {
            return "an image has no white space and only ASCII characters";
        }
    }
    return NULL;
}

/* Prefixes that no full name has would silently do nothing. */
static const char *image_prefix_problem(const char *text)
{
    static const char hub[] = "docker.io/";
    const char *problem = image_glob_problem(text);
    size_t registry = image_registry_length(text);
    if (problem != NULL) {
        return problem;
    }
    if (strstr(text, "://") != NULL) {
        return "images have no https://";
    }
    if (registry == 0) {
        return "it must begin with a registry, such as docker.io/apache/";
    }
    if (strpbrk(text, "*?") != NULL) {
        return "a prefix, not a pattern with * or ?";
    }
    if (strpbrk(text + registry, ":@") != NULL) {
        return "a prefix ends before the tag";
    }
    if (strstr(text, "//") != NULL) {
        return "images have no '//'";
    }
    if (strncmp(text, "index.docker.io/", strlen("index.docker.io/")) == 0) {
        return "the full name of these images begins with docker.io/";
    }
    bool is_of_hub = strncmp(text, hub, strlen(hub)) == 0 && text[strlen(hub)] != '\0';
    return is_of_hub && strchr(text + strlen(hub), '/') == NULL
               ? "the full name of an image without a folder begins with docker.io/library/"
               : NULL;
}

static const char *property_name_problem(const char *text)
{
    static const char prefix[] = "spark.";
    if (strncmp(text, prefix, sizeof(prefix) - 1) != 0 || text[sizeof(prefix) - 1] == '\0') {
        return "Spark reads only what begins with \"spark.\"";
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (!isgraph((unsigned char)*p)) {
            return "no white space and only ASCII characters";
        }
    }
    return NULL;
}

/* True when ".." is one of the parts of @path. */
static bool climbs(const char *path)
{
    for (const char *p = path;; p++) {
        size_t len = strcspn(p, "/");
        if (len == 2 && p[0] == '.' && p[1] == '.') {
            return true;
        }
        p += len;
        if (*p == '\0') {
            return false;
        }
    }
}

/* One path must have one spelling: mounts are merged by it. */
static const char *spelling_problem(const char *path)
{
    for (const char *p = path + 1;; p++) {
        size_t len = strcspn(p, "/");
        if (len == 0) {
            return *p == '/' ? "the path must not have '//'" : "the path must not end with '/'";
        }
        if (len <= 2 && strncmp(p, "..", len) == 0) {
            return "the path must not have '.' or '..'";
        }
        p += len;
        if (*p == '\0') {
            return NULL;
        }
    }
}

/* Paths where Spark's image, Spark or Kubernetes has things of its own. */
static const char *taken_problem(const char *path)
{
    static const char hides_spark[] = "a volume there would hide Spark itself";
    static const struct {
        const char *path;
        bool with_below;
        const char *problem;
    } taken[] = {
        {"/opt", false, hides_spark},
        {"/opt/spark", false, hides_spark},
        {"/opt/spark/conf", true, "Spark mounts its configuration there"},
        {"/opt/spark/pod-template", true, "Spark mounts the template of executors there"},
        {"/opt/hadoop/conf", true, "Spark mounts the configuration of Hadoop there"},
        {"/etc/krb5.conf", true, "Spark mounts the configuration of Kerberos there"},
        {"/var/run/secrets", true, "Kubernetes mounts the token of the service account there"},
    };
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        size_t len = strlen(taken[i].path);
        bool is_within = strncmp(path, taken[i].path, len) == 0;
        if (is_within && (path[len] == '\0' || (path[len] == '/' && taken[i].with_below))) {
            return taken[i].problem;
        }
    }
    return NULL;
}

static const char *mount_path_problem(const char *text)
{
    if (text[0] != '/') {
        return "the path must start with '/'";
    }
    if (text[1] == '\0') {
        return "a volume over the whole file system would hide Spark itself";
    }
    if (strchr(text, ':') != NULL) {
        return "a path in a container must not have a ':'";
    }
    const char *problem = spelling_problem(text);
    return problem != NULL ? problem : taken_problem(text);
}

static const char *sub_path_problem(const char *text)
{
    if (text[0] == '/') {
        return "the path is relative to the volume, so it must not start with '/'";
    }
    return climbs(text) ? "the path must not have '..'" : NULL;
}

static const char *one_line_problem(const char *text)
{
    if (strlen(text) > ONE_LINE_MAX) {
        return "at most 200 bytes";
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (iscntrl((unsigned char)*p)) {
            return "one line without control characters";
        }
    }
    return NULL;
}

static const char *host_path_problem(const char *text)
{
    if (text[0] != '/') {
        return "the path must start with '/'";
    }
    return text[1] == '\0' ? NULL : spelling_problem(text);
}

static const char *capability_problem(const char *text)
{
    if (strncmp(text, "CAP_", 4) == 0) {
        return "Kubernetes writes capabilities without CAP_";
    }
    for (const char *p = text; *p != '\0'; p++) {
        if (!(*p >= 'A' && *p <= 'Z') && !(*p >= '0' && *p <= '9') && *p != '_') {
            return "capabilities are written like NET_BIND_SERVICE";
        }
    }
    return NULL;
}

static const char *name_glob_problem(const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (!is_dns_char(*p) && strchr("-.*?", *p) == NULL) {
            return "no object has such a name; only lower-case letters, digits, '-', '.', and the "
                   "patterns * and ?";
        }
    }
    return NULL;
}

const struct check check_dns_label = {dns_label_problem};
const struct check check_volume_name = {volume_name_problem};
const struct check check_dns_subdomain = {dns_subdomain_problem};
const struct check check_namespace_glob = {namespace_glob_problem};
const struct check check_image_glob = {image_glob_problem};
const struct check check_image_prefix = {image_prefix_problem};
const struct check check_property_name = {property_name_problem};
const struct check check_mount_path = {mount_path_problem};
const struct check check_sub_path = {sub_path_problem};
const struct check check_one_line = {one_line_problem};
const struct check check_host_path = {host_path_problem};
const struct check check_capability = {capability_problem};
const struct check check_name_glob = {name_glob_problem};

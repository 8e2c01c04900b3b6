/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "policies/checks.h"
#include "policies/compile.h"
#include "policies/report.h"

/* An item of the list form. */
struct properties_item {
    unsigned when;
    const struct yaml_node *set;
};

static const char no_roles[] = "the driver reads the conf, and makes the executors by it";

const struct field conf_fields[] = {
    {.name = "role", .summary = no_roles, .flags = FIELD_REFUSED},
    FIELD_WHEN(struct properties_item),
    {.name = "set",
     .type = "map of strings",
     .summary = "properties and their values",
     .read = field_node,
     .offset = offsetof(struct properties_item, set),
     .flags = FIELD_REQUIRED},
    {.name = NULL},
};

/*
 * What is settled when the driver's ConfigMap is made, which comes after the driver's pod.
 * A name that ends with a dot stands for all that begin with it.
 */
static const char sized[] = "the driver's pod has its size already, and the heap must fit it";
static const char made[] = "the driver's pod is made already";
static const char addressed[] = "the driver's Service and pod have their addresses already";
static const char submitted[] = "spark-submit has settled it";
static const char image[] = "the driver's pod is made already; for executors there is "
                            "\"spark.kubernetes.executor.container.image\"";
static const char trusted[] = "who Spark is to the API server is settled by who submits";

static const struct {
    const char *name;
    const char *reason;
} too_late[] = {
    {"spark.driver.memory", sized},
    {"spark.driver.memoryOverhead", sized},
    {"spark.driver.memoryOverheadFactor", sized},
    {"spark.driver.minMemoryOverhead", sized},
    {"spark.driver.cores", sized},
    {"spark.driver.resource.", sized},
    {"spark.driver.host", addressed},
    {"spark.driver.port", addressed},
    {"spark.driver.bindAddress", addressed},
    {"spark.driver.blockManager.port", addressed},
    {"spark.ui.port", addressed},
    {"spark.kubernetes.driver.", made},
    {"spark.kubernetes.driverEnv.", made},
    {"spark.kubernetes.container.image", image},
    {"spark.kubernetes.container.image.", image},
    {"spark.kubernetes.authenticate.", trusted},
    {"spark.kubernetes.kerberos.", trusted},
    {"spark.kubernetes.namespace", submitted},
    {"spark.kubernetes.context", submitted},
    {"spark.kubernetes.resource.type", submitted},
    {"spark.kubernetes.submitInDriver", submitted},
    {"spark.kubernetes.submission.", submitted},
    {"spark.kubernetes.file.upload.path", submitted},
    {"spark.kubernetes.hadoop.configMapName", submitted},
    {"spark.master", submitted},
    {"spark.app.id", submitted},
    {"spark.app.submitTime", submitted},
    {"spark.submit.", submitted},
};

/* Of spark.kubernetes.driver. and of spark.kubernetes.authenticate. what the driver itself reads.
 */
static const char *const in_time[] = {
    "spark.kubernetes.driver.ownPersistentVolumeClaim",
    "spark.kubernetes.driver.reusePersistentVolumeClaim",
    "spark.kubernetes.driver.waitToReusePersistentVolumeClaim",
    "spark.kubernetes.driver.annotateExitException",
    "spark.kubernetes.driver.requestTimeout",
    "spark.kubernetes.driver.connectionTimeout",
    "spark.kubernetes.authenticate.executor.serviceAccountName",
};

/* What the Kubeflow operator refuses in spec.sparkConf, where it has fields of its own. */
static const char *const not_in_applications[] = {
    "spark.kubernetes.authenticate.executor.serviceAccountName",
    "spark.kubernetes.executor.container.image",
};

static bool is_covered(const char *name, const char *key)
{
    size_t len = strlen(name);
    return name[len - 1] == '.' ? strncmp(key, name, len) == 0 : strcmp(key, name) == 0;
}

static bool is_among(const char *const *list, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* Why a property cannot be set from here; NULL when it can. */
static const char *late_reason(const char *key)
{
    if (is_among(in_time, sizeof(in_time) / sizeof(in_time[0]), key)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(too_late) / sizeof(too_late[0]); i++) {
        if (is_covered(too_late[i].name, key)) {
            return too_late[i].reason;
        }
    }
    return NULL;
}

static unsigned targets_of(const char *key)
{
    size_t count = sizeof(not_in_applications) / sizeof(not_in_applications[0]);
    return is_among(not_in_applications, count, key) ? TARGET_CONF
                                                     : TARGET_CONF | TARGET_APPLICATION;
}

static void add_property(struct reader *r, struct draft *d, const struct yaml_node *node,
                         unsigned when)
{
    const char *problem = check_property_name.problem(node->key);
    if (problem != NULL) {
        reader_find_key(r, node, "\"%.100s\" is no property of Spark: %s", node->key, problem);
        return;
    }
    const char *reason = late_reason(node->key);
    if (reason != NULL) {
        reader_find_key(r, node, "\"%s\" is too late here: %s", node->key, reason);
        return;
    }
    const char *value = read_string(r, node);
    if (value == NULL) {
        return;
    }
    draft_add(r, d, node, reader_format(r, "sparkConf/%s", node->key),
              (struct rule){.kind = RULE_CONF,
                            .roles = ROLE_DRIVER,
                            .targets = targets_of(node->key),
                            .when = (enum when)when,
                            .name = reader_format(r, "sparkConf.%s", node->key),
                            .entry = {.key = reader_text(r, node->key), .value = value}});
}

static void read_set(struct reader *r, struct draft *d, const struct yaml_node *map, unsigned when)
{
    if (!expect_map(r, map)) {
        return;
    }
    for (const struct yaml_node *m = map->first; m != NULL; m = m->next) {
        add_property(r, d, m, when);
    }
}

void compile_conf(struct reader *r, const struct yaml_node *node, const struct field *field,
                  void *out)
{
    struct draft *d = out;
    if (node->kind == YAML_MAP) {
        read_set(r, d, node, WHEN_ABSENT);
        return;
    }
    if (node->kind != YAML_LIST) {
        reader_find(r, node, "%s must be a map of strings or a list, not %s", name_of(r, node),
                    describe(r, node));
        return;
    }
    for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
        struct properties_item some = {.when = WHEN_ABSENT};
        if (fields_read(r, item, field->members, &some) && some.set != NULL) {
            read_set(r, d, some.set, some.when);
        }
    }
}

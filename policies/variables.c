/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/variables.h"

#include <stddef.h>
#include <string.h>

/* Variables by which Spark tells its processes who they are: facts of the pod, not settings. */
bool variable_is_of_spark(const char *name)
{
    static const char *const owned[] = {
        "SPARK_USER",           "SPARK_APPLICATION_ID",      "SPARK_DRIVER_BIND_ADDRESS",
        "SPARK_DRIVER_URL",     "SPARK_DRIVER_POD_IP",       "SPARK_EXECUTOR_ID",
        "SPARK_EXECUTOR_CORES", "SPARK_EXECUTOR_MEMORY",     "SPARK_EXECUTOR_DIRS",
        "SPARK_LOCAL_DIRS",     "SPARK_RESOURCE_PROFILE_ID", "SPARK_EXECUTOR_POD_IP",
        "SPARK_CONF_DIR",       "SPARK_EXECUTOR_POD_NAME",   "SPARK_CLASSPATH",
        "_SPARK_AUTH_SECRET",   "HADOOP_TOKEN_FILE_LOCATION"};
    static const char *const prefixes[] = {"SPARK_JAVA_OPT_", "SPARK_EXECUTOR_ATTRIBUTE_"};
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
        if (strcmp(owned[i], name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(prefixes[i], name, strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* k8s.io/apimachinery/pkg/util/validation IsEnvVarName, as it is in every release. */
const char *variable_name_problem(const char *name)
{
    static const char allowed[] =
        "-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (*name == '\0' || (*name >= '0' && *name <= '9') || name[strspn(name, allowed)] != '\0') {
        return "only letters, digits, '_', '-' and '.', and no digit first";
    }
    if (strcmp(name, ".") == 0 || strncmp(name, "..", 2) == 0) {
        return "neither '.' nor '..' first";
    }
    return NULL;
}

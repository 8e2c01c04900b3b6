/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/json.h"
#include "policies/compile.h"
#include "policies/report.h"

enum preset { PRESET_NONE, PRESET_SPARK_UI, PRESET_DRIVER_RPC };

static const struct word preset_words[] = {
    {"spark-ui", PRESET_SPARK_UI}, {"driver-rpc", PRESET_DRIVER_RPC}, {NULL, 0}};

struct probe_values {
    unsigned preset;
    int64_t period;
    int64_t timeout;
    int64_t failure_threshold;
    int64_t within;
    int64_t initial_delay; /* 0: none */
};

enum { START_SECONDS = 15 * 60 };

/*
 * Liveness must outlast a long garbage collection: what it kills does not come back.
 * A driver that has not started is missing from its own Service, so startup looks every second
 * to end that soon; it may take a quarter of an hour, for that is what downloading packages takes.
 * Liveness without startup must wait as long by itself.
 */
static const struct probe_values defaults[] = {
    [PROBE_LIVENESS] = {.period = 10, .timeout = 5, .failure_threshold = 6},
    [PROBE_STARTUP] = {.period = 1, .timeout = 3, .within = START_SECONDS},
};

static const struct limits threshold_limits = {1, INT32_MAX};

static const char within_is_for_startup[] =
    "liveness has no end of starting; only a startup probe has it";
static const char delay_is_for_liveness[] =
    "a startup probe must look from the beginning, because the driver is hidden until it succeeds; "
    "say with \"within\" how long that may take";
static const char no_readiness[] =
    "a readiness probe takes the driver out of its own headless Service while it fails, so that "
    "its executors cannot resolve its name and die";
static const char no_executor_probes[] =
    "executors have no HTTP server, and Spark's own heartbeats watch them";

#define PROBE_FIELDS                                                                               \
    {.name = "preset",                                                                             \
     .type = "spark-ui or driver-rpc",                                                             \
     .summary = "what is asked: the UI's /api/v1/version, or the port executors connect to",       \
     .read = field_word,                                                                           \
     .offset = offsetof(struct probe_values, preset),                                              \
     .detail = preset_words,                                                                       \
     .flags = FIELD_REQUIRED},                                                                     \
        {.name = "period",                                                                         \
         .type = "duration",                                                                       \
         .summary = "how often; 10s for liveness, 1s for startup by default",                      \
         .read = field_seconds,                                                                    \
         .offset = offsetof(struct probe_values, period)},                                         \
        {.name = "timeout",                                                                        \
         .type = "duration",                                                                       \
         .summary = "how long an answer may take; 5s for liveness, 3s for startup by default",     \
         .read = field_seconds,                                                                    \
         .offset = offsetof(struct probe_values, timeout)},                                        \
    {                                                                                              \
        .name = "failureThreshold", .type = "integer",                                             \
        .summary = "how many failures in a row end the driver; 6 for liveness by default",         \
        .read = field_integer, .offset = offsetof(struct probe_values, failure_threshold),         \
        .detail = &threshold_limits                                                                \
    }

static const struct field liveness_fields[] = {
    PROBE_FIELDS,
    {.name = "initialDelay",
     .type = "duration",
     .summary = "how long to wait before the first look; 15m by default, none beside a startup "
                "probe, for which liveness waits",
     .read = field_seconds,
     .offset = offsetof(struct probe_values, initial_delay)},
    {.name = "within", .summary = within_is_for_startup, .flags = FIELD_REFUSED},
    {.name = NULL},
};

static const struct field startup_fields[] = {
    PROBE_FIELDS,
    {.name = "within",
     .type = "duration",
     .summary =
         "how long the driver may take to start, instead of failureThreshold; 15m by default",
     .read = field_seconds,
     .offset = offsetof(struct probe_values, within)},
    {.name = "initialDelay", .summary = delay_is_for_liveness, .flags = FIELD_REFUSED},
    {.name = NULL},
};

static bool add_int(struct arena *a, struct json *object, const char *key, int64_t n)
{
    return json_add(object, key, json_new_int(a, n));
}

static struct json *probe_json(struct arena *a, const struct probe_values *p)
{
    struct json *probe = json_new_object(a);
    struct json *action = json_new_object(a);
    bool ok = probe != NULL && action != NULL;
    if (p->preset == PRESET_SPARK_UI) {
        ok = ok && json_add(action, "path", json_new_string_ref(a, "/api/v1/version")) &&
             json_add(action, "port", json_new_string_ref(a, "spark-ui")) &&
             json_add(probe, "httpGet", action);
    } else {
        ok = ok && json_add(action, "port", json_new_string_ref(a, "driver-rpc-port")) &&
             json_add(probe, "tcpSocket", action);
    }
    if (p->initial_delay > 0) {
        ok = ok && add_int(a, probe, "initialDelaySeconds", p->initial_delay);
    }
    ok = ok && add_int(a, probe, "periodSeconds", p->period) &&
         add_int(a, probe, "timeoutSeconds", p->timeout) &&
         add_int(a, probe, "failureThreshold", p->failure_threshold);
    return ok ? probe : NULL;
}

/* failureThreshold from within, which must not both be there. */
static bool settle_threshold(struct reader *r, const struct yaml_node *node, struct probe_values *p)
{
    if (p->within == 0) {
        return true; /* liveness */
    }
    const struct yaml_node *within = yaml_get(node, "within");
    bool has_threshold = yaml_get(node, "failureThreshold") != NULL;
    if (within != NULL && has_threshold) {
        reader_find_key(r, within,
                        "\"within\" and \"failureThreshold\" say the same; leave one out");
        return false;
    }
    if (within != NULL && p->within < p->period) {
        reader_find(r, within, "\"within\" must not be shorter than the period of %llds",
                    (long long)p->period);
        return false;
    }
    if (!has_threshold) {
        p->failure_threshold = (p->within + p->period - 1) / p->period;
    }
    return true;
}

/* The probes of the driver as they stand in the file. */
struct probes {
    const struct yaml_node *startup;
    const struct yaml_node *liveness;
};

static const struct field driver_fields[] = {
    {.name = "liveness",
     .type = "map",
     .summary = "ends a driver that no longer answers",
     .read = field_node,
     .offset = offsetof(struct probes, liveness),
     .members = liveness_fields},
    {.name = "startup",
     .type = "map",
     .summary = "ends a driver that does not start; liveness waits for it",
     .read = field_node,
     .offset = offsetof(struct probes, startup),
     .members = startup_fields},
    {.name = "readiness", .summary = no_readiness, .flags = FIELD_REFUSED},
    {.name = NULL},
};

/* @p: what holds where @node says nothing. */
static void read_probe(struct reader *r, const struct section *s, const struct yaml_node *node,
                       enum probe which, struct probe_values p)
{
    const struct field *fields = which == PROBE_LIVENESS ? liveness_fields : startup_fields;
    if (node == NULL || !fields_read(r, node, fields, &p) || p.preset == PRESET_NONE ||
        !settle_threshold(r, node, &p)) {
        return;
    }
    const struct json *value = probe_json(r->arena, &p);
    if (value == NULL) {
        r->report->out_of_memory = true;
    }
    draft_add(r, s->draft, node, reader_format(r, "probes/%s", node->key),
              (struct rule){
                  .kind = RULE_PROBE,
                  .roles = ROLE_DRIVER,
                  .targets = which == PROBE_STARTUP ? TARGET_POD | TARGET_SERVICE : TARGET_POD,
                  .when = (enum when)s->when,
                  .name = reader_format(r, "probes.driver.%s", node->key),
                  .probe = {.probe = which,
                            .port = p.preset == PRESET_SPARK_UI ? "spark-ui" : "driver-rpc-port",
                            .value = value}});
}

/* Startup comes first, wherever it stands: whether liveness is safe depends on it. */
static void read_driver(struct reader *r, const struct yaml_node *node, const struct field *field,
                        void *out)
{
    struct probes probes = {.startup = NULL};
    if (!fields_read(r, node, field->members, &probes)) {
        return;
    }
    read_probe(r, out, probes.startup, PROBE_STARTUP, defaults[PROBE_STARTUP]);
    struct probe_values liveness = defaults[PROBE_LIVENESS];
    liveness.initial_delay = probes.startup == NULL ? START_SECONDS : 0;
    read_probe(r, out, probes.liveness, PROBE_LIVENESS, liveness);
}

const struct field probe_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "driver",
     .type = "map",
     .summary = "probes of the driver",
     .read = read_driver,
     .members = driver_fields},
    {.name = "readiness", .summary = no_readiness, .flags = FIELD_REFUSED},
    {.name = "executor", .summary = no_executor_probes, .flags = FIELD_REFUSED},
    {.name = NULL},
};

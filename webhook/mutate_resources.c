/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Spark's container asks for and may take.
 *
 * Spark writes a memory limit that equals the request, and no other limit; so a limit that
 * equals the request says nothing about what the user wants. Each rule leaves the limit at
 * least as high as the request: below it Kubernetes refuses the pod.
 */
#include "core/json.h"
#include "webhook/amount.h"
#include "webhook/mutate.h"
#include "webhook/pod.h"
#include "webhook/spark_memory.h"

/* The way to resources.requests.X and resources.limits.X of Spark's container. */
struct resource {
    struct place resources, requests, limits, request, limit;
};

/* False where Spark's container could not be told apart. */
static bool find(struct spark_pod *pod, const char *name, struct resource *out)
{
    if (pod->container.node == NULL) {
        return false;
    }
    out->resources = place_member(&pod->container, "resources");
    out->requests = place_member(&out->resources, "requests");
    out->limits = place_member(&out->resources, "limits");
    out->request = place_member(&out->requests, name);
    out->limit = place_member(&out->limits, name);
    return true;
}

static void set_text(struct place *at, const char *text, const struct rule *why)
{
    edit_set(at, json_new_string_ref(at->edits->arena, text), why);
}

/* Where there is less than @least. What is not a quantity is left to the API server. */
static void raise_to(struct place *at, struct quantity least, const char *text,
                     const struct rule *why)
{
    struct amount found = amount_read(at->node);
    if (found.is_valid && quantity_compare(found.quantity, least) < 0) {
        set_text(at, text, why);
    }
}

/* Not a matter of absent or always: less than that contradicts what Spark was told itself. */
void mutate_memory(struct spark_pod *pod, const struct rule *rule)
{
    struct resource memory;
    struct spark_memory conf;
    struct spark_memory_sum sum;
    if (rule->limit.kind == LIMIT_KEEP || !find(pod, "memory", &memory)) {
        return;
    }
    spark_memory_read(pod, &conf);
    if (!spark_memory_sum(&conf, &sum)) {
        return;
    }
    const char *text = spark_memory_total(pod->edits->arena, &sum);
    struct quantity total = amount_of_mib(sum.total);
    /* The limit first: at no time is it below the request. */
    raise_to(&memory.limit, total, text, rule);
    if (memory.request.node == NULL && memory.limit.node == NULL) {
        set_text(&memory.request, text, rule);
    }
    raise_to(&memory.request, total, text, rule);
}

static bool is_below(struct quantity limit, const struct place *request)
{
    struct amount requested = amount_read(request->node);
    return requested.is_valid && quantity_compare(limit, requested.quantity) < 0;
}

static bool is_same(struct quantity x, const struct place *at)
{
    struct amount found = amount_read(at->node);
    return found.is_valid && quantity_compare(found.quantity, x) == 0;
}

/* A quantity, unless it is below the request or what is there already in other words. */
static void set_limit(struct resource *of, const struct rule *rule)
{
    if (!is_below(rule->limit.quantity, &of->request) &&
        !is_same(rule->limit.quantity, &of->limit)) {
        set_text(&of->limit, rule->limit.text, rule);
    }
}

void mutate_memory_limit(struct spark_pod *pod, const struct rule *rule)
{
    struct resource memory;
    if (rule->limit.kind == LIMIT_KEEP || !find(pod, "memory", &memory)) {
        return;
    }
    struct amount requested = amount_read(memory.request.node);
    bool is_sparks = requested.is_valid && is_same(requested.quantity, &memory.limit);
    if (rule->limit.kind == LIMIT_REQUEST) {
        bool is_users = memory.limit.node != NULL && rule->when == WHEN_ABSENT;
        if (requested.is_valid && !is_sparks && !is_users) {
            edit_set(&memory.limit, json_copy(pod->edits->arena, memory.request.node), rule);
        }
        return;
    }
    if (memory.limit.node == NULL || is_sparks || rule->when == WHEN_ALWAYS) {
        set_limit(&memory, rule);
    }
}

void mutate_cpu_limit(struct spark_pod *pod, const struct rule *rule)
{
    struct resource cpu;
    if (rule->limit.kind == LIMIT_KEEP || !find(pod, "cpu", &cpu)) {
        return;
    }
    if (rule->limit.kind == LIMIT_REMOVE) {
        edit_remove(&cpu.limit, rule);
    } else if (cpu.limit.node == NULL || rule->when == WHEN_ALWAYS) {
        set_limit(&cpu, rule);
    }
}

/* What stands at @at once the rule has done its part. */
static struct amount outcome(const struct place *at, const char *text, struct quantity quantity,
                             const struct rule *rule)
{
    if (text != NULL && (at->node == NULL || rule->when == WHEN_ALWAYS)) {
        return (struct amount){.text = text, .is_valid = true, .quantity = quantity};
    }
    return amount_read(at->node);
}

static void settle(struct place *at, const struct amount *wanted, const struct rule *rule)
{
    if (wanted->text != NULL && wanted->is_valid && !is_same(wanted->quantity, at)) {
        set_text(at, wanted->text, rule);
    }
}

/* Both together or neither: one alone could end up on the wrong side of the user's other one. */
void mutate_ephemeral_storage(struct spark_pod *pod, const struct rule *rule)
{
    struct resource storage;
    if (!find(pod, "ephemeral-storage", &storage)) {
        return;
    }
    struct amount request =
        outcome(&storage.request, rule->ephemeral.request, rule->ephemeral.request_quantity, rule);
    struct amount limit =
        outcome(&storage.limit, rule->ephemeral.limit, rule->ephemeral.limit_quantity, rule);
    if (request.is_valid && limit.is_valid &&
        quantity_compare(limit.quantity, request.quantity) < 0) {
        return;
    }
    settle(&storage.limit, &limit, rule);
    settle(&storage.request, &request, rule);
}

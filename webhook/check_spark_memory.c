/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spark's container has the memory that Spark itself adds up: a smaller limit ends it in the
 * middle of its work, a smaller request puts it on a node that has not got as much.
 */
#include "core/arena.h"
#include "webhook/amount.h"
#include "webhook/check.h"
#include "webhook/pod.h"
#include "webhook/spark_memory.h"

static void check_amount(const struct spark_pod *pod, const struct rule *rule, const char *part,
                         const struct spark_memory_sum *sum, struct violations *out)
{
    struct amount found = amount_of(pod->container.node, part, "memory");
    if (found.is_valid && quantity_compare(found.quantity, amount_of_mib(sum->total)) >= 0) {
        return;
    }
    const char *text = spark_memory_text(out->arena, sum);
    const char *field = arena_printf(out->arena, "spec.containers[%zu].resources.%s.memory",
                                     pod->container.index, part);
    const char *allowed = arena_printf(out->arena, "at least %s", text == NULL ? "" : text);
    violation_add(out, rule, text == NULL || allowed == NULL ? NULL : field, found.text,
                  allowed == NULL ? "" : allowed);
}

void check_spark_memory(const struct spark_pod *pod, const struct rule *rule,
                        struct violations *out)
{
    struct spark_memory memory;
    struct spark_memory_sum sum;
    spark_memory_read(pod, &memory);
    if (!spark_memory_sum(&memory, &sum)) {
        return;
    }
    /* No limit is no bound, and a limit without a request is a request of as much. */
    bool has_limit = amount_of(pod->container.node, "limits", "memory").text != NULL;
    bool has_request = amount_of(pod->container.node, "requests", "memory").text != NULL;
    if (has_request || !has_limit) {
        check_amount(pod, rule, "requests", &sum, out);
    }
    if (has_limit) {
        check_amount(pod, rule, "limits", &sum, out);
    }
}

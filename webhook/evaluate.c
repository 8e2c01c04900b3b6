/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/evaluate.h"

#include "webhook/mutate.h"

enum err_code evaluate(const struct evaluator *by, const char *namespace, struct json *object,
                       struct evaluation *out, struct err *e)
{
    edits_init(&out->edits, by->arena);
    violations_init(&out->violations, by->arena);
    enum err_code code = spark_pod_read(&out->edits, object, &out->pod, &out->is_spark, e);
    if (code != ERR_OK || !out->is_spark) {
        return code;
    }
    struct subject subject = {.namespace = namespace,
                              .role = out->pod.role,
                              .local_dirs = out->pod.local_dirs_kind,
                              .labels = out->pod.labels.node};
    if (!plan_build(by->arena, by->set, &subject, &out->plan)) {
        return err_no_memory(e);
    }
    if ((by->steps & EVALUATE_MUTATE) != 0) {
        mutate(&out->pod, &out->plan);
        code = edits_problem(&out->edits);
        if (code != ERR_OK) {
            return err_set(e, code, "%s", out->edits.problem.text);
        }
    }
    if ((by->steps & EVALUATE_CHECK) != 0) {
        check(&out->pod, &out->plan, &out->violations);
        if (out->violations.failed) {
            return err_no_memory(e);
        }
    }
    return ERR_OK;
}

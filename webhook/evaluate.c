/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/evaluate.h"

#include "core/json.h"
#include "webhook/mutate.h"

/* A copy only where it is needed. */
static bool keep_before(const struct evaluator *by, struct json *object, struct evaluation *out)
{
    out->before = NULL;
    if (!out->plan.is_monitored) {
        return true;
    }
    out->before = (by->steps & EVALUATE_MUTATE) != 0 ? json_copy(by->arena, object) : object;
    return out->before != NULL;
}

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
                              .labels = out->pod.labels.node,
                              .now = by->now};
    if (!plan_build(by->arena, by->set, by->scope, &subject, &out->plan) ||
        !keep_before(by, object, out)) {
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

enum err_code evaluate_update(const struct evaluator *by, const char *namespace,
                              struct json *object, struct json *old, struct evaluation *out,
                              struct err *e)
{
    enum err_code code = evaluate(by, namespace, object, out, e);
    if (code != ERR_OK || !out->is_spark || old == NULL) {
        return code;
    }
    struct evaluator check_only = *by;
    check_only.steps = EVALUATE_CHECK;
    struct evaluation was;
    code = evaluate(&check_only, namespace, old, &was, e);
    if (code == ERR_OK && was.is_spark) {
        violations_forget(&out->violations, &was.violations);
    }
    return code;
}

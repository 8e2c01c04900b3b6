/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/evaluate.h"

#include "core/arena.h"
#include "core/json.h"
#include "webhook/mutate.h"

/*
 * The kinds of objects: each is read in its own way, then all go the same.
 * A read says whether the object is Spark's, what it is to people, and what policies may look at.
 */

static enum err_code read_pod(struct evaluation *ev, struct json *object, struct subject *s,
                              struct err *e)
{
    struct spark_pod *pod = &ev->pod;
    enum err_code code = spark_pod_read(&ev->edits, object, pod, &ev->is_spark, e);
    if (code != ERR_OK || !ev->is_spark) {
        return code;
    }
    ev->what = pod->role_name;
    ev->application = pod->application;
    s->target = TARGET_POD;
    s->role = pod->role;
    s->local_dirs = pod->local_dirs_kind;
    s->labels = pod->labels.node;
    return ERR_OK;
}

static void mutate_pod(struct evaluation *ev)
{
    mutate(&ev->pod, &ev->plan);
}

static void check_pod(struct evaluation *ev)
{
    check(&ev->pod, &ev->plan, &ev->violations);
}

static enum err_code read_conf(struct evaluation *ev, struct json *object, struct subject *s,
                               struct err *e)
{
    (void)e;
    ev->is_spark = driver_conf_read(&ev->edits, object, &ev->conf);
    ev->what = "conf of a driver";
    s->target = TARGET_CONF;
    s->role = ROLE_DRIVER;
    s->hides_labels = true;
    return ERR_OK;
}

static void mutate_conf(struct evaluation *ev)
{
    driver_conf_mutate(&ev->conf, &ev->plan);
}

static enum err_code read_service(struct evaluation *ev, struct json *object, struct subject *s,
                                  struct err *e)
{
    (void)e;
    ev->is_spark = driver_service_read(&ev->edits, object, &ev->service);
    ev->what = "Service of the driver";
    ev->application = ev->service.application;
    s->target = TARGET_SERVICE;
    s->role = ROLE_DRIVER;
    s->labels = ev->service.labels;
    return ERR_OK;
}

static void mutate_service(struct evaluation *ev)
{
    driver_service_mutate(&ev->service, &ev->plan);
}

static enum err_code read_claim(struct evaluation *ev, struct json *object, struct subject *s,
                                struct err *e)
{
    (void)e;
    ev->is_spark = spark_claim_read(&ev->edits, object, &ev->claim);
    ev->what = ev->is_spark && ev->claim.role == ROLE_DRIVER ? "claim of the driver"
                                                             : "claim of an executor";
    ev->application = ev->claim.application;
    s->target = TARGET_CLAIM;
    s->role = ev->is_spark ? ev->claim.role : ROLE_EXECUTOR;
    s->hides_labels = true;
    return ERR_OK;
}

static void mutate_claim(struct evaluation *ev)
{
    spark_claim_mutate(&ev->claim, &ev->plan);
}

static void check_claim(struct evaluation *ev)
{
    spark_claim_check(&ev->claim, &ev->plan, &ev->violations);
}

static enum err_code read_application(struct evaluation *ev, struct json *object, struct subject *s,
                                      struct err *e)
{
    enum err_code code =
        spark_application_read(&ev->edits, ev->kind, object, &ev->app, &ev->is_spark, e);
    if (code != ERR_OK || !ev->is_spark) {
        return code;
    }
    ev->what = "application";
    s->target = TARGET_APPLICATION;
    s->role = ROLE_DRIVER;
    s->labels = ev->app.labels;
    return ERR_OK;
}

static void mutate_application(struct evaluation *ev)
{
    spark_application_mutate(&ev->app, &ev->plan);
}

static void check_application(struct evaluation *ev)
{
    spark_application_check(&ev->app, &ev->plan, &ev->violations);
}

static const struct handler {
    enum err_code (*read)(struct evaluation *ev, struct json *object, struct subject *s,
                          struct err *e);
    void (*mutate)(struct evaluation *ev); /* NULL: nothing to change */
    void (*check)(struct evaluation *ev);  /* NULL: nothing to judge */
} handlers[KIND_COUNT] = {
    [KIND_POD] = {read_pod, mutate_pod, check_pod},
    [KIND_POD_DEBUGGING] = {read_pod, NULL, check_pod},
    [KIND_CONFIG_MAP] = {read_conf, mutate_conf, NULL},
    [KIND_SERVICE] = {read_service, mutate_service, NULL},
    [KIND_CLAIM] = {read_claim, mutate_claim, check_claim},
    [KIND_SPARK_APPLICATION] = {read_application, mutate_application, check_application},
    [KIND_SCHEDULED_SPARK_APPLICATION] = {read_application, mutate_application, check_application},
    [KIND_APACHE_SPARK_APPLICATION] = {read_application, mutate_application, check_application},
};

static void init(struct evaluation *ev, const struct evaluator *by, struct json *object)
{
    ev->kind = by->kind;
    ev->object = object;
    ev->is_spark = false;
    ev->what = "";
    ev->application = NULL;
    edits_init(&ev->edits, by->arena);
    violations_init(&ev->violations, by->arena);
}

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
    const struct handler *handler = &handlers[by->kind];
    struct subject subject = {.namespace = namespace, .local_dirs = LOCAL_DIRS_ALL};
    init(out, by, object);
    if (handler->read == NULL) {
        return ERR_OK;
    }
    enum err_code code = handler->read(out, object, &subject, e);
    if (code != ERR_OK || !out->is_spark) {
        return code;
    }
    subject.now = by->now;
    if (!plan_build(by->arena, by->set, by->scope, &subject, &out->plan) ||
        !keep_before(by, object, out)) {
        return err_no_memory(e);
    }
    if ((by->steps & EVALUATE_MUTATE) != 0 && handler->mutate != NULL) {
        handler->mutate(out);
        code = edits_problem(&out->edits);
        if (code != ERR_OK) {
            return err_set(e, code, "%s", out->edits.problem.text);
        }
    }
    if ((by->steps & EVALUATE_CHECK) != 0 && handler->check != NULL) {
        handler->check(out);
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

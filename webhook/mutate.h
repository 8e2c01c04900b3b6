/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mutate.h - what rules do to a pod: a table of mutations, one file each.
 *
 * A mutation gets one rule that decides a field and makes the pod satisfy it,
 * by edits. It must find nothing to do on its own result, also after the API
 * server has filled in its defaults and other webhooks have been there.
 * Thread-safety: mutate_init() once, before threads; then pure.
 */
#ifndef WEBHOOK_MUTATE_H
#define WEBHOOK_MUTATE_H

#include <stdbool.h>
#include <stddef.h>

#include "policies/policy.h"

struct plan;
struct spark_pod;

/* Makes the constants that mutations insert. False when out of memory. They live with the process.
 */
bool mutate_init(void);

/* Applies every deciding rule of @plan. Problems are in the pod's edits. */
void mutate(struct spark_pod *pod, const struct plan *plan);

/* The mutations, each in a file of its name. */
void mutate_label(struct spark_pod *pod, const struct rule *rule);
void mutate_annotation(struct spark_pod *pod, const struct rule *rule);
void mutate_capacity(struct spark_pod *pod, const struct rule *rule);
void mutate_toleration(struct spark_pod *pod, const struct rule *rule);
void mutate_node_selector(struct spark_pod *pod, const struct rule *rule);
void mutate_spread(struct spark_pod *pod, const struct rule *rule);
void mutate_topology(struct spark_pod *pod, const struct rule *rule);
void mutate_probe(struct spark_pod *pod, const struct rule *rule);
void mutate_local_dirs(struct spark_pod *pod, const struct rule *rule);
void mutate_volume(struct spark_pod *pod, const struct rule *rule);
void mutate_env(struct spark_pod *pod, const struct rule *rule);
void mutate_grace(struct spark_pod *pod, const struct rule *rule);
void mutate_priority_class(struct spark_pod *pod, const struct rule *rule);
void mutate_scheduler(struct spark_pod *pod, const struct rule *rule);
void mutate_pull_secret(struct spark_pod *pod, const struct rule *rule);
void mutate_placement(struct spark_pod *pod, const struct rule *rule);
void mutate_security(struct spark_pod *pod, const struct rule *rule);
void mutate_overlay(struct spark_pod *pod, const struct rule *rule);

/* In mutate_resources.c, because they stand on the same ground. */
void mutate_memory(struct spark_pod *pod, const struct rule *rule);
void mutate_memory_limit(struct spark_pod *pod, const struct rule *rule);
void mutate_cpu_limit(struct spark_pod *pod, const struct rule *rule);
void mutate_ephemeral_storage(struct spark_pod *pod, const struct rule *rule);

/* One that needs to see all rules of its kind. */
void mutate_images(struct spark_pod *pod, const struct rule *const *rules, size_t count);

bool mutate_capacity_init(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/compile.h"

static void read_grace(struct reader *r, const struct yaml_node *node, const struct field *field,
                       void *out)
{
    const struct section *s = out;
    int64_t seconds = 0;
    field_seconds(r, node, field, &seconds);
    if (seconds == 0) {
        return;
    }
    draft_add(r, s->draft, node, "terminationGracePeriod",
              (struct rule){.kind = RULE_GRACE,
                            .roles = role_named(field->name),
                            .when = (enum when)s->when,
                            .name = reader_format(r, "terminationGracePeriod.%s", field->name),
                            .grace = {.seconds = seconds}});
}

static const struct field grace_fields[] = {
    FIELD_WHEN(struct section),
    {.name = "driver",
     .type = "duration",
     .summary = "how long a driver may take to end",
     .read = read_grace},
    {.name = "executor",
     .type = "duration",
     .summary = "how long an executor may take to hand over its data and end",
     .read = read_grace},
    {.name = NULL},
};

const struct field admission_fields[] = {
    {.name = "when",
     .type = "absent or always",
     .summary = "the default of all that follows; absent: the user's value wins; always: the "
                "policy's does; absent by default",
     .read = field_word,
     .offset = offsetof(struct draft, when),
     .detail = when_words},
    {.name = "labels",
     .type = "map of strings, or list",
     .summary = "labels to set",
     .read = compile_entries,
     .members = entry_fields},
    {.name = "annotations",
     .type = "map of strings, or list",
     .summary = "annotations to set",
     .read = compile_entries,
     .members = entry_fields},
    {.name = "capacity",
     .type = "map",
     .summary = "spot or on-demand nodes: node affinity and tolerations for every cloud",
     .read = field_section,
     .members = capacity_fields},
    {.name = "spread",
     .type = "list",
     .summary = "how pods of one application are spread",
     .read = compile_spread,
     .members = spread_fields},
    {.name = "probes",
     .type = "map",
     .summary = "liveness and startup probes of drivers",
     .read = field_section,
     .members = probe_fields},
    {.name = "localDirs",
     .type = "map",
     .summary = "scratch space on claims of its own, which end with the pod",
     .read = field_section,
     .members = local_dirs_fields},
    {.name = "volumes",
     .type = "list",
     .summary = "volumes to mount",
     .read = compile_volumes,
     .members = volume_fields},
    {.name = "resources",
     .type = "map",
     .summary = "what Spark's container asks for and may take",
     .read = compile_resources,
     .members = resource_fields},
    {.name = "securityContext",
     .type = "restricted, keep or map",
     .summary = "restricted: what Pod Security calls so",
     .read = compile_security,
     .members = security_fields},
    {.name = "overlay",
     .type = "part of a Pod, or list",
     .summary = "anything else, merged as Kubernetes merges a strategic patch",
     .read = compile_overlay,
     .members = overlay_fields},
    {.name = "terminationGracePeriod",
     .type = "map",
     .summary = "how long pods may take to end",
     .read = field_section,
     .members = grace_fields},
    {.name = NULL},
};

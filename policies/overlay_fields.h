/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overlay_fields.h - what an overlay may say about a pod and Spark's container, field by field.
 *
 * Source: the tags patchStrategy and patchMergeKey of PodSpec and Container in
 * k8s.io/api/core/v1/types.go (Kubernetes 1.37). A list with a merge key is merged by it; any
 * other list is one value. Two things differ on purpose. An item of a keyed list is
 * one thing: half of a volume or of a variable is none. Tolerations, one value to
 * Kubernetes, are a set here: replacing them would take away those that the API
 * server adds to every pod.
 * Thread-safety: const.
 */
#ifndef POLICIES_OVERLAY_FIELDS_H
#define POLICIES_OVERLAY_FIELDS_H

#include "policies/policy.h"

enum overlay_shape {
    OVERLAY_SHAPE_VALUE,      /* a scalar, or a list that is one value */
    OVERLAY_SHAPE_MEMBERS,    /* an object: each member is one value */
    OVERLAY_SHAPE_KEYED,      /* a list that is merged by a key */
    OVERLAY_SHAPE_SET,        /* a list whose items have no key */
    OVERLAY_SHAPE_CONTAINERS, /* the containers, Spark's own among them */
    OVERLAY_SHAPE_REFUSED,
};

struct overlay_field {
    const char *name;
    enum overlay_shape shape;
    const char *detail; /* KEYED: the key; REFUSED: why; MEMBERS: why not always; VALUE: what
                           Kubernetes writes when nobody says anything, as JSON; NULL: nothing */
};

/* Tables end with a field without a name. */
extern const struct overlay_field overlay_pod_fields[];
extern const struct overlay_field overlay_container_fields[];

#endif

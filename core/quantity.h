/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantity.h - Kubernetes resource quantities ("500m", "4505Mi", "1.5e3"), exactly.
 *
 * A quantity is kept as an integer number of nano-units in 128 bits: no
 * floating point, no rounding but Kubernetes' own (finer than nano rounds up).
 * Grammar and suffixes: k8s.io/apimachinery/pkg/api/resource, type Quantity:
 * n u m, none, k M G T P E, Ki Mi Gi Ti Pi Ei, e and E exponents.
 * At least one digit is needed, as the grammar says; the API server itself
 * lets most bare suffixes pass as zero.
 * Thread-safety: pure functions.
 */
#ifndef CORE_QUANTITY_H
#define CORE_QUANTITY_H

#include <stdbool.h>

struct quantity {
    __extension__ __int128 nano;
};

/*
 * False, @out untouched, when @text is not a quantity or is over ±(2^63-1) units.
 * With a binary suffix it is that maximum instead, which is Kubernetes' own cap.
 */
bool quantity_parse(const char *text, struct quantity *out);

/* <0, 0, >0 as @x is less than, equal to or more than @y. */
int quantity_compare(struct quantity x, struct quantity y);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rendezvous.h - one of several names for a key, always the same one.
 *
 * Highest random weight hashing (Thaler and Ravishankar, 1998): key and name together make a
 * weight, and the heaviest name is chosen. So nothing is remembered, everybody who knows the names
 * chooses alike, their order does not matter, and when one goes only its own keys move.
 * The hash is part of what the outside sees: with another one keys would move.
 * Thread-safety: pure function.
 */
#ifndef CORE_RENDEZVOUS_H
#define CORE_RENDEZVOUS_H

/* @names: NULL-terminated; one of them is returned, NULL when there is none. */
const char *rendezvous(const char *key, const char *const *names);

#endif

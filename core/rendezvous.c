/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rendezvous.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const uint64_t fnv_offset = 0xcbf29ce484222325;
static const uint64_t fnv_prime = 0x100000001b3;

/* FNV-1a, 64 bits (Fowler, Noll and Vo), of a text and of the NUL behind it. */
static uint64_t fnv(uint64_t hash, const char *text)
{
    for (;; text++) {
        hash = (hash ^ (unsigned char)*text) * fnv_prime;
        if (*text == '\0') {
            return hash;
        }
    }
}

/* The last steps of MurmurHash3 (fmix64): FNV's high bits know little of the last characters. */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
    return hash ^ (hash >> 33);
}

const char *rendezvous(const char *key, const char *const *names)
{
    const char *chosen = NULL;
    uint64_t heaviest = 0;
    uint64_t of_key = fnv(fnv_offset, key);
    for (; *names != NULL; names++) {
        uint64_t weight = mix(fnv(of_key, *names));
        bool is_heavier = chosen == NULL || weight > heaviest;
        if (is_heavier || (weight == heaviest && strcmp(*names, chosen) > 0)) {
            chosen = *names;
            heaviest = weight;
        }
    }
    return chosen;
}

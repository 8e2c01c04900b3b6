/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - policy files to a policy set, or every mistake in them.
 *
 * Strict: an unknown field, a wrong type, a duplicate key, a bad quantity, selector
 * or label value is an error with file:line:column, what is wrong and what was perhaps
 * meant. All mistakes of all files are reported at once; a set comes back only
 * when there is none.
 * Thread-safety: any thread; touches only what it is given and the files.
 */
#ifndef POLICIES_LOAD_H
#define POLICIES_LOAD_H

#include <stddef.h>

#include "core/err.h"

struct policy_set;

/* One mistake. file is as given or found; line and column from 1, 0 when the file could not be
 * read. */
struct finding {
    const char *file;
    size_t line, column;
    const char *text; /* what is wrong; did you mean … */
};

/* Sorted by file, line, column. Ours: finish after use. */
struct findings {
    struct finding *list;
    size_t count;
    struct arena *arena;
};
void findings_finish(struct findings *f);

/*
 * @paths: files, or folders of which every *.yaml and *.yml is read (not their subfolders; names
 * that start with a dot are left out, as kubelet's ..data is). A path without any policy in
 * it is a finding. Order of paths and files does not matter.
 * ERR_OK: @out_set is the caller's, to be destroyed. ERR_INVALID: @out_findings says all.
 * ERR_IO: a path cannot be read (also a finding, with line 0). ERR_MEMORY.
 * @out_findings is set in every case.
 */
enum err_code policies_load(const char *const *paths, size_t path_count,
                            struct policy_set **out_set, struct findings *out_findings);

/* The same for text in memory; @file names it in findings. For tests and tools. */
enum err_code policies_load_text(const char *file, const char *text, size_t len,
                                 struct policy_set **out_set, struct findings *out_findings);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/yaml.h"
#include "policies/load.h"
#include "server/command.h"
#include "server/diff.h"
#include "server/findings.h"
#include "server/objects.h"
#include "server/options.h"
#include "webhook/evaluate.h"
#include "webhook/monitor.h"

enum {
    FIRST_CHUNK = 256 * 1024,
    FILE_MEMORY_MAX = 1024 * 1024 * 1024, /* of one file of objects and what comes of them */
    OUTPUT_MAX = 256 * 1024 * 1024,
};

struct apply {
    struct option_list policies;
    const char *output;
    const char *namespace;
    const char *colour;
    const struct policy_set *set;
    bool is_coloured;
    size_t denied;  /* objects that would be denied */
    size_t printed; /* documents on standard output */
};

static const struct option table[] = {
    {.name = "policies",
     .letter = 'p',
     .kind = OPTION_LIST,
     .value = "PATH",
     .help = "policy file, or folder of them",
     .offset = offsetof(struct apply, policies),
     .separator = ':'},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "FORM",
     .help = "diff, patch (JSON Patch) or object (the whole result)",
     .offset = offsetof(struct apply, output),
     .fallback = "diff"},
    {.name = "namespace",
     .letter = 'n',
     .kind = OPTION_TEXT,
     .value = "NAME",
     .help = "for objects that name none",
     .offset = offsetof(struct apply, namespace),
     .fallback = "default"},
    {.name = "color",
     .kind = OPTION_TEXT,
     .value = "WHEN",
     .help = "auto (on a terminal, without NO_COLOR), always or never",
     .offset = offsetof(struct apply, colour),
     .fallback = "auto"},
};

static const struct options options = {
    .command = "apply",
    .operands = "OBJECT...",
    .about =
        "Shows what the policies would do to objects, read as YAML or JSON from files or, for -,\n"
        "from standard input; works with no cluster. An AdmissionReview stands for its object.\n"
        "Exit code 0: all would be admitted, 1: some would be denied or a policy has mistakes,\n"
        "2: wrong usage or a file that cannot be read.",
    .example = "  sparkward apply -p policies/library pod.yaml\n"
               "  kubectl get pod my-driver -o yaml | sparkward apply -p etl.yaml -o patch -\n",
    .table = table,
    .count = sizeof(table) / sizeof(table[0]),
};

static bool is_one_of(const char *text, const char *a, const char *b, const char *c)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0 || strcmp(text, c) == 0;
}

static bool wants_colour(const char *when)
{
    if (strcmp(when, "auto") != 0) {
        return strcmp(when, "always") == 0;
    }
    const char *no_colour = getenv("NO_COLOR"); /* see no-color.org: set and not empty */
    return isatty(STDOUT_FILENO) == 1 && (no_colour == NULL || no_colour[0] == '\0');
}

static void print_object(struct apply *apply, const struct object *object, struct buf *out)
{
    if (!object->is_yaml) {
        json_print(out, object->value);
        buf_addc(out, '\n');
        return;
    }
    if (apply->printed > 0) {
        buf_adds(out, "---\n");
    }
    if (yaml_print(out, object->value, 0) != ERR_OK) {
        out->failed = true;
    }
}

/* What the policies make of one object. */
struct applied {
    struct evaluation is;
    struct evaluation would;      /* with monitored policies, when report differs */
    struct monitor_report report; /* of monitored policies; all zero when none matches */
    const char *failure;          /* why there is no report; else NULL */
};

static void print_diff(const struct apply *apply, struct arena *a, const struct object *object,
                       const struct applied *done, struct buf *out)
{
    const struct evaluation *ev = &done->is;
    const char *title = object_title(a, object);
    buf_addf(out, "%s%s", apply->printed > 0 ? "\n" : "", title == NULL ? "object" : title);
    if (!ev->is_spark) {
        buf_adds(out, ": nothing of Spark's that policies are for, left alone\n");
        return;
    }
    buf_addf(out, ": %s%s%s\n", ev->what, ev->application == NULL ? "" : " of ",
             ev->application == NULL ? "" : ev->application);
    diff_print(out, ev, apply->is_coloured);
    if (done->failure != NULL) {
        buf_addf(out, "with monitored policies enforced: would fail: %s\n", done->failure);
    } else if (done->report.differs) {
        buf_adds(out, "with monitored policies enforced:\n");
        diff_print(out, &done->would, apply->is_coloured);
    }
}

static bool is_denied(const struct evaluation *ev)
{
    return ev->is_spark && ev->violations.count[REQUIRE_DENY] > 0;
}

static enum err_code evaluate_object(const struct apply *apply, struct arena *a,
                                     const struct object *object, struct applied *out,
                                     struct err *e)
{
    const char *namespace = object->namespace == NULL ? apply->namespace : object->namespace;
    const struct evaluator by = {.set = apply->set,
                                 .arena = a,
                                 .steps = EVALUATE_MUTATE | EVALUATE_CHECK,
                                 .kind = kind_of_object(object->value),
                                 .now = (int64_t)time(NULL)};
    enum err_code code = evaluate(&by, namespace, object->value, &out->is, e);
    if (code != ERR_OK || !out->is.is_spark || out->is.before == NULL) {
        return code;
    }
    code = monitor_evaluate(&by, namespace, NULL, &out->is, &out->would, e);
    if (code == ERR_INVALID) {
        out->failure = arena_strdup(a, e->text);
        return ERR_OK;
    }
    if (code == ERR_OK && !monitor_compare(&by, &out->is, &out->would, &out->report)) {
        code = err_no_memory(e);
    }
    return code;
}

static enum err_code apply_object(struct apply *apply, struct arena *a, struct object *object,
                                  struct err *e)
{
    struct applied done = {.failure = NULL};
    enum err_code code = evaluate_object(apply, a, object, &done, e);
    if (code != ERR_OK) {
        return code;
    }
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    if (strcmp(apply->output, "object") == 0) {
        print_object(apply, object, &out);
    } else if (strcmp(apply->output, "patch") == 0) {
        edits_print(&done.is.edits, &out);
        buf_addc(&out, '\n');
    } else {
        print_diff(apply, a, object, &done, &out);
    }
    bool ok = !out.failed && fwrite(out.text, 1, out.len, stdout) == out.len;
    buf_finish(&out);
    apply->printed++;
    apply->denied += is_denied(&done.is) ? 1 : 0;
    return ok ? ERR_OK : err_set(e, ERR_IO, "cannot write the result");
}

static int apply_file(struct apply *apply, const char *path)
{
    struct err e;
    struct object *object = NULL;
    struct arena *a = arena_create(FIRST_CHUNK, FILE_MEMORY_MAX);
    enum err_code code =
        a == NULL ? err_set(&e, ERR_MEMORY, "out of memory") : objects_read(a, path, &object, &e);
    for (; code == ERR_OK && object != NULL; object = object->next) {
        code = apply_object(apply, a, object, &e);
        if (code != ERR_OK) {
            (void)err_wrap(&e, "%s", path);
        }
    }
    arena_destroy(a);
    if (code != ERR_OK) {
        (void)fflush(stdout);
        (void)fprintf(stderr, "sparkward apply: %s\n", e.text);
        return EXIT_USAGE;
    }
    return 0;
}

static int apply_all(struct apply *apply, char **paths, size_t count)
{
    struct policy_set *set = NULL;
    struct findings findings;
    enum err_code code =
        policies_load(apply->policies.items, apply->policies.count, &set, &findings);
    if (code != ERR_OK) {
        int exit_code = findings_report("apply", stderr, code, &findings);
        findings_finish(&findings);
        return exit_code;
    }
    findings_finish(&findings);
    apply->set = set;
    int worst = 0;
    for (size_t i = 0; i < count; i++) {
        int exit_code = apply_file(apply, paths[i]);
        worst = exit_code > worst ? exit_code : worst;
    }
    policy_set_destroy(set);
    if (fflush(stdout) != 0) {
        (void)fprintf(stderr, "sparkward apply: cannot write the result\n");
        return EXIT_USAGE;
    }
    return worst == 0 && apply->denied > 0 ? EXIT_FINDINGS : worst;
}

static int check_usage(const struct apply *apply, size_t operands)
{
    if (apply->policies.count == 0) {
        return options_error(&options, "name the policies with --policies PATH");
    }
    if (operands == 0) {
        return options_error(&options, "name at least one OBJECT, or - for standard input");
    }
    if (!is_one_of(apply->output, "diff", "patch", "object")) {
        return options_error(&options, "--output: \"%s\" is not diff, patch or object",
                             apply->output);
    }
    if (!is_one_of(apply->colour, "auto", "always", "never")) {
        return options_error(&options, "--color: \"%s\" is not auto, always or never",
                             apply->colour);
    }
    return 0;
}

static int run(void *out, char **objects, size_t count)
{
    struct apply *apply = out;
    int exit_code = check_usage(apply, count);
    if (exit_code != 0) {
        return exit_code;
    }
    apply->is_coloured = wants_colour(apply->colour);
    return apply_all(apply, objects, count);
}

int cmd_apply(int argc, char **argv)
{
    struct apply apply = {.output = NULL};
    return options_run(&options, argc, argv, &apply, run);
}

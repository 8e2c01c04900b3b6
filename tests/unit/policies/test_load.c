/* SPDX-License-Identifier: Apache-2.0 */
#include "policies/load.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/json.h"
#include "policies/policy.h"
#include "table.h"

/* What is inserted after these starts in line 4, 5 and 6. */
#define HEAD "apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: p}\n"
#define SPEC HEAD "spec:\n"
#define ADMISSION SPEC "  admission:\n"

static void setup(void)
{
    json_init();
}

TestSuite(load, .init = setup, .timeout = 60);

static const struct {
    const char *text;
    size_t line, column;
    const char *words[3];
} bad[] = {
    /* documents */
    {"", 1, 1, {"no policy"}},
    {"# nothing\n---\n", 1, 1, {"no policy"}},
    {"a: [", 2, 1, {"did not find"}},
    {"- a", 1, 1, {"must be a map", "a list"}},
    {"just text", 1, 1, {"must be a map", "\"just text\""}},
    {"kind: SparkPolicy\nmetadata: {name: p}\nspec: {}", 1, 1, {"\"apiVersion\" is missing"}},
    {"apiVersion: sparkward.dev/v1\nmetadata: {name: p}\nspec: {}", 1, 1, {"\"kind\" is missing"}},
    {"apiVersion: sparkward.dev/v2\nkind: SparkPolicy\nspec: 1", 1, 13, {"sparkward.dev/v1", "v2"}},
    {"apiVersion: sparkward.dev/v1\nkind: Policy\nspec: 1",
     2,
     7,
     {"SparkPolicy or PolicyException"}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolcy", 2, 7, {"did you mean \"SparkPolicy\""}},
    {"apiVersion: sparkward.dev/v1\nkind: [SparkPolicy]", 2, 7, {"a list"}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nspec: {}",
     1,
     1,
     {"\"metadata\" is missing"}},
    {HEAD, 1, 1, {"\"spec\" is missing"}},
    {HEAD "spec: {}\nstatus: {}", 5, 1, {"unknown field \"status\"", "there can be", "metadata"}},
    {HEAD "spec: {}\nspec: {}", 5, 1, {"already in line 4"}},
    {HEAD "spec:", 4, 6, {"must be a map", "empty"}},
    {HEAD "spec: &a {}", 4, 7, {"anchors"}},
    {HEAD "spec: {}\n---\n" HEAD "spec: {}", 8, 18, {"policy \"p\" already", "in t.yaml:1"}},
    /* metadata */
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {}\nspec: {}",
     3,
     11,
     {"\"name\""}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: Etl}\nspec: {}",
     3,
     18,
     {"\"Etl\"", "lower-case"}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: -a}\nspec: {}",
     3,
     18,
     {"first nor last"}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: ''}\nspec: {}",
     3,
     18,
     {"must not be empty"}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: 12}\nspec: {}",
     3,
     18,
     {"the number 12", "quote it: \"12\""}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: on}\nspec: {}",
     3,
     18,
     {"the boolean on", "quote it"}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: a, labels: {}}\nspec: {}",
     3,
     21,
     {"unknown field \"labels\" in \"metadata\""}},
    {"apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata:\n  name: "
     "a123456789b123456789c123456789d123456789e123456789f123456789abcd\nspec: {}",
     4,
     9,
     {"at most 63"}},
    /* spec */
    {SPEC "  prioritty: 1", 5, 3, {"did you mean \"priority\""}},
    {SPEC "  banana: 1", 5, 3, {"there can be priority, mode, match, admission"}},
    {SPEC "  priority: high", 5, 13, {"whole number", "\"high\""}},
    {SPEC "  priority: '5'", 5, 13, {"whole number"}},
    {SPEC "  priority: 1.5", 5, 13, {"whole number", "1.5"}},
    {SPEC "  priority: 1000000001", 5, 13, {"-1000000000 to 1000000000"}},
    {SPEC "  priority: 99999999999999999999", 5, 13, {"whole number"}},
    {SPEC "  priority: -9223372036854775809", 5, 13, {"whole number"}},
    {SPEC "  priority:", 5, 12, {"whole number", "empty"}},
    {SPEC "  priority: [1]", 5, 13, {"a list"}},
    {SPEC "  mode: audit", 5, 9, {"enforce, monitor or off", "\"audit\""}},
    {SPEC "  mode: enfore", 5, 9, {"did you mean \"enforce\""}},
    {SPEC "  mode: {}", 5, 9, {"enforce, monitor or off", "a map"}},
    /* sparkConf */
    {SPEC "  sparkConf: 5", 5, 14, {"a map of strings or a list", "the number 5"}},
    {SPEC "  sparkConf: {spark.x: true}", 5, 24, {"the boolean true", "quote it: \"true\""}},
    {SPEC "  sparkConf: {spark.x: 1}", 5, 24, {"quote it: \"1\""}},
    {SPEC "  sparkConf: {hadoop.x: a}", 5, 15, {"no property of Spark", "begins with \"spark.\""}},
    {SPEC "  sparkConf: {spark.: a}", 5, 15, {"begins with \"spark.\""}},
    {SPEC "  sparkConf: {'spark.a b': a}", 5, 15, {"no white space"}},
    {SPEC "  sparkConf: [spark.x]", 5, 15, {"must be a map"}},
    {SPEC "  sparkConf: [{when: never, set: {}}]", 5, 22, {"absent or always"}},
    {SPEC "  sparkConf: [{when: always}]", 5, 15, {"\"set\" is missing"}},
    {SPEC "  sparkConf: [{set: []}]", 5, 21, {"must be a map"}},
    {SPEC "  sparkConf: [{role: driver, set: {}}]", 5, 16, {"the driver reads the conf"}},
    {SPEC "  sparkConf: {spark.driver.memory: 4g}", 5, 15, {"too late", "its size already"}},
    {SPEC "  sparkConf: {spark.driver.cores: '4'}", 5, 15, {"its size already"}},
    {SPEC "  sparkConf: {spark.driver.resource.gpu.amount: '1'}", 5, 15, {"its size already"}},
    {SPEC "  sparkConf: {spark.driver.host: a}", 5, 15, {"addresses already"}},
    {SPEC "  sparkConf: {spark.ui.port: '80'}", 5, 15, {"addresses already"}},
    {SPEC "  sparkConf: {spark.kubernetes.driver.label.a: b}", 5, 15, {"pod is made already"}},
    {SPEC "  sparkConf: {spark.kubernetes.driver.volumes.emptyDir.a.mount.path: b}",
     5,
     15,
     {"pod is made already"}},
    {SPEC "  sparkConf: {spark.kubernetes.container.image: a}",
     5,
     15,
     {"\"spark.kubernetes.executor.container.image\""}},
    {SPEC "  sparkConf: {spark.kubernetes.authenticate.driver.serviceAccountName: a}",
     5,
     15,
     {"who submits"}},
    {SPEC "  sparkConf: {spark.master: a}", 5, 15, {"spark-submit has settled it"}},
    {SPEC "  sparkConf: [{set: {spark.x: a}}, {when: always, set: {spark.x: b}}]",
     5,
     57,
     {"sparkConf.spark.x is in line 5"}},
    {SPEC "  match: {roles: [executor]}\n  sparkConf: {spark.x: a}",
     6,
     15,
     {"for drivers", "leaves them out"}},
    /* application */
    {SPEC "  application: {restart: {}}", 5, 17, {"unknown field \"restart\""}},
    {SPEC "  application: {restartPolicy: {}}", 5, 32, {"\"type\" is missing"}},
    {SPEC "  application: {restartPolicy: {type: Sometimes}}",
     5,
     39,
     {"Never, OnFailure or Always"}},
    {SPEC "  application: {restartPolicy: {type: OnFailure}}", 5, 32, {"onFailureRetries"}},
    {SPEC "  application: {restartPolicy: {type: OnFailure, onFailureRetries: 0, "
          "onFailureRetryInterval: 1s}}",
     5,
     32,
     {"at least 1"}},
    {SPEC "  application: {restartPolicy: {type: OnFailure, onFailureRetries: 1}}",
     5,
     32,
     {"onFailureRetryInterval"}},
    {SPEC "  application: {restartPolicy: {type: Never, onFailureRetries: 1}}",
     5,
     32,
     {"nothing is run again"}},
    {SPEC "  application: {dynamicAllocation: {maxExecutors: 0}}", 5, 51, {"from 1 to"}},
    {SPEC "  application: {dynamicAllocation: {minExecutors: 3, maxExecutors: 2}}",
     5,
     36,
     {"must not be more"}},
    /* claims */
    {SPEC "  claims: []", 5, 11, {"must be a map"}},
    {SPEC "  claims: {annotations: {}}", 5, 12, {"unknown field \"annotations\" in \"claims\""}},
    {SPEC "  claims: {labels: [a]}", 5, 20, {"must be a map"}},
    {SPEC "  claims: {labels: {spark-app-selector: a}}", 5, 21, {"belongs to Spark"}},
    {SPEC "  claims: {labels: {a: 'x y'}}", 5, 24, {"no label value"}},
    /* match */
    {SPEC "  match: []", 5, 10, {"must be a map"}},
    {SPEC "  match: {namespace: [a]}", 5, 11, {"did you mean \"namespaces\""}},
    {SPEC "  match: {namespaces: a}", 5, 23, {"must be a list", "\"a\""}},
    {SPEC "  match: {namespaces: []}", 5, 23, {"empty", "leave it out"}},
    {SPEC "  match: {namespaces: [A]}", 5, 24, {"no namespace has such a name"}},
    {SPEC "  match: {namespaces: [a, 1]}", 5, 27, {"quote it"}},
    {SPEC "  match: {namespaces: ['']}", 5, 24, {"must not be empty"}},
    {SPEC "  match: {exclude: {namespaces: ['a b']}}", 5, 34, {"no namespace"}},
    {SPEC "  match: {exclude: {roles: [driver]}}",
     5,
     21,
     {"unknown field \"roles\" in \"exclude\""}},
    {SPEC "  match: {roles: driver}", 5, 18, {"must be a list"}},
    {SPEC "  match: {roles: []}", 5, 18, {"empty"}},
    {SPEC "  match: {roles: [drvier]}", 5, 19, {"driver or executor", "did you mean \"driver\""}},
    {SPEC "  match: {spark: '>=3.3'}", 5, 11, {"unknown field \"spark\""}},
    {SPEC "  match: {selector: {app: x}}", 5, 22, {"matchLabels or matchExpressions"}},
    {SPEC "  match: {selector: {matchLabels: {a: 1}}}", 5, 39, {"quote it: \"1\""}},
    {SPEC "  match: {selector: {matchLabels: {'-a': x}}}", 5, 36, {"no label key"}},
    {SPEC "  match: {selector: {matchLabels: {a: 'x y'}}}", 5, 39, {"no label value"}},
    {SPEC "  match: {selector: {matchLabels: [a]}}", 5, 35, {"must be a map"}},
    {SPEC "  match: {selector: {matchExpressions: {}}}", 5, 40, {"must be a list"}},
    {SPEC "  match: {selector: {matchExpressions: [a]}}", 5, 41, {"must be a map"}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a}]}}",
     5,
     41,
     {"\"operator\" is missing"}},
    {SPEC "  match: {selector: {matchExpressions: [{operator: Exists}]}}",
     5,
     41,
     {"\"key\" is missing"}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a, operator: in}]}}",
     5,
     60,
     {"did you mean \"In\""}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a, operator: In}]}}",
     5,
     60,
     {"needs \"values\""}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a, operator: In, values: []}]}}",
     5,
     72,
     {"empty"}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a, operator: In, values: x}]}}",
     5,
     72,
     {"must be a list"}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a, operator: NotIn, values: [1]}]}}",
     5,
     76,
     {"quote it"}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a, operator: Exists, values: [x]}]}}",
     5,
     68,
     {"only for In and NotIn"}},
    {SPEC "  match: {selector: {matchExpressions: [{key: a b, operator: Exists}]}}",
     5,
     47,
     {"no label key"}},
    /* labels and annotations */
    {ADMISSION "    anotations: {}", 6, 5, {"did you mean \"annotations\"", "in \"admission\""}},
    {ADMISSION "    when: never", 6, 11, {"absent or always"}},
    {ADMISSION "    labels: x", 6, 13, {"map of strings or a list"}},
    {ADMISSION "    labels:", 6, 12, {"map of strings or a list", "empty"}},
    {ADMISSION "    labels: {cost-centre: 4711}", 6, 27, {"the number 4711", "quote it: \"4711\""}},
    {ADMISSION "    labels: {a: true}", 6, 17, {"the boolean true", "quote it: \"true\""}},
    {ADMISSION "    labels: {a: null}", 6, 17, {"null", "quote it"}},
    {ADMISSION "    labels: {a: }", 6, 17, {"null", "quote it"}},
    {ADMISSION "    labels: {a: [b]}", 6, 17, {"must be a string", "a list"}},
    {ADMISSION "    labels: {a: 'b c'}", 6, 17, {"no label value"}},
    {ADMISSION "    labels: {a/b/c: x}", 6, 14, {"no label key"}},
    {ADMISSION "    labels: {spark-role: driver}", 6, 14, {"belongs to Spark"}},
    {ADMISSION "    labels: {spark-app-selector: x}", 6, 14, {"belongs to Spark"}},
    {ADMISSION "    labels: [{set: {spark-exec-inactive: x}}]", 6, 21, {"belongs to Spark"}},
    {ADMISSION "    labels: [{role: driver}]", 6, 14, {"\"set\" is missing"}},
    {ADMISSION "    labels: [{set: [a]}]", 6, 20, {"must be a map"}},
    {ADMISSION "    labels: [a]", 6, 14, {"this item must be a map"}},
    {ADMISSION "    labels: [{roles: driver, set: {}}]", 6, 15, {"did you mean \"role\""}},
    {ADMISSION "    labels: [{role: both, set: {}}]", 6, 21, {"driver or executor"}},
    {ADMISSION "    annotations: [{localDirs: emptydir, set: {}}]",
     6,
     31,
     {"did you mean \"emptyDir\""}},
    {ADMISSION "    annotations: {safe-to-evict: false}", 6, 34, {"quote it: \"false\""}},
    {ADMISSION "    annotations: {a b: x}", 6, 19, {"no annotation key"}},
    {ADMISSION "    annotations: [{when: maybe, set: {}}]", 6, 26, {"absent or always"}},
    {ADMISSION "    labels: [{set: {a: x}}, {role: driver, set: {a: z}}]",
     6,
     50,
     {"labels.a is in line 6 of the same policy already"}},
    {ADMISSION "    labels:\n    - {set: {a: x}}\n    - {set: {a: x}}", 8, 14, {"in line 7"}},
    /* env */
    {ADMISSION "    env: x", 6, 10, {"\"env\"", "map of strings or a list"}},
    {ADMISSION "    env: {A: 1}", 6, 14, {"quote it: \"1\""}},
    {ADMISSION "    env: {1A: x}", 6, 11, {"no name of a variable"}},
    {ADMISSION "    env: {'A B': x}", 6, 11, {"no name of a variable"}},
    {ADMISSION "    env: {'A=B': x}", 6, 11, {"no name of a variable"}},
    {ADMISSION "    env: {'': x}", 6, 11, {"no name of a variable"}},
    {ADMISSION "    env: {..a: x}", 6, 11, {"'..' first"}},
    {ADMISSION "    env: [{set: {A: {valueFrom: x}}}]", 6, 21, {"must be a string"}},
    {ADMISSION "    env: {SPARK_LOCAL_DIRS: /x}", 6, 11, {"the variable", "belongs to Spark"}},
    {ADMISSION "    env: {SPARK_EXECUTOR_ID: '1'}", 6, 11, {"belongs to Spark"}},
    {ADMISSION "    env: [{set: {SPARK_JAVA_OPT_0: x}}]", 6, 18, {"belongs to Spark"}},
    {ADMISSION "    env: {_SPARK_AUTH_SECRET: x}", 6, 11, {"belongs to Spark"}},
    {ADMISSION "    env: [{set: {A: x}}, {role: driver, set: {A: z}}]",
     6,
     47,
     {"env.A is in line 6"}},
    /* nodeSelector */
    {ADMISSION "    nodeSelector: x", 6, 19, {"map of strings or a list"}},
    {ADMISSION "    nodeSelector: {a: true}", 6, 23, {"quote it"}},
    {ADMISSION "    nodeSelector: {'a b': x}", 6, 20, {"no label key"}},
    {ADMISSION "    nodeSelector: [{set: {a: 'x y'}}]", 6, 30, {"no label value"}},
    {ADMISSION
     "    capacity: {driver: spot}\n    nodeSelector: {karpenter.sh/capacity-type: reserved}",
     7,
     20,
     {"nodeSelector.karpenter.sh/capacity-type and capacity.driver of line 6 decide the same"}},
    {ADMISSION "    spread: [{over: zone}]\n    nodeSelector: {topology.kubernetes.io/zone: a}",
     7,
     20,
     {"nodeSelector.topology.kubernetes.io/zone and spread.zone of line 6 decide the same"}},
    /* capacity */
    {ADMISSION "    capacity: spot", 6, 15, {"must be a map"}},
    {ADMISSION "    capacity: {drivers: spot}", 6, 16, {"did you mean \"driver\""}},
    {ADMISSION "    capacity: {driver: ondemand}", 6, 24, {"did you mean \"on-demand\""}},
    {ADMISSION "    capacity: {driver: [spot]}", 6, 24, {"must be a map"}},
    {ADMISSION "    capacity: {driver: }", 6, 24, {"on-demand or spot", "empty"}},
    {ADMISSION "    capacity: {driver: {}}", 6, 24, {"either require or prefer"}},
    {ADMISSION "    capacity: {driver: {require: spot, prefer: spot}}", 6, 24, {"not both"}},
    {ADMISSION "    capacity: {driver: {prefer: cheap}}", 6, 33, {"on-demand or spot"}},
    {ADMISSION "    capacity: {driver: {prefer: spot, onDemandShare: 5%}}",
     6,
     39,
     {"only for executors"}},
    {ADMISSION "    capacity: {executor: {prefer: on-demand, onDemandShare: 5%}}",
     6,
     46,
     {"prefer: spot"}},
    {ADMISSION "    capacity: {executor: {require: spot, onDemandShare: 5%}}",
     6,
     42,
     {"prefer: spot"}},
    {ADMISSION "    capacity: {executor: {prefer: spot, onDemandShare: 20}}",
     6,
     56,
     {"such as 20%"}},
    {ADMISSION "    capacity: {executor: {prefer: spot, onDemandShare: 101%}}",
     6,
     56,
     {"0% to 100%"}},
    {ADMISSION "    capacity: {executor: {prefer: spot, onDemandShare: -1%}}",
     6,
     56,
     {"0% to 100%"}},
    {ADMISSION "    capacity: {executor: {prefer: spot, onDemandShare: 1.5%}}",
     6,
     56,
     {"0% to 100%"}},
    {ADMISSION "    capacity: {executor: {prefer: spot, onDemandShare: 99999999999999999999%}}",
     6,
     56,
     {"0% to 100%"}},
    {ADMISSION "    capacity: {when: sometimes, driver: spot}", 6, 22, {"absent or always"}},
    {ADMISSION "    capacity: {executor: spot}\n  match: {roles: [driver]}",
     6,
     16,
     {"capacity.executor is for executors", "match.roles"}},
    /* tolerations */
    {ADMISSION "    tolerations: {key: a}", 6, 18, {"must be a list"}},
    {ADMISSION "    tolerations: [{key: a, efect: NoExecute}]", 6, 28, {"did you mean \"effect\""}},
    {ADMISSION "    tolerations: [{key: 'a b'}]", 6, 25, {"\"key\" is \"a b\""}},
    {ADMISSION "    tolerations: [{key: a, operator: exists}]", 6, 38, {"did you mean \"Exists\""}},
    {ADMISSION "    tolerations: [{key: a, value: true}]", 6, 35, {"quote it: \"true\""}},
    {ADMISSION "    tolerations: [{key: a, value: 'b c'}]", 6, 35, {"\"value\" is \"b c\""}},
    {ADMISSION "    tolerations: [{key: a, effect: NoRun}]", 6, 36, {"NoSchedule, Prefer"}},
    {ADMISSION "    tolerations: [{key: a, operator: Exists, value: b}]",
     6,
     46,
     {"not possible with operator: Exists"}},
    {ADMISSION "    tolerations: [{effect: NoExecute}]", 6, 19, {"only with operator: Exists"}},
    {ADMISSION "    tolerations: [{key: a, tolerationSeconds: 5}]",
     6,
     28,
     {"only possible with effect: NoExecute"}},
    {ADMISSION "    tolerations: [{key: a, effect: NoSchedule, tolerationSeconds: 5}]",
     6,
     48,
     {"only possible with effect: NoExecute"}},
    {ADMISSION "    tolerations: [{key: a, effect: NoExecute, tolerationSeconds: -1}]",
     6,
     66,
     {"from 0 to"}},
    {ADMISSION "    tolerations: [{key: a, effect: NoExecute, tolerationSeconds: 5}, {key: a, "
               "effect: NoExecute}]",
     6,
     70,
     {"tolerations.a is in line 6"}},
    /* spread */
    {ADMISSION "    spread: {over: host}", 6, 13, {"must be a list"}},
    {ADMISSION "    spread: [{role: executor}]", 6, 14, {"\"over\" is missing"}},
    {ADMISSION "    spread: [{over: node}]", 6, 21, {"host or zone"}},
    {ADMISSION "    spread: [{over: zone, strategy: one-zone}]", 6, 14, {"\"zones\" is missing"}},
    {ADMISSION "    spread: [{over: zone, strategy: pack, zones: [a]}]",
     6,
     37,
     {"spread or one-zone"}},
    {ADMISSION "    spread: [{over: host, strategy: one-zone, zones: [a]}]",
     6,
     27,
     {"only possible over zones"}},
    {ADMISSION "    spread: [{over: zone, zones: [a]}]", 6, 27, {"only for strategy: one-zone"}},
    {ADMISSION "    spread: [{over: zone, strategy: one-zone, zones: []}]",
     6,
     54,
     {"name at least one"}},
    {ADMISSION "    spread: [{over: zone, strategy: one-zone, zones: a}]", 6, 54, {"a list"}},
    {ADMISSION "    spread: [{over: zone, strategy: one-zone, zones: [a, b, a]}]",
     6,
     61,
     {"\"a\" is there already"}},
    {ADMISSION "    spread: [{over: zone, strategy: one-zone, zones: [a, 'b c']}]",
     6,
     58,
     {"\"b c\""}},
    {ADMISSION
     "    spread: [{over: zone, strategy: one-zone, zones: [a], strength: required, weight: 1}]",
     6,
     79,
     {"preferred zone"}},
    {ADMISSION "    spread: [{over: zone}, {over: zone, strategy: one-zone, zones: [a]}]",
     6,
     28,
     {"spread.zone is in line 6"}},
    {ADMISSION "    spread: [{over: host, strength: soft}]", 6, 37, {"preferred or required"}},
    {ADMISSION "    spread: [{over: host, weight: 0}]", 6, 35, {"from 1 to 100"}},
    {ADMISSION "    spread: [{over: host, weight: 101}]", 6, 35, {"from 1 to 100"}},
    {ADMISSION "    spread: [{over: zone, weight: 5}]", 6, 27, {"preferred spread over hosts"}},
    {ADMISSION "    spread: [{over: host, strength: required, weight: 5}]", 6, 47, {"preferred"}},
    {ADMISSION "    spread: [{over: host}, {over: host}]", 6, 28, {"spread.host is in line 6"}},
    {ADMISSION "    spread: [{over: host}]\n  match: {roles: [driver]}", 6, 14, {"for executors"}},
/* topologySpreadConstraints */
#define TOPOLOGY(more) ADMISSION "    topologySpreadConstraints: [{topologyKey: rack" more "}]", 6
    {ADMISSION "    topologySpreadConstraints: {}", 6, 32, {"must be a list"}},
    {TOPOLOGY(""), 33, {"\"whenUnsatisfiable\" is missing"}},
    {ADMISSION "    topologySpreadConstraints: [{whenUnsatisfiable: ScheduleAnyway}]",
     6,
     33,
     {"\"topologyKey\" is missing"}},
    {ADMISSION
     "    topologySpreadConstraints: [{topologyKey: 'a b', whenUnsatisfiable: ScheduleAnyway}]",
     6,
     47,
     {"\"a b\""}},
    {TOPOLOGY(", whenUnsatisfiable: Wait"), 72, {"ScheduleAnyway or DoNotSchedule"}},
    {TOPOLOGY(", whenUnsatisfiable: DoNotSchedule, maxSkew: 0"), 96, {"from 1 to"}},
    {TOPOLOGY(", whenUnsatisfiable: ScheduleAnyway, minDomains: 2"), 88, {"DoNotSchedule"}},
    {TOPOLOGY(", whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: ignore"),
     105,
     {"did you mean \"Ignore\""}},
    {TOPOLOGY(", whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [a]"), 87, {"unknown field"}},
    {TOPOLOGY(", whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: 1}}"),
     120,
     {"quote it"}},
    {TOPOLOGY(", whenUnsatisfiable: DoNotSchedule}, {topologyKey: rack, whenUnsatisfiable: "
              "DoNotSchedule"),
     88,
     {"topologySpreadConstraints.rack is in line 6"}},
    {ADMISSION "    spread: [{over: zone}]\n    topologySpreadConstraints:\n    - {topologyKey: "
               "topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule}",
     8,
     7,
     {"and spread.zone of line 6 decide the same"}},
    /* probes */
    {ADMISSION "    probes: {readiness: {}}", 6, 14, {"\"readiness\"", "headless Service"}},
    {ADMISSION "    probes: {driver: {readiness: {preset: spark-ui}}}",
     6,
     23,
     {"headless Service"}},
    {ADMISSION "    probes: {executor: {liveness: {preset: spark-ui}}}", 6, 14, {"heartbeats"}},
    {ADMISSION "    probes: {drivers: {}}", 6, 14, {"did you mean \"driver\""}},
    {ADMISSION "    probes: {driver: {livenes: {}}}", 6, 23, {"did you mean \"liveness\""}},
    {ADMISSION "    probes: {driver: {liveness: {}}}", 6, 33, {"\"preset\" is missing"}},
    {ADMISSION "    probes: {driver: {liveness: {preset: http}}}",
     6,
     42,
     {"spark-ui or driver-rpc"}},
    {ADMISSION "    probes: {driver: {liveness: {preset: spark-ui, within: 5m}}}",
     6,
     52,
     {"only a startup probe"}},
    {ADMISSION "    probes: {driver: {startup: {preset: spark-ui, initialDelay: 1m}}}",
     6,
     51,
     {"must look from the beginning"}},
    {ADMISSION "    probes: {driver: {liveness: {preset: spark-ui, initialDelay: 0s}}}",
     6,
     66,
     {"at least 1s"}},
    {ADMISSION "    probes: {driver: {liveness: {preset: spark-ui, period: 10}}}",
     6,
     60,
     {"duration such as 90s"}},
    {ADMISSION "    probes: {driver: {liveness: {preset: spark-ui, period: 500ms}}}",
     6,
     60,
     {"whole seconds"}},
    {ADMISSION "    probes: {driver: {liveness: {preset: spark-ui, timeout: 0}}}",
     6,
     61,
     {"at least 1s"}},
    {ADMISSION "    probes: {driver: {liveness: {preset: spark-ui, failureThreshold: 0}}}",
     6,
     70,
     {"from 1 to"}},
    {ADMISSION
     "    probes: {driver: {startup: {preset: spark-ui, failureThreshold: 9, within: 1m}}}",
     6,
     72,
     {"leave one out"}},
    {ADMISSION "    probes: {driver: {startup: {preset: spark-ui, period: 10s, within: 5s}}}",
     6,
     72,
     {"shorter than the period of 10s"}},
    {ADMISSION "    probes: {driver: {startup: {preset: spark-ui}}}\n  match: {roles: [executor]}",
     6,
     23,
     {"for drivers"}},
    /* local directories */
    {ADMISSION "    localDirs: {executor: {}}", 6, 27, {"\"size\" is missing"}},
    {ADMISSION "    localDirs: {executor: {size: 0}}", 6, 34, {"100Gi", "the number 0"}},
    {ADMISSION "    localDirs: {executor: {size: -1Gi}}", 6, 34, {"100Gi"}},
    {ADMISSION "    localDirs: {executor: {size: 100GB}}", 6, 34, {"\"100GB\""}},
    {ADMISSION "    localDirs: {executor: {size: [1]}}", 6, 34, {"single value"}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, storageClass: GP3}}", 6, 53, {"lower-case"}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, storageclass: gp3}}",
     6,
     39,
     {"did you mean \"storageClass\""}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, accessModes: [ReadWriteonce]}}",
     6,
     53,
     {"did you mean \"ReadWriteOnce\""}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, accessModes: [ReadOnlyMany]}}",
     6,
     53,
     {"ReadWriteOnce, ReadWriteOncePod or ReadWriteMany"}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, accessModes: []}}", 6, 52, {"empty"}},
    {ADMISSION
     "    localDirs: {executor: {size: 1Gi, accessModes: [ReadWriteOnce, ReadWriteOnce]}}",
     6,
     68,
     {"ReadWriteOnce is there already"}},
    {ADMISSION
     "    localDirs: {executor: {size: 1Gi, accessModes: [ReadWriteOncePod, ReadWriteMany]}}",
     6,
     52,
     {"ReadWriteOncePod", "no other mode beside"}},
    {ADMISSION
     "    localDirs: {executor: {size: 1Gi, accessModes: [ReadWriteOnce, ReadWriteOncePod]}}",
     6,
     52,
     {"ReadWriteOncePod", "no other mode beside"}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, accessModes: ReadWriteOnce}}",
     6,
     52,
     {"must be a list"}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, fsGroup: spark}}", 6, 48, {"whole number"}},
    {ADMISSION "    localDirs: {executor: {size: 1Gi, fsGroup: -1}}", 6, 48, {"from 0 to"}},
    /* volumes */
    {ADMISSION "    volumes: {}", 6, 14, {"must be a list"}},
    {ADMISSION "    volumes: [{name: a, claim: c}]", 6, 15, {"\"mountPath\" is missing"}},
    {ADMISSION "    volumes: [{claim: c, mountPath: /a}]", 6, 15, {"\"name\" is missing"}},
    {ADMISSION "    volumes: [{name: a, mountPath: /a}]",
     6,
     15,
     {"claim, configMap, secret or emptyDir"}},
    {ADMISSION "    volumes: [{name: a, claim: c, secret: s, mountPath: /a}]",
     6,
     35,
     {"one source", "\"claim\""}},
    {ADMISSION "    volumes: [{name: a_b, claim: c, mountPath: /a}]", 6, 22, {"lower-case"}},
    {ADMISSION "    volumes: [{name: spark-local-dir-1, claim: c, mountPath: /a}]",
     6,
     22,
     {"meaning to Spark"}},
    {ADMISSION "    volumes: [{name: spark-conf-volume-driver, claim: c, mountPath: /a}]",
     6,
     22,
     {"meaning to Spark"}},
    {ADMISSION "    volumes: [{name: a, claim: C, mountPath: /a}]", 6, 32, {"lower-case"}},
    {ADMISSION "    volumes: [{name: a, claim: 'a..b', mountPath: /a}]", 6, 32, {"each part"}},
    {ADMISSION "    volumes: [{name: a, emptyDir: {medium: Memory}, mountPath: /a}]",
     6,
     36,
     {"unknown field \"medium\"", "no fields"}},
    {ADMISSION "    volumes: [{name: a, emptyDir: , mountPath: /a}]", 6, 35, {"must be a map"}},
    {ADMISSION "    volumes: [{name: a, claim: c, mountPath: a}]", 6, 46, {"start with '/'"}},
    {ADMISSION "    volumes: [{name: a, claim: c, mountPath: /}]", 6, 46, {"hide Spark"}},
    {ADMISSION "    volumes: [{name: a, claim: c, mountPath: '/a:b'}]", 6, 46, {"':'"}},
#define MOUNT(path) ADMISSION "    volumes: [{name: a, claim: c, mountPath: " path "}]", 6, 46
    {MOUNT("/a/../b"), {"'..'"}},
    {MOUNT("/a/.."), {"'..'"}},
    {MOUNT("/.."), {"'..'"}},
    {MOUNT("/a/"), {"end with '/'"}},
    {MOUNT("//"), {"'//'"}},
    {MOUNT("/a//b"), {"'//'"}},
    {MOUNT("/a/./b"), {"'.'"}},
    {MOUNT("/a/."), {"'.'"}},
    {MOUNT("/opt"), {"hide Spark"}},
    {MOUNT("/opt/spark"), {"hide Spark"}},
    {MOUNT("/opt/spark/conf"), {"its configuration"}},
    {MOUNT("/opt/spark/conf/log4j2.properties"), {"its configuration"}},
    {MOUNT("/opt/spark/pod-template"), {"template of executors"}},
    {MOUNT("/opt/spark/pod-template/x"), {"template of executors"}},
    {MOUNT("/opt/hadoop/conf"), {"configuration of Hadoop"}},
    {MOUNT("/opt/hadoop/conf/core-site.xml"), {"configuration of Hadoop"}},
    {MOUNT("/etc/krb5.conf"), {"Kerberos"}},
    {MOUNT("/var/run/secrets"), {"token"}},
    {MOUNT("/var/run/secrets/kubernetes.io/serviceaccount"), {"token"}},
    {ADMISSION "    volumes: [{name: a, claim: c, mountPath: /a, subPath: /b}]",
     6,
     59,
     {"relative"}},
    {ADMISSION "    volumes: [{name: a, claim: c, mountPath: /a, subPath: ..}]", 6, 59, {"'..'"}},
    {ADMISSION "    volumes: [{name: a, claim: c, mountPath: /a, readOnly: 'yes'}]",
     6,
     60,
     {"true or false"}},
    {ADMISSION "    volumes:\n    - {name: a, claim: c, mountPath: /a}\n    - {name: a, claim: d, "
               "mountPath: /b}",
     8,
     7,
     {"volumes.a is in line 7"}},
    {ADMISSION "    volumes:\n    - {name: a, claim: c, mountPath: /a}\n    - {name: b, claim: d, "
               "mountPath: /a}",
     8,
     7,
     {"volumes.b is mounted at /a", "line 7"}},
    /* grace */
    {ADMISSION "    terminationGracePeriod: 30s", 6, 29, {"must be a map"}},
    {ADMISSION "    terminationGracePeriod: {executor: 120}", 6, 40, {"such as 90s"}},
    {ADMISSION "    terminationGracePeriod: {executor: 0s}", 6, 40, {"at least 1s"}},
    {ADMISSION "    terminationGracePeriod: {executor: 1500ms}", 6, 40, {"whole seconds"}},
    {ADMISSION "    terminationGracePeriod: {excutor: 1s}", 6, 30, {"did you mean \"executor\""}},
    /* names by role */
    {ADMISSION "    priorityClassName: high", 6, 24, {"must be a map"}},
    {ADMISSION "    priorityClassName: {drivers: high}", 6, 25, {"did you mean \"driver\""}},
    {ADMISSION "    priorityClassName: {driver: High}", 6, 33, {"lower-case"}},
    {ADMISSION "    priorityClassName: {driver: 5}", 6, 33, {"quote it"}},
    {ADMISSION "    schedulerName: {executor: 'a b'}", 6, 31, {"lower-case"}},
    {ADMISSION "    schedulerName: {executor: ''}", 6, 31, {"must not be empty"}},
    {ADMISSION "    schedulerName: {when: ever, executor: a}", 6, 27, {"absent or always"}},
/* images */
#define REWRITE(from, to) ADMISSION "    imageRewrite: [{from: " from ", to: " to "}]", 6
    {ADMISSION "    imageRewrite: {a.b/: c.d/}", 6, 19, {"must be a list"}},
    {ADMISSION "    imageRewrite: [{from: a.b/}]", 6, 20, {"\"to\" is missing"}},
    {REWRITE("apache/", "c.d/"), 27, {"begin with a registry"}},
    {REWRITE("a.b", "c.d/"), 27, {"begin with a registry"}},
    {REWRITE("'https://a.b/'", "c.d/"), 27, {"https://"}},
    {REWRITE("'a.b/*'", "c.d/"), 27, {"not a pattern"}},
    {REWRITE("'a.b/c:1'", "c.d/e"), 27, {"before the tag"}},
    {REWRITE("a.b//", "c.d/"), 27, {"'//'"}},
    {REWRITE("index.docker.io/", "c.d/"), 27, {"begins with docker.io/"}},
    {REWRITE("docker.io/spark", "c.d/spark"), 27, {"docker.io/library/"}},
    {REWRITE("a.b/", "mirror/"), 37, {"begin with a registry"}},
    {REWRITE("a.b/", "c.d/e"), 37, {"both end with '/'"}},
    {REWRITE("a.b/", "a.b/c/"), 20, {"would rewrite that again", "(t.yaml:6)"}},
    {REWRITE("a.b/c/", "a.b/"), 20, {"would rewrite that again"}},
    {REWRITE("a.b/", "a.b/"), 20, {"would rewrite that again"}},
    {REWRITE("a.b/, to: c.d/}, {from: c.d/e/", "f.g/"), 20, {"imageRewrite.c.d/e/"}},
    {REWRITE("a.b/, to: c.d/}, {from: a.b/", "f.g/"), 44, {"imageRewrite.a.b/ is in line 6"}},
    /* pull secrets */
    {ADMISSION "    imagePullSecrets: a", 6, 23, {"must be a list"}},
    {ADMISSION "    imagePullSecrets: [A]", 6, 24, {"lower-case"}},
    {ADMISSION "    imagePullSecrets: [1]", 6, 24, {"quote it"}},
    {ADMISSION "    imagePullSecrets: [[a]]", 6, 24, {"must be a map"}},
    {ADMISSION "    imagePullSecrets: [{role: driver}]", 6, 24, {"\"name\" is missing"}},
    {ADMISSION "    imagePullSecrets: [{names: a, name: b}]", 6, 25, {"did you mean \"name\""}},
    {ADMISSION "    imagePullSecrets: [a, {role: driver, name: a}]",
     6,
     27,
     {"imagePullSecrets.a is in line 6"}},
    /* placement */
    {ADMISSION "    placement: please", 6, 16, {"true or false"}},
    {ADMISSION "    placement: [driver]", 6, 16, {"true or false"}},
    {ADMISSION "    placement: {drivers: true}", 6, 17, {"did you mean \"driver\""}},
    {ADMISSION "    placement: {driver: 'true'}", 6, 25, {"true or false"}},
    /* require */
    {SPEC "  require: {rule: images}", 5, 12, {"must be a list"}},
    {SPEC "  require: [images]", 5, 13, {"must be a map"}},
    {SPEC "  require: [{action: warn}]", 5, 13, {"\"rule\" is missing"}},
    {SPEC "  require: [{rule: memory-limits}]", 5, 20, {"did you mean \"memory-limit\""}},
    {SPEC "  require: [{rule: no-privileged, action: block}]", 5, 43, {"deny, warn or audit"}},
    {SPEC "  require: [{rule: images}]", 5, 13, {"\"from\" is missing"}},
    {SPEC "  require: [{rule: images, from: []}]", 5, 34, {"name at least one"}},
    {SPEC "  require: [{rule: images, from: [reg.example.com]}]",
     5,
     35,
     {"did you mean", "reg.example.com/*"}},
    {SPEC "  require: [{rule: images, from: ['https://reg.example.com/*']}]",
     5,
     35,
     {"no https://", "\"reg.example.com/*\""}},
    {SPEC "  require: [{rule: images, from: ['a b']}]", 5, 35, {"white space"}},
    {SPEC "  require: [{rule: memory-limit, from: [a]}]", 5, 34, {"only for the rules images"}},
    {SPEC "  require: [{rule: claim-class}]", 5, 13, {"\"from\" is missing", "storage classes"}},
    {SPEC "  require: [{rule: claim-size}]", 5, 13, {"\"min\", \"max\" or both"}},
    {SPEC "  require: [{rule: claim-size, max: big}]", 5, 37, {"an amount over 0", "\"big\""}},
    {SPEC "  require: [{rule: claim-size, min: 0}]", 5, 37, {"over 0", "the number 0"}},
    {SPEC "  require: [{rule: claim-size, min: 2Gi, max: 1Gi}]", 5, 47, {"below \"min\"", "2Gi"}},
    {SPEC "  require: [{rule: memory-limit, max: 1Gi}]", 5, 34, {"only for the rules claim-size"}},
    {SPEC "  require: [{rule: memory-limit}, {rule: memory-limit, action: warn}]",
     5,
     35,
     {"require.memory-limit is in line 5"}},
    {SPEC "  require: [{rule: privileged}]", 5, 20, {"memory-limit, images, no-privileged"}},
    {SPEC "  require: [{rule: images, allow: [a], from: ['a/*']}]",
     5,
     28,
     {"\"allow\" is only for the rules no-host-paths, capabilities, service-accounts"}},
    {SPEC "  require: [{rule: decommission, role: driver}]", 5, 40, {"is about executors"}},
    {SPEC "  require: [{rule: driver-not-on-spot, role: executor}]", 5, 46, {"is about drivers"}},
    {SPEC "  match: {roles: [driver]}\n  require: [{rule: decommission}]",
     6,
     13,
     {"for executors, but spec.match.roles"}},
    {SPEC "  require: [{rule: decommission, notice: 30}]", 5, 42, {"such as 90s"}},
    {SPEC "  require: [{rule: decommission, script: decom.sh}]", 5, 42, {"start with '/'"}},
    {SPEC "  require: [{rule: no-host-paths, allow: [mnt]}]", 5, 43, {"start with '/'"}},
    {SPEC "  require: [{rule: no-host-paths, allow: [/mnt/]}]", 5, 43, {"end with '/'"}},
    {SPEC "  require: [{rule: no-host-paths, allow: []}]", 5, 42, {"name at least one"}},
    {SPEC "  require: [{rule: capabilities, allow: [CAP_NET_ADMIN]}]", 5, 42, {"without CAP_"}},
    {SPEC "  require: [{rule: capabilities, allow: [net-admin]}]", 5, 42, {"NET_BIND_SERVICE"}},
    {SPEC "  require: [{rule: capabilities, allow: NET_ADMIN}]", 5, 41, {"must be a list"}},
    {SPEC "  require: [{rule: service-accounts}]", 5, 13, {"\"allow\" is missing"}},
    {SPEC "  require: [{rule: service-accounts, allow: [Spark]}]", 5, 46, {"no object has such"}},
    {SPEC "  require: [{rule: required-labels}]", 5, 13, {"\"labels\" is missing"}},
    {SPEC "  require: [{rule: required-labels, labels: []}]", 5, 45, {"name at least one"}},
    {SPEC "  require: [{rule: required-labels, labels: {key: a}}]", 5, 45, {"must be a list"}},
    {SPEC "  require: [{rule: required-labels, labels: [{values: [a]}]}]",
     5,
     46,
     {"\"key\" is missing"}},
    {SPEC "  require: [{rule: required-labels, labels: [{key: -}]}]", 5, 52, {"letter or digit"}},
    {SPEC "  require: [{rule: required-labels, labels: [{key: a, values: []}]}]",
     5,
     63,
     {"name at least one"}},
    {SPEC "  require: [{rule: required-labels, labels: [{key: a, values: ['b*']}]}]",
     5,
     64,
     {"\"b*\""}},
    {SPEC "  require: [{rule: required-labels, labels: [{key: a, pattern: 'b c'}]}]",
     5,
     64,
     {"no label has such a value"}},
    {SPEC "  require: [{rule: required-labels, labels: [{key: a, values: [b], pattern: b}]}]",
     5,
     68,
     {"say the same"}},
    {SPEC "  require: [{rule: required-labels, labels: [{key: a}, {key: a}]}]",
     5,
     56,
     {"require.required-labels.a is in line 5"}},
    {SPEC "  require: [{rule: resource-bounds}]", 5, 13, {"cpu, memory or ephemeralStorage"}},
    {SPEC "  require: [{rule: resource-bounds, cpu: {}}]", 5, 42, {"min, a max or both"}},
    {SPEC "  require: [{rule: resource-bounds, cpu: {min: many}}]", 5, 48, {"an amount"}},
    {SPEC "  require: [{rule: resource-bounds, cpu: {min: 2, max: 1500m}}]",
     5,
     56,
     {"must not be below \"min\", which is 2"}},
    /* overlay */
    {ADMISSION "    overlay: text", 6, 14, {"must be a map"}},
    {ADMISSION "    overlay: {kind: Pod}", 6, 15, {"unknown field \"kind\""}},
    {ADMISSION "    overlay: {status: {}}", 6, 15, {"kubelet reports"}},
    {ADMISSION "    overlay: {metadata: {name: a}}", 6, 26, {"belongs to Spark"}},
    {ADMISSION "    overlay: {metadata: {labels: {spark-role: x}}}", 6, 35, {"belongs to Spark"}},
    {ADMISSION "    overlay: {spec: {nodeName: a}}", 6, 22, {"past the scheduler"}},
    {ADMISSION "    overlay: {spec: {restartPolicy: Always}}", 6, 22, {"Spark replaces executors"}},
    {ADMISSION "    overlay: {spec: {priorityClassName: a}}",
     6,
     22,
     {"priorityClassName\" of spec.admission"}},
    {ADMISSION "    overlay: {spec: {dnsConfg: {}}}", 6, 22, {"did you mean \"dnsConfig\""}},
    {ADMISSION "    overlay: {spec: {nodeSelector: {cloud.google.com/gke-spot: 'true'}}}",
     6,
     37,
     {"\"capacity\" is for that"}},
    {ADMISSION "    overlay: {spec: {dnsConfig: []}}", 6, 33, {"must be a map"}},
    {ADMISSION "    overlay: {spec: {dnsConfig: {options: }}}", 6, 43, {"only adds and replaces"}},
    {ADMISSION "    overlay: {spec: {dnsConfig: {$patch: delete}}}", 6, 34, {"is for kubectl"}},
    {ADMISSION "    overlay: {spec: {volumes: {name: a}}}", 6, 31, {"must be a list"}},
    {ADMISSION "    overlay: {spec: {volumes: [{emptyDir: {}}]}}", 6, 32, {"\"name\" is missing"}},
    {ADMISSION "    overlay: {spec: {volumes: [{name: spark-local-dir-1}]}}", 6, 39, {"to Spark"}},
    {ADMISSION "    overlay: {spec: {tolerations: [a]}}", 6, 36, {"must be a map"}},
    {ADMISSION "    overlay: {spec: {containers: [{name: a}]}}", 6, 35, {"\"image\" is missing"}},
    {ADMISSION "    overlay: {spec: {containers: [{image: a}]}}", 6, 35, {"\"name\" is missing"}},
    {ADMISSION "    overlay: {spec: {containers: [{name: $spark, args: [a]}]}}",
     6,
     50,
     {"belongs to Spark"}},
    {ADMISSION "    overlay: {spec: {containers: [{name: $spark, imag: a}]}}",
     6,
     50,
     {"in spec.containers[$spark]", "did you mean \"image\""}},
    {ADMISSION "    overlay: {spec: {containers: [{name: $spark, env: [{name: SPARK_USER}]}]}}",
     6,
     63,
     {"belongs to Spark"}},
    {ADMISSION
     "    overlay: {spec: {containers: [{name: $spark, volumeMounts: [{mountPath: /}]}]}}",
     6,
     77,
     {"would hide Spark"}},
    {ADMISSION "    overlay: {when: always, spec: {affinity: {}}}", 6, 36, {"capacity", "spread"}},
    {ADMISSION "    overlay: {when: always, spec: {containers: [{name: $spark, lifecycle: {}}]}}",
     6,
     64,
     {"decommissions"}},
    {ADMISSION "    overlay: [{spec: {dnsPolicy: a}}, {role: driver, spec: {dnsPolicy: b}}]",
     6,
     61,
     {"overlay.spec.dnsPolicy is in line 6"}},
    {ADMISSION "    overlay: {metadata: {labels: {a: x}}}\n    labels: {a: z}",
     7,
     14,
     {"labels.a is in line 6"}},
    {ADMISSION "    overlay: {spec: {volumes: [{name: v, emptyDir: {}}]}}\n"
               "    volumes: [{name: v, claim: c, mountPath: /v}]",
     7,
     15,
     {"volumes.v and overlay.spec.volumes[v] of line 6 decide the same"}},
    /* securityContext */
    {ADMISSION "    securityContext: strict", 6, 22, {"restricted or keep"}},
    {ADMISSION "    securityContext: [restricted]", 6, 22, {"restricted or keep", "a list"}},
    {ADMISSION "    securityContext: {pod: restricted}", 6, 23, {"when, driver or executor"}},
    {ADMISSION "    securityContext: {driver: baseline}", 6, 31, {"restricted or keep"}},
    /* resources */
    {ADMISSION "    resources: cover", 6, 16, {"must be a map"}},
    {ADMISSION "    resources: {memory: 4Gi}", 6, 25, {"cover or keep"}},
    {ADMISSION "    resources: {memoryLimit: much}", 6, 30, {"request, keep or an amount"}},
    {ADMISSION "    resources: {memoryLimit: -1}", 6, 30, {"an amount of memory"}},
    {ADMISSION "    resources: {memoryLimit: remove}", 6, 30, {"request, keep"}},
    {ADMISSION "    resources: {cpuLimit: request}", 6, 27, {"remove, keep"}},
    {ADMISSION "    resources: {ephemeralStorage: {}}", 6, 35, {"a request, a limit or both"}},
    {ADMISSION "    resources: {ephemeralStorage: {request: 2Gi, limit: 1Gi}}",
     6,
     57,
     {"below the request of 2Gi"}},
    {ADMISSION "    resources: {ephemeralStorage: {request: 0}}", 6, 45, {"an amount of storage"}},
    {ADMISSION "    resources: {memory: cover, driver: {memory: keep}}",
     6,
     41,
     {"resources.driver.memory and resources.memory of line 6 decide the same"}},
};

static void refuses_row(size_t i)
{
    const char *text = bad[i].text;
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("t.yaml", text, strlen(text), &set, &f);
    cr_expect_eq(code, ERR_INVALID, "%s: %d", text, (int)code);
    cr_expect_null(set, "%s", text);
    row_require(f.count == 1, "%s\n%zu findings; second: %s", text, f.count,
                f.count > 1 ? f.list[1].text : "");
    cr_expect_str_eq(f.list[0].file, "t.yaml", "%s", text);
    cr_expect(f.list[0].line == bad[i].line && f.list[0].column == bad[i].column, "%s\n%zu:%zu %s",
              text, f.list[0].line, f.list[0].column, f.list[0].text);
    for (size_t w = 0; w < COUNT(bad[i].words) && bad[i].words[w] != NULL; w++) {
        cr_expect(strstr(f.list[0].text, bad[i].words[w]) != NULL, "%s\n%s: no %s", text,
                  f.list[0].text, bad[i].words[w]);
    }
    findings_finish(&f);
}

Test(load, refuses)
{
    table_run(COUNT(bad), refuses_row);
}

/* NULL, after a failed check, for policies with findings. */
static struct policy_set *try_load(const char *text)
{
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("t.yaml", text, strlen(text), &set, &f);
    cr_expect_eq(code, ERR_OK, "%s\n%zu:%zu %s", text, f.count > 0 ? f.list[0].line : 0,
                 f.count > 0 ? f.list[0].column : 0, f.count > 0 ? f.list[0].text : "");
    cr_expect_eq(f.count, 0, "%s", text);
    findings_finish(&f);
    return set;
}

static struct policy_set *load_good(const char *text)
{
    struct policy_set *set = try_load(text);
    cr_assert_not_null(set);
    return set;
}

static void print_when(struct buf *b, const struct rule *rule)
{
    static const char *const roles[] = {"", " driver", " executor", ""};
    static const char *const local_dirs[] = {"", " emptyDir", " persistent", ""};
    buf_addf(b, "%s%s%s%s", rule->name, roles[rule->roles], local_dirs[rule->local_dirs],
             rule->when == WHEN_ALWAYS ? " always" : "");
}

static void print_patterns(struct buf *b, const char *const *from)
{
    for (; from != NULL && *from != NULL; from++) {
        buf_addf(b, " %s", *from);
    }
}

/* A rule as one line, so that tables can say what must come out. */
static void print_rule(struct buf *b, const struct rule *rule)
{
    static const char *const actions[] = {"deny", "warn", "audit"};
    static const char *const limits[] = {"keep", "remove", "request"};
    static const char *const capacities[] = {"none", "spot", "on-demand"};
    print_when(b, rule);
    switch (rule->kind) {
    case RULE_LABEL:
    case RULE_ANNOTATION:
    case RULE_NODE_SELECTOR:
    case RULE_ENV:
    case RULE_CONF:
    case RULE_CLAIM_LABEL:
        buf_addf(b, " %s=%s", rule->entry.key, rule->entry.value);
        break;
    case RULE_CAPACITY:
        buf_addf(b, " require=%s prefer=%s share=%u", capacities[rule->capacity.require],
                 capacities[rule->capacity.prefer], rule->capacity.on_demand_percent);
        break;
    case RULE_TOLERATION:
    case RULE_TOPOLOGY:
        buf_addc(b, ' ');
        json_print(b, rule->value);
        break;
    case RULE_SPREAD:
        buf_addf(b, " over=%s%s weight=%u", rule->spread.over == SPREAD_HOST ? "host" : "zone",
                 rule->spread.required ? " required" : "", rule->spread.weight);
        print_patterns(b, rule->spread.zones);
        break;
    case RULE_PROBE:
        buf_addf(b, " %s %s ", rule->probe.probe == PROBE_LIVENESS ? "liveness" : "startup",
                 rule->probe.port);
        json_print(b, rule->probe.value);
        break;
    case RULE_LOCAL_DIRS:
        buf_addf(b, " fsGroup=%lld ", (long long)rule->local_dirs_claim.fs_group);
        json_print(b, rule->local_dirs_claim.ephemeral);
        break;
    case RULE_VOLUME:
        buf_addf(b, " %s %s ", rule->volume.name, rule->volume.mount_path);
        json_print(b, rule->volume.volume);
        json_print(b, rule->volume.mount);
        break;
    case RULE_GRACE:
        buf_addf(b, " %llds", (long long)rule->grace.seconds);
        break;
    case RULE_PRIORITY_CLASS:
    case RULE_SCHEDULER:
    case RULE_PULL_SECRET:
        buf_addf(b, " %s", rule->text);
        break;
    case RULE_IMAGE_REWRITE:
        buf_addf(b, " %s -> %s", rule->rewrite.from, rule->rewrite.to);
        break;
    case RULE_PLACEMENT:
        buf_adds(b, rule->is_on ? " on" : " off");
        break;
    case RULE_RESTART:
        buf_addf(b, " %s %lld/%llds %lld/%llds", rule->restart.type,
                 (long long)rule->restart.retries, (long long)rule->restart.interval,
                 (long long)rule->restart.submission_retries,
                 (long long)rule->restart.submission_interval);
        break;
    case RULE_DYNAMIC_ALLOCATION:
        buf_addf(b, " %lld..%lld", (long long)rule->executors.least,
                 (long long)rule->executors.most);
        break;
    case RULE_OVERLAY:
        buf_addc(b, ' ');
        json_print(b, rule->overlay.value);
        break;
    case RULE_SECURITY_CONTEXT:
        buf_adds(b, rule->security.restricted ? " restricted" : " keep");
        break;
    case RULE_RESOURCE_MEMORY:
    case RULE_RESOURCE_MEMORY_LIMIT:
    case RULE_RESOURCE_CPU_LIMIT:
        buf_addf(b, " %s",
                 rule->limit.kind == LIMIT_QUANTITY ? rule->limit.text : limits[rule->limit.kind]);
        break;
    case RULE_RESOURCE_EPHEMERAL:
        buf_addf(b, " %s %s", rule->ephemeral.request == NULL ? "-" : rule->ephemeral.request,
                 rule->ephemeral.limit == NULL ? "-" : rule->ephemeral.limit);
        break;
    case RULE_RESOURCE_BOUNDS:
        buf_addf(b, " %s %s %s", rule->require.bound->resource,
                 rule->require.bound->min == NULL ? "-" : rule->require.bound->min,
                 rule->require.bound->max == NULL ? "-" : rule->require.bound->max);
        break;
    case RULE_DECOMMISSION:
        buf_addf(b, " %llds %s", (long long)rule->require.decommission.seconds,
                 rule->require.decommission.script);
        break;
    default:
        buf_addf(b, " %s", actions[rule->require.action]);
        print_patterns(b, rule->require.from);
        if (rule->require.allowed != NULL) {
            buf_addf(b, " (%s)", rule->require.allowed);
        }
        break;
    }
    buf_addc(b, '\n');
}

/* Policies, and what their rules become: "name roles local_dirs when value". */
static const struct {
    const char *text;
    const char *rules;
} good[] = {
    {SPEC "  {}", ""},
    {SPEC "  admission: {}\n  require: []\n  match: {}", ""},
    {ADMISSION "    labels: {cost-centre: '4711', example.com/team: etl, empty: ''}",
     "labels.cost-centre cost-centre=4711\nlabels.example.com/team example.com/team=etl\n"
     "labels.empty empty=\n"},
    {ADMISSION "    when: always\n    labels: [{set: {a: x}, when: absent}, {set: {b: '1'}}]\n",
     "labels.a a=x\nlabels.b always b=1\n"},
    {ADMISSION "    labels: {a: x}\n    when: always\n", "labels.a always a=x\n"},
    {SPEC "  sparkConf: {spark.ui.killEnabled: 'false', spark.x: a b}",
     "sparkConf.spark.ui.killEnabled driver spark.ui.killEnabled=false\n"
     "sparkConf.spark.x driver spark.x=a b\n"},
    {SPEC "  admission: {when: always}\n  sparkConf:\n  - set: {spark.a: ''}\n"
          "  - {when: always, set: {spark.kubernetes.driver.reusePersistentVolumeClaim: 'true'}}\n",
     "sparkConf.spark.a driver spark.a=\n"
     "sparkConf.spark.kubernetes.driver.reusePersistentVolumeClaim driver always "
     "spark.kubernetes.driver.reusePersistentVolumeClaim=true\n"},
    {SPEC
     "  sparkConf: {spark.kubernetes.driverx: a, spark.kubernetes.executor.request.cores: '1'}",
     "sparkConf.spark.kubernetes.driverx driver spark.kubernetes.driverx=a\n"
     "sparkConf.spark.kubernetes.executor.request.cores driver "
     "spark.kubernetes.executor.request.cores=1\n"},
    {SPEC "  claims: {labels: {team: etl}}\n  admission: {labels: {team: x}}",
     "claims.labels.team team=etl\nlabels.team team=x\n"},
    {SPEC "  claims: {when: always, labels: {team: etl}}", "claims.labels.team always team=etl\n"},
    {SPEC "  require: [{rule: claim-size, min: 1Gi, max: 1.5Ti, action: warn}, "
          "{rule: claim-class, from: [gp3, 'fast-*']}]",
     "require.claim-size warn (at least 1Gi, at most 1.5Ti)\n"
     "require.claim-class deny gp3 fast-* (gp3, fast-*)\n"},
    {SPEC "  application: {restartPolicy: {type: OnFailure, onFailureRetries: 3, "
          "onFailureRetryInterval: 1m}, dynamicAllocation: {maxExecutors: 5}}",
     "application.restartPolicy driver OnFailure 3/60s -1/-1s\n"
     "application.dynamicAllocation driver -1..5\n"},
    {SPEC "  application:\n    when: always\n    restartPolicy: {type: Never}\n"
          "    dynamicAllocation: {minExecutors: 0, maxExecutors: 5}",
     "application.restartPolicy driver always Never -1/-1s -1/-1s\n"
     "application.dynamicAllocation driver always 0..5\n"},
    {SPEC "  require: [{rule: restart-policy}, {rule: dynamic-allocation, max: 50}]",
     "require.restart-policy driver deny\n"
     "require.dynamic-allocation driver deny (at most 50)\n"},
    {SPEC "  require: [{rule: claim-size, max: 100Gi}]",
     "require.claim-size deny (at most 100Gi)\n"},
    {ADMISSION "    annotations:\n    - {role: driver, set: {k: 'false', j: any text, }}\n"
               "    - {role: executor, localDirs: emptyDir, set: {k: 'true'}}\n"
               "    - {role: executor, localDirs: persistent, set: {k: x}, when: always}\n",
     "annotations.k driver k=false\nannotations.j driver j=any text\n"
     "annotations.k executor emptyDir k=true\nannotations.k executor persistent always k=x\n"},
    {ADMISSION "    capacity: {driver: on-demand, executor: spot}",
     "capacity.driver driver require=on-demand prefer=none share=0\n"
     "capacity.executor executor require=spot prefer=none share=0\n"},
    {ADMISSION "    capacity:\n      when: always\n      driver: {require: on-demand}\n"
               "      executor: {prefer: spot, onDemandShare: 20%}",
     "capacity.driver driver always require=on-demand prefer=none share=0\n"
     "capacity.executor executor always require=none prefer=spot share=20\n"},
    {ADMISSION "    capacity: {driver: {prefer: on-demand}, executor: {prefer: spot}}",
     "capacity.driver driver require=none prefer=on-demand share=0\n"
     "capacity.executor executor require=none prefer=spot share=0\n"},
    {ADMISSION "    capacity: {executor: {prefer: spot, onDemandShare: 100%}}",
     "capacity.executor executor require=none prefer=spot share=100\n"},
    {ADMISSION
     "    tolerations:\n    - {operator: Exists}\n    - {key: a, value: b, role: driver}\n"
     "    - {key: a, value: c, effect: NoSchedule, when: always}\n    - {key: a, operator: "
     "Exists, effect: NoExecute, tolerationSeconds: 0, localDirs: persistent}\n",
     "tolerations.* {\"operator\":\"Exists\"}\n"
     "tolerations.a driver {\"key\":\"a\",\"operator\":\"Equal\",\"value\":\"b\"}\n"
     "tolerations.a always {\"key\":\"a\",\"operator\":\"Equal\",\"value\":\"c\",\"effect\":"
     "\"NoSchedule\"}\n"
     "tolerations.a persistent {\"key\":\"a\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
     "\"tolerationSeconds\":0}\n"},
    {ADMISSION "    spread: [{over: host}, {over: zone, strength: required}, "
               "{role: driver, over: host, weight: 1, when: always}]",
     "spread.host executor over=host weight=50\nspread.zone executor over=zone required weight=50\n"
     "spread.host driver always over=host weight=1\n"},
    {ADMISSION "    spread: [{over: zone, strategy: one-zone, zones: [b, a], strength: required}, "
               "{over: zone, role: driver, strategy: one-zone, zones: [c], weight: 7}]",
     "spread.zone executor over=zone required weight=50 b a\n"
     "spread.zone driver over=zone weight=7 c\n"},
    {ADMISSION "    probes: {driver: {liveness: {preset: spark-ui}, startup: {preset: spark-ui}}}",
     "probes.driver.startup driver startup spark-ui {\"httpGet\":{\"path\":\"/api/v1/version\","
     "\"port\":\"spark-ui\"},\"periodSeconds\":1,\"timeoutSeconds\":3,\"failureThreshold\":900}\n"
     "probes.driver.liveness driver liveness spark-ui {\"httpGet\":{\"path\":\"/api/v1/version\","
     "\"port\":\"spark-ui\"},\"periodSeconds\":10,\"timeoutSeconds\":5,\"failureThreshold\":6}\n"},
    {ADMISSION "    probes: {driver: {liveness: {preset: driver-rpc}}}",
     "probes.driver.liveness driver liveness driver-rpc-port {\"tcpSocket\":{\"port\":"
     "\"driver-rpc-port\"},\"initialDelaySeconds\":900,\"periodSeconds\":10,\"timeoutSeconds\":5,"
     "\"failureThreshold\":6}\n"},
    {ADMISSION "    probes: {driver: {liveness: {preset: driver-rpc, initialDelay: 90s}}}",
     "probes.driver.liveness driver liveness driver-rpc-port {\"tcpSocket\":{\"port\":"
     "\"driver-rpc-port\"},\"initialDelaySeconds\":90,\"periodSeconds\":10,\"timeoutSeconds\":5,"
     "\"failureThreshold\":6}\n"},
    {ADMISSION
     "    probes:\n      when: always\n      driver:\n        liveness: {preset: driver-rpc, "
     "initialDelay: 30s, period: 1m, timeout: 2s, failureThreshold: 3}\n        startup: {preset: "
     "driver-rpc, "
     "period: 7s, within: 1m}\n",
     "probes.driver.startup driver always startup driver-rpc-port {\"tcpSocket\":{\"port\":"
     "\"driver-rpc-port\"},\"periodSeconds\":7,\"timeoutSeconds\":3,\"failureThreshold\":9}\n"
     "probes.driver.liveness driver always liveness driver-rpc-port {\"tcpSocket\":{\"port\":"
     "\"driver-rpc-port\"},\"initialDelaySeconds\":30,\"periodSeconds\":60,\"timeoutSeconds\":2,"
     "\"failureThreshold\":3}\n"},
    {ADMISSION "    probes: {driver: {startup: {preset: spark-ui, failureThreshold: 30}}}",
     "probes.driver.startup driver startup spark-ui {\"httpGet\":{\"path\":\"/api/v1/version\","
     "\"port\":\"spark-ui\"},\"periodSeconds\":1,\"timeoutSeconds\":3,\"failureThreshold\":30}\n"},
    {ADMISSION "    localDirs: {executor: {storageClass: gp3, size: 100Gi}, driver: {size: 5, "
               "accessModes: [ReadWriteMany, ReadWriteOnce], fsGroup: none}}",
     "localDirs.executor executor fsGroup=185 {\"volumeClaimTemplate\":{\"spec\":{\"accessModes\":"
     "[\"ReadWriteOnce\"],\"storageClassName\":\"gp3\",\"resources\":{\"requests\":{\"storage\":"
     "\"100Gi\"}}}}}\n"
     "localDirs.driver driver fsGroup=-1 {\"volumeClaimTemplate\":{\"spec\":{\"accessModes\":"
     "[\"ReadWriteMany\",\"ReadWriteOnce\"],\"resources\":{\"requests\":{\"storage\":\"5\"}}}}}"
     "\n"},
    {ADMISSION
     "    localDirs: {when: always, executor: {size: 1.5Ti, fsGroup: 0}, driver: {size: 1Gi, "
     "fsGroup: }}",
     "localDirs.executor executor always fsGroup=0 {\"volumeClaimTemplate\":{\"spec\":"
     "{\"accessModes\":[\"ReadWriteOnce\"],\"resources\":{\"requests\":{\"storage\":\"1.5Ti\"}}}}}"
     "\n"
     "localDirs.driver driver always fsGroup=-1 {\"volumeClaimTemplate\":{\"spec\":"
     "{\"accessModes\":[\"ReadWriteOnce\"],\"resources\":{\"requests\":{\"storage\":\"1Gi\"}}}}}"
     "\n"},
    {ADMISSION
     "    volumes:\n"
     "    - {role: driver, name: checkpoints, claim: checkpoints, mountPath: /checkpoints}\n"
     "    - {name: conf, configMap: my.conf, mountPath: /etc/x, readOnly: true, subPath: a/b}\n"
     "    - {name: key, secret: key, mountPath: /key, readOnly: no, when: always}\n"
     "    - {name: tmp, emptyDir: {}, mountPath: /tmp}\n",
     "volumes.checkpoints driver checkpoints /checkpoints {\"name\":\"checkpoints\","
     "\"persistentVolumeClaim\":{\"claimName\":\"checkpoints\"}}{\"name\":\"checkpoints\","
     "\"mountPath\":\"/checkpoints\"}\n"
     "volumes.conf conf /etc/x {\"name\":\"conf\",\"configMap\":{\"name\":\"my.conf\"}}"
     "{\"name\":\"conf\",\"mountPath\":\"/etc/x\",\"readOnly\":true,\"subPath\":\"a/b\"}\n"
     "volumes.key always key /key {\"name\":\"key\",\"secret\":{\"secretName\":\"key\"}}"
     "{\"name\":\"key\",\"mountPath\":\"/key\"}\n"
     "volumes.tmp tmp /tmp {\"name\":\"tmp\",\"emptyDir\":{}}{\"name\":\"tmp\",\"mountPath\":"
     "\"/tmp\"}\n"},
    {ADMISSION "    volumes:\n    - {role: driver, name: a, claim: c, mountPath: /a}\n"
               "    - {role: executor, name: a, claim: d, mountPath: /a}\n",
     "volumes.a driver a /a {\"name\":\"a\",\"persistentVolumeClaim\":{\"claimName\":\"c\"}}"
     "{\"name\":\"a\",\"mountPath\":\"/a\"}\n"
     "volumes.a executor a /a {\"name\":\"a\",\"persistentVolumeClaim\":{\"claimName\":\"d\"}}"
     "{\"name\":\"a\",\"mountPath\":\"/a\"}\n"},
    {ADMISSION "    terminationGracePeriod: {driver: 60s, executor: 2m30s}",
     "terminationGracePeriod.driver driver 60s\nterminationGracePeriod.executor executor 150s\n"},
    {ADMISSION "    terminationGracePeriod: {when: always, executor: 1s}",
     "terminationGracePeriod.executor executor always 1s\n"},
    {ADMISSION
     "    nodeSelector: [{role: executor, set: {karpenter.sh/capacity-type: reserved, pool: "
     "''}, when: always}]\n    capacity: {driver: spot}\n    spread: [{over: zone}]",
     "nodeSelector.karpenter.sh/capacity-type executor always karpenter.sh/capacity-type=reserved\n"
     "nodeSelector.pool executor always pool=\n"
     "capacity.driver driver require=spot prefer=none share=0\n"
     "spread.zone executor over=zone weight=50\n"},
    {ADMISSION "    imageRewrite: [{from: docker.io/, to: 'm.example.com:5000/hub/'}, {from: "
               "docker.io/apache/spark, to: m.example.com/spark}, {from: localhost/, to: a.b/}]",
     "imageRewrite.docker.io/ docker.io/ -> m.example.com:5000/hub/\n"
     "imageRewrite.docker.io/apache/spark docker.io/apache/spark -> m.example.com/spark\n"
     "imageRewrite.localhost/ localhost/ -> a.b/\n"},
    {ADMISSION
     "    topologySpreadConstraints:\n"
     "    - {topologyKey: rack, whenUnsatisfiable: ScheduleAnyway}\n"
     "    - {topologyKey: rack, whenUnsatisfiable: DoNotSchedule, maxSkew: 2, minDomains: 3, "
     "nodeAffinityPolicy: Honor, nodeTaintsPolicy: Ignore, role: driver, when: always,\n"
     "       labelSelector: {matchLabels: {a: b}, matchExpressions: [{key: c, operator: "
     "Exists}]}}\n"
     "    - {topologyKey: row, whenUnsatisfiable: ScheduleAnyway, labelSelector: {}}\n",
     "topologySpreadConstraints.rack executor {\"maxSkew\":1,\"topologyKey\":\"rack\","
     "\"whenUnsatisfiable\":\"ScheduleAnyway\"}\n"
     "topologySpreadConstraints.rack driver always {\"maxSkew\":2,\"topologyKey\":\"rack\","
     "\"whenUnsatisfiable\":\"DoNotSchedule\",\"minDomains\":3,\"nodeAffinityPolicy\":\"Honor\","
     "\"nodeTaintsPolicy\":\"Ignore\",\"labelSelector\":{\"matchExpressions\":[{\"key\":\"a\","
     "\"operator\":\"In\",\"values\":[\"b\"]},{\"key\":\"c\",\"operator\":\"Exists\"}]}}\n"
     "topologySpreadConstraints.row executor {\"maxSkew\":1,\"topologyKey\":\"row\","
     "\"whenUnsatisfiable\":\"ScheduleAnyway\",\"labelSelector\":{}}\n"},
    {ADMISSION "    imagePullSecrets: [a, {name: b, role: driver}]\n    placement: true",
     "imagePullSecrets.a a\nimagePullSecrets.b driver b\nplacement on\n"},
    {ADMISSION "    placement: {driver: true, executor: false}",
     "placement.driver driver on\nplacement.executor executor off\n"},
    {ADMISSION "    env:\n    - {set: {TZ: UTC, MY.Name-1: a b}}\n"
               "    - {role: driver, when: always, set: {SPARK_HOME: ''}}\n",
     "env.TZ TZ=UTC\nenv.MY.Name-1 MY.Name-1=a b\nenv.SPARK_HOME driver always SPARK_HOME=\n"},
    {ADMISSION "    priorityClassName: {driver: spark-driver, executor: low, when: always}\n"
               "    schedulerName: {executor: volcano}",
     "priorityClassName.driver driver always spark-driver\n"
     "priorityClassName.executor executor always low\n"
     "schedulerName.executor executor volcano\n"},
    {SPEC "  require:\n  - {rule: memory-limit}\n  - {rule: no-privileged, action: warn}\n"
          "  - {rule: images, action: deny, from: ['registry.example.com/spark/*', a]}\n",
     "require.memory-limit deny\nrequire.no-privileged warn\n"
     "require.images deny registry.example.com/spark/* a (registry.example.com/spark/*, a)\n"},
    {ADMISSION "    labels: {a: x}\n  match: {roles: [executor]}", "labels.a executor a=x\n"},
    {ADMISSION "    securityContext: restricted", "securityContext restricted\n"},
    {ADMISSION "    overlay: {when: always, role: driver, metadata: {labels: {a: x}}, spec: "
               "{hostNetwork: true, activeDeadlineSeconds: 5, os: {name: linux}, containers: "
               "[{name: $spark, env: [{name: A, value: '1'}]}, {name: b, image: i}]}}",
     "labels.a driver always a=x\noverlay.spec.hostNetwork driver always true\n"
     "overlay.spec.activeDeadlineSeconds driver always 5\n"
     "overlay.spec.os.name driver always \"linux\"\n"
     "overlay.spec.containers[$spark].env[A] driver always {\"name\":\"A\",\"value\":\"1\"}\n"
     "overlay.spec.containers[b] driver always {\"name\":\"b\",\"image\":\"i\"}\n"},
    {ADMISSION "    overlay: [{spec: {tolerations: [{key: a}, {key: b}]}}]",
     "overlay.spec.tolerations[{\"key\":\"a\"}] {\"key\":\"a\"}\n"
     "overlay.spec.tolerations[{\"key\":\"b\"}] {\"key\":\"b\"}\n"},
    {ADMISSION "    securityContext: {when: always, driver: restricted, executor: keep}",
     "securityContext.driver driver always restricted\n"
     "securityContext.executor executor always keep\n"},
    {ADMISSION
     "    resources: {memory: cover, memoryLimit: request, ephemeralStorage: {limit: 1.5Gi}, "
     "driver: {cpuLimit: 2}, executor: {cpuLimit: remove}}",
     "resources.memory request\nresources.memoryLimit request\n"
     "resources.ephemeralStorage - 1.5Gi\nresources.driver.cpuLimit driver 2\n"
     "resources.executor.cpuLimit executor remove\n"},
    {ADMISSION "    resources: {memory: keep, memoryLimit: keep, cpuLimit: keep, ephemeralStorage: "
               "{request: 1, limit: 1000m}}",
     "resources.memory keep\nresources.memoryLimit keep\nresources.cpuLimit keep\n"
     "resources.ephemeralStorage 1 1000m\n"},
    {SPEC "  require:\n  - {rule: memory-covers-spark-conf, role: executor}\n"
          "  - {rule: decommission}\n  - {rule: no-host-namespaces}\n"
          "  - {rule: no-host-paths, allow: [/mnt/a]}\n  - {rule: capabilities}\n"
          "  - {rule: no-privilege-escalation}\n  - {rule: driver-not-on-spot, action: warn}\n"
          "  - {rule: service-accounts, allow: ['spark-*', a.b]}\n",
     "require.memory-covers-spark-conf executor deny\n"
     "require.decommission executor 30s /opt/decom.sh\nrequire.no-host-namespaces deny\n"
     "require.no-host-paths deny /mnt/a (/mnt/a)\nrequire.capabilities deny (none)\n"
     "require.no-privilege-escalation deny\nrequire.driver-not-on-spot driver warn\n"
     "require.service-accounts deny spark-* a.b (spark-*, a.b)\n"},
    {SPEC
     "  require:\n  - {rule: required-labels, labels: [{key: a}, {key: x.io/b, values: [c, f]}, "
     "{key: d, pattern: 'e?'}]}\n"
     "  - {rule: resource-bounds, cpu: {min: 500m, max: 4}, ephemeralStorage: {max: 1Ti}}\n",
     "require.required-labels.a deny * (any value)\n"
     "require.required-labels.x.io/b deny c f (c, f)\n"
     "require.required-labels.d deny e? (e?)\nrequire.resource-bounds.cpu cpu 500m 4\n"
     "require.resource-bounds.ephemeralStorage ephemeral-storage - 1Ti\n"},
    {SPEC
     "  require: [{rule: resource-bounds, role: driver, cpu: {max: 2}}, {rule: resource-bounds, "
     "role: executor, cpu: {max: 4}}]",
     "require.resource-bounds.cpu driver cpu - 2\nrequire.resource-bounds.cpu executor cpu - 4\n"},
};

static void compiles_row(size_t i)
{
    struct policy_set *set = try_load(good[i].text);
    row_require(set != NULL, "%s", good[i].text);
    row_require(set->count == 1, "%s\n%zu policies", good[i].text, set->count);
    const struct policy *p = &set->policies[0];
    cr_expect_str_eq(p->name, "p", "%s", good[i].text);
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_adds(&b, "");
    for (size_t k = 0; k < p->rule_count; k++) {
        cr_expect_eq(p->rules[k].policy, p, "%s", good[i].text);
        cr_expect_lt(p->rules[k].slot, set->slot_count, "%s", good[i].text);
        print_rule(&b, &p->rules[k]);
    }
    cr_expect_str_eq(b.text, good[i].rules, "%s\n%s", good[i].text, b.text);
    buf_finish(&b);
    policy_set_destroy(set);
}

Test(load, compiles)
{
    table_run(COUNT(good), compiles_row);
}

Test(load, policy_fields)
{
    struct policy_set *set = load_good(
        "# c\n" SPEC "  priority: -7\n  mode: enforce\n  match:\n    namespaces: [etl-*, a?]\n"
        "    exclude: {namespaces: [etl-x]}\n    roles: [driver]\n"
        "    selector: {matchLabels: {team: etl}, matchExpressions: [{key: k, operator: "
        "NotIn, values: [v, w]}, {key: x, operator: Exists}, {key: z, operator: "
        "DoesNotExist}]}\n  require: [{rule: memory-limit}]\n");
    const struct policy *p = &set->policies[0];
    cr_assert_eq(p->priority, -7);
    cr_assert_str_eq(p->file, "t.yaml");
    cr_assert(p->line == 2 && p->column == 1);
    cr_assert_str_eq(p->match.namespaces[0], "etl-*");
    cr_assert_str_eq(p->match.namespaces[1], "a?");
    cr_assert_null(p->match.namespaces[2]);
    cr_assert_str_eq(p->match.exclude_namespaces[0], "etl-x");
    cr_assert_null(p->match.exclude_namespaces[1]);
    cr_assert_eq(p->match.roles, ROLE_DRIVER);
    cr_assert_eq(p->match.selector->requirement_count, 4);
    const struct selector_requirement *q = p->match.selector->requirements;
    cr_assert(strcmp(q[0].key, "team") == 0 && q[0].operator== SELECTOR_IN);
    cr_assert(q[0].value_count == 1 && strcmp(q[0].values[0], "etl") == 0);
    cr_assert(strcmp(q[1].key, "k") == 0 && q[1].operator== SELECTOR_NOT_IN);
    cr_assert(q[1].value_count == 2 && strcmp(q[1].values[1], "w") == 0);
    cr_assert(q[2].operator== SELECTOR_EXISTS && q[2].value_count == 0);
    cr_assert(q[3].operator== SELECTOR_NOT_EXISTS);
    cr_assert_eq(p->rules[0].line, 13);
    cr_assert_eq(p->rules[0].column, 13);
    cr_assert_eq(p->rules[0].roles, ROLE_DRIVER);
    policy_set_destroy(set);
}

Test(load, defaults_match_everything)
{
    struct policy_set *set = load_good(SPEC "  {}");
    const struct policy *p = &set->policies[0];
    cr_assert(p->priority == 0 && p->match.roles == ROLES_ALL && p->match.selector == NULL);
    cr_assert(p->match.namespaces == NULL && p->match.exclude_namespaces == NULL);
    cr_assert(set->file_count == 1 && set->off_count == 0 && set->slot_count == 0);
    policy_set_destroy(set);
}

#define POLICY(name, spec)                                                                         \
    "---\napiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: " name                 \
    "}\nspec: " spec "\n"

Test(load, policies_that_are_off_are_checked_only)
{
    struct policy_set *set =
        load_good(POLICY("a", "{mode: off, admission: {labels: {x: a}}}")
                      POLICY("b", "{mode: \"off\", admission: {labels: {x: b}}}")
                          POLICY("c", "{admission: {labels: {x: c}}}"));
    cr_assert(set->count == 1 && set->off_count == 2);
    cr_assert_str_eq(set->policies[0].name, "c");
    policy_set_destroy(set);
}

Test(load, policies_are_sorted_by_priority_then_name)
{
    struct policy_set *set = load_good(POLICY("b", "{priority: 1}") POLICY(
        "a", "{priority: 1}") POLICY("z", "{priority: 9}") POLICY("c", "{priority: -1}"));
    static const char *const order[] = {"z", "a", "b", "c"};
    cr_assert_eq(set->count, 4);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_str_eq(set->policies[i].name, order[i]);
    }
    policy_set_destroy(set);
}

/* Two policies, and whether they tie. In text each is 5 lines; rules stand in the fifth. */
static const struct {
    const char *first, *second;
    bool tie;
} pairs[] = {
    {"{admission: {labels: {x: a}}}", "{admission: {labels: {x: a}}}", true},
    {"{admission: {labels: {x: a}}}", "{admission: {labels: {y: a}}}", false},
    {"{admission: {labels: {x: a}}}", "{admission: {annotations: {x: a}}}", false},
    {"{priority: 1, admission: {labels: {x: a}}}", "{admission: {labels: {x: a}}}", false},
    {"{mode: off, admission: {labels: {x: a}}}", "{admission: {labels: {x: a}}}", false},
    {"{mode: monitor, admission: {labels: {x: a}}}", "{admission: {labels: {x: a}}}", true},
    {"{require: [{rule: memory-limit}]}", "{require: [{rule: memory-limit, action: warn}]}", true},
    {"{admission: {overlay: {spec: {dnsConfig: {searches: [a]}}}}}",
     "{admission: {overlay: {spec: {dnsConfig: {searches: [b]}}}}}", true},
    {"{admission: {overlay: {spec: {dnsConfig: {searches: [a]}}}}}",
     "{admission: {overlay: {spec: {dnsConfig: {options: []}}}}}", false},
    {"{admission: {overlay: {spec: {containers: [{name: $spark, env: [{name: A}]}]}}}}",
     "{admission: {overlay: {spec: {containers: [{name: $spark, env: [{name: A, value: b}]}]}}}}",
     true},
    {"{admission: {overlay: {spec: {containers: [{name: $spark, env: [{name: A}]}]}}}}",
     "{admission: {overlay: {spec: {containers: [{name: $spark, env: [{name: B}]}]}}}}", false},
    {"{admission: {overlay: {metadata: {labels: {x: a}}}}}", "{admission: {labels: {x: a}}}", true},
    {"{admission: {overlay: {spec: {volumes: [{name: v, emptyDir: {}}]}}}}",
     "{admission: {volumes: [{name: v, claim: c, mountPath: /v}]}}", true},
    {"{priority: 1, admission: {overlay: {spec: {volumes: [{name: v, emptyDir: {}}]}}}}",
     "{admission: {volumes: [{name: v, claim: c, mountPath: /v}]}}", false},
    {"{admission: {overlay: {spec: {containers: [{name: $spark, env: [{name: A, value: b}]}]}}}}",
     "{admission: {env: {A: c}}}", true},
    {"{admission: {overlay: {spec: {containers: [{name: a, image: i, env: [{name: A}]}]}}}}",
     "{admission: {env: {A: c}}}", false},
    {"{admission: {overlay: {spec: {imagePullSecrets: [{name: a}]}}}}",
     "{admission: {imagePullSecrets: [a]}}", true},
    {"{admission: {overlay: {spec: {schedulerName: a}}}}",
     "{admission: {schedulerName: {driver: b}}}", true},
    {"{admission: {overlay: {spec: {nodeSelector: {a: b}}}}}",
     "{admission: {nodeSelector: {a: c}}}", true},
    {"{admission: {overlay: {spec: {nodeSelector: {topology.kubernetes.io/zone: b}}}}}",
     "{admission: {spread: [{role: driver, over: zone, strength: preferred}]}}", true},
    {"{admission: {resources: {memory: cover}}}",
     "{admission: {resources: {driver: {memory: keep}}}}", true},
    {"{admission: {securityContext: restricted}}", "{admission: {securityContext: keep}}", true},
    {"{require: [{rule: required-labels, labels: [{key: a}]}]}",
     "{require: [{rule: required-labels, labels: [{key: b}]}]}", false},
    {"{require: [{rule: required-labels, labels: [{key: a}]}]}",
     "{require: [{rule: required-labels, labels: [{key: a, values: [b]}]}]}", true},
    {"{admission: {capacity: {driver: spot}}}", "{admission: {capacity: {executor: spot}}}", false},
    {"{admission: {capacity: {driver: spot}}}", "{admission: {capacity: {driver: spot}}}", true},
    {"{match: {roles: [driver]}, admission: {labels: {x: a}}}",
     "{match: {roles: [executor]}, admission: {labels: {x: b}}}", false},
    {"{match: {roles: [driver]}, admission: {labels: {x: a}}}", "{admission: {labels: {x: b}}}",
     true},
    {"{match: {namespaces: [a-*]}, admission: {labels: {x: a}}}",
     "{match: {namespaces: [b-*, c]}, admission: {labels: {x: b}}}", false},
    {"{match: {namespaces: [a-*]}, admission: {labels: {x: a}}}",
     "{match: {namespaces: ['*-b', c]}, admission: {labels: {x: b}}}", true},
    {"{match: {namespaces: [a-*]}, admission: {labels: {x: a}}}", "{admission: {labels: {x: b}}}",
     true},
    {"{match: {namespaces: [a-*]}, admission: {labels: {x: a}}}",
     "{match: {exclude: {namespaces: [a-*]}}, admission: {labels: {x: b}}}", false},
    {"{match: {exclude: {namespaces: ['a*']}}, admission: {labels: {x: a}}}",
     "{match: {namespaces: [a-1, 'a-b-*']}, admission: {labels: {x: b}}}", false},
    {"{match: {namespaces: ['a*']}, admission: {labels: {x: a}}}",
     "{match: {exclude: {namespaces: ['a?']}}, admission: {labels: {x: b}}}", true},
    {"{match: {namespaces: [ab, c]}, admission: {labels: {x: a}}}",
     "{match: {exclude: {namespaces: ['a?']}}, admission: {labels: {x: b}}}", true},
    {"{match: {namespaces: [ab]}, admission: {labels: {x: a}}}",
     "{match: {exclude: {namespaces: ['a?']}}, admission: {labels: {x: b}}}", false},
    {"{match: {selector: {matchLabels: {t: a}}}, admission: {labels: {x: a}}}",
     "{match: {selector: {matchLabels: {t: b}}}, admission: {labels: {x: b}}}", false},
    {"{match: {selector: {matchLabels: {t: a}}}, admission: {labels: {x: a}}}",
     "{match: {selector: {matchLabels: {u: b}}}, admission: {labels: {x: b}}}", true},
    {"{admission: {annotations: [{localDirs: emptyDir, set: {x: a}}]}}",
     "{admission: {annotations: [{localDirs: persistent, set: {x: b}}]}}", false},
    {"{admission: {annotations: [{localDirs: emptyDir, set: {x: a}}]}}",
     "{admission: {annotations: [{role: driver, set: {x: b}}]}}", true},
    {"{admission: {spread: [{over: host}]}}", "{admission: {spread: [{over: zone}]}}", false},
    {"{admission: {capacity: {driver: spot}}}",
     "{admission: {nodeSelector: {eks.amazonaws.com/capacityType: SPOT}}}", true},
    {"{admission: {capacity: {driver: spot}}}",
     "{admission: {nodeSelector: [{role: executor, set: {eks.amazonaws.com/capacityType: SPOT}}]}}",
     false},
    {"{admission: {spread: [{over: zone, strategy: one-zone, zones: [a]}]}}",
     "{admission: {nodeSelector: {topology.kubernetes.io/zone: a}}}", true},
    {"{admission: {volumes: [{name: a, claim: c, mountPath: /a}]}}",
     "{admission: {volumes: [{name: b, claim: c, mountPath: /b}]}}", false},
};

static void ties_row(size_t i)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_addf(&b, POLICY("one", "%s") POLICY("two", "%s"), pairs[i].first, pairs[i].second);
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("t.yaml", b.text, b.len, &set, &f);
    cr_expect_eq(code, pairs[i].tie ? ERR_INVALID : ERR_OK, "%s", b.text);
    cr_expect_eq(f.count, pairs[i].tie ? 1 : 0, "%s\n%zu findings", b.text, f.count);
    if (pairs[i].tie && f.count > 0) {
        const char *says = f.list[0].text;
        cr_expect_eq(f.list[0].line, 10, "%s\n%zu", b.text, f.list[0].line);
        cr_expect(strstr(says, "policy \"one\" (t.yaml:5)") != NULL, "%s\n%s", b.text, says);
        cr_expect(strstr(says, "give one of them another priority") != NULL, "%s\n%s", b.text,
                  says);
    }
    policy_set_destroy(set);
    findings_finish(&f);
    buf_finish(&b);
}

Test(load, ties)
{
    table_run(COUNT(pairs), ties_row);
}

/*
 * Two policies whose rules are for different fields or have different priorities, and what the one
 * finding about them says; NULL where they get on. Written as for ties.
 */
#define LABELS(x) "admission: {labels: {" x "}}"
#define SELECT(x) "match: {selector: {" x "}}"
#define VOLUME(name, path, more)                                                                   \
    "admission: {volumes: [{name: " name ", claim: c, mountPath: " path more "}]}"
#define IMAGES(from, to) "admission: {imageRewrite: [{from: " from ", to: " to "}]}"
static const struct {
    const char *first, *second;
    const char *words;
    size_t line;
} clashes[] = {
    /* a label that is looked at */
    {"{" LABELS("a: x") "}", "{" SELECT("matchLabels: {a: x}") "}", "policy \"two\" (t.yaml:10)",
     5},
    {"{" SELECT("matchLabels: {a: x}") "}", "{" LABELS("a: x") "}", "policy \"one\" (t.yaml:5)",
     10},
    {"{}", "{" SELECT("matchLabels: {a: x}") ", " LABELS("a: x") "}", "policy \"two\" (t.yaml:10)",
     10},
    {"{priority: 5, admission: {labels: [{role: driver, when: always, set: {a: x}}]}}",
     "{" SELECT("matchExpressions: [{key: b, operator: Exists}, {key: a, operator: DoesNotExist}, "
                "{key: a, operator: NotIn, values: [v]}]") "}",
     "labels.a", 5},
    {"{" LABELS("a: x") "}", "{" SELECT("matchLabels: {b: x}") "}", NULL, 0},
    {"{admission: {annotations: {a: x}}}", "{" SELECT("matchLabels: {a: x}") "}", NULL, 0},
    {"{mode: off, " LABELS("a: x") "}", "{" SELECT("matchLabels: {a: x}") "}", NULL, 0},
    {"{mode: monitor, " LABELS("a: x") "}", "{" SELECT("matchLabels: {a: x}") "}", "labels.a", 5},
    {"{" LABELS("a: x") "}", "{mode: off, " SELECT("matchLabels: {a: x}") "}", NULL, 0},
    {"{" LABELS("a: x") "}", "{match: {roles: [driver], selector: {matchLabels: {a: x}}}}",
     "labels.a", 5},
    {"{match: {roles: [executor]}, " LABELS("a: x") "}",
     "{match: {roles: [driver], selector: {matchLabels: {a: x}}}}", NULL, 0},
    {"{match: {namespaces: [u]}, " LABELS("a: x") "}",
     "{match: {namespaces: [v], selector: {matchLabels: {a: x}}}}", NULL, 0},
    {"{match: {selector: {matchLabels: {b: x}}}, " LABELS("a: x") "}",
     "{match: {selector: {matchLabels: {b: x, a: x}}}}", "labels.a", 5},
    {"{match: {selector: {matchLabels: {b: x}}}, " LABELS("a: x") "}",
     "{match: {selector: {matchLabels: {b: z, a: x}}}}", NULL, 0},
    /* volumes at any priority */
    {"{" VOLUME("v", "/a", "") "}", "{priority: 1, " VOLUME("w", "/a", "") "}",
     "volumes.w is mounted at /a, where volumes.v of policy \"one\" (t.yaml:5) is", 10},
    {"{" VOLUME("v", "/a", ", when: always") "}", "{" VOLUME("w", "/a", ", when: always") "}",
     "(t.yaml:5)", 10},
    {"{" VOLUME("v", "/a", "") "}", "{priority: 1, " VOLUME("v", "/b", ", when: always") "}",
     "volumes.v is mounted at /b, but at /a by policy \"one\" (t.yaml:5)", 10},
    {"{" VOLUME("v", "/a", "") "}", "{" VOLUME("v", "/b", "") "}", "the same priority", 10},
    {"{" VOLUME("v", "/a", "") "}", "{priority: 1, " VOLUME("v", "/a", "") "}", NULL, 0},
    {"{" VOLUME("v", "/a", "") "}", "{priority: 1, " VOLUME("w", "/a/b", "") "}", NULL, 0},
    {"{" VOLUME("v", "/a", ", role: driver") "}", "{" VOLUME("w", "/a", ", role: executor") "}",
     NULL, 0},
    {"{" VOLUME("v", "/a", "") "}", "{mode: off, " VOLUME("w", "/a", "") "}", NULL, 0},
    {"{match: {namespaces: [u]}, " VOLUME("v", "/a", "") "}",
     "{priority: 1, match: {namespaces: [v]}, " VOLUME("v", "/b", "") "}", NULL, 0},
    {"{match: {namespaces: [u]}, " VOLUME("v", "/a", "") "}",
     "{match: {exclude: {namespaces: [u]}}, " VOLUME("w", "/a", "") "}", NULL, 0},
    /* images that would be rewritten twice, at any priority */
    {"{" IMAGES("a.b/", "c.d/") "}", "{priority: 1, " IMAGES("c.d/", "e.f/") "}",
     "policy \"two\" (t.yaml:10)", 5},
    {"{" IMAGES("a.b/", "c.d/") "}", "{priority: 1, " IMAGES("c.d/e", "e.f/e") "}",
     "policy \"two\" (t.yaml:10)", 5},
    {"{" IMAGES("a.b/", "c.d/e/") "}", "{priority: 1, " IMAGES("c.d/f/", "e.f/") "}", NULL, 0},
    {"{" IMAGES("a.b/", "c.d/") "}", "{mode: off, " IMAGES("c.d/", "e.f/") "}", NULL, 0},
    {"{match: {namespaces: [u]}, " IMAGES("a.b/", "c.d/") "}",
     "{match: {namespaces: [v]}, " IMAGES("c.d/", "e.f/") "}", NULL, 0},
};

static void clashes_row(size_t i)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_addf(&b, POLICY("one", "%s") POLICY("two", "%s"), clashes[i].first, clashes[i].second);
    struct policy_set *set = NULL;
    struct findings f;
    enum err_code code = policies_load_text("t.yaml", b.text, b.len, &set, &f);
    const char *says = f.count > 0 ? f.list[0].text : "";
    size_t want = clashes[i].words == NULL ? 0 : 1;
    cr_expect_eq(code, want == 0 ? ERR_OK : ERR_INVALID, "%s\n%s", b.text, says);
    cr_expect_eq(f.count, want, "%s\n%zu findings: %s", b.text, f.count, says);
    if (want > 0 && f.count > 0) {
        cr_expect(strstr(says, clashes[i].words) != NULL, "%s\n%s", b.text, says);
        cr_expect_eq(f.list[0].line, clashes[i].line, "%s\n%zu", b.text, f.list[0].line);
    }
    policy_set_destroy(set);
    findings_finish(&f);
    buf_finish(&b);
}

Test(load, clashes)
{
    table_run(COUNT(clashes), clashes_row);
}

/* Other checks of a policy whose selector is wrong must get along with what is left of it. */
Test(load, a_wrong_selector_does_not_disturb_other_checks)
{
    static const char *const selectors[] = {
        "matchLabels: {t: 1}",
        "matchLabels: {'-a': x}",
        "matchExpressions: [{key: t}]",
        "matchExpressions: [{operator: Exists}]",
        "matchExpressions: [{key: t, operator: In, values: [1]}]",
        "matchExpressions: [x]",
    };
    for (size_t i = 0; i < COUNT(selectors); i++) {
        struct buf b;
        buf_init(&b, 4096);
        buf_addf(&b,
                 POLICY("one", "{match: {selector: {%s}}, admission: {labels: {x: a}}}")
                     POLICY("two", "{match: {selector: {matchLabels: {t: a}}}, admission: "
                                   "{labels: {x: a}}}"),
                 selectors[i]);
        struct policy_set *set = NULL;
        struct findings f;
        cr_expect_eq(policies_load_text("t.yaml", b.text, b.len, &set, &f), ERR_INVALID, "%s",
                     b.text);
        cr_expect_geq(f.count, 1, "%s", b.text);
        findings_finish(&f);
        buf_finish(&b);
    }
}

Test(load, all_mistakes_are_reported_in_order)
{
    static const char text[] = "apiVersion: sparkward.dev/v1\n"
                               "kind: SparkPolicy\n"
                               "metadata: {name: A}\n"
                               "spec:\n"
                               "  require: [{rule: nothing}]\n"
                               "  prio: 1\n"
                               "  admission:\n"
                               "    labels: {a: 1, spark-role: x, 'b b': c}\n"
                               "    capacity: {driver: cheap, executor: {prefer: x}}\n"
                               "    volumes: [{name: spark-local-dir-1}]\n"
                               "---\n"
                               "kind: Other\n"
                               "---\n"
                               "apiVersion: sparkward.dev/v1\n"
                               "kind: SparkPolicy\n"
                               "metadata: {name: b}\n"
                               "spec: {mode: on}\n";
    static const size_t places[][2] = {{3, 18},  {5, 20}, {6, 3},  {8, 17},  {8, 20},
                                       {8, 35},  {9, 24}, {9, 50}, {10, 15}, {10, 15},
                                       {10, 22}, {12, 7}, {17, 14}};
    struct policy_set *set = NULL;
    struct findings f;
    cr_assert_eq(policies_load_text("t", text, strlen(text), &set, &f), ERR_INVALID);
    for (size_t i = 0; i < COUNT(places) && i < f.count; i++) {
        cr_assert(f.list[i].line == places[i][0] && f.list[i].column == places[i][1],
                  "%zu: %zu:%zu %s", i, f.list[i].line, f.list[i].column, f.list[i].text);
    }
    cr_assert_eq(f.count, COUNT(places));
    findings_finish(&f);
}

Test(load, odd_inputs_end_with_findings)
{
    static const char *const pieces[] = {
        "[",      "{a: ", "- ", "---\n" HEAD "spec: {priority: 1}\n",
        "a: b\n", "\"",   "!",  "&a ",
        "? ",     "\xff", "\t", HEAD};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        while (b.len + strlen(pieces[i]) < 1 << 18) {
            buf_adds(&b, pieces[i]);
        }
        struct policy_set *set = NULL;
        struct findings f;
        enum err_code code = policies_load_text("t.yaml", b.text, b.len, &set, &f);
        cr_assert_eq(code, ERR_INVALID, "%s: %d", pieces[i], (int)code);
        cr_assert_gt(f.count, 0);
        findings_finish(&f);
        buf_finish(&b);
    }
}

Test(load, many_labels_load_quickly)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_adds(&b, ADMISSION "    labels:\n");
    for (size_t i = 0; i < 30000; i++) {
        buf_addf(&b, "      key%zu: value\n", i);
    }
    struct policy_set *set = load_good(b.text);
    cr_assert_eq(set->policies[0].rule_count, 30000);
    cr_assert_eq(set->slot_count, 30000);
    policy_set_destroy(set);
    buf_finish(&b);
}

Test(load, fingerprints_tell_texts_apart)
{
    struct policy_set *a = load_good(SPEC "  {}");
    struct policy_set *same = load_good(SPEC "  {}");
    struct policy_set *other = load_good(SPEC "  {} # comment");
    cr_assert_eq(a->fingerprint, same->fingerprint);
    cr_assert_neq(a->fingerprint, other->fingerprint);
    policy_set_destroy(a);
    policy_set_destroy(same);
    policy_set_destroy(other);
    policy_set_destroy(NULL);
}

Test(load, rule_kinds_have_names)
{
    cr_assert_str_eq(rule_kind_name(RULE_LABEL), "labels");
    cr_assert_str_eq(rule_kind_name(RULE_NO_PRIVILEGED), "no-privileged");
    cr_assert_str_eq(rule_kind_name(RULE_KIND_COUNT), "unknown");
}

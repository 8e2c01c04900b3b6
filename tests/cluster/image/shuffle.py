# SPDX-License-Identifier: Apache-2.0
"""A shuffle whose result is known beforehand: shuffle.py MAPS REDUCES MAP-SECONDS REDUCE-SECONDS

Every map makes a thousand pairs, every reduce sums up those of its keys. The last line of the
log is a JSON object: the sum of each key, and where the reduces ran, as the containers saw it.
"""

import glob
import json
import operator
import os
import sys
import time

from pyspark import SparkContext

KEYS = 97


def pairs(i, seconds):
    time.sleep(seconds)
    return [(i * j % KEYS, i) for j in range(1000)]


def mount_of(path):
    """(mount point, root of the mount in its file system) of the deepest mount that holds this path."""
    mounts = [line.split() for line in open("/proc/self/mountinfo")]
    holding = [m for m in mounts if path == m[4] or path.startswith(m[4].rstrip("/") + "/")]
    deepest = max(holding, key=lambda m: len(m[4]))
    return deepest[4], deepest[3]


def place():
    """Where this executor runs and keeps its shuffle files."""
    # Spark tells its Python workers the folders that its block manager made.
    directories = os.environ["SPARK_LOCAL_DIRS"].split(",")
    point, root = mount_of(directories[0])
    return {"pod": os.environ["HOSTNAME"], "mountPoint": point, "mountRoot": root,
            "shuffleFiles": sum(len(glob.glob(f"{d}/*/shuffle_*.data")) for d in directories),
            "rules": open("/etc/rules.csv").read() if os.path.exists("/etc/rules.csv") else None}


def reduced(sums, seconds):
    time.sleep(seconds)
    yield list(sums), place()


def main(maps, reduces, map_seconds, reduce_seconds):
    context = SparkContext()
    begin = time.monotonic()
    parts = (context.parallelize(range(maps), maps)
             .flatMap(lambda i: pairs(i, map_seconds))
             .reduceByKey(operator.add, reduces)
             .mapPartitions(lambda sums: reduced(sums, reduce_seconds))
             .collect())
    print(json.dumps({
        "sums": {str(key): total for sums, _ in parts for key, total in sums},
        "places": {where["pod"]: where for _, where in parts},
        "seconds": round(time.monotonic() - begin, 2)}), flush=True)
    context.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))

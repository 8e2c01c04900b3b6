# SPDX-License-Identifier: Apache-2.0
"""Apache Spark as pyspark of the package index has it: jars, spark-submit, and Python's half."""

import subprocess
import sys

from bed import cache


def home(series):
    """The folder that contains `pyspark/` of a series such as "4.1"."""
    version = cache.VERSIONS["spark"][series]

    def install(unfinished):
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                   "--target", unfinished, f"pyspark=={version}"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise RuntimeError(f"pip cannot install pyspark {version}:\n{result.stderr[-2000:]}")

    return cache.made(f"spark-{version}", install)

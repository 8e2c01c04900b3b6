#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Spark's preStop hook: asks the executor to decommission itself, and holds the pod until it has ended.
set -euo pipefail
executor=$(pgrep -o -x java)
kill -s PWR "$executor"
tail --pid="$executor" -f /dev/null

# SPDX-License-Identifier: Apache-2.0
"""What Sparkward adds to the creation of an executor, beside what a policy inside the API server adds.

Four namespaces, side by side: nobody is asked, the API server's own MutatingAdmissionPolicy sets a
label, an annotation and an anti-affinity, Sparkward's whole default policy changes the pod, and
Sparkward changes and judges it. Dry-run creations of one recorded executor, one after the other,
go round the four in turns, so that what else the machine does hits all alike.
"""

import http.client
import json
import ssl
import statistics
import time
from urllib.parse import urlsplit

import pytest

from bed.sparkward import DEFAULT_POLICY
from bed.stream import is_mutated, recorded_executor
from server import ROOT
from wait import poll

ROUNDS = 10
EACH = 100
SEEN = 30.0
MUTATE, VALIDATE = "mutate.sparkward.dev", "validate.sparkward.dev"
IN_TREE = "bed.sparkward.dev/in-tree-policy"
LABEL, ANNOTATION = "cost-centre", "cluster-autoscaler.kubernetes.io/safe-to-evict"
# One patch, and no question whether the pod has annotations or an affinity: as cheap as it can be.
JSON_PATCH = f"""[
  JSONPatch{{op: "add", path: "/metadata/labels/{LABEL}", value: "4711"}},
  JSONPatch{{op: "add", path: "/metadata/annotations", value: {{"{ANNOTATION}": "false"}}}},
  JSONPatch{{op: "add", path: "/spec/affinity", value: Object.spec.affinity{{
    podAntiAffinity: Object.spec.affinity.podAntiAffinity{{
      preferredDuringSchedulingIgnoredDuringExecution: [
        Object.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution{{
          weight: 50,
          podAffinityTerm: Object.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm{{
            topologyKey: "kubernetes.io/hostname",
            labelSelector: Object.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm.labelSelector{{
              matchLabels: {{"spark-app-selector": object.metadata.labels["spark-app-selector"]}}
            }}
          }}
        }}
      ]
    }}
  }}}}
]"""

# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes for tests; what each file is for stands in tests/cluster/README.md."""

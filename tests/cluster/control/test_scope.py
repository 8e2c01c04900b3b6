# SPDX-License-Identifier: Apache-2.0
"""Who is not asked about: pods without Spark's labels, and namespaces that are not selected."""

from bed.pods import probe_pod


def test_only_spark_pods_of_selected_namespaces_reach_the_server(install, control):
    one = install()
    plain = control.namespace("not-selected")
    before = one.reviews()
    foreign = probe_pod()
    foreign["metadata"]["labels"] = {"app": "web"}
    control.api.pods(one.namespace).create(foreign)
    control.api.pods(plain).create(probe_pod())
    assert one.reviews() == before
    # That a pod with the labels would have been asked about.
    control.api.pods(one.namespace).create(probe_pod())
    assert one.reviews() == before + 2, "once to change it, once to judge it"

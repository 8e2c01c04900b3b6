# SPDX-License-Identifier: Apache-2.0
"""Fields of a pod that a policy sets as they stand: what is added, what is replaced, what stays."""

import pytest

from reviews import mutate
from test_mutations import after, driver, executor, spark


@pytest.fixture
def connection(server):
    with server.connect() as one:
        yield one


@pytest.fixture
def policy(serve, tmp_path):
    """A connection to a server with one policy of this admission section."""
    connections = []

    def connect(admission):
        file = tmp_path / "policy.yaml"
        file.write_text("apiVersion: sparkward.dev/v1\nkind: SparkPolicy\nmetadata: {name: p}\n"
                        f"spec: {{admission: {admission}}}\n")
        connections.append(serve(file).connect())
        return connections[-1]
    yield connect
    for one in connections:
        one.close()


def after_defaults(pod):
    """As the API server sends a pod the second time: members that are empty are left out."""
    if isinstance(pod, dict):
        return {k: after_defaults(v) for k, v in pod.items() if v is not None and v != ""}
    return [after_defaults(v) for v in pod] if isinstance(pod, list) else pod


def settled(connection, pod):
    """The pod afterwards; asked again, nobody wants anything more."""
    result = after(connection, pod)
    assert mutate(connection, after_defaults(result))[1].get("patch") is None
    return result


# Tolerations

STAY = [{"key": f"node.kubernetes.io/{taint}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for taint in ("not-ready", "unreachable")]


def test_a_toleration_replaces_the_default_of_the_api_server(connection):
    assert driver()["spec"]["tolerations"] == STAY
    tolerations = settled(connection, driver())["spec"]["tolerations"]
    assert tolerations == [STAY[0], STAY[1] | {"tolerationSeconds": 30},
                           {"key": "example.com/team", "operator": "Equal", "value": "etl", "effect": "NoSchedule"}]


def test_the_users_own_time_stays(connection):
    pod = driver()
    pod["spec"]["tolerations"] = [STAY[1] | {"tolerationSeconds": 7}]
    assert settled(connection, pod)["spec"]["tolerations"][0] == STAY[1] | {"tolerationSeconds": 7}


def test_a_toleration_is_never_there_twice(connection):
    """Another webhook, or we ourselves, have added it: in another order of members, with others between."""
    own = {"effect": "NoSchedule", "value": "etl", "operator": "Equal", "key": "example.com/team"}
    for have in (own, {k: v for k, v in own.items() if k != "operator"}, {"key": "example.com/team", "operator": "Exists"}):
        pod = driver()
        pod["spec"]["tolerations"] = [STAY[0], have, STAY[1]]
        assert len(settled(connection, pod)["spec"]["tolerations"]) == 3, have


def test_tolerations_of_one_role(connection):
    assert all(t["key"] != "example.com/team" for t in settled(connection, executor())["spec"]["tolerations"])

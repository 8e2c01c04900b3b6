# SPDX-License-Identifier: Apache-2.0
"""Certificates and their authorities are exchanged while executors are created, and no creation notices."""

from bed.sparkward import failure_policy
from bed.stream import CREATIONS, Stream
from server import Certificates, trusting
from wait import poll

SERVED = 30.0


def wait_served(installation, *authorities):
    """Until a new connection to any replica gets the certificate that is in the files."""
    context = trusting(*authorities)
    for replica in installation.replicas:
        poll(lambda: replica.served(context) == installation.certificates.leaf(), SERVED, what="the new certificate")


def trust(installation, stream, *authorities):
    """Another bundle also means new connections: those that are open outlive any change of certificates."""
    before = installation.connections()
    installation.trust(*authorities)
    # Creations that began with the former bundle may still make a connection by it.
    stream.turn_over()
    assert installation.connections() > before


def reconnect(installation, stream, *authorities):
    """To the API server the same authorities, one of them twice, are another bundle."""
    trust(installation, stream, *authorities, authorities[0])


def change_authority(installation, stream, old, new):
    """The order in which no connection ever meets a certificate that it does not trust."""
    trust(installation, stream, old, new)
    installation.certificates.take(new)
    wait_served(installation, old, new)
    reconnect(installation, stream, old, new)
    trust(installation, stream, new)


def test_a_new_authority_twice_needs_no_second_try(install, control, tmp_path, record_property):
    two = install(replicas=2, change=failure_policy("Fail"))
    names = two.certificates.names
    authorities = [two.certificates, *(Certificates(tmp_path / f"authority-{n}", names=names) for n in (1, 2))]
    with Stream(control.api, two.namespace) as stream:
        for old, new in zip(authorities, authorities[1:]):
            stream.go_on(CREATIONS // 10)
            change_authority(two, stream, old, new)
        stream.reach(CREATIONS)
    assert stream.failures == []
    assert stream.spoilt() == {}
    record_property("figure", f"authority and certificate exchanged twice under {len(stream.created)} pod creations: "
                    "0 second tries, 0 lost, 0 left unmutated")


def test_a_new_certificate_of_the_same_authority_needs_no_second_try(install, control):
    two = install(replicas=2, change=failure_policy("Fail"))
    with Stream(control.api, two.namespace) as stream:
        stream.go_on(CREATIONS // 10)
        old = two.certificates.leaf()
        two.certificates.make()
        assert two.certificates.leaf() != old
        wait_served(two, two.certificates)
        reconnect(two, stream, two.certificates)
        stream.go_on(CREATIONS // 10)
    assert stream.failures == []
    assert stream.spoilt() == {}

# SPDX-License-Identifier: Apache-2.0
"""Certificates and their authorities are exchanged while executors are created, and no creation notices."""

from bed.stream import Stream
from server import Certificates, trusting
from wait import poll

CREATIONS = 1000
SERVED = 30.0


def must_answer(webhook):
    webhook["failurePolicy"] = "Fail"


def wait_served(installation, *authorities):
    """Until a new connection to any replica gets the certificate that is in the files."""
    context = trusting(*authorities)
    for replica in installation.replicas:
        poll(lambda: replica.served(context) == installation.certificates.leaf(), SERVED, what="the new certificate")


def trust(installation, stream, *authorities):
    """Also lets the creations end that began with another bundle: they may still make a connection by it."""
    installation.trust(*authorities)
    stream.turn_over()


def change_authority(installation, stream, old, new):
    """The order in which nobody is left without a certificate to trust."""
    trust(installation, stream, old, new)
    installation.certificates.take(new)
    wait_served(installation, old, new)
    before = installation.connections()
    # Connections stay when certificates change, but those of another bundle are new ones.
    trust(installation, stream, new)
    assert installation.connections() > before


def test_a_new_authority_twice_needs_no_second_try(install, control, tmp_path, record_property):
    two = install(replicas=2, change=must_answer)
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
    two = install(replicas=2, change=must_answer)
    with Stream(control.api, two.namespace) as stream:
        stream.go_on(CREATIONS // 10)
        old = two.certificates.leaf()
        two.certificates.make()
        assert two.certificates.leaf() != old
        wait_served(two, two.certificates)
        before = two.connections()
        # The same authority twice is another bundle, hence new connections.
        trust(two, stream, two.certificates, two.certificates)
        assert two.connections() > before
        stream.go_on(CREATIONS // 10)
    assert stream.failures == []
    assert stream.spoilt() == {}

# SPDX-License-Identifier: Apache-2.0
"""The cluster's DNS: CoreDNS, beside the control plane. Executors find their driver by it."""

import socket
import struct

from bed import programs

DEADLINE = 30.0


def start(run, address, kubeconfig):
    """Serves cluster.local on port 53 of this address. In the sandbox's network, where it is nobody else's."""
    corefile = run.folder / "Corefile"
    corefile.write_text(f"""
cluster.local:53 {{
  bind {address}
  errors
  kubernetes {{
    kubeconfig {kubeconfig} bed
    ttl 1
  }}
}}
""")
    program = run.start("coredns", [programs.path("coredns"), "-conf", corefile])
    program.wait_until(lambda: _resolves(address, "kubernetes.default.svc.cluster.local"), DEADLINE, "names of Services")
    return program


def _resolves(server, name):
    """True when the server has an address (a record of type A) of this name."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    query = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + question + struct.pack("!2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        try:
            s.sendto(query, (server, 53))
            answer = s.recv(512)
        except OSError:
            return False
    return struct.unpack("!H", answer[6:8])[0] > 0

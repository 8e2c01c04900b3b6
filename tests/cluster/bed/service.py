# SPDX-License-Identifier: Apache-2.0
"""Services whose endpoints are programs on this machine."""

from bed.control import host_address

SYSTEM = "sparkward-system"
PORT_NAME = "https"


class Service:
    """A Service without a selector in SYSTEM, called by the API server at the endpoints that are added here."""

    def __init__(self, api, name):
        self.api = api
        self.name = name
        self.host = f"{name}.{SYSTEM}.svc"
        self.address = host_address()
        self._slices = api.group("discovery.k8s.io/v1", "endpointslices", SYSTEM)

    def create(self):
        self.api.core("services", SYSTEM).create({
            "metadata": {"name": self.name},
            "spec": {"ports": [{"name": PORT_NAME, "port": 443, "targetPort": 8443}]}})
        return self

    def add_endpoint(self, number, port):
        """What the endpoint slice controller does when a pod becomes ready."""
        self._slices.create({
            "metadata": {"name": self._slice(number), "labels": {"kubernetes.io/service-name": self.name}},
            "addressType": "IPv4", "ports": [{"name": PORT_NAME, "port": port, "protocol": "TCP"}],
            "endpoints": [{"addresses": [self.address], "conditions": {"ready": True}}]})

    def remove_endpoint(self, number):
        """What it does when a pod is no longer ready, or begins to end."""
        self._slices.delete(self._slice(number))

    def _slice(self, number):
        return f"{self.name}-{number}"

# SPDX-License-Identifier: Apache-2.0
"""The API server over HTTP: objects as plain dicts, and the headers that a typed client would hide."""

import json
import threading

import requests
from wait import poll

POD_GONE_DEADLINE = 30.0


class Refused(Exception):
    """The API server answered with an error; `status` is its Status object."""

    def __init__(self, code, status):
        super().__init__(f"{code}: {status.get('message', status)}")
        self.code = code
        self.status = status
        self.message = status.get("message", "")


class Answer(dict):
    """An object of the API, with the warnings that came with it."""

    warnings = ()


class Api:
    """One user of an API server. Threads share it: each has connections of its own."""

    def __init__(self, url, ca, token):
        self.url = url
        self.ca = str(ca)
        self.token = token
        self._local = threading.local()

    @property
    def session(self):
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False
            session.verify = self.ca
            session.headers["Authorization"] = f"Bearer {self.token}"
            self._local.session = session
        return self._local.session

    def request(self, method, path, body=None, content_type="application/json", timeout=60, **query):
        """The decoded answer, or Refused. `query` as the API spells it: dryRun="All", fieldManager=…"""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self.session.request(
            method, self.url + path, data=data, params=query, timeout=timeout, headers={"Content-Type": content_type})
        if not response.headers.get("Content-Type", "").startswith("application/json"):
            if response.ok:
                return response.text
            raise Refused(response.status_code, {"message": response.text})
        answer = Answer(response.json())
        if not response.ok:
            raise Refused(response.status_code, answer)
        # RFC 7234's Warning: 299 - "text", several joined by commas.
        answer.warnings = _warnings(response.raw.headers.getlist("Warning"))
        return answer

    def collection(self, path):
        return Collection(self, path)

    def core(self, plural, namespace=None):
        return Collection(self, f"/api/v1/{_in(namespace)}{plural}")

    def pods(self, namespace):
        return self.core("pods", namespace)

    def group(self, group_version, plural, namespace=None):
        return Collection(self, f"/apis/{group_version}/{_in(namespace)}{plural}")


def _in(namespace):
    return f"namespaces/{namespace}/" if namespace else ""


def _warnings(headers):
    texts = []
    for header in headers:
        # UTF-8, which HTTP's headers do not know of.
        code, agent, quoted = header.encode("latin-1").decode().split(" ", 2)
        assert (code, agent) == ("299", "-"), header
        texts.append(json.loads(quoted))
    return texts


class Collection:
    """The objects of one kind, in one namespace or of the cluster."""

    def __init__(self, api, path):
        self.api = api
        self.path = path

    def create(self, obj, **query):
        return self.api.request("POST", self.path, obj, **query)

    def get(self, name, subresource=""):
        return self.api.request("GET", self._one(name, subresource))

    def find(self, name):
        """The object, or None when there is none of this name."""
        try:
            return self.get(name)
        except Refused as e:
            if e.code != 404:
                raise
            return None

    def list(self, **query):
        return self.api.request("GET", self.path, **query)["items"]

    def replace(self, obj, subresource="", **query):
        return self.api.request("PUT", self._one(obj["metadata"]["name"], subresource), obj, **query)

    def merge(self, name, patch, subresource="", **query):
        """A JSON merge patch (RFC 7386)."""
        return self.api.request(
            "PATCH", self._one(name, subresource), patch, content_type="application/merge-patch+json", **query)

    def apply(self, obj, manager="bed", **query):
        """Server-side apply."""
        return self.api.request("PATCH", self._one(obj["metadata"]["name"]), obj, fieldManager=manager, force="true",
                                content_type="application/apply-patch+yaml", **query)

    def delete(self, name, **query):
        return self.api.request("DELETE", self._one(name), **query)

    def delete_all(self, **query):
        return self.api.request("DELETE", self.path, **query)

    def wait(self, name, condition, deadline=30.0, what="", watched=None):
        """The object, once condition(object) is true of it.

        `watched`: the Program whose log says why when it is not.
        """
        def check():
            obj = self.find(name)
            return obj if obj is not None and condition(obj) else None
        what = what or f"{self.path}/{name} to be as wanted"
        if watched is not None:
            return watched.wait_until(check, deadline, what)
        return poll(check, deadline, every=0.1, what=what)

    def wait_gone(self, name, deadline=POD_GONE_DEADLINE):
        poll(lambda: self.find(name) is None, deadline, every=0.1, what=f"{self.path}/{name} to be gone")

    def watch_until_gone(self, name, since, deadline=POD_GONE_DEADLINE):
        """The object as it was last, when it has been deleted; `since` is the object from which on to look."""
        response = self.api.session.get(self.api.url + self.path, stream=True, timeout=deadline, params={
            "watch": "true", "fieldSelector": f"metadata.name={name}", "timeoutSeconds": int(deadline),
            "resourceVersion": since["metadata"]["resourceVersion"]})
        with response:
            for line in response.iter_lines():
                event = json.loads(line)
                if event["type"] == "DELETED":
                    return event["object"]
        raise AssertionError(f"not within {deadline} s: {self.path}/{name} to be gone")

    def _one(self, name, subresource=""):
        return f"{self.path}/{name}" + (f"/{subresource}" if subresource else "")

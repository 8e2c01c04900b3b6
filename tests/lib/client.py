# SPDX-License-Identifier: Apache-2.0
"""A raw HTTP/1.1 client over TLS: every byte that goes out is the test's, every byte that comes back is checked."""

import select
import socket
import ssl
import time
from dataclasses import dataclass, field

TIMEOUT = 15.0


class ConnectionEnded(Exception):
    """The peer closed or reset the connection before a whole answer was read."""


@dataclass
class Response:
    status: int
    reason: str
    version: str
    headers: dict = field(default_factory=dict)  # lower-case names
    body: bytes = b""

    @property
    def text(self):
        return self.body.decode()

    @property
    def closes(self):
        """True when the server says that this connection ends here."""
        return self.headers.get("connection", "").lower() == "close"


def tls_context(ca):
    """Trusts nothing but `ca`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    return context


def request_bytes(method, path, headers=None, body=None):
    """The text of a request; Host and Content-Length are added unless the test says otherwise."""
    fields = {"Host": "localhost"}
    if body is not None:
        fields["Content-Type"] = "application/json"
        fields["Content-Length"] = str(len(body))
    for name, value in (headers or {}).items():
        fields[name] = value
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


class Connection:
    """One connection; `context` None means plain TCP, `name` is the peer's. Use as a context manager."""

    def __init__(self, address, context=None, timeout=TIMEOUT, receive_buffer=None, name="localhost"):
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if receive_buffer is not None:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            raw.settimeout(timeout)
            raw.connect(address)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket = context.wrap_socket(raw, server_hostname=name) if context else raw
        except BaseException:
            raw.close()
            raise
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with a TCP reset instead of a goodbye."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def request(self, method, path, headers=None, body=None):
        self.send(request_bytes(method, path, headers, body))
        return self.read_response(head=method == "HEAD")

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body, headers=None):
        return self.request("POST", path, headers, body)

    def _receive(self):
        try:
            data = self.socket.recv(65536)
        except (ssl.SSLWantReadError, TimeoutError):
            raise
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError) as e:
            raise ConnectionEnded(str(e)) from e
        if not data:
            raise ConnectionEnded("end of stream")
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._receive()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _line(self):
        while b"\r\n" not in self.buffer:
            self._receive()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def read_head(self):
        """Status line and headers, also of an interim answer."""
        version, status, reason = self._line().split(" ", 2)
        assert version in ("HTTP/1.1", "HTTP/1.0"), version
        response = Response(int(status), reason, version)
        while line := self._line():
            name, value = line.split(":", 1)
            name = name.lower()
            assert name not in response.headers, f"header {name} twice"
            response.headers[name] = value.strip()
        return response

    def read_response(self, head=False):
        response = self.read_head()
        if head or response.status < 200 or response.status in (204, 304):
            return response
        if response.headers.get("transfer-encoding") == "chunked":
            response.body = self._read_chunks()
        elif "content-length" in response.headers:
            response.body = self._take(int(response.headers["content-length"]))
        else:
            response.body = self._read_to_end()
        return response

    def _read_chunks(self):
        body = b""
        while size := int(self._line().split(";")[0], 16):
            body += self._take(size)
            assert self._take(2) == b"\r\n"
        while self._line():
            pass
        return body

    def _read_to_end(self):
        try:
            while True:
                self._receive()
        except ConnectionEnded:
            body, self.buffer = self.buffer, b""
            return body

    def readable(self, seconds):
        """Waits at most so long for an answer or the end. TLS tickets, which come unasked, are neither."""
        end = time.monotonic() + seconds
        timeout = self.socket.gettimeout()
        while not self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return False
            self.socket.settimeout(0)
            try:
                self._receive()
            except (ssl.SSLWantReadError, BlockingIOError):
                continue
            except ConnectionEnded:
                return True
            finally:
                self.socket.settimeout(timeout)
        return True

    def wait_for_end(self, seconds):
        """Reads until the peer closes; fails the test when it does not within so long."""
        self.socket.settimeout(seconds)
        try:
            while True:
                self._receive()
        except ConnectionEnded:
            return self.buffer
        except TimeoutError:
            raise AssertionError(f"connection still open after {seconds} s") from None

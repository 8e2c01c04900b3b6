# SPDX-License-Identifier: Apache-2.0
"""Starts and stops the real binary, and fails the test when a sanitizer has something to say."""

import json
import os
import pathlib
import re
import signal
import ssl
import subprocess

import children
from client import Connection, request_bytes, tls_context
from files import replace
from wait import poll

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("SPARKWARD_BINARY", ROOT / "build" / "dev" / "sparkward")).resolve()
SANITIZER_REPORT = re.compile(r"(Address|Leak|Thread|Memory)Sanitizer|runtime error:")
# A sanitizer's start costs tenths of a second, on a busy machine seconds.
START_DEADLINE = 30.0


def environment(**extra):
    """The caller's environment without what would change the binary's answers, and with strict sanitizers."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SPARKWARD_") and k != "NO_COLOR"}
    kept |= {
        "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:quarantine_size_mb=16",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
        "TSAN_OPTIONS": "exitcode=99",
    }
    return kept | extra


def run(*arguments, stdin=None, timeout=60, env=None, check_sanitizers=True):
    """Runs the binary to its end. The result has returncode, stdout and stderr as text."""
    result = subprocess.run(
        [str(BINARY), *map(str, arguments)], input=None if stdin is None else stdin.encode(), capture_output=True,
        timeout=timeout, env=environment(**(env or {})), check=False)
    result.stdout, result.stderr = (text.decode(errors="surrogateescape") for text in (result.stdout, result.stderr))
    if check_sanitizers:
        assert not SANITIZER_REPORT.search(result.stderr), result.stderr
        assert result.returncode >= 0, f"ended by signal {-result.returncode}: {result.stderr}"
    return result


class Certificates:
    """A folder with ca.crt, tls.crt and tls.key, by default for localhost."""

    def __init__(self, folder, make=True, names=("localhost", "127.0.0.1")):
        self.folder = pathlib.Path(folder)
        self.ca, self.crt, self.key = (self.folder / n for n in ("ca.crt", "tls.crt", "tls.key"))
        self.names = names
        if make:
            self.make()

    def make(self):
        """A new serving certificate, and a CA when the folder has none."""
        result = run("certs", "--dir", self.folder, *(word for name in self.names for word in ("--name", name)))
        assert result.returncode == 0, result.stderr

    def context(self):
        return tls_context(self.ca)

    def leaf(self):
        """The serving certificate as PEM, written the way Python writes it."""
        text = self.crt.read_text()
        end = "-----END CERTIFICATE-----"
        first = text[text.index("-----BEGIN CERTIFICATE-----"):text.index(end) + len(end)]
        return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(first))

    def take(self, other):
        """Puts another's serving certificate and key into these files."""
        replace(self.crt, other.crt.read_bytes())
        replace(self.key, other.key.read_bytes())


def trusting(*all_certificates):
    """A TLS context that trusts the CAs of all of these."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for one in all_certificates:
        context.load_verify_locations(one.ca)
    return context


class Server:
    """One running `sparkward serve`, by default on ports of the system's choice."""

    def __init__(self, policies, certificates, stderr_path, *flags, listen="127.0.0.1:0", binary=BINARY, env=None,
                 open_files=None):
        self.certificates = certificates
        self.stderr_path = pathlib.Path(stderr_path)
        self.context = certificates.context()
        paths = policies if isinstance(policies, (list, tuple)) else [policies]
        command = [str(binary), "serve"]
        for path in paths:
            command += ["--policies", str(path)]
        command += ["--listen", listen, "--admin-listen", "127.0.0.1:0"]
        command += ["--tls-cert", str(certificates.crt), "--tls-key", str(certificates.key)]
        self.command = command + [str(f) for f in flags]
        if open_files is not None:
            self.command = ["prlimit", f"--nofile={open_files}", *self.command]
        self.env = environment(**(env or {}))
        self.process = None
        self.is_killed = False
        self.address = self.admin_address = None

    def start(self):
        self.is_killed = False
        with open(self.stderr_path, "wb") as stderr:
            self.process = children.start(self.command, stdout=subprocess.DEVNULL, stderr=stderr, env=self.env)
        line = poll(self._serving_line, START_DEADLINE, what="the line that says serving")
        self.address, self.admin_address = (self._pair(line[k]) for k in ("listen", "admin"))
        return self

    def _serving_line(self):
        if self.process.poll() is not None:
            raise AssertionError(f"ended with {self.process.returncode}: {self.stderr()}")
        return next((line for line in self.log() if line.get("msg") == "serving"), None)

    @staticmethod
    def _pair(text):
        host, port = text.rsplit(":", 1)
        return host, int(port)

    @property
    def pid(self):
        return self.process.pid

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def log(self):
        """Every complete log line so far. What is no JSON object fails the test."""
        lines = []
        for text in self.stderr().split("\n")[:-1]:
            try:
                line = json.loads(text)
            except ValueError:
                raise AssertionError(f"not a JSON log line: {text!r}\n{self.stderr()}") from None
            lines.append(line)
        return lines

    def connect(self, context=None, **options):
        assert self.process.poll() is None, f"the server has ended\n{self.stderr()}"
        return Connection(self.address, context or self.context, **options)

    def post(self, path, body, headers=None):
        """One request on a connection of its own."""
        with self.connect() as connection:
            return connection.post(path, body, headers)

    def served(self, context):
        """The certificate that a new connection gets, as PEM."""
        with self.connect(context=context) as connection:
            return ssl.DER_cert_to_PEM_cert(connection.socket.getpeercert(True))

    def admin(self, path, method="GET"):
        with Connection(self.admin_address) as connection:
            connection.send(request_bytes(method, path, {"Connection": "close"}))
            return connection.read_response()

    def metric(self, series):
        """The value of one series as printed, for example sparkward_reviews_total{endpoint="mutate",…}."""
        for line in self.admin("/metrics").text.splitlines():
            name, _, value = line.rpartition(" ")
            if name == series:
                return float(value)
        raise AssertionError(f"no series {series}")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """Ends the server at once, as the kernel ends what has no memory left."""
        self.is_killed = True
        self.process.kill()
        self.process.wait()

    def wait(self, deadline):
        """The exit code, and the test's failure if the process ended badly or not at all."""
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"still running {deadline} s after the signal\n{self.stderr()}") from None
        text = self.stderr()
        assert not SANITIZER_REPORT.search(text), text
        assert code == 0, f"exit code {code}\n{text}"
        return code

    def stop(self):
        """Ends the server if it still runs; SIGINT, which does not wait for others to notice."""
        if self.process is None or self.is_killed:
            return
        if self.process.poll() is None:
            self.signal(signal.SIGINT)
        # Also of one that has ended by itself: a crash is nobody's wish.
        self.wait(20)

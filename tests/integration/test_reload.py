# SPDX-License-Identifier: Apache-2.0
"""New policies and certificates while requests are answered; bad ones never replace good ones."""

import os
import shutil
import signal
import ssl
import subprocess
import threading
import time

import pytest
from client import Connection, ConnectionEnded
from files import replace
from reviews import dumps, mutate, review, sample_pod
from server import Certificates, trusting
from wait import poll

POLICY = """\
apiVersion: sparkward.dev/v1
kind: SparkPolicy
metadata: {{name: reload}}
spec:
  priority: 1
  admission:
    labels: {{generation: {}}}
"""
OK, FAILED = ('sparkward_policy_reloads_total{result="%s"}' % r for r in ("ok", "error"))
CERT_OK, CERT_FAILED = ('sparkward_certificate_reloads_total{result="%s"}' % r for r in ("ok", "error"))


def generation(server):
    """Which policy answers now."""
    return mutate(server, sample_pod("executor-pod.json"))[0]["metadata"]["labels"]["generation"]


def until_generation(server, wanted):
    poll(lambda: generation(server) == wanted, 10, what=f"policy generation {wanted}")


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policies" / "policy.yaml"
    path.parent.mkdir()
    path.write_text(POLICY.format("one"))
    return path


# Policies


@pytest.mark.parametrize("how", ["replaced", "written in place"])
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_changed_policy_is_taken_up(serve, policy, how, what):
    server = serve(policy if what == "file" else policy.parent)
    assert generation(server) == "one"
    if how == "replaced":
        replace(policy, POLICY.format("two"))
    else:
        policy.write_text(POLICY.format("two"))
    until_generation(server, "two")
    assert server.metric(OK) >= 1
    assert server.metric("sparkward_policies_stale") == 0


def test_a_bad_policy_changes_nothing_and_is_seen(serve, policy):
    server = serve(policy)
    replace(policy, POLICY.format("two").replace("admission", "admision"))
    poll(lambda: server.metric(FAILED) >= 1, 10, what="the refused reload in the metrics")
    assert generation(server) == "one"
    assert server.metric("sparkward_policies_stale") == 1
    complaint = [line for line in server.log() if line["level"] == "error" or line["level"] == "warn"]
    assert any(str(policy) in str(line) and "admision" in str(line) for line in complaint), complaint
    readyz = server.admin("/readyz?verbose")
    assert readyz.status == 200, "old policies still answer: not a reason to take the server out"
    assert "polic" in readyz.text and readyz.text != ""
    sick = readyz.text
    replace(policy, POLICY.format("three"))
    until_generation(server, "three")
    assert server.metric("sparkward_policies_stale") == 0
    assert server.admin("/readyz?verbose").text != sick


@pytest.mark.parametrize("text", ["", "{", "kind: [", "\0", "apiVersion: v1\nkind: Pod\n", "\xff\xfe"])
def test_files_that_are_no_policy(serve, policy, text):
    server = serve(policy)
    replace(policy, text.encode("latin-1"))
    poll(lambda: server.metric(FAILED) >= 1, 10)
    assert generation(server) == "one"


def test_a_removed_policy_file_changes_nothing(serve, policy):
    server = serve(policy)
    policy.unlink()
    poll(lambda: server.metric(FAILED) >= 1, 10)
    assert generation(server) == "one"
    assert f"{policy}: " in server.admin("/readyz?verbose").text, "there is no line 0"
    policy.write_text(POLICY.format("back"))
    until_generation(server, "back")


def test_files_come_and_go_in_a_folder(serve, policy):
    server = serve(policy.parent)
    other = policy.with_name("other.yaml")
    replace(other, POLICY.format("of-the-other").replace("name: reload", "name: other").replace("priority: 1", "priority: 2"))
    until_generation(server, "of-the-other")
    assert server.metric("sparkward_policies") == 2
    other.unlink()
    until_generation(server, "one")


def test_a_tie_between_two_files_is_refused(serve, policy):
    server = serve(policy.parent)
    replace(policy.with_name("other.yaml"), POLICY.format("tie").replace("name: reload", "name: other"))
    poll(lambda: server.metric(FAILED) >= 1, 10)
    assert generation(server) == "one"


def test_sighup_reads_again_at_once(serve, policy):
    server = serve(policy)
    before = server.metric(OK)
    server.signal(signal.SIGHUP)
    poll(lambda: server.metric(OK) > before or server.metric(FAILED) > 0, 5, what="a reload that was asked for")
    assert server.metric(FAILED) == 0
    replace(policy, POLICY.format("two"))
    server.signal(signal.SIGHUP)
    until_generation(server, "two")


def test_of_many_changes_the_last_one_counts(serve, policy):
    server = serve(policy)
    for number in range(100):
        replace(policy, POLICY.format(f"n{number}") if number % 3 else "broken: [")
        if number % 10 == 0:
            server.signal(signal.SIGHUP)
    replace(policy, POLICY.format("last"))
    until_generation(server, "last")
    poll(lambda: server.metric("sparkward_policies_stale") == 0, 5)


def test_requests_never_see_half_a_policy(serve, policy):
    """Two labels of one policy always come from the same version of it."""
    def both(number):
        return POLICY.format(f"n{number}, twin: n{number}")

    policy.write_text(both(0))
    server = serve(policy, "--threads", "2")
    pod = sample_pod("executor-pod.json")
    with server.connect() as connection:
        for number in range(1, 30):
            replace(policy, both(number))
            for _ in range(20):
                labels = mutate(connection, pod)[0]["metadata"]["labels"]
                assert labels["generation"] == labels["twin"]
    until_generation(server, "n29")


def publish(folder, number, files):
    """What kubelet does to a mounted ConfigMap or Secret: all files change with one rename."""
    data = folder / f"..2026_11_21_{number}"
    data.mkdir()
    for name, content in files.items():
        (data / name).write_bytes(content)
    link = folder / "..data"
    old = os.readlink(link) if link.is_symlink() else None
    (folder / "..data_tmp").symlink_to(data.name)
    os.rename(folder / "..data_tmp", link)
    for name in files:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    if old:
        shutil.rmtree(folder / old)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_mounted_config_map_is_followed(serve, tmp_path, what):
    folder = tmp_path / "mounted"
    folder.mkdir()
    publish(folder, 1, {"policy.yaml": POLICY.format("one").encode()})
    server = serve(folder if what == "folder" else folder / "policy.yaml")
    assert generation(server) == "one"
    for number in range(2, 6):
        publish(folder, number, {"policy.yaml": POLICY.format(f"n{number}").encode()})
        until_generation(server, f"n{number}")
    assert server.metric(FAILED) == 0


# Certificates


@pytest.fixture(scope="module")
def other_certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("other-certs"))


@pytest.fixture
def mutable(tmp_path, certificates):
    """A copy of the session's certificates that a test may overwrite."""
    folder = tmp_path / "tls"
    folder.mkdir()
    for path in (certificates.ca, certificates.crt, certificates.key):
        shutil.copy(path, folder)
    return Certificates(folder, make=False)


class Load:
    """Clients that ask without pause, on connections that stay and on new ones; keeps what failed."""

    def __init__(self, server, context):
        self.server, self.context = server, context
        self.body = dumps(review(sample_pod("executor-pod.json"))).encode()
        self.stop = threading.Event()
        self.failures, self.done = [], 0
        self.threads = [threading.Thread(target=self._ask, args=(n % 2 == 0,)) for n in range(4)]

    def _ask(self, keep):
        connection = None
        try:
            while not self.stop.is_set():
                connection = connection or Connection(self.server.address, self.context)
                answer = connection.post("/mutate", self.body)
                assert answer.status == 200, answer.text
                self.done += 1
                if not keep:
                    connection.close()
                    connection = None
        except (AssertionError, ConnectionEnded, OSError) as e:
            self.failures.append(repr(e))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def swap_under_load(serve, mutable, certificates, other, times):
    server = serve(certificates=mutable)
    context = trusting(certificates, other)
    pairs = [certificates.leaf(), other.leaf()]
    originals = [(certificates.crt.read_bytes(), certificates.key.read_bytes()), (other.crt.read_bytes(), other.key.read_bytes())]
    with Load(server, context) as load:
        for i in range(1, times + 1):
            crt, key = originals[i % 2]
            replace(mutable.crt, crt)
            replace(mutable.key, key)
            poll(lambda: server.served(context) == pairs[i % 2], 10, what=f"certificate of swap {i}")
    assert load.failures == []
    assert load.done > times
    assert server.metric(CERT_OK) >= times
    assert server.metric("sparkward_certificate_stale") == 0


def test_certificates_are_swapped_under_load(serve, mutable, certificates, other_certificates):
    swap_under_load(serve, mutable, certificates, other_certificates, 4)


@pytest.mark.slow
def test_certificates_are_swapped_a_hundred_times_under_load(serve, mutable, certificates, other_certificates):
    swap_under_load(serve, mutable, certificates, other_certificates, 100)


def broken_pairs(certificates, other):
    """(name, tls.crt, tls.key) of pairs that cannot serve."""
    crt, key = certificates.crt.read_bytes(), certificates.key.read_bytes()
    return [
        ("mismatched", other.crt.read_bytes(), key), ("half a certificate", crt[:len(crt) // 2], key),
        ("half a key", crt, key[:len(key) // 2]), ("empty certificate", b"", key), ("empty key", crt, b""),
        ("no PEM", b"hello\n", key), ("swapped", key, crt), ("binary", bytes(range(256)) * 4, key)]


@pytest.mark.parametrize("index", range(8))
def test_a_broken_pair_is_refused(serve, mutable, certificates, other_certificates, index):
    _, crt, key = broken_pairs(certificates, other_certificates)[index]
    server = serve(certificates=mutable)
    before = server.served(mutable.context())
    replace(mutable.crt, crt)
    replace(mutable.key, key)
    poll(lambda: server.metric("sparkward_certificate_stale") == 1, 10, what="the refused pair in the metrics")
    assert server.metric(CERT_FAILED) >= 1
    assert server.served(certificates.context()) == before
    assert any(line["level"] in ("error", "warn") and "tls." in str(line) for line in server.log())
    assert server.admin("/readyz").status == 200
    mutable.take(other_certificates)
    context = trusting(certificates, other_certificates)
    poll(lambda: server.served(context) == other_certificates.leaf(), 10, what="the good pair")
    assert server.metric("sparkward_certificate_stale") == 0


def test_the_halves_of_a_pair_may_come_apart(serve, mutable, certificates, other_certificates):
    server = serve(certificates=mutable)
    context = trusting(certificates, other_certificates)
    replace(mutable.crt, other_certificates.crt.read_bytes())
    poll(lambda: server.metric("sparkward_certificate_stale") == 1, 10)
    assert server.served(context) == certificates.leaf()
    replace(mutable.key, other_certificates.key.read_bytes())
    poll(lambda: server.served(context) == other_certificates.leaf(), 10)
    assert server.metric("sparkward_certificate_stale") == 0


def test_a_mounted_secret_is_followed(serve, tmp_path, certificates, other_certificates):
    folder = tmp_path / "secret"
    folder.mkdir()

    def content(one):
        return {"ca.crt": one.ca.read_bytes(), "tls.crt": one.crt.read_bytes(), "tls.key": one.key.read_bytes()}

    publish(folder, 1, content(certificates))
    server = serve(certificates=Certificates(folder, make=False))
    context = trusting(certificates, other_certificates)
    for number, one in enumerate([other_certificates, certificates, other_certificates], start=2):
        publish(folder, number, content(one))
        poll(lambda: server.served(context) == one.leaf(), 10, what="the mounted pair")
    assert server.metric(CERT_FAILED) == 0


def make_certificate(folder, seconds):
    """A pair that ends in so many seconds, which `sparkward certs` cannot make."""
    folder.mkdir()
    end = time.strftime("%y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))
    (folder / "index").write_text("")
    (folder / "config").write_text(
        "[ca]\ndefault_ca = x\n[x]\npolicy = p\ndefault_md = sha256\nrand_serial = yes\n"
        f"database = {folder}/index\nnew_certs_dir = {folder}\n[p]\ncommonName = supplied\n")
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", "tls.key", "-out", "request", "-subj", "/CN=localhost"],
                   cwd=folder, check=True, capture_output=True)
    subprocess.run(["openssl", "ca", "-batch", "-config", "config", "-selfsign", "-keyfile", "tls.key", "-in", "request",
                    "-startdate", "250101000000Z", "-enddate", end, "-notext", "-out", "tls.crt"],
                   cwd=folder, check=True, capture_output=True)
    shutil.copy(folder / "tls.crt", folder / "ca.crt")
    return Certificates(folder, make=False)


def expiry_lines(server):
    return [line for line in server.log() if line["msg"].startswith("the certificate ")]


@pytest.mark.parametrize("days, words, level", [(40, None, None), (29, "expires soon", "warn"), (6, "expires soon", "warn")])
def test_a_certificate_near_its_end_is_logged_at_the_start(serve, tmp_path, days, words, level):
    server = serve(certificates=make_certificate(tmp_path / "tls", days * 86400))
    assert [(line["msg"], line["level"]) for line in expiry_lines(server)] == (
        [(f"the certificate {words}", level)] if words else [])
    assert ("within" in server.admin("/readyz?verbose").text) == bool(words)


@pytest.mark.parametrize("left", [0, 86400], ids=["the end", "the last day"])
def test_a_threshold_is_logged_once_when_it_is_crossed(serve, tmp_path, left):
    """The file does not change; time alone must be enough. A file beside it makes the server look early."""
    certificates = make_certificate(tmp_path / "tls", left + 8)
    server = serve(certificates=certificates)
    [first] = expiry_lines(server)
    assert first["msg"] == "the certificate expires soon" and first["seconds_left"] > left

    def has_crossed():
        (certificates.folder / "beside").write_text("")
        return len(expiry_lines(server)) > 1
    poll(has_crossed, 30, every=0.2, what="the threshold in the log")
    second = expiry_lines(server)[1]
    assert second["msg"] == ("the certificate expires soon" if left else "the certificate has expired")
    assert left - 5 < second["seconds_left"] <= left
    policies = server.metric(OK)
    server.signal(signal.SIGHUP)  # tells it again, because somebody asks; whatever came before has been told by then
    poll(lambda: server.metric(OK) > policies, 5)
    poll(lambda: len(expiry_lines(server)) > 2, 5)
    assert len(expiry_lines(server)) == 3
    readyz = server.admin("/readyz?verbose")
    assert readyz.status == 200, "nobody is served better by a server that is taken out"
    assert ("[-]certificate expired 2" if left == 0 else "Z, within a day\n") in readyz.text


def test_a_connection_outlives_its_certificate(serve, mutable, other_certificates):
    server = serve(certificates=mutable)
    pod = sample_pod("executor-pod.json")
    with server.connect() as connection:
        mutate(connection, pod)
        mutable.take(other_certificates)
        context = other_certificates.context()

        def is_new():
            try:
                return server.served(context) == other_certificates.leaf()
            except ssl.SSLCertVerificationError:
                return False
        poll(is_new, 10)
        mutate(connection, pod)

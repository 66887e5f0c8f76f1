"""Servers are asked about a kernel: what they answer, how long they may take, and who gets a token."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
import time
from pathlib import Path

import pytest

from ipython_where.facts.jupyter.server_files import read_server_files
from ipython_where.facts.jupyter.server_requests import Heard, Reply, ask_servers
from ipython_where.runner import Deadline
from tests import environments
from tests.processes import BUSY

from .servers import KERNEL, RECORDING, SILENT, SLOW, TOKEN, Fake, serve, sleeping, write_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sockets of a process are read from /proc here")


def ask(runtime: Path, *, launcher: int | None = None, timeout: float = 0.5, **environ: str) -> list[Heard]:
    world = {"HOME": str(runtime)} | environ
    files = read_server_files(f"{runtime}/kernel-{KERNEL}.json", world)
    heard = list(ask_servers(files, KERNEL, launcher=launcher, environ=world, timeout=timeout))
    assert TOKEN not in repr(heard)
    return heard


def replies(heard: list[Heard]) -> list[Reply]:
    return [each.reply for each in heard]


def test_a_token_never_goes_to_the_port_of_another_process(tmp_path: Path) -> None:
    """A file whose port has been taken over by another process is not followed."""
    with serve(Fake()) as fake, sleeping() as other:
        write_file(tmp_path, port=fake.port, pid=other.pid)
        assert replies(ask(tmp_path)) == ["absent"]
    assert fake.requests == []


def test_the_launcher_is_asked_first(tmp_path: Path) -> None:
    """Once a server has proven that it drives the kernel, no other is asked."""
    with serve(Fake(403)) as fake, sleeping(code=SILENT) as other:
        assert other.stdout
        write_file(tmp_path, pid=other.pid, port=int(other.stdout.readline()))
        write_file(tmp_path, port=fake.port)
        (heard,) = ask(tmp_path, launcher=os.getpid())
    assert (heard.reply, heard.from_launcher, heard.proves) == ("refuses", True, True)


def test_many_servers_that_never_answer(tmp_path: Path) -> None:
    """The waiting has one limit for all servers together."""
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(sleeping(code=SILENT)) for _ in range(8)]
        for process in started:
            assert process.stdout
            write_file(tmp_path, pid=process.pid, port=int(process.stdout.readline()))
        start = time.perf_counter()
        assert replies(ask(tmp_path, timeout=600)) == ["silent"] * 8
        took = time.perf_counter() - start
    assert took < BUSY  # all of them have a second, however long each may take


def test_a_server_on_a_unix_socket(tmp_path: Path) -> None:
    """A server may listen on a socket in the file system; the system tells whose it is."""
    path = str(tmp_path / "socket")
    with serve(Fake(), path=path) as fake, sleeping() as other:
        own = write_file(tmp_path, port=0, sock=path)
        assert replies(ask(tmp_path)) == ["drives"]
        own.unlink()
        write_file(tmp_path, port=0, sock=path, pid=other.pid)
        assert replies(ask(tmp_path)) == ["silent"]
    assert [headers["authorization"] for _, headers in fake.requests] == [f"token {TOKEN}"]


def test_a_server_on_ipv6(tmp_path: Path) -> None:
    """The loopback of IPv6 is as good as that of IPv4."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with serve(Fake(), host="::1") as fake:
        write_file(tmp_path, port=fake.port, hostname="::1")
        assert replies(ask(tmp_path)) == ["drives"]


def test_a_server_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    """On the loopback, behind a port that is proven to be the server's, a self-signed certificate is good enough."""
    if not shutil.which("openssl"):
        pytest.skip("there is no `openssl` to make a certificate with")
    certificate = tmp_path / "both.pem"
    key, out = ("-newkey", "rsa:2048", "-nodes", "-keyout", certificate), ("-out", tmp_path / "cert.pem")
    environments.call("openssl", "req", "-x509", "-subj", "/CN=x", *key, *out)
    certificate.write_text(certificate.read_text() + (tmp_path / "cert.pem").read_text())
    with serve(Fake(), certificate=certificate) as fake:
        write_file(tmp_path, port=fake.port, secure=True)
        assert replies(ask(tmp_path)) == ["drives"]


@pytest.mark.parametrize(("prefix", "sent"), [("/user/ada/", f"token {TOKEN}"), ("/user/eve/", None)])
def test_the_hubs_token_goes_to_its_own_server_alone(prefix: str, sent: str | None, tmp_path: Path) -> None:
    """JupyterHub's token is for the server at the address that the Hub gave this user."""
    with serve(Fake()) as fake:
        write_file(tmp_path, port=fake.port, token="", base_url="/user/ada/")
        ask(tmp_path, JUPYTERHUB_API_TOKEN=TOKEN, JUPYTERHUB_SERVICE_PREFIX=prefix)
    assert [headers.get("authorization") for _, headers in fake.requests] == [sent]


@pytest.mark.parametrize("age", [3600, 2])
def test_a_token_never_goes_to_a_process_that_is_younger_than_the_file(tmp_path: Path, age: int) -> None:
    """A file outlives its server; its number and its port may both belong to somebody else later."""
    with sleeping(code=RECORDING) as other:
        assert other.stdout
        file = write_file(tmp_path, pid=other.pid, port=int(other.stdout.readline()))
        os.utime(file, (time.time() - age, time.time() - age))
        (heard,) = ask(tmp_path, launcher=other.pid)
        assert (heard.reply, heard.proves) == ("stale", False)
        with socket.create_connection(("127.0.0.1", heard.file.port)) as ended:
            ended.sendall(b"nothing before this")
        assert other.stdout.readline().strip() == "b'nothing before this'"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_token_never_goes_to_a_process_of_another_user(tmp_path: Path) -> None:
    """Nor is a file of another user believed."""
    with sleeping(code=f"import os, socket; os.setuid(12345)\n{RECORDING}") as other:
        assert other.stdout
        file = write_file(tmp_path, pid=other.pid, port=int(other.stdout.readline()))
        assert replies(ask(tmp_path)) == ["stale"]
        os.chown(file, 12345, 12345)
        assert ask(tmp_path) == []
        with socket.create_connection(("127.0.0.1", json.loads(file.read_text())["port"])) as ended:
            ended.sendall(b"nothing before this")
        assert other.stdout.readline().strip() == "b'nothing before this'"


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_may_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    with serve(Fake()) as fake:
        write_file(tmp_path, port=fake.port).chmod(mode)
        assert ask(tmp_path) == []
    assert fake.requests == []


@pytest.mark.parametrize(
    ("head", "each", "pause"),
    [
        (b"", b"H", 0.2),
        (b"HTTP/1.0 200 OK\r\n", b"X-Filler: y\r\n", 0.2),
        (b"HTTP/1.0 200 OK\r\n\r\n", b" ", 0.2),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", b" ", 0.2),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.2),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", 0.2),
    ],
    ids=["status", "header", "body", "length", "chunks", "continue"],
)
def test_a_server_that_sends_a_little_at_a_time(head: bytes, each: bytes, pause: float, tmp_path: Path) -> None:
    """The time is for the whole answer, however many pieces it comes in."""
    with sleeping(repr((head, each, pause)), code=SLOW) as slow:
        assert slow.stdout
        write_file(tmp_path, pid=slow.pid, port=int(slow.stdout.readline()))
        start = time.perf_counter()
        assert replies(ask(tmp_path)) == ["silent"]
        assert time.perf_counter() - start < BUSY  # it sends for ever; half a second is waited


@pytest.mark.parametrize("head", ["b''", r"b'HTTP/1.0 200 OK\r\n\r\n'"], ids=["header", "body"])
def test_a_server_that_never_stops_sending(head: str, tmp_path: Path) -> None:
    """No more is read than an answer may have."""
    with sleeping(f"({head}, b'x' * 1_000_000, 0)", code=SLOW) as endless:
        assert endless.stdout
        write_file(tmp_path, pid=endless.pid, port=int(endless.stdout.readline()))
        start = time.perf_counter()
        assert replies(ask(tmp_path))[0] in ("silent", "refuses")
        assert time.perf_counter() - start < BUSY  # it sends for ever; half a second is waited


def test_what_a_server_redirects_to_is_not_asked(tmp_path: Path) -> None:
    with serve(Fake(302)) as fake:
        fake.location = f"http://127.0.0.1:{fake.port}/again"
        write_file(tmp_path, port=fake.port)
        assert replies(ask(tmp_path)) == ["refuses"]
    assert len(fake.requests) == 1


def test_the_name_of_a_host_is_not_looked_up(tmp_path: Path) -> None:
    """A lookup may take half a minute, and tells a stranger; the address is the one on which the process listens."""
    lookups: list[object] = []
    sys.addaudithook(lambda event, args: lookups.append(args) if event == "socket.getaddrinfo" else None)
    with serve(Fake()) as fake:
        write_file(tmp_path, port=fake.port, hostname="jupyter.example.org")
        assert replies(ask(tmp_path)) == ["drives"]
    assert {args[0] for args in lookups if isinstance(args, tuple)} <= {"127.0.0.1"}


def test_a_question_whose_time_is_over_asks_nobody(tmp_path: Path) -> None:
    with serve(Fake()) as fake:
        write_file(tmp_path, port=fake.port)
        files = read_server_files(f"{tmp_path}/kernel-{KERNEL}.json", {"HOME": str(tmp_path)})
        over = Deadline.after(5, clock=iter([0.0, 5.0, 5.0]).__next__)
        assert replies(list(ask_servers(files, KERNEL, launcher=None, environ={}, timeout=1, deadline=over))) == [
            "silent"
        ]
    assert fake.requests == []


def test_a_token_with_a_line_end_is_not_sent(tmp_path: Path) -> None:
    with serve(Fake()) as fake:
        write_file(tmp_path, port=fake.port, token="a\r\nX-Other: b")
        assert replies(ask(tmp_path)) == ["silent"]
    assert fake.requests == []

"""Servers are asked about a kernel: what they answer, how long they may take, and who gets a token."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
import time
from pathlib import Path

import pytest

from ipython_where.places.server_files import read_server_files
from ipython_where.places.server_requests import Heard, Reply, ask_servers
from tests import environments

from .servers import KERNEL, SILENT, TOKEN, Fake, serve, sleeping, write_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sockets of a process are read from /proc here")


def ask(runtime: Path, *, launcher: int | None = None, **environ: str) -> list[Heard]:
    world = {"HOME": str(runtime)} | environ
    files = read_server_files(f"{runtime}/kernel-{KERNEL}.json", world)
    heard = list(ask_servers(files, KERNEL, launcher=launcher, environ=world, timeout=0.5))
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
        assert replies(ask(tmp_path)) == ["silent"] * 8
        took = time.perf_counter() - start
    assert took < 3.5  # eight waits of half a second would be 4


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
